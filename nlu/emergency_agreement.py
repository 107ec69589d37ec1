"""Join what the emergency layer found with the ranking of the model, when there is one.

The layer never needs the model. But the model learns the rules' `phrases` as examples of the
articles behind the cards: so a text that sounded almost like danger is danger when the model sees
the same card in it, and what only the second net took for danger, and not by much, is none when the
model sees no card at all. A rule's finding is never taken back, and nothing is where the model
knows no answer. The limits were chosen on questions and phrases that neither had learnt: see
docs/nlu.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nlu.understanding import Candidate

_ALMOST = -1.5
"""Log-odds from the threshold from which the model's word for the same card counts."""
_SAME_CARD = 0.4
"""The share of all confidence on articles behind cards from which it counts."""
_NOT_BY_MUCH = 1.5
"""Log-odds below which a finding of the net alone can be taken back."""
_NO_CARD = 0.1
"""The share of all confidence on articles behind cards below which the model sees none."""
_SAY_NOTHING = frozenset({"out_of_scope", "abuse", "not_helpful", "deny", "affirm"})
"""A model for which one of these comes first sees no other topic either."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the layer found alone: the kind of danger or None, and whether a rule found it.

    `score` is the second net's log-odds from its threshold, above 0 an alarm, -inf without a net;
    `likeliest` the kind that the text would be, None where it is too short to say.
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
        almost = same and finding.score > _ALMOST and shares > _SAME_CARD
        return finding.likeliest if almost else None
    if finding.by_rule or finding.score >= _NOT_BY_MUCH or not candidates:
        return finding.kind
    sees_none = shares < _NO_CARD and candidates[0].intent not in _SAY_NOTHING
    return None if sees_none else finding.kind
