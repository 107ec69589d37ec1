"""WhatsApp's side of the channel contract, for every test that needs it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from bot.channel import (
    AccountBlocked,
    ChannelError,
    Payload,
    PersonGone,
    RateLimited,
    Received,
    RequestRefused,
    Unreachable,
    WebhookRequest,
)
from bot.whatsapp.channel import LIMITS, WhatsAppChannel
from tests.contract.channel_contract import Shown, request
from tests.fakes.faults import Fault
from tests.fakes.whatsapp_description import faults
from tests.fakes.whatsapp_server import (
    ACCESS_TOKEN,
    APP_SECRET,
    PHONE_NUMBER_ID,
    VERIFY_TOKEN,
    FakeWhatsApp,
    message,
    signature,
    webhook,
)

PERSON = "PE.000000000000000001"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class WhatsAppHarness:
    """The channel with a stand-in for the Graph API."""

    person = PERSON
    secrets = (ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, PHONE_NUMBER_ID)
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

    def __init__(self, server: FakeWhatsApp) -> None:
        self.server = server
        self.channel = WhatsAppChannel(
            PHONE_NUMBER_ID,
            ACCESS_TOKEN,
            APP_SECRET,
            VERIFY_TOKEN,
            base_url=server.base_url,
            timeout=1.0,
            now=lambda: NOW,
        )

    def signed(self, body: bytes) -> WebhookRequest:
        return WebhookRequest("POST", {}, {"x-hub-signature-256": signature(body)}, body)

    def text(self, text: str, number: int = 1) -> dict[str, Any]:
        return webhook({"messages": [message(f"wamid.{number}", "text", {"body": text})]})

    def choice(self, choice: str) -> dict[str, Any]:
        part = {"type": "button_reply", "button_reply": {"id": choice, "title": "x"}}
        return webhook({"messages": [message("wamid.1", "interactive", part)]})

    def location(self, lat: float, lon: float) -> dict[str, Any]:
        part = {"latitude": lat, "longitude": lon}
        return webhook({"messages": [message("wamid.1", "location", part)]})

    def unsupported(self) -> dict[str, Any]:
        part = {"id": "777", "mime_type": "audio/ogg; codecs=opus", "voice": True}
        return webhook({"messages": [message("wamid.1", "audio", part)]})

    def forged(self, body: bytes) -> tuple[WebhookRequest, ...]:
        good = signature(body)
        headers = (
            None, "", "sha256=", good[:-1], good[7:], good.replace("sha256", "sha1"),
            signature(body + b" "), signature(body, "another secret"), "sha256=ñ\udcff",
        )  # fmt: skip
        return tuple(
            WebhookRequest("POST", {}, {} if h is None else {"x-hub-signature-256": h}, body)
            for h in headers
        )

    def shown(self, payload: Payload) -> Shown:
        whole = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": "51000000001",
            **payload,
        }
        assert not faults(whole)
        if payload["type"] == "text":
            text = payload["text"]["body"]
            return Shown(text, units(text), LIMITS.text)
        interactive = payload["interactive"]
        text = interactive["body"]["text"]
        return Shown(text, units(text), LIMITS.text_with_options, _options(interactive))

    def fail(self, fault: Fault) -> None:
        self.server.fail(fault)

    def accepted(self) -> list[str]:
        return [self.shown(_content(body)).text for body in self.server.sent()]


def _content(body: dict[str, Any]) -> Payload:
    return {name: body[name] for name in ("type", body["type"])}


def _options(interactive: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Return the options; fail for what the platform refuses and its description does not tell."""
    action = interactive["action"]
    if interactive["type"] == "button":
        options = tuple((b["reply"]["id"], b["reply"]["title"]) for b in action["buttons"])
        assert 1 <= len(options) <= LIMITS.buttons
        assert all(units(title) <= LIMITS.button_label for _, title in options)
    elif interactive["type"] == "list":
        assert 1 <= units(action["button"]) <= LIMITS.list_button
        rows = [row for section in action["sections"] for row in section["rows"]]
        options = tuple((row["id"], row["title"]) for row in rows)
        assert 1 <= len(options) <= LIMITS.rows
        assert all(units(title) <= LIMITS.row_label for _, title in options)
        assert all(1 <= units(row.get("description", "x")) <= LIMITS.row_detail for row in rows)
    else:
        assert interactive["type"] == "location_request_message"
        return ()
    assert len({title for _, title in options}) == len(options)
    assert all(id_ == id_.strip() for id_, _ in options)
    return options


def units(text: str) -> int:
    """Return a text's length in UTF-16 units."""
    return len(text.encode("utf-16-le")) // 2


@asynccontextmanager
async def whatsapp_harness() -> AsyncIterator[WhatsAppHarness]:
    """Run a harness."""
    async with FakeWhatsApp() as server:
        harness = WhatsAppHarness(server)
        yield harness
        await harness.channel.aclose()


def received(harness: WhatsAppHarness, *changes: dict[str, Any]) -> Received:
    """Receive a body with these changes."""
    return harness.channel.receive(request(harness, webhook(*changes)))
