"""Telegram: receives updates by webhook or polling, sends by `telegram.Bot`.

Only private chats are answered: the assistant speaks of personal trouble, so it leaves groups
alone. https://core.telegram.org/bots/api
"""

import html
import json
import logging
import os
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

import structlog
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, Message, Update, User
from telegram.constants import (
    ChatAction,
    ChatType,
    InlineKeyboardButtonLimit,
    InlineKeyboardMarkupLimit,
    MessageAttachmentType,
    MessageLimit,
    ParseMode,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from bot.bodies import clean, place, read_object, same_secret
from bot.channel import (
    AccountBlocked,
    AlreadyDone,
    BadSignature,
    ChannelError,
    Limits,
    Payload,
    PersonGone,
    RateLimited,
    Received,
    RequestRefused,
    Unreachable,
    WebhookRequest,
)
from bot.markup import to_telegram
from bot.messages import Chose, Commanded, Event, Inbound, Reply, Said, Unsupported
from bot.shaping import Menu, Option, Shaped, Translate, shape
from locales import translate as translate_phrase

BASE_URL = "https://api.telegram.org/bot"
LIMITS = Limits(
    text=MessageLimit.MAX_TEXT_LENGTH,
    text_with_options=MessageLimit.MAX_TEXT_LENGTH,
    buttons=InlineKeyboardMarkupLimit.TOTAL_BUTTON_NUMBER,
    button_label=40,  # no limit of Telegram's: what a small phone shows in one line
    option_id=InlineKeyboardButtonLimit.MAX_CALLBACK_DATA,
    unit="utf-16",
)
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
CALLBACK = "callback_query"

_PAIR_LABEL = 17  # two labels up to this length stand beside each other
_COMMAND = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_DEEP_LINK = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
_TAG = re.compile(r"<[^<>]*>")
# What Telegram tells about the chat itself: nobody waits for an answer to it.
_SERVICE = (
    "pinned_message", "message_auto_delete_timer_changed", "write_access_allowed",
    "chat_background_set", "boost_added", "connected_website", "proximity_alert_triggered",
)  # fmt: skip

# The library's own switch for durations in place of seconds; without it each 429 is a warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

_log = structlog.get_logger()
_T = TypeVar("_T")


class TelegramChannel:
    """The Telegram channel. It opens no connection before the first request.

    `webhook_secret` may be empty where only polling is used; then every webhook is refused.
    `timeout` and `poll_wait` are seconds. `make_request` builds the HTTP side of a `Bot`.
    """

    name = "telegram"
    limits = LIMITS

    def __init__(
        self,
        token: str,
        webhook_secret: str,
        *,
        base_url: str = BASE_URL,
        timeout: float = 15.0,
        poll_wait: int = 25,
        translate: Translate = translate_phrase,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        make_request: Callable[..., HTTPXRequest] = HTTPXRequest,
    ) -> None:
        # httpx logs addresses with the token in them, python-telegram-bot what people write.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        logging.getLogger("telegram").setLevel(logging.CRITICAL + 1)
        self._secret = webhook_secret
        self._timeout = timeout
        self._poll_wait = poll_wait
        self._translate = translate
        self._now = now
        times = {"connect_timeout": timeout, "read_timeout": timeout, "write_timeout": timeout}
        self._sending = make_request(**times)
        self._polling = make_request(connection_pool_size=1, **times)
        self._bot = Bot(
            token, base_url=base_url, request=self._sending, get_updates_request=self._polling
        )
        self._offset = 0
        self._seen = 0

    def receive(self, request: WebhookRequest) -> Received:
        """Check the secret header and read the one update of a webhook."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not same_secret(given, self._secret):
            raise BadSignature("The secret token of Telegram's webhook is missing or wrong.")
        return self._read(read_object(request.body))

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """Shape a reply into bodies of sendMessage without `chat_id`.

        `asks_location` adds nothing: the button that asks for a place exists only on a keyboard
        that replaces the phone's own and excludes buttons under the message. The words of the
        reply invite her to attach a place or to write the district.
        """
        return tuple(map(_payload, shape(reply, self.limits, self._translate)))

    async def send(self, person: str, payload: Payload, *, outbox_id: str) -> str:
        """Send one message; if its formatting or buttons are refused, once more as plain text."""
        if not re.fullmatch(r"-?\d{1,19}", person, re.ASCII):
            raise RequestRefused("The stored address is not a Telegram chat id.", code="address")
        try:
            return await self._ask(self._send(int(person), payload))
        except RequestRefused as error:
            if error.code not in {"markup", "keyboard"}:
                raise
            _log.warning("telegram_message_refused", reason=error.code)
        plain = {"text": html.unescape(_TAG.sub("", payload["text"]))}
        return await self._ask(self._send(int(person), plain))

    async def acknowledge(self, inbound: Inbound) -> None:
        """Stop the spinner of a pressed button, or show that an answer is being written."""
        query = inbound.reply_to.get(CALLBACK)
        if query is not None:
            await self._ask(self._bot.answer_callback_query(query))
        else:
            await self._ask(self._bot.send_chat_action(int(inbound.person), ChatAction.TYPING))

    async def poll(self) -> tuple[Inbound, ...]:
        """Wait for updates and return what they hold. The same come again until `confirm`."""
        query = urlencode(
            {
                "offset": self._offset,
                "timeout": self._poll_wait,
                "allowed_updates": json.dumps(UPDATES),
            }
        )
        # Not Bot.get_updates: one update that it cannot read would hold up all others for good.
        updates = await self._ask(
            self._polling.post(
                f"{self._bot.base_url}/getUpdates?{query}",
                read_timeout=self._poll_wait + self._timeout,
            )
        )
        messages: list[Inbound] = []
        for update in updates if isinstance(updates, list) else ():
            if isinstance(update, dict) and isinstance(number := update.get("update_id"), int):
                self._seen = max(self._seen, number + 1)
                messages += self._read(update).messages
        return tuple(messages)

    async def confirm(self) -> None:
        """Let the next `poll` tell Telegram that everything before it is stored."""
        self._offset = self._seen

    async def install(self, url: str) -> None:
        """Tell Telegram to post updates to an https address; raise `ChannelError`."""
        await self._ask(
            self._bot.set_webhook(url, secret_token=self._secret, allowed_updates=UPDATES)
        )

    async def uninstall(self) -> None:
        """Tell Telegram to keep updates for polling; raise `ChannelError`."""
        await self._ask(self._bot.delete_webhook())

    async def aclose(self) -> None:
        """Close the connections. `Bot.shutdown` would not: the bot was never initialised."""
        await self._sending.shutdown()
        await self._polling.shutdown()

    async def _send(self, chat: int, payload: Payload) -> str:
        message = await self._bot.send_message(
            chat,
            payload["text"],
            parse_mode=payload.get("parse_mode"),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=InlineKeyboardMarkup.de_json(payload["reply_markup"], None)
            if "reply_markup" in payload
            else None,
        )
        return str(message.message_id)

    async def _ask(self, call: Awaitable[_T]) -> _T:
        """Await a call; raise `ChannelError`, never chained to an error that may hold the token."""
        failure: ChannelError
        try:
            return await call
        except TelegramError as error:
            failure = to_channel_error(error)
        except (AttributeError, KeyError, TypeError, ValueError):
            failure = Unreachable("Telegram's answer could not be read.", code="answer")
        raise failure

    def _read(self, data: dict[str, object]) -> Received:
        """Read one update. One that cannot be read is ignored: it would be retried for a day."""
        try:
            update = Update.de_json(data, None)
            message, query = update.message, update.callback_query
            if message is not None:
                return self._inbound(
                    update, message.chat.id, message.chat.type, message.from_user,
                    _event(message), message.date,
                )  # fmt: skip
            if query is not None:
                if not isinstance(query.data, str):
                    return Received(ignored=("callback without data",))
                chat = query.message.chat.type if query.message else ChatType.PRIVATE
                return self._inbound(
                    update, query.from_user.id, chat, query.from_user,
                    Chose(clean(query.data)), self._now(), {CALLBACK: query.id},
                )  # fmt: skip
            kind = "edited_message" if update.edited_message else "other update"
            return Received(ignored=("my_chat_member" if update.my_chat_member else kind,))
        except Exception:  # whatever python-telegram-bot makes of a strange object
            return Received(ignored=("unreadable update",))

    def _inbound(
        self,
        update: Update,
        chat: int,
        chat_type: str,
        sender: User | None,
        event: Event | None,
        sent_at: datetime,
        reply_to: dict[str, str] | None = None,
    ) -> Received:
        if chat_type != ChatType.PRIVATE:
            return Received(ignored=("group",))
        if sender is not None and sender.is_bot:
            return Received(ignored=("bot",))
        if event is None:
            return Received(ignored=("service message",))
        if not (isinstance(update.update_id, int) and isinstance(chat, int)):
            return Received(ignored=("unreadable update",))
        language = sender.language_code if sender else None
        known = isinstance(language, str) and _LANGUAGE.fullmatch(language)
        inbound = Inbound(
            channel=self.name,
            message_id=str(update.update_id),
            person=str(chat),
            event=event,
            sent_at=sent_at,
            language_hint=language if known else None,
            reply_to=reply_to or {},
        )
        return Received(messages=(inbound,))


def to_channel_error(error: TelegramError) -> ChannelError:
    """Map an error of python-telegram-bot to the decision that it means.

    Subclasses come first: `BadRequest` and `TimedOut` are `NetworkError`s.
    """
    match error:
        case RetryAfter():
            after = error.retry_after
            seconds = after.total_seconds() if isinstance(after, timedelta) else float(after)
            return RateLimited("Telegram asks to wait.", retry_after=seconds, code="429")
        case Forbidden() | ChatMigrated():
            return PersonGone("The person cannot be reached on Telegram any more.", code="403")
        case InvalidToken():
            return AccountBlocked(
                "Telegram refuses the token: check it, or get a new one from @BotFather.",
                code="401",
            )
        case Conflict():
            return AccountBlocked(
                "Another program polls with this Telegram token, or a webhook is set: stop the"
                " other program, or remove the webhook.",
                code="409",
            )
        case BadRequest():
            return _refusal(error.message.lower())
        case TimedOut():
            return Unreachable("Telegram did not answer in time.", code="timeout")
        case NetworkError() if "Too Many Requests" in error.message:
            return RateLimited("Telegram asks to wait.", code="429")
        case _:
            return Unreachable("Telegram cannot be reached or is failing.", code="network")


def _refusal(reason: str) -> ChannelError:
    """Map the words of a 400: Telegram gives no codes."""
    if any(words in reason for words in ("chat not found", "user not found", "peer_id_invalid")):
        return PersonGone("The chat does not exist on Telegram.", code="400")
    done = (
        "message is not modified",
        "query is too old",
        "query id is invalid",
        "to edit not found",
    )
    if any(words in reason for words in done):
        return AlreadyDone("Nothing is left to do on Telegram.", code="400")
    if "parse entities" in reason:
        return RequestRefused("Telegram refused the formatting of a message.", code="markup")
    if "button" in reason or "keyboard" in reason or "reply markup" in reason:
        return RequestRefused("Telegram refused the buttons of a message.", code="keyboard")
    return RequestRefused("Telegram refused a message as wrong.", code="400")


def _event(message: Message) -> Event | None:
    """Return what a message says, or None for a note of Telegram's about the chat."""
    if isinstance(message.text, str):
        return _said(clean(message.text))
    if message.location is not None:
        located = place(message.location.latitude, message.location.longitude)
        return located or Unsupported("location")
    for kind in MessageAttachmentType:
        if getattr(message, kind.value, None):
            return Unsupported(kind.value)
    if any(getattr(message, service, None) for service in _SERVICE):
        return None
    return Unsupported("unknown")


def _said(text: str) -> Event:
    if command := _COMMAND.fullmatch(text.strip()):
        name, argument = command[1].lower(), (command[2] or "").strip()
        if name == "start" and not _DEEP_LINK.fullmatch(argument):
            argument = ""
        return Commanded(name, argument)
    return Said(text) if text.strip() else Unsupported("empty")


def _payload(shaped: Shaped) -> Payload:
    payload: Payload = {
        "text": to_telegram(shaped.text),
        "parse_mode": ParseMode.HTML.value,
        "link_preview_options": {"is_disabled": True},
    }
    if shaped.menu is Menu.BUTTONS:
        payload["reply_markup"] = {"inline_keyboard": _keyboard(shaped.options)}
    return payload


def _keyboard(options: tuple[Option, ...]) -> list[list[dict[str, str]]]:
    """Return rows of buttons: two short ones beside each other, a long one alone."""
    rows: list[list[dict[str, str]]] = []
    pairs = False
    for option in options:
        button = {"text": option.label, "callback_data": option.id}
        short = len(option.label) <= _PAIR_LABEL
        if pairs and short:
            rows[-1].append(button)
            pairs = False
        else:
            rows.append([button])
            pairs = short
    return rows
