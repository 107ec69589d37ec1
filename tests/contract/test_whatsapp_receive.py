"""WhatsApp's webhooks are read whole, whatever they leave out or invent."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.channel import (
    BadSignature,
    DeliveryReport,
    Move,
    Received,
    Unreachable,
    WebhookRequest,
    WindowClosed,
)
from bot.messages import Chose, Event, Located, Said, Unsupported
from tests.contract.channel_contract import request
from tests.contract.whatsapp_harness import (
    NOW,
    PERSON,
    WhatsAppHarness,
    received,
    whatsapp_harness,
)
from tests.fakes.whatsapp_server import PHONE_NUMBER_ID, as_bytes, message, signature, webhook

PAYLOADS = Path(__file__).parent.parent / "payloads"
META = "whatsapp-webhook-examples-meta.json"


@pytest.fixture
async def harness() -> AsyncIterator[WhatsAppHarness]:
    async with whatsapp_harness() as harness:
        yield harness


@pytest.mark.parametrize(
    ("kind", "part", "event"),
    [
        ("text", {"body": " hola\x00 "}, Said(" hola ")),
        ("text", {"body": " \x00"}, Unsupported("empty")),
        ("text", {}, Unsupported("empty")),
        ("text", "hola", Unsupported("empty")),
        ("interactive", {"type": "list_reply", "list_reply": {"id": "a:cpp", "title": "CPP"}},
         Chose("a:cpp")),
        ("interactive", {"type": "nfm_reply", "nfm_reply": {"response_json": "{}"}},
         Unsupported("interactive")),
        ("button", {"payload": "more", "text": "Ver más"}, Chose("more")),
        ("button", {"text": "Ver más"}, Said("Ver más")),
        ("location", {"latitude": -12.05, "longitude": -77.04, "name": "Plaza"},
         Located(-12.05, -77.04)),
        ("location", {"latitude": "far", "longitude": None}, Unsupported("location")),
        ("audio", {"id": "1", "voice": False}, Unsupported("audio")),
        ("image", {"id": "1", "caption": "mi carné"}, Unsupported("image", "mi carné")),
        ("sticker", {"id": "1"}, Unsupported("sticker")),
        ("contacts", [{"name": {}}], Unsupported("contacts")),
        ("unsupported", {"type": "poll"}, Unsupported("poll")),
        ("unsupported", {"type": "51999999999"}, Unsupported("unknown")),
        ("hologram", {"id": "1"}, Unsupported("unknown")),
    ],
)  # fmt: skip
def test_kinds_of_messages(harness: WhatsAppHarness, kind: str, part: object, event: Event) -> None:
    """Each kind has its event; one that Meta invents tomorrow is unsupported, not an error."""
    (inbound,) = received(harness, {"messages": [message("wamid.1", kind, part)]}).messages
    assert inbound.event == event


@pytest.mark.parametrize("kind", ["reaction", "system", "edit", "revoke"])
def test_what_is_never_answered(harness: WhatsAppHarness, kind: str) -> None:
    """A reaction, a note about a number, an edit and a deletion are ignored by name."""
    got = received(harness, {"messages": [message("wamid.1", kind, {"emoji": "👍"})]})
    assert (got.messages, got.ignored) == ((), (kind,))


@pytest.mark.parametrize(
    ("sender", "person"),
    [
        ({"from": "51000000001", "from_user_id": PERSON}, PERSON),
        ({"from_user_id": "PE.ENT.0001"}, "PE.ENT.0001"),
        ({"from": "51000000001"}, "51000000001"),
    ],
)
def test_who_writes(harness: WhatsAppHarness, sender: dict[str, str], person: str) -> None:
    """The business-scoped id goes first; a phone number alone, and an id alone, are enough."""
    body = {"id": "wamid.1", "type": "text", "text": {"body": "a"}, **sender}
    (inbound,) = received(harness, {"messages": [body]}).messages
    assert inbound.person == person
    assert inbound.sent_at == NOW  # the body names no time


@pytest.mark.parametrize("sender", [{}, {"from": ""}, {"from": 7}, {"from": "x y"}])
def test_message_of_nobody_is_ignored(harness: WhatsAppHarness, sender: dict[str, object]) -> None:
    """Without a sender that can be answered there is nobody to answer."""
    body = {"id": "wamid.1", "type": "text", "text": {"body": "a"}, **sender}
    got = received(harness, {"messages": [body]})
    assert got.ignored == ("message without sender or id",)


@pytest.mark.parametrize(
    ("timestamp", "expected"),
    [("1790000000", datetime.fromtimestamp(1_790_000_000, UTC)), ("soon", NOW),
     ("9" * 30, NOW), (1790000000, NOW), ("-5", NOW)],
)  # fmt: skip
def test_times(harness: WhatsAppHarness, timestamp: object, expected: datetime) -> None:
    """The time is a string of Unix seconds; for anything else it is that of the arrival."""
    body = message("wamid.1", "text", {"body": "a"}, timestamp=timestamp)
    (inbound,) = received(harness, {"messages": [body]}).messages
    assert inbound.sent_at == expected


def test_batches_are_read_whole(harness: WhatsAppHarness) -> None:
    """Many entries, changes, messages and statuses in one body all come out, in order."""
    texts = [message(f"wamid.{n}", "text", {"body": str(n)}) for n in range(400)]
    status = {"id": "wamid.OUT1", "status": "read", "timestamp": "1790000003"}
    body = webhook(
        {"messages": texts[:100], "statuses": [status] * 300},
        {"messages": texts[100:200]},
    )
    body["entry"] += webhook({"messages": texts[200:], "statuses": [status] * 300})["entry"]
    got = harness.channel.receive(request(harness, body))
    assert [m.message_id for m in got.messages] == [f"wamid.{n}" for n in range(400)]
    assert len(got.reports) == 600
    assert got.ignored == ()


def test_other_objects_fields_numbers_and_groups_are_ignored(harness: WhatsAppHarness) -> None:
    """What is not a message to this number is named and accepted."""
    text = message("wamid.1", "text", {"body": "a"})
    elsewhere = webhook({"messages": [text]}, phone_number_id="2002")
    other_field = webhook({"messages": [text]})
    other_field["entry"][0]["changes"][0]["field"] = "message_template_status_update"
    group = webhook({"messages": [{**text, "group_id": "G1"}]})
    errors = webhook({"errors": [{"code": 130429}]})
    page = {**webhook({"messages": [text]}), "object": "page"}
    for body, reason in (
        (elsewhere, "other number"),
        (other_field, "other field"),
        (group, "group"),
        (errors, "account error"),
        (page, "other object"),
    ):
        got = harness.channel.receive(request(harness, body))
        assert (got.messages, got.ignored) == ((), (reason,))


def test_statuses_are_reports(harness: WhatsAppHarness) -> None:
    """A status names our outbox row; a failed one, without contacts, carries its decision."""
    head = {"timestamp": "1790000003", "recipient_id": "51000000001"}
    read = {"id": "wamid.O1", "status": "read", "biz_opaque_callback_data": "81", **head}
    failed = {"id": "wamid.O2", "status": "failed", "errors": [{"code": 131047}], **head}
    strange = {"id": "wamid.O3", "status": "failed", "errors": "none", **head}
    unknown = {"id": "wamid.O4", "status": "teleported", **head}
    got = received(harness, {"statuses": [read, failed, strange, unknown]})
    assert got.reports[0] == DeliveryReport("wamid.O1", "read", "81")
    assert not got.reports[0].billable
    assert isinstance(got.reports[1].error, WindowClosed)
    assert isinstance(got.reports[2].error, Unreachable)
    assert got.ignored == ("unknown status",)


def test_what_costs_money_is_told(harness: WhatsAppHarness) -> None:
    """A status says whether its message is billed."""
    pricing = {"billable": True, "pricing_model": "PMP", "category": "service"}
    sent = {"id": "wamid.O1", "status": "sent", "timestamp": "1790000003", "pricing": pricing}
    free = {**sent, "pricing": {**pricing, "billable": False}}
    got = received(harness, {"statuses": [sent, free, {**sent, "pricing": "much"}]})
    assert [report.billable for report in got.reports] == [True, False, False]


def test_messages_come_in_the_order_of_writing(harness: WhatsAppHarness) -> None:
    """Over several entries; those of the same second stay as they came."""
    times = {
        "third": "1790000009",
        "first": "1790000001",
        "second": "1790000005",
        "too": "1790000005",
    }
    one, two, three, four = (
        message(name, "text", {"body": "a"}, timestamp=time) for name, time in times.items()
    )
    body = webhook({"messages": [one, two]}, {"messages": [three]})
    body["entry"] += webhook({"messages": [four]})["entry"]
    got = harness.channel.receive(request(harness, body))
    assert [m.message_id for m in got.messages] == ["first", "second", "too", "third"]


NEW = "PE.000000000000000002"


@pytest.mark.parametrize(
    ("sender", "note", "move"),
    [
        ({"from": "51000000001"}, {"type": "user_changed_number", "wa_id": "51000000002"},
         Move("51000000001", "51000000002")),
        ({"from": "51000000001", "from_user_id": PERSON},
         {"type": "user_changed_number", "wa_id": "51000000002", "user_id": NEW},
         Move(PERSON, NEW)),
        ({}, {"type": "user_changed_user_id", "user_id": NEW, "previous_user_id": PERSON},
         Move(PERSON, NEW)),
        ({"from_user_id": PERSON}, {"type": "user_changed_user_id", "user_id": NEW},
         Move(PERSON, NEW)),
        ({}, {"type": "user_changed_user_id", "user_id": NEW}, None),
        ({"from": "51000000001"}, {"type": "user_changed_number", "wa_id": "51000000001"}, None),
        ({"from": "51000000001"}, {"type": "user_changed_number", "wa_id": "x y"}, None),
        ({"from": "51000000001"}, {"type": "customer_identity_changed"}, None),
        ({"from": "51000000001"}, {"type": ["odd"]}, None),
    ],
)  # fmt: skip
def test_a_changed_number_is_a_move(
    harness: WhatsAppHarness, sender: dict[str, str], note: dict[str, object], move: Move | None
) -> None:
    """The system message tells both ids; one that does not is ignored by name."""
    body = {**sender, "id": "wamid.S1", "timestamp": "1790000000", "type": "system", "system": note}
    got = received(harness, {"messages": [body]})
    assert got.moves == ((move,) if move else ())
    assert (got.messages, got.ignored) == ((), () if move else ("system",))


def _examples() -> list[tuple[str, dict[str, Any]]]:
    meta = json.loads((PAYLOADS / META).read_text(encoding="utf-8"))
    examples = [(f"meta: {name}", case["body"]) for name, case in meta.items()]
    for path in sorted((PAYLOADS / "whatsapp-updates-pywa").glob("*.json")):
        cases = json.loads(path.read_text(encoding="utf-8"))
        examples += [(f"{path.stem}: {name}", body) for name, body in cases.items()]
    return examples


EXAMPLES = _examples()


def _updates(got: Received) -> int:
    return len(got.messages) + len(got.reports) + len(got.ignored) + len(got.moves)


def _changes(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [change for entry in body["entry"] for change in entry["changes"]]


def _of_ours(body: dict[str, Any]) -> dict[str, Any]:
    """Return a copy addressed to our number, its masked ids made possible ones."""
    text = json.dumps(body).replace("<WHATSAPP_USER_PHONE_NUMBER>", "51000000001")
    copy: dict[str, Any] = json.loads(text)
    for change in _changes(copy):
        change["value"].setdefault("metadata", {})["phone_number_id"] = PHONE_NUMBER_ID
    return copy


@pytest.mark.parametrize(("name", "body"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_bodies_that_others_wrote(
    harness: WhatsAppHarness, name: str, body: dict[str, Any]
) -> None:
    """Every example becomes exactly one message, report, change of number or named silence."""
    got = harness.channel.receive(request(harness, _of_ours(body)))
    assert _updates(got) == 1, name
    assert "message without sender or id" not in got.ignored


def test_examples_joined_in_one_body_lose_nothing(harness: WhatsAppHarness) -> None:
    """As many updates come out of a batch as went in."""
    bodies = [_of_ours(body) for _, body in EXAMPLES]
    batch = {**bodies[0], "entry": [entry for body in bodies for entry in body["entry"]]}
    got = harness.channel.receive(request(harness, batch))
    assert _updates(got) == len(EXAMPLES) == 57


def test_signature_is_over_the_raw_bytes(harness: WhatsAppHarness) -> None:
    """The same JSON written differently does not carry the signature."""
    body = as_bytes(harness.text("ñ"))
    other = json.dumps(json.loads(body), ensure_ascii=False).encode()
    headers = {"x-hub-signature-256": signature(body)}
    assert harness.channel.receive(WebhookRequest("POST", {}, headers, body)).messages
    with pytest.raises(BadSignature):
        harness.channel.receive(WebhookRequest("POST", {}, headers, other))
