"""What is published, from the database: the catalogue, its version, and the record of versions."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Executable, RowMapping, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from content import decoding, encoding
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, Article, Catalogue, Desk, Notice, Text
from content.cursor import Cursor
from content.faults import ContentError, FaultyTree, errors
from content.models import (
    ArticleRow,
    CatalogueVersionRow,
    DocumentRow,
    ExampleRow,
    RevisionRow,
)
from content.panel.tables import DocumentRevisionRow, SwitchedOffRow
from content.sheets import Sheet
from content.workflow import Status

TOPIC, INTENT, CARD, PATH, RULES, OFFICES, PLACES, HELP, DESK = (
    "topic", "intent", "card", "path", "rules", "offices", "places", "help", "desk",
)  # fmt: skip

NOTICE, PHRASES, SCRUB = "notice", "phrases", "scrub"
"""What a catalogue may do without."""

ARTICLE, EXAMPLES, GOLDEN = "article", "examples", "golden"
"""Kinds of changes to an article besides its texts; 'golden': questions to be kept answered."""

LONG_AGO = date(1, 1, 1)
"""The last day of an answer that was switched off."""

_AT_A_TIME = 500  # rows that are read before others have their turn
_LOCK = 0x0_71E_57A  # any number that no other program takes in this database


class NothingPublished(ContentError):
    """The database holds no content yet: seed it or import a folder."""

    def __init__(self) -> None:
        super().__init__("The database holds no content; run `orienta content import FOLDER`.")


@dataclass(frozen=True, slots=True)
class Changes:
    """Revisions that shall be tried or published, by their ids, in place of what is published."""

    texts: Sequence[int] = ()
    documents: Sequence[int] = ()


AS_IT_IS = Changes()


async def load_catalogue(
    session: AsyncSession, changes: Changes = AS_IT_IS, *, switched: bool = True
) -> Catalogue:
    """Return everything published, with some changes; raise `NothingPublished` or `FaultyTree`.

    An article appears once its Spanish text is published. With `switched`, answers that staff
    switched off are withheld, as if their last day were over.
    """
    changed = await _changed(session, changes.documents)
    documents = _with_changes(await _documents(session), changed)
    if HELP not in documents:
        raise NothingPublished
    order = (ArticleRow.position, ArticleRow.id)
    stored = _Stored(
        documents,
        await _rows(session, select(ArticleRow.__table__).order_by(*order)),
        await _texts(session, changes.texts),
        await _examples(session, changed.get(EXAMPLES, {})),
        changed.get(ARTICLE, {}),
        set(await session.scalars(select(SwitchedOffRow.article_id))) if switched else set(),
    )
    # In a thread, so that people are answered meanwhile.
    return await asyncio.to_thread(_decoded, stored)


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the database holds of a catalogue, before it is decoded."""

    documents: Mapping[str, Mapping[str, Any]]
    articles: Sequence[RowMapping]
    texts: Sequence[RowMapping]
    examples: Mapping[tuple[str, str], list[str]]
    metadata: Mapping[str, Any]
    off: AbstractSet[str]


