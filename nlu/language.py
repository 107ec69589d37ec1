"""Name the language of a short message, in any of the languages that there are examples for.

Two opinions are added: naive Bayes over each word and its letters, trained when the process starts
on the content's own examples and on the lists in `common_words/`, and py3langid's, where it knows
all the languages. Each word has a bounded say, so that in a mixed message the language of most
words wins, and the language of the conversation has a say of its own, so that a message of a word
or two does not turn it over. Another language is data alone: examples and, better, a list.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from py3langid.langid import MODEL_FILE
from py3langid.langid import LanguageIdentifier as Langid

from nlu.normalise import excerpt, tidy
from nlu.shelf import Arrays, packed_texts, unpacked_texts
from nlu.understanding import LanguageGuess

_LONGEST_TEXT = 1200
_LONGEST_GRAM = 4
# Chosen by cross-validation over the examples and fragments of one to four words of them.
_WORD_SAY = 8.0
_LETTERS_WEIGHT = 0.15
_WHOLE_WORD = 15.0  # a known word tells as much as so many runs of letters
_BORROWED = 0.01  # the share of words that any message may borrow from the first language
_LANGID_WEIGHT = 0.2
_PRIOR_SAY = 3.0
_DEFAULT_SAY = 0.5
_COMMON_WEIGHT = 5
_SMOOTHING = 0.3
_UNSEEN = 10_000
COMMON_WORDS = Path(__file__).parent / "common_words"
_SHARED = frozenset({"ok", "okay", "okey", "jaja", "jajaja", "haha", "hahaha", "lol", "hmm", "mmm"})


class LanguageIdentifier:
    """Knows the letters and words of each language. Build once and keep."""

    def __init__(
        self,
        languages: Sequence[str],
        weights: Mapping[str, Sequence[float]],
        langid: Langid | None,
    ) -> None:
        """Use `build`."""
        self._languages = tuple(languages)
        self._weights = weights
        self._langid = langid
        self._told: dict[str, list[float]] = {}

    @classmethod
    def build(
        cls, examples_by_language: Mapping[str, Iterable[str]], common_words: Path = COMMON_WORDS
    ) -> "LanguageIdentifier":
        """Train on texts of each language; takes some tenths of a second for ten thousand.

        `common_words` may hold a `<language>.txt` for each language: the words by which short
        messages betray it, above all those that open a chat. They stand in for examples while an
        installation has few of its own.
        """
        languages = sorted(examples_by_language)
        grams = {
            language: _count_grams(
                examples_by_language[language], _listed(common_words / f"{language}.txt")
            )
            for language in languages
        }
        return cls(languages, _log_odds(languages, grams), _langid(languages))

    def pack(self) -> Arrays:
        """Return the languages and what each run of letters says for them."""
        rows = np.array(tuple(self._weights.values()), dtype=np.float64)
        return {
            "languages": packed_texts(self._languages),
            "grams": packed_texts(tuple(self._weights)),
            "weights": rows.reshape(len(self._weights), len(self._languages)),
        }

    @classmethod
    def unpack(cls, arrays: Arrays) -> "LanguageIdentifier":
        """Return what was packed; raise `LookupError` or `ValueError`."""
        languages = unpacked_texts(arrays["languages"])
        weights = zip(unpacked_texts(arrays["grams"]), arrays["weights"].tolist(), strict=True)
        return cls(languages, dict(weights), _langid(languages))

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
        if (told := self._told.get(word)) is not None:
            return told
        says = self._reckoned(word)
        if f"<{word}>" in self._weights:  # a word of the examples: no other is remembered
            self._told[word] = says
        return says

    def _reckoned(self, word: str) -> list[float]:
        sums = [0.0] * len(self._languages)
        for gram in _grams(word):
            for place, weight in enumerate(self._weights.get(gram, ())):
                sums[place] += weight
        for place, weight in enumerate(self._weights.get(f"<{word}>", ())):
            sums[place] += (_WHOLE_WORD - 1) * weight
        mean = sum(sums) / len(sums)
        says = [max(-_WORD_SAY, min(_WORD_SAY, _LETTERS_WEIGHT * (value - mean))) for value in sums]
        # People keep the Spanish names of offices and papers whatever they speak.
        lent = _BORROWED * math.exp(says[self._languages.index(self._default)])
        return [math.log((1 - _BORROWED) * math.exp(say) + lent) for say in says]

    def _second_opinion(self, text: str) -> list[float]:
        if self._langid is None:
            return [0.0] * len(self._languages)
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


def _langid(languages: Sequence[str]) -> Langid | None:
    """Return py3langid for these languages, None if it does not know all of them."""
    langid = Langid.from_model_file(MODEL_FILE)
    try:
        langid.set_languages(languages)
    except ValueError:
        return None
    return langid


def _listed(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def _count_grams(texts: Iterable[str], common: str) -> dict[str, float]:
    words: Counter[str] = Counter()
    for text in texts:
        words.update(_words(text))
    for word in _words(common):
        words[word] += _COMMON_WEIGHT
    grams: dict[str, float] = defaultdict(float)
    for word, count in words.items():
        say = math.sqrt(count)  # a word that every example uses does not drown the others
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
