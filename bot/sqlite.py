"""SQLite without a thread's detour for each statement.

`aiosqlite` hands every step to a thread and waits for its answer, about ten times a transaction.
Under load each time costs several rounds of the event loop, and the one writer that SQLite has
holds its lock meanwhile. A statement on rows found by an index takes less than the detour, and a
commit to the write-ahead log waits for no disk; so only what may wait, for another program's lock
or for the disk, takes it.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any

import aiosqlite

_MAY_WAIT = ("BEGIN", "PRAGMA", "DELETE", "CREATE", "DROP", "ALTER")
_LENGTH = max(map(len, _MAY_WAIT))
# Commits of a connection from one checkpoint to the next, which moves the log into the database
# and waits for the disk.
CHECKPOINT_AFTER = 100


class QuickConnection(aiosqlite.Connection):
    """A connection that carries out at once what neither waits nor takes long.

    `patience` is how long a transaction waits for another program's lock, in seconds.
    """

    _waiting: "asyncio.Future[Any] | None" = None
    _commits = 0
    patience = 5.0

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        # After a cancellation the thread may still be at work; then everything waits behind it.
        busy = self._waiting is not None and not self._waiting.done()
        if self._running and self._connection and not busy:
            if args[:1] == ("BEGIN IMMEDIATE",):
                try:
                    return self._begun(self._connection, fn, *args)
                except sqlite3.OperationalError:
                    pass  # another program writes: wait for it, but not here
            elif getattr(fn, "__name__", "") == "commit":
                fn()
                return await self._committed(self._connection)
            elif not _may_wait(fn, args):
                return fn(*args, **kwargs)
        return await self._in_thread(fn, *args, **kwargs)

    async def _in_thread(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        work = asyncio.ensure_future(super()._execute(fn, *args, **kwargs))  # type: ignore[no-untyped-call]
        work.add_done_callback(_looked_at)
        self._waiting = work
        return await asyncio.shield(work)

    def _begun(self, connection: sqlite3.Connection, fn: Callable[..., Any], *args: Any) -> Any:
        """Begin if nobody else writes now; raise `OperationalError` at once if somebody does."""
        connection.execute("PRAGMA busy_timeout=0")
        try:
            return fn(*args)
        finally:
            connection.execute(f"PRAGMA busy_timeout={round(1000 * self.patience)}")

    async def _committed(self, connection: sqlite3.Connection) -> None:
        self._commits += 1
        if self._commits % CHECKPOINT_AFTER == 0:
            await self._in_thread(_checkpoint, connection)


def _checkpoint(connection: sqlite3.Connection) -> None:
    # A row that nobody fetches would keep the next transaction from its commit.
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _may_wait(fn: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    """Say whether a step waits for a lock or for the disk, or may touch very many rows."""
    if args and isinstance(args[0], str):
        return args[0].lstrip()[:_LENGTH].upper().startswith(_MAY_WAIT)
    # A cursor's end, unlike a connection's, is over at once.
    of_connection = isinstance(getattr(fn, "__self__", None), sqlite3.Connection)
    return of_connection and getattr(fn, "__name__", "") in ("close", "backup", "iterdump")


def _looked_at(work: "asyncio.Future[Any]") -> None:
    if not work.cancelled():
        work.exception()  # whoever waited has been told, or waits no longer


async def connect(path: str, patience: float) -> QuickConnection:
    """Open a database; `patience` is how long it waits for a lock, in seconds."""
    # Two threads use it, but never at the same time.
    opener = partial(sqlite3.connect, path, timeout=patience, check_same_thread=False)
    connection = QuickConnection(opener, iter_chunk_size=64)
    connection.patience = patience
    connection._thread.daemon = True  # one that is left open must not keep the program alive
    await connection
    return connection
