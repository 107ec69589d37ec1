"""Inbox, turns and outbox on both databases: nothing lost, nothing doubled, everything in order."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channel import (
    AccountBlocked,
    AlreadyDone,
    ChannelError,
    PersonGone,
    RateLimited,
    RequestRefused,
    Unreachable,
    WindowClosed,
)
from bot.database import ONLY_READS, open_engine
from bot.keys import Keys
from bot.messages import Chose
from bot.outbox import Outbox
from bot.policy import Policy
from bot.pump import Pump
from bot.store import LEASE, Store, StoreUnavailable
from bot.tables import Base, ConversationRow, FeedbackRow, InboxRow, MissRow, OutboxRow
from bot.turns import MOST_ATTEMPTS, Turns
from content.migrate import upgrade
from tests.fakes.bot import Clock, RecordingChannel, ScriptedReader, inbound
from tests.fakes.catalogue import catalogue

KEYS = Keys("a key for tests that is long enough to be taken")
CATALOGUE = catalogue()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine as the program opens it, on a migrated database."""
    engine = open_engine(database_url)
    await upgrade(engine, Base.metadata)
    yield engine
    await engine.dispose()


class Bench:
    """Store, turns and outbox around one recording channel and a clock that stands still."""

    def __init__(self, engine: AsyncEngine, channel: RecordingChannel | None = None) -> None:
        self.engine = engine
        self.clock = Clock()
        self.channel = channel or RecordingChannel()
        self.reader = ScriptedReader()
        self.store = Store(engine, KEYS, self.clock)
        channels = {self.channel.name: self.channel}
        self.turns = Turns(
            self.store, lambda: self.reader, lambda: CATALOGUE, lambda _: Policy(), channels,
            self.clock, lambda: None,
        )  # fmt: skip
        self.outbox = Outbox(self.store, self.store, channels, self.clock)

    async def take_turns(self) -> None:
        while items := await self.turns.claim(frozenset(), 10):
            for item in items:
                await self.turns.handle(item)

    async def send(self) -> None:
        while items := await self.outbox.claim(frozenset(), 10):
            for item in items:
                await self.outbox.handle(item)

    async def settle(self) -> None:
        await self.take_turns()
        await self.send()

    async def count(self, table: type[Base], *where: object) -> int:
        async with self.store.session() as session:
            query = select(func.count()).select_from(table)
            return int(await session.scalar(query.where(*where)) or 0)  # type: ignore[arg-type]

    def said(self) -> list[str]:
        return [words for _, words in self.channel.sent]


async def test_a_duplicate_is_answered_once(db: AsyncEngine) -> None:
    """The same message id, however often it comes and at whatever time, gives one answer."""
    bench = Bench(db)
    assert await bench.store.accept([inbound(1), inbound(1)], bench.clock()) == 1
    await bench.settle()
    once = bench.said()
    assert await bench.store.accept([inbound(1)], bench.clock()) == 0
    await bench.settle()
    assert bench.said() == once != []


async def test_messages_of_one_person_stay_in_order(db: AsyncEngine) -> None:
    """While a message is being worked on, the next of the same person waits; others do not."""
    bench = Bench(db)
    messages = [inbound(1), inbound(2), inbound(3, person="other")]
    await bench.store.accept(messages, bench.clock())
    first = await bench.turns.claim(frozenset(), 10)
    assert [i.inbound.message_id for i in first] == ["m1", "m3"]
    assert await bench.turns.claim(frozenset(), 10) == []
    for item in first:
        await bench.turns.handle(item)
    assert [i.inbound.message_id for i in await bench.turns.claim(frozenset(), 10)] == ["m2"]


async def test_a_process_that_died_loses_nothing(db: AsyncEngine) -> None:
    """Work that was claimed and never finished is taken up again when its lease ends."""
    bench = Bench(db)
    await bench.store.accept([inbound(1, "health/pregnancy")], bench.clock())
    assert len(await bench.turns.claim(frozenset(), 10)) == 1  # and then the process dies
    await bench.settle()
    assert bench.said() == []
    bench.clock.move(seconds=LEASE.total_seconds() + 1)
    await bench.take_turns()
    assert len(await bench.outbox.claim(frozenset(), 10)) == 1  # and dies again before sending
    await bench.send()
    assert bench.said() == []
    bench.clock.move(seconds=LEASE.total_seconds() + 1)
    await bench.send()
    assert "pregnancy answer es." in bench.said()


