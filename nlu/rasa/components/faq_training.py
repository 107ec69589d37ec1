"""Train a `FaqModel` from examples and calibrate its confidence out of fold. No Rasa."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlu.normalise import tidy, words

from .bridge import Parallel, learn_bridge
from .calibration import Evidence, Trial, calibrate
from .encoder import Encoder
from .faq_model import FaqModel, Options
from .features import Features
from .neighbours import nearness
from .repair import Repair
from .senses import Meaning, Senses

_THREADS = 2
_FOLDS_JUDGED = 2  # two thirds of the examples are plenty for a dozen numbers


@dataclass(frozen=True)
class _Lesson:
    """The examples as numbers: one row each, in the order of their intents."""

    rows: sparse.csr_matrix
    base: Any
    gold: np.ndarray
    foreign: np.ndarray
    lengths: np.ndarray
    intents: int


def train(
    texts: Sequence[str],
    intents: Sequence[str],
    options: Options,
    encoder: Encoder | None,
    progress: Callable[[str], None] = lambda line: None,
    parallels: Sequence[Parallel] = (),
) -> FaqModel:
    """Train on examples; raise `ValueError` with fewer than two intents.

    `parallels` are lines of the content with their translations, which the bridge learns from.
    """
    labels = sorted(set(intents))
    if len(labels) < 2:
        raise ValueError("the examples name fewer than two intents: nothing can be told apart")
    pairs = sorted(zip(intents, texts, strict=True))
    clean = [tidy(text).replace("\n", " ") for _, text in pairs]
    gold = np.array([labels.index(intent) for intent, _ in pairs])
    progress(f"reading {len(clean)} examples of {len(labels)} intents")
    senses = _senses(encoder, options, parallels, progress)
    features = Features.fit(clean)
    written = features.transform(clean)
    meaning = senses.fit(clean) if senses else None
    lesson = _lesson(written, meaning, clean, gold, len(labels))
    progress("training the classifier and calibrating its confidence")
    with ThreadPoolExecutor(_THREADS) as pool:  # the solver does not hold Python's lock
        fitted = pool.submit(_fit, lesson.rows, gold, len(labels), options)
        trial = _trial(lesson, options, pool)
        coefficients, intercepts = fitted.result()
    unknown = labels.index(options.unknown) if options.unknown in labels else -1
    return FaqModel(
        options, labels, features, senses, coefficients, intercepts, calibrate(trial, unknown),
        Repair.learn(clean), lesson.base, gold,
    )  # fmt: skip


def _senses(
    encoder: Encoder | None,
    options: Options,
    parallels: Sequence[Parallel],
    progress: Callable[[str], None],
) -> Senses | None:
    if encoder is None:
        return None
    bridge = learn_bridge(parallels, encoder) if parallels else None
    if bridge is not None:
        progress(f"bridged from translations: {', '.join(bridge.languages)}")
    return Senses(encoder, bridge, options.encoder_weight)


def _lesson(
    written: sparse.csr_matrix,
    meaning: Meaning | None,
    texts: Sequence[str],
    gold: np.ndarray,
    intents: int,
) -> _Lesson:
    lengths = np.array([len(words(text)) for text in texts])
    if meaning is None:
        nothing = np.zeros((len(gold), 0))
        return _Lesson(written, normalize(written), gold, nothing, lengths, intents)
    rows = sparse.hstack([written, sparse.csr_matrix(meaning.dense)], format="csr")
    return _Lesson(rows, meaning.place, gold, meaning.foreign, lengths, intents)


def _fit(
    rows: Any, gold: np.ndarray, count: int, options: Options
) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients (features, intents) and intercepts; absent intents get a low score."""
    machine = LinearSVC(C=options.C, tol=1e-2, random_state=0, class_weight="balanced")
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


def _trial(lesson: _Lesson, options: Options, pool: Executor) -> Trial:
    """Judge examples by models that saw neither them nor, for some, their whole intent."""
    gold, count = lesson.gold, lesson.intents
    generator = np.random.default_rng(0)
    fold_of = generator.permutation(len(gold)) % options.folds
    group_of = generator.permutation(count) % options.folds

    def judge(fold: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
        left_out = group_of[gold] == fold
        seen = ~left_out & (fold_of != fold)
        if len(set(gold[seen])) < 2:
            return None
        coefficients, intercepts = _fit(lesson.rows[seen], gold[seen], count, options)
        asked = np.flatnonzero(~seen)
        near, greatest = nearness(lesson.base[asked], lesson.base[seen], gold[seen], count)
        decisions = lesson.rows[asked] @ coefficients + intercepts + options.neighbours * near
        return decisions, greatest, np.where(left_out[asked], -1, gold[asked]), asked

    judged = range(min(options.folds, _FOLDS_JUDGED))
    trials = [trial for trial in pool.map(judge, judged) if trial is not None]
    if not trials:
        trials = [(np.zeros((0, count)), np.zeros(0), np.zeros(0, int), np.zeros(0, int))]
    decisions, likeness, truth, asked = zip(*trials, strict=True)
    rows = np.concatenate(asked)
    evidence = Evidence(
        np.vstack(decisions), np.concatenate(likeness), lesson.foreign[rows], lesson.lengths[rows]
    )
    return Trial(evidence, np.concatenate(truth))
