"""The small language in which the emergency rules are written, and its matcher.

A pattern is a line of elements. `word`, `begin*` and `@set` each stand for one word of the text,
`a|b` for one of several, `#` for a number and `#minor` for one from 1 to 17. Elements follow each
other in order with at most two other words between them, after `...` at most eight; `_` joins
elements that must be neighbours. A pattern that begins with `&` may have its elements in any order
within ten words. A word marked `~` is a past form: it says nothing of the present when the
sentence names a time long ago. No pattern reaches over the end of a sentence.

Matching looks at each word a bounded number of times: no text makes it slow.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_GAP = 2
_WIDE_GAP = 8
_WINDOW = 10
_ELEMENT = re.compile(r"[^\W_]+\*?~?|#minor|#")


class PatternError(ValueError):
    """A pattern cannot be read; the message says what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Atom:
    """What one word of the text may be: any of the words, or of the beginnings.

    `past` holds the words and beginnings that are past forms.
    """

    words: frozenset[str]
    beginnings: frozenset[str]
    past: frozenset[str]
    number: str = ""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Elements with the greatest number of words allowed before each (0 for the first)."""

    text: str
    atoms: tuple[Atom, ...]
    gaps: tuple[int, ...]
    any_order: bool


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern was found: a position per element."""

    positions: tuple[int, ...]


def read_pattern(text: str, sets: Mapping[str, Sequence[str]]) -> Pattern:
    """Compile a pattern; raise `PatternError`. `sets` holds the words behind each `@name`."""
    body = text.strip()
    any_order = body.startswith("&")
    atoms: list[Atom] = []
    gaps: list[int] = []
    gap = 0
    for chunk in body.removeprefix("&").split():
        if chunk == "...":
            gap = _WIDE_GAP
            continue
        for place, element in enumerate(chunk.split("_")):
            atoms.append(_read_atom(element, sets))
            gaps.append(gap if place == 0 else 0)
        gap = _GAP
    if not atoms:
        raise PatternError("the pattern is empty: write at least one word")
    return Pattern(text, tuple(atoms), tuple(gaps), any_order)


def _read_atom(element: str, sets: Mapping[str, Sequence[str]]) -> Atom:
    words: set[str] = set()
    beginnings: set[str] = set()
    past: set[str] = set()
    number = ""
    for option in _options(element, sets):
        if not _ELEMENT.fullmatch(option):
            raise PatternError(f"{option!r} is neither a word, a beginning* nor #: correct it")
        if option.startswith("#"):
            number = option
            continue
        bare = option.removesuffix("~")
        word = bare.removesuffix("*")
        (beginnings if bare.endswith("*") else words).add(word)
        if option.endswith("~"):
            past.add(word)
    return Atom(frozenset(words), frozenset(beginnings), frozenset(past), number)


def _options(element: str, sets: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for option in element.split("|"):
        if not option.startswith("@"):
            yield option
        elif option[1:] in sets:
            yield from sets[option[1:]]
        else:
            known = ", ".join(sorted(sets)) or "none"
            raise PatternError(f"there is no set {option!r}; the sets are: {known}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """The words of one sentence, comparable; `breaks` are the positions that follow a comma."""

    words: tuple[str, ...]
    breaks: frozenset[int]


class Places:
    """Where each atom occurs in one sentence, found once per atom."""

    def __init__(self, sentence: Sentence) -> None:
        """Index the sentence by word."""
        self._by_word: dict[str, list[int]] = {}
        for place, word in enumerate(sentence.words):
            self._by_word.setdefault(word, []).append(place)
        self._found: dict[Atom, list[int]] = {}

    def of(self, atom: Atom) -> list[int]:
        """Return the sorted positions of an atom."""
        if atom not in self._found:
            self._found[atom] = sorted(
                place
                for word, places in self._by_word.items()
                if fits(atom, word)
                for place in places
            )
        return self._found[atom]


def fits(atom: Atom, word: str) -> bool:
    """Say whether a word of the text may stand for the atom."""
    if word in atom.words:
        return True
    if atom.number and word.isdecimal() and len(word) <= 6:
        return atom.number == "#" or 1 <= int(word) <= 17
    return bool(atom.beginnings) and any(
        word[:end] in atom.beginnings for end in range(1, len(word) + 1)
    )


def is_past(atom: Atom, word: str) -> bool:
    """Say whether the word stands for the atom by a past form."""
    if word in atom.words:
        return word in atom.past
    return any(word[:end] in atom.past for end in range(1, len(word) + 1))


def matches(pattern: Pattern, places: Places) -> Iterator[Match]:
    """Yield the matches of a pattern, at most one for each place where its last element stands."""
    found = [places.of(atom) for atom in pattern.atoms]
    if not all(found):
        return
    if pattern.any_order:
        yield from _together(found)
        return
    chains: dict[int, tuple[int, ...]] = {place: (place,) for place in found[0]}
    for here, gap in zip(found[1:], pattern.gaps[1:], strict=True):
        before = sorted(chains)
        longer: dict[int, tuple[int, ...]] = {}
        for place in here:
            nearest = bisect_left(before, place) - 1
            if nearest >= 0 and place - before[nearest] - 1 <= gap:
                longer[place] = (*chains[before[nearest]], place)
        chains = longer
    for chain in chains.values():
        yield Match(chain)


def _together(found: Sequence[Sequence[int]]) -> Iterator[Match]:
    """Yield places of all elements that lie within the window, starting from each first element."""
    for anchor in found[0]:
        chosen = [anchor]
        for places in found[1:]:
            near = _nearest(places, anchor, chosen)
            if near is None:
                break
            chosen.append(near)
        else:
            if max(chosen) - min(chosen) <= _WINDOW:
                yield Match(tuple(chosen))


def _nearest(places: Sequence[int], anchor: int, taken: Sequence[int]) -> int | None:
    at = bisect_left(places, anchor)
    close = [p for p in places[max(at - 3, 0) : at + 3] if p not in taken]
    return min(close, key=lambda place: abs(place - anchor), default=None)