async def test_a_turn_is_taken_once_by_two_processes(db: AsyncEngine) -> None:
    """Two processes that hold the same message, after a lease ended, store one set of replies."""
    bench = Bench(db)
    await bench.store.accept([inbound(1)], bench.clock())
    (slow,) = await bench.turns.claim(frozenset(), 10)
    bench.clock.move(seconds=LEASE.total_seconds() + 1)
    (quick,) = await bench.turns.claim(frozenset(), 10)
    assert await bench.turns.take(quick) is not None
    assert await bench.turns.take(slow) is None
    assert await bench.count(OutboxRow, OutboxRow.kind == "reply") == 1


async def test_two_processes_never_claim_the_same_row(db: AsyncEngine) -> None:
    """Claims made at the same moment share the rows among them."""
    bench = Bench(db)
    messages = [inbound(n, person=f"p{n}") for n in range(40)]
    await bench.store.accept(messages, bench.clock())
    claims = await asyncio.gather(*(bench.turns.claim(frozenset(), 10) for _ in range(6)))
    taken = [item.id for items in claims for item in items]
    assert len(taken) == len(set(taken))
    rest = await bench.turns.claim(frozenset(), 40)
    assert len(taken) + len(rest) == 40


async def test_a_crash_between_payloads_repeats_none_that_was_counted(db: AsyncEngine) -> None:
    """A reply of several payloads goes on where it stopped."""
    bench = Bench(db)
    await bench.store.accept([inbound(1, "health/pregnancy")], bench.clock())
    await bench.take_turns()
    bench.channel.failures = [Unreachable("down")]
    (item,) = await bench.outbox.claim(frozenset(), 10)
    await bench.store.progress_outbox(item.id, 2, bench.clock() - LEASE)
    bench.clock.move(minutes=2)
    await bench.send()
    bench.clock.move(minutes=2)
    await bench.send()
    said = bench.said()
    assert "pregnancy answer es." not in said
    assert any("Fuente" in words for words in said)


@pytest.mark.parametrize(
    ("error", "waits"),
    [
        (RateLimited("slow down", retry_after=77), 77),
        (Unreachable("no network"), 1),
        (AccountBlocked("token"), 60),
    ],
)
async def test_a_passing_failure_is_tried_again(
    db: AsyncEngine, error: ChannelError, waits: float
) -> None:
    """The reply waits as long as the platform asks, then goes out once."""
    bench = Bench(db, RecordingChannel(failures=[error]))
    await bench.store.accept([inbound(1)], bench.clock())
    await bench.settle()
    assert bench.said() == []
    bench.clock.move(seconds=waits - 1)
    await bench.send()
    assert bench.said() == []
    bench.clock.move(seconds=1)
    await bench.send()
    assert len([w for w in bench.said() if "De nada" in w]) == 1


@pytest.mark.parametrize("error", [RequestRefused("bug"), WindowClosed("24 h", code="131047")])
async def test_a_final_failure_is_kept_for_the_staff(db: AsyncEngine, error: ChannelError) -> None:
    """What will never go out is closed with its code, and its text stays to be sent again."""
    bench = Bench(db, RecordingChannel(failures=[error]))
    await bench.store.accept([inbound(1)], bench.clock())
    await bench.settle()
    bench.clock.move(days=1)
    await bench.send()
    assert bench.said() == []
    async with bench.store.session() as session:
        row = (await session.scalars(select(OutboxRow))).one()
        assert (row.status, row.error) == ("dead", error.code or type(error).__name__)
        assert row.body is not None


async def test_nothing_is_left_to_do_counts_as_sent(db: AsyncEngine) -> None:
    """A platform that says 'done already' closes the row."""
    bench = Bench(db, RecordingChannel(failures=[AlreadyDone("same")]))
    await bench.store.accept([inbound(1)], bench.clock())
    await bench.settle()
    assert await bench.count(OutboxRow, OutboxRow.status == "open") == 0


