"""Grouping short questions by the words that they share. Pure, and near-linear in their number."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

LIKE = 0.45  # cosine of the weighted words from which two questions are taken for one
_RAREST = 4  # words of a question by which groups that may be like it are found
_MOST_TRIED = 60  # groups that a question is compared with
_STEM = 5  # letters: what follows is mostly inflection, in all six languages
_WORD = re.compile(r"[^\W_]+")

Vector = Mapping[str, float]


def grouped(texts: Sequence[str]) -> list[list[int]]:
    """Return the places of texts that are alike, the largest groups first.

    Within a group the order is that of the texts; groups of one size stand in the order of their
    first text. A text joins the group whose first text it is most like, if it is like enough.
    """
    words = [_words(text) for text in texts]
    # Texts of the same words are one from the start, however often they were asked.
    same: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, own in enumerate(words):
        same[tuple(sorted(set(own))) or (texts[place],)].append(place)
    weights = _weights(list(same))
    groups: list[list[int]] = []
    leaders: list[Vector] = []
    by_word: dict[str, list[int]] = defaultdict(list)
    for key, places in sorted(same.items(), key=lambda item: (-len(item[1]), item[1][0])):
        vector = _vector(key, weights)
        rarest = sorted(vector, key=lambda word: (-weights[word], word))[:_RAREST]
        best = _best(vector, rarest, leaders, by_word)
        if best is None:
            best = len(groups)
            groups.append([])
            leaders.append(vector)
            for word in rarest:
                by_word[word].append(best)
        groups[best].extend(places)
    for group in groups:
        group.sort()
    return sorted(groups, key=lambda group: (-len(group), group[0]))


def _best(
    vector: Vector,
    rarest: Sequence[str],
    leaders: Sequence[Vector],
    by_word: Mapping[str, Sequence[int]],
) -> int | None:
    tried = list(dict.fromkeys(group for word in rarest for group in by_word.get(word, ())))
    likeness = [(_cosine(vector, leaders[group]), -group) for group in tried[:_MOST_TRIED]]
    best, group = max(likeness, default=(0.0, 0))
    return -group if best >= LIKE else None


def _words(text: str) -> list[str]:
    plain = "".join(
        sign
        for sign in unicodedata.normalize("NFKD", text.casefold())
        if not unicodedata.combining(sign)
    )
    return [word[:_STEM] for word in _WORD.findall(plain)]


def _weights(keys: Sequence[Sequence[str]]) -> Mapping[str, float]:
    """Weigh words by how few of the questions hold them."""
    holding = Counter(word for key in keys for word in key)
    return {word: math.log(1 + len(keys) / count) for word, count in holding.items()}


def _vector(words: Sequence[str], weights: Mapping[str, float]) -> Vector:
    length = math.sqrt(sum(weights[word] ** 2 for word in words)) or 1.0
    return {word: weights[word] / length for word in words}


def _cosine(one: Vector, other: Vector) -> float:
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return sum(weight * large.get(word, 0.0) for word, weight in small.items())
