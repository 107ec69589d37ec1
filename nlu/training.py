"""Train the NLU service's model from plain examples, once per content."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.model_card import add_to_card, card_path
from nlu.models import ModelStore, digest
from nlu.normalise import plain, tidy

Examples = Mapping[str, Sequence[str]]
"""Example texts by intent: an article id such as `health/birth`, or a name such as `greet`."""

KEPT_MODELS = 3
_INTENT = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)?")
_SERVICE = Path(__file__).parent / "rasa"
_TAIL_LINES = 15
_NOISE = re.compile(r"warn|deprecat|^\s|^$|PASSIVE|sqlalche", re.IGNORECASE)

Ranking = Sequence[tuple[str, float]]
"""Intents with their confidences, best first."""


@dataclass(frozen=True, slots=True)
class Aids:
    """What helps a training besides the examples; none of it is trained to be answered.

    The new model ranks the `questions`, and what `thresholds` makes of the rankings is kept on its
    card.
    """

    questions: Sequence[str] = ()
    thresholds: Callable[[Sequence[Ranking]], Mapping[str, Any]] = lambda rankings: {}


class TrainingError(Exception):
    """No model came of it. The message says what is wrong, where, and what to do."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Where the NLU service's Python and files lie.

    `python` is the interpreter of the Python 3.10 environment; `service` the folder with
    config.yml, components and serve.py. `nice` is how far its processes stand back behind others,
    from 0 to 19.
    """

    python: Path = _SERVICE / ".venv" / "bin" / "python"
    service: Path = _SERVICE
    nice: int = 0

    def command(self, *words: str) -> list[str]:
        """Return the command line of a process."""
        polite = ["nice", "-n", str(self.nice)] if self.nice else []
        return [*polite, str(self.python), *words]

    def check(self) -> None:
        """Raise `TrainingError` if the interpreter or the configuration is not there."""
        if not self.python.exists():
            raise TrainingError(
                f"The environment of the NLU service is missing: no {self.python}. "
                "Run `make setup` to build it."
            )
        if not (self.service / "config.yml").exists():
            raise TrainingError(
                f"The pipeline of the NLU service is missing: no {self.service / 'config.yml'}. "
                "Restore the file from the repository."
            )

    def variables(self, home: Path) -> dict[str, str]:
        """Return the whole environment of a child process that works in `home`."""
        return {
            "PATH": f"{self.python.parent}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "PYTHONPATH": f"{self.service.parent.parent}:{self.service}",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "RASA_TELEMETRY_ENABLED": "false",
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "PYTHONWARNINGS": "ignore",
            "MPLCONFIGDIR": str(home),
        }


def faults(examples: Examples) -> tuple[str, ...]:
    """Return one sentence for each thing that forbids training; () when all is well.

    Two examples are the same when they differ only in case, accents, spacing or punctuation.
    """
    found = [
        f"The intent {intent!r} is not a name like 'topic/slug' or 'name' (a-z, 0-9, -, _): "
        "rename it."
        for intent in examples
        if not _INTENT.fullmatch(intent)
    ]
    if sum(bool(texts) for texts in examples.values()) < 2:
        found.append("Fewer than two intents have examples: write examples for at least two.")
    owners: dict[str, tuple[str, str]] = {}
    for intent, texts in sorted(examples.items()):
        for text in texts:
            key = _sameness(text)
            if not key:
                found.append(f"An example of {intent!r} is empty: remove it.")
                continue
            other, wording = owners.setdefault(key, (intent, text))
            if other != intent:
                found.append(
                    f"{wording!r} is an example of both {other!r} and {intent!r}: "
                    "keep it under one of them."
                )
    return tuple(found)


def _sameness(text: str) -> str:
    letters = plain(tidy(text))
    bare = " ".join(re.findall(r"\w+", letters))
    return bare or "".join(letters.split())


def to_yaml(examples: Examples) -> str:
    """Return Rasa NLU training data, the same text for the same examples.

    Rasa reads `[word](entity)` and `/intent` in examples as markup and splits intent names at
    '/': brackets become parentheses, leading slashes go, and '/' in a name is written '.'.
    """
    lines = ['version: "3.1"', "nlu:"]
    for intent, texts in sorted(examples.items()):
        unique = sorted({_unmarked(text) for text in texts} - {""})
        if unique:
            lines += [f"- intent: {rasa_name(intent)}", "  examples: |"]
            lines += [f"    - {text}" for text in unique]
    return "\n".join(lines) + "\n"


def _unmarked(text: str) -> str:
    flat = tidy(text).replace("\n", " ").translate(str.maketrans("[]{}", "()()"))
    return flat.lstrip("/- ").strip()


def rasa_name(intent: str) -> str:
    """Return the name of an intent inside Rasa."""
    return intent.replace("/", ".")


def content_hash(examples: Examples, environment: Environment) -> str:
    """Return what identifies a model: examples, pipeline, components and requirements."""
    digest = hashlib.sha256(to_yaml(examples).encode())
    sources = [
        environment.service / "config.yml",
        environment.service / "requirements.txt",
        environment.service.parent / "normalise.py",
        *sorted((environment.service / "components").glob("*.py")),
    ]
    for source in sources:
        if source.exists():
            digest.update(json.dumps(source.name).encode() + source.read_bytes())
    return digest.hexdigest()[:16]


def model_file(examples: Examples, models: Path, environment: Environment) -> Path:
    """Return where the model of these examples lies, or will."""
    return models / f"{content_hash(examples, environment)}.tar.gz"


def train(
    examples: Examples,
    *,
    models: Path,
    progress: Callable[[str], None],
    environment: Environment | None = None,
    aids: Aids | None = None,
) -> Path:
    """Return a model for these examples, trained now unless it already lies in `models`.

    Blocks for some minutes when it trains. Raise `TrainingError`. The file appears whole or not at
    all; the newest `KEPT_MODELS` stay. The aids do not count among what makes a model another one.
    """
    aids = aids or Aids()
    environment = environment or Environment()
    if wrong := faults(examples):
        listed = "\n".join(f"- {fault}" for fault in wrong[:20])
        raise TrainingError(f"The examples cannot be trained on ({len(wrong)} faults):\n{listed}")
    model = model_file(examples, models, environment)
    if model.exists():
        model.touch()
        progress("The examples have not changed: the model is up to date.")
        return model
    environment.check()
    models.mkdir(parents=True, exist_ok=True)
    count = sum(map(len, examples.values()))
    progress(f"Training the NLU model on {count} examples of {len(examples)} intents.")
    log = model.with_name("training.log")
    with tempfile.TemporaryDirectory(prefix="training-", dir=models) as folder:
        work = Path(folder)
        (work / "nlu.yml").write_text(to_yaml(examples), encoding="utf-8")
        questions = json.dumps([*aids.questions], ensure_ascii=False)
        (work / "questions.json").write_text(questions, encoding="utf-8")
        _run_rasa(environment, work, log, progress)
        made = work / "model.tar.gz"
        if not made.exists():
            raise _failure(log, "left no model behind")
        thresholds = aids.thresholds(rankings) if (rankings := _rankings(work)) else {}
        made.replace(model)
    add_to_card(model, trained_on=count, thresholds=thresholds, digest=digest(model))
    _forget_old(models)
    progress(f"The model is ready: {model.name}.")
    return model


def _rankings(work: Path) -> list[Ranking]:
    """Return how the new model ranks the questions, with intents named as outside Rasa."""
    try:
        known = json.loads((work / "rankings.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return []
    return [[(name.replace(".", "/"), float(share)) for name, share in one] for one in known]


class _Child:
    """Rasa in a process group of its own, which any thread may end, at any time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._ended = False

    def start(self, command: list[str], work: Path, variables: dict[str, str]) -> None:
        """Start the process; raise `TrainingError` if it was ended before."""
        with self._lock:
            if self._ended:
                raise TrainingError("The training was stopped.")
            self._process = subprocess.Popen(  # noqa: S603 — our own interpreter and arguments
                command,
                cwd=work,
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )

    def lines(self) -> Iterator[str]:
        """Yield what it prints, until it ends."""
        assert self._process is not None  # noqa: S101 — started before
        assert self._process.stdout is not None  # noqa: S101 — asked for above
        with self._process.stdout as printed:
            yield from printed

    def wait(self) -> int:
        """Return its code once it has ended; raise `TrainingError` if somebody ended it."""
        assert self._process is not None  # noqa: S101 — started before
        code = self._process.wait()
        if self._ended:
            raise TrainingError("The training was stopped.")
        return code

    def end(self) -> None:
        """End it and all that it started."""
        with self._lock:
            self._ended = True
            # Before it has been waited for, its number cannot belong to another process.
            if self._process is not None and self._process.returncode is None:
                try:
                    os.killpg(self._process.pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):  # it has just ended
                    return


