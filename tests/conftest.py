"""Fixtures that tests of several areas share: databases of both kinds."""

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import content.panel.tables
import content.staff  # noqa: F401 - both complete the metadata
from bot.database import open_engine
from bot.tables import Base
from content.migrate import upgrade
from tests.fakes.postgresql import ProgramsMissing, Server, running_server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL server for this run; skipped without its programs, but not on CI."""
    try:
        with running_server() as server:
            yield server
    except ProgramsMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(str(missing))
        pytest.skip(str(missing))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty database, once for each kind."""
    if request.param == "sqlite":
        yield f"sqlite+aiosqlite:///{tmp_path / 'orienta.db'}"
        return
    server: Server = request.getfixturevalue("postgresql_server")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on a database that has all tables, by migration."""
    engine = open_engine(database_url)
    await upgrade(engine, Base.metadata)
    yield engine
    await engine.dispose()
