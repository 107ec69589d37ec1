"""What was given up is seen by staff and can be sent again, where that makes sense."""

from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channel import Limits, Payload, PersonGone, RateLimited, RequestRefused, Throttled
from bot.dead_letters import FRESH, DeadLetters, DeadLettersError, Obstacle
from bot.outbox import MOST_ATTEMPTS
from bot.tables import ConversationRow, OutboxRow
from tests.fakes.bench import KEYS, Bench
from tests.fakes.bot import RecordingChannel
from tests.fakes.program import run

REFUSED = RequestRefused("refused", code="131009")


async def refused(engine: AsyncEngine, channel: str = "telegram") -> tuple[Bench, DeadLetters]:
    """Return a bench with one reply that was given up."""
    bench = Bench(engine, RecordingChannel(channel, [REFUSED]))
    await bench.says("thanks")
    await bench.settle()
    return bench, DeadLetters(bench.store, KEYS)


def answers(bench: Bench) -> int:
    """Return how often she was answered; a first answer comes with a welcome."""
    return sum(words.startswith("De nada") for words in bench.said())


async def test_what_was_given_up_is_listed_and_goes_out_again(engine: AsyncEngine) -> None:
    """Number, channel and code are shown, and no word of it; sent again, it is a letter no more."""
    bench, letters = await refused(engine)
    (letter,) = await letters.listed(bench.clock())
    assert (letter.channel, letter.kind, letter.error) == ("telegram", "reply", "131009")
    assert letter.obstacle is Obstacle.NONE
    assert answers(bench) == 0
    await letters.resend(letter.id, bench.clock())
    await bench.send()
    assert answers(bench) == 1
    assert await letters.listed(bench.clock()) == []
    with pytest.raises(DeadLettersError, match="orienta outbox dead"):
        await letters.resend(letter.id, bench.clock())
    await bench.send()
    assert answers(bench) == 1


async def test_to_be_too_fast_is_never_final(engine: AsyncEngine) -> None:
    """However often a platform says 429, to one or to all, the reply goes out in the end."""
    slower = [
        (Throttled if number % 2 else RateLimited)("slower", retry_after=1)
        for number in range(2 * MOST_ATTEMPTS)
    ]
    bench = Bench(engine, RecordingChannel("telegram", slower))
    await bench.says("thanks")
    for _ in range(2 * MOST_ATTEMPTS + 1):
        await bench.settle()
        assert await DeadLetters(bench.store, KEYS).listed(bench.clock()) == []
        bench.clock.move(seconds=61)
    assert answers(bench) == 1


async def test_what_of_a_reply_arrived_is_not_repeated(engine: AsyncEngine) -> None:
    """A reply of several messages goes on where it broke off."""

    class SecondRefused(RecordingChannel):
        async def send(self, person: str, payload: Payload, *, outbox_id: str) -> str:
            if len(self.sent) == 1 and not self.failures:
                self.failures = [REFUSED]
            return await super().send(person, payload, outbox_id=outbox_id)

        def render(self, reply: object) -> tuple[Payload, ...]:
            return ({"text": "one"}, {"text": "two"})

        limits = Limits(text=4096, text_with_options=1024, buttons=3, button_label=20)

    bench = Bench(engine, SecondRefused())
    await bench.says("thanks")
    await bench.settle()
    letters = DeadLetters(bench.store, KEYS)
    (letter,) = await letters.listed(bench.clock())
    assert isinstance(bench.channel, SecondRefused)
    bench.channel.sent.append(("", "between"))
    await letters.resend(letter.id, bench.clock())
    await bench.send()
    assert bench.said() == ["one", "between", "two"]


