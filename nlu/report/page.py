"""Draw an evaluation as one HTML page, in Spanish for the staff; nothing is fetched."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from nlu.evaluate import FIGURES, OUT_OF_SCOPE, OVERALL, Share
from nlu.report.aims import Verdict, aim
from nlu.report.figures import (
    CHOICE_COST,
    ERROR_KINDS,
    MISSED_DANGER_COST,
    NO_ANSWER,
    REFUSAL_COST,
    WORDS,
    WRONG_COST,
    Figures,
)
from nlu.report.whole import Report

_TITLES = {
    "right_or_offered": "Responde bien u ofrece el tema correcto",
    "top1": "El primer candidato es el correcto",
    "wrong_asserted": "Da por segura una respuesta equivocada",
    "out_of_scope_refused": "Rechaza lo que no le corresponde",
    "emergencies_found": "Peligros detectados",
    "false_alarms": "Falsas alarmas",
    "language_right": "Idioma reconocido",
}
_ERRORS = {
    "wrong": "Respuesta equivocada, dada por segura",
    "danger_missed": "Peligro no detectado",
    "refused": "Pregunta válida rechazada",
    "not_offered": "Ofreció temas, ninguno correcto",
    "false_alarm": "Falsa alarma",
    "foreign_choice": "Ofreció temas para algo que no corresponde",
}
_STYLES = {
    "direct": "Directa",
    "indirect": "Indirecta",
    "keywords": "Palabras sueltas",
    "mixed": "Idiomas mezclados",
    "story": "Relato",
    "typos": "Con errores",
    "voice": "Nota de voz",
    "": "Sin indicar",
}
_VERDICTS = {
    Verdict.REACHED: ("✓", "cumple la meta"),
    Verdict.UNSETTLED: ("≈", "no llega, pero puede ser azar"),
    Verdict.MISSED: ("✗", "no llega"),
    Verdict.NONE: ("", "sin meta o sin casos"),
}
_SCALES = (0.05, 0.1, 0.2, 0.5, 1.0)
_SPLITS = {"development": "Desarrollo", "held_out": "Reservado"}


@dataclass(frozen=True, slots=True)
class Names:
    """What ids are called in Spanish; `topics` in the order of the page."""

    languages: Mapping[str, str]
    topics: Mapping[str, str]
    articles: Mapping[str, str]
    kinds: Mapping[str, str]


def page(report: Report, names: Names) -> str:
    """Return the page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"pct": _percent, "pc": _whole_percent, "span": _span}
    questions = report.questions
    return environment.get_template("evaluation.html").render(
        report=report,
        names=names,
        q=questions,
        order=_order(questions, names) if questions else [],
        charts=_charts(questions, names) if questions else [],
        aims=_counted_aims(questions) if questions else {},
        topics=_topic_map(questions, names) if questions else None,
        plot=_plot(questions) if questions else None,
        error_names=_ERRORS,
        error_kinds=ERROR_KINDS,
        style_names=_STYLES,
        split_names=_SPLITS,
        verdicts={verdict.value: shown for verdict, shown in _VERDICTS.items()},
        words=list(WORDS),
        costs=(WRONG_COST, REFUSAL_COST, CHOICE_COST, MISSED_DANGER_COST),
        all=OVERALL,
    )


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{value * 100:.1f} %"


def _whole_percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{value * 100:.0f} %"


def _span(share: Share) -> str:
    """Return the interval of a share, or nothing."""
    return f"{share.low * 100:.0f}–{share.high * 100:.0f} %" if share.n else ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: places are percent of the chart's width; `aim` is None where there is none."""

    name: str
    share: Share
    verdict: str
    width: float
    low: float
    high: float
    aim: float | None
    aim_value: float | None


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of one figure; `scale` is the share at the right end."""

    figure: str
    title: str
    at_most: bool
    scale: float
    bars: tuple[Bar, ...]


def _order(figures: Figures, names: Names) -> list[str]:
    """Return the languages that were asked in, in the order of the page, and 'all'."""
    return [one for one in names.languages if one in figures.scores] + [OVERALL]


def _charts(figures: Figures, names: Names) -> list[Chart]:
    order = _order(figures, names)
    charts = []
    for figure in sorted(FIGURES, key=list(_TITLES).index):
        shares = {one: figures.scores[one][figure] for one in order}
        wanted = {one: aim(figure, one) for one in order}
        at_most = any(one is not None and one.at_most for one in wanted.values())
        ends = [share.high for share in shares.values() if share.n]
        scale = next((s for s in _SCALES if s >= max(ends, default=0)), 1.0) if at_most else 1.0
        bars = tuple(_bar(one, figure, shares[one], scale, names) for one in order)
        charts.append(Chart(figure, _TITLES[figure], at_most, scale, bars))
    return charts


def _bar(language: str, figure: str, share: Share, scale: float, names: Names) -> Bar:
    wanted = aim(figure, language)
    verdict = wanted.verdict(share) if wanted else Verdict.NONE
    name = "Todos" if language == OVERALL else names.languages[language]

    def place(value: float) -> float:
        return 0.0 if math.isnan(value) else round(min(value / scale, 1) * 100, 2)

    return Bar(
        name,
        share,
        verdict.value,
        place(share.value),
        place(share.low),
        place(share.high),
        place(wanted.value) if wanted else None,
        wanted.value if wanted else None,
    )


def _counted_aims(figures: Figures) -> dict[str, int]:
    """Return how many aims of the languages have each verdict."""
    counts = {verdict.value: 0 for verdict in Verdict}
    for language, scores in figures.scores.items():
        for figure, share in scores.items():
            wanted = aim(figure, language)
            if wanted is not None and language != OVERALL:
                counts[wanted.verdict(share).value] += 1
    return counts


@dataclass(frozen=True, slots=True)
class TopicMap:
    """The topics with their names, and per right topic its count and the cells of its row."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, int, tuple[tuple[int, float], ...]], ...]


def _topic_map(figures: Figures, names: Names) -> TopicMap:
    known = {**names.topics, NO_ANSWER: "Otras intenciones", OUT_OF_SCOPE: "Fuera de tema"}
    rows = []
    for topic, name in known.items():
        counts = figures.topics.get(topic, {})
        total = sum(counts.values())
        cells = tuple(
            (counts.get(other, 0), counts.get(other, 0) / total if total else 0.0)
            for other in known
        )
        rows.append((name, total, cells))
    return TopicMap(tuple(known.values()), tuple(rows))


@dataclass(frozen=True, slots=True)
class Point:
    """A bin in the plot, in the plot's own units: 300 wide and 300 high, from the top left."""

    x: float
    y: float
    low: float
    high: float
    radius: float
    column: float
    n: int
    left: float


def _plot(figures: Figures) -> Sequence[Point]:
    most = max((one.right.n for one in figures.bins), default=0) or 1
    return [
        Point(
            round(one.mean * 300, 1),
            round(300 - one.right.value * 300, 1) if one.right.n else 0.0,
            round(300 - one.right.low * 300, 1) if one.right.n else 0.0,
            round(300 - one.right.high * 300, 1) if one.right.n else 0.0,
            round(3 + 6 * math.sqrt(one.right.n / most), 1),
            round(60 * one.right.n / most, 1),
            one.right.n,
            round(one.low * 300, 1),
        )
        for one in figures.bins
    ]
