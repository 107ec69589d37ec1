"""Rank the meanings of a text by the words it shares with the examples, without any server."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

from nlu.normalise import excerpt, fold_word, tidy, words
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
        """Index the examples of each intent. Takes milliseconds per thousand examples."""
        self._intents: list[str] = []
        self._lengths: list[float] = []
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        bags = [
            (intent, Counter(_terms(text)))
            for intent, texts in sorted(examples.items())
            for text in texts
        ]
        seen_in = Counter(term for _, bag in bags for term in bag)
        total = len(bags) + 1
        self._rarity = {term: math.log(total / count) for term, count in seen_in.items()}
        for number, (intent, bag) in enumerate(bags):
            weights = {term: self._rarity[term] for term in bag}
            self._intents.append(intent)
            self._lengths.append(math.sqrt(sum(w * w for w in weights.values())) or 1.0)
            for term, weight in weights.items():
                self._postings[term].append((number, weight))
        self._unseen = math.log(total)

    async def parse(self, text: str) -> tuple[Candidate, ...]:
        """Return at most ten candidates, best first, or () when no word is known."""
        terms = set(_terms(excerpt(tidy(text), _LONGEST_TEXT)))
        length = math.sqrt(sum(self._rarity.get(term, self._unseen) ** 2 for term in terms)) or 1.0
        dots: dict[int, float] = defaultdict(float)
        for term in terms:
            for number, weight in self._postings.get(term, ()):
                dots[number] += weight * weight
        best: dict[str, float] = defaultdict(float)
        for number, dot in dots.items():
            likeness = dot / (length * self._lengths[number])
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
