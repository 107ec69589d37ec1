"""Writing one after the other, and many things in one go."""

import asyncio
from collections.abc import Sequence

import pytest

from bot.writing import MOST_TOGETHER, Queue, Together


async def test_turns_are_taken_in_order_and_the_urgent_first() -> None:
    """Nobody writes beside another; whoever is urgent passes all who wait, but not who writes."""
    queue, order, inside = Queue(), list[str](), 0

    async def write(name: str, urgent: bool = False) -> None:
        nonlocal inside
        async with queue.turn(urgent=urgent):
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            order.append(name)
            inside -= 1

    await asyncio.gather(write("a"), write("b"), write("c"), write("u", True), write("v", True))
    assert order == ["a", "u", "v", "b", "c"]


async def test_who_gives_up_or_fails_blocks_nobody() -> None:
    """A turn that was waited for in vain, or that ended with an error, goes to the next."""
    queue = Queue()
    async with queue.turn():
        waiting = [asyncio.create_task(_enter(queue)) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[0].cancel()
    waiting[1].cancel()  # it had just become its turn
    await asyncio.wait(waiting)
    assert waiting[2].result() == "in"
    with pytest.raises(ZeroDivisionError):
        async with queue.turn():
            raise ZeroDivisionError
    assert await asyncio.wait_for(_enter(queue), 5) == "in"


async def _enter(queue: Queue) -> str:
    async with queue.turn():
        return "in"


async def test_what_is_asked_meanwhile_is_done_together() -> None:
    """The first is done at once; all who ask meanwhile are done in one go, each with its result."""
    groups: list[int] = []
    begun, gate = asyncio.Event(), asyncio.Event()

    async def work(numbers: Sequence[int]) -> list[int]:
        groups.append(len(numbers))
        begun.set()
        await gate.wait()
        return [number * 2 for number in numbers]

    double = Together(work)
    first = asyncio.create_task(double(0))
    await begun.wait()
    rest = [asyncio.create_task(double(n)) for n in range(1, MOST_TOGETHER + 11)]
    await asyncio.sleep(0)
    gate.set()
    assert await first == 0
    assert [await one for one in rest] == [2 * n for n in range(1, MOST_TOGETHER + 11)]
    assert groups == [1, MOST_TOGETHER, 10]


async def test_a_failure_is_told_to_all_and_is_over_afterwards() -> None:
    """Who asks later is not harmed by it; who no longer waits does not harm the others."""
    down = True

    async def work(numbers: Sequence[int]) -> list[int]:
        await asyncio.sleep(0)
        if down:
            raise OSError
        return list(numbers)

    same = Together(work)
    for result in await asyncio.gather(same(1), same(2), return_exceptions=True):
        assert isinstance(result, OSError)
    down = False
    gone = asyncio.create_task(same(3))
    stays = asyncio.create_task(same(4))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 4


async def test_so_many_and_no_more_are_done_in_one_go() -> None:
    """What takes long does not take all others' time."""
    groups: list[int] = []

    async def work(numbers: Sequence[int]) -> list[int]:
        groups.append(len(numbers))
        return list(numbers)

    same = Together(work, most=2)
    assert await asyncio.gather(*map(same, range(5))) == list(range(5))
    assert groups == [2, 2, 1]


async def test_others_wait_for_its_rest_but_not_for_long() -> None:
    """Who lets it go first goes on when it is done, or when the patience is at an end."""
    gate = asyncio.Event()

    async def work(numbers: Sequence[int]) -> list[int]:
        await gate.wait()
        return list(numbers)

    same = Together(work)
    await same.rest(60)  # nothing is being done
    asked = asyncio.create_task(same(1))
    await asyncio.sleep(0)
    await same.rest(0.001)
    assert not asked.done()
    resting = asyncio.create_task(same.rest(60))
    await asyncio.sleep(0)
    assert not resting.done()
    gate.set()
    await asyncio.wait_for(resting, 5)
    assert await asked == 1
