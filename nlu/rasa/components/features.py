"""Turn texts into features: words, letters, sounds, and what a sentence encoder makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from nlu.normalise import fold, plain

from .encoder import Encoder

_VIEWS: dict[str, dict[str, Any]] = {
    "words": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"},
    "letters": {"analyzer": "char_wb", "ngram_range": (2, 5)},
    "sounds": {"analyzer": "char_wb", "ngram_range": (2, 4)},
}
_PREPARE = {"words": plain, "letters": plain, "sounds": fold}


class Features:
    """The tf-idf views and the weight of the sentence encoder beside them.

    `transform` gives a CSR matrix (texts, features) of float32 whose views have rows of length one.
    """

    def __init__(self, encoder_weight: float) -> None:
        """Start without a vocabulary: `fit` or `restore` gives one."""
        self.encoder_weight = encoder_weight
        self._views = {
            name: TfidfVectorizer(lowercase=False, sublinear_tf=True, dtype=np.float32, **options)
            for name, options in _VIEWS.items()
        }

    def fit(self, texts: list[str]) -> None:
        """Learn the vocabulary and the rarity of each term."""
        for name, view in self._views.items():
            view.fit([_PREPARE[name](text) for text in texts])

    def transform(self, texts: list[str], encoded: np.ndarray | None) -> sparse.csr_matrix:
        """Return the features; `encoded` is the encoder's output for the same texts, or None."""
        blocks = [
            view.transform([_PREPARE[name](text) for text in texts])
            for name, view in self._views.items()
        ]
        if encoded is not None:
            blocks.append(sparse.csr_matrix(encoded * np.float32(self.encoder_weight)))
        return sparse.hstack(blocks, format="csr", dtype=np.float32)

    @property
    def text_columns(self) -> int:
        """The number of columns before the encoder's."""
        return sum(len(view.vocabulary_) for view in self._views.values())

    def vocabularies(self) -> dict[str, list[str]]:
        """Return the terms of each view in the order of their columns, for JSON."""
        return {name: list(view.get_feature_names_out()) for name, view in self._views.items()}

    def rarities(self) -> dict[str, np.ndarray]:
        """Return the inverse document frequencies of each view, for npz."""
        return {f"idf_{name}": view.idf_ for name, view in self._views.items()}

    @classmethod
    def restore(
        cls,
        encoder_weight: float,
        vocabularies: dict[str, list[str]],
        rarities: dict[str, np.ndarray],
    ) -> Features:
        """Rebuild from what `vocabularies` and `rarities` gave."""
        features = cls(encoder_weight)
        for name, options in _VIEWS.items():
            view = TfidfVectorizer(
                lowercase=False,
                sublinear_tf=True,
                dtype=np.float32,
                vocabulary={term: column for column, term in enumerate(vocabularies[name])},
                **options,
            )
            view.vocabulary_ = view.vocabulary
            view.idf_ = rarities[f"idf_{name}"].astype(np.float32)
            features._views[name] = view
        return features


def encode(encoder: Encoder | None, texts: list[str]) -> np.ndarray | None:
    """Return the encoder's vectors of the texts in their plain-lower form, or None without one."""
    if encoder is None:
        return None
    return np.asarray(encoder.encode([text.lower() for text in texts]), dtype=np.float32)
