"""Texts as counts of terms weighted by their rarity (tf-idf), quick for one short text.

The weights are those of scikit-learn's `TfidfVectorizer(sublinear_tf=True)`; its checks and its
three matrices per call cost more than the counting itself when a single question is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import numpy as np
from scipy import sparse

from nlu.normalise import fold, plain, words

Cut = Callable[[str], Iterator[str]]
"""Cuts a text into terms."""


def single_words(text: str) -> Iterator[str]:
    """Yield the plain words."""
    yield from words(text)


def words_and_pairs(text: str) -> Iterator[str]:
    """Yield the plain words, then each with the next."""
    said = words(text)
    yield from said
    for first, second in pairwise(said):
        yield f"{first} {second}"


def runs(prepare: Callable[[str], str], shortest: int, longest: int) -> Cut:
    """Return what cuts each word of a prepared text, its edges marked by spaces, into letters."""

    def cut(text: str) -> Iterator[str]:
        for word in prepare(text).split():
            padded = f" {word} "
            for size in range(shortest, longest + 1):
                if size >= len(padded):
                    yield padded
                    break
                for start in range(len(padded) - size + 1):
                    yield padded[start : start + size]

    return cut


VIEWS: dict[str, Cut] = {
    "word": single_words,
    "words": words_and_pairs,
    "letters": runs(plain, 2, 5),
    "sounds": runs(fold, 2, 4),
    "long_sounds": runs(fold, 3, 5),
    "spelling": runs(plain, 1, 4),
}


class Terms:
    """One view: a vocabulary with rarities. Rows have length one, or no term at all."""

    def __init__(self, view: str, vocabulary: Sequence[str], rarity: np.ndarray) -> None:
        """Number the terms in the order of their columns."""
        self.view = view
        self.vocabulary = list(vocabulary)
        self.rarity = np.asarray(rarity, dtype=np.float32)
        self._cut = VIEWS[view]
        self._columns = {term: column for column, term in enumerate(self.vocabulary)}

    @classmethod
    def learn(cls, view: str, texts: Sequence[str], rarest: int = 1) -> Terms:
        """Take the terms that at least `rarest` of the texts have."""
        holding: Counter[str] = Counter()
        for text in texts:
            holding.update(set(VIEWS[view](text)))
        vocabulary = sorted(term for term, count in holding.items() if count >= rarest)
        held = np.array([holding[term] for term in vocabulary], dtype=np.float64)
        return cls(view, vocabulary, np.log((1 + len(texts)) / (1 + held)) + 1)

    def weigh(self, text: str) -> tuple[list[int], np.ndarray]:
        """Return the columns of the known terms of a text, and their weights."""
        counts: dict[int, int] = {}
        number = self._columns.get
        for term in self._cut(text):
            column = number(term)
            if column is not None:
                counts[column] = counts.get(column, 0) + 1
        columns = list(counts)
        heard = np.fromiter(counts.values(), dtype=np.float32, count=len(columns))
        weights = (np.log(heard) + 1) * self.rarity[columns]
        return columns, weights / max(float(np.sqrt(weights @ weights)), 1e-9)


def rows_of(views: Sequence[Terms], texts: Sequence[str]) -> sparse.csr_matrix:
    """Return float32 rows (texts, terms of all views)."""
    offsets = np.cumsum([0, *(len(view.vocabulary) for view in views)])
    columns: list[np.ndarray] = []
    weights: list[np.ndarray] = []
    ends = [0]
    for text in texts:
        filled = ends[-1]
        for view, offset in zip(views, offsets[:-1], strict=True):
            found, weighed = view.weigh(text)
            columns.append(np.array(found, dtype=np.int32) + np.int32(offset))
            weights.append(weighed)
            filled += len(found)
        ends.append(filled)
    return sparse.csr_matrix(
        (
            np.concatenate(weights) if weights else np.zeros(0, dtype=np.float32),
            np.concatenate(columns) if columns else np.zeros(0, dtype=np.int32),
            np.array(ends, dtype=np.int32),
        ),
        shape=(len(texts), int(offsets[-1])),
        dtype=np.float32,
    )
