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
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

_GAP = 2
_WIDE_GAP = 8
_WINDOW = 10
_LONGEST_BEGINNING = 20
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
    """Elements with the greatest number of words allowed before each (0 for the first).

    `numbers` are the atoms' numbers in the index that the pattern was read into.
    """

    text: str
    atoms: tuple[Atom, ...]
    numbers: tuple[int, ...]
    gaps: tuple[int, ...]
    any_order: bool


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern was found: a position per element."""

    positions: tuple[int, ...]


class AtomIndex:
    """All atoms of one language, found by the words that may stand for them."""

    def __init__(self) -> None:
        """Start empty: `read_pattern` fills it."""
        self._numbers: dict[Atom, int] = {}
        self._by_word: dict[str, list[int]] = defaultdict(list)
        self._by_beginning: dict[str, list[int]] = defaultdict(list)
        self._by_number: list[tuple[int, bool]] = []

    def number(self, atom: Atom) -> int:
        """Return the number of an atom, the same for equal atoms."""
        if atom not in self._numbers:
            number = self._numbers[atom] = len(self._numbers)
            for word in atom.words:
                self._by_word[word].append(number)
            for beginning in atom.beginnings:
                self._by_beginning[beginning].append(number)
            if atom.number:
                self._by_number.append((number, atom.number == "#minor"))
        return self._numbers[atom]

    def of(self, word: str) -> set[int]:
        """Return the numbers of the atoms that a word of the text may stand for."""
        found = set(self._by_word.get(word, ()))
        for end in range(1, min(len(word), _LONGEST_BEGINNING) + 1):
            found.update(self._by_beginning.get(word[:end], ()))
        if self._by_number and word.isdecimal() and len(word) <= 6:
            found.update(n for n, minor in self._by_number if not minor or 1 <= int(word) <= 17)
        return found


def read_pattern(text: str, sets: Mapping[str, Sequence[str]], index: AtomIndex) -> Pattern:
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
    return Pattern(text, tuple(atoms), tuple(map(index.number, atoms)), tuple(gaps), any_order)


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
    """Where each atom of a language occurs in one sentence."""

    def __init__(self, sentence: Sentence, index: AtomIndex) -> None:
        """Look every different word up once."""
        by_word: dict[str, list[int]] = defaultdict(list)
        for place, word in enumerate(sentence.words):
            by_word[word].append(place)
        found: dict[int, list[int]] = defaultdict(list)
        for word, places in by_word.items():
            for number in index.of(word):
                found[number] += places
        self.found = {number: sorted(places) for number, places in found.items()}
        """Sorted positions by atom number."""


def is_past(atom: Atom, word: str) -> bool:
    """Say whether the word stands for the atom by a past form."""
    if word in atom.words:
        return word in atom.past
    return any(word[:end] in atom.past for end in range(1, len(word) + 1))


def matches(pattern: Pattern, places: Places) -> Iterator[Match]:
    """Yield the matches of a pattern, at most one for each place where its last element stands."""
    if any(number not in places.found for number in pattern.numbers):
        return
    found = [places.found[number] for number in pattern.numbers]
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
