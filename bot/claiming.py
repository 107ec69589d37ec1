"""Leasing the due rows of a queue: a few statements for many rows, each built once."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Row, Select, bindparam, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.tables import InboxRow

_TABLES = InboxRow.metadata.tables
INBOX, OUTBOX, PERSONS = (_TABLES[name] for name in ("inbox", "outbox", "conversations"))

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)


def _due(table: Any, *columns: str) -> Select[Any]:
    """Return the query for the heads of the persons' queues that are due and not leased.

    Its parameters: `now`, `busy` (conversations) and `most` (rows).
    """
    older = table.alias()
    ahead = exists().where(
        older.c.conversation == table.c.conversation,
        older.c.status == "open",
        older.c.id < table.c.id,
    )
    query = select(*(table.c[name] for name in ("id", "conversation", "attempts", *columns)))
    return (
        query.where(
            table.c.status == "open",
            table.c.due_at <= bindparam("now"),
            table.c.conversation.not_in(bindparam("busy", expanding=True)),
            or_(table.c.urgent, ~ahead) if table is OUTBOX else ~ahead,
        )
        .order_by(*((table.c.urgent.desc(),) if table is OUTBOX else ()), table.c.id)
        .limit(bindparam("most"))
        .with_for_update(skip_locked=True)
    )


def _lease(table: Any) -> Any:
    leased = update(table).where(table.c.id.in_(_IDS))
    return leased.values(due_at=bindparam("until"), attempts=table.c.attempts + 1)


def _close(table: Any) -> Any:
    return update(table).where(table.c.id.in_(_IDS)).values(status="dead")


_DUE_INBOX = _due(INBOX, "body")
_DUE_OUTBOX = _due(OUTBOX, "kind", "body", "sent").where(
    OUTBOX.c.channel.in_(bindparam("channels", expanding=True))
)
_LEASES = {table.name: _lease(table) for table in (INBOX, OUTBOX)}
_CLOSES = {table.name: _close(table) for table in (INBOX, OUTBOX)}

_EARLIER = INBOX.alias()
_RECENT = (
    select(INBOX.c.id, func.count())
    .join(_EARLIER, _EARLIER.c.conversation == INBOX.c.conversation)
    .where(
        INBOX.c.id.in_(_IDS),
        _EARLIER.c.id <= INBOX.c.id,
        _EARLIER.c.received_at >= bindparam("since"),
    )
    .group_by(INBOX.c.id)
)
_LANGUAGES = select(PERSONS.c.key, PERSONS.c.language).where(
    PERSONS.c.key.in_(bindparam("keys", expanding=True))
)
_OWNERS = select(
    PERSONS.c.key, PERSONS.c.channel, PERSONS.c.person, PERSONS.c.gone, PERSONS.c.last_inbound_at
).where(PERSONS.c.key.in_(bindparam("keys", expanding=True)))


async def due_inbox(
    session: AsyncSession, now: datetime, busy: Collection[str], most: int, lease: timedelta
) -> list[Row[Any]]:
    """Lease the oldest due message of up to `most` persons that are not `busy`.

    The rows' `attempts` are those before this one.
    """
    found = await session.execute(_DUE_INBOX, {"now": now, "busy": list(busy), "most": most})
    return await _leased(session, INBOX, found.all(), now + lease)


async def due_outbox(
    session: AsyncSession,
    now: datetime,
    busy: Collection[str],
    most: int,
    lease: timedelta,
    channels: Collection[str],
) -> list[Row[Any]]:
    """Lease the oldest due row on `channels` of up to `most` persons that are not `busy`."""
    where = {"now": now, "busy": list(busy), "most": most, "channels": list(channels)}
    found = await session.execute(_DUE_OUTBOX, where)
    return await _leased(session, OUTBOX, found.all(), now + lease)


async def _leased(
    session: AsyncSession, table: Any, found: Sequence[Row[Any]], until: datetime
) -> list[Row[Any]]:
    rows: dict[str, Row[Any]] = {}
    for row in found:  # an urgent row and the head of the same queue: one after the other
        rows.setdefault(row.conversation, row)
    if rows:
        ids = [row.id for row in rows.values()]
        await session.execute(_LEASES[table.name], {"ids": ids, "until": until})
    return list(rows.values())


async def close_rows(session: AsyncSession, table: Any, ids: Sequence[int]) -> None:
    """Close rows that nobody will ever be able to read; what they hold stays."""
    if ids:
        await session.execute(_CLOSES[table.name], {"ids": list(ids)})


async def languages(session: AsyncSession, keys: Collection[str]) -> dict[str, str]:
    """Return the language of each known conversation."""
    found = await session.execute(_LANGUAGES, {"keys": list(keys)})
    return {row.key: row.language for row in found}


async def owners(session: AsyncSession, keys: Collection[str]) -> dict[str, Any]:
    """Return for each known conversation its channel, person, `gone` and when she last wrote."""
    found = await session.execute(_OWNERS, {"keys": list(keys)})
    return {row.key: row for row in found}


async def count_recent(
    session: AsyncSession, ids: Sequence[int], since: datetime
) -> dict[int, int]:
    """Return for each message how many its person sent from `since` up to it, itself included."""
    found = await session.execute(_RECENT, {"ids": list(ids), "since": since})
    return {row[0]: row[1] for row in found}
