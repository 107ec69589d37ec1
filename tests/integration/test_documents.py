"""Contents besides articles in the database: what is published, what is in work, what is loaded."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from bot.wordings import published_templates, rewordings, templates_in
from content import documents, editing, publishing, storing
from content.documents import GLOSSARY, WHATSAPP
from content.editing import Act, Seen
from content.models import DocumentRow
from content.publishing import Changes, load_catalogue
from content.workflow import Action, Status
from tests.fakes import content as fake

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
WRITER, OTHER = Act("a@example.org", NOW), Act("b@example.org", NOW)
NOTICE = {"text": {"es": "Cerrado."}, "from": "2026-12-07", "until": "2026-12-08"}
PHRASE = {"id": "due", "msgid": "Vence el {date}.", "texts": {"es": "El {date} vence."}}


@pytest.fixture
async def sessions(engine: AsyncEngine) -> async_sessionmaker[AsyncSession]:
    """A database with a small content."""
    maker = async_sessionmaker(engine, expire_on_commit=False)
    async with maker.begin() as session:
        await publishing.lock_content(session)
        await storing.store_catalogue(
            session, fake.catalogue(), author="files", origin="seed", now=NOW
        )
    return maker


async def approved(session: AsyncSession, kind: str, document: str, body: object) -> int:
    """Return the id of a change that two persons agree on."""
    row = await editing.save_document(session, WRITER, kind, document, body, Seen())
    await editing.step(session, WRITER, row, Action.SUBMIT)
    await editing.step(session, OTHER, row, Action.APPROVE)
    return row.id


async def test_optional_contents_are_tried_and_published(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    """A notice, other words for a text, and words not to keep: under a version of their own."""
    async with sessions.begin() as session:
        before = await load_catalogue(session)
        ids = [
            await approved(session, "notice", "notice", NOTICE),
            await approved(session, "phrases", "due", PHRASE),
            await approved(session, "scrub", "scrub", {"words": ["Acme"]}),
        ]
    async with sessions.begin() as session:
        tried = await load_catalogue(session, Changes(documents=ids))
        assert (await load_catalogue(session)).version == before.version
        await storing.store_catalogue(session, tried, author="x", origin="staff", now=NOW)
    async with sessions() as session:
        after = await load_catalogue(session)
    assert after.version == tried.version != before.version
    assert after.notice is not None
    assert after.notice.texts == {"es": "Cerrado."}
    assert after.scrub == ("Acme",)
    assert rewordings(after) == {("Vence el {date}.", "es"): "El {date} vence."}


async def test_lists_name_what_is_published_and_in_work(
    sessions: async_sessionmaker[AsyncSession],
) -> None:
    """A draft of something new is listed; what was discarded before it was published is not."""
    async with sessions.begin() as session:
        await approved(session, "card", "medical", {"kind": "medical"})
        await editing.save_document(session, WRITER, "path", "new-way", {"id": "new-way"}, Seen())
        gone = await editing.save_document(session, WRITER, "path", "gone", {}, Seen())
        await editing.step(session, WRITER, gone, Action.DISCARD)
    async with sessions() as session:
        cards = await documents.standings(session, "card")
        paths = await documents.standings(session, "path")
        bodies = await documents.bodies(session, "path")
        history = await documents.versions(session, "path", "gone")
        assert await documents.version_body(session, "path", "gone", 1) is not None
        assert await documents.version_body(session, "path", "gone", 2) is None
        every = {(one.kind, one.document) for one in await documents.standings(session)}
    assert [(c.document, c.published, c.status) for c in cards] == [
        ("medical", True, Status.APPROVED)
    ]
    assert [(p.document, p.published, p.in_work) for p in paths] == [
        ("which-way", True, False), ("new-way", False, True),
    ]  # fmt: skip
    assert list(bodies) == ["which-way", "new-way"]
    assert [(one.status, one.editors) for one in history] == [
        (Status.ARCHIVED, ("a@example.org",))
    ]  # fmt: skip
    assert {("glossary", "glossary"), ("whatsapp", "reminder")} <= every


async def test_files_speak_until_staff_publish(
    sessions: async_sessionmaker[AsyncSession], database_url: str
) -> None:
    """The glossary for the checks, and the templates for whoever sends and submits them."""
    entry = {"name": "orienta_new_2", "texts": {"es": {"code": "es", "body": "Hola."}}}
    terms = {"terms": []}
    async with sessions.begin() as session:
        assert await published_templates(session) == {}
        assert (await documents.published_body(session, WHATSAPP, "reminder"))["choices"]
        changed = await approved(session, GLOSSARY, GLOSSARY, terms)
        assert await documents.glossaries(session, Changes()) == ({}, {})
        now, then = await documents.glossaries(session, Changes(documents=[changed]))
        assert (now, list(then)) == ({}, ["glossary.yml"])
        for kind, name, body in ((WHATSAPP, "answered", entry), (GLOSSARY, GLOSSARY, terms)):
            session.add(DocumentRow(kind=kind, id=name, position=0, body=body))
    async with sessions() as session:
        assert await documents.published_body(session, GLOSSARY, GLOSSARY) == terms
    published = await templates_in(database_url)
    assert published == {"answered": entry}


async def test_a_database_that_was_never_set_up_words_nothing(tmp_path: object) -> None:
    """The command of WhatsApp's templates works without one."""
    assert await templates_in(f"sqlite+aiosqlite:///{tmp_path}/none.db") == {}
