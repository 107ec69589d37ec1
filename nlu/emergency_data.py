"""Read the emergency rules of one language from data, with a remedy for every fault."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from nlu.emergency_language import TYPO_LENGTH, LanguageRules, Rule
from nlu.emergency_patterns import AtomIndex, Pattern, PatternError, read_pattern
from nlu.normalise import deletions, fold_word, plain

KINDS = (
    "medical", "suicide", "sexual-violence", "child-danger", "trafficking-forced-labour",
    "missing-person", "partner-family-violence", "threats-extortion",
)  # fmt: skip
"""The kinds of danger; when a text shows several, the first of this order is named."""

_KEYS = frozenset(
    {"sound", "apostrophes", "spelling", "negations", "negations_after", "light", "ordinary",
     "past", "general", "sets", "rules", "phrases", "calm"}
)  # fmt: skip


_QUECHUA = (("ch", "x"), ("sh", "s"), ("'", ""), ("e", "i"), ("o", "u"), ("j", "h"), ("c", "k"))


@lru_cache(maxsize=50_000)
def _quechua(text: str) -> str:
    """Return a spelling with three vowels and one k: 'qosay' and 'qusay' are the same word."""
    sounds = plain(text)
    for spelled, same in _QUECHUA:
        sounds = sounds.replace(spelled, same)
    return re.sub(r"(.)\1+", r"\1", re.sub(r"[qk]h?", "k", sounds))


_SOUNDS: dict[str, Callable[[str], str]] = {
    "plain": plain,
    "spanish": fold_word,
    "quechua": _quechua,
}


class EmergencyRulesError(ValueError):
    """The rules cannot be used; the message names the language, the rule and the remedy."""


def words_of(rules: Any) -> Iterator[str]:
    """Yield the plain words of some rules: in no language are they anybody's slip of the finger."""
    if isinstance(rules, str):
        yield from re.findall(r"[^\W_]+", plain(rules))
    elif isinstance(rules, Mapping):
        for key, value in rules.items():
            if key != "phrases":  # they are misspelt on purpose
                yield from words_of(value)
    elif isinstance(rules, list):
        for value in rules:
            yield from words_of(value)


def texts_of(language: str, data: Mapping[str, Any]) -> tuple[dict[str, list[str]], list[str]]:
    """Return the phrases of danger by kind and the calm ones; raise `EmergencyRulesError`."""
    where = f"content/emergency/rules/{language}.yml"
    phrases = _mapping(where, "phrases", data.get("phrases", {}))
    if unknown := set(phrases) - set(KINDS):
        raise EmergencyRulesError(
            f"{where}: phrases has the kind {sorted(unknown)[0]!r}: "
            f"write one of {', '.join(KINDS)}."
        )
    by_kind = {kind: _texts(where, f"phrases.{kind}", texts) for kind, texts in phrases.items()}
    return by_kind, _texts(where, "calm", data.get("calm", []))


def compile_rules(language: str, data: Mapping[str, Any], known: frozenset[str]) -> LanguageRules:
    """Compile the rules of one language; raise `EmergencyRulesError`.

    `known` holds the words of all languages' rules, which are never corrected to others.
    """
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

    index = AtomIndex()

    def listed(key: str) -> list[str]:
        return _texts(where, key, data.get(key, []))

    def patterns(key: str, lines: Sequence[str]) -> tuple[Pattern, ...]:
        return tuple(_pattern(where, key, line, sets, sound, index) for line in lines)

    rules = tuple(
        _rule(where, number, rule, patterns)
        for number, rule in enumerate(_list(where, "rules", data.get("rules")), start=1)
    )
    texts_of(language, data)  # a fault in the phrases is told even where nobody learns from them
    words = frozenset(
        word
        for rule in rules
        for pattern in rule.patterns
        for atom in pattern.atoms
        for word in atom.words | atom.beginnings
    )
    negations = frozenset(map(sound, listed("negations")))
    negations_after = frozenset(map(sound, listed("negations_after")))
    spelling = _mapping(where, "spelling", data.get("spelling", {}))
    return LanguageRules(
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
        index=index,
        by_first=_by_first(rules),
    )


def _by_first(rules: Sequence[Rule]) -> dict[int, tuple[tuple[Rule, Pattern], ...]]:
    found: dict[int, list[tuple[Rule, Pattern]]] = defaultdict(list)
    for rule in rules:
        for pattern in rule.patterns:
            found[pattern.numbers[0]].append((rule, pattern))
    return {number: tuple(pairs) for number, pairs in found.items()}


def _rule(
    where: str,
    number: int,
    rule: Any,
    patterns: Callable[[str, Sequence[str]], tuple[Pattern, ...]],
) -> Rule:
    key = f"rules[{number}]"
    entry = _mapping(where, key, rule)
    kind = entry.get("kind")
    if kind not in KINDS:
        raise EmergencyRulesError(
            f"{where}: {key} has the kind {kind!r}: write one of {', '.join(KINDS)}."
        )
    if unknown := set(entry) - {"kind", "patterns", "unless"}:
        raise EmergencyRulesError(
            f"{where}: {key} has the unknown key {sorted(unknown)[0]!r}: a rule has kind, patterns "
            "and unless (patterns that cancel it). Correct or remove it."
        )
    key = f"{key} ({kind})"
    lines = _texts(where, f"{key}.patterns", entry.get("patterns"))
    unless = _texts(where, f"{key}.unless", entry.get("unless", []))
    return Rule(
        str(kind),
        patterns(key, lines),
        patterns(f"{key}.unless", unless),
    )


def _pattern(
    where: str,
    key: str,
    line: str,
    sets: Mapping[str, Sequence[str]],
    sound: Callable[[str], str],
    index: AtomIndex,
) -> Pattern:
    sounded = re.sub(r"@?[^\W_]+\*?~?", lambda found: _sounded(found[0], sound), line)
    try:
        return read_pattern(sounded, sets, index)
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
        if len(word) >= TYPO_LENGTH:
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
