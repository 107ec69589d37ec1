"""SQLite without a thread's detour for each statement.

`aiosqlite` hands every step to a thread and waits for its answer, about ten times a transaction.
Under load each time costs a round of the event loop, and the one writer that SQLite has holds its
lock meanwhile. A statement on rows found by an index takes less than the detour, so only what may
wait, for a lock or for the disk, takes it.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

_MAY_WAIT = ("BEGIN", "PRAGMA", "DELETE", "CREATE", "DROP", "ALTER")
_LENGTH = max(map(len, _MAY_WAIT))


class QuickConnection(aiosqlite.Connection):
    """A connection that carries out at once what neither waits nor takes long."""

    _waiting: "asyncio.Future[Any] | None" = None

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # After a cancellation the thread may still be at work; then everything waits behind it.
        busy = self._waiting is not None and not self._waiting.done()
        if self._running and self._connection and not busy and not _may_wait(fn, args):
            return fn(*args, **kwargs)
        work = asyncio.ensure_future(super()._execute(fn, *args, **kwargs))  # type: ignore[no-untyped-call]
        work.add_done_callback(_looked_at)
        self._waiting = work
        return await asyncio.shield(work)


def _may_wait(fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    """Say whether a step waits for a lock or for the disk, or may touch very many rows."""
    if args and isinstance(args[0], str):
        return args[0].lstrip()[:_LENGTH].upper().startswith(_MAY_WAIT)
    return getattr(fn, "__name__", "") in ("commit", "close", "backup", "iterdump")


def _looked_at(work: "asyncio.Future[Any]") -> None:
    if not work.cancelled():
        work.exception()  # whoever waited has been told, or waits no longer


async def connect(path: str, patience: float) -> QuickConnection:
    """Open a database; `patience` is how long it waits for a lock, in seconds."""
    # Two threads use it, but never at the same time.
    opener = partial(sqlite3.connect, path, timeout=patience, check_same_thread=False)
    connection = QuickConnection(opener, iter_chunk_size=64)
    connection._thread.daemon = True  # one that is left open must not keep the program alive
    await connection
    return connection
