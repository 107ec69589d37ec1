"""Train our model on labelled texts from standard input and answer others; no Rasa.

Standard input: `{"train": [[text, intent], ...], "ask": [text, ...]}`, the intent null for a text
that lies outside. Standard output: a JSON list with `[intent, confidence]` per asked text, alike.
Progress goes to standard error.
"""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from components import faq_training
from components.encoder import load_encoder
from components.faq_model import Options
from ruamel.yaml import YAML

_PREFIX = "in "  # a set may well have an intent with the name of ours for what lies outside
_AT_ONCE = 64
_CONFIG = Path(__file__).parent / "config.yml"


def main() -> None:
    """Read the job, do it, write the answers."""
    job = json.load(sys.stdin)
    configured = _configured()
    options = _options(configured)
    loaded = (load_encoder(name) for name in configured.get("encoders", ()))
    model = faq_training.train(
        [text for text, _ in job["train"]],
        [options.unknown if intent is None else f"{_PREFIX}{intent}" for _, intent in job["train"]],
        options,
        next((encoder for encoder in loaded if encoder is not None), None),
        progress=_tell,
    )
    _tell(f"answering {len(job['ask'])} texts")
    answers: list[tuple[str | None, float]] = []
    for start in range(0, len(job["ask"]), _AT_ONCE):
        for ranking in model.rank_all(job["ask"][start : start + _AT_ONCE]):
            intent, confidence = ranking[0]
            known = intent.removeprefix(_PREFIX)
            answers.append((None if intent == options.unknown else known, confidence))
    json.dump(answers, sys.stdout)


def _configured() -> dict[str, Any]:
    """Return what config.yml sets for the classifier."""
    steps = YAML(typ="safe").load(_CONFIG.read_text(encoding="utf-8"))["pipeline"]
    return next(dict(step) for step in steps if "FaqIntentClassifier" in step["name"])


def _options(configured: dict[str, Any]) -> Options:
    """Return the options of the product; the sets bring their own intents, none of small talk."""
    known = {field.name for field in fields(Options)} - {"background"}
    return Options(**{name: value for name, value in configured.items() if name in known})


def _tell(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    main()
