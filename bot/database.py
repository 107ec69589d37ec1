"""Opening the database, SQLite or PostgreSQL."""

from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.sqlite import connect

ONLY_READS = "orienta_only_reads"
"""An execution option of an engine whose transactions write nothing, and so need no lock."""


def open_engine(url: str, *, patience: float = 5.0) -> AsyncEngine:
    """Return an engine; SQLite gets write-ahead logging and waits `patience` seconds for a lock."""
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)
    path = make_url(url).database or ":memory:"
    engine = create_async_engine(url, async_creator=lambda: connect(path, patience))

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _: object) -> None:
        # The driver must not open transactions by itself: a read that turns into a write half-way
        # fails at once with "database is locked" instead of waiting.
        connection.isolation_level = None
        try:
            cursor = connection.cursor()
            for pragma in (
                "journal_mode=WAL",
                "synchronous=NORMAL",
                "wal_autocheckpoint=0",  # `QuickConnection` sees to it, where nobody waits for it
                "foreign_keys=ON",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()
        except BaseException:
            connection.close()  # a file that is no database: nobody else would close it
            raise

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Any) -> None:
        reads = connection.get_execution_options().get(ONLY_READS)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine
