"""When an understanding is asserted, offered or refused."""

import pytest

from bot.policy import Decision, Policy, Sure, Unknown, Unsure, decide
from nlu.understanding import Candidate, LanguageGuess, Source, Understanding

POLICY = Policy(
    default_sure=0.5, default_possible=0.1, default_outside=0.45, sure={"qu": 0.9},
    outside={"qu": 0.8},
)  # fmt: skip
ARTICLES = {"a/1", "a/2", "a/3", "a/4"}


def decided(
    *candidates: tuple[str, float], language: str = "es", source: Source = Source.RASA
) -> Decision:
    ranked = tuple(Candidate(*c) for c in candidates)
    understanding = Understanding(LanguageGuess(language, 1.0), ranked, None, source)
    return decide(understanding, POLICY, ARTICLES)


@pytest.mark.parametrize(
    ("candidates", "decision"),
    [
        ([("a/1", 0.5), ("a/2", 0.4)], Sure("a/1")),
        ([("greet", 0.5)], Sure("greet")),
        ([("a/1", 0.4), ("a/2", 0.01)], Unsure(("a/1", "a/2"))),
        ([("a/1", 0.4), ("greet", 0.3), ("a/2", 0.2), ("a/3", 0.1), ("a/4", 0.1)],
         Unsure(("a/1", "a/2", "a/3"))),
        ([("out_of_scope", 0.4), ("a/1", 0.2)], Unsure(("a/1",))),
        ([("out_of_scope", 0.4), ("a/1", 0.05)], Unknown()),
        ([("out_of_scope", 0.45), ("a/1", 0.3)], Sure("out_of_scope")),
        ([("a/1", 0.48), ("out_of_scope", 0.46)], Sure("out_of_scope")),
        ([("a/1", 0.5), ("out_of_scope", 0.46)], Sure("a/1")),
        ([("out_of_scope", 0.4)], Unknown()),
        ([("a/1", 0.09)], Unknown()),
        ([], Unknown()),
    ],
)  # fmt: skip
def test_confidence_decides(candidates: list[tuple[str, float]], decision: Decision) -> None:
    """Sure from one threshold, offered from another, refused below."""
    assert decided(*candidates) == decision


def test_each_language_has_its_threshold() -> None:
    """A language that is read less well needs more confidence."""
    assert decided(("a/1", 0.8), language="es") == Sure("a/1")
    assert decided(("a/1", 0.8), language="qu") == Unsure(("a/1",))
    assert decided(("out_of_scope", 0.7), ("a/1", 0.2), language="qu") == Unsure(("a/1",))


def test_keywords_are_never_sure() -> None:
    """Without the model the best topics are offered, and no intent is acted on."""
    assert decided(("a/1", 1.0), source=Source.KEYWORDS) == Unsure(("a/1",))
    assert decided(("greet", 1.0), source=Source.KEYWORDS) == Unknown()
    assert decided(("out_of_scope", 1.0), ("a/1", 0.2), source=Source.KEYWORDS) == Unsure(("a/1",))
