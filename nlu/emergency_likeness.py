"""Weigh how much a text sounds like people in danger: a second net beside the emergency rules.

Rules find what somebody thought of. This finds more of what nobody did: a logistic regression
over words, runs of letters and pairs of words (`nlu/emergency_features.py`), learned in all
languages at once from people in danger, from what only looks like it, and from a sample of
ordinary questions. It needs some hundreds of ordinary questions, otherwise everything would sound
dangerous.
"""

import math
from array import array
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nlu.emergency_features import SIZE, pair_features, sounds_of, word_features
from nlu.emergency_regression import Floats, Rows, fit
from nlu.normalise import passages
from nlu.shelf import Arrays, packed_texts, unpacked_texts

LEAST_ORDINARY = 500
"""With fewer ordinary questions than this the net is not used."""

_MOST_ORDINARY = 12_000
_MOST_JUDGED = 1500
_EVERY_JUDGED = 3
"""Every third ordinary question is not learned from: by some of them the threshold is set."""
_FALSE_ALARMS = 0.02
_LEAST_THRESHOLD = -0.5
"""What sounds clearly calmer than it sounds dangerous is never an alarm."""
_PENALTY = 30.0
"""How dearly an error is paid, against large weights."""
_DANGER = 1.0
_EXAMPLE = 0.5
_CALM = 6.0
_ORDINARY = 0.4
_DAMPING = 300.0
"""Added to the square of a text's length, so that a word or two alone cannot weigh as much as a
sentence: about what ten common words have."""
_PASSAGE_WORDS = 45
_MOST_PASSAGES = 200
_MOST_REMEMBERED = 50_000
_KIND_SMOOTHING = 0.1


Material: TypeAlias = tuple[
    Mapping[str, Sequence[str]], Mapping[str, Sequence[str]], Sequence[str], Sequence[str]
]
"""People in danger by kind, examples of danger by kind, look-alikes, ordinary questions."""


class DangerLikeness:
    """Scores texts by what was learned from people in danger by kind and from the others.

    The same content always gives the same scores.
    """

    def __init__(self, learned: Arrays) -> None:
        """Use `learn` or `unpack`."""
        used = learned["features"]
        self._learned = learned
        self._kinds = unpacked_texts(learned["kinds"])
        self._weights, self._rarity = np.zeros(SIZE), np.zeros(SIZE)
        self._by_kind = np.zeros((len(self._kinds), SIZE), dtype=np.float32)
        self._weights[used] = learned["weights"]
        self._rarity[used] = learned["rarity"]
        self._by_kind[:, used] = learned["by_kind"]
        self._constant, self._threshold = learned["limits"].tolist()
        self._remembered: dict[str, tuple[float, float]] = {}

    @classmethod
    def learn(
        cls,
        danger: Mapping[str, Sequence[str]],
        examples: Mapping[str, Sequence[str]],
        calm: Sequence[str],
        ordinary: Sequence[str],
    ) -> "DangerLikeness":
        """Learn from phrases, less surely from `examples` of danger, from look-alikes and others.

        The threshold lets the share `_FALSE_ALARMS` of ordinary questions that nothing was
        learned from pass as dangerous.
        """
        judged = _spread(ordinary[::_EVERY_JUDGED], _MOST_JUDGED)
        others = [text for n, text in enumerate(ordinary) if n % _EVERY_JUDGED]
        ordinary = _spread(others, _MOST_ORDINARY)
        told = [(kind, text) for kind in sorted(danger) for text in danger[kind]]
        likely = [(kind, text) for kind in sorted(examples) for text in examples[kind]]
        kinds = [kind for kind, _ in (*told, *likely)]
        texts = [*(text for _, text in (*told, *likely)), *calm, *ordinary]
        importance = [_DANGER] * len(told) + [_EXAMPLE] * len(likely)
        importance += [_CALM] * len(calm) + [_ORDINARY] * len(ordinary)
        matrix, rarity = _matrix([sounds_of(text) for text in texts])
        weights, constant = fit(
            matrix,
            [number < len(kinds) for number in range(len(texts))],
            [_PENALTY * one for one in importance],
        )
        names = sorted(set(kinds))
        by_kind = _by_kind(matrix, [names.index(kind) for kind in kinds], len(names))
        used = np.flatnonzero((rarity > 0) | by_kind.any(axis=0))
        learned: dict[str, NDArray[Any]] = {
            "kinds": packed_texts(names),
            "features": used.astype(np.int32),
            "weights": weights[used],
            "rarity": rarity[used],
            "by_kind": by_kind[:, used],
            "limits": np.array([constant, 0.0]),
        }
        free = cls(learned)
        scores = sorted((free._score(sounds_of(text)) for text in judged), reverse=True)
        threshold = max(_LEAST_THRESHOLD, scores[int(len(scores) * _FALSE_ALARMS)])
        return cls({**learned, "limits": np.array([constant, threshold])})

    def pack(self) -> Arrays:
        """Return all that was learned."""
        return self._learned

    @classmethod
    def unpack(cls, learned: Arrays) -> "DangerLikeness":
        """Return what was packed; raise `LookupError` or `ValueError`."""
        return cls(learned)

    def weigh(self, text: str) -> tuple[float, str]:
        """Return the log-odds of danger in the worst passage of the text, and its kind.

        The log-odds are counted from the threshold: above 0 the text is an alarm.
        """
        best: tuple[float, list[str]] | None = None
        for number, passage in enumerate(passages(text, _PASSAGE_WORDS)):
            if number == _MOST_PASSAGES:
                break
            sounds = sounds_of(passage)
            score = self._score(sounds)
            if best is None or score > best[0]:
                best = score, sounds
        if best is None:
            return -math.inf, self._kinds[0]
        return best[0] - self._threshold, self._kind(best[1])

    def _score(self, sounds: Sequence[str]) -> float:
        total = square = 0.0
        for sound in set(sounds):
            part, own = self._of_word(sound)
            total += part
            square += own
        for number, strength in pair_features(sounds):
            value = strength * self._rarity.item(number)
            total += value * self._weights.item(number)
            square += value * value
        return total / math.sqrt(square + _DAMPING) + self._constant if square else -math.inf

    def _of_word(self, sound: str) -> tuple[float, float]:
        """Return what a word adds to the score and to the square of the length."""
        known = self._remembered.get(sound)
        if known is None:
            total = square = 0.0
            for number, strength in zip(*word_features(sound), strict=True):
                value = strength * self._rarity.item(number)
                total += value * self._weights.item(number)
                square += value * value
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[sound] = total, square
        return known

    def _kind(self, sounds: Sequence[str]) -> str:
        numbers = [n for sound in set(sounds) for n in word_features(sound)[0]]
        numbers += [n for n, _ in pair_features(sounds)]
        sums = self._by_kind[:, numbers].sum(axis=1)
        return self._kinds[int(np.argmax(sums))]


