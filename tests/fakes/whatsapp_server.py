"""A stand-in for graph.facebook.com on loopback: records calls and fails on demand."""

import asyncio
import hashlib
import hmac
import json
from collections import deque
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.fakes.faults import Fault

PHONE_NUMBER_ID = "1001"
ACCESS_TOKEN = "made-up-access-token"
APP_SECRET = "made-up-app-secret"
VERIFY_TOKEN = "made-up-verify-token"

_ERRORS = {
    Fault.RATE_LIMITED: (400, 131056),
    Fault.FAILING: (503, 131016),
    Fault.GONE: (400, 131026),
    Fault.TOKEN: (401, 190),
    Fault.REFUSED: (400, 131009),
}


class FakeWhatsApp:
    """Use as an async context manager; `base_url` goes to the channel.

    `calls` holds the JSON body of every request, read marks too. `fail` makes the next requests
    fail, by a `Fault` or by one of Meta's codes. `files` are recordings by their id, and
    `file_addresses` where a media answer says that they lie, if not here. `templates` are those of
    the business account, given out three at a time; one that is submitted is pending.
    """

    def __init__(self, access_token: str = ACCESS_TOKEN) -> None:
        self.access_token = access_token
        self.calls: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.files: dict[str, bytes] = {}
        self.file_addresses: dict[str, str] = {}
        self.templates: list[dict[str, Any]] = []
        self._faults: deque[Fault | int] = deque()
        self._closing = asyncio.Event()
        app = web.Application()
        app.router.add_post("/{version}/{phone}/messages", self._handle)
        app.router.add_get("/{version}/{account}/message_templates", self._templates)
        app.router.add_post("/{version}/{account}/message_templates", self._submitted)
        app.router.add_get("/{version}/{media}", self._media)
        app.router.add_get("/files/{media}/{name}", self._file)
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
        await self._server.close()

    @property
    def base_url(self) -> str:
        """The address up to the version."""
        return str(self._server.make_url("")).rstrip("/")

    def fail(self, *faults: Fault | int) -> None:
        """Make the next requests fail, one fault or code each."""
        self._faults.extend(faults)

    def sent(self) -> list[dict[str, Any]]:
        """Return the bodies of all messages, without read marks."""
        return [call for call in self.calls if "status" not in call]

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        self.calls.append(body)
        self.paths.append(request.path)
        if self._faults:
            return await self._fail(self._faults.popleft(), request)
        if request.headers.get("Authorization") != f"Bearer {self.access_token}":
            return _error(401, 190)
        if "status" in body:
            return web.json_response({"success": True})
        message = {"id": f"wamid.OUT{len(self.calls)}"}
        answer = {"messaging_product": "whatsapp", "contacts": [], "messages": [message]}
        return web.json_response(answer)

    async def _templates(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path)
        if self._faults:
            return await self._fail(self._faults.popleft(), request)
        first = int(request.query.get("after", "0"))
        last = first + 3
        paging: dict[str, Any] = {"cursors": {"before": str(first), "after": str(last)}}
        if last < len(self.templates):
            paging["next"] = f"{self.base_url}{request.path}?after={last}"
        return web.json_response({"data": self.templates[first:last], "paging": paging})

    async def _submitted(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if self._faults:
            return await self._fail(self._faults.popleft(), request)
        self.templates.append({**body, "status": "PENDING", "id": str(len(self.templates))})
        return web.json_response({"id": "1", "status": "PENDING", "category": body["category"]})

    async def _media(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path)
        if self._faults:
            return await self._fail(self._faults.popleft(), request)
        name = request.match_info["media"]
        if request.headers.get("Authorization") != f"Bearer {self.access_token}":
            return _error(401, 190)
        if name not in self.files:
            return _error(400, 100)
        address = self.file_addresses.get(name, f"{self.base_url}/files/{name}/voice.ogg")
        told = {"id": name, "url": address, "mime_type": "audio/ogg; codecs=opus"}
        return web.json_response({**told, "file_size": len(self.files[name]), "sha256": "x"})

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path)
        if self._faults:
            return await self._fail(self._faults.popleft(), request)
        if request.headers.get("Authorization") != f"Bearer {self.access_token}":
            return web.Response(status=401, text="no token")
        return web.Response(body=self.files[request.match_info["media"]], content_type="audio/ogg")

    async def _fail(self, fault: Fault | int, request: web.Request) -> web.StreamResponse:
        match fault:
            case Fault.GARBLED:
                return web.Response(text="<html>down for a moment</html>")
            case Fault.SILENT:
                await self._closing.wait()
                return web.Response()
            case Fault.DROPPED:
                assert request.transport is not None
                request.transport.close()
                return web.Response()
            case int(code):
                return _error(400, code)
            case _:
                return _error(*_ERRORS[fault])


def signature(body: bytes, app_secret: str = APP_SECRET) -> str:
    """Return the value of X-Hub-Signature-256 for a body."""
    return "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()


def webhook(*changes: dict[str, Any], phone_number_id: str = PHONE_NUMBER_ID) -> dict[str, Any]:
    """Return a webhook body with one change per value, e.g. `{"messages": [...]}`."""
    metadata = {"display_phone_number": "51000000000", "phone_number_id": phone_number_id}
    values = [
        {"messaging_product": "whatsapp", "metadata": metadata, **change} for change in changes
    ]
    return {
        "object": "whatsapp_business_account",
        "entry": [
            {"id": "2002", "changes": [{"field": "messages", "value": value} for value in values]}
        ],
    }


def message(
    number: str, kind: str, part: object, *, person: str = "PE.000000000000000001", **more: Any
) -> dict[str, Any]:
    """Return one message of a person who is known by a business-scoped id only, or by phone."""
    sender = {"from_user_id": person} if "." in person else {"from": person}
    head = {"id": number, "timestamp": "1790000000", "type": kind}
    return {**sender, **head, kind: part, **more}


def as_bytes(body: object) -> bytes:
    """Return a body as Meta would write it."""
    return json.dumps(body).encode()


def _error(status: int, code: int) -> web.Response:
    error = {
        "message": f"(#{code}) made-up words",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": "made-up details"},
        "fbtrace_id": "A1b2",
    }
    return web.json_response({"error": error}, status=status)
