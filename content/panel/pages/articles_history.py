"""All revisions of an answer, and the difference between any two."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from content import diff
from content.catalogue import LANGUAGES
from content.diff import Compared
from content.models import RevisionRow
from content.panel.pages.articles_review import STATUS_NAMES
from content.panel.permissions import Permission
from content.panel.routing import get
from content.panel.tables import DocumentRevisionRow
from content.panel.visit import Visit
from content.panel.writing import changes
from content.panel.writing.answers import DOCUMENTS, Answer, load
from content.panel.writing.changes import PART_NAMES, Revision
from content.panel.writing.sections import WHOLE_TEXT

MOST = 200
"""Revisions that are listed, the newest ones."""


async def _history(visit: Visit) -> web.StreamResponse:
    part = visit.asked("part", "es")
    if part not in (*LANGUAGES, *DOCUMENTS):
        raise web.HTTPNotFound
    async with visit.reading() as session:
        answer = await load(visit, session)
        rows = await _revisions(session, answer, part)
    older, newer = _chosen(visit, rows)
    return await visit.page(
        "articles/history.html",
        answer=answer,
        part=part,
        parts=[*LANGUAGES, *DOCUMENTS],
        part_names=PART_NAMES,
        status_names=STATUS_NAMES,
        rows=rows,
        older=older,
        newer=newer,
        compared=_compared(visit, older, newer) if newer else [],
        heading=lambda name: changes.heading(visit, name),
    )


async def _revisions(session: AsyncSession, answer: Answer, part: str) -> Sequence[Revision]:
    """Return the revisions of a text or a document, newest first."""
    if part in LANGUAGES:
        texts = select(RevisionRow).where(
            RevisionRow.article_id == answer.id, RevisionRow.language == part
        )
        return list(await session.scalars(texts.order_by(RevisionRow.number.desc()).limit(MOST)))
    documents = select(DocumentRevisionRow).where(
        DocumentRevisionRow.kind == part, DocumentRevisionRow.document == answer.id
    )
    ordered = documents.order_by(DocumentRevisionRow.number.desc()).limit(MOST)
    return list(await session.scalars(ordered))


def _chosen(visit: Visit, rows: Sequence[Revision]) -> tuple[Revision | None, Revision | None]:
    """Return the two revisions to compare: those asked for, or the newest two."""
    by_number = {str(row.number): row for row in rows}
    newer = by_number.get(visit.asked("to")) or (rows[0] if rows else None)
    older = by_number.get(visit.asked("from"))
    if older is None and newer is not None:
        older = next((row for row in rows if row.number < newer.number), None)
    if older is not None and newer is not None and older.number > newer.number:
        older, newer = newer, older
    return older, newer


def _compared(visit: Visit, older: Revision | None, newer: Revision) -> list[Compared]:
    if isinstance(newer, DocumentRevisionRow):
        before = older.body if isinstance(older, DocumentRevisionRow) else None
        return changes.compare(visit, newer.kind, before, newer.body)
    was = changes.of_text(older) if isinstance(older, RevisionRow) else {}
    return diff.parts(was, changes.of_text(newer), WHOLE_TEXT)


ROUTES = (get("/articles/{topic}/{slug}/history", Permission.READ, _history),)
