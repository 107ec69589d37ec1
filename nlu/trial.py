"""Try a trained model before it serves: known questions, the development set, and a stated rule."""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nlu.client import NluClient, NluUnavailable
from nlu.evaluate import OUT_OF_SCOPE
from nlu.understanding import Candidate

MARGIN = 0.01
"""By how much the share of right answers may fall, over all languages."""
MARGIN_IN_A_LANGUAGE = 0.06
"""The same within one language, where 65 to 190 questions leave more to chance."""
CANARIES_RIGHT = 0.9
"""The share of examples, of each language, that a model must know again."""

DEVELOPMENT = Path(__file__).parent / "development" / "questions.jsonl"
_FIRST = 3
_AT_ONCE = 4
_ATTEMPTS = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A text, its language, and the intents that answer it."""

    text: str
    language: str
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a model did on a set of questions that `questions` names by its hash.

    `best` and `offered` are, by language and under 'all', the share of questions whose best
    candidate is right, and of those with a right one among the first three. `n` counts them.
    """

    questions: str
    n: Mapping[str, int]
    best: Mapping[str, float]
    offered: Mapping[str, float]

    def as_json(self) -> dict[str, Any]:
        """Return the figures as they stand on a model's card."""
        return {
            "questions": self.questions,
            "n": dict(self.n),
            "best": dict(self.best),
            "offered": dict(self.offered),
        }


def verdict_from(known: Any) -> Verdict | None:
    """Read the figures of a card; None for anything else."""
    match known:
        case {"questions": str(name), "n": dict(n), "best": dict(best), "offered": dict(offered)}:
            figures = [*n.values(), *best.values(), *offered.values()]
            if "all" in best and "all" in offered and all(map(_is_number, figures)):
                return Verdict(name, n, best, offered)
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def read_questions(path: Path) -> tuple[Question, ...]:
    """Read questions of JSON lines; a line that is none is left out, a missing file holds none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return ()
    return tuple(found for line in lines if (found := _question(line)) is not None)


def _question(line: str) -> Question | None:
    try:
        known = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match known:
        case {"text": str(text), "lang": str(language), "label": str(label), **rest}:
            also = rest.get("also")
            labels = {label, *(map(str, also) if isinstance(also, list) else ())}
            return Question(text, language, frozenset(labels))
        case _:
            return None


async def judge(client: NluClient, questions: Sequence[Question]) -> Verdict:
    """Ask every question that has an answer; raise `NluUnavailable` when one is not answered."""
    asked = [q for q in questions if OUT_OF_SCOPE not in q.labels]
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(question: Question) -> tuple[bool, bool]:
        async with gate:
            ranked = await _patiently(client, question.text)
        first = [candidate.intent for candidate in ranked[:_FIRST]]
        return first[:1] != [] and first[0] in question.labels, not question.labels.isdisjoint(
            first
        )

    hits = await asyncio.gather(*map(one, asked))
    groups: dict[str, list[tuple[bool, bool]]] = {"all": list(hits)}
    for question, hit in zip(asked, hits, strict=True):
        groups.setdefault(question.language, []).append(hit)
    return Verdict(
        _hash_of(asked),
        {name: len(rows) for name, rows in groups.items()},
        {name: _share([best for best, _ in rows]) for name, rows in groups.items()},
        {name: _share([offered for _, offered in rows]) for name, rows in groups.items()},
    )


async def _patiently(client: NluClient, text: str) -> Sequence[Candidate]:
    """Ask again when a busy machine made the service refuse."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await client.parse(text)
        except NluUnavailable:
            continue
    return await client.parse(text)


def questions_hash(questions: Sequence[Question]) -> str:
    """Return what names a set of questions: two verdicts compare only on the same one."""
    return _hash_of([q for q in questions if OUT_OF_SCOPE not in q.labels])


def _hash_of(asked: Sequence[Question]) -> str:
    rows = [[q.text, q.language, sorted(q.labels)] for q in asked]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:16]


def _share(hits: Sequence[bool]) -> float:
    return round(sum(hits) / len(hits), 4) if hits else 0.0


async def failed_canaries(client: NluClient, canaries: Sequence[Question]) -> str:
    """Return why a model does not know its own examples, or '' when it does."""
    try:
        verdict = await judge(client, canaries)
    except NluUnavailable as unavailable:
        return f"It did not answer a known question: {unavailable}"
    low = [name for name, share in verdict.best.items() if share < CANARIES_RIGHT and canaries]
    if not low:
        return ""
    told = ", ".join(f"{name} {verdict.best[name]:.0%}" for name in sorted(low))
    return f"Of its own examples it knows too few again ({told}; wanted {CANARIES_RIGHT:.0%})."


def objection(new: Verdict, old: Verdict | None) -> str:
    """Return why a model may not take another's place, or '' when it may.

    Without an old verdict, or one on other questions, there is nothing to compare with.
    """
    if old is None or old.questions != new.questions:
        return ""
    worse = []
    for what, of_new, of_old in (
        ("best candidate right", new.best, old.best),
        ("right among the first three", new.offered, old.offered),
    ):
        for name, before in of_old.items():
            margin = MARGIN if name == "all" else MARGIN_IN_A_LANGUAGE
            now = of_new.get(name, 0.0)
            if now < before - margin - 1e-9:
                worse.append(f"{what}, {name}: {before:.1%} before, {now:.1%} now")
    if not worse:
        return ""
    return (
        "On the development questions it is worse than the model that serves, by more than "
        f"{MARGIN:.0%} ({MARGIN_IN_A_LANGUAGE:.0%} in a language): {'; '.join(worse)}."
    )
