"""What the glossary says about one text while it is being translated."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from sqlalchemy.ext.asyncio import AsyncSession

from content import FOLDER
from content.catalogue import SOURCE_LANGUAGE
from content.checks.glossary import names_term, own_words, wording
from content.cursor import Cursor
from content.drafts import published_document
from content.files import GLOSSARY
from content.glossary import Glossary, Term, decoded
from content.sheets import Sheet, parse


@dataclass(frozen=True, slots=True)
class Hint:
    """A term that the Spanish text uses. `is_missing`: the translation has no word for it."""

    term: str
    means: str
    use: str
    also: tuple[str, ...]
    avoid: tuple[str, ...]
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Wrong:
    """A word that the glossary avoids, as it stands in the translation, and the one to use."""

    word: str
    use: str


def hints(terms: Iterable[Term], source: str, text: str, language: str) -> list[Hint]:
    """Return the terms of a Spanish text with their words in a language."""
    own = own_words(source)
    found = []
    for term in terms:
        spanish, usage = term.usages.get(SOURCE_LANGUAGE), term.usages.get(language)
        if spanish is None or usage is None or not names_term(spanish, SOURCE_LANGUAGE, own):
            continue
        missing = bool(text) and not names_term(usage, language, text)
        found.append(Hint(term.name, term.means, usage.use, usage.also, usage.avoid, missing))
    return found


def wrong_words(terms: Iterable[Term], text: str, language: str) -> list[Wrong]:
    """Return the words of a translation that the glossary avoids."""
    own = own_words(text)
    usages = [term.usages[language] for term in terms if language in term.usages]
    return [
        Wrong(word, usage.use)
        for usage in usages
        if usage.avoid and (word := wording(usage.avoid, language).found(own))
    ]


async def glossary(session: AsyncSession) -> Glossary:
    """Return the glossary of staff; the one that comes with the program until they changed it."""
    body = await published_document(session, "glossary", "glossary")
    return _shipped() if body is None else decoded(Cursor(Sheet("database"), body))


@cache
def _shipped() -> Glossary:
    sheet = parse(GLOSSARY, (FOLDER / GLOSSARY).read_bytes())
    return decoded(Cursor(sheet, sheet.value))
