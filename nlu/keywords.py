"""Rank the meanings of a text by the words it shares with the examples, without any server."""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from nlu.normalise import excerpt, fold_word, tidy, words
from nlu.shelf import Arrays, packed_texts, unpacked_texts
from nlu.understanding import Candidate, Source

MOST_CANDIDATES = 10
MOST_CONFIDENCE = 0.5
"""A keyword reading never counts as sure: no confidence lies above this."""

_LONGEST_TEXT = 2000
_STEM = 5


class KeywordReader:
    """Knows the examples' words, each weighed by its rarity, and compares by cosine.

    The confidence of an intent is half the cosine to its nearest example.
    """

    source = Source.KEYWORDS

    def __init__(self, examples: Mapping[str, Sequence[str]]) -> None:
        """Index the examples of each intent. Takes a tenth of a second per thousand examples."""
        intents: list[str] = []
        places: dict[str, list[int]] = defaultdict(list)
        for intent, texts in sorted(examples.items()):
            for text in texts:
                for term in sorted(set(_terms(text))):
                    places[term].append(len(intents))
                intents.append(intent)
        rarity = {term: math.log((len(intents) + 1) / len(held)) for term, held in places.items()}
        squares = [0.0] * len(intents)
        for term, held in places.items():
            for number in held:
                squares[number] += rarity[term] ** 2
        self._fill(
            {
                "intents": packed_texts(intents),
                "lengths": np.sqrt(squares),
                "terms": packed_texts(tuple(places)),
                "rarity": np.array(tuple(rarity.values())),
                "counts": np.array([len(held) for held in places.values()], dtype=np.int64),
                "numbers": np.array([n for held in places.values() for n in held], dtype=np.int32),
            }
        )

    def _fill(self, index: Arrays) -> None:
        """Take each example's intent and length, and per term its rarity and its examples."""
        self._index = index
        self._intents = unpacked_texts(index["intents"])
        self._lengths: list[float] = index["lengths"].tolist()
        self._numbers = index["numbers"]
        ends = np.cumsum(index["counts"])
        starts = ends - index["counts"]
        rarity: list[float] = index["rarity"].tolist()
        self._terms = {
            term: (rare, start, end)
            for term, rare, start, end in zip(
                unpacked_texts(index["terms"]), rarity, starts.tolist(), ends.tolist(), strict=True
            )
        }
        self._unseen = math.log(len(self._intents) + 1)

    def pack(self) -> Arrays:
        """Return the index."""
        return self._index

    @classmethod
    def unpack(cls, index: Arrays) -> "KeywordReader":
        """Return a reader with an index; raise `LookupError` or `ValueError`."""
        reader = cls.__new__(cls)
        reader._fill(index)
        return reader

    async def parse(self, text: str) -> tuple[Candidate, ...]:
        """Return at most ten candidates, best first, or () when no word is known."""
        terms = set(_terms(excerpt(tidy(text), _LONGEST_TEXT)))
        square = 0.0
        dots: dict[int, float] = defaultdict(float)
        for term in terms:
            rare, start, end = self._terms.get(term, (self._unseen, 0, 0))
            square += rare * rare
            for number in self._numbers[start:end].tolist():
                dots[number] += rare * rare
        length = math.sqrt(square) or 1.0
        best: dict[str, float] = defaultdict(float)
        for number, dot in dots.items():
            likeness = dot / (length * (self._lengths[number] or 1.0))
            intent = self._intents[number]
            best[intent] = max(best[intent], likeness)
        ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))
        return tuple(
            Candidate(intent, min(MOST_CONFIDENCE, MOST_CONFIDENCE * likeness))
            for intent, likeness in ranked[:MOST_CANDIDATES]
        )

    async def aclose(self) -> None:
        """Hold nothing to free."""


def _terms(text: str) -> Iterator[str]:
    """Yield the sounds of the words, of their beginnings, and of neighbours."""
    sounds = [sound for word in words(text) if (sound := fold_word(word))]
    for place, sound in enumerate(sounds):
        yield sound
        if len(sound) > _STEM:
            yield sound[:_STEM] + "*"
        if place:
            yield f"{sounds[place - 1]} {sound}"
