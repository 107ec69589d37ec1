"""The fit finds the weights that part two groups, and prefers small ones."""

import numpy as np
import pytest

from nlu.emergency_features import SIZE, pair_features, sounds_of, word_features
from nlu.emergency_regression import Rows, fit


def _rows(dense: list[list[float]]) -> Rows:
    table = np.array(dense)
    rows, columns = np.nonzero(table)
    return Rows(rows, columns, table[rows, columns], *table.shape)


def test_it_parts_what_can_be_parted() -> None:
    """Rows of one group score above 0, those of the other below."""
    dense = [[1.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 0.0]]
    weights, constant = fit(_rows(dense), [True, True, False, False], [10.0] * 4)
    scores = np.array(dense) @ weights + constant
    assert (scores > 0).tolist() == [True, True, False, False]


def test_the_slope_at_the_answer_is_nought() -> None:
    """The answer is the least of penalty plus cost: no small move makes it better."""
    random = np.random.default_rng(7)
    dense = random.random((40, 6)) * (random.random((40, 6)) > 0.4)
    dense[3] = 0  # a row without any feature
    rows = _rows(dense.tolist())
    positive = [bool(one) for one in random.random(40) > 0.5]
    weights, constant = fit(rows, positive, [3.0] * 40)

    def cost(moved: np.ndarray, base: float) -> float:
        signs = np.where(np.array(positive), 1.0, -1.0)
        margins = signs * (dense @ moved + base)
        return float(0.5 * moved @ moved + 3.0 * np.logaddexp(0.0, -margins).sum())

    least = cost(weights, constant)
    for column in range(6):
        for step in (-0.05, 0.05):
            moved = weights.copy()
            moved[column] += step
            assert cost(moved, constant) > least


def test_a_column_that_nobody_uses_weighs_nothing() -> None:
    """Unused columns keep the weight 0."""
    weights, _ = fit(_rows([[1, 0, 0], [0, 0, 1]]), [True, False], [1.0, 1.0])
    assert weights[1] == 0


@pytest.mark.parametrize(("one", "other"), [("amenaza", "amenasa"), ("vacuna", "bakuna")])
def test_features_go_by_sound(one: str, other: str) -> None:
    """Spellings of one sound have the same features."""
    assert sounds_of(one) == sounds_of(other)


def test_features_are_numbers_in_range() -> None:
    """Every number fits the weights; a pair counts once however often it comes."""
    numbers, strengths = word_features("golpea")
    assert len(numbers) == len(strengths)
    pairs = list(pair_features(["me", "golpea"] * 20))
    assert len(pairs) < 8
    assert all(0 <= number < SIZE for number in (*numbers, *(n for n, _ in pairs)))


def test_a_very_long_word_stays_cheap() -> None:
    """Of a word of thousands of letters only the beginning counts."""
    assert len(word_features(sounds_of("ab" * 5000)[0])[0]) < 100
