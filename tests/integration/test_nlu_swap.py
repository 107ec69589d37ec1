"""Models are changed under load without a lost question; bad ones are refused, the old one stays.

The processes are real; only Rasa inside them is replaced by a stand-in that answers at once.
"""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from nlu.live import LiveService, Serving
from nlu.model_card import ModelCard, add_to_card, read_card, write_card
from nlu.models import BadModel, ModelStore, digest
from nlu.promotion import SERVED, Examination, accept, promote_or_refuse
from nlu.service import ServiceError
from nlu.training import Environment
from nlu.trial import Question
from tests.fakes.nlu_service import environment, model

TEXT = "¿me atienden sin papeles?"
RIGHT = {TEXT: [("health.access", 0.9), ("greet", 0.1)]}
CANARIES = (Question(TEXT, "es", frozenset({"health/access"})),)


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    """A service without Rasa."""
    return environment(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store with two models, of which the first serves."""
    store = ModelStore(tmp_path / "models")
    first = model(store.folder, "first", {**RIGHT, "who": [("first", 1.0)]})
    model(store.folder, "second", {**RIGHT, "who": [("second", 1.0)]})
    store.promote(first)
    return store


@pytest.fixture
async def live(env: Environment, store: ModelStore) -> AsyncIterator[LiveService]:
    """A running service of the first model."""
    running = LiveService(store, Serving(env, canaries=CANARIES, timeout=5))
    await running.start(store.archive("first"), print)
    yield running
    await running.aclose()


async def _who(live: LiveService) -> str:
    return (await live.client.parse("who"))[0].intent


async def test_no_question_is_lost_or_failed_during_changes(
    live: LiveService, store: ModelStore
) -> None:
    """Eight people ask without a pause through three changes: all get an answer, in order."""
    stop = asyncio.Event()
    answers: list[list[str]] = [[] for _ in range(8)]

    async def ask(mine: list[str]) -> None:
        while not stop.is_set():
            mine.append(await _who(live))

    asking = [asyncio.create_task(ask(mine)) for mine in answers]
    changed: list[Path] = []
    live._swapped = changed.append
    for name in ("second", "first", "second"):
        store.promote(store.archive(name))
        assert await live.look()
        assert await _who(live) == name
    stop.set()
    await asyncio.gather(*asking)  # raises if a single question failed
    assert [path.name for path in changed] == ["second.tar.gz", "first.tar.gz", "second.tar.gz"]
    for mine in answers:
        turns = [name for i, name in enumerate(mine) if i == 0 or mine[i - 1] != name]
        assert turns == ["first", "second", "first", "second"]
    assert len(live.pids) == 1


async def test_what_is_under_way_is_answered_by_the_old_model(
    live: LiveService, store: ModelStore
) -> None:
    """A hundred questions sent at the moment of the change are all answered."""
    asking = [asyncio.create_task(_who(live)) for _ in range(100)]
    await live.take(store.archive("second"), print)
    assert set(await asyncio.gather(*asking)) <= {"first", "second"}
    assert await _who(live) == "second"


async def test_going_back_is_a_change_like_any_other(live: LiveService, store: ModelStore) -> None:
    """After a roll-back the model before serves, and the card says why the other does not."""
    store.promote(store.archive("second"))
    await live.look()
    assert store.roll_back("It was taken back.").name == "first.tar.gz"
    assert await live.look()
    assert await _who(live) == "first"
    card = read_card(store.archive("second"))
    assert card is not None
    assert card.refused == "It was taken back."
    with pytest.raises(BadModel, match="no model to go back to"):
        store.roll_back("again")


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _noise(path: Path) -> None:
    path.write_bytes(b"\x1f\x8b" + os.urandom(500))


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _changed(path: Path) -> None:
    write_card(path, ModelCard(path.name.removesuffix(".tar.gz"), digest="0" * 64))


def _bad_card(path: Path) -> None:
    path.with_name("second.json").write_text("{")


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (_half, "half written"),
        (_noise, "damaged"),
        (_empty, "damaged"),
        (Path.unlink, "is not in"),
        (_changed, "not the file that was trained"),
        (_bad_card, "no card of a model"),
    ],
)
async def test_a_bad_model_is_refused_and_the_old_one_stays(
    live: LiveService, store: ModelStore, spoil: object, says: str
) -> None:
    """Promotion refuses it in a sentence, and so does the service when it was spoilt later."""
    second = store.archive("second")
    store.promote(second)
    pids = live.pids
    spoil(second)  # type: ignore[operator]
    with pytest.raises(BadModel, match=says):
        store.promote(second)
    with pytest.raises(ServiceError, match=says):
        await live.take(second, print)
    assert not await live.look()
    assert await _who(live) == "first"
    assert live.pids == pids


async def test_a_model_that_forgot_its_examples_is_refused(
    live: LiveService, store: ModelStore
) -> None:
    """The canaries are asked before any person's question reaches the new model."""
    forgetful = model(store.folder, "forgetful", {})
    with pytest.raises(ServiceError, match="too few again"):
        await live.take(forgetful, print)
    assert await _who(live) == "first"


async def test_a_refused_model_is_not_tried_at_every_look(
    live: LiveService, store: ModelStore
) -> None:
    """It is left alone for a while, but another one is taken up at once."""
    store.promote(model(store.folder, "forgetful", {}))
    assert not await live.look()
    model(store.folder, "forgetful", RIGHT)
    assert not await live.look()
    store.promote(store.archive("second"))
    assert await live.look()


async def test_a_refused_model_is_tried_at_once_when_other_content_is_published(
    live: LiveService, store: ModelStore
) -> None:
    """Its examples are those of the new content, which this process reads a moment later."""
    other = model(store.folder, "other", {"¿dónde me quejo?": [("complaints.where", 0.9)]})
    store.promote(other)
    assert not await live.look()
    live.know((Question("¿dónde me quejo?", "es", frozenset({"complaints/where"})),))
    assert await live.look()
    assert live.model == other


async def test_several_workers_share_the_questions(env: Environment, store: ModelStore) -> None:
    """Two processes serve; when one dies, nobody notices."""
    live = LiveService(store, Serving(env, workers=2, canaries=CANARIES, timeout=5))
    await live.start(store.archive("first"), print)
    try:
        assert len(live.pids) == 2
        assert len(live.client.servers) == 2
        os.kill(live.pids[0], signal.SIGKILL)
        answers = await asyncio.gather(*(_who(live) for _ in range(50)))
        assert set(answers) == {"first"}
        await live.take(store.archive("second"), print)
        assert await _who(live) == "second"
        assert len(live.pids) == 2
    finally:
        await live.aclose()


QUESTIONS = tuple(
    Question(f"q{number}", "es" if number % 2 else "qu", frozenset({"work/pay"}))
    for number in range(100)
)


def _knowing(count: int) -> dict[str, list[tuple[str, float]]]:
    return {**RIGHT, **{f"q{n}": [("work.pay", 0.8)] for n in range(count)}}


async def test_a_better_model_is_promoted(env: Environment, store: ModelStore) -> None:
    """It is examined once, its figures stand on its card, and it serves."""
    examination = Examination(CANARIES, QUESTIONS, env)
    better = model(store.folder, "better", _knowing(90))
    told: list[str] = []
    assert await promote_or_refuse(better, store, examination, told.append) == better
    assert store.current() == better
    card = read_card(better)
    assert card is not None
    assert card.evaluation[SERVED]["best"]["all"] == 0.9
    assert card.digest == digest(better)
    assert "serves from now on" in told[-1]
    assert await promote_or_refuse(better, store, examination, told.append) == better


async def test_a_worse_model_is_refused_by_the_stated_rule(
    env: Environment, store: ModelStore
) -> None:
    """Three points worse: the old one goes on serving, and a person may decide otherwise."""
    examination = Examination(CANARIES, QUESTIONS, env)
    store.promote(model(store.folder, "good", _knowing(90)))
    good = store.archive("good")
    worse = model(store.folder, "worse", _knowing(87))
    told: list[str] = []
    for _ in range(2):  # the second time from its card
        assert await promote_or_refuse(worse, store, examination, told.append) == good
        assert store.current() == good
        assert "90.0% before, 87.0% now" in told[-1]
    accept(worse, store)
    assert store.current() == worse
    assert await promote_or_refuse(worse, store, examination, told.append) == worse


async def test_a_little_worse_is_near_enough(env: Environment, store: ModelStore) -> None:
    """One point less is within the margin."""
    store.promote(model(store.folder, "good", _knowing(90)))
    near = model(store.folder, "near", _knowing(89))
    examination = Examination(CANARIES, QUESTIONS, env)
    assert await promote_or_refuse(near, store, examination, print) == near


async def test_a_damaged_candidate_leaves_the_old_model(
    env: Environment, store: ModelStore
) -> None:
    """One sentence, and `current` is untouched."""
    bad = model(store.folder, "bad", RIGHT)
    _half(bad)
    with pytest.raises(BadModel, match="half written"):
        await promote_or_refuse(bad, store, Examination(CANARIES, QUESTIONS, env), print)
    assert store.current() == store.archive("first")


async def test_without_any_model_a_bad_first_one_is_an_error(
    env: Environment, tmp_path: Path
) -> None:
    """There is nothing to fall back to, so the operator is told what to do."""
    store = ModelStore(tmp_path / "none")
    forgetful = model(store.folder, "forgetful", {})
    with pytest.raises(BadModel, match="train again"):
        await promote_or_refuse(forgetful, store, Examination(CANARIES, (), env), print)


async def test_a_model_taken_back_is_not_promoted_again(
    env: Environment, store: ModelStore
) -> None:
    """What an operator took back stays back until she says otherwise."""
    second = store.archive("second")
    examination = Examination(CANARIES, (), env)
    assert await promote_or_refuse(second, store, examination, print) == second
    first = store.roll_back("It was taken back.")
    told: list[str] = []
    assert await promote_or_refuse(second, store, examination, told.append) == first
    assert "taken back" in told[-1]
    assert "orienta nlu promote second" in told[-1]


def test_the_cards_own_fields_survive_changes(store: ModelStore) -> None:
    """Thresholds written by training stay when figures are added."""
    first = store.archive("first")
    write_card(first, ModelCard("first", 7, thresholds={"sure": 0.6}))
    card = add_to_card(first, evaluation={"x": 1})
    assert read_card(first) == card
    assert card == replace(ModelCard("first", 7, {"sure": 0.6}), evaluation={"x": 1})
