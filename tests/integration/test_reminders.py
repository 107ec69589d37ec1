"""Reminders on both databases: each once, by day, late rather than never, and only while wanted."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channel import PersonGone
from bot.core import REMINDING
from bot.messages import Chose
from bot.scene import PERU
from bot.tables import ConversationRow, OutboxRow, ReminderRow
from tests.fakes.bench import STAFFED, Bench
from tests.fakes.bot import RecordingChannel

DUE = date(2027, 12, 31)
WISH = "avísame antes de que venza mi carné: 31/12/2027"


def morning(before: int) -> datetime:
    """Return ten o'clock in Peru some days before the date."""
    day = DUE - timedelta(days=before)
    return datetime(day.year, day.month, day.day, 10, tzinfo=PERU)


async def wishing(engine: AsyncEngine, channel: str = "telegram") -> Bench:
    """Return a bench where she has asked to be reminded."""
    bench = Bench(engine, RecordingChannel(channel))
    await bench.hears("thanks")
    told = await bench.hears(WISH)
    assert "le avisaré 30 días y 7 días antes" in told[0]
    assert await bench.count(ReminderRow) == 2
    return bench


async def reminded(bench: Bench) -> int:
    """Look for what is due, send it, and return how many reminders she got."""
    before = len(bench.said())
    await bench.remind()
    await bench.send()
    return len([w for w in bench.said()[before:] if "Usted me pidió este aviso" in w])


async def test_thirty_and_seven_days_before(engine: AsyncEngine) -> None:
    """On the two days and on no other, however often one looks."""
    bench = await wishing(engine)
    got = {}
    for before in (40, 31, 30, 29, 8, 7, 6, 1, 0, -1):
        bench.clock.now = morning(before)
        got[before] = [await reminded(bench) for _ in range(2)]
    assert {day: n for day, n in got.items() if n != [0, 0]} == {30: [1, 0], 7: [1, 0]}
    assert await bench.count(ReminderRow) == 0


async def test_by_day_only(engine: AsyncEngine) -> None:
    """Nobody's phone rings at night: what is due at midnight comes at nine."""
    bench = await wishing(engine)
    for hour in (0, 3, 8):
        bench.clock.now = morning(30).replace(hour=hour, minute=59)
        assert await reminded(bench) == 0
    bench.clock.now = morning(30).replace(hour=20)
    assert await reminded(bench) == 0
    bench.clock.now = morning(29).replace(hour=9)
    assert await reminded(bench) == 1


async def test_late_after_a_downtime(engine: AsyncEngine) -> None:
    """One for both that were missed, as long as the date is not past; else none."""
    bench = await wishing(engine)
    await bench.hears("avísame antes de que venza mi visa: 01/06/2027")
    bench.clock.now = morning(2)
    assert await reminded(bench) == 1
    assert await bench.count(ReminderRow) == 0


async def test_the_same_date_twice_is_one_reminder(engine: AsyncEngine) -> None:
    """She asks again: nothing doubles."""
    bench = await wishing(engine)
    await bench.hears(WISH)
    assert await bench.count(ReminderRow) == 2
    bench.clock.now = morning(30)
    assert await reminded(bench) == 1


async def test_dropped_stopped_or_forgotten(engine: AsyncEngine) -> None:
    """None comes once she has deleted them, said stop, or asked to be forgotten."""
    for choice in ("remind:drop", "stop", "forget:yes"):
        bench = await wishing(engine)
        await bench.hears(event=Chose(choice))
        assert await bench.count(ReminderRow) == 0
        bench.clock.now = morning(30)
        assert await reminded(bench) == 0


@pytest.mark.parametrize("choice", ["remind:drop", "stop", "forget:yes"])
async def test_her_word_counts_before_it_is_carried_out(engine: AsyncEngine, choice: str) -> None:
    """What waits in the outbox as an effect holds already, and is carried out all the same."""
    bench = await wishing(engine)
    bench.clock.now = morning(30)
    await bench.says(event=Chose(choice))
    await bench.take_turns()
    assert await bench.remind() == 0
    await bench.settle()
    assert not any("Usted me pidió" in words for words in bench.said())
    assert await bench.count(ReminderRow) == 0
    assert await bench.count(ConversationRow) == (0 if choice == "forget:yes" else 1)


