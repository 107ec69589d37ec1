"""Training data are deterministic and checked, and what goes wrong is said clearly."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

from nlu.model_card import read_card
from nlu.training import (
    KEPT_MODELS,
    Aids,
    Environment,
    Ranking,
    TrainingError,
    content_hash,
    faults,
    rasa_name,
    to_yaml,
    train,
)

EXAMPLES = {
    "health/birth": ("¿Dónde puedo dar a luz?", "donde nace mi bebé"),
    "greet": ("hola", "buenos días"),
}

TRAINS = """
import sys
print("x INFO components.faq_intent_classifier  - reading 4 examples")
print("x INFO somewhere else - noise")
open("model.tar.gz", "w").write("a model")
"""
FAILS = """
import sys
print("Warning: a deprecation")
print("ValueError: the examples are odd")
sys.exit(3)
"""
RANKS = """
import json
questions = json.load(open("questions.json"))
ranked = [[["health.birth", len(question) / 10], ["greet", 0.1]] for question in questions]
json.dump(ranked, open("rankings.json", "w"))
open("model.tar.gz", "w").write("a model")
"""
LEAVES_NOTHING = "print('done')"


def _environment(tmp_path: Path, script: str) -> Environment:
    """Return an environment whose interpreter runs a script instead of Rasa."""
    service = tmp_path / "nlu" / "rasa"
    (service / "components").mkdir(parents=True)
    (service / "config.yml").write_text("pipeline: []\n")
    (service / "requirements.txt").write_text("rasa==3.6.21\n")
    (service / "components" / "one.py").write_text("x = 1\n")
    (service.parent / "normalise.py").write_text("y = 1\n")
    program = tmp_path / "program.py"
    program.write_text(script)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec python3 "{program}" "$@"\n')
    python.chmod(0o755)
    return Environment(python, service)


def test_the_data_do_not_depend_on_the_order() -> None:
    """Other orders of intents and examples give the same file."""
    turned = {name: EXAMPLES[name][::-1] for name in reversed(EXAMPLES)}
    assert to_yaml(turned) == to_yaml(EXAMPLES)


def test_the_data_are_what_rasa_reads() -> None:
    """The file is YAML with every example under its intent, '/' written '.'."""
    read = yaml.safe_load(to_yaml(EXAMPLES))
    assert [entry["intent"] for entry in read["nlu"]] == ["greet", "health.birth"]
    assert read["nlu"][0]["examples"] == "- buenos días\n- hola\n"


def test_markup_of_rasa_in_an_example_is_taken_off() -> None:
    """Brackets, leading slashes and line breaks cannot become entities, intents or new lines."""
    text = to_yaml({"greet": ("/hola [Ana](nombre){x}\n- otro", "- guion")})
    assert yaml.safe_load(text)["nlu"][0]["examples"] == "- guion\n- hola (Ana)(nombre)(x) - otro\n"


def test_good_examples_have_no_faults() -> None:
    """Nothing is said about examples that can be trained on."""
    assert faults(EXAMPLES) == ()


def test_the_same_sentence_under_two_intents_names_both() -> None:
    """Case, accents and signs make no difference."""
    (fault,) = faults({**EXAMPLES, "goodbye": ("¡HOLA!", "chau")})
    assert "'goodbye'" in fault
    assert "'greet'" in fault
    assert "one of them" in fault


@pytest.mark.parametrize("name", ["", "Health", "a/b/c", "../x", "a b", "a.b", "a/"])
def test_a_name_that_is_no_slug_is_a_fault(name: str) -> None:
    """Names that Rasa or the file system could read otherwise are refused."""
    assert any("rename it" in fault for fault in faults({**EXAMPLES, name: ("algo distinto",)}))


def test_an_empty_example_and_a_single_intent_are_faults() -> None:
    """Both are said."""
    found = faults({"greet": ("hola", "  ")})
    assert any("is empty" in fault for fault in found)
    assert any("Fewer than two" in fault for fault in found)


def test_two_emoji_examples_are_different_sentences() -> None:
    """Examples without letters are told apart by their signs."""
    assert faults({**EXAMPLES, "thanks": ("🙏",), "affirm": ("👍",)}) == ()


def test_names_go_to_rasa_and_back() -> None:
    """The name inside Rasa holds no '/'."""
    assert rasa_name("health/birth") == "health.birth"


def test_an_unchanged_model_is_not_trained_again(tmp_path: Path) -> None:
    """The second call returns the same file and runs nothing."""
    environment = _environment(tmp_path, TRAINS)
    told: list[str] = []
    first = train(
        EXAMPLES, models=tmp_path / "models", progress=told.append, environment=environment
    )
    environment.python.unlink()
    again = train(
        EXAMPLES, models=tmp_path / "models", progress=told.append, environment=environment
    )
    assert first == again
    assert first.read_text() == "a model"
    assert "reading 4 examples" in told
    assert not any("noise" in line for line in told)
    assert "up to date" in told[-1]


@pytest.mark.parametrize(
    "changed", ["config.yml", "requirements.txt", "components/one.py", "../normalise.py"]
)
def test_every_source_of_a_model_changes_its_hash(tmp_path: Path, changed: str) -> None:
    """Pipeline, requirements, components and shared code are part of a model's identity."""
    environment = _environment(tmp_path, TRAINS)
    before = content_hash(EXAMPLES, environment)
    with (environment.service / changed).open("a") as file:
        file.write("# changed\n")
    assert content_hash(EXAMPLES, environment) != before


