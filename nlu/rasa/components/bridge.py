"""Give meaning to languages that the sentence encoder does not know, by the content's translations.

Every article stands in each language, line by line. For a language whose lines the encoder does
not place near their Spanish, a ridge regression learns to say from the letters of a line where the
encoder puts its translation. That needs no dictionary and no list of languages: a seventh language
is bridged as soon as it is translated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from sklearn.svm import LinearSVC

from nlu.normalise import tidy

from .encoder import Encoder
from .terms import Terms, rows_of
from .vectors import unit

Parallel = Mapping[str, str]
"""One line of the content by language."""

_KNOWN_FROM = 0.6  # mean cosine of a line and its Spanish; French has 0.8, Creole 0.35
_PIVOT = "es"
_PIVOTS = ("es", "en")
_FEWEST_LINES = 50
_MOST_LINES = 7000  # the regression needs memory and time with the square of them
_SHRINKAGE = 0.3
_RANK = 256
_SAMPLE = 300
_RAREST_SPELLING = 5
_WORDS_AT_ONCE = 5
_RUNS_OF_FOREIGN = 3
_SHARPNESS = 4.0
_HARDLY = 0.05

_VIEWS = ("word", "long_sounds")
_RAREST = {"word": 1, "long_sounds": 2}


@dataclass
class _Way:
    """From the terms of one language to the encoder's space, shortened: `into` (terms, rank)."""

    views: list[Terms]
    into: np.ndarray

    def shortened(self, texts: Sequence[str]) -> np.ndarray:
        return np.asarray(rows_of(self.views, texts) @ self.into)


