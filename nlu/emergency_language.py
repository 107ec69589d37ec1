"""The emergency rules of one language at work on a text."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nlu.emergency_patterns import AtomIndex, Match, Pattern, Places, Sentence, is_past, matches
from nlu.normalise import deletions, is_one_edit, plain

TYPO_LENGTH = 6
"""Words of at least this many letters may differ by one slip of the finger."""

_SENTENCE_END = re.compile(r"[.!?¡¿;…\n]+")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|,|:|\(|\)")
_PAUSES = frozenset(",:()")
_STEPS_BACK = 4


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of danger with the patterns that show it and those that cancel it."""

    kind: str
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class LanguageRules:
    """The rules of one language, compiled to the sounds that its texts are brought to."""

    sound: Callable[[str], str]
    splits_apostrophes: bool
    spelling: Mapping[str, tuple[str, ...]]
    negations: frozenset[str]
    negations_after: frozenset[str]
    denials: frozenset[str]
    light: frozenset[str]
    typos: Mapping[str, tuple[str, ...]]
    vocabulary: frozenset[str]
    known: frozenset[str]
    past: tuple[Pattern, ...]
    general: tuple[Pattern, ...]
    rules: tuple[Rule, ...]
    index: AtomIndex
    by_first: Mapping[int, tuple[tuple[Rule, Pattern], ...]]
    """The patterns of the rules by the number of their first atom."""

    def sentences(self, text: str) -> Iterator[Sentence]:
        """Cut a plain text into sentences of comparable words."""
        for part in _SENTENCE_END.split(text):
            words: list[str] = []
            breaks: set[int] = set()
            for token in _TOKEN.findall(part):
                if token in _PAUSES:
                    breaks.add(len(words))
                else:
                    words.extend(self._words(token))
            if words:
                yield Sentence(tuple(words), frozenset(breaks))

    def _words(self, token: str) -> Iterator[str]:
        parts = token.split("'") if self.splits_apostrophes else [token.replace("'", "")]
        for part in parts:
            if spelled := self.spelling.get(part):
                yield from spelled
            elif word := part if self.sound is plain else self.sound(part):
                yield word if part in self.known else self._corrected(word)

    def _corrected(self, word: str) -> str:
        """Return the rules' word that one slip of the finger turned into this one."""
        if len(word) < TYPO_LENGTH or word in self.vocabulary:
            return word
        near = {
            known
            for key in deletions(word)
            for known in self.typos.get(key, ())
            if known[0] == word[0] and is_one_edit(word, known)
        }
        # Swapped neighbours are the commonest slip.
        return min(near, key=lambda known: (sorted(known) != sorted(word), known), default=word)

    def detect(self, text: str) -> Iterator[str]:
        """Yield the kinds of danger found."""
        seen: set[tuple[str, ...]] = set()
        for sentence in self.sentences(text):
            if sentence.words not in seen:
                seen.add(sentence.words)
                yield from self._detect_in(sentence)

    def _detect_in(self, sentence: Sentence) -> Iterator[str]:
        places = Places(sentence, self.index)
        candidates = [
            (rule, pattern)
            for number in places.found
            for rule, pattern in self.by_first.get(number, ())
            if all(other in places.found for other in pattern.numbers)
        ]
        if not candidates:
            return
        if _any(self.general, places):
            return
        long_ago = _any(self.past, places)
        for rule, pattern in candidates:
            if _any(rule.unless, places):
                continue
            if any(
                self._counts(pattern, match, sentence, long_ago)
                for match in matches(pattern, places)
            ):
                yield rule.kind

    def _counts(self, pattern: Pattern, match: Match, sentence: Sentence, long_ago: bool) -> bool:
        if long_ago and any(
            is_past(atom, sentence.words[place])
            for atom, place in zip(pattern.atoms, match.positions, strict=True)
        ):
            return False
        if any(sentence.words[place] in self.denials for place in match.positions):
            return True  # the pattern itself says no: "no respira"
        return not any(self._negated(sentence, place, match) for place in match.positions)

    def _negated(self, sentence: Sentence, place: int, match: Match) -> bool:
        """Say whether a negation that is no part of the match belongs to the word at `place`."""
        after = place + 1
        if (
            after < len(sentence.words)
            and after not in match.positions
            and after not in sentence.breaks
            and sentence.words[after] in self.negations_after
        ):
            return True
        for back in range(place - 1, max(place - 1 - _STEPS_BACK, -1), -1):
            if back + 1 in sentence.breaks or back in match.positions:
                return False
            if sentence.words[back] in self.negations:
                return True
            if sentence.words[back] not in self.light:
                return False
        return False


def _any(patterns: Sequence[Pattern], places: Places) -> bool:
    return any(True for pattern in patterns for _ in matches(pattern, places))
