"""The training behind a release, with real processes; only Rasa inside them is a stand-in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.knowledge import canaries, training_examples
from bot.panel.training import RealTraining
from content.catalogue import Catalogue
from content.panel.ports import CannotTrain
from nlu.live import LiveService, Serving
from nlu.models import ModelStore
from nlu.training import Environment, content_hash
from tests.fakes import content as fake
from tests.fakes.nlu_service import environment, model

GOLDEN = [
    {"text": "me enfermé", "language": "es", "article": "health/access"},
    {"text": "I am ill", "language": "en", "article": "health/access"},
]
KNOWN = {"me enfermé": [("health.access", 0.9)], "I am ill": [("health.access", 0.9)]}


@pytest.fixture
def env(tmp_path: Path) -> Environment:
    """A service without Rasa."""
    return environment(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    """A store in which a model serves that knows one of two questions."""
    store = ModelStore(tmp_path / "models")
    store.promote(model(store.folder, "old", {"me enfermé": [("health.access", 0.9)]}))
    return store


@pytest.fixture
async def live(env: Environment, store: ModelStore) -> AsyncIterator[LiveService]:
    """The running service."""
    running = LiveService(store, Serving(env, timeout=5))
    await running.start(store.archive("old"), print)
    yield running
    await running.aclose()


def made(
    store: ModelStore, env: Environment, catalogue: Catalogue, *, forgets: bool = False
) -> str:
    """Put the model of a catalogue into the store, as if it had been trained; return its name."""
    name = content_hash(training_examples(catalogue), env)
    own = {q.text: [(next(iter(q.labels)).replace("/", "."), 0.9)] for q in canaries(catalogue)}
    model(store.folder, name, KNOWN if forgets else {**own, **KNOWN})
    return name


async def test_the_draft_is_asked_beside_the_one_that_serves(
    live: LiveService, store: ModelStore, env: Environment
) -> None:
    """Both get the same questions; the new one's process is gone afterwards."""
    catalogue = fake.catalogue()
    name = made(store, env, catalogue)
    said: list[str] = []
    training = RealTraining(store, env, lambda: live)
    new, old = await training.examine(catalogue, GOLDEN, said.append)
    assert old is not None
    assert (new.model, old.model) == (name, "old")
    assert new.right == {"es": (1, 1), "en": (1, 1)}
    assert old.right == {"es": (1, 1), "en": (0, 1)}
    assert old.wrong[0]["text"] == "I am ill"
    assert training.serving() == "old"
    assert len(live.pids) == 1
    assert len(said) == 3
    await training.promote(name)
    assert training.serving() == name
    assert await live.look()
    assert (await live.client.parse("I am ill"))[0].intent == "health/access"
    again, same = await training.examine(catalogue, GOLDEN, said.append)
    assert again == same
    assert again.model == name


async def test_a_model_that_forgot_its_examples_is_refused(
    live: LiveService, store: ModelStore, env: Environment
) -> None:
    """The sentence says so in Spanish."""
    made(store, env, fake.catalogue(), forgets=True)
    training = RealTraining(store, env, lambda: live)
    with pytest.raises(CannotTrain, match="no reconoce sus propios ejemplos"):
        await training.examine(fake.catalogue(), GOLDEN, lambda line: None)


async def test_without_questions_only_the_model_is_made(
    store: ModelStore, env: Environment
) -> None:
    """So a release that is taken back finds its model, trained anew if need be."""
    name = made(store, env, fake.catalogue())
    training = RealTraining(store, env, lambda: None)
    new, old = await training.examine(fake.catalogue(), (), lambda line: None)
    assert (new.model, old) == (name, None)


async def test_what_cannot_be_trained_says_why(store: ModelStore, tmp_path: Path) -> None:
    """No interpreter, and no such model."""
    training = RealTraining(store, Environment(tmp_path / "python", tmp_path), lambda: None)
    with pytest.raises(CannotTrain, match="no se pudo entrenar"):
        await training.examine(fake.catalogue(), GOLDEN, lambda line: None)
    with pytest.raises(CannotTrain, match="no se pudo cambiar"):
        await training.promote("unknown")


def test_the_processes_stand_back() -> None:
    """At low priority, in front of nobody who serves people."""
    polite = Environment(nice=10).command("-m", "rasa")
    assert polite[:3] == ["nice", "-n", "10"]
    assert Environment().command("-m", "rasa")[0].endswith("python")
