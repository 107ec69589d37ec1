"""The words of the subject: which to use in each language, which also pass, which are wrong."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from content import decoding
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE
from content.cursor import Cursor


@dataclass(frozen=True, slots=True)
class Usage:
    """The words for one term in one language: the one to use, those that pass, those to avoid.

    A word that ends in `*` stands for any ending; words all in capitals are taken as written.
    """

    use: str
    also: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()

    @property
    def accepted(self) -> tuple[str, ...]:
        """The words that count as this term."""
        return (self.use, *self.also)


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that the texts speak of. `means` explains it in plain Spanish, in one line."""

    id: str
    means: str
    usages: Mapping[str, Usage]

    @property
    def name(self) -> str:
        """The Spanish term."""
        spanish = self.usages.get(SOURCE_LANGUAGE)
        return spanish.use if spanish else self.id


@dataclass(frozen=True, slots=True)
class Glossary:
    """All terms, in the order of the file; `pending_review`: no speaker has read these languages.

    Terms with the same id stand side by side, for the checks to find.
    """

    terms: tuple[Term, ...] = ()
    pending_review: frozenset[str] = frozenset()


def decoded(cursor: Cursor) -> Glossary:
    """Read a `glossary.yml`."""
    cursor.mapping(("terms",), ("review",))
    return Glossary(
        terms=tuple(_term(item) for item in cursor.at("terms").items()),
        pending_review=decoding.pending_languages(cursor.at("review")),
    )


def _term(cursor: Cursor) -> Term:
    cursor.mapping(("id", "means", *LANGUAGES))
    return Term(
        id=cursor.at("id").line_text(),
        means=cursor.at("means").line_text(),
        usages=MappingProxyType(dict(_usages(cursor))),
    )


def _usages(cursor: Cursor) -> Iterator[tuple[str, Usage]]:
    for language in LANGUAGES:
        entry = cursor.at(language)
        if entry.value is not None and entry.mapping(("use",), ("also", "avoid")):
            use, also, avoid = entry.at("use"), entry.at("also"), entry.at("avoid")
            yield language, Usage(use.line_text(), also.texts(), avoid.texts())
