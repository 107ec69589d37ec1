"""Weigh how much a text sounds like people in danger: a second net behind the emergency rules.

Rules find what somebody thought of. This finds more of what nobody did, by the words, word pairs
and beginnings of words that distinguish phrases of danger from ordinary questions (naive Bayes on
presence, in all languages at once). It needs some hundreds of ordinary questions, otherwise
everything would sound dangerous.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from nlu.normalise import fold_word, passages, words

LEAST_ORDINARY = 500
"""With fewer ordinary questions than this the net is not used."""

_FALSE_ALARMS = 0.03
_LEAST_SCORE = -0.5
"""What sounds clearly calmer than it sounds dangerous is never an alarm."""
_STRONGEST = 4.0
_STEM = 4
_PASSAGE_WORDS = 30
_MOST_PASSAGES = 200
_SMOOTHING = 0.5
_RARE_DANGER = 0.03
_LEAST_KNOWN = 3


class DangerLikeness:
    """Learns from phrases of danger by kind and from ordinary questions."""

    def __init__(self, danger: Mapping[str, Sequence[str]], ordinary: Sequence[str]) -> None:
        """Count features and set the threshold.

        The threshold lets the share `_FALSE_ALARMS` of the ordinary questions pass as dangerous,
        each judged as if it had not been counted.
        """
        self._kinds = sorted(kind for kind, texts in danger.items() if texts)
        by_kind = {kind: Counter[str]() for kind in self._kinds}
        sizes = {kind: len(danger[kind]) for kind in self._kinds}
        for kind in self._kinds:
            for text in danger[kind]:
                by_kind[kind].update(_features(text))
        dangerous: Counter[str] = Counter()
        for counts in by_kind.values():
            dangerous.update(counts)
        calm_features = [_features(text) for text in ordinary]
        calm: Counter[str] = Counter()
        for features in calm_features:
            calm.update(features)
        self._danger_total = sum(sizes.values()) + 1
        self._calm_total = len(ordinary) + 1
        self._dangerous, self._calm = dangerous, calm
        self._by_kind: dict[str, dict[str, float]] = defaultdict(dict)
        for kind, counts in by_kind.items():
            for feature, count in counts.items():
                self._by_kind[feature][kind] = count / sizes[kind]
        scores = sorted((self._score(features, own=1) for features in calm_features), reverse=True)
        self._threshold = max(_LEAST_SCORE, scores[int(len(scores) * _FALSE_ALARMS)])

    def detect(self, text: str) -> str | None:
        """Return the kind of danger that the text sounds like, or None."""
        best: tuple[float, str] | None = None
        for number, passage in enumerate(passages(text, _PASSAGE_WORDS)):
            if number == _MOST_PASSAGES:
                break
            features = _features(passage)
            score = self._score(features)
            if score > self._threshold and (best is None or score > best[0]):
                best = score, self._kind(features)
        return best[1] if best else None

    def _score(self, features: Iterable[str], own: int = 0) -> float:
        """Return the mean-like sum of log-odds; `own` is taken from each count of calm ones."""
        total, known = 0.0, 0
        for feature in features:
            calm = self._calm.get(feature, 0) - own
            dangerous = self._dangerous.get(feature, 0)
            if calm <= 0 and dangerous == 0:
                continue
            known += 1
            odds = math.log((dangerous + _RARE_DANGER) / self._danger_total) - math.log(
                (max(calm, 0) + _SMOOTHING) / self._calm_total
            )
            total += max(-_STRONGEST, min(_STRONGEST, odds))
        return total / math.sqrt(max(known, _LEAST_KNOWN))

    def _kind(self, features: Iterable[str]) -> str:
        sums = dict.fromkeys(self._kinds, 0.0)
        for feature in features:
            shares = self._by_kind.get(feature)
            if shares:
                for kind in self._kinds:
                    sums[kind] += math.log(shares.get(kind, 0.0) + 0.01)
        return max(self._kinds, key=lambda kind: sums[kind])


def _features(text: str) -> set[str]:
    sounds = [sound for word in words(text) if (sound := fold_word(word))]
    found = set(sounds)
    found.update(f"{one} {other}" for one, other in pairwise(sounds))
    found.update(sound[:_STEM] + "*" for sound in sounds if len(sound) > _STEM)
    return found
