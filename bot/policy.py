"""When an understanding is sure enough to answer, and what to offer when it is not."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from nlu.understanding import Source, Understanding

# Chosen on tests/development by the costs that docs/nlu.md states.
SURE = 0.65
POSSIBLE = 0.12


@dataclass(frozen=True, slots=True)
class Policy:
    """Confidences, between 0 and 1, from which a candidate is asserted or merely offered.

    `sure` and `possible` hold exceptions per language to the two defaults.
    """

    default_sure: float = SURE
    default_possible: float = POSSIBLE
    sure: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    possible: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    offers: int = 3

    def sure_in(self, language: str) -> float:
        """Return the confidence from which a candidate is asserted in this language."""
        return self.sure.get(language, self.default_sure)

    def possible_in(self, language: str) -> float:
        """Return the confidence from which a candidate is worth offering in this language."""
        return self.possible.get(language, self.default_possible)


@dataclass(frozen=True, slots=True)
class Sure:
    """The text means this article or intent."""

    intent: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """The text may mean one of these articles, best first."""

    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nothing known comes near."""


Decision: TypeAlias = Sure | Unsure | Unknown


def decide(understanding: Understanding, policy: Policy, articles: Container[str]) -> Decision:
    """Return what to do with an understanding; `articles` are the ids that may be offered.

    A reading by keywords never counts as sure, so with the model down topics are offered in place
    of asserting one.
    """
    language = understanding.language.language
    possible = policy.possible_in(language)
    if not understanding.candidates or understanding.candidates[0].confidence < possible:
        return Unknown()
    best = understanding.candidates[0]
    by_model = understanding.source is Source.RASA
    if by_model and best.confidence >= policy.sure_in(language):
        return Sure(best.intent)
    near = [c for c in understanding.candidates if c.intent in articles]
    if best.intent in articles or (near and near[0].confidence >= possible):
        # Once she has to choose anyway, the next best cost her nothing more.
        return Unsure(tuple(c.intent for c in near[: policy.offers]))
    return Sure(best.intent) if by_model else Unknown()
