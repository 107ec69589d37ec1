"""The classifier is trained and asked in its own environment, and its end is understood."""

import asyncio
import os
import time
from pathlib import Path

import pytest

from nlu.public.bench import bench
from nlu.public.sets import OUTSIDE, PublicSet
from nlu.training import Environment, TrainingError
from tests.fakes.program import PATIENCE, run

# Stands for the interpreter of the service: answers with the intent after the word "in".
ANSWERING = """#!/usr/bin/env python3
import json, sys
job = json.load(sys.stdin)
print("training", file=sys.stderr)
names = {intent for _, intent in job["train"] if intent}
def best(text):
    found = [name for name in names if name in text]
    if not found and [text, None] in job["train"]:
        return [None, 0.8]
    return [found[0], 0.9] if found else [sorted(names)[0], 0.1]
json.dump([best(text) for text in job["ask"]], sys.stdout)
"""
FAILING = "#!/bin/sh\necho 'no such module' >&2\nexit 3\n"

TRAIN = (("my cat", "cat"), ("my dog", "dog"))
SMALL = PublicSet("Small", TRAIN, (), (), (("a cat", "cat"), ("the dog", "dog"), ("who", OUTSIDE)))


def environment(folder: Path, program: str) -> Environment:
    """Return an environment whose interpreter is a script."""
    python = folder / "python"
    python.write_text(program)
    python.chmod(0o755)
    (folder / "config.yml").write_text("pipeline: []\n")
    return Environment(python, folder)


def written(path: Path) -> int:
    """Wait until a process has written its number."""
    end = time.monotonic() + PATIENCE
    while not path.exists() or not path.read_text().strip():
        assert time.monotonic() < end
        time.sleep(0.01)
    return int(path.read_text())


async def test_a_set_without_validation_gets_a_line_per_threshold(tmp_path: Path) -> None:
    """From 0.1 on in tenths; the foreign text is told by its confidence of 0.1."""
    said: list[str] = []
    text = await bench(SMALL, environment(tmp_path, ANSWERING), said.append)
    rows = [line.split() for line in text.splitlines()[3:]]
    assert [row[0] for row in rows] == [f"0.{tenth}0" for tenth in range(1, 10)]
    assert rows[0][1:4] == ["0.667", "1.000", "0.000"]
    assert rows[1][1:4] == ["1.000", "1.000", "1.000"]
    assert "  training" in said


async def test_a_set_with_foreign_training_texts_is_measured_twice(tmp_path: Path) -> None:
    """Once by threshold alone, once with the foreign texts as one more intent."""
    full = PublicSet("Full", TRAIN, (("who", OUTSIDE),), SMALL.test, SMALL.test)
    text = await bench(full, environment(tmp_path, ANSWERING), lambda _: None)
    assert text.count("threshold alone") == 1
    assert "1 texts learnt as outside" in text
    assert "1.000" in text.splitlines()[3]


async def test_a_classifier_that_fails_is_one_sentence(tmp_path: Path) -> None:
    """With its last words and what to do."""
    with pytest.raises(TrainingError, match=r"code 3.*no such module.*make setup"):
        await bench(SMALL, environment(tmp_path, FAILING), lambda _: None)


async def test_a_cancelled_run_leaves_nothing_behind(tmp_path: Path) -> None:
    """The classifier ends with the command that started it."""
    program = f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 600\n"
    task = asyncio.create_task(bench(SMALL, environment(tmp_path, program), lambda _: None))
    pid = await asyncio.to_thread(written, tmp_path / "pid")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.rasa
async def test_our_classifier_learns_a_tiny_set() -> None:
    """The real one, in its own environment."""
    service = Environment()
    if not service.python.exists():
        pytest.skip("no NLU environment: run `make setup`")
    animals = ("my {} is ill", "i have a {}", "where is the {}", "a {} for sale", "feed my {}")
    train = tuple((text.format(one), one) for one in ("cat", "dog", "cow") for text in animals)
    asked = (("the cat is ill", "cat"), ("buy a cow", "cow"), ("the dog is hungry", "dog"))
    text = await bench(PublicSet("Animals", train, (), (), asked), service, lambda _: None)
    assert text.splitlines()[3].split()[1] == "1.000"


def test_the_command_names_what_is_missing(tmp_path: Path) -> None:
    """No file given, and a file that is not there."""
    code, _, err = run(tmp_path, "bench-public")
    assert code == 2
    assert "--clinc" in err
    code, _, err = run(tmp_path, "bench-public", "--clinc", str(tmp_path / "none.json"))
    assert code == 1
    assert "none.json cannot be read" in err
    assert len(err.strip().splitlines()) == 1
