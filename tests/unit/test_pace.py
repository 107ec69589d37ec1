"""Nobody is written to faster than the platform takes, and nobody waits for somebody else."""

import asyncio

from bot import pace
from bot.pace import Pace


async def _passes(paced: Pace, channel: str, person: str) -> bool:
    try:
        await asyncio.wait_for(paced.wait(channel, person), 0.05)
    except TimeoutError:
        return False
    return True


async def test_a_pair_gets_its_burst_and_no_more() -> None:
    """WhatsApp lends 45 messages to one person; others' go on."""
    paced = Pace()
    most, seconds = pace.EACH["whatsapp"]
    assert most < 45
    assert seconds / most == 6
    passed = [await _passes(paced, "whatsapp", "a") for _ in range(most + 1)]
    assert passed == [True] * most + [False]
    assert await _passes(paced, "whatsapp", "b")


async def test_pages_are_not_paced() -> None:
    """The web chat and the terminal have no such limit."""
    paced = Pace()
    assert all([await _passes(paced, "web", "a") for _ in range(200)])


async def test_only_the_last_persons_are_remembered() -> None:
    """The memory does not grow with everybody who ever wrote."""
    paced = Pace(remembered=2)
    for person in ("a", "b", "a", "c"):
        await paced.wait("whatsapp", person)
    assert list(paced._each) == ["a", "c"]
