"""What is published and what is in work besides articles: lists, bodies, history."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from content import FOLDER
from content.drafts import IN_WORK, published_document
from content.files import GLOSSARY as GLOSSARY_FILE
from content.models import DocumentRow
from content.panel.tables import DocumentRevisionRow
from content.publishing import Changes
from content.rendering import as_yaml
from content.sheets import parse
from content.workflow import Status

GLOSSARY, WHATSAPP = "glossary", "whatsapp"
"""Kinds for staff and for other services: no catalogue holds them, the program's files do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One document: whether it is published, and its newest change, if there is one."""

    kind: str
    document: str
    published: bool
    status: Status | None = None
    at: datetime | None = None
    staff: str = ""

    @property
    def in_work(self) -> bool:
        """Say whether a change of it has not been published yet."""
        return self.status in IN_WORK


@dataclass(frozen=True, slots=True)
class Version:
    """One change of a document, without what it says."""

    id: int
    number: int
    status: Status
    editors: tuple[str, ...]
    approved_by: str | None
    note: str
    updated_at: datetime
    published_at: datetime | None


async def standings(session: AsyncSession, kind: str = "") -> list[Standing]:
    """Return every document of a kind, or of all kinds, in their order; two queries."""
    rows = select(DocumentRow.kind, DocumentRow.id)
    changes: Select[Any, Any, Any, Any, Any] = select(
        DocumentRevisionRow.kind,
        DocumentRevisionRow.document,
        DocumentRevisionRow.status,
        DocumentRevisionRow.updated_at,
        DocumentRevisionRow.author,
    )
    if kind:
        rows = rows.where(DocumentRow.kind == kind)
        changes = changes.where(DocumentRevisionRow.kind == kind)
    ordered = rows.order_by(DocumentRow.kind, DocumentRow.position, DocumentRow.id)
    found = {
        (name, identity): Standing(name, identity, True)
        for name, identity in await session.execute(ordered)
    }
    for one in from_files():
        if not kind or one.kind == kind:
            found.setdefault((one.kind, one.document), one)
    for name, identity, status, at, staff in await session.execute(
        changes.order_by(DocumentRevisionRow.number)
    ):
        before = found.get((name, identity))
        published = before.published if before else False
        if published or status in IN_WORK:
            found[name, identity] = Standing(name, identity, published, status, at, staff)
    return [one for one in found.values() if one.published or one.in_work]


@cache
def _file_bodies() -> dict[tuple[str, str], Any]:
    """Return what the program's own files say where nobody has published anything else."""
    terms = parse(GLOSSARY_FILE, (FOLDER / GLOSSARY_FILE).read_bytes()).value
    templates = parse("whatsapp.yml", (FOLDER / "whatsapp.yml").read_bytes()).value
    bodies = {(WHATSAPP, purpose): body for purpose, body in templates.items()}
    return {(GLOSSARY, GLOSSARY): terms, **bodies}


def from_files() -> list[Standing]:
    """Return the documents that stand in the program's files alone."""
    return [Standing(kind, document, True) for kind, document in _file_bodies()]


async def published_body(session: AsyncSession, kind: str, document: str) -> Any:
    """Return what a document says now; None if there is none."""
    body = await published_document(session, kind, document)
    return _file_bodies().get((kind, document)) if body is None else body


async def bodies(session: AsyncSession, kind: str) -> dict[str, Any]:
    """Return what all documents of a kind say now, those in work as they will be."""
    published = {doc: body for (name, doc), body in _file_bodies().items() if name == kind}
    query = select(DocumentRow.id, DocumentRow.body).where(DocumentRow.kind == kind)
    for identity, body in await session.execute(query.order_by(DocumentRow.position)):
        published[identity] = body
    work = select(DocumentRevisionRow.document, DocumentRevisionRow.body).where(
        DocumentRevisionRow.kind == kind, DocumentRevisionRow.status.in_(IN_WORK)
    )
    for identity, body in await session.execute(work.order_by(DocumentRevisionRow.number)):
        published[identity] = body
    return published


async def versions(session: AsyncSession, kind: str, document: str) -> list[Version]:
    """Return the changes of a document, newest first."""
    table = DocumentRevisionRow
    query = (
        select(
            table.id, table.number, table.status, table.editors, table.approved_by, table.note,
            table.updated_at, table.published_at,
        )
        .where(table.kind == kind, table.document == document)
        .order_by(table.number.desc())
        .limit(50)
    )  # fmt: skip
    return [
        Version(one[0], one[1], one[2], tuple(one[3]), *one[4:])
        for one in await session.execute(query)
    ]


async def version_body(
    session: AsyncSession, kind: str, document: str, number: int
) -> DocumentRevisionRow | None:
    """Return one change of a document."""
    table = DocumentRevisionRow
    query = select(table).where(
        table.kind == kind, table.document == document, table.number == number
    )
    return await session.scalar(query)


async def glossaries(
    session: AsyncSession, changes: Changes
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the glossary's file as it is and as it will be; nothing where it is the program's."""
    now = await published_document(session, GLOSSARY, GLOSSARY)
    query = select(DocumentRevisionRow.body).where(
        DocumentRevisionRow.kind == GLOSSARY,
        DocumentRevisionRow.id.in_(list(changes.documents)),
    )
    chosen = list(await session.scalars(query)) if changes.documents else []
    then = chosen[-1] if chosen else now
    found = [{GLOSSARY_FILE: as_yaml(body)} if body else {} for body in (now, then)]
    return found[0], found[1]
