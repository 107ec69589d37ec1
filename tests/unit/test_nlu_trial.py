"""The rule by which a model may take another's place."""

import json
from pathlib import Path

import pytest

from nlu.client import NluUnavailable
from nlu.trial import (
    MARGIN,
    Question,
    Verdict,
    failed_canaries,
    judge,
    objection,
    questions_hash,
    read_questions,
    verdict_from,
)
from nlu.understanding import Candidate
from tests.fakes.nlu import ScriptedReader

RANKED = (Candidate("a", 0.9), Candidate("b", 0.05), Candidate("c", 0.03), Candidate("d", 0.02))


def question(label: str, language: str = "es") -> Question:
    return Question(f"what is {label}", language, frozenset({label}))


def verdict(best: float, *, ht: float = 0.8, offered: float = 0.95, name: str = "q") -> Verdict:
    return Verdict(name, {"all": 500, "ht": 80}, {"all": best, "ht": ht}, {"all": offered})


async def test_shares_are_counted_by_language() -> None:
    """Best and first three, per language and overall; questions from outside are not asked."""
    reader = ScriptedReader(RANKED)
    asked = [question("a"), question("b"), question("d", "qu"), question("out_of_scope")]
    found = await judge(reader, asked)
    assert reader.asked == 3
    assert found.n == {"all": 3, "es": 2, "qu": 1}
    assert found.best == {"all": 0.3333, "es": 0.5, "qu": 0.0}
    assert found.offered == {"all": 0.6667, "es": 1.0, "qu": 0.0}
    assert found.questions == questions_hash(asked)
    assert verdict_from(json.loads(json.dumps(found.as_json()))) == found


async def test_without_candidates_nothing_is_right() -> None:
    """An empty ranking is wrong, not an error."""
    assert (await judge(ScriptedReader(()), [question("a")])).best["all"] == 0


async def test_a_service_that_does_not_answer_is_no_verdict() -> None:
    """Asked several times, then given up."""
    reader = ScriptedReader(RANKED)
    reader.down = True
    with pytest.raises(NluUnavailable):
        await judge(reader, [question("a")])
    assert reader.asked == 4
    assert "did not answer" in await failed_canaries(reader, [question("a")])


async def test_canaries_must_be_known_again_in_every_language() -> None:
    """One language that is forgotten is enough to refuse."""
    reader = ScriptedReader(RANKED)
    known = [question("a") for _ in range(20)]
    assert await failed_canaries(reader, known) == ""
    assert await failed_canaries(reader, []) == ""
    why = await failed_canaries(reader, [*known, question("b", "qu")])
    assert "qu 0%" in why


@pytest.mark.parametrize(
    ("new", "refused"),
    [
        (verdict(0.90), False),
        (verdict(0.90 - MARGIN), False),
        (verdict(0.88), True),
        (verdict(0.95, ht=0.75), False),
        (verdict(0.95, ht=0.73), True),
        (verdict(0.95, offered=0.90), True),
        (verdict(0.50, name="other questions"), False),
    ],
)
def test_the_rule(new: Verdict, refused: bool) -> None:
    """One point less overall, six in a language; only on the same questions."""
    assert bool(objection(new, verdict(0.90))) is refused
    assert objection(new, None) == ""


@pytest.mark.parametrize(
    "known",
    [None, 7, [], {}, {"questions": "q", "n": {}, "best": {}, "offered": {}},
     {"questions": "q", "n": {}, "best": {"all": "x"}, "offered": {"all": 1}}],
)  # fmt: skip
def test_a_card_may_hold_anything(known: object) -> None:
    """What is no verdict is none."""
    assert verdict_from(known) is None


def test_lines_that_are_no_questions_are_left_out(tmp_path: Path) -> None:
    """A missing file holds no questions."""
    path = tmp_path / "questions.jsonl"
    assert read_questions(path) == ()
    good = {"text": "hola", "lang": "es", "label": "greet", "also": ["thanks"]}
    path.write_text("\n".join([json.dumps(good), "", "{", "[]", '{"text": 1}']))
    assert read_questions(path) == (Question("hola", "es", frozenset({"greet", "thanks"})),)
