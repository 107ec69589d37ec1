"""The load bench: its webhooks are genuine, and it counts what is lost, doubled and refused."""

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bench import crowd as crowd_
from bench.crowd import Crowd, Tally
from bench.figures import Report, Side, ratios, stage, table
from bench.platforms import Platforms
from bench.webhooks import NUMBER_ID, Secrets, telegram, whatsapp
from bot.channel import BadSignature, WebhookRequest
from bot.messages import Said
from bot.telegram.channel import TelegramChannel
from bot.whatsapp.channel import WhatsAppChannel
from nlu.bench_load import Memory

KNOWN = Secrets()


class Assistant:
    """Answers at once, in the background as the real one; or not at all, or twice."""

    def __init__(self, stand_ins: str, times: int) -> None:
        self._stand_ins = stand_ins
        self._times = times
        self._seen: set[bytes] = set()
        self._work: set[asyncio.Task[None]] = set()
        self.telegram = TelegramChannel("1:x", KNOWN.telegram, base_url=f"{stand_ins}/bot")
        self.app = web.Application()
        self.app.router.add_post("/hooks/telegram", self._hook)
        self.app.on_cleanup.append(self._close)

    async def _hook(self, request: web.Request) -> web.Response:
        body = await request.read()
        if body not in self._seen:
            self._seen.add(body)
            headers = {name.lower(): value for name, value in request.headers.items()}
            found = self.telegram.receive(WebhookRequest("POST", {}, headers, body))
            for _ in range(self._times):
                task = asyncio.create_task(self._answer(found.messages[0].person))
                self._work.add(task)
                task.add_done_callback(self._work.discard)
        return web.Response()

    async def _answer(self, person: str) -> None:
        await self.telegram.send(person, {"text": "¡hola!"}, outbox_id="1")

    async def _close(self, _: web.Application) -> None:
        await asyncio.gather(*self._work, return_exceptions=True)
        await self.telegram.aclose()


@asynccontextmanager
async def crowded(times: int) -> AsyncIterator[Crowd]:
    """A crowd on Telegram around an assistant that answers so many times."""
    async with TestServer(Platforms(refused=0).app(), host="127.0.0.1") as stand_ins:
        root = str(stand_ins.make_url("")).rstrip("/")
        async with (
            TestServer(Assistant(root, times).app, host="127.0.0.1") as server,
            aiohttp.ClientSession() as session,
        ):
            url, ready = str(server.make_url("")).rstrip("/"), asyncio.Event()
            crowd = Crowd(
                session, url, KNOWN, ["a", "b", "c"], makers=crowd_.MAKERS[:1], patience=0.5
            )
            listening = asyncio.create_task(crowd.listen(f"{root}/arrivals", ready))
            await ready.wait()
            yield crowd
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def test_answers_are_counted_and_timed() -> None:
    """Each question has its answer; a repeated delivery is none."""
    async with crowded(1) as crowd:
        tally = await crowd.closed(12, 4)
        assert (len(tally.answered), tally.lost, tally.messages, crowd.doubled) == (12, 0, 12, 0)
        assert tally.bytes == 12 * len("¡hola!".encode())
        assert len(tally.acknowledged) >= 12
        assert all(0 < seconds < 5 for seconds in tally.answered)


async def test_silence_is_a_loss_and_a_second_answer_is_seen() -> None:
    """What was not answered counts as lost, what came twice as two messages."""
    async with crowded(0) as crowd:
        assert (await crowd.closed(2, 2)).lost == 2
    async with crowded(2) as crowd:
        await crowd.closed(3, 1)
        async with asyncio.timeout(10):
            while crowd.doubled < 3:  # noqa: ASYNC110 - the second answers are on their way
                await asyncio.sleep(0.05)


async def test_questions_that_come_by_chance() -> None:
    """They come at the rate that was asked for, whether others were answered or not."""
    async with crowded(1) as crowd:
        tally = await crowd.open(20, 1.0)
        assert 5 < len(tally.answered) < 21


def test_the_webhooks_are_those_of_the_platforms() -> None:
    """Our own channels take them, and refuse them with another secret."""
    one = telegram("900000001", 7, "hola", KNOWN)
    two = whatsapp("51900000001", 8, "hola", KNOWN)
    for channel, webhook in (
        (TelegramChannel("1:x", KNOWN.telegram), one),
        (WhatsAppChannel(NUMBER_ID, "x", KNOWN.whatsapp, "x"), two),
    ):
        headers = {name.lower(): value for name, value in webhook.headers.items()}
        (message,) = channel.receive(WebhookRequest("POST", {}, headers, webhook.body)).messages
        assert message.event == Said("hola")
        with pytest.raises(BadSignature):
            channel.receive(WebhookRequest("POST", {}, headers | _others(), webhook.body + b" "))


def _others() -> dict[str, str]:
    return {"x-telegram-bot-api-secret-token": Secrets().telegram}


def test_no_question_is_asked_twice_in_the_same_words() -> None:
    """The cache of readings answers nothing."""
    texts = list(itertools.islice(crowd_.never_the_same(["a", "b"]), 14))
    assert len(set(texts)) == 14


def test_the_table_and_the_ratios() -> None:
    """Ours is compared with stock stage by stage; what stock has not, is not compared."""
    fast = Tally([0.01], [0.1] * 30, lost=1, messages=33, bytes=3000, refused=2, seconds=1.0)
    slow = Tally([], [0.5] * 5, messages=5, bytes=500, seconds=1.0)
    sides = (
        Side("ours", 3, (stage("16 at once", fast, {"bot": 0.3}), stage("half", fast, {})),
             {"bot": Memory(200, 150)}, doubled=0, unsent=1),
        Side("stock", 9, (stage("16 at once", slow, {"rasa": 1.0}),), {"rasa": Memory(900, 800)}),
    )  # fmt: skip
    report = Report(2, 0.5, sides)
    assert ratios(report) == {"ours, 16 at once": 6}
    assert report.as_json()["ratios"] == ratios(report)
    shown = table(report)
    for words in ("6 times stock", "RSS 900", "bot 10", "doubled 0, left unsent 1", "1.1"):
        assert words in shown
    one = sides[0].stages[0]
    assert (one.asked, one.lost, one.p95, one.acknowledged_p95, one.bytes) == (31, 1, 100, 10, 100)
