"""Read public intent sets, in CLINC150's and HINT3's formats, from files that somebody gives."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

OUTSIDE = ""
"""The label, here, of a text that belongs to no intent."""

_CLINC_OUTSIDE = "oos"
_HINT3_OUTSIDE = "NO_NODES_DETECTED"
_CLINC_PARTS = ("train", "val", "test", "oos_train", "oos_val", "oos_test")
_HINT3_COLUMNS = ["sentence", "label"]

Labelled: TypeAlias = tuple[tuple[str, str], ...]
"""Texts with their intents."""


class BadSet(Exception):
    """A set cannot be read. The message names the file, the place in it, and the remedy."""


@dataclass(frozen=True, slots=True)
class PublicSet:
    """One set. `outside` are training texts of no intent; HINT3 has neither these nor `validation`.

    `validation` and `test` hold texts of no intent too, labelled `OUTSIDE`.
    """

    name: str
    train: Labelled
    outside: Labelled
    validation: Labelled
    test: Labelled


def read_clinc(path: Path) -> PublicSet:
    """Read a file such as `data_full.json` of clinc/oos-eval; raise `BadSet`."""
    try:
        data = json.loads(_text(path))
    except (ValueError, RecursionError) as error:
        where = f", line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise BadSet(f"{path}{where}: this is not JSON; give CLINC150's data_full.json.") from None
    if not isinstance(data, Mapping):
        raise BadSet(f"{path}, line 1: it must be an object with {', '.join(_CLINC_PARTS)}.")
    parts = {name: _clinc_part(path, data, name) for name in _CLINC_PARTS}
    outside = {name: parts[f"oos_{name}"] for name in ("train", "val", "test")}
    if not parts["train"] or not parts["test"] or not parts["val"]:
        raise BadSet(f'{path}: "train", "val" and "test" must hold texts.')
    return PublicSet(
        f"CLINC150 ({path.stem})",
        parts["train"],
        outside["train"],
        parts["val"] + outside["val"],
        parts["test"] + outside["test"],
    )


def _clinc_part(path: Path, data: Mapping[str, Any], name: str) -> Labelled:
    rows = data.get(name)
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise BadSet(f'{path}: "{name}" is missing or no list; give CLINC150\'s data_full.json.')
    read = []
    for number, row in enumerate(rows, 1):
        match row:
            case [str(text), str(intent)] if text.strip() and intent.strip():
                read.append((text, OUTSIDE if intent == _CLINC_OUTSIDE else intent))
            case _:
                raise BadSet(f'{path}, entry {number} of "{name}": it must be [text, intent].')
        if (read[-1][1] == OUTSIDE) is not name.startswith("oos_"):
            raise BadSet(
                f'{path}, entry {number} of "{name}": the intent "{_CLINC_OUTSIDE}" belongs into '
                "the oos_ lists, and every other intent into the others."
            )
    return tuple(read)


def read_hint3(folder: Path) -> tuple[PublicSet, ...]:
    """Read every `train/NAME_train.csv` with its `test/NAME_test.csv`; raise `BadSet`.

    A `NAME_subset_train.csv` is tested on the same file as `NAME_train.csv`.
    """
    found = sorted((folder / "train").glob("*_train.csv"))
    if not found:
        raise BadSet(
            f"{folder} holds no train/NAME_train.csv: give a folder such as dataset/v1 of HINT3."
        )
    sets = []
    for path in found:
        name = path.name.removesuffix("_train.csv")
        test = folder / "test" / f"{name.removesuffix('_subset')}_test.csv"
        rows = _rows(path)
        train = tuple(row for row in rows if row[1] != OUTSIDE)
        outside = tuple(row for row in rows if row[1] == OUTSIDE)
        if len({intent for _, intent in train}) < 2:
            raise BadSet(f"{path} holds fewer than two intents: there is nothing to tell apart.")
        sets.append(PublicSet(f"HINT3 {name}", train, outside, (), _rows(test)))
    return tuple(sets)


def _rows(path: Path) -> Labelled:
    reader = csv.reader(_text(path).splitlines(keepends=True))
    rows: list[tuple[str, str]] = []
    try:
        if (head := next(reader, [])) != _HINT3_COLUMNS:
            raise BadSet(f"{path}, line 1: the columns must be sentence,label, not {_short(head)}.")
        for row in reader:
            match row:
                case []:
                    continue
                case [text, label] if text.strip() and label.strip():
                    rows.append((text, OUTSIDE if label == _HINT3_OUTSIDE else label))
                case _:
                    raise BadSet(
                        f"{path}, line {reader.line_num}: a row needs a sentence and a label, "
                        "both filled, in quotes where they hold a comma."
                    )
    except csv.Error as error:
        raise BadSet(f"{path}, line {reader.line_num}: this is not CSV ({error}).") from None
    if not rows:
        raise BadSet(f"{path} holds no sentences.")
    return tuple(rows)


def _short(head: list[str]) -> str:
    return ",".join(head)[:60] or "nothing"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadSet(f"{path} cannot be read ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise BadSet(f"{path} is not UTF-8: save it as UTF-8.") from None
