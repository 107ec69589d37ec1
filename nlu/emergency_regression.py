"""Fit a logistic regression with a penalty on large weights, by L-BFGS, in numpy.

Sums over products are taken with `einsum`, which stays in this thread: the threads of a BLAS
library wait for each other when the machine is busy, and learning then takes three times as long.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
_Objective = Callable[[Floats], tuple[float, Floats]]

_MOST_STEPS = 200
_MEMORY = 8
_ENOUGH = 1e-5
_ARMIJO = 1e-4
_SHORTEST_STEP = 1e-4


@dataclass(frozen=True, slots=True)
class Rows:
    """Texts as a sparse matrix, row by row: `values[n]` in row `rows[n]`, column `columns[n]`."""

    rows: Places
    columns: Places
    values: Floats
    height: int
    width: int


class _Groups:
    """Sums values that stand in groups one after the other; some groups may be empty."""

    def __init__(self, groups: Places, size: int) -> None:
        """Find where each group begins; `groups` must be in order."""
        self._starts = np.flatnonzero(np.diff(groups, prepend=-1))
        self._present = groups[self._starts]
        self._size = size

    def sums(self, values: Floats) -> Floats:
        """Return the sum of each group."""
        total = np.zeros(self._size)
        if len(values):
            total[self._present] = np.add.reduceat(values, self._starts)
        return total


def fit(rows: Rows, positive: Sequence[bool], importance: Sequence[float]) -> tuple[Floats, float]:
    """Return the weights of the columns and the constant; a score above 0 means positive."""
    used = np.flatnonzero(np.bincount(rows.columns, minlength=rows.width))
    narrow = np.zeros(rows.width, dtype=np.int64)
    narrow[used] = np.arange(len(used))
    columns = narrow[rows.columns]
    # Both ways through the matrix run along its memory: sums in order are three times as fast.
    order = np.argsort(columns, kind="stable")
    rows_by_column, values_by_column = rows.rows[order], rows.values[order]
    by_row, by_column = _Groups(rows.rows, rows.height), _Groups(columns[order], len(used))
    signs = np.where(np.asarray(positive), 1.0, -1.0)
    costs = np.asarray(importance, dtype=np.float64)

    def objective(point: Floats) -> tuple[float, Floats]:
        weights, constant = point[:-1], point[-1]
        scores = by_row.sums(rows.values * weights.take(columns)) + constant
        margins = signs * scores
        pulls = -signs * costs / (1.0 + np.exp(np.minimum(margins, 500.0)))
        slope = by_column.sums(values_by_column * pulls.take(rows_by_column))
        loss = 0.5 * _dot(weights, weights) + _dot(costs, np.logaddexp(0.0, -margins))
        return loss, np.append(slope + weights, pulls.sum())

    point = _minimise(objective, np.zeros(len(used) + 1))
    weights = np.zeros(rows.width)
    weights[used] = point[:-1]
    return weights, float(point[-1])


def _minimise(objective: _Objective, point: Floats) -> Floats:
    moves: list[tuple[Floats, Floats]] = []
    value, slope = objective(point)
    for _ in range(_MOST_STEPS):
        direction = _direction(slope, moves)
        descent = _dot(slope, direction)
        length = 1.0
        while True:
            reached = point - length * direction
            new_value, new_slope = objective(reached)
            if new_value <= value - _ARMIJO * length * descent or length < _SHORTEST_STEP:
                break
            length /= 2
        move, change = reached - point, new_slope - slope
        if _dot(move, change) > 0:
            moves = [*moves, (move, change)][-_MEMORY:]
        gained = value - new_value
        point, value, slope = reached, new_value, new_slope
        if gained < _ENOUGH * abs(value):
            break
    return point


def _direction(slope: Floats, moves: Sequence[tuple[Floats, Floats]]) -> Floats:
    """Return the slope divided by an estimate of the curvature (two-loop recursion)."""
    direction = slope.copy()
    if not moves:
        direction /= max(1.0, math.sqrt(_dot(slope, slope)))
        return direction
    shares: list[float] = []
    for move, change in reversed(moves):
        share = _dot(move, direction) / _dot(move, change)
        shares.append(share)
        direction -= share * change
    move, change = moves[-1]
    direction *= _dot(move, change) / _dot(change, change)
    for (move, change), share in zip(moves, reversed(shares), strict=True):
        direction += move * (share - _dot(change, direction) / _dot(move, change))
    return direction


def _dot(one: Floats, other: Floats) -> float:
    return float(np.einsum("i,i->", one, other))
