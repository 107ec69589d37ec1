"""What a folder of content would change, as drafts that wait for a review: nothing is published."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from content import audit, encoding
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, Article, Catalogue, Text
from content.drafts import IN_WORK
from content.editing import Act
from content.models import ArticleRow, RevisionRow
from content.panel.tables import DocumentRevisionRow
from content.publishing import ARTICLE, EXAMPLES, lock_content
from content.storing import documents
from content.workflow import Status

TEXT = "text"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs from what is published.

    `kind` is 'text' or that of a document; `title` is for people. The body of a text holds 'title',
    'label', 'sections' and 'stale': whether it renders an older Spanish text than the folder's.
    """

    kind: str
    subject: str
    title: str
    body: Any
    language: str = ""
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What an import would do. `kept` counts articles that the folder does not have: they stay."""

    changes: tuple[Change, ...]
    kept: int

    def dump(self) -> str:
        """Return the plan as JSON."""
        return json.dumps({"changes": [asdict(one) for one in self.changes], "kept": self.kept})

    @classmethod
    def load(cls, written: str) -> "Plan":
        """Read a plan that `dump` wrote."""
        data = json.loads(written)
        return cls(tuple(Change(**one) for one in data["changes"]), data["kept"])


@dataclass(frozen=True, slots=True)
class Done:
    """What was sent to review, and what was left alone: somebody else is at work on it."""

    sent: tuple[Change, ...]
    busy: tuple[Change, ...]


def plan(
    published: Catalogue, wanted: Catalogue, others: Iterable[tuple[str, Any, Any]] = ()
) -> Plan:
    """Compare a folder with what is published.

    `others` are documents that no catalogue holds: kind, published body, and the folder's.
    """
    changes: list[Change] = []
    for article in wanted.articles.values():
        changes += _of_article(published.articles.get(article.id), article)
    had = {(kind, identity): body for kind, identity, body in documents(published)}
    for kind, identity, body in documents(wanted):
        old = had.get((kind, identity))
        if _plain(old) != _plain(body):
            changes.append(Change(kind, identity, identity, _plain(body), is_new=old is None))
    for kind, old, body in others:
        if _plain(old) != _plain(body):
            changes.append(Change(kind, kind, kind, _plain(body)))
    missing = published.articles.keys() - wanted.articles.keys()
    return Plan(tuple(changes), len(missing))


def _of_article(old: Article | None, new: Article) -> Iterator[Change]:
    title = new.texts[SOURCE_LANGUAGE].title
    is_new, body = old is None, _plain(encoding.article(new))
    if old is None or _plain(encoding.article(old)) != body:
        yield Change(ARTICLE, new.id, title, body, is_new=is_new)
    for language, text in new.texts.items():
        before = old.texts.get(language) if old else None
        if before is None or _words(before) != _words(text):
            stale = text.translates != new.texts[SOURCE_LANGUAGE].revision
            written = {**_words(text), "stale": stale}
            yield Change(TEXT, new.id, text.title, written, language, before is None)
    examples = {lang: list(new.texts[lang].examples) for lang in LANGUAGES if lang in new.texts}
    had = {lang: list(t.examples) for lang, t in old.texts.items()} if old else {}
    if {**had, **examples} != had:
        yield Change(EXAMPLES, new.id, title, {**had, **examples}, is_new=is_new)


def _words(text: Text) -> dict[str, Any]:
    return {"title": text.title, "label": text.label, "sections": dict(text.sections)}


def _plain(body: Any) -> Any:
    return json.loads(json.dumps(body))


async def submit(session: AsyncSession, act: Act, wanted: Plan) -> Done:
    """Make a draft in review of every change, written by whoever imports; the caller commits.

    What somebody is already at work on is left alone.
    """
    await lock_content(session)
    known = await _Known.read(session)
    await _make_articles(session, act, wanted.changes, known)
    sent: list[Change] = []
    busy: list[Change] = []
    # Spanish first: translations name the number of the text that they render.
    ordered = sorted(wanted.changes, key=lambda one: one.language not in ("", SOURCE_LANGUAGE))
    changed = {one.subject for one in ordered if one.language == SOURCE_LANGUAGE}
    for change in ordered:
        key = (change.subject, change.language) if change.kind == TEXT else None
        if (key in known.texts_busy) if key else ((change.kind, change.subject) in known.busy):
            busy.append(change)
        else:
            row = _text(change, act, known, changed) if key else _document(change, act, known)
            session.add(row)
            sent.append(change)
    await session.flush()
    texts = sum(one.kind == TEXT for one in sent)
    await audit.record(
        session, act.staff, "import_sent_to_review", "import", act.at,
        texts=texts, documents=len(sent) - texts, left_alone=len(busy),
    )  # fmt: skip
    return Done(tuple(sent), tuple(busy))


@dataclass(slots=True)
class _Known:
    """What is there already: numbers in use, work in progress, the Spanish texts that count."""

    articles: set[str]
    position: int
    numbers: dict[tuple[str, str], int]
    texts_busy: set[tuple[str, str]]
    document_numbers: dict[tuple[str, str], int]
    busy: set[tuple[str, str]]
    published: dict[str, int]
    sent: dict[str, int]

    @classmethod
    async def read(cls, session: AsyncSession) -> "_Known":
        """Read all of it in five queries, however much is imported."""
        text, document = RevisionRow, DocumentRevisionRow
        highest = func.max(text.number)
        numbers = await session.execute(
            select(text.article_id, text.language, highest).group_by(text.article_id, text.language)
        )
        texts = await session.execute(
            select(text.article_id, text.language).where(text.status.in_(IN_WORK))
        )
        last = await session.execute(
            select(document.kind, document.document, func.max(document.number)).group_by(
                document.kind, document.document
            )
        )
        busy = await session.execute(
            select(document.kind, document.document).where(document.status.in_(IN_WORK))
        )
        spanish = await session.execute(
            select(text.article_id, text.number).where(
                text.language == SOURCE_LANGUAGE, text.status == Status.PUBLISHED
            )
        )
        rows = (await session.execute(select(ArticleRow.id, ArticleRow.position))).all()
        return cls(
            {row.id for row in rows},
            max((row.position for row in rows), default=0),
            {(article, language): number for article, language, number in numbers},
            {(article, language) for article, language in texts},
            {(kind, identity): number for kind, identity, number in last},
            {(kind, identity) for kind, identity in busy},
            {row.article_id: row.number for row in spanish},
            {},
        )


async def _make_articles(
    session: AsyncSession, act: Act, changes: Sequence[Change], known: _Known
) -> None:
    """Make what texts of new articles belong to; nobody sees it before they are published."""
    for change in changes:
        if change.kind == ARTICLE and change.subject not in known.articles:
            known.position += 1
            known.articles.add(change.subject)
            body: Mapping[str, Any] = change.body
            session.add(
                ArticleRow(
                    id=change.subject, position=known.position, status=body["status"],
                    audience=body["audience"], ask=body["ask"], related=[], emergency=None,
                    ground=[], review_due=None, valid_until=None, owner=body["owner"] or "uim",
                )
            )  # fmt: skip
    await session.flush()


def _text(change: Change, act: Act, known: _Known, changed: set[str]) -> RevisionRow:
    key = (change.subject, change.language)
    number = known.numbers.get(key, 0) + 1
    if change.language == SOURCE_LANGUAGE:
        translates = known.sent[change.subject] = number
    else:
        translates = _rendered(change, known, changed)
    return RevisionRow(
        article_id=change.subject, language=change.language, number=number,
        status=Status.IN_REVIEW, translates=translates,
        pending_review=change.language != SOURCE_LANGUAGE,
        title=change.body["title"], label=change.body["label"], sections=change.body["sections"],
        author=act.staff, editors=[act.staff], edits=1, note="",
        created_at=act.at, updated_at=act.at,
    )  # fmt: skip


def _rendered(change: Change, known: _Known, changed: set[str]) -> int:
    """Return the number of the Spanish text that an imported translation renders."""
    if change.subject in known.sent:
        newest = known.sent[change.subject]
    else:
        newest = known.published.get(change.subject, 1)
        if change.subject in changed:  # its Spanish was left alone: this renders another one
            return max(1, newest - 1)
    return max(1, newest - 1) if change.body["stale"] else newest


def _document(change: Change, act: Act, known: _Known) -> DocumentRevisionRow:
    number = known.document_numbers.get((change.kind, change.subject), 0) + 1
    return DocumentRevisionRow(
        kind=change.kind, document=change.subject, number=number, status=Status.IN_REVIEW,
        body=change.body, edits=1, editors=[act.staff], author=act.staff, note="",
        created_at=act.at, updated_at=act.at,
    )  # fmt: skip
