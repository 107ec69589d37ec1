"""Rank the intents of a text: linear SVM over text and sentence features, calibrated. No Rasa."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlu.normalise import excerpt, passages, tidy, words

from .calibration import Calibration, Trial, calibrate
from .encoder import Encoder
from .features import Features, encode
from .repair import Repair

_LONGEST = 2000
_PASSAGE_WORDS = 24
_MOST_PASSAGES = 12
_FORMAT = 1


@dataclass(frozen=True)
class Options:
    """What config.yml says. `background` names intents that never outweigh a question's passage."""

    C: float = 1.0
    encoder_weight: float = 1.5
    repair: bool = True
    folds: int = 4
    unknown: str = "out_of_scope"
    background: tuple[str, ...] = ()


@dataclass
class FaqModel:
    """A trained ranking of intents.

    `coefficients` has shape (features, intents). `base` holds what likeness is measured against:
    the encoder's vectors of the examples, or their features (sparse) if trained without one.
    """

    options: Options
    labels: list[str]
    features: Features
    coefficients: np.ndarray
    intercepts: np.ndarray
    calibration: Calibration
    repair: Repair
    base: Any
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

        A long story is also read passage by passage: half the weight lies on its best passage.
        """
        pieces = [text.replace("\n", " ")]
        if len(text.split()) > _PASSAGE_WORDS * 5 // 4:
            parts = list(passages(text, _PASSAGE_WORDS))
            pieces += parts[:2] + parts[2:][-(_MOST_PASSAGES - 2) :]
        encoded = encode(self.encoder, pieces)
        rows = self.features.transform(pieces, encoded)
        decisions = rows @ self.coefficients + self.intercepts
        likeness = float(self._likeness(rows, encoded).max())
        if len(pieces) == 1:
            return decisions[0], likeness
        best = np.where(self._background, decisions.mean(axis=0), decisions[1:].max(axis=0))
        return (decisions[0] + best) / 2, likeness

    def _likeness(self, rows: Any, encoded: np.ndarray | None) -> np.ndarray:
        if encoded is not None:
            return nearest(encoded, self.base)
        if sparse.issparse(self.base):
            return nearest(normalize(rows), self.base)
        # trained with an encoder that is missing now: nothing is sure
        return np.full(
            rows.shape[0], self.calibration.likeness_mean - 2 * self.calibration.likeness_deviation
        )

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
            Calibration(**known["calibration"]), Repair(known["repair"]), base, encoder,
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


def train(
    texts: Sequence[str],
    intents: Sequence[str],
    options: Options,
    encoder: Encoder | None,
    progress: Callable[[str], None] = lambda line: None,
) -> FaqModel:
    """Train on examples; raise `ValueError` with fewer than two intents."""
    labels = sorted(set(intents))
    if len(labels) < 2:
        raise ValueError("the examples name fewer than two intents: nothing can be told apart")
    clean = [tidy(text).replace("\n", " ") for text in texts]
    gold = np.array([labels.index(intent) for intent in intents])
    progress(f"reading {len(clean)} examples of {len(labels)} intents")
    encoded = encode(encoder, clean)
    features = Features(options.encoder_weight)
    features.fit(clean)
    rows = features.transform(clean, encoded)
    base = encoded if encoded is not None else normalize(rows)
    progress("calibrating the confidence")
    calibration = calibrate(_trial(rows, base, gold, len(labels), options))
    progress("training the classifier")
    coefficients, intercepts = _fit(rows, gold, len(labels), options)
    return FaqModel(
        options, labels, features, coefficients, intercepts, calibration,
        Repair.learn(clean), base, encoder,
    )  # fmt: skip


def nearest(rows: Any, base: Any) -> np.ndarray:
    """Return, per row, the greatest cosine to any row of the base (all of length one)."""
    likeness = (rows @ base.T).max(axis=1)
    return np.asarray(likeness.todense() if sparse.issparse(likeness) else likeness).ravel()


def _fit(
    rows: Any, gold: np.ndarray, count: int, options: Options
) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients (features, intents) and intercepts; absent intents get a low score."""
    machine = LinearSVC(C=options.C, tol=1e-3, random_state=0, class_weight="balanced")
    machine.fit(rows, gold)
    coefficients = np.zeros((rows.shape[1], count), dtype=np.float32)
    intercepts = np.full(count, -2.0, dtype=np.float32)
    present = machine.classes_
    if len(present) == 2:  # a single hyperplane serves both
        signed, offset = machine.coef_[0], machine.intercept_[0]
        coefficients[:, present] = np.column_stack([-signed, signed])
        intercepts[present] = [-offset, offset]
    else:
        coefficients[:, present] = machine.coef_.T
        intercepts[present] = machine.intercept_
    return coefficients, intercepts


def _trial(rows: Any, base: np.ndarray, gold: np.ndarray, count: int, options: Options) -> Trial:
    """Judge every example by a model that saw neither it nor, for some, its whole intent."""
    generator = np.random.default_rng(0)
    fold_of = generator.permutation(len(gold)) % options.folds
    group_of = generator.permutation(count) % options.folds
    decisions, likeness, truth = [], [], []
    for fold in range(options.folds):
        left_out = group_of[gold] == fold
        seen = ~left_out & (fold_of != fold)
        if len(set(gold[seen])) < 2:
            continue
        coefficients, intercepts = _fit(rows[seen], gold[seen], count, options)
        judged = ~seen
        decisions.append(rows[judged] @ coefficients + intercepts)
        likeness.append(nearest(base[judged], base[seen]))
        truth.append(np.where(left_out[judged], -1, gold[judged]))
    if not decisions:
        return Trial(np.zeros((0, count)), np.zeros(0), np.zeros(0, dtype=int))
    return Trial(np.vstack(decisions), np.concatenate(likeness), np.concatenate(truth))
