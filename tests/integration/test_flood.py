"""Too many messages, and numbers that nobody should keep, on both databases."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.channel import VOICE_BYTES
from bot.messages import Chose, Inbound, Unsupported
from bot.tables import CaseMessageRow, CaseRow, MissRow, OutboxRow
from bot.turns import FLOOD
from tests.fakes.bench import KEYS, Bench
from tests.fakes.bot import RecordingChannel

NUMBERS = "mi dni es 45678912, mi pasaporte AB1234567, mi celular +51 987 654 321, ana@example.org"
SECRET = ("45678912", "AB1234567", "987", "654 321", "ana@example.org")


async def test_a_flood_is_answered_once_and_then_met_with_silence(engine: AsyncEngine) -> None:
    """Thirty in a minute: one request to slow down, then nothing; the next minute is answered."""
    bench = Bench(engine)
    for _ in range(30):
        await bench.says("thanks")
    await bench.settle()
    said = bench.said()
    assert len([w for w in said if "De nada" in w]) == FLOOD
    assert len([w for w in said if "muchos mensajes seguidos" in w]) == 1
    assert "muchos mensajes seguidos" in said[-1]
    bench.clock.move(seconds=61)
    assert "De nada" in (await bench.hears("thanks"))[0]


async def test_an_emergency_in_a_flood_brings_the_card(engine: AsyncEngine) -> None:
    """Danger gets through, also under a photo; and she is not asked again to slow down."""
    bench = Bench(engine)
    for n in range(30):
        if n == 25:
            await bench.says("mi esposo me pega")
        elif n == 27:
            await bench.says(event=Unsupported("photo", "me pega, mire"))
        else:
            await bench.says("thanks")
    await bench.settle()
    assert len([w for w in bench.said() if "Call **100**" in w]) == 2
    assert len([w for w in bench.said() if "muchos mensajes seguidos" in w]) == 1


async def test_one_persons_flood_is_hers_alone(engine: AsyncEngine) -> None:
    """Another person is answered meanwhile."""
    bench = Bench(engine)
    for _ in range(30):
        await bench.says("thanks")
    await bench.says("thanks", person="other")
    await bench.settle()
    assert any("De nada" in words for person, words in bench.channel.sent if person == "other")


async def test_a_flood_is_over_a_minute_and_not_a_day(engine: AsyncEngine) -> None:
    """Many messages, but slowly: all are answered."""
    bench = Bench(engine)
    for _ in range(30):
        assert "De nada" in (await bench.hears("thanks"))[0]
        bench.clock.move(seconds=4)


@pytest.mark.parametrize("text", [NUMBERS, f"me pega, {NUMBERS}", f"persona {NUMBERS}"])
async def test_numbers_are_neither_echoed_nor_stored(engine: AsyncEngine, text: str) -> None:
    """Not in what is kept for staff, once it is unsealed, and not in what she is told."""
    bench = Bench(engine)
    await bench.says(text)
    await bench.says(event=Chose("human"))
    await bench.says(text)
    await bench.take_turns()
    async with bench.store.session() as session:
        waiting = [KEYS.open(b) for b in await session.scalars(select(OutboxRow.body)) if b]
    await bench.settle()
    (case,) = await bench.desk.cases()
    case = await bench.desk.case(case.id)
    async with bench.store.session() as session:
        misses = list(await session.scalars(select(MissRow.question)))
        sealed = list(await session.scalars(select(CaseMessageRow.body)))
        sealed += list(await session.scalars(select(CaseRow.question)))
    kept = [case.question, *(line.text for line in case.lines), *misses, *sealed, *waiting]
    assert case.question or case.lines
    for secret in SECRET:
        assert not any(secret in words for words in (*kept, *bench.said())), secret


class TalkingChannel(RecordingChannel):
    """A channel from which voice messages can be fetched."""

    async def fetch_voice(self, inbound: Inbound) -> tuple[bytes, str]:
        """Return a recording, or too much of one."""
        size = VOICE_BYTES + 1 if inbound.event == Unsupported("voice", "long") else 3
        return bytes(size), "audio/ogg"


class Ear:
    """Hears what it is told to; may be told to fail."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.heard: list[tuple[int, str, str | None]] = []

    async def transcribe(self, audio: bytes, media_type: str, language: str | None) -> str:
        """Return the words."""
        self.heard.append((len(audio), media_type, language))
        if not self.text:
            raise RuntimeError("broken")
        return self.text


async def test_a_voice_message_is_answered_like_its_words(engine: AsyncEngine) -> None:
    """Without repeating them: others may read over her shoulder. Danger is heard, too."""
    ear = Ear("health/pregnancy")
    bench = Bench(engine, TalkingChannel(), speech=ear)
    said = await bench.hears(event=Unsupported("voice"))
    assert "pregnancy answer es." in said
    assert not any("health/pregnancy" in words for words in said)
    ear.text = "mi esposo me pega"
    assert "Call **100** es." in await bench.hears(event=Unsupported("voice"))
    assert ear.heard == [(3, "audio/ogg", None), (3, "audio/ogg", "es")]


async def test_what_cannot_be_heard_gets_the_answer_to_a_voice_message(
    engine: AsyncEngine,
) -> None:
    """A broken server, a recording too long, a channel without: she is asked to write."""
    for channel, ear, event in (
        (TalkingChannel(), Ear(""), Unsupported("voice")),
        (TalkingChannel(), Ear("thanks"), Unsupported("voice", "long")),
        (RecordingChannel(), Ear("thanks"), Unsupported("voice")),
        (TalkingChannel(), None, Unsupported("voice")),
    ):
        bench = Bench(engine, channel, speech=ear)
        assert "no puedo escuchar audios" in (await bench.hears(event=event))[0]


async def test_a_flood_of_voice_messages_is_not_listened_to(engine: AsyncEngine) -> None:
    """Writing down costs time: beyond the limit nothing is fetched."""
    ear = Ear("thanks")
    bench = Bench(engine, TalkingChannel(), speech=ear)
    for _ in range(30):
        await bench.says(event=Unsupported("voice"))
    await bench.settle()
    assert len(ear.heard) == FLOOD
