"""Telegram keeps the channel contract, and what is its own."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.channel import (
    AccountBlocked,
    BadSignature,
    RateLimited,
    Received,
    RequestRefused,
    Unreachable,
    WebhookRequest,
)
from bot.messages import (
    Choice,
    Chose,
    Commanded,
    Event,
    Inbound,
    Located,
    Passage,
    Reply,
    Said,
    Unsupported,
)
from bot.telegram.channel import TelegramChannel
from tests.contract.channel_contract import ChannelContract, request
from tests.contract.telegram_harness import HEADER, NOW, TelegramHarness, telegram_harness
from tests.fakes.faults import Fault
from tests.fakes.telegram_description import faults
from tests.fakes.telegram_server import (
    SECRET,
    TOKEN,
    callback_update,
    member_update,
    message_update,
    private,
)

GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Vecinos"}


@pytest.fixture
async def harness() -> AsyncIterator[TelegramHarness]:
    async with telegram_harness() as harness:
        yield harness


class TestTelegram(ChannelContract):
    """The contract."""


def received(harness: TelegramHarness, update: dict[str, Any]) -> Inbound:
    """Return the one message of an update."""
    (inbound,) = harness.channel.receive(request(harness, update)).messages
    return inbound


@pytest.mark.parametrize(
    ("text", "event"),
    [
        ("/start", Commanded("start")),
        ("/start salud_1-A", Commanded("start", "salud_1-A")),
        ("/start salud'; DROP TABLE x", Commanded("start")),
        ("/start " + "x" * 65, Commanded("start")),
        ("/Menu@orienta_bot", Commanded("menu")),
        ("/idioma pt br", Commanded("idioma", "pt br")),
        ("/", Said("/")),
        ("https://gob.pe", Said("https://gob.pe")),
        ("a\x00b\u202ec", Said("abc")),
        (" \x00\n", Unsupported("empty")),
        ("x" * 20_000, Said("x" * 20_000)),
    ],
)
def test_texts_and_commands(harness: TelegramHarness, text: str, event: Event) -> None:
    """A command is read with its argument; that of a deep link only if it is of its form."""
    assert received(harness, message_update(1, text=text)).event == event


@pytest.mark.parametrize(
    ("content", "event"),
    [
        ({"sticker": {"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1,
                      "is_animated": False, "is_video": False, "type": "regular"}}, "sticker"),
        ({"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]}, "photo"),
        ({"contact": {"phone_number": "1", "first_name": "Luis"}}, "contact"),
        ({"document": {"file_id": "a", "file_unique_id": "b"}}, "document"),
        ({"holograms_of_2031": {"a": 1}}, "unknown"),
        ({}, "unknown"),
        ({"location": {"latitude": 91.0, "longitude": 0.0}}, "location"),
    ],
)  # fmt: skip
def test_kinds_that_cannot_be_read(
    harness: TelegramHarness, content: dict[str, Any], event: str
) -> None:
    """Every kind of message that is no text is named, also one that nobody knows yet."""
    assert received(harness, message_update(1, **content)).event == Unsupported(event)


def test_venue_is_a_place(harness: TelegramHarness) -> None:
    """A place picked from the map counts as a shared place."""
    where = {"latitude": -12.0, "longitude": -77.0}
    venue = {"location": where, "title": "Plaza", "address": "Lima"}
    update = message_update(1, location=where, venue=venue)
    assert received(harness, update).event == Located(-12.0, -77.0)


@pytest.mark.parametrize(
    ("update", "reason"),
    [
        ({"update_id": 1, "edited_message": {"message_id": 5, "date": 1, "edit_date": 2,
                                             "photo": [], **private()}}, "edited_message"),
        (member_update(1, "left", chat=GROUP), "left a group"),
        (message_update(1, **{"from": {"id": 1, "is_bot": True, "first_name": "B"},
                              "text": "hola"}), "bot"),
        (message_update(1, message_auto_delete_timer_changed={
            "message_auto_delete_time": 60}), "service message"),
        ({"update_id": 1, "poll_of_2031": {}}, "other update"),
        ({"message": {"text": "no update_id"}}, "unreadable update"),
        ({"update_id": 1, "message": {"message_id": 1, "date": 10**30, "text": "hola",
                                      **private()}}, "unreadable update"),
        ({"update_id": 1, "callback_query": {"id": "1", "chat_instance": "1",
                                             "from": private()["from"],
                                             "game_short_name": "x"}}, "callback without data"),
    ],
)  # fmt: skip
def test_updates_that_need_no_answer(
    harness: TelegramHarness, update: dict[str, Any], reason: str
) -> None:
    """Edits, bots, notes and strange updates are ignored by name, and accepted."""
    got = harness.channel.receive(request(harness, update))
    assert got.messages == ()
    assert got.ignored == (reason,)


def test_times_languages_and_large_ids(harness: TelegramHarness) -> None:
    """A message has its own time, a press that of its arrival; ids go beyond 32 bits."""
    text = received(harness, message_update(7, person=2**40, text="a"))
    assert text.sent_at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert (text.person, text.language_hint) == (str(2**40), "pt-br")
    press = received(harness, callback_update(8, "a:cpp"))
    assert (press.sent_at, press.reply_to) == (NOW, {"callback_query": "q8"})


def test_press_on_a_message_that_is_gone(harness: TelegramHarness) -> None:
    """A press is read also when the message it was under is inaccessible."""
    update = callback_update(1, "a:cpp")
    update["callback_query"]["message"] = {
        "message_id": 6, "date": 0, "chat": {"id": 900000001, "type": "private"},
    }  # fmt: skip
    assert received(harness, update).event == Chose("a:cpp")


def test_strange_language_is_no_hint(harness: TelegramHarness) -> None:
    """A language code that is none is left out."""
    update = message_update(1, text="a")
    update["message"]["from"]["language_code"] = "<script>"
    assert received(harness, update).language_hint is None


async def test_without_a_webhook_secret_every_webhook_is_refused() -> None:
    """An empty secret equals nothing, not even a missing header."""
    channel = TelegramChannel(TOKEN, "")
    for headers in ({}, {HEADER: ""}):
        with pytest.raises(BadSignature):
            channel.receive(WebhookRequest("POST", {}, headers, b"{}"))
    await channel.aclose()


def test_payload_is_html_with_buttons(harness: TelegramHarness) -> None:
    """Bold is a tag, all else is escaped; two short buttons share a row, a long one has its own."""
    choices = (
        Choice("a", "Salud"),
        Choice("b", "Denuncias"),
        Choice("c", "Cómo poner una denuncia"),
        Choice("d", "Menú"),
    )
    reply = Reply("es", (Passage("**Sí** & 1 < 2\n\n- uno"),), choices, asks_location=True)
    (payload,) = harness.channel.render(reply)
    assert payload == {
        "text": "<b>Sí</b> &amp; 1 &lt; 2\n• uno",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {
            "inline_keyboard": [
                [
                    {"text": "Salud", "callback_data": "a"},
                    {"text": "Denuncias", "callback_data": "b"},
                ],
                [{"text": "Cómo poner una denuncia", "callback_data": "c"}],
                [{"text": "Menú", "callback_data": "d"}],
            ]
        },
    }


def test_longest_text(harness: TelegramHarness) -> None:
    """Telegram counts 4096 units of UTF-16 without the tags: one more and there are two."""
    words = "**Sí** 🏥 "
    (whole,) = harness.channel.render(Reply("es", (Passage(words + "x" * (4096 - 6)),)))
    assert harness.shown(whole).size == 4096
    assert len(harness.channel.render(Reply("es", (Passage(words + "x" * (4096 - 5)),)))) == 2


async def test_refused_formatting_goes_out_plain_once(harness: TelegramHarness) -> None:
    """A person gets the words even if Telegram refuses the formatting; a second refusal is told."""
    choices = (Choice("a", "Salud"),)
    (payload,) = harness.channel.render(Reply("es", (Passage("**Sí** & no"),), choices))
    harness.fail(Fault.MARKUP)
    assert await harness.channel.send(harness.person, payload, outbox_id="1")
    first, second = harness.server.sent()
    assert first["text"] == "<b>Sí</b> &amp; no"
    assert second["text"] == "Sí & no"
    assert "reply_markup" not in second
    assert "parse_mode" not in second
    harness.fail(Fault.MARKUP)
    harness.fail(Fault.MARKUP)
    with pytest.raises(RequestRefused):
        await harness.channel.send(harness.person, payload, outbox_id="2")


async def test_wait_is_as_long_as_telegram_asks(harness: TelegramHarness) -> None:
    """The seconds of a 429 reach the outbox."""
    harness.fail(Fault.RATE_LIMITED)
    with pytest.raises(RateLimited) as caught:
        await harness.channel.send(harness.person, {"text": "a"}, outbox_id="1")
    assert caught.value.retry_after == 7


async def test_a_press_stops_the_spinner(harness: TelegramHarness) -> None:
    """It is answered by its query id; of a text nothing is shown at once."""
    await harness.channel.acknowledge(received(harness, message_update(9, text="a")))
    await harness.channel.acknowledge(received(harness, callback_update(8, "a:cpp")))
    (spinner,) = harness.server.calls
    assert (spinner.method, spinner.fields) == ("answerCallbackQuery", {"callback_query_id": "q8"})


async def test_typing_is_shown(harness: TelegramHarness) -> None:
    """By the action that Telegram has for it."""
    await harness.channel.show_typing(received(harness, message_update(9, text="a")))
    (typing,) = harness.server.calls
    assert (typing.method, typing.fields["action"]) == ("sendChatAction", "typing")


async def test_polling_repeats_until_confirmed(harness: TelegramHarness) -> None:
    """What was fetched comes again until it is stored; a strange update holds up nobody."""
    strange = {"update_id": 2, "message": {"date": "soon"}}
    harness.server.enqueue(message_update(1, text="a"), strange, message_update(3, text="b"))
    for _ in range(2):
        messages = (await harness.channel.poll()).messages
        assert [m.message_id for m in messages] == ["1", "3"]
    await harness.channel.confirm()
    assert await harness.channel.poll() == Received()
    assert harness.server.calls[-1].fields["offset"] == "4"
    assert harness.server.calls[-1].fields["allowed_updates"] == [
        "message", "edited_message", "callback_query", "my_chat_member", "inline_query",
    ]  # fmt: skip


async def test_polling_beside_a_webhook_says_what_to_do(harness: TelegramHarness) -> None:
    """A 409 names both causes; after `uninstall` polling works, and `install` sets all of it."""
    await harness.channel.install("https://example.org/hooks/telegram")
    assert harness.server.webhook_secret == SECRET
    with pytest.raises(AccountBlocked, match="webhook") as caught:
        await harness.channel.poll()
    assert caught.value.code == "409"
    await harness.channel.uninstall()
    assert await harness.channel.poll() == Received()


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.GARBLED, Fault.FAILING, Fault.DROPPED])
async def test_polling_fails_as_unreachable(harness: TelegramHarness, fault: Fault) -> None:
    """A failing platform is tried again later."""
    harness.fail(fault)
    with pytest.raises(Unreachable):
        await harness.channel.poll()


def test_the_referee_finds_faults() -> None:
    """The description refuses what Telegram refuses; else its silence would prove nothing."""
    button = {"text": "a", "callback_data": "x" * 65}
    markup = {"inline_keyboard": [[button]]}
    assert faults("sendMessage", {"chat_id": 1, "text": "x" * 4097})
    assert faults("sendMessage", {"chat_id": 1, "text": "a", "reply_markup": markup})
    assert faults("sendMessage", {"text": "a"})
    assert faults("sendMessage", {"chat_id": 1, "text": "a", "colour": "red"})
    assert faults("sendMesage", {})
    assert faults("setMyCommands", {"commands": [{"command": "Menú", "description": "a"}]})
    assert faults("setMyCommands", {"commands": [{"command": "menu", "description": "a" * 257}]})
    article = {"type": "article", "id": "a", "title": "a"}
    text = {"message_text": "a", "parse_mode": "HTML"}
    good = {**article, "input_message_content": text}
    for results in (
        [article],
        [{**good, "id": "x" * 65}],
        [{**good, "input_message_content": {"message_text": "x" * 4097}}],
        [{**good, "colour": "red"}],
        [{**good, "type": "essay"}],
    ):
        assert faults("answerInlineQuery", {"inline_query_id": "1", "results": results})
    assert not faults("answerInlineQuery", {"inline_query_id": "1", "results": [good]})
    assert not faults("sendMessage", {"chat_id": 1, "text": "a"})
