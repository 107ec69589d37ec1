"""The desk on both databases: a person asks for a human, and nothing is lost or told twice."""

import asyncio
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channel import WindowClosed
from bot.desk.cases import LONGEST, Case, DeskError
from bot.messages import Chose, Unsupported
from bot.policy import Policy
from bot.scene import PERU
from bot.tables import CaseMessageRow, CaseRow, ConversationRow, InboxRow, OutboxRow, ReminderRow
from tests.fakes.bench import ANA, EVA, KEYS, Bench
from tests.fakes.bot import RecordingChannel

HUMAN = Chose("human")
FORGET = Chose("forget:yes")


async def waiting(bench: Bench) -> Case:
    """Let a person ask something and then for a human; return her case."""
    await bench.hears("unheard of, mi dni es 45678912")
    told = await bench.hears(event=HUMAN)
    assert "Avisé al equipo" in told[0]
    (case,) = await bench.desk.cases()
    return await bench.desk.case(case.id)


async def test_a_case_opens_with_the_scrubbed_question(engine: AsyncEngine) -> None:
    """Staff see what she asked last, and neither number nor name nor place of her."""
    bench = Bench(engine)
    case = await waiting(bench)
    assert (case.question, case.status, case.staff) == ("unheard of, mi dni es …", "open", None)
    assert (case.channel, case.language, case.lines) == ("telegram", "es", ())
    assert case.reachable
    assert case.writable_until is None


async def test_what_she_writes_goes_to_the_case_and_nothing_is_answered(
    engine: AsyncEngine,
) -> None:
    """It is scrubbed, sealed, in order, and met with silence; a voice message shows as such."""
    bench = Bench(engine)
    case = await waiting(bench)
    assert await bench.hears("llámeme al 987 654 321") == []
    assert await bench.hears(event=Unsupported("voice")) == []
    assert await bench.hears(event=Unsupported("photo", "mi dni 45678912")) == []
    lines = (await bench.desk.case(case.id)).lines
    assert [line.text for line in lines] == ["llámeme al …", "[voice]", "[photo] mi dni …"]
    async with bench.store.session() as session:
        bodies = list(await session.scalars(select(CaseMessageRow.body)))
        bodies += list(await session.scalars(select(CaseRow.question)))
    assert not any("llámeme" in body or "unheard" in body for body in bodies)


async def test_an_emergency_breaks_the_silence_and_not_the_case(engine: AsyncEngine) -> None:
    """The card comes, the staff see her words, and afterwards the bot is silent again."""
    bench = Bench(engine)
    case = await waiting(bench)
    assert any("Call **100**" in words for words in await bench.hears("mi esposo me pega"))
    assert [x.text for x in (await bench.desk.case(case.id)).lines] == ["mi esposo me pega"]
    assert await bench.hears("thanks") == []


async def test_a_staff_reply_reaches_her_in_order(engine: AsyncEngine) -> None:
    """Two replies and her words between them arrive and stand in the order of writing."""
    bench = Bench(engine)
    case = await waiting(bench)
    sent = len(bench.said())
    await bench.desk.reply(case.id, ANA, " Buenos días ", bench.clock())
    await bench.says("aquí estoy")
    await bench.desk.reply(case.id, ANA, "¿Qué documento tiene?", bench.clock())
    await bench.settle()
    said = [w for w in bench.said()[sent:] if "Le escribe" not in w]
    assert said == ["Buenos días", "¿Qué documento tiene?"]
    case = await bench.desk.case(case.id)
    assert (case.status, case.staff) == ("taken", ANA)
    assert {(x.staff, x.text) for x in case.lines} == {
        (ANA, "Buenos días"), (None, "aquí estoy"), (ANA, "¿Qué documento tiene?"),
    }  # fmt: skip
    assert all(person == "519999" for person, _ in bench.channel.sent)


@pytest.mark.parametrize("text", ["", " \n", "x" * (LONGEST + 1)])
async def test_what_cannot_be_sent_is_refused(engine: AsyncEngine, text: str) -> None:
    """Nothing and too much; the case stays as it was."""
    bench = Bench(engine)
    case = await waiting(bench)
    with pytest.raises(DeskError, match="1 to"):
        await bench.desk.reply(case.id, ANA, text, bench.clock())
    assert (await bench.desk.case(case.id)).status == "open"


