"""All that one run of the evaluation measured, and its figures as JSON."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nlu.evaluate import Share
from nlu.report.figures import Dangers, Figures
from nlu.report.parts import ShortFigures


@dataclass(frozen=True, slots=True)
class Report:
    """What was measured: questions, danger alone, language alone; None where not measured.

    `title` says what was measured, `made` when (a date).
    """

    title: str
    made: str
    questions: Figures | None = None
    dangers: Mapping[str, Dangers] | None = None
    short: Mapping[str, ShortFigures] | None = None


def as_json(report: Report) -> dict[str, Any]:
    """Return the figures of a report as JSON values, for comparing runs."""
    return {
        "title": report.title,
        "made": report.made,
        "questions": jsonable(report.questions),
        "emergencies": jsonable(report.dangers),
        "languages": jsonable(report.short),
    }


def jsonable(value: Any) -> Any:
    """Return figures as JSON values; a share of nothing is null."""
    if isinstance(value, Share):
        if value.n == 0:
            return None
        shown = {"value": value.value, "low": value.low, "high": value.high}
        return {**{name: round(part, 4) for name, part in shown.items()}, "n": value.n}
    if hasattr(value, "__dataclass_fields__"):
        return {name: jsonable(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Mapping):
        return {key: jsonable(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [jsonable(part) for part in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value
