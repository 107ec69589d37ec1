"""What people asked without a sure answer, and whether answers helped, from the database."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Row, case, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.tables import FeedbackRow, MissRow
from content.panel.ports import Asked, Helped

_ID = re.compile(r"(\d{1,18})(?:\+(\d{1,18}))?\.\d{1,12}")
# Without objects of the ORM: thousands of rows are read for one page.
_MISSES = MissRow.metadata.tables[MissRow.__tablename__]
_EACH = 500  # ids in one statement, below every database's limit


class StoredQuestions:
    """`content.panel.ports.Questions`. The id of a question names its rows and its moment.

    The moment keeps ids apart that a database gives out again after rows were deleted.
    """

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        reads: async_sessionmaker[AsyncSession],
    ) -> None:
        self._sessions = sessions
        self._reads = reads

    async def unanswered(self, *, most: int = 2000) -> Sequence[Asked]:
        """Return the questions that were kept, newest first."""
        query = select(_MISSES).order_by(_MISSES.c.id.desc()).limit(most)
        async with self._reads() as session:
            return _joined((await session.execute(query)).all())

    async def helped(self) -> Sequence[Helped]:
        """Return the thumbs by article, language and channel."""
        yes = func.sum(case((FeedbackRow.helped, 1), else_=0))
        by = (FeedbackRow.article, FeedbackRow.language, FeedbackRow.channel)
        query = select(*by, yes, func.count()).group_by(*by).order_by(*by)
        async with self._reads() as session:
            return [
                Helped(article, language, channel, int(good), int(all_) - int(good))
                for article, language, channel, good, all_ in await session.execute(query)
            ]

    async def forget(self, ids: Sequence[str]) -> None:
        """Delete questions that were dealt with; what is no id of ours is passed over."""
        found = [match for one in ids if (match := _ID.fullmatch(one))]
        rows = [int(part) for match in found for part in match.groups() if part]
        async with self._sessions.begin() as session:
            for start in range(0, len(rows), _EACH):
                some = rows[start : start + _EACH]
                await session.execute(delete(MissRow).where(MissRow.id.in_(some)))


def _joined(rows: Sequence[Row[Any]]) -> list[Asked]:
    """Join a choice with the question that it answers: they are kept as two rows, newest first."""
    found: list[Asked] = []
    choices: dict[tuple[str, str, str], tuple[int, int]] = {}
    for row in rows:
        key = (row.question, row.language, row.channel)
        if row.chosen is None and row.offered and not row.unhelpful and key in choices:
            place, choice = choices.pop(key)
            joined = f"{choice}+{row.id}.{_second(found[place])}"
            found[place] = replace(found[place], id=joined, offered=tuple(row.offered))
            continue
        if row.chosen is not None:
            choices[key] = (len(found), row.id)
        found.append(
            Asked(
                id=f"{row.id}.{int(row.created_at.timestamp())}",
                text=row.question,
                language=row.language,
                channel=row.channel,
                offered=tuple(row.offered),
                chosen=row.chosen,
                at=row.created_at,
                unhelpful=row.unhelpful,
            )
        )
    return found


def _second(asked: Asked) -> int:
    return int(asked.at.timestamp())
