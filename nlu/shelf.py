"""Keep what was learnt in files, so that the next start need not learn it again.

A file is a plain npz of numbers and holds the key under which it was learnt: whatever the learning
depends on is part of the key. What is missing, broken or of another key is learnt anew.
"""

import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, TypeAlias, TypeVar
from zipfile import BadZipFile, ZipFile

import numpy as np
import structlog
from numpy.typing import NDArray

log = structlog.get_logger()

Arrays: TypeAlias = Mapping[str, NDArray[Any]]

_KEY = "key"
_BROKEN = (BadZipFile, EOFError, LookupError, RuntimeError, TypeError, ValueError, zlib.error)


class Kept(Protocol):
    """Something learnt that can be written down as arrays."""

    def pack(self) -> Arrays:
        """Return all that was learnt."""


_Learnt = TypeVar("_Learnt", bound=Kept)


class Shelf:
    """A folder of things learnt, all under one key; without a folder nothing is kept."""

    def __init__(self, folder: Path | None = None, key: str = "") -> None:
        """Keep both; the folder is made when something is put there."""
        self._folder = folder
        self._key = key

    def take(
        self, name: str, unpack: Callable[[Arrays], _Learnt], learn: Callable[[], _Learnt]
    ) -> _Learnt:
        """Return what is kept under a name, or learn it now and keep it."""
        if self._folder is None:
            return learn()
        path = self._folder / f"{name}.npz"
        try:
            return unpack(self._read(path))
        except FileNotFoundError:
            pass
        except (OSError, *_BROKEN) as error:
            log.info("learning_anew", what=name, why=type(error).__name__)
        learnt = learn()
        self._put(path, learnt.pack())
        return learnt

    def _read(self, path: Path) -> Arrays:
        with ZipFile(path) as archive:
            if archive.testzip() is not None:
                raise BadZipFile
        with np.load(path, allow_pickle=False) as kept:
            if unpacked_texts(kept[_KEY]) != [self._key]:
                raise KeyError(_KEY)
            return {name: kept[name] for name in kept.files if name != _KEY}

    def _put(self, path: Path, arrays: Arrays) -> None:
        """Replace the file whole. A full disk costs the next start some seconds, no more."""
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with beside.open("wb") as file:
                np.savez(file, **{_KEY: packed_texts([self._key])}, **arrays)  # type: ignore[arg-type]
            beside.replace(path)
        except OSError as error:
            log.warning("learnt_not_kept", what=path.stem, why=error.strerror)
            with suppress(OSError):
                beside.unlink()


def packed_texts(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Return texts without line breaks as bytes."""
    return np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)


def unpacked_texts(packed: NDArray[np.uint8]) -> list[str]:
    """Return the texts again; [] where there were none."""
    return packed.tobytes().decode().split("\n") if packed.size else []
