"""The shell that makes `FaqModel` a graph component of Rasa 3.6."""

from __future__ import annotations

import hashlib
import json
import logging
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import nlu.normalise

from . import (
    calibration,
    encoder,
    faq_model,
    faq_training,
    features,
    neighbours,
    repair,
    senses,
    terms,
    vectors,
)
from .faq_model import FaqModel, Options

logger = logging.getLogger(__name__)

_KEPT = 10
_AT_ONCE = 32

_HELPERS = (
    calibration, encoder, faq_model, faq_training, features, neighbours, repair, senses,
    terms, vectors, nlu.normalise,
)  # fmt: skip


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FaqIntentClassifier(GraphComponent, IntentClassifier):
    """Ranks every intent for a message, with a calibrated confidence for the best."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the options that config.yml may change."""
        return {
            "encoders": ["use"],
            "encoder_weight": 1.0,
            "neighbours": 1.0,
            "C": 1.0,
            "repair": True,
            "folds": 3,
            "unknown": "out_of_scope",
            "background": [],
            "questions": "questions.json",
            "rankings": "rankings.json",
        }

    @staticmethod
    def required_packages() -> list[str]:
        """Name the packages whose versions are part of Rasa's cache key."""
        return ["sklearn", "numpy"]

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Return a hash of our helper modules and of the encoders, which Rasa does not look at."""
        digest = hashlib.sha256()
        for module in _HELPERS:
            digest.update(Path(str(module.__file__)).read_bytes())
        for name in config.get("encoders", ()):
            digest.update(f"{name}={encoder.encoder_version(name)}".encode())
        digest.update(json.dumps(_given(config, "questions")).encode())
        return digest.hexdigest()

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: FaqModel | None = None,
    ) -> None:
        """Keep the options and, once there is one, the trained model."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> FaqIntentClassifier:
        """Return an untrained component."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> FaqIntentClassifier:
        """Return the component with the model that `train` stored."""
        with model_storage.read_from(resource) as folder:
            model = FaqModel.load(folder, lambda: _encoder(config))
        return cls(config, model_storage, resource, model)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the examples and store the model."""
        examples = [
            (message.get(TEXT), message.get(INTENT))
            for message in training_data.intent_examples
            if message.get(TEXT) and message.get(INTENT)
        ]
        options = Options(
            C=float(self._config["C"]),
            encoder_weight=float(self._config["encoder_weight"]),
            neighbours=float(self._config["neighbours"]),
            repair=bool(self._config["repair"]),
            folds=int(self._config["folds"]),
            unknown=str(self._config["unknown"]),
            background=tuple(self._config["background"]),
        )
        self._model = faq_training.train(
            [text for text, _ in examples],
            [intent for _, intent in examples],
            options,
            _encoder(self._config),
            progress=logger.info,
        )
        self._answer_questions()
        with self._model_storage.write_to(self._resource) as folder:
            self._model.save(folder)
        return self._resource

    def _answer_questions(self) -> None:
        """Rank the questions that lie beside the examples, for whoever chooses the thresholds."""
        questions = _given(self._config, "questions")
        if self._model is None or not questions:
            return
        rankings = [
            ranked[:_KEPT]
            for start in range(0, len(questions), _AT_ONCE)
            for ranked in self._model.rank_all(questions[start : start + _AT_ONCE])
        ]
        Path(self._config["rankings"]).write_text(json.dumps(rankings), encoding="utf-8")

    def process(self, messages: list[Message]) -> list[Message]:
        """Set `intent` and the full `intent_ranking` of each message, whatever its text."""
        if self._model is None:
            raise RuntimeError("the intent classifier was asked before it was trained")
        texts = [str(message.get(TEXT) or "") for message in messages]
        for message, ranked in zip(messages, self._model.rank_all(texts), strict=True):
            ranking = [{"name": name, "confidence": confidence} for name, confidence in ranked]
            message.set("intent", ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages


def _encoder(config: dict[str, Any]) -> encoder.Encoder | None:
    """Return the first usable encoder among those that config.yml names."""
    loaded = (encoder.load_encoder(name) for name in config["encoders"])
    return next((one for one in loaded if one is not None), None)


def _given(config: dict[str, Any], name: str) -> list[Any]:
    """Return what a file of the working folder holds; nothing when it is not there."""
    path = Path(config.get(name) or f"{name}.json")
    return list(json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else []
