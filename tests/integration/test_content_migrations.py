"""The migrations against real databases."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import open_engine
from content.migrate import downgrade, upgrade
from content.models import Base


@pytest.fixture
async def empty(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database without any table."""
    engine = open_engine(database_url)
    yield engine
    await engine.dispose()


def differences(connection: Connection) -> list[Any]:
    """Return what a new migration would have to do."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return compare_metadata(context, Base.metadata)


def tables(connection: Connection) -> set[str]:
    """Return the names of the tables that exist."""
    return set(inspect(connection).get_table_names())


async def test_migrations_make_the_tables_that_the_program_uses(empty: AsyncEngine) -> None:
    """A change of a table without its migration fails here."""
    await upgrade(empty, Base.metadata)
    async with empty.connect() as connection:
        assert await connection.run_sync(differences) == []
        made = await connection.run_sync(tables)
    assert made == {*Base.metadata.tables, "alembic_version"}


async def test_upgrading_twice_is_upgrading_once(empty: AsyncEngine) -> None:
    """Every start may upgrade."""
    await upgrade(empty, Base.metadata)
    await upgrade(empty, Base.metadata)
    async with empty.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_migrations_can_be_taken_back(empty: AsyncEngine) -> None:
    """Down to nothing, and up again."""
    await upgrade(empty, Base.metadata)
    await downgrade(empty, Base.metadata, "base")
    async with empty.connect() as connection:
        assert await connection.run_sync(tables) == {"alembic_version"}
    await upgrade(empty, Base.metadata)
    async with empty.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_several_processes_may_upgrade_at_once(database_url: str) -> None:
    """One does the work, the others wait for it."""
    engines = [open_engine(database_url) for _ in range(3)]
    await asyncio.gather(*(upgrade(engine, Base.metadata) for engine in engines))
    async with engines[0].connect() as connection:
        assert await connection.run_sync(differences) == []
    for engine in engines:
        await engine.dispose()
