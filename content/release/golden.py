"""Questions that must stay answered: those of each article, and a set for all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from content.models import DocumentRow
from content.panel.ports import Examined
from content.panel.tables import DocumentRevisionRow
from content.publishing import GOLDEN, Changes

GLOBAL = "global"
"""The id of the set for all."""
FILE = Path(__file__).parent / "golden.yml"

MARGIN = 0.01
"""By how much the share of right answers to the set for all may fall, over all languages."""
MARGIN_IN_A_LANGUAGE = 0.06
"""The same within one language, where few questions leave more to chance."""


@dataclass(frozen=True, slots=True)
class Golden:
    """A question and the article that answers it. `own`: it is the article's own question."""

    text: str
    language: str
    article: str
    own: bool = False

    def as_json(self) -> dict[str, str]:
        """Return the question as the port of the training takes it."""
        return {"text": self.text, "language": self.language, "article": self.article}


async def golden_questions(session: AsyncSession, changes: Changes) -> list[Golden]:
    """Return all questions as they would be with some changes.

    The set for all is that of the program until staff have made their own.
    """
    columns = (DocumentRow.id, DocumentRow.body)
    stored = await session.execute(select(*columns).where(DocumentRow.kind == GOLDEN))
    bodies: dict[str, Any] = {row.id: row.body for row in stored}
    if changes.documents:
        chosen = await session.execute(
            select(DocumentRevisionRow.document, DocumentRevisionRow.body).where(
                DocumentRevisionRow.id.in_(list(changes.documents)),
                DocumentRevisionRow.kind == GOLDEN,
            )
        )
        bodies |= {row.document: row.body for row in chosen}
    bodies.setdefault(GLOBAL, [dict(one) for one in from_file()])
    found: dict[Golden, None] = {}
    for identity, body in sorted(bodies.items()):
        for one in body or ():
            article = str(one.get("article") or identity)
            found[Golden(str(one["text"]), str(one["language"]), article, identity != GLOBAL)] = (
                None
            )
    return list(found)


@lru_cache(maxsize=1)
def from_file() -> tuple[Mapping[str, str], ...]:
    """Return the set for all that comes with the program."""
    return tuple(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Judgement:
    """How a draft's model does beside the one that serves.

    `languages` maps each language to the set for all's (asked, right before or None, right after).
    `worse` and `better` are questions with 'got'; `unknown` are an article's own that neither
    model gets right. `refused` says why it may not serve: 'own', 'all' or a language.
    """

    languages: Mapping[str, tuple[int, int | None, int]]
    worse: tuple[Mapping[str, Any], ...]
    better: tuple[Mapping[str, Any], ...]
    unknown: tuple[Mapping[str, Any], ...]
    refused: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for the report of a release."""
        return {
            "languages": {name: list(figures) for name, figures in self.languages.items()},
            "worse": [dict(one) for one in self.worse],
            "better": [dict(one) for one in self.better],
            "unknown": [dict(one) for one in self.unknown],
        }


def judge(asked: Sequence[Golden], new: Examined, old: Examined | None) -> Judgement:
    """Compare two models on the same questions; without an old one nothing can be worse."""
    wrong_new = _wrong(new)
    wrong_old = _wrong(old) if old else None
    worse, better, unknown = [], [], []
    for one in asked:
        key = (one.text, one.language, one.article)
        shown = {**one.as_json(), "own": one.own, "got": wrong_new.get(key, "")}
        if key in wrong_new and wrong_old is not None and key not in wrong_old:
            worse.append(shown)
        elif key in wrong_new and one.own:
            unknown.append(shown)
        elif key not in wrong_new and wrong_old is not None and key in wrong_old:
            better.append({**shown, "got": wrong_old[key]})
    figures = _figures([one for one in asked if not one.own], wrong_new, wrong_old)
    refused = ["own"] if any(one["own"] for one in worse) else []
    for name, (count, before, after) in figures.items():
        margin = MARGIN if name == "all" else MARGIN_IN_A_LANGUAGE
        if before is not None and count and (before - after) / count > margin + 1e-9:
            refused.append(name)
    return Judgement(figures, tuple(worse), tuple(better), tuple(unknown), tuple(refused))


_Key = tuple[str, str, str]


def _wrong(examined: Examined) -> dict[_Key, str]:
    return {
        (one["text"], one["language"], one["expected"]): one.get("got", "")
        for one in examined.wrong
    }


def _figures(
    asked: Sequence[Golden], new: Collection[_Key], old: Collection[_Key] | None
) -> dict[str, tuple[int, int | None, int]]:
    groups: dict[str, list[_Key]] = {"all": []}
    for one in asked:
        key = (one.text, one.language, one.article)
        groups["all"].append(key)
        groups.setdefault(one.language, []).append(key)
    return {
        name: (
            len(keys),
            None if old is None else sum(key not in old for key in keys),
            sum(key not in new for key in keys),
        )
        for name, keys in groups.items()
    }
