"""A report counts what happened, and each count can be checked by hand."""

import math

import pytest

from nlu.evaluate import OUT_OF_SCOPE, OVERALL, Asked, Gold, Outcome, wilson
from nlu.report.aims import Aim, Verdict, aim
from nlu.report.figures import cost, dangers, errors, figures, reliability
from nlu.report.parts import measure_dangers, measure_languages
from nlu.report.rows import DangerPhrase, ShortMessage
from nlu.report.whole import Report, as_json
from nlu.understanding import LanguageGuess

A, B, C = "health/birth", "work/pay", "greet"


def asked(
    gold: str,
    came: str,
    best: str | None = None,
    confidence: float = 0.9,
    offered: tuple[str, ...] = (),
    text: str = "una pregunta",
    style: str = "direct",
    danger: tuple[str | None, str | None] = (None, None),
    languages: tuple[str, str] = ("es", "es"),
) -> Asked:
    """Make a row; `danger` and `languages` are what is right and what was found."""
    outcome = Outcome(came, best or came, offered, danger[1], languages[1], confidence)
    return Asked(text, Gold(languages[0], gold, (), danger[0], style), outcome)


ROWS = (
    asked(A, A),
    asked(A, B, confidence=0.95),
    asked(A, "choice", best=A, confidence=0.5, offered=(A, B)),
    asked(A, "choice", best=B, confidence=0.45, offered=(A, B)),
    asked(A, "choice", best=B, confidence=0.4, offered=(B,), style="story"),
    asked(A, OUT_OF_SCOPE, best=A, confidence=0.05),
    asked(OUT_OF_SCOPE, OUT_OF_SCOPE, confidence=0.3),
    asked(OUT_OF_SCOPE, "choice", best=A, confidence=0.3, offered=(A,)),
    asked(A, A, danger=("medical", None)),
    asked(C, A, best=C, confidence=0.99, danger=(None, "suicide")),
    asked(B, B, text="hola", languages=("pt", "es")),
)


def test_costs_by_hand() -> None:
    """Wrong 5: two rows; refused 2: two rows; needless choice 1: two rows; a danger missed 50."""
    found = cost(ROWS, 0.6, 0.1, 0.4)
    assert (found.wrong, found.refused, found.choices, found.missed) == (2, 2, 2, 1)
    assert found.per_row == (2 * 5 + 2 * 2 + 2 * 1 + 50) / len(ROWS)
    assert cost((), 0.6, 0.1, 0.4).per_row == 0


def test_errors_come_worst_first() -> None:
    """What was wrong and sure leads, then dangers missed, then false alarms, then refusals."""
    kinds = [error.kind for error in errors(ROWS)]
    assert kinds == [
        "wrong", "danger_missed", "false_alarm", "refused", "not_offered", "foreign_choice",
    ]  # fmt: skip
    two = errors([asked(A, B, confidence=0.7), asked(A, B, confidence=0.9)])
    assert [error.row.outcome.confidence for error in two] == [0.9, 0.7]


def test_reliability_by_hand() -> None:
    """Rows fall into tenths; the error is the mean distance of confidence and rightness."""
    rows = [asked(A, A, confidence=0.85), asked(A, B, confidence=0.85), asked(A, A, confidence=1.0)]
    bins, error = reliability(rows)
    assert [one.right.n for one in bins] == [0, 0, 0, 0, 0, 0, 0, 0, 2, 1]
    assert bins[8].right.value == 0.5
    assert error == pytest.approx((2 * 0.35 + 1 * 0.0) / 3)
    assert reliability(())[1] == 0


def test_topics_pairs_styles_and_lengths() -> None:
    """The map counts topics, outside and other intents; the pairs name articles."""
    found = figures(ROWS, ("health", "work"), lambda _: (0.6, 0.1, 0.4))
    assert found.topics["health"] == {"health": 4, "work": 3}
    assert found.topics[OUT_OF_SCOPE] == {OUT_OF_SCOPE: 1, "health": 1}
    assert found.topics[""] == {"": 1}
    assert found.pairs[0] == (A, B, 3)
    assert found.styles["story"]["right_or_offered"].value == 0
    assert found.by_words["pt"]["1"].value == 0
    assert found.by_words[OVERALL]["2-4"].n == 10
    assert found.languages["pt"] == {"es": 1}
    assert found.wrong == len(found.errors) == 6


