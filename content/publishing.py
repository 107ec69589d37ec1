"""What is published, from the database: the catalogue, its version, and the record of versions."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from content import decoding, encoding
from content.catalogue import SOURCE_LANGUAGE, Article, Catalogue, Desk, Text
from content.cursor import Cursor
from content.faults import ContentError, FaultyTree, errors
from content.models import (
    ArticleRow,
    CatalogueVersionRow,
    DocumentRow,
    ExampleRow,
    RevisionRow,
)
from content.sheets import Sheet
from content.workflow import Status

TOPIC, INTENT, CARD, PATH, RULES, OFFICES, PLACES, HELP, DESK = (
    "topic", "intent", "card", "path", "rules", "offices", "places", "help", "desk",
)  # fmt: skip

_LOCK = 0x0_71E_57A  # any number that no other program takes in this database


class NothingPublished(ContentError):
    """The database holds no content yet: seed it or import a folder."""

    def __init__(self) -> None:
        super().__init__("The database holds no content; run `orienta content import FOLDER`.")


async def load_catalogue(session: AsyncSession) -> Catalogue:
    """Return everything published; raise `NothingPublished`.

    An article appears once its Spanish text is published.
    """
    documents = await _documents(session)
    if HELP not in documents:
        raise NothingPublished
    texts = await _texts(session)
    rows = await session.execute(
        select(ArticleRow.__table__).order_by(ArticleRow.position, ArticleRow.id)
    )
    sheet = Sheet("database")
    catalogue = encoding.catalogue(
        articles=[
            _article(sheet, dict(row), texts[row["id"]])
            for row in rows.mappings()
            if SOURCE_LANGUAGE in texts.get(row["id"], {})
        ],
        topics=[decoding.topic(Cursor(sheet, body)) for body in documents[TOPIC].values()],
        intents=[decoding.intent(Cursor(sheet, body)) for body in documents[INTENT].values()],
        cards=[decoding.card(Cursor(sheet, body)) for body in documents[CARD].values()],
        paths=[decoding.path(Cursor(sheet, body)) for body in documents[PATH].values()],
        offices=[decoding.office(Cursor(sheet, row)) for row in documents[OFFICES][OFFICES]],
        places=[decoding.district(Cursor(sheet, row)) for row in documents[PLACES][PLACES]],
        help=decoding.help_(Cursor(sheet, documents[HELP][HELP])),
        emergency_rules=documents[RULES],
        desk=_desk(sheet, documents[DESK].get(DESK)),
    )
    if wrong := errors(sheet.faults):
        raise FaultyTree(wrong)
    return catalogue


async def current_version(session: AsyncSession) -> str | None:
    """Return the newest version, or None before anything was published. Cheap: for polling."""
    newest = select(CatalogueVersionRow.version).order_by(CatalogueVersionRow.id.desc()).limit(1)
    return (await session.execute(newest)).scalar_one_or_none()


async def record_version(
    session: AsyncSession, version: str, *, origin: str, now: datetime
) -> None:
    """Tell every process that this version is current; call it in the change's transaction."""
    row = {"version": version, "origin": origin, "created_at": now}
    await session.execute(insert(CatalogueVersionRow).values(**row))


async def lock_content(session: AsyncSession) -> None:
    """Let one transaction at a time change the content; call it before reading anything."""
    connection = await session.connection()
    if connection.dialect.name == "postgresql":
        await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    else:
        # Any write takes SQLite's only write lock, even one that touches no row.
        await session.execute(text("DELETE FROM catalogue_versions WHERE id < 0"))


def _desk(sheet: Sheet, body: object) -> Desk:
    """Read the roster; none where an older version published, which knew no desk."""
    return Desk() if body is None else decoding.roster(Cursor(sheet, body))


def _article(sheet: Sheet, row: dict[str, Any], texts: dict[str, Text]) -> Article:
    del row["position"]
    for key in ("review_due", "valid_until"):
        row[key] = row[key].isoformat() if row[key] else None
    return decoding.article(Cursor(sheet, row), texts)


async def _texts(session: AsyncSession) -> dict[str, dict[str, Text]]:
    """Return the published texts by article and language."""
    examples = await _examples(session)
    table = RevisionRow.__table__
    rows = await session.execute(select(table).where(RevisionRow.status == Status.PUBLISHED))
    texts: dict[str, dict[str, Text]] = {}
    for row in rows.mappings():
        article, language = row["article_id"], row["language"]
        source = language == SOURCE_LANGUAGE
        data = {
            "title": row["title"],
            "label": row["label"],
            "examples": examples.get((article, language), []),
            "review": "pending" if row["pending_review"] else None,
            "sections": row["sections"] or None,
            "revision" if source else "translates": row["number" if source else "translates"],
        }
        sheet = Sheet(f"{article} ({language})")
        texts.setdefault(article, {})[language] = decoding.text(Cursor(sheet, data), language)
        if wrong := errors(sheet.faults):
            raise FaultyTree(wrong)
    return texts


async def _examples(session: AsyncSession) -> dict[tuple[str, str], list[str]]:
    columns = (ExampleRow.article_id, ExampleRow.language, ExampleRow.text)
    order = (ExampleRow.article_id, ExampleRow.language, ExampleRow.position)
    found: dict[tuple[str, str], list[str]] = {}
    for article, language, example in await session.execute(select(*columns).order_by(*order)):
        found.setdefault((article, language), []).append(example)
    return found


async def _documents(session: AsyncSession) -> dict[str, dict[str, Any]]:
    columns = (DocumentRow.kind, DocumentRow.id, DocumentRow.body)
    rows: Iterable[Any] = await session.execute(
        select(*columns).order_by(DocumentRow.kind, DocumentRow.position, DocumentRow.id)
    )
    found: dict[str, dict[str, Any]] = {}
    for kind, identity, body in rows:
        found.setdefault(kind, {})[identity] = body
    if found:
        for kind in (TOPIC, INTENT, CARD, PATH, RULES, DESK):
            found.setdefault(kind, {})
        for kind in (OFFICES, PLACES):
            found.setdefault(kind, {kind: []})
    return found
