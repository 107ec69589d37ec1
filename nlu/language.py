"""Name the language of a short message, in any of the languages that there are examples for.

Two opinions are added: naive Bayes over the letters of each word, trained when the process starts
on the content's own examples, and py3langid's, restricted to the same languages. Each word has a
bounded say, so that in a mixed message the language of most words wins, and the language of the
conversation has a say of its own, so that a message of a word or two does not turn it over.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from py3langid.langid import MODEL_FILE
from py3langid.langid import LanguageIdentifier as Langid

from nlu.common_words import COMMON_WORDS
from nlu.normalise import excerpt, tidy
from nlu.understanding import LanguageGuess

_LONGEST_TEXT = 1200
_LONGEST_GRAM = 4
_WORD_SAY = 5.0
_LETTERS_WEIGHT = 0.2
_LANGID_WEIGHT = 0.35
_PRIOR_SAY = 2.0
_DEFAULT_SAY = 0.5
_COMMON_WEIGHT = 5
_SMOOTHING = 0.3
_UNSEEN = 10_000
_SHARED = frozenset({"ok", "okay", "okey", "jaja", "jajaja", "haha", "hahaha", "lol", "hmm", "mmm"})


class LanguageIdentifier:
    """Knows the letters and words of each language. Build once and keep."""

    def __init__(
        self, languages: Sequence[str], weights: Mapping[str, Sequence[float]], langid: Langid
    ) -> None:
        """Use `build`."""
        self._languages = tuple(languages)
        self._weights = weights
        self._langid = langid

    @classmethod
    def build(cls, examples_by_language: Mapping[str, Iterable[str]]) -> "LanguageIdentifier":
        """Train on texts of each language; takes some tenths of a second for ten thousand.

        Raise `ValueError` for a language that py3langid does not know.
        """
        languages = sorted(examples_by_language)
        langid = Langid.from_model_file(MODEL_FILE)
        langid.set_languages(languages)
        grams = {
            language: _count_grams(examples_by_language[language], language)
            for language in languages
        }
        return cls(languages, _log_odds(languages, grams), langid)

    def identify(self, text: str, prior: str | None) -> LanguageGuess:
        """Return the language; `prior` is that of the conversation.

        A text without a telling word keeps the prior, or else the first language, at confidence 0.
        """
        words = list(_words(excerpt(tidy(text), _LONGEST_TEXT)))
        telling = [word for word in words if word not in _SHARED]
        fallback = prior if prior in self._languages else self._default
        if not telling:
            return LanguageGuess(fallback, 0.0)
        scores = [0.0] * len(self._languages)
        for word in telling:
            for place, say in enumerate(self._say(word)):
                scores[place] += say
        for place, opinion in enumerate(self._second_opinion(" ".join(telling))):
            scores[place] += opinion
        if prior in self._languages:
            scores[self._languages.index(prior)] += _PRIOR_SAY
        else:
            scores[self._languages.index(self._default)] += _DEFAULT_SAY
        best = max(range(len(scores)), key=scores.__getitem__)
        total = sum(math.exp(score - scores[best]) for score in scores)
        return LanguageGuess(self._languages[best], 1.0 / total)

    @property
    def _default(self) -> str:
        return "es" if "es" in self._languages else self._languages[0]

    def _say(self, word: str) -> list[float]:
        """Return how much a word speaks for each language, within ±`_WORD_SAY`."""
        sums = [0.0] * len(self._languages)
        for gram in _grams(word):
            for place, weight in enumerate(self._weights.get(gram, ())):
                sums[place] += weight
        mean = sum(sums) / len(sums)
        return [max(-_WORD_SAY, min(_WORD_SAY, _LETTERS_WEIGHT * (value - mean))) for value in sums]

    def _second_opinion(self, text: str) -> list[float]:
        ranked = dict(self._langid.rank(text))
        values = [float(ranked.get(language, 0.0)) for language in self._languages]
        best = max(values)
        return [max(-4 * _WORD_SAY, _LANGID_WEIGHT * (value - best)) for value in values]


def _words(text: str) -> Iterator[str]:
    for word in text.lower().replace("’", "'").split():
        bare = word.strip("'\"")
        letters = "".join(char for char in bare if char.isalpha() or char in "'-")
        if any(char.isalpha() for char in letters):
            yield letters


def _grams(word: str) -> Iterator[str]:
    """Yield the whole word and its runs of one to four letters, its edges marked."""
    yield f"<{word}>"
    padded = f" {word} "
    for size in range(1, _LONGEST_GRAM + 1):
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


def _count_grams(texts: Iterable[str], language: str) -> dict[str, float]:
    words: Counter[str] = Counter()
    for text in texts:
        words.update(_words(text))
    for word in _words(COMMON_WORDS.get(language, "")):
        words[word] += _COMMON_WEIGHT
    grams: dict[str, float] = defaultdict(float)
    for word, count in words.items():
        say = math.log1p(count)  # a word that every example uses does not drown the others
        for gram in _grams(word):
            grams[gram] += say
    return grams


def _log_odds(
    languages: Sequence[str], grams: Mapping[str, Mapping[str, float]]
) -> dict[str, tuple[float, ...]]:
    """Return, per run of letters, the logarithm of its share in each language, mean taken away."""
    totals = [sum(grams[language].values()) for language in languages]
    vocabulary = set().union(*grams.values())
    weights: dict[str, tuple[float, ...]] = {}
    for gram in vocabulary:
        logs = [
            math.log((grams[language].get(gram, 0.0) + _SMOOTHING) / (total + _UNSEEN))
            for language, total in zip(languages, totals, strict=True)
        ]
        mean = sum(logs) / len(logs)
        weights[gram] = tuple(value - mean for value in logs)
    return weights
