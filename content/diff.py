"""What changed between two texts, word by word."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

_PIECES = re.compile(r"\n+|[^\S\n]+|\d+(?:[.,/-]\d+)+|\w+|[^\w\s]")
_LINES = re.compile(r"[^\n]*\n+|[^\n]+")
MOST_PIECES = 3000
"""Longer texts are compared line by line: comparing words would take seconds."""
MOST_PAIRS = 30_000
"""So many equal pieces of both texts may face each other: time grows faster than their number."""


class Change(StrEnum):
    """What happened to a piece of text."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words in a row with one fate."""

    change: Change
    text: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A named part of two texts. `pieces` hold both, in reading order, removed before added."""

    name: str
    pieces: tuple[Piece, ...]

    @property
    def changed(self) -> bool:
        """Say whether the two differ."""
        return any(piece.change is not Change.SAME for piece in self.pieces)


def words(before: str, after: str) -> tuple[Piece, ...]:
    """Compare two texts; blanks alone never count as common ground."""
    if before == after:
        return (Piece(Change.SAME, after),) if after else ()
    for cut in (_PIECES, _LINES):
        old, new = cut.findall(before), cut.findall(after)
        if _is_bearable(old, new):
            return tuple(_joined(_compared(old, new)))
    # Thousands of lines, or a few again and again: only the whole middle can be shown as changed.
    return tuple(_joined(_around(_LINES.findall(before), _LINES.findall(after))))


def _is_bearable(old: Sequence[str], new: Sequence[str]) -> bool:
    """Say whether two lists can be compared in a fraction of a second, whatever they hold."""
    if len(old) + len(new) > MOST_PIECES:
        return False
    counts = Counter(piece for piece in old if not piece.isspace())
    return sum(counts[piece] for piece in new) <= MOST_PAIRS


def _compared(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    match = SequenceMatcher(str.isspace, old, new, autojunk=False)
    for tag, first, last, start, end in match.get_opcodes():
        if tag == "equal":
            yield Piece(Change.SAME, "".join(new[start:end]))
        else:
            yield from _both("".join(old[first:last]), "".join(new[start:end]))


def _around(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    """Find what two lists have in common at their beginnings and at their ends alone."""
    most = min(len(old), len(new))
    head = next((at for at in range(most) if old[at] != new[at]), most)
    most -= head
    tail = next((at for at in range(most) if old[-1 - at] != new[-1 - at]), most)
    if head:
        yield Piece(Change.SAME, "".join(new[:head]))
    yield from _both("".join(old[head : len(old) - tail]), "".join(new[head : len(new) - tail]))
    if tail:
        yield Piece(Change.SAME, "".join(new[len(new) - tail :]))


def parts(
    before: Mapping[str, str], after: Mapping[str, str], order: Sequence[str]
) -> list[Compared]:
    """Compare the parts of two texts, those in `order` first; what neither has is left out."""
    names = [*order, *(name for name in (*before, *after) if name not in order)]
    return [
        Compared(name, words(before.get(name, ""), after.get(name, "")))
        for name in dict.fromkeys(names)
        if before.get(name) or after.get(name)
    ]


def side(pieces: Iterable[Piece], shown: Change) -> list[Piece]:
    """Return what stands on one side: for REMOVED the older text, for ADDED the newer one."""
    return [piece for piece in pieces if piece.change in (Change.SAME, shown)]


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Put together changes with only a blank or a stop between them, which read better as one."""
    removed, added, blank = "", "", ""
    for piece in pieces:
        if piece.change is Change.SAME:
            both = removed and added and len(piece.text) < 3 and not _holds_words(piece.text)
            if not blank and (both or ((removed or added) and piece.text == " ")):
                blank = piece.text
                continue
            yield from _both(removed, added)
            yield Piece(Change.SAME, blank + piece.text)
            removed, added, blank = "", "", ""
        else:
            removed, added, blank = removed + blank, added + blank, ""
            if piece.change is Change.REMOVED:
                removed += piece.text
            else:
                added += piece.text
    yield from _both(removed, added)
    if blank:
        yield Piece(Change.SAME, blank)


def _holds_words(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


def _both(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(Change.REMOVED, removed)
    if added:
        yield Piece(Change.ADDED, added)
