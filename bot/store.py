"""Conversations, inbox and outbox in the database, the same for SQLite and PostgreSQL.

Work is claimed by moving its due time forward (a lease): a process that dies gives its work back
when the lease ends, and two processes never hold the same row.
"""

from collections.abc import AsyncIterator, Callable, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    delete,
    event,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import aliased

import actions.effects
from actions.effects import Effect, RecordFeedback, RecordMiss
from bot import codec
from bot.keys import BadKey, Keys
from bot.messages import Inbound, Reply
from bot.tables import ConversationRow, FeedbackRow, InboxRow, MissRow, OutboxRow
from bot.transaction import TurnTransaction

log = structlog.get_logger()

_T = TypeVar("_T")

# Longer than the slowest send of one payload; it is renewed with each.
LEASE = timedelta(seconds=90)


ONLY_READS = "orienta_only_reads"
"""An execution option of an engine whose transactions write nothing, and so need no lock."""


class StoreUnavailable(Exception):
    """The database cannot be used now; nothing was stored. The message holds no data."""


@dataclass(frozen=True, slots=True)
class InboxItem:
    """A message that waits for its turn."""

    id: int
    conversation: str
    inbound: Inbound
    attempts: int
    language: str | None


@dataclass(frozen=True, slots=True)
class OutboxItem:
    """A reply or an effect that waits to go out, with whom it concerns."""

    id: int
    conversation: str
    channel: str
    person: str
    body: Reply | Effect
    sent: int
    attempts: int
    gone: bool


def open_engine(url: str, *, patience: float = 5.0) -> AsyncEngine:
    """Return an engine; SQLite gets write-ahead logging and waits `patience` seconds for a lock."""
    if not url.startswith("sqlite"):
        return create_async_engine(url, pool_pre_ping=True, pool_size=10, max_overflow=10)
    engine = create_async_engine(url, connect_args={"timeout": patience})

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _: object) -> None:
        # The driver must not open transactions by itself: a read that turns into a write half-way
        # fails at once with "database is locked" instead of waiting.
        connection.isolation_level = None
        try:
            cursor = connection.cursor()
            for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()
        except BaseException:
            connection.close()  # a file that is no database: nobody else would close it
            raise

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Any) -> None:
        reads = connection.get_execution_options().get(ONLY_READS)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


