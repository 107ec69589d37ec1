"""Train a `FaqModel` from examples and calibrate its confidence out of fold. No Rasa."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
from sklearn.preprocessing import normalize
from sklearn.svm import LinearSVC

from nlu.normalise import tidy

from .calibration import Trial, calibrate
from .encoder import Encoder
from .faq_model import FaqModel, Options
from .features import Features, encode
from .neighbours import nearness
from .repair import Repair

_THREADS = 2


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
    encoded = encode(encoder, clean)
    features = Features(options.encoder_weight)
    features.fit(clean)
    rows = features.transform(clean, encoded)
    base = encoded if encoded is not None else normalize(rows)
    progress("training the classifier and calibrating its confidence")
    with ThreadPoolExecutor(_THREADS) as pool:  # the solver does not hold Python's lock
        fitted = pool.submit(_fit, rows, gold, len(labels), options)
        trial = _trial(rows, base, gold, len(labels), options, pool)
        coefficients, intercepts = fitted.result()
    calibration = calibrate(trial)
    return FaqModel(
        options, labels, features, coefficients, intercepts, calibration,
        Repair.learn(clean), base, gold, encoder,
    )  # fmt: skip


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


def _trial(
    rows: Any, base: Any, gold: np.ndarray, count: int, options: Options, pool: Executor
) -> Trial:
    """Judge every example by a model that saw neither it nor, for some, its whole intent."""
    generator = np.random.default_rng(0)
    fold_of = generator.permutation(len(gold)) % options.folds
    group_of = generator.permutation(count) % options.folds

    def judge(fold: int) -> Trial | None:
        left_out = group_of[gold] == fold
        seen = ~left_out & (fold_of != fold)
        if len(set(gold[seen])) < 2:
            return None
        coefficients, intercepts = _fit(rows[seen], gold[seen], count, options)
        near, greatest = nearness(base[~seen], base[seen], gold[seen], count)
        decisions = rows[~seen] @ coefficients + intercepts + options.neighbours * near
        return Trial(decisions, greatest, np.where(left_out[~seen], -1, gold[~seen]))

    trials = [trial for trial in pool.map(judge, range(options.folds)) if trial is not None]
    if not trials:
        return Trial(np.zeros((0, count)), np.zeros(0), np.zeros(0, dtype=int))
    return Trial(
        np.vstack([trial.decisions for trial in trials]),
        np.concatenate([trial.likeness for trial in trials]),
        np.concatenate([trial.gold for trial in trials]),
    )
