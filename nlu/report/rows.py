"""Read the JSON-lines files of hand-written phrases that parts of the reading are measured on."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

SPLITS = ("development", "held_out")

_Row = TypeVar("_Row")


class BadFile(Exception):
    """A file of phrases cannot be read. The message names the line and the remedy."""


@dataclass(frozen=True, slots=True)
class DangerPhrase:
    """What somebody writes. `kind` is the danger it tells of, or None; `split` one of `SPLITS`."""

    text: str
    language: str
    kind: str | None
    split: str


@dataclass(frozen=True, slots=True)
class ShortMessage:
    """A message of a few words, with every language that is right for it.

    `prior` is the conversation's language, if there was one; `mixed` the pair that is mixed, such
    as 'es-en', or ''.
    """

    text: str
    languages: tuple[str, ...]
    prior: str | None
    mixed: str
    split: str


def read_dangers(folder: Path) -> tuple[DangerPhrase, ...]:
    """Read `<language>.jsonl` of a folder; raise `BadFile`."""
    found = sorted(folder.glob("*.jsonl"))
    if not found:
        raise BadFile(f"{folder} holds no <language>.jsonl: give a folder such as tests/emergency.")
    return tuple(
        phrase for path in found for phrase in _read(path, partial(_danger, language=path.stem))
    )


def _danger(data: Any, language: str) -> DangerPhrase:
    match data:
        case {"text": str(text), "kind": str() | None as kind, "split": str(split)} if (
            text.strip() and split in SPLITS
        ):
            return DangerPhrase(text, language, kind, split)
        case _:
            raise ValueError(f'it needs "text", "kind" (or null) and "split" ({_either()}).')


def read_short_messages(path: Path) -> tuple[ShortMessage, ...]:
    """Read a file of short messages; raise `BadFile`."""
    return tuple(_read(path, _short))


def _short(data: Any) -> ShortMessage:
    match data:
        case {"text": str(text), "lang": [str(), *_] as languages, "split": str(split)} if (
            text.strip() and split in SPLITS and all(isinstance(one, str) for one in languages)
        ):
            prior, mixed = data.get("prior"), data.get("mixed", "")
            if (prior is None or isinstance(prior, str)) and isinstance(mixed, str):
                return ShortMessage(text, tuple(languages), prior, mixed, split)
    raise ValueError(f'it needs "text", "lang" (a list of languages) and "split" ({_either()}).')


def _either() -> str:
    return " or ".join(SPLITS)


def _read(path: Path, row: Callable[[Any], _Row]) -> Iterator[_Row]:
    try:
        lines: Sequence[str] = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(f"{path} cannot be read: {error}.") from None
    if not any(map(str.strip, lines)):
        raise BadFile(f"{path} holds no phrases.")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield row(json.loads(line))
        except json.JSONDecodeError as error:
            raise BadFile(f"{path}, line {number}: this is not JSON ({error.msg}).") from None
        except ValueError as error:
            raise BadFile(f"{path}, line {number}: {error}") from None