class Store:
    """The shell's memory. Every method is one transaction."""

    def __init__(self, engine: AsyncEngine, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = keys
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open a transaction; raise `StoreUnavailable` when the database fails."""
        try:
            async with self._sessions.begin() as session:
                yield session
        except (DBAPIError, OSError) as error:
            cause = type(getattr(error, "orig", None) or error).__name__
            raise StoreUnavailable(f"the database failed ({cause})") from None
        except SQLAlchemyError as error:
            raise StoreUnavailable(f"the database failed ({type(error).__name__})") from None

    # --- inbox ---------------------------------------------------------------------------------

    async def accept(self, messages: Sequence[Inbound], now: datetime) -> int:
        """Keep messages until they are answered; return how many were new."""
        if not messages:
            return 0
        rows = [
            {
                "message": self._keys.person(m.channel, f"message {m.message_id}"),
                "conversation": self._keys.person(m.channel, m.person),
                "body": self._keys.seal(codec.dump_inbound(m)),
                "status": "open",
                "attempts": 0,
                "due_at": now,
                "received_at": now,
            }
            for m in messages
        ]
        dialect = sqlite if self._engine.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(InboxRow).values(rows).on_conflict_do_nothing()
        async with self.session() as session:
            result = await session.execute(statement)
            return _count(result)

    async def claim_inbox(self, now: datetime, busy: Collection[str], most: int) -> list[InboxItem]:
        """Lease the oldest due message of up to `most` persons that are not `busy`."""
        async with self.session() as session:
            rows = await self._claim(session, InboxRow, now, busy, most)
            languages = await self._languages(session, [r.conversation for r in rows])
            items = []
            for row in rows:
                if (inbound := self._readable(row, codec.load_inbound)) is None:
                    continue
                known = languages.get(row.conversation)
                items.append(InboxItem(row.id, row.conversation, inbound, row.attempts, known))
            return items

    @asynccontextmanager
    async def turn(self, item: InboxItem, now: datetime) -> AsyncIterator["TurnTransaction | None"]:
        """Lock a conversation for one message; yields None if the message is done already."""
        async with self.session() as session:
            row = await session.get(InboxRow, item.id, with_for_update=True)
            if row is None or row.status != "open":
                yield None
                return
            conversation = await session.get(
                ConversationRow, item.conversation, with_for_update=True
            )
            yield TurnTransaction(session, self._keys, row, conversation, item.inbound, now)

    async def postpone_inbox(self, item: InboxItem, due_at: datetime) -> None:
        """Try a message again later."""
        async with self.session() as session:
            await session.execute(
                update(InboxRow).where(InboxRow.id == item.id).values(due_at=due_at)
            )

    # --- outbox --------------------------------------------------------------------------------

    async def claim_outbox(
        self, now: datetime, busy: Collection[str], most: int, channels: Collection[str]
    ) -> list[OutboxItem]:
        """Lease the oldest due row on `channels` of up to `most` persons that are not `busy`."""
        async with self.session() as session:
            here = OutboxRow.channel.in_(channels)
            rows = await self._claim(session, OutboxRow, now, busy, most, here)
            keys = {r.conversation for r in rows}
            found = await session.scalars(
                select(ConversationRow).where(ConversationRow.key.in_(keys))
            )
            persons = {c.key: c for c in found}
            items = []
            for row in rows:
                owner = persons.get(row.conversation)
                if owner is None:  # she was forgotten while this waited
                    row.status, row.body = "dead", None
                    continue
                load = codec.load_reply if row.kind == "reply" else actions.effects.loads
                body: Reply | Effect | None = self._readable(row, load)
                if body is None:
                    continue
                person = self._keys.open(owner.person)
                items.append(
                    OutboxItem(
                        row.id, row.conversation, owner.channel, person, body, row.sent,
                        row.attempts, owner.gone,
                    )
                )  # fmt: skip
            return items

    async def progress_outbox(self, item_id: int, sent: int, now: datetime) -> None:
        """Remember how many payloads of a reply went out, and renew the lease."""
        await self._set_outbox(item_id, sent=sent, due_at=now + LEASE)

    async def finish_outbox(self, item_id: int) -> None:
        """Close a row that is done."""
        await self._set_outbox(item_id, status="done", body=None)

    async def bury_outbox(self, item_id: int, code: str) -> None:
        """Close a row that will not go out; its body stays so that staff may send it again."""
        await self._set_outbox(item_id, status="dead", error=code[:64])

    async def postpone_outbox(self, item_id: int, due_at: datetime, code: str) -> None:
        """Try a row again later."""
        await self._set_outbox(item_id, due_at=due_at, error=code[:64])

    async def report_failure(self, item_id: int, code: str) -> None:
        """Keep what a platform says later about a message that it had accepted."""
        await self._set_outbox(item_id, status="dead", error=code[:64])

    async def _set_outbox(self, item_id: int, **values: object) -> None:
        async with self.session() as session:
            await session.execute(update(OutboxRow).where(OutboxRow.id == item_id).values(**values))

    # --- persons -------------------------------------------------------------------------------

    async def mark_gone(self, conversation: str) -> None:
        """Stop sending to somebody who blocked us or cannot be reached."""
        async with self.session() as session:
            await session.execute(
                update(ConversationRow).where(ConversationRow.key == conversation).values(gone=True)
            )

    async def forget(self, conversation: str, upto: int) -> None:
        """Erase all that is kept about a person up to a row of the outbox.

        What she wrote since she asked for it is answered like anybody's. The hashed ids of her
        messages stay, emptied, so that a repeated delivery is not answered as new; they tell
        nothing and expire with the rest. Tables are taken in the order in which a turn takes them:
        two transactions that wait for each other would both fail.
        """
        hers = InboxRow.conversation == conversation
        async with self.session() as session:
            await session.execute(
                update(InboxRow)
                .where(hers, InboxRow.status != "open")
                .values(body=None, conversation="")
            )
            waiting = exists().where(hers)
            later = exists().where(OutboxRow.conversation == conversation, OutboxRow.id > upto)
            await session.execute(
                delete(ConversationRow).where(ConversationRow.key == conversation, ~waiting, ~later)
            )
            await session.execute(
                delete(OutboxRow).where(
                    OutboxRow.conversation == conversation, OutboxRow.id <= upto
                )
            )

    async def record_miss(self, conversation: str, miss: RecordMiss) -> None:
        """Keep a scrubbed question for the staff."""
        values = {
            "question": miss.question,
            "language": miss.language,
            "offered": list(miss.offered),
            "chosen": miss.chosen,
        }
        await self._record(MissRow, conversation, values)

    async def record_feedback(self, conversation: str, feedback: RecordFeedback) -> None:
        """Keep an opinion, without whose it was."""
        values = {
            "article": feedback.article,
            "language": feedback.language,
            "helped": feedback.helped,
        }
        await self._record(FeedbackRow, conversation, values)

    async def _record(self, table: type[Any], conversation: str, values: dict[str, Any]) -> None:
        async with self.session() as session:
            owner = await session.get(ConversationRow, conversation)
            channel = owner.channel if owner is not None else ""
            session.add(table(channel=channel, created_at=self._clock(), **values))

    async def purge(self, before: datetime) -> int:
        """Delete what is older than the retention allows; return how many rows went."""
        async with self.session() as session:
            gone = 0
            for table, column in (
                (ConversationRow, ConversationRow.last_inbound_at),
                (InboxRow, InboxRow.received_at),
                (OutboxRow, OutboxRow.created_at),
                (MissRow, MissRow.created_at),
            ):
                gone += _count(await session.execute(delete(table).where(column < before)))
            return gone

    # --- the two queues alike ------------------------------------------------------------------

    async def _claim(
        self,
        session: AsyncSession,
        table: type[Any],
        now: datetime,
        busy: Collection[str],
        most: int,
        *where: ColumnElement[bool],
    ) -> list[Any]:
        """Lease the head of each person's queue where it is due."""
        older = aliased(table)
        ahead = exists().where(
            older.conversation == table.conversation,
            older.status == "open",
            older.id < table.id,
        )
        first, order = ~ahead, [table.id]
        if table is OutboxRow:
            first, order = or_(OutboxRow.urgent, ~ahead), [OutboxRow.urgent.desc(), table.id]
        query = (
            select(table)
            .where(table.status == "open", table.due_at <= now, first, *where)
            .order_by(*order)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        if busy:
            query = query.where(table.conversation.not_in(busy))
        rows: list[Any] = []
        for row in await session.scalars(query):
            if any(row.conversation == taken.conversation for taken in rows):
                continue  # an urgent row and the head of the same queue: one after the other
            rows.append(row)
            row.due_at = now + LEASE
            row.attempts += 1
        return rows

    def _readable(self, row: Any, load: Callable[[str], _T]) -> _T | None:
        """Return what a row holds, or None for one that this process cannot read.

        One of another version is closed, not left to block; one that was sealed with another key
        waits for a minute at a time until the right key is back.
        """
        try:
            return load(self._keys.open(row.body or ""))
        except BadKey as error:
            log.error("row_sealed_otherwise", table=row.__tablename__, why=str(error))
        except (KeyError, TypeError, ValueError) as error:
            log.error("row_not_readable", table=row.__tablename__, error=type(error).__name__)
            row.status = "dead"
        return None

    @staticmethod
    async def _languages(session: AsyncSession, keys: list[str]) -> dict[str, str]:
        """Return the language of each known conversation."""
        query = select(ConversationRow.key, ConversationRow.language)
        rows = await session.execute(query.where(ConversationRow.key.in_(keys)))
        return {row.key: row.language for row in rows}


def _count(result: Any) -> int:
    return max(0, result.rowcount) if isinstance(result, CursorResult) else 0
