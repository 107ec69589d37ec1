"""Score answers on public intent sets in the terms of the papers that brought them."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nlu.public.sets import OUTSIDE

Answer: TypeAlias = tuple[str, float]
"""The best intent and its confidence; `OUTSIDE` when the classifier itself says so."""

THRESHOLDS = tuple(round(tenth / 10, 1) for tenth in range(1, 10))
"""Those at which the paper on HINT3 reports."""


@dataclass(frozen=True, slots=True)
class PublicFigures:
    """Shares between 0 and 1 at one threshold; NaN where nothing was counted.

    `accuracy`: of all texts, outside being one more intent; `in_scope`: of the texts with an
    intent, those answered with it; `recall`, `precision`: of saying outside; `mcc`: Matthews
    correlation over all intents (J. Gorodkin, 2004).
    """

    threshold: float
    accuracy: float
    in_scope: float
    recall: float
    precision: float
    mcc: float


def figures(gold: Sequence[str], answers: Sequence[Answer], threshold: float) -> PublicFigures:
    """Return the figures when an answer below the threshold counts as outside."""
    said = decided(answers, threshold)
    pairs = list(zip(gold, said, strict=True))
    return PublicFigures(
        threshold,
        _share(g == s for g, s in pairs),
        _share(g == s for g, s in pairs if g != OUTSIDE),
        _share(s == OUTSIDE for g, s in pairs if g == OUTSIDE),
        _share(g == OUTSIDE for g, s in pairs if s == OUTSIDE),
        matthews(gold, said),
    )


def decided(answers: Iterable[Answer], threshold: float) -> list[str]:
    """Return the intent of each answer, `OUTSIDE` where it is less sure than the threshold."""
    return [intent if confidence >= threshold else OUTSIDE for intent, confidence in answers]


def best_threshold(gold: Sequence[str], answers: Sequence[Answer]) -> float:
    """Return the threshold of highest accuracy, outside being one more intent.

    So the paper on CLINC150 chooses it, on the validation texts. Of equals the lowest.
    """
    tried = [step / 100 for step in range(100)]
    return max(tried, key=lambda threshold: _hits(gold, answers, threshold))


def _hits(gold: Sequence[str], answers: Sequence[Answer], threshold: float) -> int:
    return sum(g == s for g, s in zip(gold, decided(answers, threshold), strict=True))


def matthews(gold: Sequence[str], said: Sequence[str]) -> float:
    """Return the correlation of two labellings, between -1 and 1; 0 if one is constant."""
    total, right = len(gold), sum(g == s for g, s in zip(gold, said, strict=True))
    of_gold, of_said = Counter(gold), Counter(said)
    shared = sum(of_gold[label] * of_said[label] for label in of_gold)
    spread = (total**2 - sum(n * n for n in of_gold.values())) * (
        total**2 - sum(n * n for n in of_said.values())
    )
    return (right * total - shared) / math.sqrt(spread) if spread else 0.0


def _share(hits: Iterable[bool]) -> float:
    counted = list(hits)
    return sum(counted) / len(counted) if counted else math.nan
