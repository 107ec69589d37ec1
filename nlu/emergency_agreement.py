"""Join what the emergency layer found with the ranking of the model, when there is one.

The layer never needs the model. But a text that sounded almost like danger is danger when the model
sees an article behind the same card in it; and what only the second net took for danger, and not by
much, is none when the model is sure of another article. A rule's finding is never taken back, and
nothing is where the model knows no answer: dangers often look so to it.

The model learns the rules' `phrases` as examples of the articles behind the cards. The limits were
chosen on questions and phrases that neither had learnt from: see docs/nlu.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlu.understanding import Candidate

_ALMOST = -2.0
"""Log-odds from the threshold from which the model's word for the same card counts."""
_BEHIND_A_CARD = 0.2
"""The share of all confidence on articles behind cards from which it counts."""
_NOT_BY_MUCH = 2.0
_ANOTHER = 0.5
_NO_CARD = 0.2
"""Below this score, above this confidence of another topic and below this share, it is none."""
_SAY_NOTHING = frozenset({"out_of_scope", "abuse", "not_helpful", "deny", "affirm"})
"""A model that is sure of these is sure of no other topic."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the layer found alone: the kind of danger or None, and whether a rule found it.

    `score` is the second net's log-odds from its threshold, above 0 an alarm, -inf without a net;
    `likeliest` the kind that the text would be.
    """

    kind: str | None
    by_rule: bool = False
    score: float = -math.inf
    likeliest: str | None = None


def agreed(
    finding: Finding, candidates: Sequence[Candidate], cards: Mapping[str, str]
) -> str | None:
    """Return the kind of danger, or None.

    `candidates` come best first; `cards` maps articles to the kinds of their cards.
    """
    behind = [c for c in candidates if c.intent in cards]
    shares = sum(c.confidence for c in behind)
    if finding.kind is None:
        same = bool(behind) and cards[behind[0].intent] == finding.likeliest
        almost = same and finding.score > _ALMOST and shares > _BEHIND_A_CARD
        return finding.likeliest if almost else None
    if finding.by_rule or finding.score >= _NOT_BY_MUCH or not candidates:
        return finding.kind
    best = candidates[0]
    other = best.intent not in cards and best.intent not in _SAY_NOTHING
    calm = other and best.confidence > _ANOTHER and shares < _NO_CARD
    return None if calm else finding.kind
