"""Compare texts with the examples of each intent."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

_NEIGHBOURS = 3
_ROWS_AT_ONCE = 512


def nearness(rows: Any, base: Any, owners: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean cosine to each intent's three nearest examples, and the greatest cosine.

    Rows of both matrices have length one. Shapes (rows, intents) and (rows,); an intent without an
    example in the base has 0.
    """
    near = np.zeros((rows.shape[0], count), dtype=np.float32)
    greatest = np.zeros(rows.shape[0], dtype=np.float32)
    bounds = np.searchsorted(owners, np.arange(count + 1))
    for start in range(0, rows.shape[0], _ROWS_AT_ONCE):
        here = slice(start, start + _ROWS_AT_ONCE)
        cosines = rows[here] @ base.T
        cosines = cosines.toarray() if sparse.issparse(cosines) else cosines
        greatest[here] = cosines.max(axis=1)
        for intent, (first, last) in enumerate(pairwise(bounds)):
            if last - first > _NEIGHBOURS:
                of_intent = np.partition(cosines[:, first:last], -_NEIGHBOURS, axis=1)
                near[here, intent] = of_intent[:, -_NEIGHBOURS:].mean(axis=1)
            elif last > first:
                near[here, intent] = cosines[:, first:last].mean(axis=1)
    return near, greatest
