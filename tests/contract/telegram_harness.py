"""Telegram's side of the channel contract, for every test that needs it."""

import html
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bot.channel import (
    AccountBlocked,
    ChannelError,
    Payload,
    PersonGone,
    RateLimited,
    RequestRefused,
    Unreachable,
    WebhookRequest,
)
from bot.telegram.channel import LIMITS, TelegramChannel
from tests.contract.channel_contract import Shown
from tests.fakes.faults import Fault
from tests.fakes.telegram_description import CheckedRequest, faults
from tests.fakes.telegram_server import (
    SECRET,
    TOKEN,
    FakeTelegram,
    callback_update,
    message_update,
)

HEADER = "x-telegram-bot-api-secret-token"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class TelegramHarness:
    """The channel with a stand-in that checks every call against the description."""

    person = "900000001"
    secrets = (TOKEN, SECRET)
    failures: Mapping[Fault, type[ChannelError]] = {
        Fault.RATE_LIMITED: RateLimited,
        Fault.FAILING: Unreachable,
        Fault.GARBLED: Unreachable,
        Fault.SILENT: Unreachable,
        Fault.DROPPED: Unreachable,
        Fault.GONE: PersonGone,
        Fault.TOKEN: AccountBlocked,
        Fault.REFUSED: RequestRefused,
    }

    def __init__(self, server: FakeTelegram) -> None:
        self.server = server
        self.found: list[str] = []
        self.channel = TelegramChannel(
            TOKEN,
            SECRET,
            base_url=server.base_url,
            timeout=1.0,
            poll_wait=0,
            now=lambda: NOW,
            make_request=partial(CheckedRequest, self.found),
        )

    def signed(self, body: bytes) -> WebhookRequest:
        return WebhookRequest("POST", {}, {HEADER: SECRET}, body)

    def text(self, text: str, number: int = 1) -> dict[str, Any]:
        return message_update(number, text=text)

    def choice(self, choice: str) -> dict[str, Any]:
        return callback_update(1, choice)

    def location(self, lat: float, lon: float) -> dict[str, Any]:
        return message_update(1, location={"latitude": lat, "longitude": lon})

    def unsupported(self) -> dict[str, Any]:
        voice = {"file_id": "AwAC", "file_unique_id": "Ag", "duration": 4}
        return message_update(1, voice=voice)

    def forged(self, body: bytes) -> tuple[WebhookRequest, ...]:
        headers: tuple[dict[str, str], ...] = (
            {}, {HEADER: ""}, {HEADER: SECRET + "x"}, {HEADER: SECRET[:-1]}, {HEADER: "ñ\udcff"},
        )  # fmt: skip
        return tuple(WebhookRequest("POST", {}, header, body) for header in headers)

    def shown(self, payload: Payload) -> Shown:
        assert not faults("sendMessage", {"chat_id": 1, **payload})
        text = read_html(payload["text"])
        keyboard = payload.get("reply_markup", {"inline_keyboard": []})["inline_keyboard"]
        assert all(1 <= len(row) <= 2 for row in keyboard)
        options = tuple((b["callback_data"], b["text"]) for row in keyboard for b in row)
        return Shown(text, len(text.encode("utf-16-le")) // 2, LIMITS.text, options)

    def fail(self, fault: Fault) -> None:
        self.server.fail(fault)

    def accepted(self) -> list[str]:
        return [read_html(fields["text"]) for fields in self.server.sent()]


def read_html(text: str) -> str:
    """Return the text of Telegram HTML; fail if a tag is unknown, unclosed or empty."""
    inside = re.sub(r"<b>[^<>]+</b>", lambda bold: bold[0][3:-4], text)
    assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", inside)
    return html.unescape(inside)


@asynccontextmanager
async def telegram_harness() -> AsyncIterator[TelegramHarness]:
    """Run a harness; fail at the end for every call that the description forbids."""
    async with FakeTelegram() as server:
        harness = TelegramHarness(server)
        yield harness
        await harness.channel.aclose()
    assert harness.found == []
