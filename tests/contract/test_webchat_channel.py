"""The web chat keeps the channel contract."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.channel import ChannelError, Payload, WebhookRequest
from bot.webchat.channel import LIMITS, WebChatChannel
from bot.webchat.session import SessionCookie, new_token, person_of
from bot.webchat.stream import MessageStream
from locales import translate
from tests.contract.channel_contract import ChannelContract, Shown
from tests.fakes.faults import Fault

TOKEN = new_token()


class WebChatHarness:
    """The web chat, with a reader of its stream in place of a page."""

    person = person_of(TOKEN)
    secrets = (TOKEN,)
    failures: Mapping[Fault, type[ChannelError]] = {}

    def __init__(self) -> None:
        self.channel = WebChatChannel(MessageStream(), SessionCookie(secure=False), translate)

    def signed(self, body: bytes) -> WebhookRequest:
        return WebhookRequest("POST", {}, {"cookie": f"orienta={TOKEN}"}, body)

    def text(self, text: str, number: int = 1) -> dict[str, Any]:
        return {"id": f"message-{number}", "kind": "text", "text": text}

    def choice(self, choice: str) -> dict[str, Any]:
        return {"id": "message-1", "kind": "choice", "choice": choice}

    def location(self, lat: float, lon: float) -> dict[str, Any]:
        return {"id": "message-1", "kind": "location", "lat": lat, "lon": lon}

    def unsupported(self) -> dict[str, Any]:
        return {"id": "message-1", "kind": "voice"}

    def forged(self, body: bytes) -> tuple[WebhookRequest, ...]:
        cookies = ("", "orienta=", "orienta=ñ", f"orienta={TOKEN[:-1]}", f"other={TOKEN}")
        return (
            WebhookRequest("POST", {}, {}, body),
            *(WebhookRequest("POST", {}, {"cookie": cookie}, body) for cookie in cookies),
        )

    def shown(self, payload: Payload) -> Shown:
        options = tuple((option["id"], option["label"]) for option in payload["options"])
        return Shown(payload["text"], len(payload["text"]), LIMITS.text, options)

    def fail(self, fault: Fault) -> None:
        raise NotImplementedError(fault)

    def accepted(self) -> list[str]:
        with self.channel.stream.listen(self.person) as page:
            return [json.loads(delivery.data)["text"] for delivery in page.waiting()]


class TestWebChat(ChannelContract):
    """The contract."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[WebChatHarness]:
        harness = WebChatHarness()
        with harness.channel.stream.listen(harness.person):
            yield harness
        await harness.channel.aclose()
