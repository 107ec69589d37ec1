"""Where the checks put what they find, and the texts that they go through."""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

from content.catalogue import Article, Catalogue, Path
from content.faults import Fault, Severity
from content.files import HELP, TOPICS, Tree, article_file, path_file
from content.sheets import Place


@dataclass(frozen=True, slots=True)
class Prose:
    """One approved text in every language it has, with its place in each language's file."""

    texts: Mapping[str, str]
    places: Mapping[str, tuple[str, Place]]
    stale: frozenset[str] = frozenset()


@dataclass(slots=True)
class Findings:
    """The tree under examination, the day of the examination, and the faults found so far."""

    tree: Tree
    today: date
    faults: list[Fault] = field(default_factory=list)

    @property
    def catalogue(self) -> Catalogue:
        """What the tree holds."""
        return self.tree.catalogue

    def error(self, file: str, place: Place, what: str, remedy: str) -> None:
        """Note what keeps the tree from being used."""
        self._note(file, place, what, remedy, Severity.ERROR)

    def warn(self, file: str, place: Place, what: str, remedy: str) -> None:
        """Note what somebody should look at."""
        self._note(file, place, what, remedy, Severity.WARNING)

    def note(self, severity: Severity, file: str, place: Place, what: str, remedy: str) -> None:
        """Note a fault whose weight depends on where it stands."""
        self._note(file, place, what, remedy, severity)

    def _note(self, file: str, place: Place, what: str, remedy: str, severity: Severity) -> None:
        self.faults.append(Fault(file, self.tree.line(file, *place), what, remedy, severity))

    def prose(self) -> Iterator[Prose]:
        """Go through every text that a reader may see: sections, cards, paths, channels, help."""
        for article in self.catalogue.articles.values():
            yield from _sections(article)
        for card in self.catalogue.cards.values():
            yield _in_one_file(f"emergency/{card.kind}.yml", ("card",), card.texts)
        for path in self.catalogue.paths.values():
            yield from _steps(path)
        for index, topic in enumerate(self.catalogue.topics.values()):
            yield _in_one_file(TOPICS, (index, "channel"), topic.channel.text)
        yield _in_one_file(HELP, ("help",), self.catalogue.help.text)


def stale_languages(article: Article) -> frozenset[str]:
    """Return the languages whose text renders another revision than the Spanish one."""
    source = article.texts.get("es")
    if source is None:
        return frozenset()
    return frozenset(
        lang for lang, text in article.texts.items() if text.translates != source.revision
    )


def _sections(article: Article) -> Iterator[Prose]:
    names = dict.fromkeys(name for text in article.texts.values() for name in text.sections)
    stale = stale_languages(article)
    for name in names:
        texts = {lang: t.sections[name] for lang, t in article.texts.items() if name in t.sections}
        places: dict[str, tuple[str, Place]] = {
            lang: (article_file(article.id, lang), ("sections", name)) for lang in texts
        }
        yield Prose(texts, places, stale)


def _steps(path: Path) -> Iterator[Prose]:
    file = path_file(path.id)
    for index, question in enumerate(path.questions.values()):
        yield _in_one_file(file, ("questions", index, "text"), question.texts)
    for index, end in enumerate(path.ends.values()):
        yield _in_one_file(file, ("ends", index, "verdict"), end.verdicts)


def _in_one_file(file: str, place: Place, texts: Mapping[str, str]) -> Prose:
    return Prose(texts, {lang: (file, (*place, lang)) for lang in texts})


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Return a text in lower case and without accents, line breaks and punctuation kept."""
    split = unicodedata.normalize("NFD", text.lower())
    return "".join(char for char in split if unicodedata.category(char) != "Mn")
