"""Readings of texts that come again are remembered: bounded, for a while, and without the text."""

import asyncio
import gc

import pytest

from nlu.cache import CachedClient
from nlu.client import NluClient, NluUnavailable
from nlu.understanding import Candidate
from tests.contract.nlu_contract import EXAMPLES, NluClientContract
from tests.fakes.nlu import Clock, ScriptedReader


class TestCachedClient(NluClientContract):
    """The cache keeps the contract of what stands behind it."""

    @pytest.fixture
    def client(self) -> NluClient:
        """A cache before the reader by keywords."""
        from nlu.keywords import KeywordReader

        return CachedClient(KeywordReader(EXAMPLES), entries=4)


HIGH, LOW = (Candidate("greet", 0.9),), (Candidate("greet", 0.1),)


async def test_the_same_text_is_asked_once() -> None:
    """The second time costs no question, and look-ups are counted."""
    inner, counted = ScriptedReader(HIGH), list[bool]()
    cached = CachedClient(inner, counted=counted.append)
    assert await cached.parse("hola") == await cached.parse(" hola ") == HIGH
    assert await cached.parse("otra") == HIGH
    assert (inner.asked, counted) == (2, [False, True, False])


async def test_the_least_recently_used_goes_first() -> None:
    """With room for two, the third text takes the place of the one not asked for longest."""
    inner = ScriptedReader(HIGH)
    cached = CachedClient(inner, entries=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        await cached.parse(text)
    assert len(cached) == 2
    assert inner.asked == 4  # a, b, c, and b again


async def test_no_text_is_kept() -> None:
    """Nothing that the cache holds contains what was asked."""
    cached = CachedClient(ScriptedReader(HIGH))
    secret = "mi secreto " + "x" * 30
    await cached.parse(secret)
    held = gc.get_referents(cached)
    assert "secreto" not in repr([cached.__dict__, held])


async def test_a_change_of_model_empties_it() -> None:
    """After a change the new model is asked, even for what the old one was still reading."""
    inner = ScriptedReader(HIGH)
    cached = CachedClient(inner)
    await cached.parse("hola")
    inner.candidates = LOW
    cached.empty()
    assert await cached.parse("hola") == LOW

    gate = asyncio.Event()

    class Slow(ScriptedReader):
        async def parse(self, text: str) -> tuple[Candidate, ...]:
            answer = self.candidates
            await gate.wait()
            return answer

    slow = Slow(HIGH)
    cached = CachedClient(slow)
    asking = asyncio.create_task(cached.parse("hola"))
    await asyncio.sleep(0)
    cached.empty()
    slow.candidates = LOW
    gate.set()
    assert await asking == HIGH
    assert await cached.parse("hola") == LOW


async def test_nothing_is_remembered_for_longer_than_five_minutes() -> None:
    """A service elsewhere may have changed its model meanwhile."""
    inner, clock = ScriptedReader(HIGH), Clock()
    cached = CachedClient(inner, clock=clock)
    await cached.parse("hola")
    clock.now += 299
    await cached.parse("hola")
    clock.now += 2
    await cached.parse("hola")
    assert inner.asked == 2


async def test_failures_are_not_remembered() -> None:
    """After an outage the service is asked again."""
    inner = ScriptedReader(HIGH)
    cached = CachedClient(inner)
    inner.down = True
    with pytest.raises(NluUnavailable):
        await cached.parse("hola")
    inner.down = False
    assert await cached.parse("hola") == HIGH