async def test_silence_ends_by_itself_and_at_release(engine: AsyncEngine) -> None:
    """After 24 hours without staff, or when they close the case, the bot answers again."""
    bench = Bench(engine)
    case = await waiting(bench)
    bench.clock.move(hours=23, minutes=59)
    assert await bench.hears("thanks") == []
    bench.clock.move(minutes=1)
    owned_up, thanked = await bench.hears("thanks")
    assert "nadie del equipo" in owned_up
    assert "De nada" in thanked
    await bench.desk.reply(case.id, ANA, "Perdone la demora", bench.clock())
    await bench.settle()
    assert await bench.hears("thanks") == []
    await bench.desk.close(case.id, ANA, bench.clock())
    await bench.settle()
    assert "terminó de atenderle" in bench.said()[-1]
    assert "De nada" in (await bench.hears("thanks"))[0]
    with pytest.raises(DeskError, match="is closed"):
        await bench.desk.reply(case.id, ANA, "¿Sigue ahí?", bench.clock())
    assert [c.id for c in await bench.desk.cases(closed=True)] == [case.id]


async def test_she_is_told_once_that_nobody_answered(engine: AsyncEngine) -> None:
    """After almost a day of silence, with whom she can reach; the case stays open for staff."""
    bench = Bench(engine)
    case = await waiting(bench)
    bench.clock.move(hours=23, minutes=29)
    assert await bench.desk.tell_unanswered(bench.clock()) == 0
    bench.clock.move(minutes=1)
    before = len(bench.said())
    # Two processes look at the same moment.
    assert await bench.desk.tell_unanswered(bench.clock()) == 1
    assert await bench.desk.tell_unanswered(bench.clock()) == 0
    await bench.settle()
    assert "nadie del equipo" in bench.said()[before]
    assert await bench.desk.tell_unanswered(bench.clock()) == 0
    assert "De nada" in (await bench.hears("thanks"))[0]
    assert (await bench.desk.case(case.id)).status == "open"


async def test_who_was_answered_is_not_told_so(engine: AsyncEngine) -> None:
    """The silence after an answer ends without a word; so it does once she writes and they do."""
    bench = Bench(engine)
    case = await waiting(bench)
    await bench.desk.reply(case.id, ANA, "Buenos días", bench.clock())
    await bench.settle()
    bench.clock.move(hours=23, minutes=45)
    assert await bench.desk.tell_unanswered(bench.clock()) == 0
    assert await bench.hears("aquí estoy") == []
    assert await bench.desk.tell_unanswered(bench.clock()) == 1
    # An answer that is stored first has its turn first.
    await bench.desk.close(case.id, ANA, bench.clock())
    await bench.settle()
    assert await bench.desk.tell_unanswered(bench.clock()) == 0


async def test_a_closed_page_is_told_when_she_comes_back(engine: AsyncEngine) -> None:
    """Nothing is sent to a page that nobody sees."""
    bench = Bench(engine, RecordingChannel("web"))
    await waiting(bench)
    bench.clock.move(hours=24)
    assert await bench.desk.tell_unanswered(bench.clock()) == 0
    assert "nadie del equipo" in (await bench.hears("thanks"))[0]


async def test_closing_twice_does_not_end_the_next_case(engine: AsyncEngine) -> None:
    """Whoever closes an old case once more is told so, and the new one goes on."""
    bench = Bench(engine)
    first = await waiting(bench)
    await bench.desk.close(first.id, ANA, bench.clock())
    await bench.settle()
    second = await waiting(bench)
    assert second.id != first.id
    with pytest.raises(DeskError, match="closed"):
        await bench.desk.close(first.id, ANA, bench.clock())
    assert await bench.hears("thanks") == []


async def test_a_closed_window_is_told_to_staff(engine: AsyncEngine) -> None:
    """On WhatsApp nothing is queued after 24 hours; before, staff see until when."""
    bench = Bench(engine, RecordingChannel("whatsapp"))
    case = await waiting(bench)
    assert case.writable_until == bench.clock() + timedelta(hours=24)
    bench.clock.move(hours=24)
    with pytest.raises(DeskError, match="24 hours"):
        await bench.desk.reply(case.id, ANA, "Buenos días", bench.clock())
    assert (await bench.desk.case(case.id)).lines == ()
    await bench.hears("hola?")
    await bench.desk.reply(case.id, ANA, "Buenos días", bench.clock())
    bench.channel.failures = [WindowClosed("24 h", code="131047")]
    await bench.settle()
    assert (await bench.desk.case(case.id)).undelivered == 1


