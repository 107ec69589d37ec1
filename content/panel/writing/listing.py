"""The list of answers: what stands where, and what needs somebody's attention first."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from content import search
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, Article, Catalogue
from content.catalogue import Status as Written
from content.checks.findings import stale_languages
from content.drafts import IN_WORK
from content.models import ArticleRow, RevisionRow
from content.panel.ports import Asked
from content.panel.tables import DocumentRevisionRow, SwitchedOffRow
from content.publishing import ARTICLE, EXAMPLES, GOLDEN
from content.search import Entry
from content.workflow import Status

SOON = timedelta(days=30)
"""So long before it expires, an answer is named."""


class State(StrEnum):
    """What can be asked for in the list, and what a row can show; several hold at a time."""

    OFF = "off"
    EXPIRED = "expired"
    EXPIRING = "expiring"
    OVERDUE = "overdue"
    IN_REVIEW = "in_review"
    DRAFT = "draft"
    APPROVED = "approved"
    UNWRITTEN = "unwritten"
    STALE = "stale"
    MISSING = "missing"
    PENDING = "pending"
    DEMAND = "demand"
    NEW = "new"
    PUBLISHED = "published"
    ARCHIVED = "archived"


URGENCY: Mapping[State, int] = {
    State.OFF: 100, State.EXPIRED: 90, State.EXPIRING: 70, State.OVERDUE: 60, State.IN_REVIEW: 50,
    State.DRAFT: 30, State.APPROVED: 20, State.STALE: 15, State.UNWRITTEN: 10, State.MISSING: 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One answer in the list. `asked` counts questions that were not answered for sure."""

    id: str
    title: str
    states: frozenset[State]
    stale: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    in_work: tuple[str, ...] = ()
    review_due: date | None = None
    valid_until: date | None = None
    asked: int = 0
    found_in: str = ""
    found_where: str = ""

    @property
    def topic(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]

    @property
    def urgency(self) -> float:
        """How much it needs somebody; more is more."""
        return sum(URGENCY.get(state, 0) for state in self.states) + 10 * math.log1p(self.asked)


@dataclass(slots=True)
class InWork:
    """What the database holds beside the catalogue."""

    texts: dict[str, dict[str, Status]] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    documents: dict[str, set[Status]] = field(default_factory=dict)
    off: dict[str, date | None] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)


async def in_work(session: AsyncSession, catalogue: Catalogue) -> InWork:
    """Read all that is in work, and the articles that have nothing published."""
    found = InWork()
    rows = await session.execute(
        select(RevisionRow.article_id, RevisionRow.language, RevisionRow.status, RevisionRow.title)
        .where(RevisionRow.status.in_(IN_WORK))
    )  # fmt: skip
    for article, language, status, title in rows:
        found.texts.setdefault(article, {})[language] = status
        if language == SOURCE_LANGUAGE:
            found.titles[article] = title
    kinds = (ARTICLE, EXAMPLES, GOLDEN)
    documents = await session.execute(
        select(DocumentRevisionRow.document, DocumentRevisionRow.status).where(
            DocumentRevisionRow.kind.in_(kinds), DocumentRevisionRow.status.in_(IN_WORK)
        )
    )
    for document, status in documents:
        found.documents.setdefault(document, set()).add(status)
    off = await session.execute(
        select(SwitchedOffRow.article_id, ArticleRow.valid_until).join(
            ArticleRow, ArticleRow.id == SwitchedOffRow.article_id
        )
    )
    found.off = {row.article_id: row.valid_until for row in off}
    for article in await session.scalars(select(ArticleRow.id)):
        if article not in catalogue.articles:
            found.others[article] = ""
    if found.others:
        asked = select(ArticleRow.id, ArticleRow.ask).where(ArticleRow.id.in_(list(found.others)))
        found.others = {row.id: row.ask for row in await session.execute(asked)}
    return found


async def draft_entries(session: AsyncSession) -> list[Entry]:
    """Return the texts that are in work as they are searched."""
    columns = (
        RevisionRow.article_id,
        RevisionRow.language,
        RevisionRow.title,
        RevisionRow.sections,
    )
    rows = await session.execute(select(*columns).where(RevisionRow.status.in_(IN_WORK)))
    return [
        search.entry(article, language, title, sections.values(), ())
        for article, language, title, sections in rows
    ]


def demand(asked: Iterable[Asked]) -> Counter[str]:
    """Count by article the questions in which it was chosen, or else offered first."""
    counted: Counter[str] = Counter()
    for one in asked:
        if article := one.chosen or (one.offered[0] if one.offered else None):
            counted[article] += 1
    return counted


def lines(
    catalogue: Catalogue, beside: InWork, asked: Mapping[str, int], today: date
) -> list[Line]:
    """Return all answers, published or not, in the catalogue's order."""
    published = [
        _published(article, beside, asked, today) for article in catalogue.articles.values()
    ]
    return [*published, *(_unpublished(article, beside, asked) for article in beside.others)]


def _published(article: Article, beside: InWork, asked: Mapping[str, int], today: date) -> Line:
    states = _of_work(article.id, beside)
    behind = stale_languages(article)
    stale = tuple(code for code in LANGUAGES if code in behind)
    missing = tuple(code for code in LANGUAGES if code not in article.texts)
    pending = tuple(code for code, text in article.texts.items() if text.pending_review)
    until = beside.off.get(article.id) if article.id in beside.off else article.valid_until
    states |= {
        state
        for state, holds in (
            (State.UNWRITTEN, article.status is Written.UNWRITTEN),
            (State.PUBLISHED, article.status is Written.PUBLISHED),
            (State.OVERDUE, article.review_due is not None and article.review_due <= today),
            (State.EXPIRED, until is not None and until < today),
            (State.EXPIRING, until is not None and today <= until <= today + SOON),
            (State.STALE, bool(stale)),
            (State.MISSING, bool(missing)),
            (State.PENDING, bool(pending)),
            (State.DEMAND, asked.get(article.id, 0) > 0),
        )
        if holds
    }
    return Line(
        id=article.id,
        title=article.texts[SOURCE_LANGUAGE].title,
        states=frozenset(states),
        stale=stale,
        missing=missing,
        pending=pending,
        in_work=_languages_in_work(article.id, beside),
        review_due=article.review_due,
        valid_until=until,
        asked=asked.get(article.id, 0),
    )


def _unpublished(article: str, beside: InWork, asked: Mapping[str, int]) -> Line:
    states = _of_work(article, beside)
    states.add(State.NEW if states else State.ARCHIVED)
    return Line(
        id=article,
        title=beside.titles.get(article) or beside.others[article] or article,
        states=frozenset(states),
        in_work=_languages_in_work(article, beside),
        asked=asked.get(article, 0),
    )


def _of_work(article: str, beside: InWork) -> set[State]:
    statuses = {*beside.texts.get(article, {}).values(), *beside.documents.get(article, ())}
    states = {State(status.value) for status in statuses}
    return states | {State.OFF} if article in beside.off else states


def _languages_in_work(article: str, beside: InWork) -> tuple[str, ...]:
    texts = beside.texts.get(article, {})
    return tuple(code for code in LANGUAGES if code in texts)


def by_need(found: Sequence[Line]) -> list[Line]:
    """Sort answers so that those that need somebody come first; else as in the catalogue."""
    return sorted(found, key=lambda line: -line.urgency)
