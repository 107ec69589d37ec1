"""Content in real databases: seeding, loading, exporting, importing."""

import asyncio
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from content.catalogue import LANGUAGES, SECTIONS, Catalogue
from content.checks import check
from content.exchange.transfer import FolderInUse, NoFolder, export_folder, import_folder
from content.faults import FaultyTree, errors
from content.files import Tree, read_tree
from content.models import (
    ArticleRow,
    CatalogueVersionRow,
    DocumentRow,
    ExampleRow,
    RevisionRow,
)
from content.publishing import (
    NothingPublished,
    current_version,
    load_catalogue,
    record_version,
)
from content.seed import Seeding, seed
from content.storing import store_catalogue
from content.workflow import Status
from tests.fakes import content as fake

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
REPOSITORY = Path(__file__).parents[2]

Sessions = async_sessionmaker[AsyncSession]


@pytest.fixture
def sessions(engine: AsyncEngine) -> Sessions:
    """Sessions on a database with tables and nothing in them."""
    return async_sessionmaker(engine, expire_on_commit=False)


def tree(catalogue: Catalogue) -> Tree:
    """Return a catalogue as a tree read without faults."""
    return Tree(catalogue, (), {})


async def seeded(sessions: Sessions, catalogue: Catalogue) -> Seeding:
    """Seed in a transaction of its own."""
    async with sessions.begin() as session:
        return await seed(session, tree(catalogue), now=NOW)


async def loaded(sessions: Sessions) -> Catalogue:
    """Return what is published."""
    async with sessions() as session:
        return await load_catalogue(session)


async def by_staff(sessions: Sessions, article: str, **values: object) -> None:
    """Publish a text of staff in place of the Spanish one, as the panel does."""
    async with sessions.begin() as session:
        table = RevisionRow.__table__
        spanish = (RevisionRow.article_id == article, RevisionRow.language == "es")
        published = (*spanish, RevisionRow.status == Status.PUBLISHED)
        row = dict((await session.execute(select(table).where(*published))).mappings().one())
        await session.execute(update(RevisionRow).where(*published).values(status=Status.ARCHIVED))
        del row["id"]
        row |= {"author": "ana", "number": row["number"] + 1, "translates": row["number"] + 1}
        await session.execute(insert(RevisionRow).values(**row | values))
        version = (await load_catalogue(session)).version
        await record_version(session, version, origin="staff", now=NOW)


def second_text(status: Status) -> dict[str, object]:
    """Return a second Spanish revision of an article, by staff."""
    return {
        "article_id": "health/birth", "language": "es", "number": 2, "status": status,
        "translates": 2, "pending_review": False, "title": "x", "label": "x", "sections": {},
        "author": "ana", "created_at": NOW,
    }  # fmt: skip


async def test_an_empty_database_says_so(sessions: Sessions) -> None:
    """There is nothing to answer with, and no version."""
    with pytest.raises(NothingPublished):
        await loaded(sessions)
    async with sessions() as session:
        assert await current_version(session) is None


async def test_a_first_seed_publishes_the_files(sessions: Sessions) -> None:
    """What is loaded equals what was in the files, and its version is the current one."""
    assert await seeded(sessions, fake.catalogue()) is Seeding.IMPORTED
    assert await loaded(sessions) == fake.catalogue()
    async with sessions() as session:
        assert await current_version(session) == fake.catalogue().version


async def test_a_second_seed_changes_nothing(sessions: Sessions) -> None:
    """Every start may seed."""
    await seeded(sessions, fake.catalogue())
    again = await seeded(sessions, fake.catalogue())
    assert (again, bool(again)) == (Seeding.UNCHANGED, False)
    async with sessions() as session:
        versions = select(func.count()).select_from(CatalogueVersionRow)
        assert (await session.execute(versions)).scalar() == 1


async def test_several_processes_may_seed_at_once(sessions: Sessions) -> None:
    """One imports, the others find it done."""
    outcomes = await asyncio.gather(*(seeded(sessions, fake.catalogue()) for _ in range(4)))
    assert sorted(outcomes) == [Seeding.IMPORTED] + [Seeding.UNCHANGED] * 3
    assert await loaded(sessions) == fake.catalogue()


