"""Telegram is for private chats: who is there, which groups are left, which button was pressed."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channel import AlreadyDone, Group, PersonGone, Presence, Received
from bot.messages import Choice, Chose, Commanded, Inbound, Passage, Reply
from bot.telegram.keyboard import CHOSEN
from tests.contract.channel_contract import request
from tests.contract.telegram_harness import TelegramHarness, telegram_harness
from tests.fakes.faults import Fault
from tests.fakes.telegram_server import callback_update, member_update, message_update, private

GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Vecinos"}
CHANNEL = {"id": -1009876543210, "type": "channel", "title": "Noticias"}


@pytest.fixture
async def harness() -> AsyncIterator[TelegramHarness]:
    async with telegram_harness() as harness:
        yield harness


def read(harness: TelegramHarness, update: dict[str, Any]) -> Received:
    return harness.channel.receive(request(harness, update))


def pressed(harness: TelegramHarness, data: str, shown: list[list[dict[str, str]]]) -> Inbound:
    """Return the press of a button under a message that shows some buttons."""
    update = callback_update(8, data)
    update["callback_query"]["message"]["reply_markup"] = {"inline_keyboard": shown}
    (inbound,) = read(harness, update).messages
    return inbound


def buttons(*labels: str) -> list[list[dict[str, str]]]:
    return [[{"text": label, "callback_data": label.removeprefix(CHOSEN)}] for label in labels]


@pytest.mark.parametrize(("status", "gone"), [("kicked", True), ("left", True), ("member", False)])
def test_a_block_is_told_and_so_is_its_end(
    harness: TelegramHarness, status: str, gone: bool
) -> None:
    """Whoever blocks the bot is gone, whoever takes it back is not."""
    got = read(harness, member_update(1, status, person=77))
    assert got == Received(presences=(Presence("77", gone),))


@pytest.mark.parametrize(
    ("update", "group"),
    [
        (member_update(1, "member", chat=GROUP), Group("-1001234567890", language_hint="pt-br")),
        (
            member_update(1, "administrator", chat=CHANNEL),
            Group("-1009876543210", silent=True, language_hint="pt-br"),
        ),
        (
            message_update(1, text="/start", chat=GROUP),
            Group("-1001234567890", language_hint="pt-br"),
        ),
        (
            {"update_id": 1, "edited_message": {
                "message_id": 5, "date": 1, "chat": GROUP, "text": "hola"}},
            Group("-1001234567890"),
        ),
        (
            {"update_id": 1, "callback_query": {
                "id": "1", "chat_instance": "1", "data": "menu", "from": private()["from"],
                "message": {"message_id": 1, "date": 0, "chat": GROUP}}},
            Group("-1001234567890", language_hint="pt-br"),
        ),
    ],
)  # fmt: skip
def test_whatever_comes_from_a_group_means_leaving(
    harness: TelegramHarness, update: dict[str, Any], group: Group
) -> None:
    """Being put into a group, and every word in one, says that it is to be left."""
    assert read(harness, update) == Received(groups=(group,))


async def test_a_group_is_left_with_one_sentence(harness: TelegramHarness) -> None:
    """The sentence names the bot, in the language of whoever put it there."""
    await harness.channel.leave(Group("-100", language_hint="es"))
    said, left = [c for c in harness.server.calls if c.method != "getMe"]
    assert (said.method, said.fields["chat_id"]) == ("sendMessage", "-100")
    assert "@orienta_bot" in said.fields["text"]
    assert (left.method, left.fields) == ("leaveChat", {"chat_id": "-100"})


async def test_a_broadcast_channel_is_left_without_a_word(harness: TelegramHarness) -> None:
    """A sentence there would go to all its readers."""
    await harness.channel.leave(Group("-100", silent=True))
    assert [c.method for c in harness.server.calls] == ["leaveChat"]


async def test_a_group_is_left_though_nothing_may_be_said(harness: TelegramHarness) -> None:
    """Without the right to write there, the bot leaves all the same."""
    harness.server.blocked.add(-100)
    await harness.channel.leave(Group("-100"))
    assert harness.server.calls[-1].method == "leaveChat"


async def test_a_lively_group_is_left_once(harness: TelegramHarness) -> None:
    """Ten messages that arrive before it is out bring one sentence."""
    await asyncio.gather(*(harness.channel.leave(Group("-100")) for _ in range(10)))
    methods = [c.method for c in harness.server.calls]
    assert (methods.count("sendMessage"), methods.count("leaveChat")) == (1, 1)


async def test_the_pressed_button_is_marked(harness: TelegramHarness) -> None:
    """The spinner stops, the button shows that it was chosen, and no message is sent."""
    inbound = pressed(harness, "Costo", buttons("Requisitos", "Costo", "Menú"))
    assert inbound.event == Chose("Costo")
    await harness.channel.acknowledge(inbound)
    answered, marked = harness.server.calls
    assert answered.method == "answerCallbackQuery"
    assert marked.method == "editMessageReplyMarkup"
    assert (marked.fields["chat_id"], marked.fields["message_id"]) == ("900000001", "6")
    rows = marked.fields["reply_markup"]["inline_keyboard"]
    assert [row[0]["text"] for row in rows] == ["Requisitos", "✅ Costo", "Menú"]
    assert [row[0]["callback_data"] for row in rows] == ["Requisitos", "Costo", "Menú"]


def test_the_mark_moves_with_the_next_choice(harness: TelegramHarness) -> None:
    """One option at most is marked; what is marked already is left as it is."""
    shown = buttons("✅ Requisitos", "Costo")
    inbound = pressed(harness, "Costo", shown)
    rows = json.loads(inbound.reply_to["keyboard"])["inline_keyboard"]
    assert [row[0]["text"] for row in rows] == ["Requisitos", "✅ Costo"]
    assert "keyboard" not in pressed(harness, "Requisitos", shown).reply_to


@pytest.mark.parametrize(
    "shown",
    [
        buttons("Otro"),
        [],
        [[{"text": "Costo", "callback_data": "Costo"}, {"text": "Abrir", "url": "https://x.pe"}]],
    ],
)
def test_a_strange_keyboard_is_left_alone(
    harness: TelegramHarness, shown: list[list[dict[str, str]]]
) -> None:
    """Only a keyboard of ours is written anew."""
    inbound = pressed(harness, "Costo", shown)
    assert inbound.event == Chose("Costo")
    assert inbound.reply_to == {"callback_query": "q8"}


async def test_a_choice_is_marked_though_its_query_is_old(harness: TelegramHarness) -> None:
    """After an outage the spinner has ended by itself; the mark comes all the same."""
    harness.server.fail(Fault.OLD)
    with pytest.raises(AlreadyDone):
        await harness.channel.acknowledge(pressed(harness, "a", buttons("a")))
    assert harness.server.calls[-1].method == "editMessageReplyMarkup"


@pytest.mark.parametrize(
    ("typed", "name"),
    [("/topics", "temas"), ("/ijans", "emergencia"), ("/effacer", "borrar"), ("/saqiy", "baja")],
)
def test_commands_in_every_language(harness: TelegramHarness, typed: str, name: str) -> None:
    """A command of the menu in any language is the one that the engine knows."""
    (inbound,) = read(harness, message_update(1, text=typed)).messages
    assert inbound.event == Commanded(name)


async def test_a_blocked_bot_is_told_on_sending(harness: TelegramHarness) -> None:
    """A 403 says that she is gone."""
    harness.server.blocked.add(int(harness.person))
    (payload,) = harness.channel.render(Reply("es", (Passage("a"),), (Choice("m", "Menú"),)))
    with pytest.raises(PersonGone):
        await harness.channel.send(harness.person, payload, outbox_id="1")
