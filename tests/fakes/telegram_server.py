"""A stand-in for api.telegram.org on loopback: records calls, fails on demand, delivers updates."""

import asyncio
import json
from collections import deque
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.fakes.faults import Fault
from tests.fakes.telegram_profile import TelegramProfile

TOKEN = "123456:TEST-made-up-token"
SECRET = "made_up-webhook-secret"

_ERRORS = {
    Fault.FAILING: (502, "Bad Gateway"),
    Fault.GONE: (403, "Forbidden: bot was blocked by the user"),
    Fault.TOKEN: (401, "Unauthorized"),
    Fault.REFUSED: (400, "Bad Request: message is too long"),
    Fault.OLD: (400, "Bad Request: query is too old and response timeout expired"),
    Fault.MARKUP: (400, "Bad Request: can't parse entities: Unexpected end tag at byte offset 3"),
}


@dataclass(frozen=True)
class Call:
    """One request: the method's name and its fields, JSON fields decoded."""

    method: str
    fields: dict[str, Any]


class FakeTelegram:
    """Use as an async context manager; `base_url` goes to the channel.

    `calls` holds every request, `files` what getFile finds by file id. `fail` makes the next
    requests fail. Chats in `blocked` answer 403. Updates given to `enqueue` wait for getUpdates;
    `post` delivers one to the webhook. `profile` is what is kept of the bot itself.
    """

    def __init__(self, token: str = TOKEN) -> None:
        self.token = token
        self.calls: list[Call] = []
        self.files: dict[str, bytes] = {}
        self.blocked: set[int] = set()
        self.webhook: str | None = None
        self.webhook_secret = ""
        self.profile = TelegramProfile()
        self._faults: deque[Fault] = deque()
        self._updates: list[dict[str, Any]] = []
        self._message_id = 0
        self._news = asyncio.Event()
        self._closing = asyncio.Event()
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._handle)
        app.router.add_get("/file/bot{token}/{path:.+}", self._file)
        self._server = TestServer(app, host="127.0.0.1")

    async def __aenter__(self) -> Self:
        await self._server.start_server(access_log=None)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        self._news.set()
        await self._server.close()

    @property
    def base_url(self) -> str:
        """The address up to the token."""
        return str(self._server.make_url("/bot"))

    def fail(self, *faults: Fault) -> None:
        """Make the next requests fail, one fault each."""
        self._faults.extend(faults)

    def sent(self) -> list[dict[str, Any]]:
        """Return the fields of all messages that were sent, refused ones too."""
        return [call.fields for call in self.calls if call.method == "sendMessage"]

    def enqueue(self, *updates: dict[str, Any]) -> None:
        """Hold updates for getUpdates."""
        self._updates.extend(updates)
        self._news.set()

    async def post(self, update: dict[str, Any]) -> int:
        """Post an update to the webhook that was set and return the HTTP status."""
        assert self.webhook is not None
        headers = {"X-Telegram-Bot-Api-Secret-Token": self.webhook_secret}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook, json=update, headers=headers) as answer,
        ):
            return answer.status

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        given = {**request.query, **await request.post()}
        fields = {name: _decoded(str(value)) for name, value in given.items()}
        self.calls.append(Call(method, fields))
        if self._faults:
            return await self._fail(self._faults.popleft(), request)
        if request.match_info["token"] != self.token:
            return _error(401, "Unauthorized")
        match method:
            case "sendMessage":
                return self._send(fields)
            case "getUpdates":
                return await self._get_updates(fields)
            case _ if self.profile.refuses(method, fields):
                return _error(400, "Bad Request: it is refused")
            case "setWebhook":
                self.webhook, self.webhook_secret = fields["url"], fields.get("secret_token", "")
                self.profile.allowed_updates = fields["allowed_updates"]
                return _ok(True)
            case "deleteWebhook":
                self.webhook = None
                return _ok(True)
            case "getWebhookInfo":
                return _ok(self._webhook_info())
            case "getMe":
                return _ok(self.profile.me())
            case "getFile":
                return self._get_file(fields)
            case "editMessageReplyMarkup":
                return _ok(self._message(int(fields["chat_id"]), int(fields["message_id"])))
            case _:
                known = self.profile.answer(method, fields)
                return _ok(known) if known is not None else _error(404, "Not Found")

    def _webhook_info(self) -> dict[str, Any]:
        return {
            "url": self.webhook or "",
            "has_custom_certificate": False,
            "pending_update_count": len(self._updates),
            "allowed_updates": self.profile.allowed_updates,
            **self.profile.webhook_info,
        }

    def _get_file(self, fields: dict[str, Any]) -> web.Response:
        name = str(fields["file_id"])
        if name not in self.files:
            return _error(400, "Bad Request: invalid file_id")
        size = len(self.files[name])
        found = {"file_id": name, "file_unique_id": f"u{name}", "file_size": size}
        return _ok({**found, "file_path": f"voice/{name}.oga"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(Call("file", {"path": request.match_info["path"]}))
        if self._faults:
            return await self._fail(self._faults.popleft(), request)
        name = request.match_info["path"].removeprefix("voice/").removesuffix(".oga")
        if request.match_info["token"] != self.token or name not in self.files:
            return _error(404, "Not Found")
        return web.Response(body=self.files[name], content_type="application/octet-stream")

    def _send(self, fields: dict[str, Any]) -> web.Response:
        chat = int(fields["chat_id"])
        if chat in self.blocked:
            return _error(*_ERRORS[Fault.GONE])
        if not str(fields["text"]).strip():
            return _error(400, "Bad Request: message text is empty")
        self._message_id += 1
        return _ok(self._message(chat, self._message_id) | {"text": fields["text"]})

    @staticmethod
    def _message(chat: int, number: int) -> dict[str, Any]:
        where = {"id": chat, "type": "private"}
        return {"message_id": number, "date": 1_790_000_000, "chat": where}

    async def _get_updates(self, fields: dict[str, Any]) -> web.Response:
        if self.webhook is not None:
            return _error(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = int(fields.get("offset", 0))
        self._updates = [u for u in self._updates if u.get("update_id", offset) >= offset]
        wait = float(fields.get("timeout", 0))
        if not self._updates and wait:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), wait)
            except TimeoutError:
                return _ok([])
        return _ok(self._updates)

    async def _fail(self, fault: Fault, request: web.Request) -> web.StreamResponse:
        match fault:
            case Fault.RATE_LIMITED:
                return _error(429, "Too Many Requests: retry after 7", {"retry_after": 7})
            case Fault.GARBLED:
                return web.Response(text="<html>down for a moment</html>")
            case Fault.SILENT:
                await self._closing.wait()
                return web.Response()
            case Fault.DROPPED:
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            case _:
                return _error(*_ERRORS[fault])


def private(person: int = 900_000_001) -> dict[str, Any]:
    """Return the `from` and `chat` of a private message."""
    return {
        "from": {"id": person, "is_bot": False, "first_name": "Ana", "language_code": "pt-br"},
        "chat": {"id": person, "type": "private", "first_name": "Ana"},
    }


def message_update(
    number: int, *, person: int = 900_000_001, date: int = 1_790_000_000, **content: Any
) -> dict[str, Any]:
    """Return an update with a private message, e.g. `text="hola"`."""
    message = {"message_id": number, "date": date, **private(person), **content}
    return {"update_id": number, "message": message}


def callback_update(number: int, data: str, *, person: int = 900_000_001) -> dict[str, Any]:
    """Return an update with a pressed button."""
    chat = {"id": person, "type": "private"}
    return {
        "update_id": number,
        "callback_query": {
            "id": f"q{number}",
            "chat_instance": "1",
            "data": data,
            "from": private(person)["from"],
            "message": {"message_id": 6, "date": 1_790_000_001, "chat": chat, "text": "Elija"},
        },
    }


_RIGHTS = (
    "can_be_edited", "is_anonymous", "can_manage_chat", "can_delete_messages",
    "can_manage_video_chats", "can_restrict_members", "can_promote_members", "can_change_info",
    "can_invite_users", "can_post_stories", "can_edit_stories", "can_delete_stories",
)  # fmt: skip


def member_update(
    number: int, status: str, *, chat: dict[str, Any] | None = None, person: int = 900_000_001
) -> dict[str, Any]:
    """Return an update that says how the bot stands in a chat from now on, e.g. 'kicked'."""
    bot = {"id": 42, "is_bot": True, "first_name": "Orienta"}
    new: dict[str, Any] = {"status": status, "user": bot}
    if status == "kicked":
        new["until_date"] = 0
    if status == "administrator":
        new |= dict.fromkeys(_RIGHTS, True)
    moved = {"date": 1_790_000_000, **private(person), "new_chat_member": new}
    moved |= {
        "old_chat_member": {"status": "left", "user": bot},
        **({"chat": chat} if chat else {}),
    }
    return {"update_id": number, "my_chat_member": moved}


def search_update(number: int, words: str, *, person: int = 900_000_001) -> dict[str, Any]:
    """Return an update with words written behind the bot's name in some chat."""
    query = {"id": f"i{number}", "from": private(person)["from"], "query": words, "offset": ""}
    return {"update_id": number, "inline_query": query}


def _decoded(value: str) -> Any:
    return json.loads(value) if value[:1] in {"{", "["} else value


def _ok(result: object) -> web.Response:
    return web.json_response({"ok": True, "result": result})


def _error(status: int, text: str, parameters: dict[str, int] | None = None) -> web.Response:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": text}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=status)
