"""Telegram: receives updates by webhook or polling, sends by `telegram.Bot`.

Only private chats are answered: the assistant speaks of personal trouble, so it leaves groups.
https://core.telegram.org/bots/api
"""

import html
import json
import logging
import os
import re
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode

import structlog
from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions
from telegram.constants import (
    ChatAction,
    InlineKeyboardButtonLimit,
    InlineKeyboardMarkupLimit,
    MessageLimit,
    ParseMode,
)
from telegram.request import BaseRequest

from bot.bodies import read_object, same_secret
from bot.channel import (
    VOICE_BYTES,
    BadSignature,
    ChannelError,
    Group,
    Limits,
    Payload,
    Received,
    RequestRefused,
    Search,
    Shareable,
    WebhookRequest,
    together,
)
from bot.markup import to_telegram
from bot.messages import Inbound, Phrase, Reply
from bot.shaping import Menu, Shaped, Translate, shape
from bot.telegram.bot_name import BotName
from bot.telegram.errors import ask
from bot.telegram.http import TelegramRequest
from bot.telegram.inline import found_button, inline_results, phone_language
from bot.telegram.install import UPDATES, TelegramInstallation
from bot.telegram.keyboard import keyboard
from bot.telegram.receive import CALLBACK, KEYBOARD, MESSAGE, VOICE, read_update
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
CACHED = 300  # seconds for which Telegram may repeat an answer to the same search of a person

IN_PRIVATE = Phrase(
    "Soy Orienta y solo respondo en privado, para que nadie más lea su pregunta: escríbame a "
    "{name}."
)

_TAG = re.compile(r"<[^<>]*>")
# The library's own switch for durations in place of seconds; without it each 429 is a warning.
os.environ.setdefault("PTB_TIMEDELTA", "true")

