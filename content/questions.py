"""What staff decide about questions that had no good answer."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from content import audit
from content.catalogue import LANGUAGES
from content.editing import Act, add_examples, add_intent_examples, new_article
from content.likeness import grouped
from content.panel.ports import Asked, Helped
from content.panel.tables import QuestionDecisionRow

OUT_OF_SCOPE = "out_of_scope"
_SURE_OF = 1.96  # standard deviations


class Decision(StrEnum):
    """What became of some questions."""

    EXAMPLE = "example"
    DRAFT = "draft"
    OUTSIDE = "outside"
    DISMISSED = "dismissed"


@dataclass(frozen=True, slots=True)
class Group:
    """Questions that are alike, newest first, with the articles that were offered for them."""

    asked: tuple[Asked, ...]
    articles: tuple[str, ...]

    @property
    def phrases(self) -> tuple[Asked, ...]:
        """One question for each way of writing it."""
        return tuple({one.text.casefold(): one for one in reversed(self.asked)}.values())[::-1]

    def count(self, field: str) -> Sequence[tuple[str, int]]:
        """Count by 'language' or 'channel', the most frequent first."""
        return Counter(getattr(one, field) for one in self.asked).most_common()


@dataclass(frozen=True, slots=True)
class Confusion:
    """Questions for which one article was offered first and another one was meant."""

    offered: str
    chosen: str
    phrases: tuple[Asked, ...]


@lru_cache(maxsize=4)  # whoever turns pages sees the same questions again
def groups_of(asked: tuple[Asked, ...]) -> tuple[Group, ...]:
    """Group questions by likeness; of the articles the one that was picked or shown most leads."""
    made = []
    for places in grouped([one.text for one in asked]):
        members = tuple(asked[place] for place in places)
        votes: Counter[str] = Counter()
        for one in members:
            if one.chosen is not None:
                votes[one.chosen] += 10
            elif not one.unhelpful:
                votes.update(
                    {article: 3 - min(rank, 2) for rank, article in enumerate(one.offered)}
                )
        made.append(Group(members, tuple(article for article, _ in votes.most_common(5))))
    return tuple(made)


def confusions(asked: Sequence[Asked]) -> list[Confusion]:
    """Return what was confused most first."""
    pairs: dict[tuple[str, str], list[Asked]] = {}
    for one in asked:
        if one.chosen is not None and one.offered and one.offered[0] != one.chosen:
            pairs.setdefault((one.offered[0], one.chosen), []).append(one)
    found = [Confusion(*pair, tuple(phrases)) for pair, phrases in pairs.items()]
    return sorted(found, key=lambda c: (-len(c.phrases), c.offered, c.chosen))


def worst_first(helped: Sequence[Helped]) -> list[Helped]:
    """Join the channels; what certainly helps least first (Wilson's lower bound of the noes)."""
    sums: dict[tuple[str, str], tuple[int, int]] = {}
    for one in helped:
        yes, no = sums.get((one.article, one.language), (0, 0))
        sums[one.article, one.language] = (yes + one.yes, no + one.no)
    joined = [Helped(article, language, "", *sums[article, language]) for article, language in sums]
    return sorted(joined, key=lambda h: (-_least_share(h.no, h.yes + h.no), h.article, h.language))


def _least_share(part: int, all_: int) -> float:
    if not all_:
        return 0.0
    share, square = part / all_, _SURE_OF**2
    spread = _SURE_OF * math.sqrt((share * (1 - share) + square / (4 * all_)) / all_)
    return (share + square / (2 * all_) - spread) / (1 + square / all_)


async def undecided(session: AsyncSession, asked: Sequence[Asked]) -> list[Asked]:
    """Leave out what staff have decided about."""
    if not asked:
        return []
    oldest = min(one.at for one in asked)
    query = select(QuestionDecisionRow.question).where(QuestionDecisionRow.at >= oldest)
    decided = set(await session.scalars(query))
    return [one for one in asked if one.id not in decided]


async def make_examples(
    session: AsyncSession, act: Act, asked: Sequence[Asked], phrases: Sequence[Asked], article: str
) -> None:
    """Propose phrases as examples of an article; raise `NotEditable` or `NotThere`."""
    for language, texts in _by_language(phrases).items():
        await add_examples(session, act, article, language, texts)
    await _decide(session, act, asked, Decision.EXAMPLE, article)


async def mark_outside(
    session: AsyncSession, act: Act, asked: Sequence[Asked], phrases: Sequence[Asked]
) -> None:
    """Propose phrases as examples of what is not answered; raise `NotEditable` or `NotThere`."""
    for language, texts in _by_language(phrases).items():
        await add_intent_examples(session, act, OUT_OF_SCOPE, language, texts)
    await _decide(session, act, asked, Decision.OUTSIDE, None)


async def start_article(
    session: AsyncSession,
    act: Act,
    asked: Sequence[Asked],
    phrases: Sequence[Asked],
    article: str,
    *,
    audience: str,
    ask: str,
) -> None:
    """Make an article with these phrases as examples; raise `Incomplete("id")` if there is one."""
    await new_article(session, act, article, audience=audience, ask=ask)
    for language, texts in _by_language(phrases).items():
        await add_examples(session, act, article, language, texts)
    await _decide(session, act, asked, Decision.DRAFT, article)


async def dismiss(session: AsyncSession, act: Act, asked: Sequence[Asked]) -> None:
    """Decide that nothing follows from these questions."""
    await _decide(session, act, asked, Decision.DISMISSED, None)


def _by_language(phrases: Sequence[Asked]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in phrases:
        if one.language in LANGUAGES:
            found.setdefault(one.language, []).append(one.text)
    return found


async def _decide(
    session: AsyncSession, act: Act, asked: Sequence[Asked], decision: Decision, article: str | None
) -> None:
    rows = [
        {
            "question": one.id, "decision": decision.value, "article": article,
            "staff": act.staff, "at": act.at,
        }
        for one in await undecided(session, asked)
    ]  # fmt: skip
    if rows:
        await session.execute(insert(QuestionDecisionRow), rows)
    subject = f"questions {article}" if article else "questions"
    name = f"questions_{decision.value}"
    await audit.record(session, act.staff, name, subject, act.at, count=len(rows))
