"""What the panel keeps in memory between requests, because making it takes long."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")


class Memory:
    """Values by name, each of one version or for a while."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[Any, Any]] = {}
        self._locks: dict[str, asyncio.Lock] = {}
        self._warming: set[asyncio.Task[Any]] = set()

    async def of_version(self, name: str, version: object, make: Callable[[], T]) -> T:
        """Return a value of this version; `make` makes it in a thread, once for all who wait."""
        async with self._locks.setdefault(name, asyncio.Lock()):
            kept = self._made.get(name)
            if kept is None or kept[0] != version:
                kept = self._made[name] = (version, await asyncio.to_thread(make))
        found: T = kept[1]
        return found

    async def nearly(self, name: str, version: object, make: Callable[[], T]) -> T:
        """Return a value of this version, or the last one while that of this version is made.

        Nobody waits for it but whoever asks first of all.
        """
        kept = self._made.get(name)
        if kept is None:
            return await self.of_version(name, version, make)
        self.warm(name, version, make)
        found: T = kept[1]
        return found

    def warm(self, name: str, version: object, make: Callable[[], object]) -> None:
        """Begin to make a value that will probably be wanted soon; nobody waits for it."""
        kept = self._made.get(name)
        lock = self._locks.get(name)
        if (kept is None or kept[0] != version) and not (lock and lock.locked()):
            task = asyncio.create_task(self.of_version(name, version, make))
            self._warming.add(task)
            task.add_done_callback(self._warming.discard)

    async def settle(self) -> None:
        """Wait until nothing is being made any more."""
        await asyncio.gather(*self._warming, return_exceptions=True)

    async def for_a_while(
        self, name: str, now: datetime, span: timedelta, make: Callable[[], Awaitable[T]]
    ) -> T:
        """Return a value that is no older than `span`."""
        kept = self._made.get(name)
        if kept is None or not timedelta(0) <= now - kept[0] < span:
            kept = self._made[name] = (now, await make())
        found: T = kept[1]
        return found
