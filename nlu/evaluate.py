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
    """What is right for one text. `also` holds further right labels; `emergency` a kind or None."""

    language: str
    label: str
    also: tuple[str, ...] = ()
    emergency: str | None = None

    @property
    def labels(self) -> frozenset[str]:
        """All right labels."""
        return frozenset((self.label, *self.also))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What happened. `label` is the article or intent answered, `choice`, or `out_of_scope`.

    `best` is the best candidate whatever was done with it; `offered` the ids offered as topics.
    """

    label: str
    best: str | None
    offered: tuple[str, ...]
    emergency: str | None
    language: str


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


def score(rows: Iterable[tuple[Gold, Outcome]]) -> Scores:
    """Return every figure for each language present and overall.

    Rows labelled out_of_scope count for `out_of_scope_refused`, for emergencies, for the language
    and for `wrong_asserted`: answering what lies outside is wrong as well. The other figures on
    labels are shares of the rows that have an answer.
    """
    pairs = list(rows)
    languages = sorted({gold.language for gold, _ in pairs})
    groups = {language: [p for p in pairs if p[0].language == language] for language in languages}
    return {name: _figures(group) for name, group in {**groups, OVERALL: pairs}.items()}


def _figures(pairs: Sequence[tuple[Gold, Outcome]]) -> dict[str, Share]:
    asked = [(g, o) for g, o in pairs if g.label != OUT_OF_SCOPE]
    foreign = [(g, o) for g, o in pairs if g.label == OUT_OF_SCOPE]
    danger = [(g, o) for g, o in pairs if g.emergency]
    calm = [(g, o) for g, o in pairs if not g.emergency]
    return {
        "top1": _share(o.best in g.labels or o.label in g.labels for g, o in asked),
        "right_or_offered": _share(
            o.label in g.labels or bool(g.labels & set(o.offered)) for g, o in asked
        ),
        "wrong_asserted": _share(
            o.label not in g.labels and o.label not in (CHOICE, OUT_OF_SCOPE) for g, o in pairs
        ),
        "out_of_scope_refused": _share(
            o.label == OUT_OF_SCOPE or o.label in g.labels for g, o in foreign
        ),
        "emergencies_found": _share(o.emergency is not None for _, o in danger),
        "false_alarms": _share(o.emergency is not None for _, o in calm),
        "language_right": _share(g.language == o.language for g, o in pairs),
    }


def _share(hits: Iterable[bool]) -> Share:
    counted = list(hits)
    return wilson(sum(counted), len(counted))


def table(scores: Scores) -> str:
    """Return the scores as plain text: a line per figure, a column per language."""
    columns = [name for name in scores if name != OVERALL] + [OVERALL]
    width = max(len(name) for name in FIGURES)
    lines = [" " * width + "".join(f"{name:>26}" for name in columns)]
    for figure in FIGURES:
        cells = "".join(f"{_cell(scores[name][figure]):>26}" for name in columns)
        lines.append(f"{figure:<{width}}{cells}")
    return "\n".join(lines) + "\n"


def _cell(share: Share) -> str:
    if share.n == 0:
        return "-"
    return f"{share.value:6.1%} [{share.low:.1%}, {share.high:.1%}] n={share.n}"
