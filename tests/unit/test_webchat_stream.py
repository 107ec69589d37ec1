"""The memory of what each session of the web chat is still to be shown."""

import asyncio

import pytest

from bot.webchat.stream import Ended, MessageStream

SOON = 5.0  # seconds after which a test has failed


class Clock:
    """A clock that stands until it is moved. In seconds."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_page_gets_what_comes_and_resumes_where_it_was(clock: Clock) -> None:
    """A page that comes back with the last id it saw gets what it missed, once."""
    stream = MessageStream(clock=clock)
    stream.publish("p", "reply", "1", key="a")
    with stream.listen("p") as listener:
        (first,) = await listener.next(0)
        assert await listener.next(0) == ()
    stream.publish("p", "reply", "2", key="b")
    stream.publish("p", "reply", "3", key="c")
    with stream.listen("p", first.id) as listener:
        missed = await listener.next(0)
    stream.close()
    assert [d.data for d in missed] == ["2", "3"]
    assert first.id < missed[0].id < missed[1].id


async def test_all_open_pages_of_a_person_and_of_nobody_else_are_woken() -> None:
    """Two pages of one person get the same event while they wait; another person's gets none."""
    stream = MessageStream()
    with stream.listen("p") as one, stream.listen("p") as two, stream.listen("q") as other:
        waiting = [asyncio.create_task(page.next(SOON)) for page in (one, two)]
        await asyncio.sleep(0)
        assert stream.listeners("p") == 2
        stream.publish("p", "reply", "x", key="a")
        got = await asyncio.gather(*waiting)
        assert [[d.data for d in page] for page in got] == [["x"], ["x"]]
        assert await other.next(0) == ()
    stream.close()
    assert stream.listeners("p") == 0


async def test_ids_grow_over_a_restart(clock: Clock) -> None:
    """What is published after a restart has a higher id than all before it."""
    before = MessageStream(clock=clock)
    last = [before.publish("p", "reply", "x", key=str(n)) for n in range(5)][-1]
    before.close()
    clock.now += 1
    after = MessageStream(clock=clock)
    assert after.publish("p", "reply", "x", key="0") > last
    after.close()


async def test_the_memory_is_bounded_in_number_time_and_size(clock: Clock) -> None:
    """The newest are kept; the old go with time; the session silent longest makes room."""
    stream = MessageStream(clock=clock, kept=3, seconds=60, capacity=10)

    def kept(person: str) -> list[str]:
        with stream.listen(person) as listener:
            return [d.data for d in listener.waiting()]

    for n in range(5):
        stream.publish("p", "reply", str(n), key=str(n))
    assert kept("p") == ["2", "3", "4"]
    clock.now += 40
    stream.publish("p", "reply", "5", key="5")
    clock.now += 30
    stream.sweep()
    assert kept("p") == ["5"]
    stream.publish("q", "reply", "1234567890", key="a")
    assert (kept("p"), kept("q")) == ([], ["1234567890"])
    stream.close()


async def test_what_is_old_goes_by_itself() -> None:
    """Nobody has to ask: the stream drops old events on its own."""
    stream = MessageStream(seconds=0.05)
    stream.publish("p", "reply", "x", key="a")
    async with asyncio.timeout(SOON):
        with stream.listen("p") as listener:
            assert listener.waiting()
        while True:
            with stream.listen("p") as listener:
                if not listener.waiting():
                    break
            await asyncio.sleep(0.01)
    stream.close()


async def test_ending_a_session_closes_its_pages_and_forgets_it() -> None:
    """A waiting page is told that nothing follows; a new one finds nothing of before."""
    stream = MessageStream()
    with stream.listen("p") as listener:
        stream.publish("p", "reply", "x", key="a")
        await listener.next(0)
        waiting = asyncio.create_task(listener.next(SOON))
        await asyncio.sleep(0)
        stream.end("p")
        with pytest.raises(Ended):
            await waiting
    with stream.listen("p") as listener:
        assert listener.waiting() == ()
    stream.close()


async def test_that_a_session_was_left_is_remembered_for_a_while(clock: Clock) -> None:
    """The memory of who left goes with time, or when she opens a page again."""
    stream = MessageStream(clock=clock, seconds=60)
    stream.end("p")
    stream.end("q")
    with stream.listen("q"):
        assert (stream.has_left("p"), stream.has_left("q")) == (True, False)
    clock.now += 60
    stream.sweep()
    assert not stream.has_left("p")
    stream.close()


async def test_closing_shows_what_is_kept_first_and_is_final() -> None:
    """A page reads what came before the end; one that opens after it is closed at once."""
    stream = MessageStream()
    with stream.listen("p") as listener:
        stream.publish("p", "reply", "x", key="a")
        stream.close()
        assert [d.data for d in await listener.next(SOON)] == ["x"]
        with pytest.raises(Ended):
            await listener.next(SOON)
    with stream.listen("p") as late:
        async with asyncio.timeout(SOON / 2):
            with pytest.raises(Ended):
                await late.next(SOON)
    assert not stream.is_known("p")
