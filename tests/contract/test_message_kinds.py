"""Every kind of message has an event on each platform, and every event a reply or a silence."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.engine import respond
from bot.messages import Commanded, Event, Located, Reply, Said, Unsupported
from bot.policy import Policy
from bot.state import Conversation
from tests.contract.channel_contract import request
from tests.contract.telegram_harness import TelegramHarness, telegram_harness
from tests.contract.whatsapp_harness import WhatsAppHarness, whatsapp_harness
from tests.fakes.bot import START
from tests.fakes.catalogue import catalogue
from tests.fakes.telegram_server import message_update, private
from tests.fakes.whatsapp_server import message, webhook

CATALOGUE = catalogue()
FILE = {"file_id": "a", "file_unique_id": "b"}
FRAME = {**FILE, "width": 1, "height": 1}
DOCUMENT = {"document": FILE}


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramHarness]:
    async with telegram_harness() as harness:
        yield harness


@pytest.fixture
async def whatsapp() -> AsyncIterator[WhatsAppHarness]:
    async with whatsapp_harness() as harness:
        yield harness


def replies(event: Event) -> tuple[Reply, ...]:
    """Return what the bot answers to an event that needs no reading."""
    welcomed = Conversation(welcomed=True)
    assert not isinstance(event, Said)
    return respond(welcomed, event, CATALOGUE, Policy(), START).replies


TELEGRAM: list[tuple[dict[str, Any], Event]] = [
    ({"voice": {**FILE, "duration": 4}}, Unsupported("voice")),
    ({"audio": {**FILE, "duration": 4}}, Unsupported("audio")),
    ({"photo": [FRAME], "caption": " mi carné "}, Unsupported("photo", "mi carné")),
    (DOCUMENT, Unsupported("document")),
    ({"video": {**FRAME, "duration": 1}}, Unsupported("video")),
    ({"video_note": {**FILE, "length": 1, "duration": 1}}, Unsupported("video_note")),
    ({"animation": {**FRAME, "duration": 1}, **DOCUMENT}, Unsupported("animation")),
    ({"sticker": {**FRAME, "is_animated": False, "is_video": False, "type": "regular"}},
     Unsupported("sticker")),
    ({"contact": {"phone_number": "1", "first_name": "Luis"}}, Unsupported("contact")),
    ({"dice": {"emoji": "🎲", "value": 3}}, Unsupported("dice")),
    ({"story": {"chat": private()["chat"], "id": 1}}, Unsupported("story")),
    ({"poll": {"id": "1", "question": "?", "options": [], "total_voter_count": 0,
               "is_closed": False, "is_anonymous": True, "type": "regular",
               "allows_multiple_answers": False, "allows_revoting": True,
               "members_only": False}}, Unsupported("poll")),
    ({"poll": {"id": "of an older kind"}}, Unsupported("unknown")),
    ({"location": {"latitude": -12.0, "longitude": -77.0, "live_period": 900}},
     Located(-12.0, -77.0)),
    ({"text": "hola", "forward_origin": {"type": "hidden_user", "date": 1,
                                         "sender_user_name": "x"}}, Said("hola")),
    ({"checklist": {"title": "x", "tasks": []}}, Unsupported("unknown")),
    ({"hologram_of_2031": {}}, Unsupported("unknown")),
]  # fmt: skip


@pytest.mark.parametrize(("content", "event"), TELEGRAM)
def test_telegram(telegram: TelegramHarness, content: dict[str, Any], event: Event) -> None:
    """Each kind is named, and each that is no text gets a reply."""
    got = telegram.channel.receive(request(telegram, message_update(1, **content)))
    assert [m.event for m in got.messages] == [event]
    assert isinstance(event, Said) or replies(event)


WHATSAPP: list[tuple[str, object, Event]] = [
    ("audio", {"id": "1", "voice": True}, Unsupported("voice")),
    ("audio", {"id": "1"}, Unsupported("audio")),
    ("image", {"id": "1", "caption": " mi carné "}, Unsupported("image", "mi carné")),
    ("document", {"id": "1", "filename": "x.pdf"}, Unsupported("document")),
    ("video", {"id": "1"}, Unsupported("video")),
    ("sticker", {"id": "1", "animated": True}, Unsupported("sticker")),
    ("contacts", [{"name": {"formatted_name": "Luis"}}], Unsupported("contacts")),
    ("order", {"catalog_id": "1", "product_items": []}, Unsupported("order")),
    ("unsupported", {"type": "poll"}, Unsupported("poll")),
    ("unsupported", {}, Unsupported("unknown")),
    ("request_welcome", {}, Commanded("start")),
    ("hologram", {"id": "1"}, Unsupported("unknown")),
    ("edit", {"message": {"type": "text", "text": {"body": "hola"}}}, Said("hola")),
    ("edit", {"message": {"type": "image", "image": {"caption": "me pega"}}},
     Unsupported("image", "me pega")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "part", "event"), WHATSAPP)
def test_whatsapp(whatsapp: WhatsAppHarness, kind: str, part: object, event: Event) -> None:
    """Each kind is named, and each that is no text gets a reply."""
    body = webhook({"messages": [message("wamid.1", kind, part)]})
    got = whatsapp.channel.receive(request(whatsapp, body))
    assert [m.event for m in got.messages] == [event]
    assert isinstance(event, Said) or replies(event)


@pytest.mark.parametrize(
    ("kind", "part"),
    [("reaction", {"message_id": "wamid.O", "emoji": "👍"}), ("reaction", {}),
     ("system", {"type": "user_changed_number", "wa_id": "51000000002"}),
     ("revoke", {"original_message_id": "wamid.1"}),
     ("edit", {"message": {"type": "image", "image": {"id": "1"}}}), ("edit", {"message": 7}),
     ("edit", {"message": {"type": "edit", "edit": {}}})],
)  # fmt: skip
def test_whatsapp_keeps_silent(whatsapp: WhatsAppHarness, kind: str, part: object) -> None:
    """Reactions, notes of the system and edits without words are not answered."""
    body = webhook({"messages": [message("wamid.1", kind, part)]})
    got = whatsapp.channel.receive(request(whatsapp, body))
    assert (got.messages, got.ignored) == ((), (kind,))


def edited(**content: Any) -> dict[str, Any]:
    """Return an update of an edited message."""
    head = {"message_id": 5, "date": 1_790_000_000, "edit_date": 1_790_000_060}
    return {"update_id": 9, "edited_message": {**head, **private(), **content}}


def test_corrected_words_are_read_again(telegram: TelegramHarness) -> None:
    """An edited text is a new question at the time of the edit; so is a caption."""
    (text,) = telegram.channel.receive(request(telegram, edited(text="cuánto cuesta"))).messages
    assert (text.event, text.message_id) == (Said("cuánto cuesta"), "9")
    assert text.sent_at.timestamp() == 1_790_000_060
    update = edited(photo=[FRAME], caption="me pega")
    (caption,) = telegram.channel.receive(request(telegram, update)).messages
    assert caption.event == Unsupported("photo", "me pega")


def test_other_edits_are_silent(telegram: TelegramHarness) -> None:
    """A live location moves every few seconds, and a photo was answered already."""
    where = {"latitude": -12.0, "longitude": -77.0, "live_period": 900}
    for content in ({"location": where}, {"photo": [FRAME]}, {}):
        got = telegram.channel.receive(request(telegram, edited(**content)))
        assert (got.messages, got.ignored) == ((), ("edited_message",))


def test_photos_and_documents_are_told_not_to_be_looked_at() -> None:
    """She hears that nobody opens them, and to send no documents."""
    for kind in ("photo", "image", "document", "video"):
        (reply,) = replies(Unsupported(kind))
        assert "No abro fotos" in str(reply.parts)
    assert replies(Unsupported("reaction")) == ()
