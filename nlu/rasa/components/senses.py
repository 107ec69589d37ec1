"""What texts mean to the sentence encoder."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from .encoder import Encoder
from .vectors import unit

_AXES = 128
"""Of 512: for likeness that is enough, and a question reads a quarter of the memory."""
_AT_ONCE = 256
_THREADS = 2


@dataclass(frozen=True)
class Meaning:
    """What some texts mean.

    `dense` (texts, dimensions) are features for a classifier; `place` (texts, axes), of length one,
    is what likeness is measured in.
    """

    dense: np.ndarray
    place: np.ndarray


class Senses:
    """An encoder, and the axes along which the examples differ most."""

    def __init__(self, encoder: Encoder, weight: float, axes: np.ndarray | None = None) -> None:
        """`weight` is the length of a dense feature beside the tf-idf views, of length one each."""
        self.encoder = encoder
        self.weight = weight
        self.axes = axes

    def fit(self, texts: Sequence[str]) -> Meaning:
        """Learn the axes from the examples and return what they mean."""
        parts = [texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE)]
        with ThreadPoolExecutor(_THREADS) as pool:  # numpy does not hold Python's lock
            own = np.vstack(list(pool.map(self._read, parts)))
        _, directions = np.linalg.eigh(own.T @ own)  # ascending
        self.axes = np.ascontiguousarray(directions[:, ::-1][:, :_AXES], dtype=np.float32)
        return Meaning(own * self.weight, unit(own @ self.axes))

    def read(self, texts: Sequence[str]) -> Meaning:
        """Return what texts mean."""
        own = self._read(texts)
        return Meaning(own * self.weight, unit(own @ self.axes))

    def _read(self, texts: Sequence[str]) -> np.ndarray:
        return np.asarray(self.encoder.encode([text.lower() for text in texts]), dtype=np.float32)