@pytest.mark.parametrize("revision", [1, 2])
async def test_changed_files_update_texts_that_staff_left_alone(
    sessions: Sessions, revision: int
) -> None:
    """With or without a new revision number."""
    await seeded(sessions, fake.catalogue())
    new = fake.changed(
        fake.catalogue(), "health/access", "es", title="Otro", revision=revision,
        translates=revision, examples=("una", "dos"),
    )  # fmt: skip
    assert await seeded(sessions, new) is Seeding.UPDATED
    assert await loaded(sessions) == new


async def test_articles_and_languages_that_left_the_files_are_withdrawn(
    sessions: Sessions,
) -> None:
    """They are archived, and come back when the files have them again."""
    old = fake.catalogue()
    await seeded(sessions, old)
    fewer = fake.catalogue(articles=tuple(old.articles.values())[:2])
    assert await seeded(sessions, fewer) is Seeding.UPDATED
    assert await loaded(sessions) == fewer
    assert await seeded(sessions, old) is Seeding.UPDATED
    assert await loaded(sessions) == old


async def test_texts_of_staff_are_never_overwritten_by_files(sessions: Sessions) -> None:
    """Changed files leave them alone, and the outcome says so."""
    await seeded(sessions, fake.catalogue())
    await by_staff(sessions, "health/access", title="De Ana")
    new = fake.changed(fake.catalogue(), "rights/overview", "es", title="De los archivos")
    outcome = await seeded(sessions, new)
    assert (outcome, bool(outcome)) == (Seeding.KEPT_STAFF_TEXTS, False)
    now = await loaded(sessions)
    assert now.articles["health/access"].texts["es"].title == "De Ana"
    assert now.articles["rights/overview"].texts["es"].title != "De los archivos"


async def test_a_draft_of_staff_counts_too(sessions: Sessions) -> None:
    """Work that is not yet published is protected as well, and not shown."""
    await seeded(sessions, fake.catalogue())
    async with sessions.begin() as session:
        await session.execute(insert(RevisionRow).values(**second_text(Status.DRAFT)))
    new = fake.changed(fake.catalogue(), "rights/overview", "es", title="Nuevo")
    assert await seeded(sessions, new) is Seeding.KEPT_STAFF_TEXTS
    assert await loaded(sessions) == fake.catalogue()


async def test_files_that_cannot_be_read_are_not_seeded(sessions: Sessions, tmp_path: Path) -> None:
    """Half a tree would withdraw the other half."""
    root = fake.write(fake.catalogue(), tmp_path / "root")
    (root / "articles/health/access/es.yml").write_text("title: [")
    with pytest.raises(FaultyTree) as refused:
        async with sessions.begin() as session:
            await seed(session, read_tree(root), now=NOW)
    assert refused.value.faults
    with pytest.raises(NothingPublished):
        await loaded(sessions)


async def test_a_language_has_one_published_text(sessions: Sessions) -> None:
    """The database itself forbids two."""
    await seeded(sessions, fake.catalogue())
    async with sessions() as session:
        with pytest.raises(IntegrityError):
            await session.execute(insert(RevisionRow).values(**second_text(Status.PUBLISHED)))


async def test_times_come_back_aware_and_in_utc(sessions: Sessions) -> None:
    """Also from SQLite, which knows no zones; naive times are refused."""
    await seeded(sessions, fake.catalogue())
    async with sessions() as session:
        published = (await session.execute(select(RevisionRow.published_at))).scalars().first()
    assert published == NOW
    assert published is not None
    assert published.tzinfo is UTC
    with pytest.raises(Exception, match="zone"):
        async with sessions.begin() as session:
            await record_version(session, "x", origin="staff", now=NOW.replace(tzinfo=None))


async def test_an_article_without_a_published_spanish_text_is_not_shown(
    sessions: Sessions,
) -> None:
    """Translations alone are no article."""
    await seeded(sessions, fake.catalogue())
    async with sessions.begin() as session:
        archive = update(RevisionRow).where(
            RevisionRow.article_id == "health/birth", RevisionRow.language == "es"
        )
        await session.execute(archive.values(status=Status.ARCHIVED))
    assert "health/birth" not in (await loaded(sessions)).articles


async def test_a_database_from_before_the_guided_paths_gains_them(sessions: Sessions) -> None:
    """It loads without any, and the next start brings those of the files."""
    without = fake.catalogue(paths=())
    await seeded(sessions, without)
    assert await loaded(sessions) == without
    assert await seeded(sessions, fake.catalogue()) is Seeding.UPDATED
    assert await loaded(sessions) == fake.catalogue()


# --- export and import --------------------------------------------------------------------------