async def test_a_person_who_left_gets_nothing_until_she_writes_again(db: AsyncEngine) -> None:
    """After a block nothing more is tried; her next message opens the way."""
    bench = Bench(db, RecordingChannel(failures=[PersonGone("blocked")]))
    await bench.store.accept([inbound(1), inbound(2)], bench.clock())
    await bench.take_turns()
    await bench.send()
    assert bench.said() == []
    assert await bench.count(ConversationRow, ConversationRow.gone.is_(True)) == 1
    await bench.store.accept([inbound(3)], bench.clock())
    await bench.settle()
    assert len(bench.said()) > 0


async def test_no_text_lies_readable_in_the_database(db: AsyncEngine) -> None:
    """Messages and addresses are sealed while they wait, and emptied once they are done."""
    bench = Bench(db)
    await bench.store.accept([inbound(1, "thanks secretword", person="51987654321")], bench.clock())

    async def dump() -> str:
        async with bench.store.session() as session:
            tables = (InboxRow, OutboxRow, ConversationRow, MissRow)
            rows = [(await session.execute(select(t.__table__))).all() for t in tables]
            return repr(rows)

    assert "secretword" not in await dump()
    assert "51987654321" not in await dump()
    await bench.settle()
    assert "51987654321" not in await dump()
    assert await bench.count(InboxRow, InboxRow.body.is_not(None)) == 0
    assert await bench.count(OutboxRow, OutboxRow.body.is_not(None)) == 0


async def test_forgetting_erases_everything(db: AsyncEngine) -> None:
    """After she confirms, nothing of her is left but an emptied hash against repeats."""
    bench = Bench(db)
    confirm = inbound(2, event=Chose("forget:yes"))
    await bench.store.accept([inbound(1), confirm], bench.clock())
    await bench.settle()
    await bench.settle()
    assert any("borré todo" in words for words in bench.said())
    assert await bench.count(ConversationRow) == 0
    assert await bench.count(OutboxRow) == 0
    assert await bench.count(InboxRow, InboxRow.conversation != "") == 0
    assert await bench.store.accept([confirm], bench.clock()) == 0


async def test_misses_and_feedback_are_kept_without_whose_they_are(db: AsyncEngine) -> None:
    """A question is kept scrubbed with its channel, an opinion with its article."""
    bench = Bench(db)
    unknown = inbound(1, "mi numero es 987654321 y no se nada")
    liked = inbound(2, event=Chose("fb+:health/pregnancy"))
    await bench.store.accept([unknown, liked], bench.clock())
    await bench.settle()
    await bench.settle()
    async with bench.store.session() as session:
        miss = (await session.scalars(select(MissRow))).one()
        assert (miss.question, miss.channel) == ("mi numero es … y no se nada", "telegram")
        opinion = (await session.scalars(select(FeedbackRow))).one()
        assert (opinion.article, opinion.helped) == ("health/pregnancy", True)


async def test_purging_ends_what_is_old(db: AsyncEngine) -> None:
    """Conversations, messages and questions past the retention are deleted."""
    bench = Bench(db)
    await bench.store.accept([inbound(1, "unheard of")], bench.clock())
    await bench.settle()
    assert await bench.store.purge(bench.clock() - timedelta(days=30)) == 0
    bench.clock.move(days=31)
    assert await bench.store.purge(bench.clock() - timedelta(days=30)) >= 4
    for table in (ConversationRow, InboxRow, OutboxRow, MissRow):
        assert await bench.count(table) == 0


async def test_a_turn_that_keeps_failing_ends_with_an_apology(db: AsyncEngine) -> None:
    """Nobody is met with silence: after five attempts she is told, with persons to ask."""
    bench = Bench(db)
    bench.reader.failures = [RuntimeError("bug")] * MOST_ATTEMPTS
    await bench.store.accept([inbound(1)], bench.clock())
    for _ in range(MOST_ATTEMPTS):
        await bench.settle()
        bench.clock.move(minutes=5)
    assert any("Algo falló" in words for words in bench.said())
    assert "help es" in bench.said()
    assert await bench.count(InboxRow, InboxRow.status == "dead") == 1


