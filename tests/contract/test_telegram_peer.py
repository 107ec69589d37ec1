"""Telegram against an emulator that others wrote: it does not share our misunderstandings.

Its gaps, handled here: it refuses `link_preview_options`, does not read the query of an address
(https://core.telegram.org/bots/api#making-requests does), takes any chat as existing and knows no
faults; those are tested on our own stand-in.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from lo_bot_api_emulator import LoBotApiEmulator
from telegram.request import HTTPXRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.channel import AccountBlocked, Received, RequestRefused, WebhookRequest
from bot.messages import Choice, Chose, Commanded, Passage, Reply, Said
from bot.telegram import TelegramChannel
from tests.fakes.telegram_server import SECRET, TOKEN, private

PERSON = "900000001"


class PeerRequest(HTTPXRequest):
    """Leaves out the field that the emulator refuses, and moves a query into the body."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, **options: Any
    ) -> tuple[int, bytes]:
        address, _, query = url.partition("?")
        fields = {
            **dict(parse_qsl(query)),
            **(request_data.json_parameters if request_data else {}),
        }
        fields.pop("link_preview_options", None)
        parameters = [RequestParameter(name, value, None) for name, value in fields.items()]
        return await super().do_request(address, method, RequestData(parameters), **options)


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
async def peer() -> LoBotApiEmulator:
    return LoBotApiEmulator(enable_control=True, allow_insecure_loopback_webhooks=True)


@pytest.fixture
async def channel(peer: LoBotApiEmulator) -> AsyncIterator[TelegramChannel]:
    server = TestServer(peer.app(), host="127.0.0.1")
    await server.start_server(access_log=None)
    channel = TelegramChannel(
        TOKEN,
        SECRET,
        base_url=str(server.make_url("/bot")),
        poll_wait=0,
        make_request=PeerRequest,
    )
    yield channel
    await channel.aclose()
    await server.close()


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
    """Return an update with a text, without the number that the emulator gives it."""
    return {"message": {"message_id": 5, "date": 1_790_000_000, **private(), "text": words}}


async def test_polling_acknowledges(peer: LoBotApiEmulator, channel: TelegramChannel) -> None:
    """An update comes until it is confirmed, and then never again."""
    await peer.enqueue_update(text("/start salud"), token=TOKEN)
    (first,) = await channel.poll()
    (again,) = await channel.poll()
    assert first.message_id == again.message_id
    assert first.event == Commanded("start", "salud")
    await channel.confirm()
    assert await channel.poll() == ()


async def test_webhook_is_delivered_again_after_our_failure(
    peer: LoBotApiEmulator, channel: TelegramChannel, hook: tuple[Hook, str]
) -> None:
    """The secret proves the sender, and what we answered 500 comes again with the same id."""
    ours, address = hook
    await channel.install(address)
    ours.status = 500
    await peer.enqueue_update(text("¿Puedo ir al hospital?"), token=TOKEN)
    ours.status = 200
    await peer.deliver_updates(token=TOKEN)
    first, again = (received.messages[0] for received in ours.received)
    assert first.event == Said("¿Puedo ir al hospital?")
    assert (first.message_id, first.person) == (again.message_id, PERSON)
    await peer.deliver_updates(token=TOKEN)
    assert len(ours.received) == 2


async def test_webhook_and_polling_exclude_each_other(
    channel: TelegramChannel, hook: tuple[Hook, str]
) -> None:
    """While a webhook is set polling says so; after `uninstall` it works."""
    await channel.install(hook[1])
    with pytest.raises(AccountBlocked, match="webhook"):
        await channel.poll()
    await channel.uninstall()
    assert await channel.poll() == ()


async def test_reply_with_buttons_is_accepted_and_comes_back(
    peer: LoBotApiEmulator, channel: TelegramChannel
) -> None:
    """The keyboard passes the emulator's checks; a press on it is read and answered."""
    choices = (Choice("a:regularization/cpp", "Qué es el CPP"), Choice("m:menu", "Menú"))
    (payload,) = channel.render(Reply("es", (Passage("**Elija** uno:"),), choices))
    assert await channel.send(PERSON, payload, outbox_id="1")
    button = payload["reply_markup"]["inline_keyboard"][0][0]
    press = {"id": "4401", "chat_instance": "1", "data": button["callback_data"]}
    message = {"message_id": 1, "date": 0, "chat": private()["chat"]}
    query = {**press, "from": private()["from"], "message": message}
    await peer.enqueue_update({"callback_query": query}, token=TOKEN)
    (inbound,) = await channel.poll()
    assert inbound.event == Chose("a:regularization/cpp")
    await channel.acknowledge(inbound)


async def test_longest_text_is_accepted_and_a_longer_one_is_not(channel: TelegramChannel) -> None:
    """Rendered texts reach Telegram's limit in its own unit, and stay within it."""
    long = Reply("es", (Passage("🏥" * 3000),))
    payloads = channel.render(long)
    assert len(payloads) == 2
    for payload in payloads:
        assert await channel.send(PERSON, payload, outbox_id="1")
    with pytest.raises(RequestRefused):
        await channel.send(PERSON, {"text": "🏥" * 2049}, outbox_id="2")
