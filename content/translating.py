"""How far the translations are: what is current, stale, missing, or waits for a speaker."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, Catalogue, Status
from content.checks.findings import plain
from content.drafts import IN_WORK, published_text, text_in_work
from content.models import RevisionRow
from content.workflow import Status as Step

TARGETS = tuple(language for language in LANGUAGES if language != SOURCE_LANGUAGE)


class State(StrEnum):
    """What the readers of a language have of an article now."""

    CURRENT = "current"
    UNREAD = "unread"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Work:
    """A text that is being written, reviewed, or waits for a release."""

    step: Step
    translates: int
    number: int
    editors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One article in one language. `work` is its draft, `source_work` that of the Spanish text."""

    article: str
    language: str
    source_title: str
    title: str
    state: State
    work: Work | None = None
    source_work: Work | None = None

    @property
    def topic(self) -> str:
        """The first part of the id."""
        return self.article.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many articles of a language are in each state; the four make up `total`."""

    language: str
    counts: Mapping[State, int]
    in_review: int
    in_draft: int
    approved: int
    total: int

    def share(self, state: State) -> int:
        """Return a state's part of all in whole per cent, cut so that 100 means all."""
        return self.counts.get(state, 0) * 100 // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class Overview:
    """Every article in every language but Spanish."""

    lines: tuple[Line, ...] = field(default=())

    def of(self, language: str) -> list[Line]:
        """Return the lines of a language in catalogue order."""
        return [line for line in self.lines if line.language == language]

    def progress(self) -> list[Progress]:
        """Return how far each language is."""
        found = []
        for language in TARGETS:
            lines = self.of(language)
            steps = Counter(line.work.step for line in lines if line.work)
            found.append(
                Progress(
                    language,
                    Counter(line.state for line in lines),
                    steps[Step.IN_REVIEW], steps[Step.DRAFT], steps[Step.APPROVED], len(lines),
                )
            )  # fmt: skip
        return found


async def overview(session: AsyncSession, catalogue: Catalogue) -> Overview:
    """Return how far all translations are; one query for what is in work.

    An article that is new counts as soon as its Spanish text is being written.
    """
    columns = (
        RevisionRow.article_id, RevisionRow.language, RevisionRow.status, RevisionRow.translates,
        RevisionRow.number, RevisionRow.editors, RevisionRow.title,
    )  # fmt: skip
    rows = await session.execute(
        select(*columns).where(RevisionRow.status.in_(IN_WORK)).order_by(RevisionRow.number)
    )
    works: dict[tuple[str, str], Work] = {}
    titles: dict[tuple[str, str], str] = {}
    for article, language, status, translates, number, editors, title in rows:
        works[article, language] = Work(status, translates, number, tuple(editors))
        titles[article, language] = title
    lines = list(_published(catalogue, works))
    new = [one for one, lang in works if lang == SOURCE_LANGUAGE and one not in catalogue.articles]
    for article in new:
        source = works[article, SOURCE_LANGUAGE]
        for language in TARGETS:
            key = (article, language)
            title = titles.get(key, "")
            spanish = titles[article, SOURCE_LANGUAGE]
            work = works.get(key)
            lines.append(Line(article, language, spanish, title, State.MISSING, work, source))
    return Overview(tuple(lines))


def _published(catalogue: Catalogue, works: Mapping[tuple[str, str], Work]) -> Iterable[Line]:
    for article in catalogue.articles.values():
        source = article.texts[SOURCE_LANGUAGE]
        source_work = works.get((article.id, SOURCE_LANGUAGE))
        if article.status is not Status.PUBLISHED and source_work is None:
            continue
        for language in TARGETS:
            text = article.texts.get(language)
            if text is None or (source.sections and not text.sections):
                state = State.MISSING
            elif text.translates != source.revision:
                state = State.STALE
            else:
                state = State.UNREAD if text.pending_review else State.CURRENT
            yield Line(
                article.id, language, source.title, text.title if text else "", state,
                works.get((article.id, language)), source_work,
            )  # fmt: skip


LISTS = ("todo", "stale", "missing", "review", "unread", "draft", "approved", "all")
"""What a list of a language may show; 'todo' is what a translator can do something about."""


def chosen(lines: Sequence[Line], wanted: str, topic: str, words: str) -> list[Line]:
    """Return the lines of a list, of a topic, whose titles hold all the words."""
    sought = plain(words).split()
    return [
        line
        for line in lines
        if _listed(line, wanted)
        and (not topic or line.topic == topic)
        and all(word in plain(f"{line.source_title} {line.title}") for word in sought)
    ]


def _listed(line: Line, wanted: str) -> bool:
    step = line.work.step if line.work else None
    match wanted:
        case "todo":
            waits = step in (Step.IN_REVIEW, Step.APPROVED)
            return step is Step.DRAFT or (
                not waits and line.state in (State.STALE, State.MISSING)
            )  # fmt: skip
        case "review":
            return step is Step.IN_REVIEW
        case "draft":
            return step is Step.DRAFT
        case "approved":
            return step is Step.APPROVED
        case "all":
            return True
        case _:
            return line.state.value == wanted


@dataclass(frozen=True, slots=True)
class Pair:
    """A Spanish text with its translation. `draft` is the translation in work.

    `rendered` is the older Spanish text that the readers' translation renders (the draft's where
    there is none), `rendered_number` its number. `rendered` is None where it equals `source` or was
    not stored; `is_behind` says that it is another than `source`.
    """

    source: RevisionRow
    published: RevisionRow | None
    draft: RevisionRow | None
    rendered: RevisionRow | None
    rendered_number: int

    @property
    def is_behind(self) -> bool:
        """Say whether the Spanish text changed since it was translated."""
        return self.rendered_number != self.source.number


async def pair(session: AsyncSession, article: str, language: str) -> Pair | None:
    """Return what a translator has before her; None where there is nothing to translate."""
    if language not in TARGETS:
        return None
    source = await text_in_work(session, article, SOURCE_LANGUAGE)
    source = source or await published_text(session, article, SOURCE_LANGUAGE)
    if source is None:
        return None
    published = await published_text(session, article, language)
    draft = await text_in_work(session, article, language)
    known = published or draft
    number = known.translates if known else source.number
    older = None
    if number != source.number:
        older = await session.scalar(
            select(RevisionRow).where(
                RevisionRow.article_id == article,
                RevisionRow.language == SOURCE_LANGUAGE,
                RevisionRow.number == number,
            )
        )
    return Pair(source, published, draft, older, number)
