"""Find a present danger in a text by rules, in all languages at once, without any model.

Every language's rules run on every text: people mix languages. A match does not count when it is
negated ("no me pega"), clearly past ("hace 3 años me pegó") or a general question ("¿qué es la
trata?"); what counts as such is data too. When in doubt it counts: a missed danger weighs more
than a false alarm.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nlu.emergency_patterns import (
    Match,
    Pattern,
    PatternError,
    Places,
    Sentence,
    is_past,
    matches,
    read_pattern,
)
from nlu.normalise import deletions, fold, is_one_edit, plain, tidy

KINDS = (
    "medical", "suicide", "sexual-violence", "child-danger", "trafficking-forced-labour",
    "missing-person", "partner-family-violence", "threats-extortion",
)  # fmt: skip
"""The kinds of danger; when a text shows several, the first of this order is named."""

_MOST_WORDS = 4000
_SENTENCE_END = re.compile(r"[.!?¡¿;…\n]+")
_TOKEN = re.compile(r"[^\W_]+(?:'[^\W_]+)*|,|:|\(|\)")
_PAUSES = frozenset(",:()")
_STEPS_BACK = 4
_TYPO_LENGTH = 6
_KEYS = frozenset(
    {"sound", "apostrophes", "spelling", "negations", "negations_after", "light", "ordinary",
     "past", "general", "sets", "rules"}
)  # fmt: skip


_QUECHUA = (("ch", "x"), ("sh", "s"), ("'", ""), ("e", "i"), ("o", "u"), ("j", "h"), ("c", "k"))


def _quechua(text: str) -> str:
    """Return a spelling with three vowels and one k: 'qosay' and 'qusay' are the same word."""
    sounds = plain(text)
    for spelled, same in _QUECHUA:
        sounds = sounds.replace(spelled, same)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[qk]h?", "k", sounds))


_SOUNDS: dict[str, Callable[[str], str]] = {"plain": plain, "spanish": fold, "quechua": _quechua}


class EmergencyRulesError(ValueError):
    """The rules cannot be used; the message names the language, the rule and the remedy."""


@dataclass(frozen=True, slots=True)
class _Rule:
    kind: str
    patterns: tuple[Pattern, ...]
    unless: tuple[Pattern, ...]
    always: bool


@dataclass(frozen=True, slots=True)
class _Language:
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
    rules: tuple[_Rule, ...]

    def sentences(self, text: str) -> Iterator[Sentence]:
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
            elif word := self.sound(part):
                yield word if part in self.known else self._corrected(word)

    def _corrected(self, word: str) -> str:
        """Return the rules' word that one slip of the finger turned into this one."""
        if len(word) < _TYPO_LENGTH or word in self.vocabulary:
            return word
        for key in deletions(word):
            for known in self.typos.get(key, ()):
                if known[0] == word[0] and is_one_edit(word, known):
                    return known
        return word

    def detect(self, text: str) -> Iterator[str]:
        """Yield the kinds of danger found."""
        for sentence in self.sentences(text):
            places = Places(sentence)
            is_general = _any(self.general, places)
            long_ago = _any(self.past, places)
            for rule in self.rules:
                if (is_general and not rule.always) or _any(rule.unless, places):
                    continue
                if any(
                    self._counts(pattern, match, sentence, long_ago)
                    for pattern in rule.patterns
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


class EmergencyRules:
    """The rules of all languages."""

    def __init__(self, languages: Sequence[_Language]) -> None:
        """Use `from_data`."""
        self._languages = tuple(languages)

    @classmethod
    def from_data(cls, data: Mapping[str, Mapping[str, Any]]) -> "EmergencyRules":
        """Compile the rules of each language; raise `EmergencyRulesError`.

        `data` maps a language to what its file in `content/emergency/rules/` says.
        """
        known = frozenset(word for rules in data.values() for word in _words_of(rules))
        return cls([_compile(language, rules, known) for language, rules in sorted(data.items())])

    def detect(self, text: str) -> str | None:
        """Return the gravest kind of present danger that the text shows, or None.

        Of a very long text the first and the last two thousand words are read.
        """
        readable = plain(tidy(text))
        pieces = readable.split(" ")
        if len(pieces) > _MOST_WORDS:
            half = _MOST_WORDS // 2
            readable = " ".join(pieces[:half]) + "\n" + " ".join(pieces[-half:])
        found = {kind for language in self._languages for kind in language.detect(readable)}
        return min(found, key=KINDS.index, default=None)


def _any(patterns: Sequence[Pattern], places: Places) -> bool:
    return any(True for pattern in patterns for _ in matches(pattern, places))


def _words_of(rules: Any) -> Iterator[str]:
    """Yield the plain words of some rules: in no language are they anybody's slip of the finger."""
    if isinstance(rules, str):
        yield from re.findall(r"[^\W_]+", plain(rules))
    elif isinstance(rules, Mapping):
        for value in rules.values():
            yield from _words_of(value)
    elif isinstance(rules, list):
        for value in rules:
            yield from _words_of(value)


def _compile(language: str, data: Mapping[str, Any], known: frozenset[str]) -> _Language:
    where = f"content/emergency/rules/{language}.yml"
    if unknown := set(data) - _KEYS:
        raise EmergencyRulesError(
            f"{where}: {sorted(unknown)[0]!r} is not a key of emergency rules; "
            f"the keys are {', '.join(sorted(_KEYS))}. Correct or remove it."
        )
    sound = _SOUNDS.get(data.get("sound", "plain"))
    if sound is None:
        raise EmergencyRulesError(
            f"{where}: `sound` is {data['sound']!r}: write one of {', '.join(_SOUNDS)}."
        )
    sets = {
        name: [_sounded(option, sound) for option in _texts(where, f"sets.{name}", options)]
        for name, options in _mapping(where, "sets", data.get("sets", {})).items()
    }

    def listed(key: str) -> list[str]:
        return _texts(where, key, data.get(key, []))

    def patterns(key: str, lines: Sequence[str]) -> tuple[Pattern, ...]:
        return tuple(_pattern(where, key, line, sets, sound) for line in lines)

    rules = tuple(
        _rule(where, number, rule, patterns)
        for number, rule in enumerate(_list(where, "rules", data.get("rules")), start=1)
    )
    words = frozenset(
        word for rule in rules for p in rule.patterns for atom in p.atoms for word in atom.words
    )
    negations = frozenset(map(sound, listed("negations")))
    negations_after = frozenset(map(sound, listed("negations_after")))
    spelling = _mapping(where, "spelling", data.get("spelling", {}))
    return _Language(
        sound=sound,
        splits_apostrophes=data.get("apostrophes", "drop") == "split",
        spelling={
            plain(str(short)): tuple(sound(part) for part in str(full).split())
            for short, full in spelling.items()
        },
        negations=negations,
        negations_after=negations_after,
        denials=negations | negations_after,
        light=frozenset(map(sound, listed("light"))),
        typos=_typo_index(words),
        vocabulary=words | frozenset(map(sound, listed("ordinary"))),
        known=known,
        past=patterns("past", listed("past")),
        general=patterns("general", listed("general")),
        rules=rules,
    )


def _rule(
    where: str,
    number: int,
    rule: Any,
    patterns: Callable[[str, Sequence[str]], tuple[Pattern, ...]],
) -> _Rule:
    key = f"rules[{number}]"
    entry = _mapping(where, key, rule)
    kind = entry.get("kind")
    if kind not in KINDS:
        raise EmergencyRulesError(
            f"{where}: {key} has the kind {kind!r}: write one of {', '.join(KINDS)}."
        )
    if unknown := set(entry) - {"kind", "patterns", "unless", "always"}:
        raise EmergencyRulesError(
            f"{where}: {key} has the unknown key {sorted(unknown)[0]!r}: "
            "a rule has kind, patterns, unless (patterns that cancel it) and always (true: it counts "
            "in general questions too). Correct or remove it."
        )
    key = f"{key} ({kind})"
    lines = _texts(where, f"{key}.patterns", entry.get("patterns"))
    unless = _texts(where, f"{key}.unless", entry.get("unless", []))
    return _Rule(
        str(kind),
        patterns(key, lines),
        patterns(f"{key}.unless", unless),
        bool(entry.get("always", False)),
    )


def _pattern(
    where: str, key: str, line: str, sets: Mapping[str, Sequence[str]], sound: Callable[[str], str]
) -> Pattern:
    sounded = re.sub(r"@?[^\W_]+\*?~?", lambda found: _sounded(found[0], sound), line)
    try:
        return read_pattern(sounded, sets)
    except PatternError as error:
        raise EmergencyRulesError(f"{where}: {key}, pattern {line!r}: {error}.") from error


def _sounded(option: str, sound: Callable[[str], str]) -> str:
    """Bring the letters of an element to the sounds of the language; keep its marks."""
    if option.startswith(("@", "#")) or option == "minor":
        return option
    bare = option.rstrip("*~")
    return sound(bare) + option[len(bare) :]


def _typo_index(words: frozenset[str]) -> dict[str, tuple[str, ...]]:
    index: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words):
        if len(word) >= _TYPO_LENGTH:
            for key in deletions(word):
                index[key].append(word)
    return {key: tuple(known) for key, known in index.items()}


def _texts(where: str, key: str, value: Any) -> list[str]:
    texts = _list(where, key, value)
    for text in texts:
        if not isinstance(text, str) or not text.strip():
            raise EmergencyRulesError(
                f"{where}: {key} holds {text!r}, which is no text: put it in quotes."
            )
    return texts


def _list(where: str, key: str, value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise EmergencyRulesError(f"{where}: `{key}` must be a list: write its items with '- '.")
    return value


def _mapping(where: str, key: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise EmergencyRulesError(f"{where}: `{key}` must have the form `name: value`.")
    return value
