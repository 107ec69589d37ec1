"""What travels with a trained model: `<model>.json` beside `<model>.tar.gz`."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class BadCard(Exception):
    """A card cannot be read. The message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """Where a model came from, from when on it is sure, and how well it did.

    `content_hash` is the model's name; `trained_on` the number of examples. `thresholds` and
    `evaluation` are JSON objects, each written and read by whoever knows what they mean.
    `digest` is the SHA-256 of the archive; `refused` says why the model may not serve, or is "".
    """

    content_hash: str
    trained_on: int = 0
    thresholds: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    evaluation: Mapping[str, Any] = field(default_factory=lambda: _NOTHING)
    digest: str = ""
    refused: str = ""


def card_path(model: Path) -> Path:
    """Return where the card of a model's archive lies, or will."""
    return model.with_name(model.name.removesuffix(".tar.gz") + ".json")


def read_card(model: Path) -> ModelCard | None:
    """Return the card of a model, None when it has none; raise `BadCard` when it is broken."""
    path = card_path(model)
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError):
        known = None
    match known:
        case {"content_hash": str(name)}:
            return ModelCard(
                name,
                _of(known, "trained_on", int, 0),
                _of(known, "thresholds", dict, {}),
                _of(known, "evaluation", dict, {}),
                _of(known, "digest", str, ""),
                _of(known, "refused", str, ""),
            )
        case _:
            raise BadCard(
                f"{path} is no card of a model: remove it together with {model.name}, and run "
                "`orienta train`."
            )


def _of(known: Mapping[str, Any], name: str, kind: type, default: Any) -> Any:
    value = known.get(name)
    return value if isinstance(value, kind) and not isinstance(value, bool) else default


def write_card(model: Path, card: ModelCard) -> None:
    """Write a model's card, whole or not at all."""
    path = card_path(model)
    known = {
        "content_hash": card.content_hash,
        "trained_on": card.trained_on,
        "thresholds": dict(card.thresholds),
        "evaluation": dict(card.evaluation),
        "digest": card.digest,
        "refused": card.refused,
    }
    write_whole(path, json.dumps(known, ensure_ascii=False, indent=1) + "\n")


def add_to_card(model: Path, **changes: Any) -> ModelCard:
    """Change some fields of a model's card, which is made when there is none; return the card."""
    card = read_card(model) or ModelCard(model.name.removesuffix(".tar.gz"))
    changed = replace(card, **changes)
    write_card(model, changed)
    return changed


def write_whole(path: Path, text: str) -> None:
    """Replace a small file so that a reader, or a crash, meets the old text or the new one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
