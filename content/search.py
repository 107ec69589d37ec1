"""Finding answers by their words: in titles, texts and examples of all languages.

Capitals, accents and punctuation do not matter, and a word is found by its beginning. All of it
lies in memory, folded to ASCII, and is gone through from end to end: 2,000 articles in six
languages are some 40 MB, which takes about as long as a question to the database.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from content.catalogue import Catalogue, Text

_BLANKS = bytes(byte if chr(byte).isalnum() and byte < 128 else ord(" ") for byte in range(256))
_LINES = _BLANKS[:10] + b"\n" + _BLANKS[11:]
MOST_WORDS = 8
"""More words of a query are left out."""


class Where(StrEnum):
    """In which part of an answer a word was found, the weightiest first."""

    TITLE = "title"
    SECTION = "section"
    EXAMPLE = "example"


_ORDER = tuple(Where)
_WEIGHTS: Mapping[Where, int] = {Where.TITLE: 100, Where.SECTION: 10, Where.EXAMPLE: 1}


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of one article, folded. Each part begins and ends with a blank."""

    article: str
    language: str
    title: bytes
    sections: bytes
    examples: bytes


@dataclass(frozen=True, slots=True)
class Found:
    """An article that has all the words, and how far one must read in it for them."""

    article: str
    language: str
    where: Where
    weight: int


def folded(text: str) -> bytes:
    """Return a text in lower case without accents and punctuation, words between blanks."""
    return b" " + _ascii(text).translate(_BLANKS) + b" "


def folded_lines(text: str) -> list[bytes]:
    """Return each line of a text folded, with single blanks between its words."""
    return [b" ".join(line.split()) for line in _ascii(text).translate(_LINES).split(b"\n")]


def _ascii(text: str) -> bytes:
    if text.isascii():
        return text.lower().encode()
    return unicodedata.normalize("NFD", text.lower()).encode("ascii", "ignore")


def entry(
    article: str, language: str, title: str, sections: Iterable[str], examples: Iterable[str]
) -> Entry:
    """Return a text as it is searched."""
    return Entry(
        article,
        language,
        folded(title),
        folded("\n".join(sections)),
        folded("\n".join(examples)),
    )


def entries(catalogue: Catalogue) -> tuple[Entry, ...]:
    """Return all texts of a catalogue as they are searched."""
    return tuple(
        _of_text(article.id, language, text)
        for article in catalogue.articles.values()
        for language, text in article.texts.items()
    )


def _of_text(article: str, language: str, text: Text) -> Entry:
    title = f"{text.title} {text.label} {article.replace('/', ' ')}"
    return entry(article, language, title, text.sections.values(), text.examples)


def find(searched: Iterable[Entry], query: str) -> list[Found]:
    """Return the articles in which one text has all the words of a query, the best first."""
    words = [b" " + word for word in dict.fromkeys(folded(query).split())][:MOST_WORDS]
    best: dict[str, Found] = {}
    for one in searched if words else ():
        places = _places(one, words)
        if places is None:
            continue
        weight = sum(_WEIGHTS[place] for place in places)
        had = best.get(one.article)
        if had is None or weight > had.weight:
            where = max(places, key=_ORDER.index)
            best[one.article] = Found(one.article, one.language, where, weight)
    return sorted(best.values(), key=lambda found: -found.weight)


def _places(one: Entry, words: list[bytes]) -> list[Where] | None:
    """Return where each word stands in a text; None if one of them is not in it."""
    places = []
    for word in words:
        if word in one.title:
            places.append(Where.TITLE)
        elif word in one.sections:
            places.append(Where.SECTION)
        elif word in one.examples:
            places.append(Where.EXAMPLE)
        else:
            return None
    return places
