"""Count what an evaluation found: beyond shares per language, where, how and at what cost."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlu.evaluate import CHOICE, OUT_OF_SCOPE, OVERALL, Asked, Scores, Share, score, share

NO_ANSWER = ""
"""Where a topic stands: the best candidate belongs to none."""

WRONG_COST, REFUSAL_COST, CHOICE_COST, MISSED_DANGER_COST = 5, 2, 1, 50

_BINS = 10
_MOST_PAIRS = 20
_MOST_ERRORS = 50


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows whose best candidate's confidence lies from `low` up to `high`; `mean` is their mean."""

    low: float
    high: float
    mean: float
    right: Share


@dataclass(frozen=True, slots=True)
class Cost:
    """What the decisions in one group of rows cost, with the thresholds that made them.

    `sure`, `possible`, `outside`: confidences from which an article is asserted, offered, or the
    text refused as out of scope; NaN over all.
    `wrong` articles asserted, `refused` good questions, `choices` that were not needed and
    dangers `missed` are counts; `per_row` is the cost of all four, divided by `n` rows.
    """

    sure: float
    possible: float
    outside: float
    n: int
    wrong: int
    refused: int
    choices: int
    missed: int
    per_row: float


@dataclass(frozen=True, slots=True)
class Error:
    """A row that went wrong. `kind` names how, the worst first in `ERROR_KINDS`."""

    kind: str
    row: Asked


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything that a report shows of one set of questions.

    `by_words` holds, per language, how often the language was right in messages of 1, 2 to 4, and
    more words. `topics` counts (right topic, topic that came); `pairs` (right, came) of articles.
    """

    n: int
    scores: Scores
    by_words: Mapping[str, Mapping[str, Share]]
    languages: Mapping[str, Mapping[str, int]]
    dangers: "Dangers"
    topics: Mapping[str, Mapping[str, int]]
    pairs: tuple[tuple[str, str, int], ...]
    bins: tuple[Bin, ...]
    calibration_error: float
    costs: Mapping[str, Cost]
    styles: Mapping[str, Mapping[str, Share]]
    errors: tuple[Error, ...]
    wrong: int


@dataclass(frozen=True, slots=True)
class Dangers:
    """Dangers by kind and language: `any_card` shown, the `right_card` shown; false alarms.

    `false_kinds` counts, per language, the cards shown to people in no danger.
    """

    any_card: Mapping[str, Mapping[str, Share]]
    right_card: Mapping[str, Mapping[str, Share]]
    false_alarms: Mapping[str, Share]
    false_kinds: Mapping[str, Mapping[str, int]]


Thresholds = Callable[[str], tuple[float, float, float]]
"""From a language to the confidences from which an article is asserted, and offered."""

WORDS: Mapping[str, Callable[[int], bool]] = {
    "1": lambda n: n <= 1,
    "2-4": lambda n: 2 <= n <= 4,
    "5+": lambda n: n >= 5,
}
ERROR_KINDS = ("wrong", "danger_missed", "false_alarm", "refused", "not_offered", "foreign_choice")


def figures(rows: Sequence[Asked], topics: Sequence[str], thresholds: Thresholds) -> Figures:
    """Count everything. `topics` are the ids of the topics, in the order of the report."""
    found = errors(rows)
    bins, error = reliability(rows)
    return Figures(
        len(rows),
        score(rows),
        {one: _by_words(group) for one, group in by_language(rows).items()},
        _languages(rows),
        dangers([(r.gold.language, r.gold.emergency, r.outcome.emergency) for r in rows]),
        _topics(rows, topics),
        _pairs(rows),
        bins,
        error,
        _costs(rows, thresholds),
        {one: _styled(group) for one, group in _groups(rows, lambda r: r.gold.style).items()},
        found[:_MOST_ERRORS],
        len(found),
    )


def by_language(rows: Sequence[Asked]) -> dict[str, list[Asked]]:
    """Return the rows of each language, and under 'all' every row."""
    return {**_groups(rows, lambda row: row.gold.language), OVERALL: list(rows)}


def _groups(rows: Iterable[Asked], key: Callable[[Asked], str]) -> dict[str, list[Asked]]:
    groups: dict[str, list[Asked]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {name: groups[name] for name in sorted(groups)}


def _by_words(rows: Sequence[Asked]) -> dict[str, Share]:
    return {
        name: share(
            row.gold.language == row.outcome.language for row in rows if fits(len(row.text.split()))
        )
        for name, fits in WORDS.items()
    }


def _languages(rows: Iterable[Asked]) -> dict[str, dict[str, int]]:
    counts = Counter((row.gold.language, row.outcome.language) for row in rows)
    return _nested(counts)


def _nested(counts: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (one, other), count in sorted(counts.items()):
        nested.setdefault(one, {})[other] = count
    return nested


def dangers(rows: Sequence[tuple[str, str | None, str | None]]) -> Dangers:
    """Count dangers in (language, kind or None, kind found or None)."""
    languages = sorted({language for language, _, _ in rows})
    groups = {one: [row for row in rows if row[0] == one] for one in languages}
    groups[OVERALL] = list(rows)
    kinds = sorted({kind for _, kind, _ in rows if kind})
    return Dangers(
        {k: _per_group(groups, k, lambda found, _: found is not None) for k in [*kinds, OVERALL]},
        {k: _per_group(groups, k, lambda found, gold: found == gold) for k in [*kinds, OVERALL]},
        {
            name: share(found is not None for _, gold, found in group if not gold)
            for name, group in groups.items()
        },
        _nested(
            Counter(
                (one, found)
                for language, gold, found in rows
                for one in (language, OVERALL)
                if found and not gold
            )
        ),
    )


def _per_group(
    groups: Mapping[str, Sequence[tuple[str, str | None, str | None]]],
    kind: str,
    hit: Callable[[str | None, str | None], bool],
) -> dict[str, Share]:
    return {
        name: share(
            hit(found, gold) for _, gold, found in group if gold and kind in (gold, OVERALL)
        )
        for name, group in groups.items()
    }


def _came(row: Asked) -> str:
    """Return the label that came, as good as it can be taken: the right one, or the best."""
    return row.gold.label if row.best_is_right else row.outcome.best or NO_ANSWER


def _topics(rows: Iterable[Asked], topics: Sequence[str]) -> dict[str, dict[str, int]]:
    def topic(label: str) -> str:
        first = label.partition("/")[0]
        if first in topics and "/" in label:
            return first
        return OUT_OF_SCOPE if label == OUT_OF_SCOPE else NO_ANSWER

    counts = Counter((topic(row.gold.label), topic(_came(row))) for row in rows)
    return _nested(counts)


def _pairs(rows: Iterable[Asked]) -> tuple[tuple[str, str, int], ...]:
    counts = Counter((row.gold.label, _came(row)) for row in rows if not row.best_is_right)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple((right, came, count) for (right, came), count in ordered[:_MOST_PAIRS])


def reliability(rows: Sequence[Asked]) -> tuple[tuple[Bin, ...], float]:
    """Return ten bins of confidence, and the mean distance of confidence and rightness."""
    bins: list[Bin] = []
    error = 0.0
    for place in range(_BINS):
        low, high = place / _BINS, (place + 1) / _BINS
        inside = [
            row for row in rows if min(int(row.outcome.confidence * _BINS), _BINS - 1) == place
        ]
        right = share(row.outcome.best in row.gold.labels for row in inside)
        mean = sum(row.outcome.confidence for row in inside) / len(inside) if inside else 0.0
        bins.append(Bin(low, high, mean, right))
        if inside:
            error += abs(mean - right.value) * right.n / len(rows)
    return tuple(bins), error


def _costs(rows: Sequence[Asked], thresholds: Thresholds) -> dict[str, Cost]:
    return {
        language: cost(group, *thresholds(language))
        for language, group in by_language(rows).items()
    }


def cost(rows: Sequence[Asked], sure: float, possible: float, outside: float) -> Cost:
    """Count what went wrong at the stated costs.

    A choice without the right article refuses a good question. A choice was not needed where the
    best candidate was right already, or where the question lies outside.
    """
    wrong = sum(row.asserts_wrong for row in rows)
    refused = sum(_is_refused(row) for row in rows)
    choices = sum(_is_needless_choice(row) for row in rows)
    missed = sum(row.gold.emergency is not None and not row.outcome.emergency for row in rows)
    total = (
        wrong * WRONG_COST
        + refused * REFUSAL_COST
        + choices * CHOICE_COST
        + missed * MISSED_DANGER_COST
    )
    per_row = total / len(rows) if rows else 0.0
    return Cost(sure, possible, outside, len(rows), wrong, refused, choices, missed, per_row)


def _is_refused(row: Asked) -> bool:
    if row.gold.label == OUT_OF_SCOPE or row.is_answered:
        return False
    return row.outcome.label in (OUT_OF_SCOPE, CHOICE)


def _is_needless_choice(row: Asked) -> bool:
    if row.outcome.label != CHOICE:
        return False
    return row.gold.label == OUT_OF_SCOPE or (row.is_answered and row.best_is_right)


def _styled(rows: Sequence[Asked]) -> dict[str, Share]:
    inside = [row for row in rows if row.gold.label != OUT_OF_SCOPE]
    return {
        "top1": share(row.best_is_right for row in inside),
        "right_or_offered": share(row.is_answered for row in inside),
        "wrong_asserted": share(row.asserts_wrong for row in rows),
    }


def errors(rows: Iterable[Asked]) -> tuple[Error, ...]:
    """Return the rows that went wrong, the worst first: by kind, then the surest first."""
    found = [Error(kind, row) for row in rows if (kind := _error_kind(row))]
    return tuple(
        sorted(found, key=lambda e: (ERROR_KINDS.index(e.kind), -e.row.outcome.confidence))
    )


def _error_kind(row: Asked) -> str:
    if row.outcome.emergency and not row.gold.emergency:
        return "false_alarm"  # the card went first, whatever the classifier was sure of
    if row.asserts_wrong:
        return "wrong"
    if row.gold.emergency and not row.outcome.emergency:
        return "danger_missed"
    if row.gold.label != OUT_OF_SCOPE and not row.is_answered:
        return "refused" if row.outcome.label == OUT_OF_SCOPE else "not_offered"
    foreign = row.gold.label == OUT_OF_SCOPE and not row.is_answered
    return "foreign_choice" if foreign else ""
