"""What texts mean to the sentence encoder, and through the bridge in languages it does not know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .bridge import Bridge
from .encoder import Encoder
from .vectors import unit

_OWN_READING = 0.5
"""How much the encoder's own reading of a foreign text counts beside the bridge's: loan words."""
_AXES = 256


@dataclass(frozen=True)
class Meaning:
    """What some texts mean.

    `dense` (texts, 1 or 2 times the encoder's dimensions) are features for a classifier; `place`
    (texts, axes), of length one, is what likeness is measured in; `foreign` (texts, bridged
    languages) says how likely each text is in one of them.
    """

    dense: np.ndarray
    place: np.ndarray
    foreign: np.ndarray


class Senses:
    """An encoder, a bridge if one is needed, and the axes along which the examples differ most."""

    def __init__(
        self, encoder: Encoder, bridge: Bridge | None, weight: float, axes: np.ndarray | None = None
    ) -> None:
        """`weight` is the length of a dense feature beside the tf-idf views, of length one each."""
        self.encoder = encoder
        self.bridge = bridge
        self.weight = weight
        self.axes = axes

    @property
    def languages(self) -> tuple[str, ...]:
        """The bridged languages."""
        return self.bridge.languages if self.bridge else ()

    def fit(self, texts: Sequence[str]) -> Meaning:
        """Learn the axes from the examples and return what they mean."""
        dense, place, foreign = self._read(texts)
        _, directions = np.linalg.eigh(place.T @ place)  # ascending
        self.axes = np.ascontiguousarray(directions[:, ::-1][:, :_AXES], dtype=np.float32)
        return Meaning(dense, unit(place @ self.axes), foreign)

    def read(self, texts: Sequence[str]) -> Meaning:
        """Return what texts mean."""
        dense, place, foreign = self._read(texts)
        return Meaning(dense, unit(place @ self.axes), foreign)

    def _read(self, texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        own = self.encoder.encode([text.lower() for text in texts])
        own = np.asarray(own, dtype=np.float32)
        if self.bridge is None:
            return own * self.weight, own, np.zeros((len(texts), 0), dtype=np.float32)
        foreign = self.bridge.foreignness(texts)
        bridged = self.bridge.meanings(texts, foreign)
        own_part = 1 - (1 - _OWN_READING) * foreign.sum(axis=1, keepdims=True)
        return np.hstack([own, bridged]) * self.weight, unit(bridged + own * own_part), foreign
