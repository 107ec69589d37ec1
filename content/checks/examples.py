"""Are there enough example questions, and does each belong to one intent only?"""

import re
from collections import defaultdict
from dataclasses import dataclass

from content.catalogue import LANGUAGES, Status
from content.checks.findings import Findings, plain
from content.faults import Severity
from content.files import article_file
from content.sheets import Place

MINIMUM = {"es": 20, "en": 12, "pt": 12, "fr": 12, "ht": 12, "qu": 8}
INTENT_MINIMUM = 8
"""In every language: there are only so many ways to say yes."""


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One example, what it means, and where it stands."""

    intent: str
    language: str
    file: str
    place: Place


def normalised(example: str) -> str:
    """Return what is left of an example without accents, capitals and punctuation."""
    return " ".join(re.sub(r"[^\w\s]|_", " ", plain(example)).split())


def examine(findings: Findings) -> None:
    """Check the number of examples and that no two intents claim the same words."""
    spoken: dict[str, list[_Spoken]] = defaultdict(list)
    for article in findings.catalogue.articles.values():
        published = article.status is Status.PUBLISHED
        for language, text in article.texts.items():
            file, place = article_file(article.id, language), ("examples",)
            severity = Severity.ERROR if published else Severity.WARNING
            least = MINIMUM[language]
            _enough(findings, severity, file, place, language, len(text.examples), least)
            for index, example in enumerate(text.examples):
                at = _Spoken(article.id, language, file, (*place, index))
                spoken[normalised(example)].append(at)
    for intent in findings.catalogue.intents.values():
        file = f"intents/{intent.name}.yml"
        for language in LANGUAGES:
            examples = intent.examples.get(language, ())
            where: Place = ("examples", language)
            _enough(
                findings, Severity.WARNING, file, where, language, len(examples), INTENT_MINIMUM
            )
            for index, example in enumerate(examples):
                at = _Spoken(intent.name, language, file, (*where, index))
                spoken[normalised(example)].append(at)
    for words, uses in spoken.items():
        if words and len(uses) > 1:
            _twice(findings, uses)


def _enough(
    findings: Findings,
    severity: Severity,
    file: str,
    place: Place,
    language: str,
    count: int,
    least: int,
) -> None:
    if count < least:
        what = f"Only {count} examples in `{language}`; at least {least} are needed."
        findings.note(severity, file, place, what, "Add questions as people really ask them.")


def _twice(findings: Findings, uses: list[_Spoken]) -> None:
    for index, use in enumerate(uses):
        for earlier in uses[:index]:
            if earlier.intent != use.intent:
                # The model reads all languages alike, but some words are shared by chance.
                same = earlier.language == use.language
                severity = Severity.ERROR if same else Severity.WARNING
                what = f"The example is also one of {earlier.intent} ({earlier.language})."
                remedy = "Keep it where it belongs and change the other."
                findings.note(severity, use.file, use.place, what, remedy)
                break
            if earlier.language == use.language:
                what = "The example is listed twice but for accents and punctuation."
                findings.warn(use.file, use.place, what, "Remove one of the two.")
                break
