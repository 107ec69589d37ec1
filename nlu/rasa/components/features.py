"""Turn texts into features: words, letters and sounds as tf-idf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy import sparse

from .terms import Terms, rows_of

_VIEWS = ("words", "letters", "sounds")
_MANY = 2000
"""From so many examples on, a term that only one of them has is left out: half of all terms."""


class Features:
    """The views. `transform` gives float32 rows (texts, features); each view has length one."""

    def __init__(self, views: Sequence[Terms]) -> None:
        """Keep views that `fit` or `restore` made."""
        self._views = tuple(views)

    @classmethod
    def fit(cls, texts: Sequence[str]) -> Features:
        """Learn the vocabulary and the rarity of each term."""
        rarest = 2 if len(texts) >= _MANY else 1
        return cls([Terms.learn(view, texts, rarest) for view in _VIEWS])

    def transform(self, texts: Sequence[str]) -> sparse.csr_matrix:
        """Return the features of texts."""
        return rows_of(self._views, texts)

    def vocabularies(self) -> dict[str, list[str]]:
        """Return the terms of each view in the order of their columns, for JSON."""
        return {view.view: view.vocabulary for view in self._views}

    def rarities(self) -> dict[str, np.ndarray]:
        """Return the inverse document frequencies of each view, for npz."""
        return {f"idf_{view.view}": view.rarity for view in self._views}

    @classmethod
    def restore(
        cls, vocabularies: Mapping[str, Sequence[str]], rarities: Mapping[str, np.ndarray]
    ) -> Features:
        """Rebuild from what `vocabularies` and `rarities` gave."""
        return cls([Terms(v, vocabularies[v], rarities[f"idf_{v}"]) for v in _VIEWS])
