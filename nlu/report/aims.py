"""What understanding should reach, per language and figure."""

from dataclasses import dataclass
from enum import StrEnum

from nlu.evaluate import OVERALL, Share

_ANSWERED = {"es": 0.97, "ht": 0.92, "qu": 0.88}
_BEST = {"es": 0.90, "ht": 0.82, "qu": 0.75}
_WRONG = {"ht": 0.05, "qu": 0.06}
_AT_MOST = frozenset({"wrong_asserted", "false_alarms"})


class Verdict(StrEnum):
    """How a share stands to its aim. UNSETTLED: missed, but the interval reaches over it."""

    REACHED = "reached"
    UNSETTLED = "unsettled"
    MISSED = "missed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Aim:
    """A share between 0 and 1 that is to be reached, or, with `at_most`, not to be passed."""

    value: float
    at_most: bool = False

    def verdict(self, share: Share) -> Verdict:
        """Compare a share with the aim."""
        if share.n == 0:
            return Verdict.NONE
        if self.at_most:
            reached, possible = share.value <= self.value, share.low <= self.value
        else:
            reached, possible = share.value >= self.value, share.high >= self.value
        if reached:
            return Verdict.REACHED
        return Verdict.UNSETTLED if possible else Verdict.MISSED


def aim(figure: str, language: str) -> Aim | None:
    """Return the aim of a figure in a language or over all; None where none was set."""
    match figure:
        case "right_or_offered" if language != OVERALL:
            return Aim(_ANSWERED.get(language, 0.96))
        case "top1" if language != OVERALL:
            return Aim(_BEST.get(language, 0.88))
        case "wrong_asserted":
            return Aim(_WRONG.get(language, 0.03), at_most=True)
        case "out_of_scope_refused":
            return Aim(0.90)
        case "emergencies_found":
            return Aim(0.98)
        case "false_alarms":
            return Aim(0.02, at_most=True)
        case "language_right":
            return Aim(0.97)
        case _:
            return None
