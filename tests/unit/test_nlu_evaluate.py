"""Scores count what they say."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.evaluate import FIGURES, OVERALL, Asked, Gold, Outcome, Scores, score, table, wilson

A, B = "health/birth", "health/costs"


def _outcome(
    label: str,
    best: str | None = None,
    offered: tuple[str, ...] = (),
    emergency: str | None = None,
    language: str = "es",
) -> Outcome:
    return Outcome(label, best, offered, emergency, language)


def _scored(*pairs: tuple[Gold, Outcome]) -> Scores:
    return score(Asked("?", gold, outcome) for gold, outcome in pairs)


def test_each_figure() -> None:
    """Seven rows, each figure counted by hand."""
    rows = [
        (Gold("es", A), _outcome(A, A)),
        (Gold("es", A, also=(B,)), _outcome(B, B)),
        (Gold("es", A), _outcome("choice", B, (B, A))),
        (Gold("es", A), _outcome(B, B, language="pt")),
        (Gold("es", A), _outcome("out_of_scope", A)),
        (Gold("es", "out_of_scope"), _outcome("out_of_scope", "out_of_scope")),
        (Gold("es", "out_of_scope"), _outcome("choice", A, (A,), emergency="medical")),
        (Gold("es", A, emergency="medical"), _outcome(A, A, emergency="suicide")),
        (Gold("es", A, emergency="medical"), _outcome(A, A)),
    ]
    figures = _scored(*rows)[OVERALL]
    assert {name: (share.value, share.n) for name, share in figures.items()} == {
        "top1": (5 / 7, 7),
        "right_or_offered": (5 / 7, 7),
        "wrong_asserted": (1 / 9, 9),
        "out_of_scope_refused": (1 / 2, 2),
        "emergencies_found": (1 / 2, 2),
        "false_alarms": (1 / 7, 7),
        "language_right": (8 / 9, 9),
    }


def test_languages_are_scored_apart() -> None:
    """Each language has its own figures, and 'all' has both."""
    scores = _scored(
        (Gold("es", A), _outcome(A, A)), (Gold("en", A), _outcome(B, B, language="en"))
    )
    assert list(scores) == ["en", "es", OVERALL]
    assert scores["es"]["top1"].value == 1
    assert scores["en"]["top1"].value == 0
    assert scores[OVERALL]["top1"].value == 0.5


def test_nothing_counted_is_not_a_number() -> None:
    """Without out-of-scope rows that figure has no value, and the table shows a dash."""
    scores = _scored((Gold("es", A), _outcome(A, A)))
    assert math.isnan(scores["es"]["out_of_scope_refused"].value)
    assert " -" in table(scores)


def test_wilson_against_the_published_formula() -> None:
    """Eight of ten: between 49.0 and 94.3 %, as in tables of the Wilson interval."""
    share = wilson(8, 10)
    assert (round(share.low, 3), round(share.high, 3)) == (0.490, 0.943)


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share(pair: tuple[int, int]) -> None:
    """Low, value and high are ordered and within 0 and 1."""
    share = wilson(*pair)
    assert 0 <= share.low <= share.value + 1e-12
    assert share.value - 1e-12 <= share.high <= 1


@pytest.mark.parametrize("figure", FIGURES)
def test_the_table_has_a_line_per_figure(figure: str) -> None:
    """Every figure stands in the table, and so does every language."""
    text = table(_scored((Gold("qu", A), _outcome(A, A, language="qu"))))
    assert figure in text
    assert "qu" in text.splitlines()[0]


def test_answering_what_lies_outside_is_wrong() -> None:
    """An article asserted for a question out of scope counts as a wrong answer."""
    rows = [
        (Gold("es", "out_of_scope"), _outcome(A, A)),
        (Gold("es", "out_of_scope"), _outcome("out_of_scope", A)),
    ]
    figures = _scored(*rows)[OVERALL]
    assert (figures["wrong_asserted"].value, figures["wrong_asserted"].n) == (1 / 2, 2)
    assert figures["top1"].n == 0
