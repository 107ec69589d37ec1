"""Finding approved answers to hand on, by a few words in any of the languages."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, datetime

from rapidfuzz import fuzz, process

from bot import replies
from bot.channel import Search, Shareable
from bot.knowledge import Knowledge
from bot.markup import parse, to_plain
from bot.scene import PERU
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, Article, Catalogue
from nlu.normalise import words

MOST = 8  # what a phone shows without much scrolling
LONGEST_DETAIL = 100  # characters of the answer beside its title
LEAST = 0.4  # of 1.5: a word of the title, or a question much like an example
MOST_WORDS = 8

_SHORTEST_BEGINNING = 3  # letters from which a word may be unfinished
_LIKE = 80.0  # of 100: "denunsia" is meant
_BEGINNING = 0.9
_UNKNOWN = 0.5  # what a word that stands in no title takes away, of what a known one brings
_EMERGENCY = "services/emergency-numbers"


class Sharing:
    """Searches titles, labels and examples. What may not leave is never found."""

    def __init__(
        self, knowledge: Callable[[], Knowledge], public_url: str, clock: Callable[[], datetime]
    ) -> None:
        self._knowledge = knowledge
        self._public_url = public_url
        self._clock = clock
        self._titles: tuple[str, _Titles] | None = None

    async def find(self, search: Search) -> tuple[Shareable, ...]:
        """Return answers in her language, best first; without words, where people begin."""
        now = self._knowledge()
        hint = (search.language_hint or "").split("-")[0].lower()
        language = now.languages.identify(search.words, hint).language
        if not search.words.strip():
            language = hint if hint in LANGUAGES else SOURCE_LANGUAGE
        today = self._clock().astimezone(PERU).date()
        found: list[Shareable] = []
        for article in await self._ranked(now, search.words):
            if shared := self._shareable(article, language, today):
                found.append(shared)
            if len(found) == MOST:
                break
        return tuple(found)

    async def _ranked(self, now: Knowledge, text: str) -> list[Article]:
        articles = now.catalogue.articles
        if not text.strip():
            return _beginnings(now.catalogue)
        if self._titles is None or self._titles[0] != now.catalogue.version:
            self._titles = now.catalogue.version, _Titles(now.catalogue)
        scores = defaultdict(float, self._titles[1].scores(text))
        for candidate in await now.keywords.parse(text):
            if candidate.intent in articles:
                scores[candidate.intent] += candidate.confidence
        ranked = sorted((-score, id_) for id_, score in scores.items() if score >= LEAST)
        return [articles[id_] for _, id_ in ranked]

    def _shareable(self, article: Article, language: str, today: date) -> Shareable | None:
        page = f"{self._public_url}/{language}/{article.id}" if self._public_url else ""
        reply = replies.share(article, language, today, page)
        if reply is None:
            return None
        text = article.texts[language]
        return Shareable(article.id, text.title, _beginning(text.sections["answer"]), reply)


class _Titles:
    """The words of titles and labels in all languages, each with its articles."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._articles: dict[str, set[str]] = defaultdict(set)
        for article in catalogue.articles.values():
            for text in article.texts.values():
                for word in words(f"{text.title} {text.label}"):
                    self._articles[word].add(article.id)
        self._words = list(self._articles)
        self._count = len(catalogue.articles)

    def scores(self, text: str) -> Mapping[str, float]:
        """Return for each article how much of a text stands in its titles: 0 to 1.

        Words weigh by their rarity, so that "multa" counts and "de" does not.
        """
        asked = words(text)[:MOST_WORDS]
        total = 0.0
        scores: dict[str, float] = defaultdict(float)
        for word in asked:
            likeness: dict[str, float] = {}
            for known, like in self._alike(word).items():
                for article in self._articles[known]:
                    likeness[article] = max(likeness.get(article, 0.0), like)
            rarity = math.log((self._count + 1) / (len(likeness) + 1)) + 0.01
            total += rarity if likeness else rarity * _UNKNOWN
            for article, like in likeness.items():
                scores[article] += rarity * like
        return {article: score / total for article, score in scores.items()}

    def _alike(self, word: str) -> dict[str, float]:
        """Return the known words that a word is, begins, or is nearly."""
        near = process.extract(
            word, self._words, scorer=fuzz.ratio, score_cutoff=_LIKE, limit=20, processor=None
        )
        alike = {known: (like / 100) ** 2 for known, like, _ in near}
        if len(word) >= _SHORTEST_BEGINNING:
            for known in self._words:
                if known.startswith(word) and known != word:
                    alike[known] = max(alike.get(known, 0.0), _BEGINNING)
        return alike


def _beginnings(catalogue: Catalogue) -> list[Article]:
    """Return the emergency numbers and the first article of each topic."""
    firsts: dict[str, Article] = {}
    for article in catalogue.articles.values():
        firsts.setdefault(article.topic, article)
    first = catalogue.articles.get(_EMERGENCY)
    return [*((first,) if first else ()), *(a for a in firsts.values() if a is not first)]


def _beginning(markdown: str) -> str:
    """Return the first words of an answer on one line."""
    line = " ".join(to_plain(parse(markdown)).split())
    if len(line) <= LONGEST_DETAIL:
        return line
    return line[: LONGEST_DETAIL - 1].rpartition(" ")[0] + "…"
