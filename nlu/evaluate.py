"""Score answers against what was expected: shares with 95 % intervals, per language and overall."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

OUT_OF_SCOPE = "out_of_scope"
CHOICE = "choice"
OVERALL = "all"

FIGURES = (
    "top1", "right_or_offered", "wrong_asserted", "out_of_scope_refused",
    "emergencies_found", "false_alarms", "language_right",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Gold:
    """What is right for one text. `also` holds further right labels; `emergency` a kind or None.

    `style` says how it is written ('direct', 'story', …), or nothing.
    """

    language: str
    label: str
    also: tuple[str, ...] = ()
    emergency: str | None = None
    style: str = ""

    @property
    def labels(self) -> frozenset[str]:
        """All right labels."""
        return frozenset((self.label, *self.also))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened. `label` is the article or intent answered, `choice`, or `out_of_scope`.

    `best` is the best candidate whatever was done with it, `confidence` its own; `offered` the ids
    offered as topics.
    """

    label: str
    best: str | None
    offered: tuple[str, ...]
    emergency: str | None
    language: str
    confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Asked:
    """One text of an evaluation, what is right, and what happened."""

    text: str
    gold: Gold
    outcome: Outcome

    @property
    def best_is_right(self) -> bool:
        """Say whether the best candidate, or what was answered, is right."""
        return self.outcome.best in self.gold.labels or self.outcome.label in self.gold.labels

    @property
    def is_answered(self) -> bool:
        """Say whether a right article or intent was answered, or offered."""
        return self.outcome.label in self.gold.labels or bool(
            self.gold.labels & set(self.outcome.offered)
        )

    @property
    def asserts_wrong(self) -> bool:
        """Say whether something wrong was answered as if it were sure."""
        said = self.outcome.label
        return said not in self.gold.labels and said not in (CHOICE, OUT_OF_SCOPE)


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n` with the 95 % Wilson interval; NaN when nothing was counted."""

    value: float
    n: int
    low: float
    high: float


Scores = dict[str, dict[str, Share]]
"""Figures by language, and under 'all'."""


def wilson(hits: int, n: int, z: float = 1.96) -> Share:
    """Return a share with its Wilson score interval (E. B. Wilson, 1927)."""
    if n == 0:
        return Share(math.nan, 0, math.nan, math.nan)
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return Share(share, n, max(0.0, centre - half), min(1.0, centre + half))


def score(rows: Iterable[Asked]) -> Scores:
    """Return every figure for each language present and overall.

    Rows labelled out_of_scope count for `out_of_scope_refused`, for emergencies, for the language
    and for `wrong_asserted`: answering what lies outside is wrong as well. The other figures on
    labels are shares of the rows that have an answer.
    """
    every = list(rows)
    languages = sorted({row.gold.language for row in every})
    groups = {one: [row for row in every if row.gold.language == one] for one in languages}
    return {name: score_group(group) for name, group in {**groups, OVERALL: every}.items()}


def score_group(rows: Sequence[Asked]) -> dict[str, Share]:
    """Return every figure for one group of rows."""
    asked = [row for row in rows if row.gold.label != OUT_OF_SCOPE]
    foreign = [row for row in rows if row.gold.label == OUT_OF_SCOPE]
    danger = [row for row in rows if row.gold.emergency]
    calm = [row for row in rows if not row.gold.emergency]
    return {
        "top1": share(row.best_is_right for row in asked),
        "right_or_offered": share(row.is_answered for row in asked),
        "wrong_asserted": share(row.asserts_wrong for row in rows),
        "out_of_scope_refused": share(
            row.outcome.label in (OUT_OF_SCOPE, *row.gold.labels) for row in foreign
        ),
        "emergencies_found": share(row.outcome.emergency is not None for row in danger),
        "false_alarms": share(row.outcome.emergency is not None for row in calm),
        "language_right": share(row.gold.language == row.outcome.language for row in rows),
    }


def share(hits: Iterable[bool]) -> Share:
    """Count hits."""
    counted = list(hits)
    return wilson(sum(counted), len(counted))


def table(scores: Scores) -> str:
    """Return the scores as plain text: a line per figure, a column per language."""
    columns = [name for name in scores if name != OVERALL] + [OVERALL]
    width = max(len(name) for name in FIGURES)
    lines = [" " * width + "".join(f"{name:>28}" for name in columns)]
    for figure in FIGURES:
        cells = "".join(f"{cell(scores[name][figure]):>28}" for name in columns)
        lines.append(f"{figure:<{width}}{cells}")
    return "\n".join(lines) + "\n"


def cell(share: Share) -> str:
    """Return a share, its interval and what it rests on, in at most 28 characters."""
    if share.n == 0:
        return "-"
    return f"{share.value:6.1%} [{share.low:.1%}, {share.high:.1%}] n={share.n}"
