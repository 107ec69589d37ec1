"""Turns that are taken at the same time, on both databases, and what a person sees meanwhile."""

import asyncio
from dataclasses import replace

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.messages import Inbound
from bot.scene import Turn
from bot.tables import ConversationRow, InboxRow, OutboxRow
from bot.transaction import TurnTransaction
from nlu.understanding import Understanding
from tests.fakes.bench import Bench
from tests.fakes.bot import RecordingChannel, ScriptedReader


class TypingChannel(RecordingChannel):
    """A channel that shows typing."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = asyncio.Event()

    async def show_typing(self, inbound: Inbound) -> None:
        """Remember that it was shown."""
        self.shown.set()


class SlowReader(ScriptedReader):
    """Reads nothing before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self._asked: asyncio.Queue[str] = asyncio.Queue()

    async def read(self, text: str, prior: str | None) -> Understanding:
        """Wait, then read."""
        self._asked.put_nowait(text)
        await self.gate.wait()
        return await super().read(text, prior)

    async def wait_for(self, texts: int) -> None:
        """Wait until so many texts are to be read."""
        for _ in range(texts):
            await self._asked.get()


async def test_turns_of_a_moment_share_a_transaction(engine: AsyncEngine) -> None:
    """Eight persons' questions are read at once: one commit, and each has state and answer."""
    bench = Bench(engine)
    for number in range(8):
        await bench.says(person=f"p{number}")
    bench.reader = reader = SlowReader()
    items = await bench.turns.claim(frozenset(), 10)
    taking = [asyncio.create_task(bench.turns.take(item)) for item in items]
    async with asyncio.timeout(5):
        await reader.wait_for(8)
    commits: list[object] = []
    event.listen(engine.sync_engine, "commit", commits.append)
    reader.gate.set()
    turns = await asyncio.gather(*taking)
    assert len(commits) == 1
    assert all(turn is not None for turn in turns)
    assert await bench.count(ConversationRow) == 8
    assert await bench.count(InboxRow, InboxRow.status == "done", InboxRow.body.is_(None)) == 8
    await bench.send()
    assert {person for person, _ in bench.channel.sent} == {f"p{n}" for n in range(8)}


async def test_a_turn_that_fails_harms_no_other(engine: AsyncEngine) -> None:
    """What it raises is told to its caller alone, and its message stays open."""
    bench = Bench(engine)
    await bench.says(person="good")
    await bench.says(person="bad")
    good, bad = await bench.turns.claim(frozenset(), 10)

    async def fail(_: TurnTransaction) -> None:
        raise ZeroDivisionError

    answered, failed = await asyncio.gather(
        bench.turns.take(good), bench.store.turn(bad, bench.clock(), fail), return_exceptions=True
    )
    assert isinstance(answered, Turn)
    assert isinstance(failed, ZeroDivisionError)
    assert await bench.count(InboxRow, InboxRow.status == "open") == 1
    assert await bench.count(ConversationRow) == 1


async def test_one_message_twice_at_the_same_time_is_answered_once(engine: AsyncEngine) -> None:
    """Also where both turns are in one transaction."""
    bench = Bench(engine)
    await bench.says()
    (item,) = await bench.turns.claim(frozenset(), 10)
    turns = await asyncio.gather(bench.turns.take(item), bench.turns.take(item))
    assert sorted(turn is None for turn in turns) == [False, True]
    assert await bench.count(OutboxRow, OutboxRow.kind == "reply") == 1


async def test_typing_is_shown_only_to_whom_waits(engine: AsyncEngine) -> None:
    """An answer that is there soon costs no call for it; one that is late does."""
    channel = TypingChannel()
    bench = Bench(engine, channel)
    assert await bench.hears()
    assert not channel.shown.is_set()
    slow = SlowReader()
    turns = replace(bench.turns, reader=lambda: slow, typing_after=0.001)
    await bench.says()
    (item,) = await turns.claim(frozenset(), 10)
    handling = asyncio.create_task(turns.handle(item))
    await asyncio.wait_for(channel.shown.wait(), 5)
    slow.gate.set()
    await handling
    assert await bench.count(InboxRow, InboxRow.status == "open") == 0
