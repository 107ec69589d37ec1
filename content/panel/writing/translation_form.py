"""A translation beside its Spanish text, part by part, with what a translator should look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from content import diff
from content.catalogue import SECTIONS
from content.checks.parity import differences
from content.diff import Piece
from content.editing import Fields
from content.glossary import Term
from content.panel.writing.sections import HEADINGS, LIMITS, fields_of, section_field, whole
from content.term_hints import Hint, Wrong, hints, wrong_words
from content.translating import Pair

_ORDER = ("title", "label", *SECTIONS)


@dataclass(frozen=True, slots=True)
class Part:
    """One field. `pieces` is the Spanish text with what changed in it marked, where that is known.

    `lost` and `added` are the figures that only one of the two languages states.
    """

    name: str
    field: str
    heading: str
    limit: int
    source: str
    text: str
    pieces: tuple[Piece, ...] = ()
    terms: tuple[Hint, ...] = ()
    wrong: tuple[Wrong, ...] = ()
    lost: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    theirs: tuple[Piece, ...] = ()

    @property
    def is_line(self) -> bool:
        """Say whether this is one line."""
        return self.name in ("title", "label")

    @property
    def rows(self) -> int:
        """Return how many lines the field shows."""
        return min(24, 3 + sum(1 + len(line) // 55 for line in self.source.split("\n")))

    @property
    def is_over(self) -> bool:
        """Say whether the translation is too long."""
        return len(self.text) > self.limit

    @property
    def is_untranslated(self) -> bool:
        """Say whether there is a Spanish text and no translation."""
        return bool(self.source) and not self.text

    @property
    def has_changed(self) -> bool:
        """Say whether the Spanish text is known to have changed."""
        return any(piece.change != "same" for piece in self.pieces)

    @property
    def points(self) -> int:
        """Count what should be looked at before the text is sent."""
        missing = sum(hint.is_missing for hint in self.terms)
        return len(self.lost) + len(self.added) + len(self.wrong) + missing + self.is_over


def parts(
    pair: Pair, written: Fields, terms: Sequence[Term], language: str, theirs: Fields | None = None
) -> list[Part]:
    """Return the fields in the order of reading; `theirs` is what a colleague saved meanwhile."""
    source, text = whole(fields_of(pair.source)), whole(written)
    older = whole(fields_of(pair.rendered)) if pair.rendered else None
    other = whole(theirs) if theirs else None
    return [
        _part(name, source.get(name, ""), text.get(name, ""), terms, language, older, other)
        for name in _ORDER
        if source.get(name) or text.get(name)
    ]


def _part(
    name: str, source: str, text: str, terms: Sequence[Term], language: str,
    older: dict[str, str] | None, other: dict[str, str] | None,
) -> Part:  # fmt: skip
    lost, added = differences(source, text) if source and text else (frozenset(), frozenset())
    before = (other or {}).get(name, "")
    return Part(
        name=name,
        field=name if name in ("title", "label") else section_field(name),
        heading=HEADINGS[name],
        limit=LIMITS[name],
        source=source,
        text=text,
        pieces=diff.words(older.get(name, ""), source) if older is not None else (),
        terms=tuple(hints(terms, source, text, language)),
        wrong=tuple(wrong_words(terms, text, language)) if text else (),
        lost=tuple(sorted(lost)),
        added=tuple(sorted(added)),
        theirs=diff.words(before, text) if other is not None and before != text else (),
    )
