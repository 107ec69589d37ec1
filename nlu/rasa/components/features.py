"""Turn texts into features: words, letters and sounds as counts weighted by rarity (tf-idf).

The weights are those of scikit-learn's `TfidfVectorizer(sublinear_tf=True)`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

from .terms import VIEWS, Cutter, Number

_MANY = 2000
"""From so many examples on, a term that only one of them has is left out: half of all terms."""
_AT_ONCE = 1000


class Features:
    """The views. `transform` gives float32 rows (texts, features); each view has length one."""

    def __init__(
        self, vocabularies: Mapping[str, Sequence[str]], rarities: Mapping[str, np.ndarray]
    ) -> None:
        """Number the terms of each view in the order given; use what `vocabularies` gave."""
        self._vocabularies = {view: list(vocabularies[view]) for view in VIEWS}
        sizes = [len(self._vocabularies[view]) for view in VIEWS]
        self._starts = np.cumsum([0, *sizes])
        self._rarity = np.concatenate([rarities[f"idf_{v}"] for v in VIEWS]).astype(np.float32)
        columns = [
            {term: column for column, term in enumerate(self._vocabularies[view], int(start))}
            for view, start in zip(VIEWS, self._starts[:-1], strict=True)
        ]
        self._cutter = Cutter([numbers.get for numbers in columns], known=columns[0])

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Features:
        """Learn the vocabulary and the rarity of each term."""
        rarest = 2 if len(texts) >= _MANY else 1
        numbers: dict[tuple[str, str], int] = {}
        cutter = Cutter([_numbering(numbers, view) for view in VIEWS])
        holding = np.zeros(0, dtype=np.int64)
        for start in range(0, len(texts), _AT_ONCE):
            _, columns, _ = _counted(*cutter.columns(texts[start : start + _AT_ONCE]))
            held = np.bincount(columns, minlength=len(numbers))
            held[: len(holding)] += holding
            holding = held
        vocabularies: dict[str, list[str]] = {view: [] for view in VIEWS}
        for (view, term), number in numbers.items():
            if holding[number] >= rarest:
                vocabularies[view].append(term)
        rarities = {}
        for view, terms in vocabularies.items():
            terms.sort()
            held = holding[[numbers[view, term] for term in terms]]
            rarities[f"idf_{view}"] = (np.log((1 + len(texts)) / (1 + held)) + 1).astype(np.float32)
        return cls(vocabularies, rarities)

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the features of texts."""
        parts = [
            self._rows(texts[start : start + _AT_ONCE])
            for start in range(0, max(len(texts), 1), _AT_ONCE)
        ]
        return parts[0] if len(parts) == 1 else sparse.vstack(parts, format="csr")

    def _rows(self, texts: Sequence[str]) -> sparse.csr_matrix:
        rows, columns, counts = _counted(*self._cutter.columns(texts))
        weights = (np.log(counts, dtype=np.float32) + 1) * self._rarity[columns]
        view = rows * len(VIEWS) + np.searchsorted(self._starts[1:-1], columns, side="right")
        squares = np.bincount(view, weights=weights * weights, minlength=len(texts) * len(VIEWS))
        weights /= np.maximum(np.sqrt(squares), 1e-9)[view]
        ends = np.zeros(len(texts) + 1, dtype=np.int32)
        np.cumsum(np.bincount(rows, minlength=len(texts)), out=ends[1:])
        return sparse.csr_matrix(
            (weights.astype(np.float32), columns.astype(np.int32), ends),
            shape=(len(texts), int(self._starts[-1])),
        )

    def vocabularies(self) -> dict[str, list[str]]:
        """Return the terms of each view in the order of their columns, for JSON."""
        return self._vocabularies

    def rarities(self) -> dict[str, np.ndarray]:
        """Return the inverse document frequencies of each view, for npz."""
        parts = np.split(self._rarity, self._starts[1:-1])
        return {f"idf_{view}": part for view, part in zip(VIEWS, parts, strict=True)}


def _numbering(numbers: dict[tuple[str, str], int], view: str) -> Number:
    """Return what numbers new terms of a view as they come."""
    return lambda term: numbers.setdefault((view, term), len(numbers))


def _counted(columns: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return each text's different columns once, ascending: texts, columns, how often."""
    width = int(columns.max()) + 1 if len(columns) else 1
    keys = np.repeat(np.arange(len(lengths)), lengths) * width + columns
    keys, counts = np.unique(keys, return_counts=True)
    return keys // width, keys % width, counts