async def test_forgetting_erases_all_of_it_at_once(engine: AsyncEngine) -> None:
    """Case, messages, reminders and what waits to go out are gone; staff are told."""
    bench = Bench(engine)
    await bench.hears("recuérdame que vence el 31/12/2027")
    case = await waiting(bench)
    await bench.hears("hay alguien?")
    assert await bench.count(ReminderRow) == 2
    await bench.says(event=FORGET)
    await bench.settle()
    for table in (CaseRow, CaseMessageRow, ReminderRow, ConversationRow, OutboxRow):
        assert await bench.count(table) == 0, table
    with pytest.raises(DeskError, match="forgotten"):
        await bench.desk.case(case.id)
    for act in (bench.desk.take(case.id, ANA, bench.clock()),
                bench.desk.reply(case.id, ANA, "Buenos días", bench.clock()),
                bench.desk.close(case.id, ANA, bench.clock())):  # fmt: skip
        with pytest.raises(DeskError, match="no case"):
            await act
    assert await bench.count(InboxRow, InboxRow.conversation != "") == 0


async def test_a_case_message_that_waits_is_forgotten_too(engine: AsyncEngine) -> None:
    """What she wrote just before waits in the outbox as effects: nothing of it is left over."""
    bench = Bench(engine)
    await bench.says("unheard of")
    await bench.says(event=HUMAN)
    await bench.says("hay alguien?")
    await bench.says("recuérdame que vence el 31/12/2027")
    await bench.says(event=FORGET)
    await bench.settle()
    for table in (CaseRow, CaseMessageRow, ReminderRow, ConversationRow, OutboxRow):
        assert await bench.count(table) == 0, table


async def test_a_reply_before_the_erasing_reaches_nobody(engine: AsyncEngine) -> None:
    """Staff who write between her word and the erasing bring nothing back, in either order."""
    bench = Bench(engine)
    case = await waiting(bench)
    sent = len(bench.said())
    await bench.says(event=FORGET)
    await bench.desk.reply(case.id, ANA, "Buenos días", bench.clock())  # waits behind her word
    await bench.take_turns()
    await bench.send()
    assert not any("Buenos días" in words for words in bench.said()[sent:])
    for table in (CaseRow, CaseMessageRow, ConversationRow, OutboxRow):
        assert await bench.count(table) == 0, table


async def test_a_reply_during_the_erasing_reaches_nobody(engine: AsyncEngine) -> None:
    """Nor does one that waits in the inbox while the erasing runs."""
    bench = Bench(engine)
    case = await waiting(bench)
    sent = len(bench.said())
    await bench.says(event=FORGET)
    await bench.take_turns()
    await bench.desk.reply(case.id, ANA, "Buenos días", bench.clock())
    await bench.send()
    await bench.settle()
    assert not any("Buenos días" in words for words in bench.said()[sent:])
    for table in (CaseRow, CaseMessageRow, ConversationRow, OutboxRow):
        assert await bench.count(table) == 0, table
    assert await bench.count(InboxRow, InboxRow.status == "open") == 0


async def test_what_she_writes_after_forgetting_is_answered(engine: AsyncEngine) -> None:
    """Her next words begin anew, while those of staff are not delivered."""
    bench = Bench(engine)
    case = await waiting(bench)
    await bench.says(event=FORGET)
    await bench.desk.reply(case.id, ANA, "Buenos días", bench.clock())
    await bench.says("thanks")
    await bench.settle()
    assert any("De nada" in words for words in bench.said())
    assert not any("Buenos días" in words for words in bench.said())
    assert await bench.count(ConversationRow) == 1
    assert await bench.count(CaseRow) == 0


async def test_two_staff_who_take_one_case(engine: AsyncEngine) -> None:
    """At the same moment one gets it and the other is told; it can be handed over."""
    bench = Bench(engine)
    case = await waiting(bench)
    taken = await asyncio.gather(
        *(bench.desk.take(case.id, who, bench.clock()) for who in (ANA, EVA)),
        return_exceptions=True,
    )
    assert [type(result) for result in taken].count(DeskError) == 1
    owner = (await bench.desk.case(case.id)).staff
    other = EVA if owner == ANA else ANA
    with pytest.raises(DeskError, match="colleague"):
        await bench.desk.reply(case.id, other, "Buenos días", bench.clock())
    await bench.desk.take(case.id, other, bench.clock(), over=True)
    await bench.desk.reply(case.id, other, "Buenos días", bench.clock())
    assert (await bench.desk.case(case.id)).staff == other


async def test_two_effects_open_one_case(engine: AsyncEngine) -> None:
    """However often and however near she asks, staff see one case, with each question in it."""
    bench = Bench(engine)
    await bench.hears("thanks")
    async with bench.store.session() as session:
        key = (await session.scalars(select(ConversationRow.key))).one()
    await asyncio.gather(*(bench.count(CaseRow) for _ in range(8)))  # connections of their own
    await asyncio.gather(*(bench.records.open_case(key, f"q{n}", "es") for n in range(8)))
    (case,) = await bench.desk.cases()
    lines = (await bench.desk.case(case.id)).lines
    assert sorted([case.question, *(line.text for line in lines)]) == [f"q{n}" for n in range(8)]


