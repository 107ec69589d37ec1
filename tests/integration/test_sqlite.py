"""SQLite beside another program, and the log that becomes the database now and then."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import open_engine
from bot.sqlite import CHECKPOINT_AFTER


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    """An engine on a file with one table, patient for five seconds."""
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'orienta.db'}")
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE notes (word TEXT)"))
    yield engine
    await engine.dispose()


async def _write(engine: AsyncEngine, word: str) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("INSERT INTO notes VALUES (:word)"), {"word": word})


async def test_a_writer_waits_for_another_program_and_stops_nobody(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    """It goes on once the other is done; meanwhile the event loop runs."""
    with closing(sqlite3.connect(tmp_path / "orienta.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(_write(engine, "ours"))
        await asyncio.sleep(0.05)
        assert not writing.done()
        other.execute("INSERT INTO notes VALUES ('theirs')")
        other.execute("COMMIT")
        await asyncio.wait_for(writing, 5)
        found = other.execute("SELECT word FROM notes ORDER BY rowid").fetchall()
    assert found == [("theirs",), ("ours",)]


async def test_a_writer_waits_no_longer_than_its_patience(tmp_path: Path) -> None:
    """Then it fails, as a database does that is in use elsewhere; later it works again."""
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'orienta.db'}", patience=0.05)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE notes (word TEXT)"))
    with closing(sqlite3.connect(tmp_path / "orienta.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Exception, match="locked"):
            await asyncio.wait_for(_write(engine, "ours"), 5)
        other.execute("ROLLBACK")
    await _write(engine, "ours")
    await engine.dispose()


async def test_a_transaction_without_neighbours_takes_no_thread(engine: AsyncEngine) -> None:
    """Begin, statement and commit come one after the other: hardly anything runs in between."""
    await _write(engine, "first")  # opens the connection
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)
    before = ticks
    await _write(engine, "second")
    ticking.cancel()
    assert ticks - before < 10  # rounds of the event loop; one by a thread takes hundreds


async def test_the_log_goes_into_the_database_again_and_again(
    engine: AsyncEngine, tmp_path: Path
) -> None:
    """So it does not grow for ever, and what follows a checkpoint is stored like the rest."""
    for number in range(2 * CHECKPOINT_AFTER + 5):
        await _write(engine, f"{number} " + "x" * 2000)
    log = tmp_path / "orienta.db-wal"
    sizes = [log.stat().st_size]
    for number in range(2 * CHECKPOINT_AFTER):
        await _write(engine, f"{number} " + "x" * 2000)
    sizes.append(log.stat().st_size)
    assert sizes[1] <= 1.5 * sizes[0]
    async with engine.connect() as connection:
        count = await connection.scalar(text("SELECT count(*) FROM notes"))
    assert count == 4 * CHECKPOINT_AFTER + 5
