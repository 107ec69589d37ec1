"""When an understanding is sure enough to answer, and what to offer when it is not."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias

from nlu.evaluate import OUT_OF_SCOPE
from nlu.understanding import Source, Understanding

# Where a model's card holds none of its own (see bot/thresholds.py), chosen by the same costs.
SURE = 0.7
POSSIBLE = 0.2
OUTSIDE = 0.4


@dataclass(frozen=True, slots=True)
class Policy:
    """Confidences, between 0 and 1, from which a candidate is asserted, offered, or all refused.

    `outside` is the confidence of `out_of_scope` from which the bot says that it cannot answer.
    `sure`, `possible` and `outside` hold exceptions per language to the defaults. `desk_staffed`: a
    member of staff reads the cases; `can_remind`: this channel can carry a message unasked;
    `reminds_on_return`: only once she opens the chat again;
    `reminder_languages`: the only languages in which it can, None for all; `public_url`: where the
    web pages lie, or ''.
    """

    default_sure: float = SURE
    default_possible: float = POSSIBLE
    default_outside: float = OUTSIDE
    sure: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    possible: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    outside: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    offers: int = 3
    desk_staffed: bool = False
    can_remind: bool = True
    reminds_on_return: bool = False
    reminder_languages: frozenset[str] | None = None
    public_url: str = ""

    def sure_in(self, language: str) -> float:
        """Return the confidence from which a candidate is asserted in this language."""
        return self.sure.get(language, self.default_sure)

    def reminds_in(self, language: str) -> bool:
        """Tell whether this channel can carry a message unasked in this language."""
        known = self.reminder_languages
        return self.can_remind and (known is None or language in known)

    def possible_in(self, language: str) -> float:
        """Return the confidence from which a candidate is worth offering in this language."""
        return self.possible.get(language, self.default_possible)

    def outside_in(self, language: str) -> float:
        """Return the confidence of `out_of_scope` from which a text is refused in this language."""
        return self.outside.get(language, self.default_outside)


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
    ranked = [c for c in understanding.candidates if c.intent != OUT_OF_SCOPE]
    outside = sum(c.confidence for c in understanding.candidates if c.intent == OUT_OF_SCOPE)
    by_model = understanding.source is Source.RASA
    if by_model and ranked and ranked[0].confidence >= policy.sure_in(language):
        return Sure(ranked[0].intent)
    if by_model and outside >= policy.outside_in(language):
        return Sure(OUT_OF_SCOPE)
    possible = policy.possible_in(language)
    if not ranked or ranked[0].confidence < possible:
        return Unknown()
    near = [c for c in ranked if c.intent in articles]
    if ranked[0].intent in articles or (near and near[0].confidence >= possible):
        # Once she has to choose anyway, the next best cost her nothing more.
        return Unsure(tuple(c.intent for c in near[: policy.offers]))
    return Sure(ranked[0].intent) if by_model else Unknown()