async def test_an_open_case_survives_a_restart(engine: AsyncEngine) -> None:
    """Another process on the same database keeps silent, shows the case and delivers the reply."""
    before = Bench(engine)
    case = await waiting(before)
    after = Bench(engine, clock=before.clock)
    assert await after.hears("hay alguien?") == []
    await after.desk.reply(case.id, ANA, "Sí", after.clock())
    await after.settle()
    assert "Sí" in after.said()


async def test_stop_ends_all(engine: AsyncEngine) -> None:
    """Case closed, reminders gone, and staff cannot write until she does."""
    bench = Bench(engine)
    await bench.hears("recuérdame que vence el 31/12/2027")
    case = await waiting(bench)
    await bench.says(event=Chose("stop"))
    await bench.take_turns()
    with pytest.raises(DeskError, match="no more messages"):  # before the case is closed
        await bench.desk.reply(case.id, ANA, "Buenos días", bench.clock())
    await bench.send()
    assert await bench.count(ReminderRow) == 0
    assert (await bench.desk.case(case.id)).status == "closed"
    assert "De nada" in (await bench.hears("thanks"))[0]


async def test_a_reply_behind_stop_is_not_delivered(engine: AsyncEngine) -> None:
    """One that was written before her stop had its turn does not follow it."""
    bench = Bench(engine)
    case = await waiting(bench)
    await bench.says(event=Chose("stop"))
    await bench.desk.reply(case.id, ANA, "Buenos días", bench.clock())
    await bench.settle()
    assert not any("Buenos días" in words for words in bench.said())


async def test_nobody_is_silenced_without_an_open_case(engine: AsyncEngine) -> None:
    """She goes on with the bot while staff write: the case is opened again, and takes her words."""
    bench = Bench(engine)
    case = await waiting(bench)
    await bench.says(event=Chose("resume"))
    await bench.desk.reply(case.id, ANA, "Buenos días", bench.clock())
    await bench.settle()
    assert "Buenos días" in bench.said()
    await bench.hears("aquí estoy")
    (open_case,) = await bench.desk.cases()
    lines = (await bench.desk.case(open_case.id)).lines
    assert [line.text for line in lines][-1] == "aquí estoy"


async def test_without_staff_no_case_is_opened(engine: AsyncEngine) -> None:
    """She gets the phone channels, and the bot goes on answering."""
    bench = Bench(engine, policy=Policy())
    await bench.hears("unheard of")
    assert "help es" in await bench.hears(event=HUMAN)
    assert await bench.count(CaseRow) == 0
    assert "De nada" in (await bench.hears("thanks"))[0]


async def test_outside_hours_the_bot_goes_on_answering(engine: AsyncEngine) -> None:
    """The case waits for the staff; she is told when they come back and whom to call."""
    bench = Bench(engine)
    bench.clock.now = datetime(2026, 11, 24, 10, tzinfo=PERU)  # a Tuesday: the roster has none
    told = await bench.hears(event=HUMAN)
    assert "ahora el equipo no atiende" in told[0]
    assert "help es" in told
    assert len(await bench.desk.cases()) == 1
    assert "De nada" in (await bench.hears("thanks"))[0]


async def test_purging_ends_old_cases(engine: AsyncEngine) -> None:
    """A case goes with its conversation, and a closed one after its own time."""
    bench = Bench(engine)
    case = await waiting(bench)
    bench.clock.move(days=20)
    await bench.desk.take(case.id, ANA, bench.clock())
    bench.clock.move(days=15)
    await bench.purge()
    assert await bench.count(ConversationRow) == 0
    assert await bench.count(CaseRow) == 0
    second = await waiting(bench)
    await bench.desk.close(second.id, ANA, bench.clock())
    await bench.settle()
    bench.clock.move(days=20)
    await bench.hears("thanks")
    bench.clock.move(days=11)
    await bench.purge()
    assert await bench.count(ConversationRow) == 1
    assert await bench.count(CaseRow) == 0


async def test_an_effect_for_somebody_forgotten_creates_nothing(engine: AsyncEngine) -> None:
    """Effects that run after all has been erased leave no row."""
    bench = Bench(engine)
    key = KEYS.person("telegram", "519999")
    await bench.records.open_case(key, "q", "es")
    await bench.records.write_to_case(key, "hola")
    await bench.records.set_reminder(key, datetime(2027, 12, 31, tzinfo=PERU).date(), "es")
    await bench.records.close_case(key)
    for table in (CaseRow, CaseMessageRow, ReminderRow):
        assert await bench.count(table) == 0
