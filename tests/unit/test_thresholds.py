"""Which thresholds are chosen for a model, and what a decision costs."""

import pytest

from bot.policy import Decision, Sure, Unknown, Unsure
from bot.thresholds import Ranked, chosen, cost, read_ranked, told
from nlu.training import Ranking
from nlu.trial import Question

ARTICLES = {"a/1", "a/2", "a/3", "a/4"}


def ranked(label: str, *ranking: tuple[str, float], language: str = "es") -> Ranked:
    (row,) = read_ranked([Question("…", language, frozenset({label}))], [ranking])
    return row


@pytest.mark.parametrize(
    ("label", "decision", "paid"),
    [
        ("a/1", Sure("a/1"), 0),
        ("a/1", Sure("a/2"), 5),
        ("a/1", Sure("out_of_scope"), 2),
        ("a/1", Unknown(), 2),
        ("a/1", Unsure(("a/1", "a/2")), 1),  # the best candidate was right: no need to ask
        ("a/2", Unsure(("a/1", "a/2")), 0),
        ("a/3", Unsure(("a/1", "a/2")), 2),
        ("out_of_scope", Sure("a/1"), 5),
        ("out_of_scope", Unsure(("a/1",)), 1),
        ("out_of_scope", Sure("out_of_scope"), 0),
        ("out_of_scope", Unknown(), 0),
    ],
)
def test_what_a_decision_costs(label: str, decision: Decision, paid: int) -> None:
    """The stated costs: wrong 5, refused 2, a needless choice 1."""
    assert cost(ranked(label, ("a/1", 0.6), ("a/2", 0.2)), decision) == paid


def rows_of(language: str, bar: float, count: int = 100) -> list[Ranked]:
    """Questions whose best candidate is right exactly from a confidence on."""
    rows = []
    for number in range(count):
        share = (number + 0.5) / count
        label = "a/1" if share > bar else "a/4"
        ranking: Ranking = (("a/1", share), ("a/2", share / 2), ("a/3", share / 3))
        rows.append(ranked(label, *ranking, language=language))
    return rows


def test_thresholds_follow_the_questions() -> None:
    """Where candidates are right from 0.6 on, they are asserted from there on."""
    found = chosen(rows_of("es", 0.6), ARTICLES)
    assert found["default_sure"] == pytest.approx(0.6)
    assert found["sure"]["es"] == pytest.approx(0.6)
    assert found["cost"] <= found["cost_of_defaults"]
    assert found["questions"] == 100


def test_a_language_departs_from_the_others_as_far_as_it_has_questions() -> None:
    """Five questions of their own do not turn a language over; two hundred do."""
    few = chosen([*rows_of("es", 0.4, 400), *rows_of("qu", 0.8, 5)], ARTICLES)
    many = chosen([*rows_of("es", 0.4, 400), *rows_of("qu", 0.8, 200)], ARTICLES)
    assert few["sure"]["qu"] == few["sure"]["es"]
    assert many["sure"]["qu"] > many["sure"]["es"]


def test_out_of_scope_has_a_threshold_of_its_own() -> None:
    """Foreign questions are told by the confidence of `out_of_scope`, not by a weak best."""
    foreign = [ranked("out_of_scope", ("out_of_scope", 0.75), ("a/1", 0.4)) for _ in range(40)]
    good = [ranked("a/1", ("a/1", 0.45), ("out_of_scope", 0.35)) for _ in range(60)]
    found = chosen([*foreign, *good], ARTICLES)
    assert 0.35 < found["default_outside"] <= 0.75
    assert found["cost"] == 0


def test_too_few_questions_choose_nothing() -> None:
    """An installation without a development set keeps the defaults."""
    assert chosen(rows_of("es", 0.5, 10), ARTICLES) == {}
    assert told({}) == ""


def test_the_operator_reads_them() -> None:
    """One line with each language."""
    line = told(chosen(rows_of("qu", 0.6), ARTICLES))
    assert "qu 0." in line
    assert "cost" in line