def test_a_changed_example_changes_the_hash(tmp_path: Path) -> None:
    """A further example makes another model."""
    environment = _environment(tmp_path, TRAINS)
    more = {**EXAMPLES, "greet": (*EXAMPLES["greet"], "buenas")}
    assert content_hash(more, environment) != content_hash(EXAMPLES, environment)


def test_a_failed_training_says_what_where_and_what_to_do(tmp_path: Path) -> None:
    """The error holds the end of the log without warnings, the log's path and a remedy."""
    environment = _environment(tmp_path, FAILS)
    with pytest.raises(TrainingError) as caught:
        train(EXAMPLES, models=tmp_path / "models", progress=print, environment=environment)
    message = str(caught.value)
    assert "code 3" in message
    assert "the examples are odd" in message
    assert "deprecation" not in message
    assert str(tmp_path / "models" / "training.log") in message
    assert "make setup" in message
    assert not list((tmp_path / "models").glob("*.tar.gz"))


def test_a_training_without_a_model_is_a_failure(tmp_path: Path) -> None:
    """Code 0 alone is not enough."""
    environment = _environment(tmp_path, LEAVES_NOTHING)
    with pytest.raises(TrainingError, match="left no model"):
        train(EXAMPLES, models=tmp_path / "models", progress=print, environment=environment)


def test_a_missing_environment_is_said_before_anything_runs(tmp_path: Path) -> None:
    """The error names the interpreter and how to build it."""
    environment = Environment(tmp_path / "no-python", _environment(tmp_path, TRAINS).service)
    with pytest.raises(TrainingError, match="make setup"):
        train(EXAMPLES, models=tmp_path / "models", progress=print, environment=environment)


def test_faults_stop_the_training(tmp_path: Path) -> None:
    """No child process runs for examples that cannot be trained on."""
    environment = _environment(tmp_path, TRAINS)
    with pytest.raises(TrainingError, match="goodbye"):
        train(
            {**EXAMPLES, "goodbye": ("hola",)},
            models=tmp_path / "models",
            progress=print,
            environment=environment,
        )
    assert not (tmp_path / "models").exists()


def test_the_last_models_are_kept(tmp_path: Path) -> None:
    """Old models go, the newest stay, and other files are left alone."""
    environment = _environment(tmp_path, TRAINS)
    models = tmp_path / "models"
    models.mkdir()
    for age in range(5):
        old = models / f"old{age}.tar.gz"
        old.write_text("old")
        os.utime(old, (1_000_000 - age, 1_000_000 - age))
    (models / "notes.txt").write_text("mine")
    train(EXAMPLES, models=models, progress=print, environment=environment)
    kept = {file.name for file in models.glob("*.tar.gz")}
    assert len(kept) == KEPT_MODELS
    assert {"old0.tar.gz", "old1.tar.gz"} < kept
    assert (models / "notes.txt").exists()


def test_the_child_gets_no_secret_of_ours(tmp_path: Path) -> None:
    """Its environment is made of what it needs: no telemetry, and nothing that we have."""
    variables = _environment(tmp_path, TRAINS).variables(tmp_path)
    assert variables["RASA_TELEMETRY_ENABLED"] == "false"
    assert set(variables) == {
        "PATH", "HOME", "LANG", "PYTHONPATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE",
        "RASA_TELEMETRY_ENABLED", "TF_CPP_MIN_LOG_LEVEL", "SQLALCHEMY_SILENCE_UBER_WARNING",
        "PYTHONWARNINGS", "MPLCONFIGDIR",
    }  # fmt: skip


def test_thresholds_travel_with_the_model(tmp_path: Path) -> None:
    """The new model ranks the questions; what is made of that is on its card, and no question."""
    seen: list[Ranking] = []

    def thresholds(rankings: Sequence[Ranking]) -> dict[str, float]:
        seen.extend(rankings)
        return {"default_sure": 0.6}

    aids = Aids(["¿sí?", "secreto"], thresholds)
    models = tmp_path / "models"
    model = train(
        EXAMPLES,
        models=models,
        progress=lambda line: None,
        environment=_environment(tmp_path, RANKS),
        aids=aids,
    )
    assert seen == [
        [("health/birth", 0.4), ("greet", 0.1)],
        [("health/birth", 0.7), ("greet", 0.1)],
    ]
    card = read_card(model)
    assert card is not None
    assert card.thresholds == {"default_sure": 0.6}
    assert card.trained_on == 4
    assert not any("secreto" in file.read_text() for file in models.iterdir() if file.is_file())


def test_without_questions_a_model_has_no_thresholds(tmp_path: Path) -> None:
    """An installation without a development set trains all the same."""
    environment = _environment(tmp_path, TRAINS)
    model = train(
        EXAMPLES, models=tmp_path / "models", progress=lambda line: None, environment=environment
    )
    card = read_card(model)
    assert card is not None
    assert card.thresholds == {}
