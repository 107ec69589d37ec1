"""Rank the intents of texts: linear SVM and neighbours over what they say and mean. No Rasa."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from nlu.normalise import excerpt, passages, tidy, words

from .calibration import Calibration, Evidence
from .encoder import Encoder
from .features import Features
from .neighbours import nearness
from .repair import Repair
from .senses import Senses

_LONGEST = 2000
_PASSAGE_WORDS = 24
_MOST_PASSAGES = 12
_FORMAT = 3

Ranking = list["tuple[str, float]"]


@dataclass(frozen=True)
class Options:
    """What config.yml says. `background` names intents of small talk."""

    C: float = 1.0
    encoder_weight: float = 1.0
    neighbours: float = 1.0
    repair: bool = True
    folds: int = 3
    unknown: str = "out_of_scope"
    background: tuple[str, ...] = ()


@dataclass
class FaqModel:
    """A trained ranking of intents.

    `coefficients` has shape (features, intents), the features of meaning last. `base` holds what
    likeness is measured against: the places of the examples, or their features (sparse) if trained
    without an encoder; `owners` the column of each example's intent, ascending.
    """

    options: Options
    labels: list[str]
    features: Features
    senses: Senses | None
    coefficients: np.ndarray
    intercepts: np.ndarray
    calibration: Calibration
    repair: Repair
    base: Any
    owners: np.ndarray
    _background: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Mark the columns of the background intents."""
        self._background = np.array([label in self.options.background for label in self.labels])

    def rank(self, text: str) -> Ranking:
        """Return every intent with its confidence, best first, for any text whatever."""
        return self.rank_all([text])[0]

    def rank_all(self, texts: Sequence[str]) -> list[Ranking]:
        """Rank several texts at once, which costs much less than one by one.

        The confidence of the best topic is how likely it is right, and that of `unknown` how
        likely the text belongs to no topic; the two are fitted apart.
        """
        clean = [tidy(excerpt(text, _LONGEST)) for text in texts]
        said = [i for i, text in enumerate(clean) if words(text)]
        rankings = [self._nothing_said() for _ in texts]
        if said:
            evidence = self._evidence([clean[i] for i in said])
            right, outside = self.calibration.weigh(evidence)
            shares = self.calibration.shares(evidence.decisions)
            for row, i in enumerate(said):
                rankings[i] = self._ranking(shares[row], float(right[row]), float(outside[row]))
        return rankings

    def _nothing_said(self) -> Ranking:
        """Rank a text without a single word: nothing is known, `unknown` stands first."""
        first = self.options.unknown if self.options.unknown in self.labels else self.labels[0]
        return [(first, 0.0), *((label, 0.0) for label in self.labels if label != first)]

    def _ranking(self, shares: np.ndarray, right: float, outside: float) -> Ranking:
        unknown = self.calibration.unknown
        topics = shares.copy()
        if unknown >= 0:
            topics[unknown] = 0
        confidences = np.minimum(right * topics / max(topics.max(), 1e-30), right)
        if unknown >= 0:
            confidences[unknown] = outside
        order = np.argsort(-confidences, kind="stable")
        return [(self.labels[i], float(confidences[i])) for i in order]

    def _evidence(self, texts: Sequence[str]) -> Evidence:
        """Weigh texts; a long story also passage by passage, and half the weight lies there.

        A background intent counts as little as in the passage that speaks least for it.
        """
        pieces: list[str] = []
        starts: list[int] = []
        for text in texts:
            starts.append(len(pieces))
            pieces.append(text.replace("\n", " "))
            if len(text.split()) > _PASSAGE_WORDS * 5 // 4:
                parts = list(passages(text, _PASSAGE_WORDS))
                pieces += parts[:2] + parts[2:][-(_MOST_PASSAGES - 2) :]
        decisions, likeness = self._score(pieces)
        weighed = [
            self._together(decisions[start:stop]) if stop - start > 1 else decisions[start]
            for start, stop in zip(starts, [*starts[1:], len(pieces)], strict=True)
        ]
        return Evidence(
            np.vstack(weighed),
            np.maximum.reduceat(likeness, starts),
            np.array([len(words(text)) for text in texts]),
        )

    def _together(self, decisions: np.ndarray) -> np.ndarray:
        """Weigh a whole story (the first row) and its passages."""
        parts_say = (decisions[1:].mean(axis=0) + decisions[1:].max(axis=0)) / 2
        together = (decisions[0] + parts_say) / 2
        together[self._background] = decisions[:, self._background].min(axis=0)
        return np.asarray(together)

    def _score(self, pieces: list[str]) -> tuple[np.ndarray, np.ndarray]:
        """Return decisions and the likeness to the nearest example, a row a piece."""
        written = self.features.transform(pieces)
        columns = written.shape[1]
        decisions = written @ self.coefficients[:columns] + self.intercepts
        self._add_repaired(pieces, decisions)
        place: Any
        if self.senses is not None:
            meaning = self.senses.read(pieces)
            decisions += meaning.dense @ self.coefficients[columns:]
            place = meaning.place
        elif sparse.issparse(self.base):
            place = normalize(written)
        else:  # its encoder is missing now: nothing is sure
            return decisions, np.full(len(pieces), self.calibration.unlike)
        near, likeness = nearness(place, self.base, self.owners, len(self.labels))
        return decisions + self.options.neighbours * near, likeness

    def _add_repaired(self, pieces: list[str], decisions: np.ndarray) -> None:
        """Let what is misspelt also be read with the nearest known words; the mean of both counts.

        The encoder is not asked again: that doubled its work and told nothing new.
        """
        if not self.options.repair:
            return
        repaired = {i: better for i, text in enumerate(pieces) if (better := self.repair(text))}
        if repaired:
            rows = list(repaired)
            written = self.features.transform(list(repaired.values()))
            again = written @ self.coefficients[: written.shape[1]] + self.intercepts
            decisions[rows] = (decisions[rows] + again) / 2

    def save(self, folder: Path) -> None:
        """Write `model.json` and `model.npz` into a folder."""
        arrays: dict[str, np.ndarray] = {}
        known = {
            "format": _FORMAT,
            "options": asdict(self.options),
            "labels": self.labels,
            "calibration": self.calibration.as_json(),
            "vocabularies": self.features.vocabularies(),
            "repair": self.repair.counts,
            "base": list(self.base.shape),
        }
        if self.senses is not None and self.senses.axes is not None:
            arrays["axes"] = self.senses.axes
        (folder / "model.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        np.savez_compressed(
            folder / "model.npz",
            coefficients=self.coefficients.astype(np.float16),
            intercepts=self.intercepts,
            owners=self.owners,
            **_base_arrays(self.base),
            **self.features.rarities(),
            **arrays,
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
        senses = None
        if encoder is not None:
            senses = Senses(encoder, options.encoder_weight, stored["axes"])
        return cls(
            options, known["labels"], Features(known["vocabularies"], stored), senses,
            # float16 is for the file only: products with it are slow
            stored["coefficients"].astype(np.float32), stored["intercepts"],
            Calibration.from_json(known["calibration"]), Repair(known["repair"]), base,
            stored["owners"],
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