_log = structlog.get_logger()


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
        make_request: Callable[..., BaseRequest] = TelegramRequest,
    ) -> None:
        # python-telegram-bot logs what people write.
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
            token,
            base_url=base_url,
            # Files lie beside the methods, on Telegram's own server as on any other.
            base_file_url=base_url.removesuffix("/bot") + "/file/bot",
            request=self._sending,
            get_updates_request=self._polling,
        )
        self._offset = 0
        self._seen = 0
        self._name = BotName(self.username)
        self._leaving: set[int] = set()
        self.installation = TelegramInstallation(self._bot, translate=translate, now=now)

    def receive(self, request: WebhookRequest) -> Received:
        """Check the secret header and read the one update of a webhook."""
        given = request.headers.get("x-telegram-bot-api-secret-token", "")
        if not same_secret(given, self._secret):
            raise BadSignature("The secret token of Telegram's webhook is missing or wrong.")
        return read_update(read_object(request.body), self.name, self._now)

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
            return await ask(self._send(int(person), payload))
        except RequestRefused as error:
            if error.code not in {"markup", "keyboard"}:
                raise
            _log.warning("telegram_message_refused", reason=error.code)
        plain = {"text": html.unescape(_TAG.sub("", payload["text"]))}
        return await ask(self._send(int(person), plain))

    async def acknowledge(self, inbound: Inbound) -> None:
        """Stop a button's spinner and mark the button; of a text there is nothing to show."""
        query = inbound.reply_to.get(CALLBACK)
        if query is None:
            return
        try:
            await ask(self._bot.answer_callback_query(query))
        finally:  # a query too old to be answered was a choice all the same
            if shown := inbound.reply_to.get(KEYBOARD):
                await ask(
                    self._bot.edit_message_reply_markup(
                        chat_id=int(inbound.person),
                        message_id=int(inbound.reply_to[MESSAGE]),
                        reply_markup=InlineKeyboardMarkup.de_json(json.loads(shown), None),
                    )
                )

    async def show_typing(self, inbound: Inbound) -> None:
        """Show for some seconds that an answer is being written."""
        await ask(self._bot.send_chat_action(int(inbound.person), ChatAction.TYPING))

    async def fetch_voice(self, inbound: Inbound) -> tuple[bytes, str]:
        """Return the recording of a voice message; raise `ChannelError`."""
        if not (wanted := inbound.reply_to.get(VOICE)):
            raise RequestRefused("There is no voice message that may be fetched.", code="voice")
        file = await ask(self._bot.get_file(wanted))
        address = file.file_path or ""
        # A server in local mode names a path on its own disk, which is none of ours to read.
        if (file.file_size or 0) > VOICE_BYTES or not address.startswith(("https://", "http://")):
            raise RequestRefused("The voice message cannot be fetched.", code="voice")
        audio = await ask(self._sending.retrieve(address))
        if len(audio) > VOICE_BYTES:
            raise RequestRefused("The voice message is too large.", code="voice")
        return bytes(audio), "audio/ogg"

    async def poll(self) -> Received:
        """Wait for updates and return what they hold. The same come again until `confirm`."""
        query = urlencode(
            {
                "offset": self._offset,
                "timeout": self._poll_wait,
                "allowed_updates": json.dumps(UPDATES),
            }
        )
        # Not Bot.get_updates: one update that it cannot read would hold up all others for good.
        updates = await ask(
            self._polling.post(
                f"{self._bot.base_url}/getUpdates?{query}",
                read_timeout=self._poll_wait + self._timeout,
            )
        )
        received: list[Received] = []
        for update in updates if isinstance(updates, list) else ():
            if isinstance(update, dict) and isinstance(number := update.get("update_id"), int):
                self._seen = max(self._seen, number + 1)
                received.append(read_update(update, self.name, self._now))
        return together(received)

    async def confirm(self) -> None:
        """Let the next `poll` tell Telegram that everything before it is stored."""
        self._offset = self._seen

    async def install(self, url: str) -> None:
        """Tell Telegram to post updates to an https address; raise `ChannelError`."""
        await self.installation.set_webhook(url, self._secret)

    async def uninstall(self) -> None:
        """Tell Telegram to keep updates for polling; raise `ChannelError`."""
        await self.installation.remove_webhook()

    async def leave(self, group: Group) -> None:
        """Say in one sentence where it answers, unless to a crowd, and leave."""
        chat = int(group.chat)
        if chat in self._leaving:  # each message of a lively group tells of it again
            return
        self._leaving.add(chat)
        try:
            if not group.silent:
                await self._say_where(chat, phone_language(group.language_hint))
            await ask(self._bot.leave_chat(chat))
        finally:
            self._leaving.discard(chat)

    async def _say_where(self, chat: int, language: str) -> None:
        name = await self._name()
        values = {"name": f"@{name}" if name else "Orienta"}
        text = self._translate(IN_PRIVATE.text, language, values)
        try:
            await ask(self._bot.send_message(chat, text))
        except ChannelError as error:  # it may have no right to write there
            _log.info("group_left_silently", error=type(error).__name__)

    async def offer(self, search: Search, found: tuple[Shareable, ...]) -> None:
        """Show answers to be handed on in any chat, and the way to ask in private."""
        language = found[0].reply.language if found else phone_language(search.language_hint)
        name = await self._name()
        await ask(
            self._bot.answer_inline_query(
                search.id,
                inline_results(found, self.render, name, self._translate),
                cache_time=CACHED,
                is_personal=True,  # the same words mean another language on another phone
                button=found_button(language, self._translate),
            )
        )

    async def username(self) -> str:
        """Ask Telegram for the bot's own name, without the @; raise `ChannelError`."""
        return (await ask(self._bot.get_me())).username or ""

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


def _payload(shaped: Shaped) -> Payload:
    payload: Payload = {
        "text": to_telegram(shaped.text),
        "parse_mode": ParseMode.HTML.value,
        "link_preview_options": {"is_disabled": True},
    }
    if shaped.menu is Menu.BUTTONS:
        payload["reply_markup"] = {"inline_keyboard": keyboard(shaped.options)}
    return payload
