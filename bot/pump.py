"""A queue at work: different persons in parallel, the messages of one person in order."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

import structlog

from bot.store import StoreUnavailable

log = structlog.get_logger()


class Item(Protocol):
    """A row of a queue."""

    @property
    def conversation(self) -> str:
        """Whose it is."""


T = TypeVar("T", bound=Item)

LONGEST_GOODBYE = 10.0  # seconds for what was begun, once the work is to end
AFTER_FAILURE = 2.0  # seconds to wait when the database fails
GATHERING = 0.005  # seconds that a busy queue waits, so that one claim takes several rows


class Pump(Generic[T]):
    """Claims due rows and handles them, at most `most` persons at once.

    `idle` is how long, in seconds, it sleeps without being woken.
    """

    def __init__(
        self,
        name: str,
        claim: Callable[[frozenset[str], int], Awaitable[list[T]]],
        handle: Callable[[T], Awaitable[None]],
        *,
        most: int = 32,
        idle: float = 1.0,
    ) -> None:
        self._name = name
        self._claim = claim
        self._handle = handle
        self._most = most
        self._idle = idle
        self._busy: set[str] = set()
        self._awake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        """Look for work now."""
        self._awake.set()

    async def run(self) -> None:
        """Work until cancelled; what was begun is finished first."""
        claiming: asyncio.Task[list[T]] | None = None
        try:
            while True:
                if len(self._busy) > self._most // 16:
                    await asyncio.sleep(GATHERING)
                self._awake.clear()
                room = self._room()
                # A claim is never cut short: its rows would wait for the end of their lease.
                claiming = asyncio.create_task(self._claimed(room))
                items = await asyncio.shield(claiming)
                claiming = None
                self._begin(items)
                if room == 0 or len(items) < room:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._awake.wait(), self._idle)
        finally:
            if claiming is not None:
                await asyncio.wait({claiming}, timeout=LONGEST_GOODBYE)
                if claiming.done() and not claiming.cancelled():
                    self._begin(claiming.result())
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=LONGEST_GOODBYE)

    def _room(self) -> int:
        """Return how many to claim; 0 until enough are done that a claim is worth its while."""
        room = self._most - len(self._busy)
        return room if room > self._most // 8 else 0

    def _begin(self, items: list[T]) -> None:
        for item in items:
            self._busy.add(item.conversation)
            task = asyncio.create_task(self._one(item))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _claimed(self, room: int) -> list[T]:
        if room == 0:
            return []
        try:
            return await self._claim(frozenset(self._busy), room)
        except StoreUnavailable as error:
            log.error("queue_waits", queue=self._name, why=str(error))
            await asyncio.sleep(AFTER_FAILURE)
        except Exception as error:  # a queue that stops is worse than one that complains
            log.error("claim_failed", queue=self._name, error=type(error).__name__)
            await asyncio.sleep(AFTER_FAILURE)
        return []

    async def _one(self, item: T) -> None:
        try:
            await self._handle(item)
        except StoreUnavailable as error:
            # The lease ends by itself, then the row is tried again.
            log.error("item_waits", queue=self._name, why=str(error))
        except Exception as error:  # one bad row must not stop the others
            log.error("item_failed", queue=self._name, error=type(error).__name__)
        finally:
            self._busy.discard(item.conversation)
            self.wake()
