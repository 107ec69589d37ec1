"""Turn raw scores into two probabilities, learnt out of fold: right, and outside all topics.

Both are logistic curves over the same few signs: the odds of the best intent, its lead over the
second, the odds of `out_of_scope`, the likeness of the nearest example, and the length of the text.
They are fitted on answers to examples that the answering model had not seen; whole intents are left
out in turn to stand, beside the examples of `out_of_scope`, for questions that sound like a topic
and belong to none.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.special import log_softmax

_OUTSIDE_SHARE = 0.18
"""How many of all messages are assumed to be like the examples of `out_of_scope`..."""
_LEFT_OUT_SHARE = 0.03
"""... and how many like an intent that was left out."""
_FEWEST = 20
_TEMPERATURES = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True)
class Evidence:
    """What is known of some texts before it is weighed.

    `decisions` (texts, intents); `likeness` (texts,) to the nearest example, as a cosine; `lengths`
    (texts,) in words.
    """

    decisions: np.ndarray
    likeness: np.ndarray
    lengths: np.ndarray


@dataclass(frozen=True)
class Trial:
    """What happened out of fold: evidence, and `gold`, the column of the true intent, or -1.

    -1 stands for texts whose intent was left out of the training.
    """

    evidence: Evidence
    gold: np.ndarray


@dataclass(frozen=True)
class Calibration:
    """The numbers of the two curves over standardised signs.

    `temperature` multiplies the decisions before the softmax; `unknown` is the column of
    `out_of_scope`, or -1; the last weight of a curve is its offset.
    """

    temperature: float
    unknown: int
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    right: tuple[float, ...]
    outside: tuple[float, ...]

    def shares(self, decisions: np.ndarray) -> np.ndarray:
        """Return the softmax over the intents, (texts, intents)."""
        return np.asarray(np.exp(log_softmax(decisions * self.temperature, axis=1)))

    def weigh(self, evidence: Evidence) -> tuple[np.ndarray, np.ndarray]:
        """Return, per text, how likely its best topic is right, and that it belongs to none."""
        signs = _signs(self.shares(evidence.decisions), evidence, self.unknown)
        standard = (signs - np.array(self.means)) / np.array(self.deviations)
        return _curve(standard, self.right), _curve(standard, self.outside)

    @property
    def unlike(self) -> float:
        """The likeness to assume where none can be measured: well below that of most texts."""
        return self.means[_LIKENESS] - 2 * self.deviations[_LIKENESS]

    def as_json(self) -> dict[str, Any]:
        """Return the numbers by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> Calibration:
        """Rebuild from what `as_json` gave."""
        lists = {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
        return cls(**{**known, **lists})


_LIKENESS = 3  # the column of the signs


def _signs(shares: np.ndarray, evidence: Evidence, unknown: int) -> np.ndarray:
    """Return (texts, signs)."""
    topics = shares.copy()
    if unknown >= 0:
        topics[:, unknown] = 0
    second, best = np.sort(topics, axis=1)[:, -2:].T
    lead = np.log(np.maximum(best, 1e-6)) - np.log(np.maximum(second, 1e-6))
    none = shares[:, unknown] if unknown >= 0 else np.zeros(len(shares))
    return np.column_stack(
        [
            _log_odds(best),
            np.minimum(lead, 8),
            _log_odds(none),
            evidence.likeness,
            np.log(np.maximum(evidence.lengths, 1)),
        ]
    )


def calibrate(trial: Trial, unknown: int) -> Calibration:
    """Fit temperature and curves on out-of-fold rows; with too few rows, on none."""
    evidence, gold = trial.evidence, trial.gold
    known = gold >= 0
    if known.sum() < _FEWEST:
        return _untaught(unknown)
    temperature = _best_temperature(evidence.decisions[known], gold[known])
    shares = np.exp(log_softmax(evidence.decisions * temperature, axis=1))
    signs = _signs(shares, evidence, unknown)
    means, deviations = signs[known].mean(axis=0), np.maximum(signs[known].std(axis=0), 1e-3)
    standard = (signs - means) / deviations
    if unknown >= 0:
        shares[:, unknown] = 0
    topic = known & (gold != unknown)
    right = topic & (shares.argmax(axis=1) == gold)
    weight = _weights(topic, gold == unknown, ~known)
    return Calibration(
        temperature,
        unknown,
        tuple(map(float, means)),
        tuple(map(float, deviations)),
        _fitted(standard, right, weight),
        _fitted(standard, ~topic, weight),
    )


def _untaught(unknown: int) -> Calibration:
    """Return curves by rule of thumb: the odds of the best and its likeness, equally."""
    return Calibration(
        3.0, unknown, (0.0, 0.0, 0.0, 0.5, 0.0), (1.0, 1.0, 1.0, 0.25, 1.0),
        (1.0, 0.0, -0.5, 1.0, 0.0, 0.0), (-0.5, 0.0, 1.0, -1.0, 0.0, -1.0),
    )  # fmt: skip


def _weights(topic: np.ndarray, unknown: np.ndarray, left_out: np.ndarray) -> np.ndarray:
    """Return weights by which the three kinds of rows have their assumed shares."""
    weight = np.zeros(len(topic))
    inside = 1 - _OUTSIDE_SHARE - _LEFT_OUT_SHARE
    for rows, share in (
        (topic, inside), (unknown & ~left_out, _OUTSIDE_SHARE), (left_out, _LEFT_OUT_SHARE),
    ):  # fmt: skip
        if rows.any():
            weight[rows] = share / rows.sum() * len(topic)
    return weight


def _log_odds(probability: np.ndarray) -> np.ndarray:
    safe = np.clip(probability, 1e-5, 1 - 1e-5)
    return np.asarray(np.log(safe / (1 - safe)))


def _best_temperature(decisions: np.ndarray, gold: np.ndarray) -> float:
    rows = np.arange(len(gold))
    losses = {
        temperature: -log_softmax(decisions * temperature, axis=1)[rows, gold].mean()
        for temperature in _TEMPERATURES
    }
    return min(losses, key=lambda temperature: losses[temperature])


def _curve(standard: np.ndarray, weights: tuple[float, ...]) -> np.ndarray:
    total = standard @ np.array(weights[:-1]) + weights[-1]
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(total, -30, 30))))


def _fitted(standard: np.ndarray, happened: np.ndarray, weight: np.ndarray) -> tuple[float, ...]:
    """Fit a logistic curve by Newton's method with a little shrinkage."""
    design = np.column_stack([standard, np.ones(len(standard))])
    beta = np.zeros(design.shape[1])
    shrink = 1e-3 * weight.sum()
    for _ in range(50):
        guess = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weight * (guess - happened)) + shrink * beta
        curvature = (design * (weight * guess * (1 - guess))[:, None]).T @ design
        step = np.linalg.solve(curvature + shrink * np.eye(len(beta)), gradient)
        beta = beta - np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-6:
            break
    return tuple(map(float, beta))
