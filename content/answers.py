"""The short answers of the desk, in six languages: `content/answers.yml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from content.catalogue import LANGUAGES
from content.cursor import Cursor
from content.faults import FaultyTree, errors
from content.sheets import parse

FILE = Path(__file__).parent / "answers.yml"
LONGEST = 400  # characters: they are a beginning, and more is written behind


@dataclass(frozen=True, slots=True)
class StandardAnswer:
    """A text to insert. `title` is Spanish; in a language of `pending` no speaker has read it."""

    id: str
    title: str
    texts: Mapping[str, str]
    pending: frozenset[str]


@cache
def standard_answers(path: Path = FILE) -> Mapping[str, StandardAnswer]:
    """Read the answers, by id in their order; raise `FaultyTree`."""
    sheet = parse(path.name, path.read_bytes())
    top = Cursor(sheet, sheet.value)
    found: dict[str, StandardAnswer] = {}
    if top.mapping(("answers",), ("pending",)):
        pending = frozenset(str(one.value) for one in top.at("pending").items())
        for one in top.at("answers").items():
            answer = _answer(one, pending)
            if answer is not None:
                found[answer.id] = answer
    if wrong := errors(sheet.faults):
        raise FaultyTree(wrong)
    return found


def _answer(cursor: Cursor, pending: frozenset[str]) -> StandardAnswer | None:
    if not cursor.mapping(("id", "title", "texts")):
        return None
    texts = cursor.at("texts")
    if not texts.mapping(LANGUAGES):
        return None
    for language in LANGUAGES:
        text = texts.at(language)
        if not isinstance(text.value, str) or not 0 < len(text.value) <= LONGEST:
            text.fault(
                f"{text.name} has not 1 to {LONGEST} characters.", "Shorten it, or write it."
            )
    written = {language: str(texts.at(language).value) for language in LANGUAGES}
    return StandardAnswer(
        str(cursor.at("id").value), str(cursor.at("title").value), written, pending
    )
