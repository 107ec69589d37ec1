"""Putting a whole catalogue into the database in place of what is published there."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from content import encoding
from content.catalogue import SOURCE_LANGUAGE, Catalogue, Desk, Text
from content.faults import Fault, FaultyTree
from content.files import article_file
from content.models import ArticleRow, DocumentRow, ExampleRow, RevisionRow
from content.publishing import (
    CARD,
    DESK,
    HELP,
    INTENT,
    NOTICE,
    OFFICES,
    PATH,
    PHRASES,
    PLACES,
    RULES,
    SCRUB,
    TOPIC,
    record_version,
    withholding,
)
from content.workflow import Status

KINDS = (
    TOPIC, INTENT, CARD, PATH, RULES, OFFICES, PLACES, HELP, DESK, NOTICE, PHRASES, SCRUB,
)  # fmt: skip

FILES_AUTHOR = "files"
"""The author of texts that came with the program: the program may replace them."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A revision as it is in the database."""

    id: int
    number: int
    status: Status
    author: str
    content: dict[str, Any]
    ever: bool = True
    """It was published at some time; if not, it is a draft, or was one."""


async def store_catalogue(
    session: AsyncSession, catalogue: Catalogue, *, author: str, origin: str, now: datetime
) -> None:
    """Make this catalogue the published one; the caller commits and holds the content lock.

    Texts that change or vanish are archived, never deleted, but for those that came with the
    program and kept their revision number. Raise `FaultyTree` if a Spanish text differs from a
    stored one of the same revision: then it is not known which of the two is meant.
    """
    stored = await _stored_revisions(session)
    _refuse_conflicts(catalogue, stored)
    await _store_articles(session, catalogue)
    changes = _Changes(author, now)
    for article in catalogue.articles.values():
        for language, text in article.texts.items():
            changes.place(article.id, language, text, stored.pop((article.id, language), []))
    for left in stored.values():
        changes.withdraw(left)
    await changes.apply(session)
    await _store_examples(session, catalogue)
    await _store_documents(session, catalogue)
    version = (await withholding(session, catalogue)).version
    await record_version(session, version, origin=origin, now=now)


def _content(text: Text) -> dict[str, Any]:
    """Return the columns that make up a text."""
    return {
        "translates": text.translates,
        "pending_review": text.pending_review,
        "title": text.title,
        "label": text.label,
        "sections": dict(text.sections),
    }


async def _stored_revisions(session: AsyncSession) -> dict[tuple[str, str], list[_Stored]]:
    rows = await session.execute(select(RevisionRow.__table__).order_by(RevisionRow.number))
    found: dict[tuple[str, str], list[_Stored]] = {}
    for row in rows.mappings():
        content = {
            key: row[key] for key in ("translates", "pending_review", "title", "label", "sections")
        }
        ever = row["status"] is Status.PUBLISHED or row["published_at"] is not None
        stored = _Stored(row["id"], row["number"], row["status"], row["author"], content, ever)
        found.setdefault((row["article_id"], row["language"]), []).append(stored)
    return found


def _refuse_conflicts(catalogue: Catalogue, stored: dict[tuple[str, str], list[_Stored]]) -> None:
    faults = []
    for article in catalogue.articles.values():
        text = article.texts.get(SOURCE_LANGUAGE)
        for old in stored.get((article.id, SOURCE_LANGUAGE), []):
            if (
                text
                and old.ever
                and old.number == text.revision
                and old.author != FILES_AUTHOR
                and old.content != _content(text)
            ):
                what = f"Revision {old.number} is stored with another Spanish text."
                remedy = "Raise `revision` and, once they are revised, `translates`."
                faults.append(Fault(article_file(article.id, SOURCE_LANGUAGE), 1, what, remedy))
    if faults:
        raise FaultyTree(tuple(faults))


