"""Measure the understanding of what is published, and write down what came of it."""

import json
import math
from datetime import datetime
from pathlib import Path
from typing import Any

from babel import Locale

from bot.knowledge import Knowledge
from bot.policy import Policy
from bot.scripts import BadLine, Case
from bot.scripts import evaluate as ask
from content.catalogue import Catalogue
from nlu.evaluate import OVERALL
from nlu.reader import Reader
from nlu.report.figures import Figures, figures
from nlu.report.page import Names, page
from nlu.report.parts import measure_dangers, measure_languages
from nlu.report.rows import DangerPhrase, ShortMessage
from nlu.report.whole import Report, as_json

_STAFF_LANGUAGE = "es"


async def questions_measured(
    cases: tuple[Case, ...], reader: Reader, catalogue: Catalogue, policy: Policy, now: datetime
) -> Figures:
    """Ask every question and count what came of it."""

    def thresholds(language: str) -> tuple[float, float, float]:
        if language == OVERALL:
            return math.nan, math.nan, math.nan
        return (
            policy.sure_in(language),
            policy.possible_in(language),
            policy.outside_in(language),
        )

    asked = await ask(cases, reader, catalogue, policy, now)
    return figures(asked, tuple(catalogue.topics), thresholds)


def report_of(
    title: str,
    now: datetime,
    questions: Figures | None,
    parts: tuple[Knowledge, tuple[DangerPhrase, ...], tuple[ShortMessage, ...]],
) -> Report:
    """Put together what was measured; `parts` are the phrases for two parts of the reading."""
    known, phrases, messages = parts
    return Report(
        title,
        now.date().isoformat(),
        questions,
        measure_dangers(phrases, known.emergencies) if phrases else None,
        measure_languages(messages, known.languages) if messages else None,
    )


def names_of(catalogue: Catalogue) -> Names:
    """Return what the staff call languages, topics, articles and dangers."""
    spanish = Locale.parse(_STAFF_LANGUAGE).languages
    codes = dict.fromkeys(
        language for article in catalogue.articles.values() for language in article.texts
    )
    return Names(
        {code: str(spanish.get(code, code)).capitalize() for code in codes},
        {topic.id: topic.names[_STAFF_LANGUAGE] for topic in catalogue.topics.values()},
        {a.id: a.texts[_STAFF_LANGUAGE].title for a in catalogue.articles.values()},
        {kind: card.labels[_STAFF_LANGUAGE] for kind, card in catalogue.cards.items()},
    )


def write_page(path: Path, report: Report, names: Names) -> None:
    """Write the page for people; raise `BadLine` if the file cannot be written."""
    _write(path, page(report, names))


def write_figures(path: Path, report: Report) -> None:
    """Write the figures for comparing runs; raise `BadLine` if the file cannot be written."""
    figures_: dict[str, Any] = as_json(report)
    _write(path, json.dumps(figures_, ensure_ascii=False, indent=1) + "\n")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadLine(
            f"{path} cannot be written ({error.strerror}): choose another file."
        ) from None
