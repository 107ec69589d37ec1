"""Rows of the inbox: put there within somebody's transaction, and taken back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from bot import codec
from bot.keys import BadKey, Keys
from bot.messages import FROM_DESK, Inbound
from bot.tables import InboxRow

Row = dict[str, Any]
"""The values of a new row."""

_TABLE = InboxRow.metadata.tables["inbox"]
_PUT = {
    name: dialect.insert(_TABLE).on_conflict_do_nothing().returning(_TABLE.c.message)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}


def rows(keys: Keys, messages: Sequence[Inbound], now: datetime) -> list[Row]:
    """Return the rows of new messages."""
    return [
        {
            "message": keys.person(m.channel, f"message {m.message_id}"),
            "conversation": keys.person(m.channel, m.person),
            "body": keys.seal(codec.dump_inbound(m)),
            "status": "open",
            "attempts": 0,
            "due_at": now,
            "received_at": now,
        }
        for m in messages
    ]


async def put(session: AsyncSession, keys: Keys, messages: Sequence[Inbound], now: datetime) -> int:
    """Keep messages until they are answered; return how many were new."""
    return len(await put_rows(session, rows(keys, messages, now)))


async def put_rows(session: AsyncSession, new: Sequence[Row]) -> set[str]:
    """Keep rows in their order; return the hashed ids of those that were not there yet."""
    put = _PUT[session.get_bind().dialect.name]
    return set(await session.scalars(put, list(new))) if new else set()


async def take_back_staffs(session: AsyncSession, keys: Keys, conversation: str) -> None:
    """Delete what staff wrote to somebody and what has not had its turn yet."""
    hers = (InboxRow.conversation == conversation, InboxRow.status == "open")
    rows = await session.execute(select(InboxRow.id, InboxRow.body).where(*hers))
    theirs = [row.id for row in rows if _is_staffs(keys, row.body)]
    if theirs:
        # Still open: one whose turn has just ended stays, against repeats.
        await session.execute(delete(InboxRow).where(InboxRow.id.in_(theirs), *hers))


def _is_staffs(keys: Keys, body: str | None) -> bool:
    try:
        event = codec.load_inbound(keys.open(body or "")).event
    except (BadKey, KeyError, TypeError, ValueError):
        return False
    return isinstance(event, FROM_DESK)
