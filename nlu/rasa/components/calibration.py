"""Turn raw scores into a probability of being right, learnt without any foreign question.

Two scores are added, each brought to mean 0 and deviation 1: the log-odds of the classifier's
best intent and the likeness of the nearest example. A logistic curve over the sum is fitted on
out-of-fold answers: right ones count for it; wrong ones and questions whose intent was left out
of the training count against it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy.special import log_softmax

_FOREIGN_SHARE = 0.2
"""How many of all messages are assumed to be about something that no intent covers."""


@dataclass(frozen=True)
class Calibration:
    """The numbers of the curve. `temperature` multiplies the decisions before the softmax."""

    temperature: float = 3.0
    logit_mean: float = 0.0
    logit_deviation: float = 1.0
    likeness_mean: float = 0.5
    likeness_deviation: float = 0.25
    slope: float = 1.0
    offset: float = 0.0

    def probabilities(self, decisions: np.ndarray) -> np.ndarray:
        """Return the softmax over the intents of decisions of shape (texts, intents)."""
        return np.exp(log_softmax(decisions * self.temperature, axis=1))

    def confidence(self, decisions: np.ndarray, likeness: np.ndarray) -> np.ndarray:
        """Return the probability, per text, that its best intent is right."""
        total = self._standard(decisions, likeness)
        return 1.0 / (1.0 + np.exp(-np.clip(self.slope * total + self.offset, -30, 30)))

    def _standard(self, decisions: np.ndarray, likeness: np.ndarray) -> np.ndarray:
        logit = _log_odds(self.probabilities(decisions).max(axis=1))
        return (logit - self.logit_mean) / self.logit_deviation + (
            likeness - self.likeness_mean
        ) / self.likeness_deviation

    def as_json(self) -> dict[str, float]:
        """Return the numbers by name."""
        return {name: float(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Trial:
    """What happened out of fold: one row per example that was judged.

    `decisions` (rows, intents); `likeness` (rows,); `gold` the column of the true intent, or -1
    when that intent was left out of the training.
    """

    decisions: np.ndarray
    likeness: np.ndarray
    gold: np.ndarray


def calibrate(trial: Trial) -> Calibration:
    """Fit temperature and curve on out-of-fold rows; with too few rows keep the defaults."""
    known = trial.gold >= 0
    if known.sum() < 20:
        return Calibration()
    temperature = _best_temperature(trial.decisions[known], trial.gold[known])
    blank = Calibration(temperature=temperature)
    logit = _log_odds(blank.probabilities(trial.decisions).max(axis=1))
    standard = Calibration(
        temperature=temperature,
        logit_mean=float(logit[known].mean()),
        logit_deviation=float(logit[known].std()) or 1.0,
        likeness_mean=float(trial.likeness[known].mean()),
        likeness_deviation=float(trial.likeness[known].std()) or 1.0,
    )
    total = standard._standard(trial.decisions, trial.likeness)
    right = (trial.decisions.argmax(axis=1) == trial.gold).astype(float)
    foreign = max(int((~known).sum()), 1)
    weight = np.where(known, 1.0, _FOREIGN_SHARE / (1 - _FOREIGN_SHARE) * known.sum() / foreign)
    slope, offset = _logistic(total, right, weight)
    return Calibration(**{**standard.as_json(), "slope": slope, "offset": offset})


def _log_odds(probability: np.ndarray) -> np.ndarray:
    safe = np.clip(probability, 1e-6, 1 - 1e-6)
    return np.log(safe / (1 - safe))


def _best_temperature(decisions: np.ndarray, gold: np.ndarray) -> float:
    rows = np.arange(len(gold))
    losses = {
        temperature: -log_softmax(decisions * temperature, axis=1)[rows, gold].mean()
        for temperature in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
    }
    return min(losses, key=lambda temperature: losses[temperature])


def _logistic(total: np.ndarray, right: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Fit slope and offset by Newton's method with a little shrinkage."""
    design = np.column_stack([total, np.ones_like(total)])
    beta = np.array([1.0, 0.0])
    shrink = 1e-3 * weight.sum()
    for _ in range(50):
        guess = 1.0 / (1.0 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weight * (guess - right)) + shrink * (beta - [1.0, 0.0])
        curvature = (design * (weight * guess * (1 - guess))[:, None]).T @ design
        step = np.linalg.solve(curvature + shrink * np.eye(2), gradient)
        beta = beta - np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-6:
            break
    return float(max(beta[0], 0.05)), float(beta[1])
