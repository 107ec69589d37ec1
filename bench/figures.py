"""The figures of a run: as a table for people and as JSON for comparing runs."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bench.crowd import Tally
from nlu.bench_load import Memory, quantile


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage. Times in milliseconds; `cpu` is milliseconds a question by process.

    `keywords` counts what was read by keywords because the NLU service was too late.
    """

    name: str
    asked: int
    per_second: float
    p50: float
    p95: float
    p99: float
    acknowledged_p50: float
    acknowledged_p95: float
    lost: int
    keywords: int
    messages: float
    bytes: int
    refused: int
    cpu: dict[str, float]


@dataclass(frozen=True, slots=True)
class Side:
    """All stages of one system and the memory of its processes; `doubled` replies are counted."""

    name: str
    start_seconds: float
    stages: tuple[Stage, ...]
    memory: dict[str, Memory]
    doubled: int | None = None
    unsent: int | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One run: ours, once for each database, and stock, on a machine of so many cores."""

    cores: int
    busy: float
    sides: tuple[Side, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the figures with the ratios."""
        return {**asdict(self), "ratios": ratios(self)}


def stage(name: str, tally: Tally, cpu: dict[str, float]) -> Stage:
    """Return the figures of a stage; `cpu` in seconds."""
    asked = len(tally.answered) + tally.lost
    answered = max(len(tally.answered), 1)

    def ms(values: Sequence[float], share: float) -> float:
        return round(quantile([1000 * seconds for seconds in values], share), 1)

    return Stage(
        name,
        asked,
        round(len(tally.answered) / max(tally.seconds, 1e-9), 1),
        ms(tally.answered, 0.5),
        ms(tally.answered, 0.95),
        ms(tally.answered, 0.99),
        ms(tally.acknowledged, 0.5),
        ms(tally.acknowledged, 0.95),
        tally.lost,
        tally.keywords,
        round(tally.messages / answered, 3),
        round(tally.bytes / answered),
        tally.refused,
        {process: round(1000 * seconds / answered, 1) for process, seconds in cpu.items()},
    )


def ratios(report: Report) -> dict[str, float]:
    """Return our answers a second over those of stock, for as many persons at once."""
    stock = next((side for side in report.sides if side.name == "stock"), None)
    found = {}
    for side in report.sides:
        if stock is None or side is stock:
            continue
        theirs = {one.name: one.per_second for one in stock.stages}
        for one in side.stages:
            if theirs.get(one.name):
                times = round(one.per_second / theirs[one.name], 2)
                found[f"{side.name}, {one.name}"] = times
    return found


def table(report: Report) -> str:
    """Return the figures as plain text."""
    lines = [f"{report.cores} cores, load {report.busy} at the start"]
    for side in report.sides:
        lines += ["", f"{side.name} (start {side.start_seconds:g} s)"]
        lines.append(
            f"{'':<18}{'answers/s':>10}{'p50':>9}{'p95':>9}{'p99':>9}{'ack p50':>9}{'ack p95':>9}"
            f"{'lost':>6}{'kwds':>6}{'429':>5}{'msgs':>7}{'bytes':>7}   CPU ms a question"
        )
        for one in side.stages:
            used = ", ".join(f"{name} {ms:g}" for name, ms in one.cpu.items())
            lines.append(
                f"{one.name:<18}{one.per_second:>10}{one.p50:>9}{one.p95:>9}{one.p99:>9}"
                f"{_shown(one.acknowledged_p50):>9}{_shown(one.acknowledged_p95):>9}"
                f"{one.lost:>6}{one.keywords:>6}{one.refused:>5}"
                f"{one.messages:>7}{one.bytes:>7}   {used}"
            )
        for name, memory in side.memory.items():
            lines.append(f"memory of {name}: RSS {memory.rss:.0f} MB, PSS {memory.pss:.0f} MB")
        if side.doubled is not None:
            lines.append(f"doubled {side.doubled}, left unsent {side.unsent}")
    lines += [""] + [f"{name}: {times:g} times stock" for name, times in ratios(report).items()]
    return "\n".join(lines) + "\n"


def _shown(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:g}"
