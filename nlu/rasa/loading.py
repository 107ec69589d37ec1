"""Load a model into Rasa's graph without TensorFlow, which none of our components uses.

Rasa imports TensorFlow in two places on the way, neither of which has a part in answering: the
module where components register, because it also names Rasa's own, and the schema of the training.
Without them the process starts in a third of the time and holds half of the memory.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
import types
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

_RECIPE = "rasa.engine.recipes.default_recipe"
_ONLY_FOR_TRAINING = "rasa.utils.train_utils"

Rank = Callable[["list[str]"], "Sequence[Sequence[tuple[str, float]]]"]


class CannotLoad(Exception):
    """The model cannot be loaded; the message says why and what to do, without a full stop."""


def load(model: Path) -> Rank:
    """Return what ranks the intents of texts; raise `CannotLoad`."""
    if not model.is_file():
        raise CannotLoad(f"the model {model.name} is not there: train it with `orienta train`")
    leave_tensorflow_out()
    from rasa.core.channels.channel import UserMessage
    from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER

    try:
        metadata, runner = _runner(model)
    except Exception as error:  # whatever a damaged or foreign file makes Rasa raise
        raise CannotLoad(_reason(model, error)) from error
    target = metadata.nlu_target

    def rank(texts: list[str]) -> list[list[tuple[str, float]]]:
        inputs = {
            PLACEHOLDER_MESSAGE: [UserMessage(text) for text in texts],
            PLACEHOLDER_TRACKER: None,
        }
        messages = runner.run(inputs=inputs, targets=[target])[target]
        return [
            [(entry["name"], entry["confidence"]) for entry in message.get("intent_ranking") or ()]
            for message in messages
        ]

    return rank


def _runner(model: Path) -> tuple[Any, Any]:
    from rasa.engine.loader import load_predict_graph_runner
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage
    from rasa.engine.storage.storage import ModelMetadata

    class WithoutTraining(LocalModelStorage):
        @staticmethod
        def _load_metadata(directory: Path) -> ModelMetadata:
            known = json.loads((directory / "metadata.json").read_text(encoding="utf-8"))
            return ModelMetadata.from_dict({**known, "train_schema": {"nodes": {}}})

    with tempfile.TemporaryDirectory(prefix="orienta-model-") as folder:
        return load_predict_graph_runner(Path(folder), model, WithoutTraining, DaskGraphRunner)


def _reason(model: Path, error: BaseException) -> str:
    deepest = error
    while deepest.__cause__ is not None:
        deepest = deepest.__cause__
    kind = type(deepest).__name__
    if kind in ("ReadError", "EOFError", "BadGzipFile", "error", "BadZipFile", "FileNotFoundError"):
        why = "is damaged or was only half written"
    elif kind == "UnsupportedModelVersionError" or "another version" in str(deepest):
        why = "was trained by another version"
    else:
        why = f"cannot be loaded ({kind})"
    return f"the model {model.name} {why}: train it again with `orienta train`"


def leave_tensorflow_out() -> None:
    """Replace registration by nothing, and load training's tools only if somebody uses them."""
    if _RECIPE in sys.modules:
        return
    recipe = types.ModuleType(_RECIPE)
    recipe.DefaultV1Recipe = _Recipe  # type: ignore[attr-defined]
    sys.modules[_RECIPE] = recipe
    sys.meta_path.insert(0, _Lazily())


class _Kinds:
    def __getattr__(self, name: str) -> str:
        return name


class _Recipe:
    ComponentType = _Kinds()

    @staticmethod
    def register(*kinds: Any, **options: Any) -> Callable[[type], type]:
        """Return the class as it is."""
        return lambda component: component


class _Lazily:
    """Finds one module, whose code runs when an attribute of it is first used."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != _ONLY_FOR_TRAINING:
            return None
        sys.meta_path.remove(self)  # type: ignore[arg-type]
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec
