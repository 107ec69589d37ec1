"""The HTTP server with the real adapters: bodies come in, replies reach the platforms."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from io import BytesIO
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select, text

from bot.channel import Channel
from bot.database import open_engine
from bot.intake import Intake
from bot.keys import Keys
from bot.outbox import Outbox
from bot.policy import Policy
from bot.pump import Pump
from bot.store import Store, StoreUnavailable
from bot.tables import Base, InboxRow
from bot.telegram.channel import TelegramChannel
from bot.turns import Turns, utc_now
from bot.web import LARGEST_BODY, Hooks, health, metrics_app
from bot.whatsapp.channel import WhatsAppChannel
from content.migrate import upgrade
from nlu.understanding import LanguageGuess
from tests.fakes.bot import ScriptedReader
from tests.fakes.catalogue import catalogue
from tests.fakes.telegram_server import SECRET, TOKEN, FakeTelegram, callback_update, message_update
from tests.fakes.whatsapp_server import (
    ACCESS_TOKEN,
    APP_SECRET,
    PHONE_NUMBER_ID,
    VERIFY_TOKEN,
    FakeWhatsApp,
    as_bytes,
    message,
    signature,
    webhook,
)

KEYS = Keys("a key for tests that is long enough to be taken")
TELEGRAM = {"X-Telegram-Bot-Api-Secret-Token": SECRET}


def said(number: str, text: str) -> dict[str, object]:
    """Return a WhatsApp message of this moment."""
    return message(number, "text", {"body": text}, timestamp=str(int(time.time())))


class Danger:
    """Finds danger where somebody is beaten; answers in Spanish."""

    def detect(self, text: str) -> str | None:
        return "partner-family-violence" if "pega" in text else None

    def identify(self, text: str, prior: str | None) -> LanguageGuess:
        return LanguageGuess("es", 1.0)


class Running:
    """The assistant without the NLU service: platforms, hooks, queues, a database."""

    def __init__(self, stack: AsyncExitStack, url: str) -> None:
        self._stack = stack
        self._engine = open_engine(url)
        self.store = Store(self._engine, KEYS, utc_now)
        self.reader = ScriptedReader()
        self.ready = True

    async def start(self) -> "Running":
        await upgrade(self._engine, Base.metadata)
        self._stack.push_async_callback(self._engine.dispose)
        self.telegram = await self._stack.enter_async_context(FakeTelegram())
        self.whatsapp = await self._stack.enter_async_context(FakeWhatsApp())
        channels: dict[str, Channel] = {
            "telegram": TelegramChannel(TOKEN, SECRET, base_url=self.telegram.base_url),
            "whatsapp": WhatsAppChannel(
                PHONE_NUMBER_ID, ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN,
                base_url=self.whatsapp.base_url,
            ),
        }  # fmt: skip
        for channel in channels.values():
            self._stack.push_async_callback(channel.aclose)
        outbox = Outbox(self.store, self.store, channels, utc_now)
        sending = Pump("outbox", outbox.claim, outbox.handle, idle=0.05)
        turns = Turns(
            self.store,
            lambda: self.reader,
            catalogue,
            lambda _: Policy(),
            channels,
            utc_now,
            sending.wake,
        )
        taking = Pump("inbox", turns.claim, turns.handle, idle=0.05)
        danger = Danger()
        intake = Intake(self.store, lambda: danger, lambda: danger, catalogue, utc_now, taking.wake)
        app = web.Application(client_max_size=LARGEST_BODY)
        Hooks(intake, channels).add_to(app)
        app.add_routes(health(self._ready))
        app.add_subapp("/metrics", metrics_app("metrics-token"))
        self.http = await self._stack.enter_async_context(TestClient(TestServer(app)))
        for pump in (taking, sending):
            task = asyncio.create_task(pump.run())
            self._stack.push_async_callback(_end, task)
        return self

    async def _ready(self) -> dict[str, bool]:
        return {"database": self.ready}

    async def lose_database(self) -> None:
        """Make every later use of the inbox fail in the database itself."""
        async with self._engine.begin() as connection:
            await connection.execute(text("DROP TABLE inbox"))

    async def stored(self) -> int:
        async with self.store.session() as session:
            return int(await session.scalar(select(func.count()).select_from(InboxRow)) or 0)

    async def post_whatsapp(self, *messages: dict[str, object], secret: str = APP_SECRET) -> int:
        body = as_bytes(webhook({"messages": list(messages)}))
        headers = {"X-Hub-Signature-256": signature(body, secret)}
        response = await self.http.post("/hooks/whatsapp", data=body, headers=headers)
        return response.status


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def running(database_url: str) -> AsyncIterator[Running]:
    async with AsyncExitStack() as stack:
        yield await Running(stack, database_url).start()


async def until(condition: object, *, seconds: float = 10) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.01)


async def test_a_telegram_message_is_answered(running: Running) -> None:
    """A genuine update gets 200 and then the approved answer reaches the platform."""
    update = message_update(1, text="health/pregnancy")
    assert (await running.http.post("/hooks/telegram", json=update, headers=TELEGRAM)).status == 200
    await until(running.telegram.sent)
    (sent,) = running.telegram.sent()
    assert "pregnancy answer es." in sent["text"]
    assert "Fuente: Ley 1, art. 2. Fecha de la fuente: 21/12/2025." in sent["text"]


async def test_a_whatsapp_message_is_answered_once_however_often_it_comes(running: Running) -> None:
    """Three deliveries of one message give one stored row and one answer."""
    one = said("wamid.1", "health/pregnancy")
    for _ in range(3):
        assert await running.post_whatsapp(one) == 200
    await until(running.whatsapp.sent)
    assert await running.stored() == 1
    other = said("wamid.2", "thanks")
    assert await running.post_whatsapp(other) == 200
    await until(lambda: len(running.whatsapp.sent()) == 2)
    bodies = [json.dumps(b, ensure_ascii=False) for b in running.whatsapp.sent()]
    assert "pregnancy answer es." in bodies[0]
    assert "De nada" in bodies[1]


async def test_a_button_is_answered_and_its_spinner_stopped(running: Running) -> None:
    """A pressed button gets its answer in the phone's language, and the spinner ends."""
    update = callback_update(5, "s:cost:health/pregnancy")
    assert (await running.http.post("/hooks/telegram", json=update, headers=TELEGRAM)).status == 200
    await until(running.telegram.sent)
    assert "pregnancy cost pt." in running.telegram.sent()[0]["text"]
    await until(lambda: any(c.method == "answerCallbackQuery" for c in running.telegram.calls))


