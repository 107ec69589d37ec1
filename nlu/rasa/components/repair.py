"""Repair misspelt words from the words that the training examples use."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from nlu.normalise import deletions, fold, is_one_edit, words

_MIN_LENGTH = 4


class Repair:
    """Knows the vocabulary of the examples and maps unknown words to near known ones.

    Near means: the same sound, or one letter too few, too many, changed or swapped.
    """

    def __init__(self, counts: Mapping[str, int]) -> None:
        """Index the vocabulary: plain words with how often they occur."""
        self.counts = dict(counts)
        self._by_sound: dict[str, list[str]] = defaultdict(list)
        self._by_deletion: dict[str, list[str]] = defaultdict(list)
        for word in self.counts:
            if len(word) >= _MIN_LENGTH:
                self._by_sound[fold(word)].append(word)
                for key in deletions(word):
                    self._by_deletion[key].append(word)

    @classmethod
    def learn(cls, texts: Iterable[str]) -> Repair:
        """Build from example texts."""
        return cls(Counter(word for text in texts for word in words(text)))

    def __call__(self, text: str) -> str | None:
        """Return the repaired plain text, or None when no word changes."""
        changed = False
        repaired: list[str] = []
        for word in words(text):
            better = self._better(word)
            changed = changed or better is not None
            repaired.append(better or word)
        return " ".join(repaired) if changed else None

    def _better(self, word: str) -> str | None:
        if len(word) < _MIN_LENGTH or word in self.counts or not word.isalpha():
            return None
        near = self._by_sound.get(fold(word)) or [
            known
            for key in deletions(word)
            for known in self._by_deletion.get(key, ())
            if is_one_edit(word, known)
        ]
        return max(near, key=lambda known: (self.counts[known], known), default=None)