async def test_a_whatsapp_message_of_yesterday_is_not_answered(db: AsyncEngine) -> None:
    """WhatsApp repeats webhooks for days, but its window is closed by then; Telegram is not so."""
    for name, answered in (("whatsapp", False), ("telegram", True)):
        bench = Bench(db, RecordingChannel(name))
        old = bench.clock() - timedelta(hours=25)
        await bench.store.accept([inbound(1, channel=name, sent_at=old)], bench.clock())
        await bench.settle()
        assert bool(bench.said()) == answered


async def test_the_pump_answers_many_persons_at_once_in_order(db: AsyncEngine) -> None:
    """Under load each person gets her replies once and in order."""
    bench = Bench(db)
    outbox = Pump("outbox", bench.outbox.claim, bench.outbox.handle, idle=0.02)
    inbox = Pump("inbox", bench.turns.claim, bench.turns.handle, idle=0.02)
    asked = ("thanks", "goodbye", "bot_challenge")
    expected = ("De nada", "Que le vaya", "Soy un programa")
    for n, what in enumerate(asked):
        messages = [inbound(n * 100 + p, what, person=f"p{p}") for p in range(20)]
        await bench.store.accept(messages, bench.clock())
    work = [asyncio.create_task(p.run()) for p in (inbox, outbox)]
    async with asyncio.timeout(30):
        while len(bench.channel.sent) < 20 * 4:  # noqa: ASYNC110 - the first answer comes with an introduction
            await asyncio.sleep(0.02)
    for task in work:
        task.cancel()
    await asyncio.gather(*work, return_exceptions=True)
    for p in range(20):
        heard = [words for person, words in bench.channel.sent if person == f"p{p}"]
        firsts = [next(i for i, w in enumerate(heard) if w.startswith(e)) for e in expected]
        assert firsts == sorted(firsts)
        assert len(heard) == 4


async def test_a_locked_database_is_one_clear_error(tmp_path: Path) -> None:
    """A database that another program holds gives an error without addresses or data."""
    path = tmp_path / "orienta.db"
    engine = open_engine(f"sqlite+aiosqlite:///{path}", patience=0.05)
    await upgrade(engine, Base.metadata)
    store = Store(engine, KEYS, Clock())
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreUnavailable) as failure:
            await store.accept([inbound(1)], Clock()())
        assert str(failure.value) == "the database failed (OperationalError)"
        other.execute("ROLLBACK")
    assert await store.accept([inbound(1)], Clock()()) == 1
    await engine.dispose()


async def test_a_row_of_another_version_does_not_stop_the_others(db: AsyncEngine) -> None:
    """A message that cannot be read is closed and kept; the others are answered."""
    bench = Bench(db)
    await bench.store.accept([inbound(1), inbound(2, person="other")], bench.clock())
    strange = KEYS.seal('{"event": {"event": "Danced"}, "sent_at": "2026-11-23T00:00:00+00:00"}')
    async with bench.store.session() as session:
        first = (await session.scalars(select(InboxRow).order_by(InboxRow.id))).first()
        assert first is not None
        first.body = strange
    await bench.settle()
    assert {person for person, _ in bench.channel.sent} == {"other"}
    assert await bench.count(InboxRow, InboxRow.status == "dead", InboxRow.body == strange) == 1


async def test_a_row_of_another_key_waits_and_stops_nobody(db: AsyncEngine) -> None:
    """Rows sealed with another key are kept until it is back; the others are answered."""
    bench = Bench(db)
    await bench.store.accept([inbound(1)], bench.clock())
    other = Store(db, Keys("another key that is long enough as well"), bench.clock)
    await other.accept([inbound(2, person="new")], bench.clock())
    items = await other.claim_inbox(bench.clock(), (), 10)
    assert [i.inbound.message_id for i in items] == ["m2"]
    bench.clock.move(seconds=LEASE.total_seconds() + 1)
    await bench.settle()
    assert {person for person, _ in bench.channel.sent} == {"519999"}


async def test_what_follows_an_erasure_is_answered(db: AsyncEngine) -> None:
    """A cry for help just after "yes, erase" is not erased with the rest."""
    bench = Bench(db)
    await bench.store.accept([inbound(1, event=Chose("forget:yes"))], bench.clock())
    await bench.take_turns()
    await bench.store.accept([inbound(2, "me pega")], bench.clock())
    await bench.take_turns()
    await bench.settle()
    assert any("Call **100**" in words for words in bench.said())
    assert await bench.count(OutboxRow, OutboxRow.status == "open") == 0
    late = inbound(3, "me pega", person="other")
    await bench.store.accept([inbound(4, person="other", event=Chose("forget:yes"))], bench.clock())
    await bench.take_turns()
    await bench.store.accept([late], bench.clock())  # still unread when the erasure happens
    await bench.send()
    await bench.settle()
    assert [w for p, w in bench.channel.sent if p == "other" and "100" in w]