async def test_forged_requests_store_nothing(running: Running) -> None:
    """Without the right signature or secret nobody gets in and nothing is stored."""
    one = said("wamid.1", "hola")
    assert await running.post_whatsapp(one, secret="another") == 403
    body = as_bytes(webhook({"messages": [one]}))
    assert (await running.http.post("/hooks/whatsapp", data=body)).status == 403
    update = message_update(1, text="hola")
    for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "wrong"}):
        response = await running.http.post("/hooks/telegram", json=update, headers=headers)
        assert response.status == 403
    assert await running.stored() == 0


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"null", b"{}" * 9])
async def test_a_broken_body_is_refused(running: Running, body: bytes) -> None:
    """What is no JSON object gets 400, even when it is signed."""
    headers = {"X-Hub-Signature-256": signature(body)}
    response = await running.http.post("/hooks/whatsapp", data=body, headers=headers)
    assert response.status == 400
    response = await running.http.post("/hooks/telegram", data=body, headers=TELEGRAM)
    assert response.status == 400
    assert await running.stored() == 0


async def test_a_body_over_a_mebibyte_is_refused(running: Running) -> None:
    """A body that is too large gets 413 and is not read on."""
    body = b" " * (LARGEST_BODY + 1)
    headers = {"X-Hub-Signature-256": signature(body)}
    response = await running.http.post("/hooks/whatsapp", data=BytesIO(body), headers=headers)
    assert response.status == 413
    assert await running.stored() == 0


async def test_an_unknown_webhook_is_not_found(running: Running) -> None:
    """Only configured channels have a webhook."""
    assert (await running.http.post("/hooks/signal", json={})).status == 404
    assert (await running.http.get("/hooks/telegram")).status == 405


async def test_whatsapp_verifies_the_address(running: Running) -> None:
    """The challenge comes back for the right token alone."""
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444"}
    good = {**query, "hub.verify_token": VERIFY_TOKEN}
    response = await running.http.get("/hooks/whatsapp", params=good)
    assert (response.status, await response.text()) == (200, "1158201444")
    bad = {**query, "hub.verify_token": "wrong"}
    assert (await running.http.get("/hooks/whatsapp", params=bad)).status == 403


@pytest.mark.parametrize(
    "text",
    [
        "a" * 20_000,
        "\x00\x01hola\x07",
        "😀😀😀",
        "مرحبا كيف حالك",
        "\u202eabc",
        "\ud83d\ude00",
        "?" * 99,
    ],
)
async def test_every_text_gets_an_answer(running: Running, text: str) -> None:
    """Long, strange and empty-looking texts are answered on both platforms."""
    assert await running.post_whatsapp(said("wamid.1", text)) == 200
    update = message_update(1, text=text)
    assert (await running.http.post("/hooks/telegram", json=update, headers=TELEGRAM)).status == 200
    await until(lambda: running.whatsapp.sent() and running.telegram.sent())


async def test_without_a_database_the_platform_is_asked_to_come_again(
    running: Running,
) -> None:
    """With the database gone the webhook gets 503, so that nothing is lost."""
    await running.lose_database()
    assert await running.post_whatsapp(said("wamid.1", "hola")) == 503
    assert running.whatsapp.sent() == []


async def test_danger_is_answered_even_without_a_database(running: Running) -> None:
    """The emergency card goes out although nothing can be stored."""
    await running.lose_database()
    assert await running.post_whatsapp(said("wamid.1", "me pega")) == 503
    await until(running.whatsapp.sent)
    assert "100" in json.dumps(running.whatsapp.sent()[0])


async def test_health_readiness_and_metrics(running: Running) -> None:
    """Health needs no secret, metrics do, and no person appears in them."""
    assert (await running.http.get("/healthz")).status == 200
    assert (await running.http.get("/readyz")).status == 200
    running.ready = False
    assert (await running.http.get("/readyz")).status == 503
    assert (await running.http.get("/metrics")).status == 401
    await running.post_whatsapp(said("wamid.1", "hola"))
    given = {"Authorization": "Bearer metrics-token"}
    shown = await (await running.http.get("/metrics", headers=given)).text()
    assert 'orienta_messages_received_total{channel="whatsapp"}' in shown
    assert "51000000001" not in shown


async def test_two_processes_may_open_one_new_sqlite_file(tmp_path: Path) -> None:
    """A second process that starts at the same moment waits for the first."""
    url = f"sqlite+aiosqlite:///{tmp_path / 'new.db'}"
    engines = [open_engine(url) for _ in range(2)]
    await asyncio.gather(*(upgrade(e, Base.metadata) for e in engines))
    for engine in engines:
        store = Store(engine, KEYS, utc_now)
        try:
            async with store.session() as session:
                assert await session.scalar(select(func.count()).select_from(InboxRow)) == 0
        except StoreUnavailable as error:  # pragma: no cover - the failure this test is about
            pytest.fail(str(error))
        await engine.dispose()
