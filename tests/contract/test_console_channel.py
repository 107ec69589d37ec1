"""The terminal keeps the channel contract."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bot.channel import BadBody, ChannelError, Payload, Unreachable, WebhookRequest
from bot.console import LIMITS, ConsoleChannel
from bot.messages import Choice, Commanded, Passage, Reply
from tests.contract.channel_contract import ChannelContract, Shown
from tests.fakes.faults import Fault


class ConsoleHarness:
    """The terminal, with a list in place of a screen."""

    person = "u1"
    secrets: tuple[str, ...] = ()
    failures: Mapping[Fault, type[ChannelError]] = {}

    def __init__(self) -> None:
        self.screen: list[str] = []
        self.channel = ConsoleChannel(write=self.screen.append)

    def signed(self, body: bytes) -> WebhookRequest:
        return WebhookRequest("POST", {}, {}, body)

    def text(self, text: str, number: int = 1) -> dict[str, Any]:
        return {"id": str(number), "user": self.person, "text": text}

    def choice(self, choice: str) -> dict[str, Any]:
        return {"id": "1", "user": self.person, "choose": choice}

    def location(self, lat: float, lon: float) -> dict[str, Any]:
        return {"id": "1", "user": self.person, "location": [lat, lon]}

    def unsupported(self) -> dict[str, Any]:
        return {"id": "1", "user": self.person, "kind": "voice"}

    def forged(self, body: bytes) -> tuple[WebhookRequest, ...]:
        return ()

    def shown(self, payload: Payload) -> Shown:
        options = tuple((option["id"], option["label"]) for option in payload["options"])
        return Shown(payload["text"], len(payload["text"]), LIMITS.text, options)

    def fail(self, fault: Fault) -> None:
        raise NotImplementedError(fault)

    def accepted(self) -> list[str]:
        return self.screen


class TestConsole(ChannelContract):
    """The contract."""

    @pytest.fixture
    async def harness(self) -> AsyncIterator[ConsoleHarness]:
        harness = ConsoleHarness()
        yield harness
        await harness.channel.aclose()


def test_lines_are_read_in_order() -> None:
    """Every line is one message; empty lines are none."""
    body = b'{"id":"1","user":"u","text":"a"}\n\n{"id":"2","user":"u","command":"start"}\n'
    received = ConsoleChannel().receive(WebhookRequest("POST", {}, {}, body))
    assert [m.message_id for m in received.messages] == ["1", "2"]
    assert received.messages[1].event == Commanded("start")


@pytest.mark.parametrize(
    "line",
    [b'{"user":"u","text":"a"}', b'{"id":"1","text":"a"}', b'{"id":"1","user":"u"}',
     b'{"id":"1","user":"u","location":[91,0]}', b'{"id":"1","user":"u","location":[true,0]}'],
)  # fmt: skip
def test_incomplete_line_is_refused(line: bytes) -> None:
    """A line without id, user or something to do is a bad body that says what it needs."""
    with pytest.raises(BadBody, match="'id'"):
        ConsoleChannel().receive(WebhookRequest("POST", {}, {}, line))


def test_options_are_numbered_lines() -> None:
    """Options stand under the text with the numbers to type."""
    choices = (Choice("a", "Salud"), Choice("b", "CPP"))
    (payload,) = ConsoleChannel().render(Reply("es", (Passage("Elija **uno**"),), choices))
    assert payload["text"] == "Elija uno\n1. Salud\n2. CPP"


async def test_closed_terminal_is_unreachable() -> None:
    """A closed pipe is a failure to try again, not a crash."""

    def closed(_: str) -> None:
        raise BrokenPipeError

    channel = ConsoleChannel(write=closed)
    with pytest.raises(Unreachable):
        await channel.send("u1", {"text": "hola"}, outbox_id="1")


async def test_standard_output_is_the_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Without a writer the text goes to standard output."""
    await ConsoleChannel().send("u1", {"text": "hola"}, outbox_id="1")
    assert capsys.readouterr().out == "hola\n"
