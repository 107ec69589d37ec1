"""Questions that must stay answered, and the rule by which a release is refused."""

from content.catalogue import LANGUAGES
from content.panel.ports import Examined
from content.release import golden
from content.release.golden import Golden, Judgement

ASKED = [Golden(f"q{n}", "es" if n < 150 else "qu", "a/one") for n in range(200)]


def examined(asked: list[Golden], lost: set[str]) -> Examined:
    """Return what a model gets that knows all but some."""
    wrong = tuple(
        {"text": q.text, "language": q.language, "expected": q.article, "got": "a/two"}
        for q in asked
        if q.text in lost
    )
    return Examined("m", {}, wrong)


def judged(lost: set[str], before: set[str] = frozenset()) -> Judgement:  # type: ignore[assignment]
    """Compare a model that lost some with one that did not know others."""
    return golden.judge(ASKED, examined(ASKED, lost), examined(ASKED, before))


def test_the_set_for_all_may_fall_by_a_point_and_no_more() -> None:
    """Two of two hundred may be lost; a language may lose six of a hundred."""
    assert judged({"q0", "q1"}).refused == ()
    assert judged({"q0", "q1", "q2"}).refused == ("all",)
    assert judged({"q150", "q151", "q152"}).refused == ("all",)
    four = judged({f"q{n}" for n in range(150, 154)})
    assert four.refused == ("all", "qu")
    assert four.languages["qu"] == (50, 50, 46)
    assert four.languages["all"] == (200, 200, 196)


def test_what_was_gained_makes_up_for_what_was_lost() -> None:
    """Both are told."""
    found = judged({"q0", "q1", "q2"}, {"q7", "q8"})
    assert found.refused == ()
    assert [one["text"] for one in found.worse] == ["q0", "q1", "q2"]
    assert [one["text"] for one in found.better] == ["q7", "q8"]


def test_an_articles_own_question_must_not_be_lost() -> None:
    """One is enough; one that was never known is only told."""
    own = [Golden("mine", "es", "a/one", own=True)]
    lost = golden.judge(own, examined(own, {"mine"}), examined(own, set()))
    assert lost.refused == ("own",)
    new = golden.judge(own, examined(own, {"mine"}), examined(own, {"mine"}))
    assert new.refused == ()
    assert [one["text"] for one in new.unknown] == ["mine"]
    first = golden.judge(own, examined(own, {"mine"}), None)
    assert first.refused == ()
    assert first.languages == {"all": (0, None, 0)}


def test_the_set_that_comes_with_the_program_is_whole() -> None:
    """About 150 questions in six languages, none twice."""
    found = golden.from_file()
    assert 140 <= len(found) <= 160
    assert len({one["text"] for one in found}) == len(found)
    assert {one["language"] for one in found} == set(LANGUAGES)
    assert all(one.keys() == {"text", "language", "article"} for one in found)
