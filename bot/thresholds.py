"""Choose from when on a model is sure: the thresholds that cost least on the development questions.

A language alone has too few questions to choose by. So each language's cost per question is added
to `_BORROWED` questions at the mean cost of all languages: a language departs from what is best
for all only as far as its own questions outweigh that.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from bot.policy import OUTSIDE, POSSIBLE, SURE, Decision, Policy, Sure, Unknown, Unsure, decide
from nlu.evaluate import OUT_OF_SCOPE
from nlu.training import Ranking
from nlu.trial import Question
from nlu.understanding import Candidate, LanguageGuess, Source, Understanding

WRONG = 5  # an article asserted that does not answer
REFUSED = 2  # a good question refused, or answered by topics of which none is right
CHOICE = 1  # topics offered where the best candidate was right, or where there is no answer

_BORROWED = 400
_SURE = tuple(round(0.35 + 0.05 * step, 2) for step in range(12))
_POSSIBLE = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
_OUTSIDE = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
_FEWEST = 50


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question and what a model says of it."""

    question: Question
    understanding: Understanding


def read_ranked(questions: Sequence[Question], rankings: Sequence[Ranking]) -> tuple[Ranked, ...]:
    """Join questions with the rankings of a model, in the same order."""
    return tuple(
        Ranked(
            question,
            Understanding(
                LanguageGuess(question.language, 1.0),
                tuple(Candidate(name, share) for name, share in ranking),
                None,
                Source.RASA,
            ),
        )
        for question, ranking in zip(questions, rankings, strict=True)
    )


def cost(ranked: Ranked, decision: Decision) -> int:
    """Return what a decision on a question costs."""
    labels = ranked.question.labels
    foreign = OUT_OF_SCOPE in labels
    match decision:
        case Sure(intent) if intent in labels:
            return 0
        case Sure(intent) if intent != OUT_OF_SCOPE:
            return WRONG
        case Sure() | Unknown():
            return 0 if foreign else REFUSED
        case Unsure(articles):
            if foreign:
                return CHOICE
            if labels.isdisjoint(articles):
                return REFUSED
            return CHOICE if _best(ranked.understanding) in labels else 0


def _best(understanding: Understanding) -> str:
    return next((c.intent for c in understanding.candidates if c.intent != OUT_OF_SCOPE), "")


def chosen(rows: Sequence[Ranked], articles: Container[str]) -> Mapping[str, Any]:
    """Return thresholds by the names of `Policy`, and what they cost; {} for too few questions."""
    if len(rows) < _FEWEST:
        return {}
    settings = [t for t in product(_SURE, _POSSIBLE, _OUTSIDE) if t[1] < t[0]]
    languages = sorted({row.question.language for row in rows})
    sums = {setting: _sums(rows, setting, articles) for setting in settings}
    total = {setting: sum(by.values()) / len(rows) for setting, by in sums.items()}
    common = min(settings, key=lambda setting: (total[setting], _distance(setting)))
    own = {
        language: min(
            settings,
            key=lambda s: (sums[s].get(language, 0) + _BORROWED * total[s], _gap(s, common)),
        )
        for language in languages
    }
    least = sum(sums[own[language]].get(language, 0) for language in languages)
    return {
        "default_sure": common[0],
        "default_possible": common[1],
        "default_outside": common[2],
        "sure": {language: setting[0] for language, setting in own.items()},
        "possible": {language: setting[1] for language, setting in own.items()},
        "outside": {language: setting[2] for language, setting in own.items()},
        "questions": len(rows),
        "cost": round(least / len(rows), 4),
        "cost_of_defaults": round(
            sum(_sums(rows, (SURE, POSSIBLE, OUTSIDE), articles).values()) / len(rows), 4
        ),
    }


_Setting = tuple[float, float, float]


def _gap(one: _Setting, other: _Setting) -> float:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))


def _distance(setting: _Setting) -> float:
    return _gap(setting, (SURE, POSSIBLE, OUTSIDE))


def _sums(rows: Sequence[Ranked], setting: _Setting, articles: Container[str]) -> dict[str, int]:
    """Return the cost of a setting by language."""
    policy = Policy(*setting)
    sums: dict[str, int] = {}
    for row in rows:
        paid = cost(row, decide(row.understanding, policy, articles))
        sums[row.question.language] = sums.get(row.question.language, 0) + paid
    return sums


def told(thresholds: Mapping[str, Any]) -> str:
    """Return the chosen thresholds in one line for the operator; '' when there are none."""
    if not thresholds.get("sure"):
        return ""
    each = ", ".join(
        f"{language} {sure:.2f}/{thresholds['possible'][language]:.2f}"
        f"/{thresholds['outside'][language]:.2f}"
        for language, sure in thresholds["sure"].items()
    )
    return (
        f"Thresholds (asserted/offered/refused as out of scope): {each}; cost per development "
        f"question {thresholds['cost']:.2f}."
    )