async def test_ids_of_erased_rows_are_never_given_out_again(db: AsyncEngine) -> None:
    """A page or a platform that remembers an id would take a new message for an old one."""
    bench = Bench(db)

    async def newest() -> int:
        async with bench.store.session() as session:
            return int(await session.scalar(select(func.max(OutboxRow.id))) or 0)

    await bench.store.accept([inbound(1, event=Chose("forget:yes"))], bench.clock())
    await bench.take_turns()
    before = await newest()
    await bench.settle()
    assert await newest() == 0
    await bench.store.accept([inbound(2)], bench.clock())
    await bench.take_turns()
    assert await newest() > before


async def test_a_card_does_not_wait_behind_a_reply_that_is_tried_again(db: AsyncEngine) -> None:
    """Danger comes first even where an older reply could not be delivered yet."""
    bench = Bench(db, RecordingChannel(failures=[RateLimited("slow", retry_after=300)]))
    await bench.store.accept([inbound(1)], bench.clock())
    await bench.settle()
    assert bench.said() == []
    await bench.store.accept([inbound(2, "me pega")], bench.clock())
    await bench.settle()
    assert "Call **100** es." in bench.said()


async def test_a_bug_in_one_reply_does_not_silence_her_for_good(db: AsyncEngine) -> None:
    """A reply that breaks the channel is given up after three tries; the next one goes out."""
    bench = Bench(db, RecordingChannel(failures=[ValueError("bug")] * 3))  # type: ignore[list-item]
    await bench.store.accept([inbound(1), inbound(2, "goodbye")], bench.clock())
    await bench.take_turns()
    for _ in range(4):
        await bench.send()
        bench.clock.move(minutes=1)
    assert any("Que le vaya" in words for words in bench.said())
    assert await bench.count(OutboxRow, OutboxRow.status == "dead") == 1


async def test_turns_and_erasures_do_not_lock_each_other_out(db: AsyncEngine) -> None:
    """Many persons who write while they are being erased: no transaction fails."""
    bench = Bench(db)
    for n in range(20):
        forget = inbound(2 * n, person=f"p{n}", event=Chose("forget:yes"))
        await bench.store.accept([forget], bench.clock())
    await bench.take_turns()
    messages = [inbound(2 * n + 1, person=f"p{n}") for n in range(20)]
    await bench.store.accept(messages, bench.clock())
    taking = await bench.turns.claim(frozenset(), 20)
    async with bench.store.session() as session:
        rows = (await session.execute(select(OutboxRow.conversation, OutboxRow.id))).all()
    erasing = [bench.store.forget(key, upto) for key, upto in rows]
    await asyncio.gather(*(bench.turns.take(item) for item in taking), *erasing)
    assert await bench.count(InboxRow, InboxRow.status == "open") == 0


async def test_the_state_is_sealed(db: AsyncEngine) -> None:
    """What the bot remembers of her, the scrubbed question among it, cannot be read on disk."""
    bench = Bench(db)
    await bench.store.accept([inbound(1, "una pregunta rarisima")], bench.clock())
    await bench.take_turns()
    async with bench.store.session() as session:
        row = (await session.scalars(select(ConversationRow))).one()
        assert "rarisima" not in row.state
        assert row.language == "es"


async def test_reading_does_not_wait_for_a_writer(tmp_path: Path) -> None:
    """On SQLite an engine that only reads goes on while another process writes."""
    path = tmp_path / "orienta.db"
    engine = open_engine(f"sqlite+aiosqlite:///{path}", patience=0.05)
    await upgrade(engine, Base.metadata)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        reads = engine.execution_options(**{ONLY_READS: True})
        async with reads.connect() as connection:
            assert await connection.scalar(select(func.count()).select_from(InboxRow)) == 0
        other.execute("ROLLBACK")
    await engine.dispose()