class _Changes:
    """The changes to the revisions, gathered so that they can be made in a safe order."""

    def __init__(self, author: str, now: datetime) -> None:
        self._author, self._now = author, now
        self._archived: list[int] = []
        self._published: list[tuple[int, dict[str, Any]]] = []
        self._new: list[dict[str, Any]] = []
        self._moved: list[tuple[str, int, int, int]] = []

    def place(self, article: str, language: str, text: Text, stored: list[_Stored]) -> None:
        """Publish a text: the stored revision that says the same, or a new one."""
        content = _content(text)
        source = language == SOURCE_LANGUAGE
        chosen = next((old for old in reversed(stored) if _same(old, text, source)), None)
        if chosen is None and source:
            # A text of the program that changed without a new number is corrected in place.
            chosen = next((old for old in stored if old.ever and old.number == text.revision), None)
        self.withdraw([old for old in stored if old is not chosen])
        if source:
            self._make_way(article, text, [old for old in stored if old is not chosen])
        number = text.revision if source else max((old.number for old in stored), default=0) + 1
        shared = {"status": Status.PUBLISHED, **content}
        if chosen is None:
            row = {"article_id": article, "language": language, "number": number, **shared}
            stamp = {"author": self._author, "created_at": self._now, "published_at": self._now}
            self._new.append({**row, **stamp})
        elif chosen.status is not Status.PUBLISHED or chosen.content != content:
            changed = {} if chosen.content == content else {"author": self._author}
            self._published.append((chosen.id, {**shared, **changed, "published_at": self._now}))

    def _make_way(self, article: str, text: Text, stored: list[_Stored]) -> None:
        """Give drafts a number beyond the text that comes from outside: they are newer than it."""
        free = max([text.revision, *(old.number for old in stored)]) + 1
        for old in stored:
            behind = old.number < text.revision and old.status is not Status.ARCHIVED
            if not old.ever and (behind or old.number == text.revision):
                self._moved.append((article, old.id, old.number, free))
                free += 1

    def withdraw(self, stored: Iterable[_Stored]) -> None:
        """Archive what is published; drafts stay as they are."""
        self._archived += [old.id for old in stored if old.status is Status.PUBLISHED]

    async def apply(self, session: AsyncSession) -> None:
        """Archive first: a language has one published text at any time."""
        for some in _slices(self._archived):
            archived = update(RevisionRow).where(RevisionRow.id.in_(some))
            await session.execute(archived.values(status=Status.ARCHIVED))
        for article, identity, old, free in self._moved:
            await _renumber(session, article, identity, old, free)
        for identity, values in self._published:
            published = update(RevisionRow).where(RevisionRow.id == identity)
            await session.execute(published.values(**values))
        if self._new:
            await session.execute(insert(RevisionRow), self._new)


async def _renumber(
    session: AsyncSession, article: str, identity: int, old: int, free: int
) -> None:
    """Give a Spanish draft another number, also in the drafts that translate it."""
    await session.execute(
        update(RevisionRow).where(RevisionRow.id == identity).values(number=free, translates=free)
    )
    await session.execute(
        update(RevisionRow)
        .where(
            RevisionRow.article_id == article,
            RevisionRow.language != SOURCE_LANGUAGE,
            RevisionRow.translates == old,
            RevisionRow.published_at.is_(None),
        )
        .values(translates=free)
    )  # fmt: skip


def _same(old: _Stored, text: Text, source: bool) -> bool:
    return old.content == _content(text) and (not source or old.number == text.revision)


def _slices(ids: list[int], size: int = 500) -> Iterable[list[int]]:
    """Cut a list into pieces below every database's limit on parameters."""
    return (ids[start : start + size] for start in range(0, len(ids), size))


async def _store_articles(session: AsyncSession, catalogue: Catalogue) -> None:
    known = set((await session.execute(select(ArticleRow.id))).scalars())
    rows = []
    for position, article in enumerate(catalogue.articles.values()):
        row = {**encoding.article(article), "position": position}
        row |= {"review_due": article.review_due, "valid_until": article.valid_until}
        row |= {"related": list(article.related)}
        rows.append(row)
    if new := [row for row in rows if row["id"] not in known]:
        await session.execute(insert(ArticleRow), new)
    if old := [row for row in rows if row["id"] in known]:
        await session.execute(update(ArticleRow), old)


async def _store_examples(session: AsyncSession, catalogue: Catalogue) -> None:
    await session.execute(delete(ExampleRow))
    rows = [
        {"article_id": article.id, "language": language, "position": position, "text": example}
        for article in catalogue.articles.values()
        for language, text in article.texts.items()
        for position, example in enumerate(text.examples)
    ]
    if rows:
        await session.execute(insert(ExampleRow), rows)


def documents(catalogue: Catalogue) -> list[tuple[str, str, Any]]:
    """Return all that is no article: kind, id and body, in order."""
    return [
        *((TOPIC, t.id, encoding.topic(t)) for t in catalogue.topics.values()),
        *((INTENT, i.name, encoding.intent(i)) for i in catalogue.intents.values()),
        *((CARD, c.kind, encoding.card(c)) for c in catalogue.cards.values()),
        *((PATH, p.id, encoding.path(p)) for p in catalogue.paths.values()),
        *((RULES, lang, dict(rules)) for lang, rules in catalogue.emergency_rules.items()),
        (OFFICES, OFFICES, [encoding.office(o) for o in catalogue.offices]),
        (PLACES, PLACES, [encoding.district(d) for d in catalogue.places]),
        (HELP, HELP, encoding.help_(catalogue.help)),
        *([(DESK, DESK, encoding.roster(catalogue.desk))] if catalogue.desk != Desk() else []),
        *([(NOTICE, NOTICE, encoding.notice(catalogue.notice))] if catalogue.notice else []),
        *((PHRASES, p.id, encoding.phrasing(p)) for p in catalogue.phrases),
        *([(SCRUB, SCRUB, encoding.scrub(catalogue.scrub))] if catalogue.scrub else []),
    ]


async def _store_documents(session: AsyncSession, catalogue: Catalogue) -> None:
    await session.execute(delete(DocumentRow).where(DocumentRow.kind.in_(KINDS)))
    rows = [
        {"kind": kind, "id": identity, "position": position, "body": body}
        for position, (kind, identity, body) in enumerate(documents(catalogue))
    ]
    await session.execute(insert(DocumentRow), rows)
