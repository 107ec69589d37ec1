"""What is derived from a catalogue for reading texts: examples, languages, danger, keywords."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, Catalogue
from nlu.emergency import EmergencyRules
from nlu.keywords import KeywordReader
from nlu.language import LanguageIdentifier
from nlu.trial import Question

_BULLET = re.compile(r"^\s*(?:[-•]|\d+\.)\s*")
_MARKUP = re.compile(r"\(https?://[^)]*\)|[*_`#>\[\]]")
_AFTER_SENTENCE = re.compile(r"(?<=[.!?:;])\s+")
_LONGEST_LINE = 600


@dataclass(frozen=True, slots=True)
class Knowledge:
    """A catalogue and everything that reading needs of it, replaced whole when staff publish."""

    catalogue: Catalogue
    languages: LanguageIdentifier
    emergencies: EmergencyRules
    keywords: KeywordReader


def knowledge_of(catalogue: Catalogue) -> Knowledge:
    """Derive what reading needs from a catalogue."""
    examples = training_examples(catalogue)
    # The second net below the rules: likeness to the examples of the articles behind the cards.
    kinds = {card.article: card.kind for card in catalogue.cards.values()}
    kinds |= {a.id: a.emergency for a in catalogue.articles.values() if a.emergency}
    return Knowledge(
        catalogue,
        LanguageIdentifier.build(examples_by_language(catalogue)),
        EmergencyRules.from_data(catalogue.emergency_rules, examples=examples, kinds=kinds),
        KeywordReader(examples),
    )


def training_examples(catalogue: Catalogue) -> Mapping[str, tuple[str, ...]]:
    """Return the examples of every article and intent over all languages."""
    examples: dict[str, tuple[str, ...]] = {}
    for article in catalogue.articles.values():
        examples[article.id] = tuple(e for t in article.texts.values() for e in t.examples)
    for intent in catalogue.intents.values():
        examples[intent.name] = tuple(e for per in intent.examples.values() for e in per)
    return {name: texts for name, texts in examples.items() if texts}


def examples_by_language(catalogue: Catalogue) -> Mapping[str, tuple[str, ...]]:
    """Return what is known to be written in each language."""
    texts: dict[str, list[str]] = {}
    for article in catalogue.articles.values():
        for language, text in article.texts.items():
            texts.setdefault(language, []).extend((*text.examples, text.title))
    for intent in catalogue.intents.values():
        for language, examples in intent.examples.items():
            texts.setdefault(language, []).extend(examples)
    return {language: tuple(lines) for language, lines in texts.items()}


def canaries(catalogue: Catalogue, per_language: int = 12) -> tuple[Question, ...]:
    """Return examples of articles that any model must know again, the same for the same content."""
    chosen: list[Question] = []
    for language in LANGUAGES:
        examples = sorted(
            (sha256(text.encode()).digest(), text, article.id)
            for article in catalogue.articles.values()
            if language in article.texts
            for text in article.texts[language].examples
        )
        chosen += [Question(text, language, frozenset({id_})) for _, text, id_ in examples][
            :per_language
        ]
    return tuple(chosen)


def parallels(catalogue: Catalogue) -> tuple[Mapping[str, str], ...]:
    """Return the lines of all articles, each with its translations by language.

    Where a translation does not have the lines of the Spanish one by one, it stands against the
    Spanish as a whole; the same for sentences within a line.
    """
    found: list[Mapping[str, str]] = []
    for article in catalogue.articles.values():
        texts = article.texts
        found.append({language: text.title for language, text in texts.items()})
        found.append({language: text.label for language, text in texts.items()})
        for section in texts[SOURCE_LANGUAGE].sections if SOURCE_LANGUAGE in texts else ():
            versions = {
                language: text.sections[section]
                for language, text in texts.items()
                if section in text.sections
            }
            for lines in _matched(versions, _lines):
                found.extend(_matched(lines, _sentences))
    return tuple(found)


def _matched(
    versions: Mapping[str, str], parts: Callable[[str], list[str]]
) -> list[Mapping[str, str]]:
    """Cut all versions into parts; what has not the number of parts of the original stays whole."""
    cut = {language: parts(text) for language, text in versions.items()}
    count = len(cut[SOURCE_LANGUAGE])
    fit = {language: found for language, found in cut.items() if len(found) == count}
    rows: list[Mapping[str, str]] = [
        {language: found[row] for language, found in fit.items()} for row in range(count)
    ]
    if others := versions.keys() - fit.keys():
        whole = {language: " ".join(cut[language])[:_LONGEST_LINE] for language in others}
        rows.append({SOURCE_LANGUAGE: " ".join(cut[SOURCE_LANGUAGE])[:_LONGEST_LINE], **whole})
    return rows


def _lines(text: str) -> list[str]:
    bare = (_MARKUP.sub("", _BULLET.sub("", line)).strip() for line in text.split("\n"))
    return [line for line in bare if line]


def _sentences(text: str) -> list[str]:
    return [sentence for sentence in _AFTER_SENTENCE.split(text) if sentence]
