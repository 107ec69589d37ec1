"""Find a present danger in a text by rules, in all languages at once, without any model.

Every language's rules run on every text: people mix languages. A match does not count when it is
negated ("no me pega"), clearly past ("hace 3 años me pegó") or a general question ("¿qué es la
trata?"); what counts as such is data too. When in doubt it counts: a missed danger weighs more
than a false alarm. Where the rules find nothing, a second net weighs how the text sounds.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from nlu.emergency_data import KINDS, EmergencyRulesError, compile_rules, texts_of, words_of
from nlu.emergency_language import LanguageRules
from nlu.emergency_likeness import LEAST_ORDINARY, DangerLikeness
from nlu.normalise import plain, tidy

__all__ = ["KINDS", "EmergencyRules", "EmergencyRulesError"]

_MOST_WORDS = 4000
_SAMPLE = 16
"""So many examples of an intent are looked at: if the rules find danger, it teaches no calm."""


class EmergencyRules:
    """The rules of all languages, and the second net if there were enough examples for it."""

    def __init__(
        self, languages: Sequence[LanguageRules], likeness: DangerLikeness | None = None
    ) -> None:
        """Use `from_data`."""
        self._languages = tuple(languages)
        self._likeness = likeness

    @classmethod
    def from_data(
        cls,
        data: Mapping[str, Mapping[str, Any]],
        examples: Mapping[str, Sequence[str]] | None = None,
        kinds: Mapping[str, str] | None = None,
    ) -> "EmergencyRules":
        """Compile the rules of each language; raise `EmergencyRulesError`.

        `data` maps a language to what its file in `content/emergency/rules/` says. `examples`
        (questions by intent) turn on the second net; `kinds` names the intents whose examples may
        tell of danger. It learns danger from those of them in which the rules find some, and calm
        from the other intents, unless the rules find danger among their examples too.
        """
        known = frozenset(word for rules in data.values() for word in words_of(rules))
        rules = cls([compile_rules(language, data[language], known) for language in sorted(data)])
        if examples:
            rules._likeness = rules._learn(data, examples, frozenset(kinds or ()))
        return rules

    def detect(self, text: str) -> str | None:
        """Return the gravest kind of present danger that the text shows, or None.

        Of a very long text the first and the last two thousand words are read.
        """
        readable = _readable(text)
        found = {kind for language in self._languages for kind in language.detect(readable)}
        if found:
            return min(found, key=KINDS.index)
        return self._likeness.detect(readable) if self._likeness else None

    def _learn(
        self,
        data: Mapping[str, Mapping[str, Any]],
        examples: Mapping[str, Sequence[str]],
        dangerous: frozenset[str],
    ) -> DangerLikeness | None:
        danger: dict[str, list[str]] = defaultdict(list)
        ordinary: list[str] = []
        for language in sorted(data):
            phrases, calm = texts_of(language, data[language])
            for kind, told in phrases.items():
                danger[kind] += told
            ordinary += calm
        for intent in sorted(examples):
            texts = examples[intent]
            if intent in dangerous:
                for text in texts:
                    if (found := self.detect(text)) is not None:
                        danger[found].append(text)
                continue
            sample = texts[:: max(1, len(texts) // _SAMPLE)]
            if not any(map(self.detect, sample)):
                ordinary += texts
        if len(ordinary) < LEAST_ORDINARY or not danger:
            return None
        return DangerLikeness(danger, ordinary)


def _readable(text: str) -> str:
    readable = plain(tidy(text))
    pieces = readable.replace("\n", " \n ").split(" ")
    if len(pieces) <= _MOST_WORDS:
        return readable
    half = _MOST_WORDS // 2
    return " ".join(pieces[:half]) + "\n" + " ".join(pieces[-half:])
