"""Find a present danger in a text by rules, in all languages at once, without any model.

Every language's rules run on every text: people mix languages. A match does not count when it is
negated ("no me pega"), clearly past ("hace 3 años me pegó") or a general question ("¿qué es la
trata?"); what counts as such is data too. When in doubt it counts: a missed danger weighs more
than a false alarm. A second net weighs how the text sounds: it speaks where no rule does, and
silences a rule in a text that sounds calm through and through.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from nlu.emergency_agreement import Finding
from nlu.emergency_data import KINDS, EmergencyRulesError, compile_rules, texts_of, words_of
from nlu.emergency_language import LanguageRules
from nlu.emergency_likeness import LEAST_ORDINARY, DangerLikeness, Material
from nlu.normalise import plain, tidy
from nlu.shelf import Shelf

__all__ = ["KINDS", "EmergencyRules", "EmergencyRulesError"]

_MOST_WORDS = 4000
_CALM_IN_SPITE_OF_A_RULE = -2.5
"""Log-odds from the threshold below which a text is calm although a rule speaks."""
_SHORT = 5
"""A rule that speaks in so few words is never silenced: a cry for help is short."""
_TOO_SHORT = 3
"""In so few words nothing is almost found: "my husband too" is no cry for help."""


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
        shelf: Shelf | None = None,
    ) -> "EmergencyRules":
        """Compile the rules of each language; raise `EmergencyRulesError`.

        `data` maps a language to what its file in `content/emergency/rules/` says. `examples`
        (questions by intent) turn on the second net; `kinds` names the intents whose examples may
        tell of danger. It learns danger from those of them in which the rules find some, and calm
        from the other intents. What it learnt is kept on the `shelf`.
        """
        known = frozenset(word for rules in data.values() for word in words_of(rules))
        rules = cls([compile_rules(language, data[language], known) for language in sorted(data)])
        if examples and (material := rules._material(data, examples, frozenset(kinds or ()))):
            rules._likeness = (shelf or Shelf()).take(
                "emergency", DangerLikeness.unpack, lambda: DangerLikeness.learn(*material())
            )
        return rules

    def detect(self, text: str) -> str | None:
        """Return the gravest kind of present danger that the text shows, or None.

        Of a very long text the first and the last two thousand words are read.
        """
        return self.look(text).kind

    def look(self, text: str) -> Finding:
        """Return the same with what it rests on."""
        readable = _readable(text)
        found = {kind for language in self._languages for kind in language.detect(readable)}
        gravest = min(found, key=KINDS.index, default=None)
        if self._likeness is None:
            return Finding(gravest, gravest is not None)
        score, kind = self._likeness.weigh(readable)
        length = len(readable.split())
        likeliest = kind if length > _TOO_SHORT else None
        if gravest is None:
            return Finding(kind if score > 0 else None, False, score, likeliest)
        if score > _CALM_IN_SPITE_OF_A_RULE or length <= _SHORT:
            return Finding(gravest, True, score, likeliest)
        return Finding(None, False, score, likeliest)

    def _material(
        self,
        data: Mapping[str, Mapping[str, Any]],
        examples: Mapping[str, Sequence[str]],
        dangerous: frozenset[str],
    ) -> Callable[[], Material] | None:
        """Return what gives the texts to learn from, or None when they are too few."""
        danger: dict[str, list[str]] = defaultdict(list)
        calm: list[str] = []
        for language in sorted(data):
            phrases, looks_alike = texts_of(language, data[language])
            for kind, told in phrases.items():
                danger[kind] += told
            calm += looks_alike
        ordinary = [
            text
            for intent in sorted(examples)
            if intent not in dangerous
            for text in examples[intent]
        ]
        if len(ordinary) < LEAST_ORDINARY or not danger:
            return None

        def material() -> Material:
            likely: dict[str, list[str]] = defaultdict(list)
            for intent in sorted(dangerous & examples.keys()):
                for text in examples[intent]:
                    if (found := self.detect(text)) is not None:
                        likely[found].append(text)
            return danger, likely, calm, ordinary

        return material


def _readable(text: str) -> str:
    readable = plain(tidy(text))
    pieces = readable.replace("\n", " \n ").split(" ")
    if len(pieces) <= _MOST_WORDS:
        return readable
    half = _MOST_WORDS // 2
    return " ".join(pieces[:half]) + "\n" + " ".join(pieces[-half:])