async def test_nothing_goes_to_somebody_who_left_until_she_writes(engine: AsyncEngine) -> None:
    """Her refusal holds; once she writes again, it may be sent."""
    bench = Bench(engine, RecordingChannel("telegram", [PersonGone("blocked", code="403")]))
    await bench.says("thanks")
    await bench.settle()
    letters = DeadLetters(bench.store, KEYS)
    (letter,) = await letters.listed(bench.clock())
    assert letter.obstacle is Obstacle.GONE
    with pytest.raises(DeadLettersError, match="cannot be reached"):
        await letters.resend(letter.id, bench.clock())
    assert await letters.resend_all(bench.clock()) == (0, 1)
    await bench.hears("thanks")
    await letters.resend(letter.id, bench.clock())
    await bench.send()
    assert answers(bench) == 2


async def test_whatsapps_window_is_kept(engine: AsyncEngine) -> None:
    """A day after her last message WhatsApp takes no free text; Telegram does."""
    for channel, obstacle in (("whatsapp", Obstacle.WINDOW), ("telegram", Obstacle.NONE)):
        bench, letters = await refused(engine, channel)
        bench.clock.move(hours=24)
        letter = (await letters.listed(bench.clock()))[-1]
        assert (letter.channel, letter.obstacle) == (channel, obstacle)


async def test_all_means_those_of_the_last_day(engine: AsyncEngine) -> None:
    """An older one goes out only when somebody asks for it by its number."""
    bench, letters = await refused(engine)
    bench.clock.move(seconds=FRESH.total_seconds() + 1)
    assert await letters.resend_all(bench.clock()) == (0, 1)
    (letter,) = await letters.listed(bench.clock())
    await letters.resend(letter.id, bench.clock())
    await bench.send()
    assert answers(bench) == 1

    bench.channel.failures = [REFUSED]
    await bench.hears("thanks")
    assert await letters.resend_all(bench.clock()) == (1, 0)
    await bench.send()
    assert answers(bench) == 2


async def test_what_was_erased_or_sealed_otherwise_stays(engine: AsyncEngine) -> None:
    """Without its text or its person, or with another key, there is nothing to send."""
    bench, letters = await refused(engine)
    (letter,) = await letters.listed(bench.clock())
    for column, value, obstacle in (
        (OutboxRow.body, "gAAAA", Obstacle.SEALED),
        (OutboxRow.body, KEYS.seal("{}"), Obstacle.FORGOTTEN),
        (OutboxRow.body, None, Obstacle.FORGOTTEN),
    ):
        async with bench.store.session() as session:
            await session.execute(update(OutboxRow).values({column: value}))
        assert [x.obstacle for x in await letters.listed(bench.clock())] == [obstacle]
        with pytest.raises(DeadLettersError):
            await letters.resend(letter.id, bench.clock())
    async with bench.store.session() as session:
        await session.delete(await session.scalar(select(ConversationRow)))
    assert [x.obstacle for x in await letters.listed(bench.clock())] == [Obstacle.FORGOTTEN]


async def test_a_slow_platform_leaves_room_for_the_others(engine: AsyncEngine) -> None:
    """When so many of one channel are in work that its limit is what holds them, others go on."""
    bench = Bench(engine)
    for number in range(60):
        await bench.says("thanks", person=str(number))
    await bench.take_turns()
    first = await bench.outbox.claim(frozenset(), 40)
    assert len(first) == 40
    busy = frozenset(item.conversation for item in first)
    assert await bench.outbox.claim(busy, 8) == []
    for item in first[:20]:
        await bench.outbox.handle(item)
    bench.clock.move(seconds=1)
    assert len(await bench.outbox.claim(busy, 8)) == 8


def test_the_commands_say_what_they_did(tmp_path: Path) -> None:
    """Nothing to list is said in words; a number that is none, or of no such row, is refused."""
    code, told, said = run(tmp_path, "outbox", "dead")
    assert (code, told) == (0, "")
    assert "Nothing was given up." in said
    code, _, said = run(tmp_path, "outbox", "resend", "7")
    assert code == 1
    assert "has the number 7" in said
    code, _, said = run(tmp_path, "outbox", "resend", "all")
    assert code == 0
    assert "0 go out again" in said
    assert run(tmp_path, "outbox", "resend", "x")[0] == 2
