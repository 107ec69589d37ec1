"""What is derived from a catalogue for reading texts: examples, languages, danger, keywords."""

from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar

from content.catalogue import LANGUAGES, Catalogue
from nlu.emergency import EmergencyRules
from nlu.emergency_data import texts_of
from nlu.keywords import KeywordReader
from nlu.language import COMMON_WORDS, LanguageIdentifier
from nlu.normalise import plain, tidy
from nlu.shelf import Shelf
from nlu.trial import Question

_NLU = COMMON_WORDS.parent

_Part = TypeVar("_Part")


class Knowledge:
    """A catalogue and everything that reading needs of it, replaced whole when staff publish.

    Each part is learnt once, when somebody first asks for it, which takes seconds where nothing is
    kept of it: whoever reads messages calls `learn` before, in a thread.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        languages: Callable[[], LanguageIdentifier],
        emergencies: Callable[[], EmergencyRules],
        keywords: Callable[[], KeywordReader],
    ) -> None:
        """Keep the catalogue and what gives the parts."""
        self.catalogue = catalogue
        self._languages = _Once(languages)
        self._emergencies = _Once(emergencies)
        self._keywords = _Once(keywords)

    @property
    def languages(self) -> LanguageIdentifier:
        """Names the language of a text."""
        return self._languages.get()

    @property
    def emergencies(self) -> EmergencyRules:
        """Finds present dangers."""
        return self._emergencies.get()

    @property
    def keywords(self) -> KeywordReader:
        """Ranks meanings without the NLU service."""
        return self._keywords.get()

    def over(self, catalogue: Catalogue) -> "Knowledge":
        """Return another catalogue that is read with what was learnt of this one.

        What was just published so answers at once, and not after the seconds that learning takes.
        """
        return Knowledge(catalogue, self._languages.get, self._emergencies.get, self._keywords.get)

    def learn(self) -> None:
        """Learn all parts now; raise `EmergencyRulesError`."""
        self._emergencies.get()
        self._languages.get()
        self._keywords.get()


class _Once(Generic[_Part]):
    """Makes something when it is first asked for, once for all threads."""

    def __init__(self, make: Callable[[], _Part]) -> None:
        self._make = make
        self._made: list[_Part] = []
        self._lock = Lock()

    def get(self) -> _Part:
        """Return it."""
        if not self._made:
            with self._lock:
                if not self._made:
                    self._made.append(self._make())
        return self._made[0]


def knowledge_of(catalogue: Catalogue, folder: Path | None = None) -> Knowledge:
    """Derive what reading needs from a catalogue; what is learnt of it is kept in the folder."""
    examples = examples_by_intent(catalogue)
    shelf = Shelf(folder, _fingerprint(catalogue) if folder else "")
    return Knowledge(
        catalogue,
        lambda: shelf.take(
            "languages",
            LanguageIdentifier.unpack,
            lambda: LanguageIdentifier.build(examples_by_language(catalogue)),
        ),
        lambda: EmergencyRules.from_data(
            catalogue.emergency_rules, examples, kinds_by_article(catalogue), shelf
        ),
        lambda: shelf.take("keywords", KeywordReader.unpack, lambda: KeywordReader(examples)),
    )


def _fingerprint(catalogue: Catalogue) -> str:
    """Return what changes with the content and with the way in which it is learnt."""
    sources = (*sorted(_NLU.glob("*.py")), *sorted(COMMON_WORDS.glob("*.txt")))
    digest = sha256(catalogue.version.encode())
    for source in sources:
        digest.update(sha256(source.read_bytes()).digest())
    return digest.hexdigest()


def kinds_by_article(catalogue: Catalogue) -> Mapping[str, str]:
    """Return the articles behind emergency cards with the kinds of danger."""
    kinds = {card.article: card.kind for card in catalogue.cards.values()}
    return kinds | {a.id: a.emergency for a in catalogue.articles.values() if a.emergency}


def examples_by_intent(catalogue: Catalogue) -> Mapping[str, tuple[str, ...]]:
    """Return the examples of every article and intent over all languages."""
    examples: dict[str, tuple[str, ...]] = {}
    for article in catalogue.articles.values():
        examples[article.id] = tuple(e for t in article.texts.values() for e in t.examples)
    for intent in catalogue.intents.values():
        examples[intent.name] = tuple(e for per in intent.examples.values() for e in per)
    return {name: texts for name, texts in examples.items() if texts}


def training_examples(catalogue: Catalogue) -> Mapping[str, tuple[str, ...]]:
    """Return what the NLU model learns: the examples, and what people in danger say.

    The `phrases` of the emergency rules belong to the articles behind the cards, but for those that
    are somebody's example already.
    """
    examples = dict(examples_by_intent(catalogue))
    known = {_bare(text) for texts in examples.values() for text in texts}
    articles = {card.kind: card.article for card in catalogue.cards.values()}
    for language, rules in sorted(catalogue.emergency_rules.items()):
        phrases, _ = texts_of(language, rules)
        for kind, told in sorted(phrases.items()):
            fresh = {key: text for text in told if (key := _bare(text)) and key not in known}
            if kind in articles and fresh:
                known |= fresh.keys()
                article = articles[kind]
                examples[article] = (*examples.get(article, ()), *fresh.values())
    return examples


def _bare(text: str) -> str:
    """Return the letters and digits alone, without accents or case."""
    return "".join(char for char in plain(tidy(text)) if char.isalnum())


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
