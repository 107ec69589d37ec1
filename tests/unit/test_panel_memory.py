"""What the panel keeps in memory: made once, and in nobody's way when it is made anew."""

import asyncio
from threading import Event

from content.panel.memory import Memory


async def test_the_first_waits_and_later_ones_do_not() -> None:
    """While a value of a new version is made, the last one serves."""
    memory, slow = Memory(), Event()

    def second() -> str:
        slow.wait(10)
        return "second"

    assert await memory.nearly("name", 1, lambda: "first") == "first"
    assert await memory.nearly("name", 2, second) == "first"
    assert await memory.nearly("name", 2, second) == "first"
    slow.set()
    await memory.settle()
    assert await memory.nearly("name", 2, lambda: "never made") == "second"


async def test_what_is_being_made_is_not_begun_again() -> None:
    """However often somebody looks meanwhile."""
    memory, slow, begun = Memory(), Event(), []

    def make() -> None:
        begun.append(1)
        slow.wait(10)

    for _ in range(5):
        memory.warm("name", 1, make)
        await asyncio.sleep(0)
    slow.set()
    await memory.settle()
    assert begun == [1]