async def test_exported_imported_exported_is_identical(sessions: Sessions, tmp_path: Path) -> None:
    """Byte for byte, and into a database that holds other texts."""
    await seeded(sessions, fake.catalogue())
    first, second = tmp_path / "first", tmp_path / "second"
    async with sessions() as session:
        await export_folder(session, first)
    other = fake.changed(fake.catalogue(), "health/access", "en", title="Other")
    await seeded(sessions, other)
    async with sessions.begin() as session:
        await import_folder(session, first, now=NOW)
    async with sessions() as session:
        await export_folder(session, second)
    assert fake.files_of(first) == fake.files_of(second)
    assert await loaded(sessions) == fake.catalogue()


async def test_what_staff_published_is_exported(sessions: Sessions, tmp_path: Path) -> None:
    """With its own revision number; the translations then show as stale."""
    await seeded(sessions, fake.catalogue())
    await by_staff(sessions, "health/access", title="De Ana")
    async with sessions() as session:
        await export_folder(session, tmp_path / "out")
    out = read_tree(tmp_path / "out")
    assert out.catalogue.articles["health/access"].texts["es"].revision == 2
    assert any("revision 1 of 2" in fault.what for fault in check(out, today=fake.TODAY))


async def test_the_repositorys_content_survives_the_database(
    sessions: Sessions, tmp_path: Path
) -> None:
    """The real texts: files, database, export, import, export."""
    real = read_tree(REPOSITORY / "content")
    assert not errors(real.faults)
    async with sessions.begin() as session:
        await seed(session, real, now=NOW)
    assert await loaded(sessions) == real.catalogue
    async with sessions.begin() as session:
        await export_folder(session, tmp_path / "first")
        again = read_tree(tmp_path / "first")
        assert again.catalogue == real.catalogue
        await store_catalogue(session, again.catalogue, author="x", origin="import", now=NOW)
        await export_folder(session, tmp_path / "second")
    assert fake.files_of(tmp_path / "first") == fake.files_of(tmp_path / "second")


async def test_a_faulty_folder_is_refused_whole(sessions: Sessions, tmp_path: Path) -> None:
    """All its faults are told and nothing is changed, not even what was right."""
    await seeded(sessions, fake.catalogue())
    root = fake.write(
        fake.changed(fake.catalogue(), "health/birth", "es", title="Nuevo"), tmp_path / "in"
    )
    (root / "help.yml").write_text("help: [")
    article = root / "articles/health/access/article.yml"
    article.write_text(article.read_text().replace("health/birth", "health/nowhere"))
    with pytest.raises(FaultyTree) as refused:
        async with sessions.begin() as session:
            await import_folder(session, root, now=NOW)
    assert {f.file for f in refused.value.faults} >= {
        "help.yml", "articles/health/access/article.yml",
    }  # fmt: skip
    assert await loaded(sessions) == fake.catalogue()


async def test_an_import_does_not_overwrite_a_text_of_the_same_number(
    sessions: Sessions, tmp_path: Path
) -> None:
    """Two texts with one revision number: nobody can tell which is meant, so a person must."""
    await seeded(sessions, fake.catalogue())
    await by_staff(sessions, "health/access", title="De Ana")
    files = fake.catalogue()
    for language in LANGUAGES:
        files = fake.changed(
            files, "health/access", language, translates=2,
            **({"title": "De los archivos", "revision": 2} if language == "es" else {}),
        )  # fmt: skip
    root = fake.write(files, tmp_path / "in")
    with pytest.raises(FaultyTree, match="Raise `revision`"):
        async with sessions.begin() as session:
            await import_folder(session, root, now=NOW)
    assert (await loaded(sessions)).articles["health/access"].texts["es"].title == "De Ana"


async def test_an_older_export_brings_the_older_text_back(
    sessions: Sessions, tmp_path: Path
) -> None:
    """The newer one stays in the archive."""
    await seeded(sessions, fake.catalogue())
    async with sessions() as session:
        await export_folder(session, tmp_path / "old")
    await by_staff(sessions, "health/access", title="De Ana")
    async with sessions.begin() as session:
        await import_folder(session, tmp_path / "old", now=NOW)
        assert await load_catalogue(session) == fake.catalogue()
        archived = select(RevisionRow.title).where(RevisionRow.status == Status.ARCHIVED)
        assert (await session.execute(archived)).scalars().all() == ["De Ana"]