_children: set[_Child] = set()


@contextmanager
def ending_trainings() -> Iterator[None]:
    """End, together with this block, the trainings that threads of this process still run.

    A thread cannot be cancelled: without this, a program that is told to stop would wait for Rasa
    or leave it behind.
    """
    try:
        yield
    finally:
        for child in tuple(_children):
            child.end()


def _run_rasa(
    environment: Environment, work: Path, log: Path, progress: Callable[[str], None]
) -> None:
    command = environment.command(
        "-m", "rasa", "train", "nlu", "--nlu", "nlu.yml",
        "--config", str(environment.service / "config.yml"),
        "--out", ".", "--fixed-model-name", "model",
    )  # fmt: skip
    child = _Child()
    _children.add(child)
    try:
        child.start(command, work, environment.variables(work))
        with log.open("w", encoding="utf-8") as kept:
            for line in child.lines():
                kept.write(line)
                if said := _told(line):
                    progress(said)
        code = child.wait()
    except BaseException:
        child.end()
        raise
    finally:
        _children.discard(child)
    if code:
        raise _failure(log, f"ended with code {code}")


def _told(line: str) -> str:
    """Return what a line of Rasa's log tells a person who waits, or ''."""
    _, mark, said = line.partition("components.faq_intent_classifier")
    if mark:
        return said.strip(" -:\x1b[0m\n")
    return ""


def _failure(log: Path, what: str) -> TrainingError:
    with log.open(encoding="utf-8", errors="replace") as lines:
        tail = deque((line.rstrip() for line in lines if not _NOISE.search(line)), _TAIL_LINES)
    return TrainingError(
        f"Training the NLU model {what}. The whole log is {log}; it ends:\n"
        + "\n".join(f"    {line}" for line in tail)
        + "\nIf a package is missing, run `make setup`; if an example is named, correct it."
    )


def _forget_old(models: Path) -> None:
    """Remove models and their cards, but the newest and those that serve or may be gone back to."""
    newest = sorted(models.glob("*.tar.gz"), key=lambda file: file.stat().st_mtime, reverse=True)
    kept = ModelStore(models).kept()
    for old in newest[KEPT_MODELS:]:
        if old.name.removesuffix(".tar.gz") not in kept:
            old.unlink(missing_ok=True)
            card_path(old).unlink(missing_ok=True)
    for left in models.glob("training-*"):
        if left.is_dir() and left.stat().st_mtime < newest[0].stat().st_mtime - 86400:
            shutil.rmtree(left, ignore_errors=True)
