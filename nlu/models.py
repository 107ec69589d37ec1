"""The trained models on disk, and which of them serves."""

import gzip
import hashlib
import json
import tarfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from nlu.model_card import BadCard, add_to_card, read_card, write_whole

_CURRENT = "current"
_REMEMBERED = 2  # how many models before the current one can be gone back to
_CHUNK = 1 << 20


class BadModel(Exception):
    """A model cannot serve. The message says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class _Standing:
    """The name of the model that serves, and those before it, the latest first."""

    model: str
    before: tuple[str, ...]


class ModelStore:
    """A folder of `<name>.tar.gz` with `<name>.json`, and a file `current` that names one.

    `current` is replaced whole, so that a process which looks at it every few seconds finds a
    promoted model without being told.
    """

    def __init__(self, folder: Path) -> None:
        """Look at a folder, which need not exist yet."""
        self.folder = folder

    def archive(self, name: str) -> Path:
        """Return where the model of this name lies, or would."""
        return self.folder / f"{name}.tar.gz"

    def current(self) -> Path | None:
        """Return the model that shall serve, or None before the first promotion."""
        standing = self._standing()
        return self.archive(standing.model) if standing else None

    def kept(self) -> frozenset[str]:
        """Return the names of the models that may be needed: the current one and those before."""
        standing = self._standing()
        return frozenset((standing.model, *standing.before)) if standing else frozenset()

    def promote(self, model: Path) -> None:
        """Let a model serve from now on; raise `BadModel` when its file is not whole."""
        verify(model)
        name = _name(model)
        standing = self._standing()
        if standing is None:
            before: tuple[str, ...] = ()
        else:
            before = tuple(n for n in (standing.model, *standing.before) if n != name)
        self._write(_Standing(name, before[:_REMEMBERED]))

    def roll_back(self, why: str) -> Path:
        """Go back to the model before and return it; raise `BadModel` when there is none.

        The card of the model that is taken back keeps `why`, so that it is not promoted again.
        """
        standing = self._standing()
        for place, name in enumerate(standing.before if standing else ()):
            model = self.archive(name)
            if not model.is_file():
                continue
            verify(model)
            assert standing is not None  # noqa: S101 - it has a model before
            if self.archive(standing.model).is_file():
                add_to_card(self.archive(standing.model), refused=why)
            self._write(_Standing(name, standing.before[place + 1 :]))
            return model
        raise BadModel(
            f"There is no model to go back to in {self.folder}: train another with `orienta train`."
        )

    def _standing(self) -> _Standing | None:
        try:
            known = json.loads((self.folder / _CURRENT).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        match known:
            case {"model": str(model), "before": list(before)} if _is_name(model):
                return _Standing(model, tuple(n for n in map(str, before) if _is_name(n)))
            case _:
                return None

    def _write(self, standing: _Standing) -> None:
        known = {"model": standing.model, "before": list(standing.before)}
        write_whole(self.folder / _CURRENT, json.dumps(known) + "\n")


def _name(model: Path) -> str:
    return model.name.removesuffix(".tar.gz")


def _is_name(name: str) -> bool:
    return bool(name) and "/" not in name and not name.startswith(".")


def verify(model: Path) -> None:
    """Raise `BadModel` unless the archive is whole and, if its card has a digest, unchanged."""
    again = "Run `orienta train`."
    try:
        card = read_card(model)
    except BadCard as bad:
        raise BadModel(str(bad)) from bad
    try:
        with gzip.open(model) as plain:
            with tarfile.open(fileobj=plain, mode="r|") as archive:
                names = set(archive.getnames())
            while plain.read(_CHUNK):  # to the very end, where the checksum stands
                pass
    except FileNotFoundError:
        raise BadModel(f"The model {model.name} is not in {model.parent}. {again}") from None
    except (OSError, EOFError, tarfile.TarError, zlib.error):
        raise BadModel(
            f"The model {model.name} is damaged or was only half written: remove it. {again}"
        ) from None
    if not names & {"metadata.json", "./metadata.json"}:
        raise BadModel(f"{model.name} is no model of Rasa's: remove it. {again}")
    if card and card.digest and card.digest != digest(model):
        raise BadModel(
            f"The model {model.name} is not the file that was trained (its SHA-256 differs from "
            f"its card's): remove both. {again}"
        )


def digest(model: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    found = hashlib.sha256()
    with model.open("rb") as file:
        while chunk := file.read(_CHUNK):
            found.update(chunk)
    return found.hexdigest()
