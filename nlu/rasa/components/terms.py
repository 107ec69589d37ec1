"""Cut what people write into terms: words, pairs of words, and the letters and sounds of words.

Everything but the pairs depends on one word alone, and people use the same words again and again:
so a word is cut once, and its terms are remembered as numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from nlu.normalise import fold, plain, words

VIEWS = ("words", "letters", "sounds")
_LETTERS = (2, 5)
_SOUNDS = (2, 4)
_MOST_REMEMBERED = 50_000

Number = Callable[[str], "int | None"]
"""Gives a term its column; None for a term that is not counted."""


def runs(prepared: str, shortest: int, longest: int) -> Iterator[str]:
    """Yield runs of letters of each word of a prepared text; its edges are marked by spaces."""
    for word in prepared.split():
        padded = f" {word} "
        for size in range(shortest, longest + 1):
            if size >= len(padded):
                yield padded
                break
            for start in range(len(padded) - size + 1):
                yield padded[start : start + size]


@dataclass(frozen=True)
class _Cut:
    """What stands between two spaces: its plain words, and the columns of its other terms."""

    said: tuple[str, ...]
    columns: np.ndarray


class Cutter:
    """Turns texts into columns of terms; `numbers` holds one numbering for each of the views.

    Only what consists of words in `known` is remembered: no names, no numbers of people who ask.
    None stands for all words, as long as examples are read.
    """

    def __init__(self, numbers: Sequence[Number], known: Mapping[str, int] | None = None) -> None:
        """Begin with nothing remembered."""
        self._words, self._letters, self._sounds = numbers
        self._known = known
        self._remembered: dict[str, _Cut] = {}

    def columns(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return the columns of all terms, one text after the other, and how many each text has."""
        found: list[np.ndarray] = []
        counts = np.zeros(len(texts), dtype=np.int64)
        for row, text in enumerate(texts):
            cuts = [self._remembered.get(token) or self._cut(token) for token in text.split()]
            said = [word for cut in cuts for word in cut.said]
            pairs = [f"{first} {second}" for first, second in pairwise(said)]
            found += [_present(map(self._words, said + pairs)), *(cut.columns for cut in cuts)]
            counts[row] = sum(map(len, found[-1 - len(cuts) :]))
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64), counts

    def _cut(self, token: str) -> _Cut:
        said = tuple(words(token))
        letters = _present(map(self._letters, runs(plain(token), *_LETTERS)))
        sounds = _present(map(self._sounds, runs(fold(token), *_SOUNDS)))
        cut = _Cut(said, np.concatenate([letters, sounds]))
        familiar = self._known is None or (said and all(word in self._known for word in said))
        if familiar and len(self._remembered) < _MOST_REMEMBERED:
            self._remembered[token] = cut
        return cut


def _present(columns: Iterator[int | None]) -> np.ndarray:
    return np.array([column for column in columns if column is not None], dtype=np.int64)
