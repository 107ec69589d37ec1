"""One answer as the panel's pages show it: what is published of it, and what is in work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from content import contacts
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE
from content.drafts import (
    IN_WORK,
    article_body,
    document_in_work,
    fingerprint,
    published_document,
)
from content.editing import Fields, Seen
from content.models import ArticleRow, RevisionRow
from content.panel.ports import Preview
from content.panel.tables import DocumentRevisionRow, SwitchedOffRow
from content.panel.visit import Visit
from content.panel.writing import hints, lookups
from content.panel.writing.sections import fields_of, preview_article
from content.publishing import ARTICLE, EXAMPLES, GOLDEN
from content.workflow import Status

DOCUMENTS = (ARTICLE, EXAMPLES, GOLDEN)
"""The kinds of documents that belong to one answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its texts by language, published and in work, and its documents in work.

    `body` is what it says in no language, in work or published.
    """

    id: str
    body: Mapping[str, Any]
    published: Mapping[str, RevisionRow]
    in_work: Mapping[str, RevisionRow]
    documents: Mapping[str, DocumentRevisionRow]
    off: SwitchedOffRow | None
    topic_name: str = ""

    @property
    def topic(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]

    @property
    def path(self) -> str:
        """Where its pages are."""
        return f"/panel/articles/{self.id}"

    @property
    def title(self) -> str:
        """Its Spanish title, in work or published, or the question, or the id."""
        text = self.in_work.get(SOURCE_LANGUAGE) or self.published.get(SOURCE_LANGUAGE)
        return (text.title if text else "") or str(self.body.get("ask") or self.id)

    def newest(self, language: str) -> RevisionRow | None:
        """Return the text in work, or the published one."""
        return self.in_work.get(language) or self.published.get(language)

    def own_drafts(self) -> list[RevisionRow | DocumentRevisionRow]:
        """Return what is in work of the Spanish text and the documents, texts first."""
        text = self.in_work.get(SOURCE_LANGUAGE)
        return [*([text] if text else []), *self.documents.values()]


def answer_id(visit: Visit) -> str:
    """Return the id that the address names."""
    return f"{visit.arg('topic')}/{visit.arg('slug')}"


async def load(visit: Visit, session: AsyncSession) -> Answer:
    """Return the answer that the address names; raise `HTTPNotFound`."""
    identity = answer_id(visit)
    row = await session.get(ArticleRow, identity)
    if row is None:
        raise web.HTTPNotFound
    published, in_work = await _texts(session, identity)
    documents = await _documents(session, identity)
    changed = documents.get(ARTICLE)
    body = changed.body if changed is not None and changed.body else article_body(row)
    off = await session.get(SwitchedOffRow, identity)
    topic = visit.assistant.catalogue().topics.get(identity.partition("/")[0])
    name = (topic.names.get(visit.language) or topic.id) if topic else identity.partition("/")[0]
    return Answer(identity, body, published, in_work, documents, off, name)


async def _texts(
    session: AsyncSession, identity: str
) -> tuple[dict[str, RevisionRow], dict[str, RevisionRow]]:
    query = select(RevisionRow).where(
        RevisionRow.article_id == identity,
        RevisionRow.status.in_((*IN_WORK, Status.PUBLISHED)),
    )
    published: dict[str, RevisionRow] = {}
    in_work: dict[str, RevisionRow] = {}
    for row in await session.scalars(query.order_by(RevisionRow.number)):
        (published if row.status is Status.PUBLISHED else in_work)[row.language] = row
    ordered = [code for code in LANGUAGES if code in published]
    return {code: published[code] for code in ordered}, in_work


async def _documents(session: AsyncSession, identity: str) -> dict[str, DocumentRevisionRow]:
    query = select(DocumentRevisionRow).where(
        DocumentRevisionRow.document == identity,
        DocumentRevisionRow.kind.in_(DOCUMENTS),
        DocumentRevisionRow.status.in_(IN_WORK),
    )
    rows = {row.kind: row for row in await session.scalars(query.order_by(DocumentRevisionRow.id))}
    return {kind: rows[kind] for kind in DOCUMENTS if kind in rows}


async def document_state(
    session: AsyncSession, kind: str, identity: str
) -> tuple[DocumentRevisionRow | None, Any, Seen]:
    """Return a document's draft, its body in work or published, and the state to edit it from."""
    draft = await document_in_work(session, kind, identity)
    published = await published_document(session, kind, identity)
    base = fingerprint(published)
    if draft is None:
        return None, published, Seen(base=base)
    return draft, draft.body, Seen(draft.id, draft.edits, base)


def previews(
    visit: Visit, answer: Answer, language: str, fields: Fields, shown: str
) -> Sequence[Preview]:
    """Return what one section of an answer would look like; nothing where it is not written."""
    if not fields.sections.get(shown):
        return ()
    catalogue = visit.assistant.catalogue()
    article = preview_article(catalogue, answer.id, language, fields, answer.body)
    return visit.assistant.previews.article(catalogue, article, shown, language)


async def known_contacts(visit: Visit) -> contacts.Known:
    """Return the numbers and hosts that stand in what is published."""
    catalogue = visit.assistant.catalogue()
    return await visit.panel.memory.nearly(*lookups.contacts_of(catalogue))


async def text_hints(
    visit: Visit, answer: Answer, language: str, fields: Fields
) -> dict[str, list[hints.Hint]]:
    """Return what a writer is told about a text, by the name of the part."""
    found = hints.of_text(language, fields, await known_contacts(visit))
    if language != SOURCE_LANGUAGE and (source := answer.newest(SOURCE_LANGUAGE)):
        for name, more in hints.of_translation(fields_of(source), fields).items():
            found.setdefault(name, []).extend(more)
    if other := _same_label(visit, answer, language, fields.label):
        found.setdefault("label", []).append(hints.taken_label(other))
    return found


def _same_label(visit: Visit, answer: Answer, language: str, label: str) -> str:
    """Return the title of another answer whose button says the same; '' if there is none."""
    wanted = label.casefold()
    for article in visit.assistant.catalogue().articles.values() if wanted else ():
        text = article.texts.get(language)
        if text and article.id != answer.id and text.label.casefold() == wanted:
            return text.title
    return ""