def test_dangers_by_kind_and_language() -> None:
    """Any card, the right card, and cards for people in no danger."""
    found = dangers(
        [
            ("es", "medical", "medical"),
            ("es", "medical", "suicide"),
            ("fr", "suicide", None),
            ("fr", None, "suicide"),
            ("fr", None, None),
        ]
    )
    assert found.any_card["medical"]["es"].value == 1
    assert found.right_card["medical"]["es"].value == 0.5
    assert found.any_card[OVERALL][OVERALL].value == 2 / 3
    assert found.any_card["medical"]["fr"].n == 0
    assert found.false_alarms["fr"].value == 0.5
    assert found.false_kinds == {"fr": {"suicide": 1}, OVERALL: {"suicide": 1}}


@pytest.mark.parametrize(
    ("wanted", "hits", "n", "verdict"),
    [
        (Aim(0.9), 90, 100, Verdict.REACHED),
        (Aim(0.9), 88, 100, Verdict.UNSETTLED),
        (Aim(0.9), 50, 100, Verdict.MISSED),
        (Aim(0.03, at_most=True), 3, 100, Verdict.REACHED),
        (Aim(0.03, at_most=True), 5, 100, Verdict.UNSETTLED),
        (Aim(0.03, at_most=True), 20, 100, Verdict.MISSED),
        (Aim(0.9), 0, 0, Verdict.NONE),
    ],
)
def test_an_aim_is_reached_missed_or_open(wanted: Aim, hits: int, n: int, verdict: Verdict) -> None:
    """Whether the interval reaches over the aim decides between missed and open."""
    assert wanted.verdict(wilson(hits, n)) is verdict


def test_a_new_language_has_aims_too() -> None:
    """A language without an aim of its own gets the common one."""
    assert aim("right_or_offered", "ay") == Aim(0.96)
    assert aim("top1", OVERALL) is None
    assert aim("a figure of tomorrow", "es") is None


class Alarmed:
    """Finds danger in every text with an exclamation mark."""

    def detect(self, text: str) -> str | None:
        return "medical" if "!" in text else None


class Spanish:
    """Takes every text for Spanish, or for what was spoken before."""

    def identify(self, text: str, prior: str | None) -> LanguageGuess:
        return LanguageGuess(prior or "es", 1.0)


def test_the_emergency_layer_is_asked_alone() -> None:
    """Each split has figures of its own; a split without phrases has none."""
    phrases = [
        DangerPhrase("¡ayuda!", "es", "medical", "development"),
        DangerPhrase("¡hola!", "es", None, "development"),
    ]
    found = measure_dangers(phrases, Alarmed())
    assert list(found) == ["development"]
    assert found["development"].right_card["medical"]["es"].value == 1
    assert found["development"].false_alarms["es"].value == 1


def test_short_messages_are_counted_by_language_pair_and_length() -> None:
    """Shared words are right in each of their languages; mixed ones stand apart."""
    messages = [
        ShortMessage("no", ("en", "es"), None, "", "held_out"),
        ShortMessage("oi", ("pt",), None, "", "held_out"),
        ShortMessage("good morning", ("en",), "en", "", "held_out"),
        ShortMessage("hola help", ("es", "en"), None, "es-en", "held_out"),
    ]
    found = measure_languages(messages, Spanish())["held_out"]
    assert found.groups["en"][OVERALL].value == 1
    assert found.groups["pt"]["first"].value == 0
    assert found.groups["es-en"][OVERALL].value == 1
    assert found.groups[OVERALL][OVERALL].n == 3
    assert found.lengths["2-4"]["conversation"].n == 1
    assert found.mistaken == {"pt": {"es": 1}}


def test_figures_are_json_for_comparing_runs() -> None:
    """Shares of nothing and thresholds over all languages are null, never NaN."""
    found = figures(ROWS, ("health",), lambda one: (math.nan if one == OVERALL else 0.6, 0.1, 0.4))
    data = as_json(Report("x", "2026-01-01", found))
    assert data["questions"]["scores"]["es"]["top1"]["n"] == 8
    assert data["questions"]["scores"]["pt"]["out_of_scope_refused"] is None
    assert data["questions"]["costs"][OVERALL]["sure"] is None
    assert data["emergencies"] is None
