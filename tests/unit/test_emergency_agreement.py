"""The model may add a danger that was almost found, or take back a doubtful one; no more."""

import pytest

from nlu.emergency_agreement import Finding, agreed
from nlu.understanding import Candidate

CARDS = {"complaints/gender-violence": "partner-family-violence", "health/emergency": "medical"}
VIOLENCE = "partner-family-violence"
ALMOST = Finding(None, False, -0.5, VIOLENCE)
DOUBTFUL = Finding(VIOLENCE, False, 0.4, VIOLENCE)
RENT = (Candidate("housing/rent", 0.97),)


def seen(intent: str, confidence: float) -> tuple[Candidate, ...]:
    """Return a ranking with another topic before this one."""
    return (Candidate("out_of_scope", 0.5), Candidate(intent, confidence))


def test_what_was_almost_found_counts_when_the_model_sees_the_same_card() -> None:
    """The card comes of what both saw."""
    assert agreed(ALMOST, seen("complaints/gender-violence", 0.45), CARDS) == VIOLENCE


@pytest.mark.parametrize(
    "candidates",
    [(), RENT, seen("complaints/gender-violence", 0.1), seen("health/emergency", 0.45)],
    ids=["nothing", "another topic", "hardly", "another card"],
)
def test_otherwise_almost_found_is_not_found(candidates: tuple[Candidate, ...]) -> None:
    """A model that sees no danger, or another one, adds none."""
    assert agreed(ALMOST, candidates, CARDS) is None


def test_the_model_alone_brings_no_card() -> None:
    """A general question on violence is an article's matter."""
    calm = Finding(None, False, -3.0, VIOLENCE)
    sure = (Candidate("complaints/gender-violence", 0.99),)
    assert agreed(calm, sure, CARDS) is None
    assert agreed(Finding(None), sure, CARDS) is None
    assert agreed(Finding(None, False, -0.5, None), sure, CARDS) is None  # too short to say


def test_a_doubtful_finding_gives_way_to_the_model() -> None:
    """The net alone found it, not by much, and the model sees no card in it."""
    assert agreed(DOUBTFUL, RENT, CARDS) is None


@pytest.mark.parametrize(
    ("finding", "candidates"),
    [
        (Finding(VIOLENCE, True, -2.0, VIOLENCE), RENT),
        (Finding(VIOLENCE, True), RENT),
        (Finding(VIOLENCE, False, 2.5, VIOLENCE), RENT),
        (DOUBTFUL, (Candidate("out_of_scope", 0.99),)),
        (DOUBTFUL, (Candidate("abuse", 0.99),)),
        (DOUBTFUL, (Candidate("health/emergency", 0.99),)),
        (DOUBTFUL, (Candidate("housing/rent", 0.7), Candidate("health/emergency", 0.25))),
        (DOUBTFUL, ()),
    ],
    ids=["rule", "rule alone", "by much", "no answer", "insult", "card", "perhaps",
         "no ranking"],
)  # fmt: skip
def test_nothing_else_is_taken_back(finding: Finding, candidates: tuple[Candidate, ...]) -> None:
    """A rule's finding stands whatever the model says, and so does one that is clear."""
    assert agreed(finding, candidates, CARDS) == VIOLENCE
