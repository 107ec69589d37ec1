"""The ways in which people ask for an answer, as a form: one per line, in each language."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from content import search
from content.catalogue import LANGUAGES, Catalogue
from content.checks.examples import MINIMUM
from content.panel.writing.hints import Hint
from content.sheets import writable

MOST = 500
"""Phrases of one answer in one language."""
LONGEST = 300
"""Characters of a phrase: longer messages are no questions."""

_ELSEWHERE = "«{phrase}» ya es un ejemplo de «{title}» ({language}). Déjela solo donde corresponde."
_TWICE = "«{phrase}» está dos veces."
_TOO_LONG = "«{phrase}…» es demasiado larga: hasta {limit} letras."
_TOO_MANY = "Son demasiadas: hasta {limit}."
_TOO_FEW = "Hay {count}; hacen falta {least} para que el asistente la reconozca bien."
_SAME = "«{phrase}» también está entre los ejemplos: así no prueba nada. Escriba otra forma."


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose example a phrase is. `title` is that of the article, or the name of the intent."""

    id: str
    title: str
    language: str


Owners = Mapping[bytes, tuple[Owner, ...]]


def key(phrase: str) -> bytes:
    """Return what is left of a phrase without accents, capitals and punctuation."""
    return b" ".join(search.folded(phrase).split())


def owners(catalogue: Catalogue) -> Owners:
    """Return whose example each published phrase is."""
    found: dict[bytes, tuple[Owner, ...]] = {}
    for article in catalogue.articles.values():
        for language, text in article.texts.items():
            _own(found, Owner(article.id, article.texts["es"].title, language), text.examples)
    for intent in catalogue.intents.values():
        for language, phrases in intent.examples.items():
            _own(found, Owner(intent.name, intent.name, language), phrases)
    return found


def _own(found: dict[bytes, tuple[Owner, ...]], owner: Owner, phrases: Sequence[str]) -> None:
    for phrase in search.folded_lines("\n".join(phrases)):
        found[phrase] = (*found[phrase], owner) if phrase in found else (owner,)


def lines(written: str) -> list[str]:
    """Return the phrases of a field, one per line."""
    return [line for one in writable(written).split("\n") if (line := " ".join(one.split()))]


def refused(phrases: Sequence[str]) -> Hint | None:
    """Return why a list of phrases cannot be saved at all."""
    if len(phrases) > MOST:
        return Hint("bad", _TOO_MANY, {"limit": MOST})
    long = next((one for one in phrases if len(one) > LONGEST), None)
    return Hint("bad", _TOO_LONG, {"phrase": long[:40], "limit": LONGEST}) if long else None


def of_examples(article: str, language: str, phrases: Sequence[str], known: Owners) -> list[Hint]:
    """Return what a writer is told about the examples of one language."""
    found = [Hint("warn", _TWICE, {"phrase": one}) for one in _twice(phrases)]
    for phrase in phrases:
        other = next((one for one in known.get(key(phrase), ()) if one.id != article), None)
        if other is not None:
            tone = "bad" if other.language == language else "warn"
            values = {"phrase": phrase, "title": other.title, "language": other.language.upper()}
            found.append(Hint(tone, _ELSEWHERE, values))
    if len(phrases) < MINIMUM[language]:
        values_of_few = {"count": len(phrases), "least": MINIMUM[language]}
        found.insert(0, Hint("warn", _TOO_FEW, values_of_few))
    return found


def of_golden(phrases: Sequence[str], examples: Iterable[str]) -> list[Hint]:
    """Return what a writer is told about the questions that must stay answered."""
    learned = {key(one) for one in examples}
    return [
        *(Hint("warn", _TWICE, {"phrase": one}) for one in _twice(phrases)),
        *(Hint("warn", _SAME, {"phrase": one}) for one in phrases if key(one) in learned),
    ]


def golden_by_language(body: Any) -> dict[str, list[str]]:
    """Return the texts of a 'golden' document by language."""
    found: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for one in body or ():
        found.setdefault(str(one["language"]), []).append(str(one["text"]))
    return found


def golden_body(article: str, phrases: Mapping[str, Sequence[str]]) -> list[dict[str, str]]:
    """Return a 'golden' document."""
    return [
        {"text": text, "language": language, "article": article}
        for language in LANGUAGES
        for text in phrases.get(language, ())
    ]


def _twice(phrases: Sequence[str]) -> list[str]:
    seen: set[bytes] = set()
    found = []
    for phrase in phrases:
        if key(phrase) in seen:
            found.append(phrase)
        seen.add(key(phrase))
    return found
