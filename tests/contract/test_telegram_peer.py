"""Telegram against an emulator that others wrote: it does not share our misunderstandings.

What it cannot do is said in tests/fakes/telegram_peer.py; besides, it takes any chat as existing
and knows no faults, no descriptions and no groups: those are tested on our own stand-in.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.channel import (
    AccountBlocked,
    Received,
    RequestRefused,
    Search,
    Shareable,
    Unreachable,
    WebhookRequest,
)
from bot.messages import Choice, Chose, Commanded, Passage, Reply, Said
from bot.telegram.channel import TelegramChannel
from content.catalogue import LANGUAGES
from tests.fakes.telegram_peer import TelegramPeer
from tests.fakes.telegram_server import SECRET, TOKEN, private

PERSON = "900000001"


@dataclass
class Hook:
    """Our side of the webhook: answers with `status` and keeps what was received."""

    channel: TelegramChannel
    status: int = 200
    received: list[Received] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = await request.read()
        self.received.append(
            self.channel.receive(WebhookRequest("POST", dict(request.query), headers, body))
        )
        return web.Response(status=self.status)


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[TelegramPeer]:
    async with TelegramPeer(tmp_path / "journal.jsonl", 0).serving() as peer:
        yield peer
    assert peer.found == []


@pytest.fixture
async def channel(peer: TelegramPeer) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(TOKEN, SECRET, base_url=peer.base_url, poll_wait=0)
    yield channel
    await channel.aclose()


@pytest.fixture
async def hook(channel: TelegramChannel) -> AsyncIterator[tuple[Hook, str]]:
    hook = Hook(channel)
    app = web.Application()
    app.router.add_post("/hooks/telegram", hook.answer)
    server = TestServer(app, host="127.0.0.1")
    await server.start_server(access_log=None)
    yield hook, str(server.make_url("/hooks/telegram"))
    await server.close()


def text(words: str) -> dict[str, Any]:
    """Return a message with a text."""
    return {"message_id": 5, "date": 1_790_000_000, **private(), "text": words}


async def test_polling_acknowledges(peer: TelegramPeer, channel: TelegramChannel) -> None:
    """An update comes until it is confirmed, and then never again."""
    await peer.enqueue(message=text("/start salud"))
    (first,) = (await channel.poll()).messages
    (again,) = (await channel.poll()).messages
    assert first.message_id == again.message_id
    assert first.event == Commanded("start", "salud")
    await channel.confirm()
    assert await channel.poll() == Received()


async def test_webhook_is_delivered_again_after_our_failure(
    peer: TelegramPeer, channel: TelegramChannel, hook: tuple[Hook, str]
) -> None:
    """The secret proves the sender, and what we answered 500 comes again with the same id."""
    ours, address = hook
    await channel.install(address)
    ours.status = 500
    await peer.enqueue(message=text("¿Puedo ir al hospital?"))
    ours.status = 200
    await peer.deliver()
    first, again = (received.messages[0] for received in ours.received)
    assert first.event == Said("¿Puedo ir al hospital?")
    assert (first.message_id, first.person) == (again.message_id, PERSON)
    await peer.deliver()
    assert len(ours.received) == 2


async def test_webhook_and_polling_exclude_each_other(
    channel: TelegramChannel, hook: tuple[Hook, str]
) -> None:
    """While a webhook is set polling says so; after `uninstall` it works."""
    await channel.install(hook[1])
    with pytest.raises(AccountBlocked, match="webhook"):
        await channel.poll()
    await channel.uninstall()
    assert await channel.poll() == Received()


async def test_reply_with_buttons_is_accepted_and_comes_back(
    peer: TelegramPeer, channel: TelegramChannel
) -> None:
    """The keyboard passes the emulator's checks; a press on it is read and answered."""
    choices = (Choice("a:regularization/cpp", "Qué es el CPP"), Choice("m:menu", "Menú"))
    (payload,) = channel.render(Reply("es", (Passage("**Elija** uno:"),), choices))
    assert await channel.send(PERSON, payload, outbox_id="1")
    button = payload["reply_markup"]["inline_keyboard"][0][0]
    press = {"id": "4401", "chat_instance": "1", "data": button["callback_data"]}
    shown = payload["reply_markup"]
    message = {**text("Elija"), "message_id": 1, "reply_markup": shown}
    query = {**press, "from": private()["from"], "message": message}
    await peer.enqueue(callback_query=query)
    (inbound,) = (await channel.poll()).messages
    assert inbound.event == Chose("a:regularization/cpp")
    await channel.acknowledge(inbound)
    (marked,) = peer.made("editMessageReplyMarkup")
    assert marked["reply_markup"]["inline_keyboard"][0][0]["text"] == "✅ Qué es el CPP"
    assert peer.refused() == []


async def test_longest_text_is_accepted_and_a_longer_one_is_not(
    peer: TelegramPeer, channel: TelegramChannel
) -> None:
    """Rendered texts reach Telegram's limit in its own unit, and stay within it."""
    long = Reply("es", (Passage("🏥" * 3000),))
    payloads = channel.render(long)
    assert len(payloads) == 2
    for payload in payloads:
        assert await channel.send(PERSON, payload, outbox_id="1")
    with pytest.raises(RequestRefused):
        await channel.send(PERSON, {"text": "🏥" * 2049}, outbox_id="2")
    assert peer.found == ["sendMessage.text: 4098 characters, not 1-4096"]
    peer.found.clear()


async def test_a_search_is_answered(peer: TelegramPeer, channel: TelegramChannel) -> None:
    """The emulator knows the rules for inline results."""
    query = {"id": "9", "from": private()["from"], "query": "multa", "offset": ""}
    await peer.enqueue(inline_query=query)
    (search,) = (await channel.poll()).searches
    assert search == Search("9", "multa", "pt-br")
    answer = Reply("es", (Passage("**La multa**"), Passage("S/ 42 & más")))
    await channel.offer(search, (Shareable("work/a", "La multa", "S/ 42", answer),))
    (given,) = peer.made("answerInlineQuery")
    assert given["results"][0]["input_message_content"]["parse_mode"] == "HTML"
    assert peer.refused() == []


async def test_installation_as_far_as_the_emulator_goes(
    peer: TelegramPeer, channel: TelegramChannel
) -> None:
    """It takes commands in each language and the menu button; descriptions it does not know."""
    with pytest.raises(Unreachable):
        await channel.installation.set_profile()
    assert len(peer.made("setMyCommands")) == len(LANGUAGES)
    assert peer.made("setChatMenuButton") == [{"menu_button": {"type": "commands"}}]
    assert peer.refused() == ["getMyDescription"]