async def test_links_and_other_files_are_not_imported(sessions: Sessions, tmp_path: Path) -> None:
    """A link out of the folder is refused."""
    root = fake.write(fake.catalogue(), tmp_path / "in")
    secret = tmp_path / "secret.yml"
    shutil.move(root / "articles/health/access/es.yml", secret)
    (root / "articles/health/access/es.yml").symlink_to(secret)
    with pytest.raises(FaultyTree) as refused:
        async with sessions.begin() as session:
            await import_folder(session, root, now=NOW)
    assert any("link" in fault.what for fault in refused.value.faults)


async def test_an_import_needs_a_folder(sessions: Sessions, tmp_path: Path) -> None:
    """A missing one is said to be missing."""
    with pytest.raises(NoFolder):
        async with sessions.begin() as session:
            await import_folder(session, tmp_path / "nowhere", now=NOW)


async def test_an_export_never_mixes_with_other_files(sessions: Sessions, tmp_path: Path) -> None:
    """Into a new or empty folder only, and nothing is left of a failed one."""
    await seeded(sessions, fake.catalogue())
    full, empty = tmp_path / "full", tmp_path / "empty"
    full.mkdir()
    empty.mkdir()
    (full / "mine").write_text("x")
    (tmp_path / "link").symlink_to(empty)
    async with sessions() as session:
        for taken in (full, full / "mine", tmp_path / "link"):
            with pytest.raises(FolderInUse):
                await export_folder(session, taken)
        await export_folder(session, empty)
    assert fake.files_of(full) == {"mine": b"x"}
    assert "help.yml" in fake.files_of(empty)
    assert not [name for name in fake.files_of(tmp_path) if name.startswith(".")]


async def test_names_from_the_database_cannot_leave_the_folder(
    sessions: Sessions, tmp_path: Path
) -> None:
    """Whoever could write an id into the database still writes no file elsewhere."""
    catalogue = fake.catalogue()
    intent = replace(catalogue.intents["greet"], name="../../../evil")
    spoilt = replace(catalogue, intents={intent.name: intent})
    async with sessions.begin() as session:
        await store_catalogue(session, spoilt, author="x", origin="import", now=NOW)
        with pytest.raises(ValueError, match="out of the folder"):
            await export_folder(session, tmp_path / "a" / "b" / "out")
    assert not [name for name in fake.files_of(tmp_path) if not name.startswith("orienta.db")]


_ODD = [
    "Sí", "niño", "ñawi: kan", "- uno", "¿qué?", "'cita'", '"x"', "مرحبا", "👪", "#", "@a", "no",
    "1. dos", "**hoy**", "", "{a}", "%", "null", "a\u00a0b", "0105", "---", "...",
]  # fmt: skip
_PROSE = st.lists(st.sampled_from(_ODD), min_size=1, max_size=12).map(
    lambda words: "Texto. " + "\n".join(words)
)


@given(
    sections=st.dictionaries(st.sampled_from(SECTIONS[1:]), _PROSE, max_size=4),
    answer=_PROSE,
    title=st.text(
        st.characters(codec="utf-8", categories=("L", "P", "N")), min_size=1, max_size=72
    ),
    revision=st.integers(1, 9),
)
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
async def test_any_good_folder_survives_export_import_export(
    sessions: Sessions,
    tmp_path_factory: pytest.TempPathFactory,
    sections: dict[str, str],
    answer: str,
    title: str,
    revision: int,
) -> None:
    """Whatever the texts are, quotes, emoji and right-to-left included."""
    written = {"answer": answer, **sections}
    articles = (
        fake.article(
            "health/access", ("health/birth", "rights/overview"), written, revision=revision
        ),
        fake.article("health/birth", ("health/access", "rights/overview")),
        fake.article("rights/overview", ("health/access", "health/birth")),
    )
    catalogue = fake.changed(fake.catalogue(articles=articles), "health/birth", "en", title=title)
    root = tmp_path_factory.mktemp("any")
    tidied = read_tree(fake.write(catalogue, root / "given"))
    assume(not errors(check(tidied, today=fake.TODAY)))
    async with sessions.begin() as session:
        for table in (ExampleRow, RevisionRow, ArticleRow, DocumentRow, CatalogueVersionRow):
            await session.execute(delete(table))
        await import_folder(session, root / "given", now=NOW)
        await export_folder(session, root / "first")
        await import_folder(session, root / "first", now=NOW)
        await export_folder(session, root / "second")
        assert await load_catalogue(session) == tidied.catalogue
    assert fake.files_of(root / "first") == fake.files_of(root / "second")
