"""What is derived from a catalogue for reading texts: examples, languages, danger, keywords."""

from collections.abc import Mapping
from dataclasses import dataclass

from content.catalogue import Catalogue
from nlu.emergency import EmergencyRules
from nlu.keywords import KeywordReader
from nlu.language import LanguageIdentifier


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
