"""A queue at work: how much it claims at once."""

import asyncio
from dataclasses import dataclass

from bot.pump import Pump


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a queue; each is somebody else's."""

    conversation: str


class Source:
    """Rows without end, and how many of them each claim took."""

    def __init__(self) -> None:
        self.claims: list[int] = []
        self.begun: list[asyncio.Event] = []
        self.claimed: asyncio.Queue[int] = asyncio.Queue()

    async def claim(self, busy: frozenset[str], most: int) -> list[Row]:
        """Give as many as are wanted."""
        self.claims.append(most)
        self.claimed.put_nowait(most)
        start = len(self.begun)
        self.begun += [asyncio.Event() for _ in range(most)]
        return [Row(str(number)) for number in range(start, start + most)]

    async def handle(self, row: Row) -> None:
        """Work until told to end."""
        await self.begun[int(row.conversation)].wait()


async def test_a_full_queue_claims_again_once_enough_is_done() -> None:
    """A claim costs several statements, so it takes more than an eighth of what it may have."""
    source = Source()
    pump = Pump("test", source.claim, source.handle, most=16, idle=0.01)
    running = asyncio.create_task(pump.run())
    assert await source.claimed.get() == 16
    for event in source.begun[:2]:
        event.set()
    await asyncio.sleep(0.1)
    assert source.claims == [16]
    source.begun[2].set()
    assert await asyncio.wait_for(source.claimed.get(), 5) == 3
    running.cancel()
    for event in source.begun:
        event.set()
    await asyncio.wait({running})
