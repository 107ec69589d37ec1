"""What staff write, and what she is reminded of, after WhatsApp's 24 hours; on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channel import (
    AccountBlocked,
    Payload,
    PersonGone,
    RateLimited,
    RequestRefused,
    Throttled,
    WindowClosed,
)
from bot.desk import cases as desk
from bot.desk.cases import DeskError
from bot.messages import Chose, Template
from bot.outbox import HOLD, MOST_ATTEMPTS
from bot.records import PERU
from bot.tables import HELD, OutboxRow
from tests.fakes.bench import ANA, KEYS, Bench
from tests.fakes.bot import RecordingChannel, inbound

NOTICE, REMINDER = "[answered]", "[reminder 31/12/2026]"


class WhatsApp(RecordingChannel):
    """A channel with templates, all approved but in the languages that are `refused`."""

    def __init__(self, *refused: str) -> None:
        super().__init__("whatsapp")
        self.refused = refused

    def render_template(self, template: Template, language: str) -> Payload | None:
        """Show what it is for."""
        if language in self.refused:
            return None
        return {"text": f"[{' '.join((template.name, *template.values.values()))}]"}


def bench_of(engine: AsyncEngine, channel: RecordingChannel | None = None) -> Bench:
    """Return a bench whose desk may send a notice."""
    bench = Bench(engine, channel or WhatsApp())
    bench.desk = desk.Desk(bench.store, KEYS, lambda *_: True)
    return bench


async def waiting(bench: Bench) -> int:
    """Let her ask for a person, and a day pass; return her case."""
    await bench.hears("unheard of")
    await bench.hears(event=Chose("human"))
    bench.clock.move(hours=25)
    (case,) = await bench.desk.cases()
    bench.channel.sent.clear()
    return case.id


async def test_a_notice_tells_her_and_the_answer_waits(engine: AsyncEngine) -> None:
    """Once, however much staff write; all of it comes, in order, when she presses the button."""
    bench = bench_of(engine)
    case = await waiting(bench)
    for text in ("Buenos días", "Traiga su CPP"):
        await bench.desk.reply(case, ANA, text, bench.clock())
        await bench.settle()
    assert bench.said() == [NOTICE]
    shown = await bench.desk.case(case)
    assert (shown.waiting, shown.undelivered, shown.by_notice) == (2, 0, True)
    bench.clock.move(hours=30)
    assert bench.said() == [NOTICE]
    told = await bench.hears(event=Chose("read"))
    assert [t for t in told if "Le escribe" not in t] == ["Buenos días", "Traiga su CPP"]
    assert (await bench.desk.case(case)).waiting == 0


async def test_what_she_answers_reaches_staff(engine: AsyncEngine) -> None:
    """However late she reads it, the assistant keeps silent and her words stand in the case."""
    bench = bench_of(engine)
    case = await waiting(bench)
    await bench.desk.reply(case, ANA, "¿Qué documento tiene?", bench.clock())
    await bench.settle()
    bench.clock.move(hours=72)
    told = await bench.hears("tengo pasaporte")
    assert told[-1] == "¿Qué documento tiene?"
    assert (await bench.desk.case(case)).lines[-1].text == "tengo pasaporte"
    assert await bench.hears("gracias") == []


async def test_a_closed_case_is_read_and_over(engine: AsyncEngine) -> None:
    """That staff have finished waits behind their answer; then the assistant speaks again."""
    bench = bench_of(engine)
    case = await waiting(bench)
    await bench.desk.reply(case, ANA, "Ya está listo", bench.clock())
    await bench.desk.close(case, ANA, bench.clock())
    await bench.settle()
    assert bench.said() == [NOTICE]
    told = await bench.hears("thanks")
    order = [
        told.index(t) for t in told if t == "Ya está listo" or "terminó" in t or "De nada" in t
    ]
    assert order == sorted(order)
    assert len(order) == 3


async def test_without_an_approved_notice_nothing_is_queued(engine: AsyncEngine) -> None:
    """Staff are told; where Meta withdraws it meanwhile, the answer counts as not delivered."""
    bench = bench_of(engine, WhatsApp("es"))
    case = await waiting(bench)
    await bench.desk.reply(case, ANA, "Buenos días", bench.clock())
    await bench.settle()
    assert bench.said() == []
    assert (await bench.desk.case(case)).undelivered == 1
    bench.desk = desk.Desk(bench.store, KEYS)
    with pytest.raises(DeskError, match="channel whatsapp templates"):
        await bench.desk.reply(case, ANA, "Buenos días", bench.clock())


async def test_a_notice_that_fails_is_tried_again_or_told(engine: AsyncEngine) -> None:
    """As any message."""
    bench = bench_of(engine)
    case = await waiting(bench)
    bench.channel.failures = [RateLimited("x", code="131056"), RequestRefused("x", code="132015")]
    await bench.desk.reply(case, ANA, "Buenos días", bench.clock())
    await bench.settle()
    assert (await bench.desk.case(case)).undelivered == 0
    bench.clock.move(seconds=2)
    await bench.send()
    assert (await bench.desk.case(case)).undelivered == 1


async def test_the_platform_counts_for_itself(engine: AsyncEngine) -> None:
    """Where it says that the window is closed although we think it open, the notice goes out."""
    bench = bench_of(engine)
    case = await waiting(bench)
    await bench.hears("sigo aquí")
    bench.channel.sent.clear()
    bench.channel.failures = [WindowClosed("24 h", code="131047")]
    await bench.desk.reply(case, ANA, "Buenos días", bench.clock())
    await bench.settle()
    assert bench.said() == [NOTICE]
    assert (await bench.hears(event=Chose("read")))[-1] == "Buenos días"


async def test_one_who_writes_at_that_moment_gets_it(engine: AsyncEngine) -> None:
    """Her message comes while the notice is on its way: nothing waits for another one."""
    bench = bench_of(engine)
    case = await waiting(bench)
    await bench.desk.reply(case, ANA, "Buenos días", bench.clock())
    await bench.take_turns()
    (item,) = await bench.outbox.claim(frozenset(), 10)
    await bench.says("hola?")
    await bench.take_turns()
    await bench.outbox.handle(item)
    await bench.send()
    assert bench.said()[0] == NOTICE
    assert bench.said()[-1] == "Buenos días"
    assert await bench.count(OutboxRow, OutboxRow.status == HELD) == 0


async def test_forgetting_erases_what_waits(engine: AsyncEngine) -> None:
    """Nothing of it is left."""
    bench = bench_of(engine)
    case = await waiting(bench)
    await bench.desk.reply(case, ANA, "Buenos días", bench.clock())
    await bench.settle()
    await bench.hears(event=Chose("forget:yes"))
    assert await bench.count(OutboxRow) == 0


async def test_a_reminder_goes_out_as_its_template(engine: AsyncEngine) -> None:
    """Behind an answer that waits as well; it waits for nothing."""
    bench = bench_of(engine)
    await bench.hears("avísame antes de que venza: 31/12/2026")
    case = await waiting(bench)
    await bench.desk.reply(case, ANA, "Buenos días", bench.clock())
    await bench.settle()
    day = bench.clock().astimezone(PERU).replace(year=2026, month=12, day=24, hour=10)
    bench.clock.now = day
    assert await bench.remind() == 1
    await bench.send()
    assert bench.said() == [NOTICE, REMINDER]
    assert await bench.count(OutboxRow, OutboxRow.status == "dead") == 0


async def test_a_reminder_inside_the_window_is_a_free_message(engine: AsyncEngine) -> None:
    """With its buttons, and without a price."""
    bench = bench_of(engine)
    await bench.hears("avísame antes de que venza: 31/12/2026")
    day = bench.clock().astimezone(PERU).replace(year=2026, month=12, day=24, hour=10)
    bench.clock.now = day - timedelta(hours=3)
    await bench.hears("thanks")
    bench.clock.now = day
    bench.channel.sent.clear()
    assert await bench.remind() == 1
    await bench.send()
    assert "pidió este aviso" in bench.said()[0]


async def test_an_answer_that_comes_a_day_late_is_not_sent(engine: AsyncEngine) -> None:
    """What has no template fails without asking the platform."""
    bench = bench_of(engine)
    await bench.says("health/pregnancy")
    await bench.take_turns()
    bench.clock.move(hours=25)
    await bench.send()
    assert bench.said() == []
    assert await bench.count(OutboxRow, OutboxRow.error == "window closed") == 1


async def test_a_report_that_she_cannot_be_reached_stops_sending(engine: AsyncEngine) -> None:
    """WhatsApp tells so after it has accepted the message."""
    bench = bench_of(engine)
    case = await waiting(bench)
    async with bench.store.session() as session:
        row = (await session.get(OutboxRow, 1)) is not None
    assert row
    error = PersonGone("x", code="131026")
    await bench.store.report_failure(1, error.code, gone=error.person_gone)
    assert not (await bench.desk.case(case)).reachable
    await bench.store.report_failure(10**17, "131026", gone=True)  # none of ours


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (AccountBlocked("x", code="190"), HOLD.total_seconds()),
        (Throttled("x", code="130429"), 2),
        (Throttled("x", retry_after=30, code="130429"), 30),
    ],
)
async def test_what_concerns_all_holds_all(
    engine: AsyncEngine, error: Exception, seconds: float
) -> None:
    """Others' messages are not tried in vain; afterwards all of them go out."""
    bench = bench_of(engine)
    await bench.says("thanks", person="51000001")
    await bench.take_turns()
    bench.channel.failures = [error]  # type: ignore[list-item]
    await bench.send()
    await bench.says("thanks", person="51000002")
    await bench.settle()
    assert bench.said() == []
    bench.clock.move(seconds=seconds + 0.1)
    await bench.send()
    await bench.send()
    assert {person for person, _ in bench.channel.sent} >= {"51000002"}
    bench.clock.move(seconds=seconds + 60)
    await bench.send()
    assert {person for person, _ in bench.channel.sent} == {"51000001", "51000002"}


async def test_one_pair_too_fast_holds_nobody_else(engine: AsyncEngine) -> None:
    """And is tried until it goes, with longer and longer waits: never a final failure."""
    bench = bench_of(engine)
    await bench.says("thanks", person="51000001")
    await bench.take_turns()
    bench.channel.failures = [RateLimited("x", code="131056")] * (MOST_ATTEMPTS + 5)
    await bench.send()
    for _ in range(MOST_ATTEMPTS + 3):
        bench.clock.move(minutes=6)
        await bench.send()
    assert len(bench.channel.failures) == 1
    bench.channel.failures = []
    await bench.store.accept([inbound(901, person="51000002", channel="whatsapp",
                                      sent_at=bench.clock())], bench.clock())  # fmt: skip
    await bench.settle()
    assert {person for person, _ in bench.channel.sent} == {"51000002"}
    bench.clock.move(minutes=6)
    await bench.send()
    assert {person for person, _ in bench.channel.sent} == {"51000001", "51000002"}
