"""Bringing a database to the tables of this program, and back."""

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import AsyncEngine

_LOCK = 0x0_71E_57B  # another one than that of the content


async def upgrade(engine: AsyncEngine, metadata: MetaData, revision: str = "head") -> None:
    """Create or alter the tables up to a revision.

    Several processes may do so at once: PostgreSQL has a lock for it, and the engine's SQLite
    transactions begin by taking the write lock.
    """
    async with engine.begin() as connection:
        await connection.run_sync(_run, command.upgrade, metadata, revision)


async def downgrade(engine: AsyncEngine, metadata: MetaData, revision: str) -> None:
    """Take the tables back to a revision; 'base' removes them with all that they hold."""
    async with engine.begin() as connection:
        await connection.run_sync(_run, command.downgrade, metadata, revision)


def _run(
    connection: Connection,
    action: Callable[[Config, str], None],
    metadata: MetaData,
    revision: str,
) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    config = Config(attributes={"connection": connection, "metadata": metadata})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    action(config, revision)
