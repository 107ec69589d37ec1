"""WhatsApp keeps the channel contract, and what is its own."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot.channel import (
    BadSignature,
    Handshake,
    RateLimited,
    Unreachable,
    WebhookRequest,
    WindowClosed,
)
from bot.messages import Choice, Passage, Reply
from bot.whatsapp.channel import WhatsAppChannel
from tests.contract.channel_contract import ChannelContract, request
from tests.contract.replies import REPLIES
from tests.contract.whatsapp_harness import PERSON, WhatsAppHarness, whatsapp_harness
from tests.fakes.whatsapp_description import KNOWN_GAPS, faults
from tests.fakes.whatsapp_server import ACCESS_TOKEN, APP_SECRET, PHONE_NUMBER_ID, VERIFY_TOKEN


@pytest.fixture
async def harness() -> AsyncIterator[WhatsAppHarness]:
    async with whatsapp_harness() as harness:
        yield harness


class TestWhatsApp(ChannelContract):
    """The contract."""


def test_handshake_returns_the_challenge(harness: WhatsAppHarness) -> None:
    """With the right token the challenge comes back, alone."""
    assert isinstance(harness.channel, Handshake)
    query = {"hub.mode": "subscribe", "hub.challenge": "1158", "hub.verify_token": VERIFY_TOKEN}
    assert harness.channel.handshake(WebhookRequest("GET", query, {}, b"")) == "1158"


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"hub.mode": "subscribe", "hub.challenge": "1"},
        {"hub.mode": "subscribe", "hub.challenge": "1", "hub.verify_token": "wrong ñ"},
        {"hub.mode": "unsubscribe", "hub.challenge": "1", "hub.verify_token": VERIFY_TOKEN},
    ],
)
def test_wrong_handshake_is_refused(harness: WhatsAppHarness, query: dict[str, str]) -> None:
    """A missing or wrong token, or another mode, is refused."""
    with pytest.raises(BadSignature):
        harness.channel.handshake(WebhookRequest("GET", query, {}, b""))


@pytest.mark.parametrize(("app_secret", "verify_token"), [("", "x"), ("x", "")])
def test_empty_secrets_are_refused(app_secret: str, verify_token: str) -> None:
    """With an empty secret anybody could sign: the channel does not start."""
    with pytest.raises(ValueError, match="app secret"):
        WhatsAppChannel(PHONE_NUMBER_ID, ACCESS_TOKEN, app_secret, verify_token)


async def test_recipient_is_an_id_or_a_phone(harness: WhatsAppHarness) -> None:
    """An id goes to `recipient`, a phone number to `to`; the outbox id comes along."""
    (payload,) = harness.channel.render(Reply("es", (Passage("Hola"),)))
    await harness.channel.send(PERSON, payload, outbox_id="81")
    await harness.channel.send("51000000001", payload, outbox_id="82")
    first, second = harness.server.sent()
    assert first == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "recipient": PERSON,
        "biz_opaque_callback_data": "81",
        "type": "text",
        "text": {"body": "Hola", "preview_url": False},
    }
    assert (second["to"], "recipient" in second) == ("51000000001", False)
    assert harness.server.paths[0] == f"/v25.0/{PHONE_NUMBER_ID}/messages"


async def test_acknowledging_marks_as_read_and_typing(harness: WhatsAppHarness) -> None:
    """The message is marked as read with the typing indicator."""
    inbound = harness.channel.receive(request(harness, harness.text("a"))).messages[0]
    await harness.channel.acknowledge(inbound)
    assert harness.server.calls == [
        {
            "messaging_product": "whatsapp",
            "status": "read",
            "message_id": "wamid.1",
            "typing_indicator": {"type": "text"},
        }
    ]


def _rendered(harness: WhatsAppHarness, reply: Reply) -> dict[str, Any]:
    (payload,) = harness.channel.render(reply)
    harness.shown(payload)
    return payload


def _choices(count: int, label: str = "Opción") -> tuple[Choice, ...]:
    return tuple(Choice(f"a:{n}", f"{label} {n}", "Una línea más larga") for n in range(count))


def test_few_choices_are_buttons(harness: WhatsAppHarness) -> None:
    """Up to three short choices are buttons, under WhatsApp's own formatting."""
    payload = _rendered(harness, Reply("es", (Passage("**Sí**, puede."),), _choices(3)))
    assert payload["interactive"]["type"] == "button"
    assert payload["interactive"]["body"]["text"] == "*Sí*, puede."


@pytest.mark.parametrize(("count", "label"), [(4, "Opción"), (10, "Opción"), (2, "x" * 20)])
def test_more_or_longer_choices_are_a_list(
    harness: WhatsAppHarness, count: int, label: str
) -> None:
    """Four to ten choices, or labels too long for a button, are rows with their details."""
    payload = _rendered(harness, Reply("es", (Passage("Elija"),), _choices(count, label)))
    assert payload["interactive"]["type"] == "list"
    rows = payload["interactive"]["action"]["sections"][0]["rows"]
    assert rows[0]["description"] == "Una línea más larga"
    assert len(rows) == count


def test_many_choices_are_numbered_lines(harness: WhatsAppHarness) -> None:
    """More than ten choices are numbered in the text."""
    payload = _rendered(harness, Reply("es", (Passage("Elija"),), _choices(11)))
    assert payload["text"]["body"].startswith("Elija\n1. Opción 0\n2. Opción 1\n")


def test_long_reply_with_choices_stays_one_message(harness: WhatsAppHarness) -> None:
    """A text too long for buttons has its choices numbered: each message costs money."""
    payload = _rendered(harness, Reply("es", (Passage("Una frase. " * 150),), _choices(2)))
    assert payload["type"] == "text"
    assert payload["text"]["body"].endswith("\n1. Opción 0\n2. Opción 1")


def test_longest_texts(harness: WhatsAppHarness) -> None:
    """The platform's own numbers, its markers counted: one more and there are two messages."""
    bold = "**negrita** " * 2
    for words, most, choices in ((bold, 4096, ()), (bold, 1024, _choices(1))):
        rest = most - len("*negrita* " * 2)
        (whole,) = harness.channel.render(Reply("es", (Passage(words + "x" * rest),), choices))
        text = whole.get("text", {}).get("body") or whole["interactive"]["body"]["text"]
        assert len(text) == most
        longer = harness.channel.render(Reply("es", (Passage(words + "x" * (rest + 1)),), choices))
        assert len(longer) == 2 if not choices else longer[0]["type"] == "text"


def test_place_is_asked_for_with_its_button(harness: WhatsAppHarness) -> None:
    """A reply that asks for a place has WhatsApp's own button, its choices as numbers."""
    reply = Reply("es", (Passage("¿Dónde está?"),), _choices(2), asks_location=True)
    interactive = _rendered(harness, reply)["interactive"]
    assert interactive["type"] == "location_request_message"
    assert interactive["action"] == {"name": "send_location"}
    assert interactive["body"]["text"].endswith("1. Opción 0\n2. Opción 1")


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(reply=REPLIES)
def test_description_accepts_every_payload(harness: WhatsAppHarness, reply: Reply) -> None:
    """Meta's own description, apart from its known gaps, accepts whatever is rendered."""
    for payload in harness.channel.render(reply):
        harness.shown(payload)


def test_the_referee_finds_faults() -> None:
    """The description refuses what WhatsApp refuses; else its silence would prove nothing."""
    head = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "51000000001"}
    buttons = [{"type": "reply", "reply": {"id": str(n), "title": "x"}} for n in range(4)]
    action = {"buttons": buttons[:1]}
    good = {"type": "button", "body": {"text": "a"}, "action": action}
    assert not faults({**head, "type": "interactive", "interactive": good})
    for wrong in (
        {"action": {"buttons": buttons}},
        {"body": {"text": "x" * 1025}},
        {"action": {"buttons": [{"type": "reply", "reply": {"id": "1", "title": "x" * 21}}]}},
    ):
        assert faults({**head, "type": "interactive", "interactive": {**good, **wrong}})
    assert faults({**head, "type": "text"})
    assert len(KNOWN_GAPS) == 7


async def test_code_decides_and_not_the_status(harness: WhatsAppHarness) -> None:
    """A closed window and a limit of rate both come as 400."""
    (payload,) = harness.channel.render(Reply("es", (Passage("Hola"),)))
    for code, kind in ((131047, WindowClosed), (130429, RateLimited), (424242, Unreachable)):
        harness.server.fail(code)
        with pytest.raises(kind) as caught:
            await harness.channel.send(PERSON, payload, outbox_id="1")
        assert caught.value.code == str(code)


async def test_nobody_listening_is_unreachable(unused_tcp_port: int) -> None:
    """A refused connection is tried again later."""
    channel = WhatsAppChannel(
        PHONE_NUMBER_ID, ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN,
        base_url=f"http://127.0.0.1:{unused_tcp_port}",
    )  # fmt: skip
    with pytest.raises(Unreachable):
        await channel.send(PERSON, {"type": "text"}, outbox_id="1")
    await channel.aclose()