def _by_kind(matrix: Rows, kinds: Sequence[int], count: int) -> NDArray[np.float32]:
    """Return the log-odds of every feature under every kind (naive Bayes), kinds by row.

    `kinds` holds the kinds of the first rows; the others do not count.
    """
    of = np.array(kinds)
    dangerous = matrix.rows < len(kinds)
    columns, rows = matrix.columns[dangerous], matrix.rows[dangerous]
    counts = np.stack(
        [np.bincount(columns, of[rows] == number, minlength=SIZE) for number in range(count)]
    )
    smooth = counts + _KIND_SMOOTHING
    shares = smooth / smooth.sum(axis=1, keepdims=True)
    logs: NDArray[np.float32] = np.log(shares, dtype=np.float32)
    logs -= logs.mean(axis=0)
    logs[:, counts.sum(axis=0) == 0] = 0.0
    return logs


def _spread(texts: Sequence[str], most: int) -> Sequence[str]:
    """Return at most so many of the texts, evenly spread."""
    if len(texts) <= most:
        return texts
    return [texts[number * len(texts) // most] for number in range(most)]


def _matrix(texts: Sequence[Sequence[str]]) -> tuple[Rows, Floats]:
    """Return the texts' features as rows of length one or less, and the rarity of every feature.

    What occurs once in all texts teaches nothing: its rarity is 0.
    """
    sizes: list[int] = []
    numbers, strengths = array("q"), array("d")
    of_words = {sound: word_features(sound) for sounds in texts for sound in sounds}
    for sounds in texts:
        before = len(numbers)
        for sound in sorted(set(sounds)):
            of_word, strength_of_word = of_words[sound]
            numbers.extend(of_word)
            strengths.extend(strength_of_word)
        for number, strength in pair_features(sounds):
            numbers.append(number)
            strengths.append(strength)
        sizes.append(len(numbers) - before)
    rows = np.repeat(np.arange(len(texts)), sizes)
    columns = np.asarray(numbers, dtype=np.int64)
    counts = np.bincount(columns, minlength=SIZE)
    rarity = np.where(counts > 1, np.log((1 + len(texts)) / (1 + counts)) + 1, 0.0)
    rarity = np.maximum(rarity, 0.0)
    values = np.asarray(strengths) * rarity[columns]
    values /= np.sqrt(np.bincount(rows, values**2, minlength=len(texts)) + _DAMPING)[rows]
    kept = values > 0
    return Rows(rows[kept], columns[kept], values[kept], len(texts), SIZE), rarity
