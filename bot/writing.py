"""Writing to the database under load: one after the other, and many things in one go."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

MOST_TOGETHER = 100


class Queue:
    """Lets one transaction after the other write; whoever is urgent goes before the rest.

    SQLite has one writer anyway, but whoever finds it busy looks again after ever longer pauses,
    in no order: under load some wait for a quarter of a second. Here the next one is told.
    """

    def __init__(self) -> None:
        self._taken = False
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._rest: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def turn(self, *, urgent: bool = False) -> AsyncIterator[None]:
        """Wait for one's turn and keep it for as long as the context lasts."""
        if self._taken:
            await self._wait(self._urgent if urgent else self._rest)
        self._taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, line: "deque[asyncio.Future[None]]") -> None:
        mine = asyncio.get_running_loop().create_future()
        line.append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # it had just become one's turn
                self._pass_on()
            raise

    def _pass_on(self) -> None:
        for line in (self._urgent, self._rest):
            while line:
                following = line.popleft()
                if not following.done():
                    following.set_result(None)  # still taken, by whoever follows
                    return
        self._taken = False


class Together(Generic[T, R]):
    """Does in one go what many ask for at the same time; somebody alone waits for nobody.

    `work` takes what was asked and gives a result for each, in order; when it raises, all who
    asked are told so. `most` is how many are done in one go.
    """

    def __init__(
        self, work: Callable[[Sequence[T]], Awaitable[Sequence[R]]], *, most: int = MOST_TOGETHER
    ) -> None:
        self._work = work
        self._most = most
        self._asked: list[tuple[T, asyncio.Future[R]]] = []
        self._working: asyncio.Task[None] | None = None

    async def __call__(self, what: T) -> R:
        """Have it done and return what came of it. It is done even if one stops waiting."""
        mine: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._asked.append((what, mine))
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self._run())
        return await mine

    async def rest(self, patience: float) -> None:
        """Wait until nothing is being done, at most `patience` seconds."""
        if self._working is not None and not self._working.done():
            await asyncio.wait({self._working}, timeout=patience)

    async def _run(self) -> None:
        while self._asked:
            now, self._asked = self._asked[: self._most], self._asked[self._most :]
            try:
                found = await self._work([what for what, _ in now])
            except Exception as error:
                for _, waiting in now:
                    if not waiting.done():
                        waiting.set_exception(error)
            else:
                for (_, waiting), result in zip(now, found, strict=True):
                    if not waiting.done():
                        waiting.set_result(result)
