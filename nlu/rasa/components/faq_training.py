"""Train a `FaqModel` from examples and calibrate its confidence out of fold. No Rasa."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlu.normalise import tidy, words

from .calibration import Evidence, Trial, calibrate
from .encoder import Encoder
from .faq_model import FaqModel, Options
from .features import Features
from .neighbours import nearness
from .repair import Repair
from .senses import Meaning, Senses

_HALVES = 2  # of the intents, learnt side by side
_OTHERS = -1  # the label of what is in the other half
_JUDGED = 5000  # answers at least, if there are so many
_TOLERANCE = 1e-2


@dataclass(frozen=True)
class _Lesson:
    """The examples as numbers: one row each, in the order of their intents."""

    rows: sparse.csr_matrix
    base: Any
    gold: np.ndarray
    lengths: np.ndarray
    intents: int


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
    pairs = sorted(zip(intents, texts, strict=True))
    clean = [tidy(text).replace("\n", " ") for _, text in pairs]
    gold = np.array([labels.index(intent) for intent, _ in pairs])
    progress(f"reading {len(clean)} examples of {len(labels)} intents")
    features = Features.fit(clean)
    written = features.transform(clean)
    senses = Senses(encoder, options.encoder_weight) if encoder else None
    meaning = senses.fit(clean) if senses else None
    lesson = _lesson(written, meaning, clean, gold, len(labels))
    progress("training the classifier")
    coefficients, intercepts = _fit(lesson.rows, gold, len(labels), options)
    progress("calibrating its confidence")
    trial = _trial(lesson, options)
    unknown = labels.index(options.unknown) if options.unknown in labels else -1
    return FaqModel(
        options, labels, features, senses, coefficients, intercepts, calibrate(trial, unknown),
        Repair.learn(clean), lesson.base, gold,
    )  # fmt: skip


def _lesson(
    written: sparse.csr_matrix,
    meaning: Meaning | None,
    texts: Sequence[str],
    gold: np.ndarray,
    intents: int,
) -> _Lesson:
    lengths = np.array([len(words(text)) for text in texts])
    if meaning is None:
        return _Lesson(written, normalize(written), gold, lengths, intents)
    rows = sparse.hstack([written, sparse.csr_matrix(meaning.dense)], format="csr")
    return _Lesson(rows, meaning.place, gold, lengths, intents)


def _fit(
    rows: Any, gold: np.ndarray, count: int, options: Options
) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients (features, intents) and intercepts; absent intents get a low score.

    Each intent is told from all others by itself, so halves of them are learnt side by side.
    """
    present, sizes = np.unique(gold, return_counts=True)
    weights = len(gold) / (len(present) * sizes)  # as scikit-learn's "balanced"
    coefficients = np.zeros((rows.shape[1], count), dtype=np.float32)
    intercepts = np.full(count, -2.0, dtype=np.float32)

    def learn(half: int) -> None:
        mine = present[half::_HALVES]
        heavy = dict(zip(mine, weights[half::_HALVES], strict=True))
        machine = LinearSVC(
            C=options.C, tol=_TOLERANCE, random_state=0, class_weight={_OTHERS: 1.0, **heavy}
        )
        machine.fit(rows, np.where(np.isin(gold, mine), gold, _OTHERS))
        found, offsets = machine.coef_, machine.intercept_
        if len(mine) == 1:  # a single hyperplane: the intent lies on its positive side
            found, offsets = np.vstack([found, found]), np.repeat(offsets, 2)
        coefficients[:, mine] = found[1:].T  # the others' own, in the first row, is of no use
        intercepts[mine] = offsets[1:]

    with ThreadPoolExecutor(_HALVES) as pool:  # the solver does not hold Python's lock
        list(pool.map(learn, range(_HALVES)))
    return coefficients, intercepts


def _trial(lesson: _Lesson, options: Options) -> Trial:
    """Judge examples by a model that saw neither them nor, for some, their whole intent.

    Some thousands of one fold are plenty for a dozen numbers.
    """
    gold, count = lesson.gold, lesson.intents
    generator = np.random.default_rng(0)
    fold_of = generator.permutation(len(gold)) % options.folds
    left_out = (generator.permutation(count) % options.folds == 0)[gold]
    seen = ~left_out & (fold_of != 0)
    asked = np.flatnonzero(~seen) if len(set(gold[seen])) > 1 else np.zeros(0, dtype=int)
    asked = asked[:: max(len(asked) // _JUDGED, 1)]  # of all intents: they stand in their order
    if not len(asked):
        return Trial(Evidence(np.zeros((0, count)), np.zeros(0), np.zeros(0)), asked)
    coefficients, intercepts = _fit(lesson.rows[seen], gold[seen], count, options)
    near, greatest = nearness(lesson.base[asked], lesson.base[seen], gold[seen], count)
    decisions = lesson.rows[asked] @ coefficients + intercepts + options.neighbours * near
    truth = np.where(left_out[asked], -1, gold[asked])
    return Trial(Evidence(decisions, greatest, lesson.lengths[asked]), truth)
