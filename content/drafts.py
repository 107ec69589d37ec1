"""What is being written beside what is published: reading it, and trying it on."""

import json
import zlib
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from content.catalogue import LANGUAGES
from content.models import ArticleRow, DocumentRow, ExampleRow, RevisionRow
from content.panel.tables import DocumentRevisionRow
from content.publishing import ARTICLE, EXAMPLES
from content.workflow import Status

IN_WORK = (Status.DRAFT, Status.IN_REVIEW, Status.APPROVED)


async def text_in_work(session: AsyncSession, article: str, language: str) -> RevisionRow | None:
    """Return the text that is being written, reviewed or waits for a release, if there is one."""
    query = (
        select(RevisionRow)
        .where(
            RevisionRow.article_id == article,
            RevisionRow.language == language,
            RevisionRow.status.in_(IN_WORK),
        )
        .order_by(RevisionRow.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return await session.scalar(query)


async def published_text(session: AsyncSession, article: str, language: str) -> RevisionRow | None:
    """Return the text that answers now, if there is one."""
    query = select(RevisionRow).where(
        RevisionRow.article_id == article,
        RevisionRow.language == language,
        RevisionRow.status == Status.PUBLISHED,
    )
    return await session.scalar(query)


async def document_in_work(
    session: AsyncSession, kind: str, document: str
) -> DocumentRevisionRow | None:
    """Return the change to a document that is not published yet, if there is one."""
    query = (
        select(DocumentRevisionRow)
        .where(
            DocumentRevisionRow.kind == kind,
            DocumentRevisionRow.document == document,
            DocumentRevisionRow.status.in_(IN_WORK),
        )
        .order_by(DocumentRevisionRow.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return await session.scalar(query)


async def published_document(session: AsyncSession, kind: str, document: str) -> Any:
    """Return the body of a document as it is published; None if there is none."""
    if kind == ARTICLE:
        row = await session.get(ArticleRow, document)
        return None if row is None else article_body(row)
    if kind == EXAMPLES:
        return await _examples(session, document)
    stored = await session.get(DocumentRow, (kind, document))
    return None if stored is None else stored.body


def fingerprint(body: Any) -> int:
    """Return a number that tells one published body from another; 0 where there is none."""
    if body is None:
        return 0
    return zlib.crc32(json.dumps(body, sort_keys=True).encode()) or 1


def article_body(row: ArticleRow) -> dict[str, Any]:
    """Return what an article says in no language, in the shape of its file."""
    return {
        "id": row.id,
        "status": row.status,
        "audience": row.audience,
        "ask": row.ask,
        "related": list(row.related),
        "emergency": row.emergency,
        "ground": list(row.ground),
        "review_due": row.review_due.isoformat() if row.review_due else None,
        "valid_until": row.valid_until.isoformat() if row.valid_until else None,
        "owner": row.owner,
    }


async def _examples(session: AsyncSession, article: str) -> dict[str, list[str]]:
    query = (
        select(ExampleRow.language, ExampleRow.text)
        .where(ExampleRow.article_id == article)
        .order_by(ExampleRow.language, ExampleRow.position)
    )
    found: dict[str, list[str]] = {}
    for language, example in await session.execute(query):
        found.setdefault(language, []).append(example)
    return {language: found[language] for language in LANGUAGES if language in found}