def _decoded(stored: _Stored) -> Catalogue:
    """Return the catalogue; raise `FaultyTree`."""
    texts = _decoded_texts(stored)
    documents = stored.documents
    sheet = Sheet("database")
    catalogue = encoding.catalogue(
        articles=[
            _article(sheet, row, texts[row["id"]], row["id"] in stored.off)
            for row in _articles(stored.articles, stored.metadata)
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
        notice=_notice(sheet, documents[NOTICE].get(NOTICE)),
        phrases=[decoding.phrasing(Cursor(sheet, body)) for body in documents[PHRASES].values()],
        scrubbed=_scrub(sheet, documents[SCRUB].get(SCRUB)),
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


def _notice(sheet: Sheet, body: object) -> Notice | None:
    return None if body is None else decoding.notice(Cursor(sheet, body))


def _scrub(sheet: Sheet, body: object) -> tuple[str, ...]:
    return () if body is None else decoding.scrub(Cursor(sheet, body))


async def withholding(session: AsyncSession, catalogue: Catalogue) -> Catalogue:
    """Return a catalogue without the answers that staff have switched off."""
    off = set(await session.scalars(select(SwitchedOffRow.article_id))) & catalogue.articles.keys()
    if not off:
        return catalogue
    articles = [
        replace(article, valid_until=LONG_AGO) if article.id in off else article
        for article in catalogue.articles.values()
    ]
    return encoding.with_articles(catalogue, articles)


async def _changed(session: AsyncSession, ids: Sequence[int]) -> dict[str, dict[str, Any]]:
    """Return the bodies of changes to documents by kind and id; None where one is taken away."""
    found: dict[str, dict[str, Any]] = {}
    if ids:
        table = DocumentRevisionRow.__table__
        query = select(table).where(DocumentRevisionRow.id.in_(list(ids)))
        for row in (await session.execute(query.order_by(DocumentRevisionRow.id))).mappings():
            found.setdefault(row["kind"], {})[row["document"]] = row["body"]
    return found


def _with_changes(
    documents: dict[str, dict[str, Any]], changed: Mapping[str, Mapping[str, Any]]
) -> dict[str, dict[str, Any]]:
    for kind, bodies in changed.items():
        for identity, body in bodies.items():
            if body is None:
                documents.get(kind, {}).pop(identity, None)
            elif kind not in (ARTICLE, EXAMPLES):
                documents.setdefault(kind, {})[identity] = body
    return documents


def _articles(rows: Iterable[RowMapping], changed: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """Return what articles say in no language, in the shape of their files."""
    for row in rows:
        if row["id"] in changed:
            if changed[row["id"]] is not None:
                yield changed[row["id"]]
            continue
        body = {str(name): value for name, value in row.items() if name != "position"}
        for key in ("review_due", "valid_until"):
            body[key] = row[key].isoformat() if row[key] else None
        yield body


def _article(sheet: Sheet, body: dict[str, Any], texts: dict[str, Text], off: bool) -> Article:
    article = decoding.article(Cursor(sheet, body), texts)
    return replace(article, valid_until=LONG_AGO) if off else article


async def _rows(session: AsyncSession, query: Executable) -> list[RowMapping]:
    """Return what a query finds; others have their turn while many rows are read."""
    result = await session.stream(query.execution_options(yield_per=_AT_A_TIME))
    found: list[RowMapping] = []
    async for part in result.mappings().partitions():
        found += part
    return found


async def _texts(session: AsyncSession, chosen: Sequence[int]) -> list[RowMapping]:
    """Return the published texts, and after them the chosen ones, which stand in their place."""
    table = RevisionRow.__table__
    wanted = (RevisionRow.status == Status.PUBLISHED) | RevisionRow.id.in_(list(chosen))
    rows = await _rows(session, select(table).where(wanted))
    return sorted(rows, key=lambda row: row["id"] in set(chosen)) if chosen else rows


def _decoded_texts(stored: _Stored) -> dict[str, dict[str, Text]]:
    """Return the texts by article and language; raise `FaultyTree`."""
    texts: dict[str, dict[str, Text]] = {}
    for row in stored.texts:
        article, language = row["article_id"], row["language"]
        source = language == SOURCE_LANGUAGE
        data = {
            "title": row["title"],
            "label": row["label"],
            "examples": stored.examples.get((article, language), []),
            "review": "pending" if row["pending_review"] else None,
            "sections": row["sections"] or None,
            "revision" if source else "translates": row["number" if source else "translates"],
        }
        sheet = Sheet(f"{article} ({language})")
        texts.setdefault(article, {})[language] = decoding.text(Cursor(sheet, data), language)
        if wrong := errors(sheet.faults):
            raise FaultyTree(wrong)
    return texts


async def _examples(
    session: AsyncSession, changed: Mapping[str, Mapping[str, list[str]]]
) -> dict[tuple[str, str], list[str]]:
    """Return the examples by article and language, the changed ones in place of what is stored."""
    columns = (ExampleRow.article_id, ExampleRow.language, ExampleRow.text)
    order = (ExampleRow.article_id, ExampleRow.language, ExampleRow.position)
    found: dict[tuple[str, str], list[str]] = {}
    for row in await _rows(session, select(*columns).order_by(*order)):
        found.setdefault((row["article_id"], row["language"]), []).append(row["text"])
    for article, by_language in changed.items():
        for language in LANGUAGES:
            found[article, language] = list((by_language or {}).get(language, []))
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
        for kind in (TOPIC, INTENT, CARD, PATH, RULES, DESK, NOTICE, PHRASES, SCRUB):
            found.setdefault(kind, {})
        for kind in (OFFICES, PLACES):
            found.setdefault(kind, {kind: []})
    return found