async def test_whoever_blocked_the_bot_is_left_alone(engine: AsyncEngine) -> None:
    """Nothing is tried for somebody who left; when she is back the next one comes."""
    bench = await wishing(engine)
    bench.channel.failures = [PersonGone("blocked")]
    await bench.hears("thanks")
    bench.clock.now = morning(30)
    assert await bench.remind() == 0
    await bench.hears("thanks")
    bench.clock.now = morning(7)
    assert await reminded(bench) == 1


async def test_two_processes_do_not_send_twice(engine: AsyncEngine) -> None:
    """Six that look at the same moment send each person's reminder once."""
    bench = await wishing(engine)
    for n in range(8):
        await bench.says("thanks", person=f"p{n}")
        await bench.settle()
        await bench.says(WISH, person=f"p{n}")
        await bench.settle()
    bench.clock.now = morning(5)  # both of each person's rows are due
    sent = await asyncio.gather(*(bench.remind() for _ in range(6)))
    assert sum(sent) == 9
    assert await bench.count(OutboxRow, OutboxRow.status == "open") == 9
    assert await bench.count(ReminderRow) == 0


async def test_a_conversation_with_a_reminder_survives_the_retention(engine: AsyncEngine) -> None:
    """Its address is needed until the last has gone out; then it goes, too."""
    bench = await wishing(engine)
    bench.clock.now = morning(31)
    await bench.purge()
    assert await bench.count(ConversationRow) == 1
    bench.clock.now = morning(7)
    await bench.remind()
    await bench.purge()  # before it was sent
    assert await bench.count(ConversationRow) == 1
    await bench.send()
    assert any("Usted me pidió" in words for words in bench.said())
    await bench.purge()
    assert await bench.count(ConversationRow) == 0


async def test_a_page_gets_it_when_she_comes(engine: AsyncEngine) -> None:
    """On the web nobody is there to be told: it waits until she writes, at whatever hour."""
    bench = await wishing(engine, "web")
    bench.clock.now = morning(30)
    assert await reminded(bench) == 0
    bench.clock.now = morning(20).replace(hour=22)
    await bench.hears("thanks")
    assert await reminded(bench) == 1
    assert await reminded(bench) == 0


async def test_a_row_that_cannot_be_read_stops_nobody(engine: AsyncEngine) -> None:
    """One conversation sealed with another key leaves the others their reminders."""
    bench = await wishing(engine)
    await bench.says("thanks", person="aaa")
    await bench.says(WISH, person="aaa")
    await bench.settle()
    async with bench.store.session() as session:
        first = (await session.scalars(select(ConversationRow.key).order_by("key"))).first()
        broken = update(ConversationRow).where(ConversationRow.key == first)
        await session.execute(broken.values(state="sealed otherwise"))
    bench.clock.now = morning(30)
    assert await bench.remind() == 1


async def test_whatsapp_says_at_the_start_that_it_cannot(engine: AsyncEngine) -> None:
    """Where no message may be sent unasked, she is told so before she gives a date."""
    assert "whatsapp" not in REMINDING
    policy = replace(STAFFED, can_remind=False)
    bench = Bench(engine, RecordingChannel("whatsapp"), policy=policy)
    for told in (await bench.hears("quiero un recordatorio antes que venza mi cpp"),
                 await bench.hears(WISH), await bench.hears(event=Chose("remind"))):  # fmt: skip
        assert "no puedo enviarle avisos" in told[0]
    assert await bench.count(ReminderRow) == 0


def lines() -> Iterator[str]:
    """Yield dates that give no reminder."""
    yield from ("avísame antes de que venza: 01/01/2020", "avísame antes de que venza: 24/11/2026")
    yield "avísame antes de que venza: 31/12/2099"


@pytest.mark.parametrize("line", list(lines()))
async def test_a_date_without_use_keeps_nothing(engine: AsyncEngine, line: str) -> None:
    """Past, tomorrow, or in seventy years: she is told, and nothing is stored."""
    bench = Bench(engine)
    assert await bench.hears(line)
    assert await bench.count(ReminderRow) == 0
