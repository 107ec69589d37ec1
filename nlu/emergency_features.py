"""Take the features from a text by which the second net weighs danger.

Every word counts as itself, by the runs of letters inside it (so misspelt and inflected forms
share most of their weight) and together with the two words after it. All of them are compared by
sound and named by a number below `SIZE` (a checksum): nothing needs to be stored but weights.
"""

from collections.abc import Iterator, Sequence
from zlib import crc32

from nlu.normalise import fold_word, words

SIZE = 1 << 18
"""Feature numbers are below this; the few that share a number share their weight."""

_SHORTEST_RUN = 3
_LONGEST_RUN = 5
_RUN = 0.5
_WORD = 1.0
_PAIR = 1.0
_APART = 0.7
_LONGEST_WORD = 24


def sounds_of(text: str) -> list[str]:
    """Return the words of a text as they sound; of a very long word the beginning."""
    return [sound[:_LONGEST_WORD] for word in words(text) if (sound := fold_word(word))]


def word_features(sound: str) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return the word itself and its runs of 3 to 5 letters, its ends marked.

    Numbers, then the strength of each before its rarity is taken into account.
    """
    marked = f"<{sound}>"
    runs = {
        marked[start : start + length]
        for length in range(_SHORTEST_RUN, _LONGEST_RUN + 1)
        for start in range(len(marked) - length + 1)
    }
    numbers = (_number(f"w{sound}"), *map(_number, sorted(runs)))
    return numbers, (_WORD, *[_RUN] * len(runs))


def pair_features(sounds: Sequence[str]) -> Iterator[tuple[int, float]]:
    """Yield neighbours, and words with one other between them, each once."""
    seen: set[str] = set()
    for place, first in enumerate(sounds):
        for distance, second in enumerate(sounds[place + 1 : place + 3]):
            pair = f"{'s' if distance else 'p'}{first} {second}"
            if pair not in seen:
                seen.add(pair)
                yield _number(pair), _APART if distance else _PAIR


def _number(feature: str) -> int:
    return crc32(feature.encode()) % SIZE
