"""A person who changes her number goes on where she was; on both databases."""

import contextlib
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channel import DeliveryReport, Move, PersonGone, Received
from bot.intake import Intake
from bot.messages import Chose
from bot.records import PERU
from bot.store import StoreUnavailable
from bot.tables import CaseRow, ConversationRow, InboxRow, OutboxRow, ReminderRow
from tests.fakes.bench import ANA, Bench
from tests.fakes.bot import RecordingChannel, inbound
from tests.fakes.catalogue import catalogue
from tests.integration.test_hooks import Danger

OLD, NEW = "519999", "PE.000000000000000002"


async def test_all_that_is_kept_goes_along(engine: AsyncEngine) -> None:
    """Case, reminder and language; what staff write reaches the new id, and so does what waits."""
    bench = Bench(engine, RecordingChannel("whatsapp"))
    await bench.hears("avísame antes de que venza: 31/12/2027")
    await bench.hears(event=Chose("human"))
    await bench.says(event=Chose("lang:en"))
    await bench.store.move("whatsapp", OLD, NEW)
    await bench.store.move("whatsapp", OLD, NEW)  # told twice
    await bench.settle()
    (case,) = await bench.desk.cases()
    await bench.desk.reply(case.id, ANA, "Good morning", bench.clock())
    await bench.settle()
    assert bench.channel.sent[-1] == (NEW, "Good morning")
    key = bench.store.key_of("whatsapp", NEW)
    for table in (CaseRow, ReminderRow, InboxRow, OutboxRow):
        assert await bench.count(table, table.conversation != key) == 0
    assert await bench.count(ConversationRow) == 1


async def test_reminders_reach_the_new_number(engine: AsyncEngine) -> None:
    """Until the day comes."""
    bench = Bench(engine)
    await bench.hears("avísame antes de que venza: 31/12/2026")
    await bench.store.move("telegram", OLD, NEW)
    bench.clock.now = bench.clock().astimezone(PERU).replace(month=12, day=24, hour=10)
    assert await bench.remind() == 1
    await bench.send()
    assert bench.channel.sent[-1][0] == NEW


async def test_a_conversation_under_the_new_id_is_the_true_one(engine: AsyncEngine) -> None:
    """She has written from there already: nothing is mixed, and the old id gets nothing more."""
    bench = Bench(engine, RecordingChannel("whatsapp"))
    await bench.hears("thanks")
    await bench.hears(event=Chose("human"))
    await bench.says("thanks", person=NEW)
    await bench.settle()
    await bench.store.move("whatsapp", OLD, NEW)
    (case,) = await bench.desk.cases()
    assert not case.reachable
    assert await bench.count(ConversationRow) == 2


async def test_a_number_that_nobody_knows_moves_nothing(engine: AsyncEngine) -> None:
    """Most people who change their number never wrote here."""
    bench = Bench(engine)
    await bench.store.move("whatsapp", OLD, NEW)
    assert await bench.count(ConversationRow) == 0


async def test_a_turn_that_was_begun_before_is_finished(engine: AsyncEngine) -> None:
    """Her message was claimed under the old id: it is answered, once, under the new one."""
    bench = Bench(engine)
    await bench.hears("thanks")
    await bench.says("thanks")
    (item,) = await bench.turns.claim(frozenset(), 10)
    await bench.store.move("telegram", OLD, NEW)
    with contextlib.suppress(StoreUnavailable):  # then it waits for the end of the lease
        await bench.turns.handle(item)
    bench.clock.move(seconds=timedelta(minutes=2).total_seconds())
    sent = len(bench.channel.sent)
    await bench.settle()
    assert [person for person, _ in bench.channel.sent[sent:]] == [NEW]
    assert await bench.count(ConversationRow) == 1


async def test_what_came_with_the_note_is_hers(engine: AsyncEngine) -> None:
    """The note and a message from the new id in one webhook: one conversation; then a failure."""
    bench = Bench(engine, RecordingChannel("whatsapp"))
    await bench.hears(event=Chose("lang:en"))
    intake = Intake(
        bench.store, Danger, Danger, catalogue, bench.clock, lambda: None
    )  # fmt: skip
    menu = Chose("menu")
    first = inbound(701, person=NEW, channel="whatsapp", event=menu, sent_at=bench.clock())
    await intake.take(bench.channel, Received((first,), moves=(Move(OLD, NEW),)))
    await bench.settle()
    assert bench.channel.sent[-1][0] == NEW
    assert await bench.count(ConversationRow, ConversationRow.language == "en") == 1
    assert await bench.count(ConversationRow) == 1
    failed = PersonGone("x", code="131026")
    strange = (DeliveryReport("w", "failed", id_, failed) for id_ in ("²", "9" * 30, "x", "", None))
    await intake.take(bench.channel, Received(reports=tuple(strange)))
    assert await bench.count(ConversationRow, ConversationRow.gone) == 0
    last = await bench.count(OutboxRow)
    report = DeliveryReport("wamid.O", "failed", str(last), failed)
    await intake.take(bench.channel, Received(reports=(report,)))
    assert await bench.count(ConversationRow, ConversationRow.gone) == 1
    assert await bench.count(OutboxRow, OutboxRow.error == "131026") == 1