class Bridge:
    """Says of texts how foreign they are to the encoder, and what they mean.

    `ways` by language; `axes` (rank, dimensions) and `centre` (dimensions,) lead back from the
    shortened vectors; `telling` (terms of `spelling`, languages + 1) and `bias` tell the languages
    apart, the last column being all languages that the encoder knows.
    """

    def __init__(
        self,
        ways: dict[str, _Way],
        axes: np.ndarray,
        centre: np.ndarray,
        spelling: Terms,
        telling: np.ndarray,
        bias: np.ndarray,
    ) -> None:
        """Use `learn` or `restore`."""
        self._ways = ways
        self._axes = axes
        self._centre = centre
        self._spelling = spelling
        self._telling = telling
        self._bias = bias

    @property
    def languages(self) -> tuple[str, ...]:
        """The bridged languages."""
        return tuple(self._ways)

    def foreignness(self, texts: Sequence[str]) -> np.ndarray:
        """Return how likely each text is in each bridged language, (texts, languages)."""
        rows = rows_of([self._spelling], texts)
        scores = (rows @ self._telling + self._bias) * _SHARPNESS
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        return np.asarray((shares / shares.sum(axis=1, keepdims=True))[:, :-1], dtype=np.float32)

    def meanings(self, texts: Sequence[str], foreign: np.ndarray) -> np.ndarray:
        """Return (texts, dimensions): what the texts mean, as long as they are foreign, 0 to 1."""
        found = np.zeros((len(texts), len(self._centre)), dtype=np.float32)
        for way, share in zip(self._ways.values(), foreign.T, strict=True):
            (here,) = np.nonzero(share > _HARDLY)
            if len(here):
                short = way.shortened([texts[i] for i in here])
                found[here] += unit(short @ self._axes + self._centre) * share[here, None]
        return found

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return what JSON and what npz shall hold."""
        terms = {
            "ways": {
                language: {view.view: view.vocabulary for view in way.views}
                for language, way in self._ways.items()
            },
            "spelling": self._spelling.vocabulary,
        }
        arrays = {
            "bridge_axes": self._axes.astype(np.float16),
            "bridge_centre": self._centre,
            "bridge_idf_spelling": self._spelling.rarity,
            "bridge_telling": self._telling.astype(np.float16),
            "bridge_bias": self._bias,
        }
        for language, way in self._ways.items():
            arrays[f"bridge_into_{language}"] = way.into.astype(np.float16)
            for view in way.views:
                arrays[f"bridge_idf_{language}_{view.view}"] = view.rarity
        return terms, arrays

    @classmethod
    def restore(cls, terms: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> Bridge:
        """Rebuild from what `state` gave."""
        ways = {
            language: _Way(
                [Terms(v, found[v], arrays[f"bridge_idf_{language}_{v}"]) for v in _VIEWS],
                arrays[f"bridge_into_{language}"].astype(np.float32),
            )
            for language, found in terms["ways"].items()
        }
        telling = arrays["bridge_telling"].astype(np.float32)
        axes = arrays["bridge_axes"].astype(np.float32)
        spelling = Terms("spelling", terms["spelling"], arrays["bridge_idf_spelling"])
        return cls(ways, axes, arrays["bridge_centre"], spelling, telling, arrays["bridge_bias"])


def learn_bridge(parallels: Sequence[Parallel], encoder: Encoder) -> Bridge | None:
    """Learn from translated lines; None where the encoder knows every language that has enough."""
    lines = [{k: tidy(v).replace("\n", " ") for k, v in line.items()} for line in parallels]
    lines = [line for line in lines if line.get(_PIVOT)]
    foreign = [language for language in _languages(lines) if _is_foreign(lines, language, encoder)]
    if not foreign:
        return None
    taught = {language: _pairs(lines, language) for language in foreign}
    pivots = {text for pairs in taught.values() for line in pairs.values() for text in line}
    placed = dict(zip(sorted(pivots), _encoded(encoder, sorted(pivots)), strict=True))
    targets = {
        language: unit(
            np.stack([np.mean([placed[t] for t in line], axis=0) for line in p.values()])
        )
        for language, p in taught.items()
    }
    everything = np.vstack(list(targets.values()))
    centre = everything.mean(axis=0)
    _, _, axes = np.linalg.svd(everything - centre, full_matrices=False)
    axes = axes[:_RANK].astype(np.float32)
    ways = {
        language: _way(list(pairs), (targets[language] - centre) @ axes.T)
        for language, pairs in taught.items()
    }
    return Bridge(ways, axes, centre.astype(np.float32), *_tell_apart(lines, foreign))


def _languages(lines: Sequence[Parallel]) -> list[str]:
    found = {language for line in lines for language in line} - set(_PIVOTS)
    return [one for one in sorted(found) if sum(one in line for line in lines) >= _FEWEST_LINES]


def _is_foreign(lines: Sequence[Parallel], language: str, encoder: Encoder) -> bool:
    both = [line for line in lines if line.get(language)]
    some = both[:: max(len(both) // _SAMPLE, 1)]
    there = _encoded(encoder, [line[language] for line in some])
    here = _encoded(encoder, [line[_PIVOT] for line in some])
    return float((there * here).sum(axis=1).mean()) < _KNOWN_FROM


def _pairs(lines: Sequence[Parallel], language: str) -> dict[str, tuple[str, ...]]:
    """Return the translations of each different line of a language, the shortest lines first."""
    found: dict[str, tuple[str, ...]] = {}
    for line in lines:
        if line.get(language):
            found.setdefault(line[language], tuple(line[p] for p in _PIVOTS if line.get(p)))
    return dict(sorted(found.items(), key=lambda pair: len(pair[0]))[:_MOST_LINES])


def _encoded(encoder: Encoder, texts: list[str]) -> np.ndarray:
    return np.asarray(encoder.encode([text.lower() for text in texts]), dtype=np.float32)


def _way(texts: list[str], targets: np.ndarray) -> _Way:
    views = [Terms.learn(view, texts, _RAREST[view]) for view in _VIEWS]
    rows = rows_of(views, texts)
    likeness = (rows @ rows.T).toarray()
    likeness[np.diag_indices(len(texts))] += _SHRINKAGE
    factor = cho_factor(likeness, overwrite_a=True, check_finite=False)
    into = rows.T @ cho_solve(factor, targets.astype(np.float32))
    return _Way(views, np.asarray(into, dtype=np.float32))


def _tell_apart(
    lines: Sequence[Parallel], foreign: Sequence[str]
) -> tuple[Terms, np.ndarray, np.ndarray]:
    """Learn each foreign language's spelling against all others, on runs of a few words.

    Return the terms, the weights (terms, languages + 1) and the bias.
    """
    texts: list[str] = []
    owners: list[int] = []
    for line in lines:
        for language, text in line.items():
            words = text.split()
            owner = foreign.index(language) if language in foreign else len(foreign)
            runs = _RUNS_OF_FOREIGN if owner < len(foreign) else 1  # the others are many
            for start in range(0, min(len(words), runs * _WORDS_AT_ONCE), _WORDS_AT_ONCE):
                texts.append(" ".join(words[start : start + _WORDS_AT_ONCE]))
                owners.append(owner)
    rarest = _RAREST_SPELLING if len(texts) > _RAREST_SPELLING**4 else 1
    spelling = Terms.learn("spelling", texts, rarest)
    machine = LinearSVC(C=0.5, tol=1e-2, random_state=0)
    machine.fit(rows_of([spelling], texts), owners)
    weights, bias = machine.coef_, machine.intercept_
    if len(foreign) == 1:  # a single hyperplane tells the last column from the first
        weights, bias = np.vstack([-weights[0], weights[0]]) / 2, np.array([-bias[0], bias[0]]) / 2
    return spelling, weights.T.astype(np.float32), bias.astype(np.float32)
