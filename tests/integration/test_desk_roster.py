"""The duty roster in real databases, also in one that an older version filled."""

from pathlib import Path

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from content.catalogue import Desk
from content.exchange.transfer import export_folder, import_folder
from content.files import Tree, read_tree
from content.models import DocumentRow
from content.publishing import current_version, load_catalogue
from content.seed import Seeding, seed
from tests.fakes.content import DESK, catalogue, files_of


async def test_the_roster_comes_out_as_it_went_in(engine: AsyncEngine, tmp_path: Path) -> None:
    """Export, import, export is identical."""
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with sessions.begin() as session:
        assert await seed(session, Tree(catalogue(), (), {})) is Seeding.IMPORTED
    async with sessions() as session:
        assert (await load_catalogue(session)).desk == DESK
        await export_folder(session, tmp_path / "first")
    assert read_tree(tmp_path / "first").catalogue.desk == DESK
    async with sessions.begin() as session:
        await import_folder(session, tmp_path / "first")
    async with sessions() as session:
        await export_folder(session, tmp_path / "second")
    assert files_of(tmp_path / "first") == files_of(tmp_path / "second")


async def test_a_database_of_an_older_version_has_no_roster(engine: AsyncEngine) -> None:
    """It loads, with a desk that is never open, and gets the program's roster at the next start."""
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    async with sessions.begin() as session:
        await seed(session, Tree(catalogue(desk=Desk()), (), {}))
        await session.execute(delete(DocumentRow).where(DocumentRow.kind == "desk"))
    async with sessions() as session:
        loaded = await load_catalogue(session)
        assert loaded.desk == Desk()
        assert loaded.version == await current_version(session)
    async with sessions.begin() as session:
        assert await seed(session, Tree(catalogue(), (), {})) is Seeding.UPDATED
    async with sessions() as session:
        assert (await load_catalogue(session)).desk == DESK
