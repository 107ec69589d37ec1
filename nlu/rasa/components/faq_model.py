"""Rank the intents of a text: linear SVM over text and sentence features, calibrated. No Rasa."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from nlu.normalise import excerpt, passages, tidy, words

from .calibration import Calibration
from .encoder import Encoder
from .features import Features, encode
from .neighbours import nearness
from .repair import Repair

_LONGEST = 2000
_PASSAGE_WORDS = 24
_MOST_PASSAGES = 12
_FORMAT = 1


@dataclass(frozen=True)
class Options:
    """What config.yml says. `background` names intents of small talk."""

    C: float = 1.0
    encoder_weight: float = 1.0
    neighbours: float = 2.0
    repair: bool = True
    folds: int = 3
    unknown: str = "out_of_scope"
    background: tuple[str, ...] = ()


@dataclass
class FaqModel:
    """A trained ranking of intents.

    `coefficients` has shape (features, intents). `base` holds what likeness is measured against:
    the encoder's vectors of the examples, or their features (sparse) if trained without one;
    `owners` the column of each example's intent, ascending.
    """

    options: Options
    labels: list[str]
    features: Features
    coefficients: np.ndarray
    intercepts: np.ndarray
    calibration: Calibration
    repair: Repair
    base: Any
    owners: np.ndarray
    encoder: Encoder | None
    _background: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Mark the columns of the background intents."""
        self._background = np.array([label in self.options.background for label in self.labels])

    def rank(self, text: str) -> list[tuple[str, float]]:
        """Return every intent with its confidence, best first, for any text whatever."""
        clean = tidy(excerpt(text, _LONGEST))
        if not words(clean):
            return self._nothing_said()
        decisions, likeness = self._weigh(clean)
        repaired = self.repair(clean) if self.options.repair else None
        if repaired is not None:
            again, likeness_again = self._weigh(repaired)
            decisions, likeness = (decisions + again) / 2, max(likeness, likeness_again)
        row = decisions[None, :]
        shares = self.calibration.probabilities(row)[0]
        top = float(self.calibration.confidence(row, np.array([likeness]))[0])
        best = shares.max()
        order = np.argsort(-shares, kind="stable")
        return [(self.labels[i], min(top, top * float(shares[i] / best))) for i in order]

    def _nothing_said(self) -> list[tuple[str, float]]:
        """Rank a text without a single word: nothing is known, `unknown` stands first."""
        first = self.options.unknown if self.options.unknown in self.labels else self.labels[0]
        return [(first, 0.0), *((label, 0.0) for label in self.labels if label != first)]

    def _weigh(self, text: str) -> tuple[np.ndarray, float]:
        """Return the decisions (intents,) and the likeness to the nearest example.

        A long story is also read passage by passage, and half the weight lies there. A background
        intent counts as little as in the passage that speaks least for it.
        """
        pieces = [text.replace("\n", " ")]
        if len(text.split()) > _PASSAGE_WORDS * 5 // 4:
            parts = list(passages(text, _PASSAGE_WORDS))
            pieces += parts[:2] + parts[2:][-(_MOST_PASSAGES - 2) :]
        encoded = encode(self.encoder, pieces)
        rows = self.features.transform(pieces, encoded)
        decisions = rows @ self.coefficients + self.intercepts
        near = self._near(rows, encoded)
        if near is None:  # trained with an encoder that is missing now: nothing is sure
            unlike = self.calibration.likeness_mean - 2 * self.calibration.likeness_deviation
            likeness = np.full(len(pieces), unlike)
        else:
            decisions = decisions + self.options.neighbours * near[0]
            likeness = near[1]
        if len(pieces) == 1:
            return decisions[0], float(likeness[0])
        parts_say = (decisions[1:].mean(axis=0) + decisions[1:].max(axis=0)) / 2
        together = (decisions[0] + parts_say) / 2
        together[self._background] = decisions[:, self._background].min(axis=0)
        return together, float(likeness.max())

    def _near(self, rows: Any, encoded: np.ndarray | None) -> tuple[np.ndarray, np.ndarray] | None:
        if encoded is not None:
            return nearness(encoded, self.base, self.owners, len(self.labels))
        if sparse.issparse(self.base):
            return nearness(normalize(rows), self.base, self.owners, len(self.labels))
        return None

    def save(self, folder: Path) -> None:
        """Write `model.json` and `model.npz` into a folder."""
        known = {
            "format": _FORMAT,
            "options": asdict(self.options),
            "labels": self.labels,
            "calibration": self.calibration.as_json(),
            "vocabularies": self.features.vocabularies(),
            "repair": self.repair.counts,
            "base": list(self.base.shape),
        }
        (folder / "model.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(
            folder / "model.npz",
            coefficients=self.coefficients.astype(np.float16),
            intercepts=self.intercepts,
            owners=self.owners,
            **_base_arrays(self.base),
            **self.features.rarities(),
        )

    @classmethod
    def load(cls, folder: Path, load_encoder: Callable[[], Encoder | None]) -> FaqModel:
        """Read a model back; raise `ValueError` if another version of the program wrote it."""
        known = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        if known["format"] != _FORMAT:
            raise ValueError("the model was trained by another version: train again")
        with np.load(folder / "model.npz", allow_pickle=False) as arrays:
            stored = {name: arrays[name] for name in arrays.files}
        base = _base_from(stored, tuple(known["base"]))
        encoder = None if sparse.issparse(base) else load_encoder()
        background = tuple(known["options"].pop("background"))
        options = Options(**known["options"], background=background)
        features = Features.restore(options.encoder_weight, known["vocabularies"], stored)
        # float16 is for the file only: products with it are slow
        coefficients = stored["coefficients"].astype(np.float32)
        if encoder is None:
            coefficients = coefficients[: features.text_columns]
        return cls(
            options, known["labels"], features, coefficients, stored["intercepts"],
            Calibration(**known["calibration"]), Repair(known["repair"]), base, stored["owners"],
            encoder,
        )  # fmt: skip


def _base_arrays(base: Any) -> dict[str, np.ndarray]:
    if sparse.issparse(base):
        return {
            "base_data": base.data.astype(np.float16),
            "base_indices": base.indices,
            "base_indptr": base.indptr,
        }
    return {"base": base.astype(np.float16)}


def _base_from(stored: Mapping[str, np.ndarray], shape: tuple[int, ...]) -> Any:
    if "base" in stored:
        return stored["base"].astype(np.float32)
    data = stored["base_data"].astype(np.float32)
    return sparse.csr_matrix((data, stored["base_indices"], stored["base_indptr"]), shape=shape)
