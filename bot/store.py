"""Conversations, inbox and outbox in the database, the same for SQLite and PostgreSQL.

Work is claimed by moving its due time forward (a lease): a process that dies gives its work back
when the lease ends, and two processes never hold the same row.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias, TypeVar, cast

import structlog
from sqlalchemy import (
    ColumnElement,
    CursorResult,
    Row,
    delete,
    exists,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

import actions.effects
from actions.effects import Effect, RecordFeedback, RecordMiss, RecordUnhelpful
from bot import claiming, codec, inbox, moving
from bot.claiming import INBOX, OUTBOX
from bot.keys import BadKey, Keys
from bot.messages import Inbound, Reply
from bot.tables import ConversationRow, FeedbackRow, InboxRow, MissRow, OutboxRow
from bot.transaction import Turns, TurnTransaction
from bot.writing import Queue, Together

log = structlog.get_logger()

_T = TypeVar("_T")

# Longer than the slowest send of one payload; it is renewed with each.
LEASE = timedelta(seconds=90)
FLOOD_SPAN = timedelta(minutes=1)
# Turns that share a transaction: each is half a millisecond in which nothing else happens.
MOST_TURNS = 8
COURTESY = 0.05  # seconds for which work on what was accepted waits for what is coming in


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
    recent: int
    """How many messages she sent within the flood's span up to this one, itself included."""


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
    wrote_at: datetime
    """When she last wrote: a platform may take free text only for some time after that."""


_Asked: TypeAlias = tuple[InboxItem, datetime, Callable[[TurnTransaction], Awaitable[object]]]
"""A message, the moment, and what is to be done in its turn."""


class Store:
    """The shell's memory. Every method is one transaction."""

    def __init__(self, engine: AsyncEngine, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._engine = engine
        self._clock = clock
        self._keys = keys
        self._sessions = async_sessionmaker(engine, expire_on_commit=False)
        self._writers = Queue() if engine.dialect.name == "sqlite" else None
        self._accept = Together(self._accept_all)
        self._finish = Together(self._finish_all)
        self._turns = Together(self._take_all, most=MOST_TURNS)

    @asynccontextmanager
    async def session(self, *, urgent: bool = False) -> AsyncIterator[AsyncSession]:
        """Open a transaction; raise `StoreUnavailable` when the database fails."""
        try:
            async with AsyncExitStack() as stack:
                if self._writers is not None:
                    await stack.enter_async_context(self._writers.turn(urgent=urgent))
                yield await stack.enter_async_context(self._sessions.begin())
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
        return await self._accept(inbox.rows(self._keys, messages, now))

    async def after_webhooks(self) -> None:
        """Wait a moment while messages are being accepted, for a platform waits as well."""
        await self._accept.rest(COURTESY)

    async def _accept_all(self, asked: Sequence[list[inbox.Row]]) -> list[int]:
        """Keep what several webhooks brought; a platform waits for it, so it goes first."""
        async with self.session(urgent=True) as session:
            new = await inbox.put_rows(session, [row for rows in asked for row in rows])
        counts = []
        for rows in asked:
            mine = new & {row["message"] for row in rows}
            new -= mine
            counts.append(len(mine))
        return counts

    async def claim_inbox(self, now: datetime, busy: Collection[str], most: int) -> list[InboxItem]:
        """Lease the oldest due message of up to `most` persons that are not `busy`."""
        async with self.session() as session:
            rows = await claiming.due_inbox(session, now, busy, most, LEASE)
            if not rows:
                return []
            languages = await claiming.languages(session, [r.conversation for r in rows])
            recent = await claiming.count_recent(session, [r.id for r in rows], now - FLOOD_SPAN)
            items = []
            for row in rows:
                if (inbound := await self._readable(session, row, codec.load_inbound)) is None:
                    continue
                known = languages.get(row.conversation)
                items.append(
                    InboxItem(
                        row.id, row.conversation, inbound, row.attempts + 1, known,
                        recent.get(row.id, 1),
                    )
                )  # fmt: skip
            return items

    async def turn(
        self, item: InboxItem, now: datetime, take: Callable[[TurnTransaction], Awaitable[_T]]
    ) -> _T | None:
        """Lock a conversation for one message and let `take` work; None if it is done already.

        Turns that are taken at the same time share a transaction. What one of them raises, nobody
        but its caller hears; when the database fails, all have failed.
        """
        taken = await self._turns((item, now, take))
        if isinstance(taken, Exception):
            raise taken
        return cast(_T | None, taken)

    async def _take_all(self, asked: Sequence[_Asked]) -> list[object]:
        async with self.session() as session:
            turns = Turns(session)
            await turns.lock([item.id for item, *_ in asked], {i.conversation for i, *_ in asked})
            taken = [await self._take(turns, *one) for one in asked]
            await turns.write()
        return taken

    async def _take(
        self,
        turns: Turns,
        item: InboxItem,
        now: datetime,
        take: Callable[[TurnTransaction], Awaitable[object]],
    ) -> object:
        """Return what came of one turn, or what it raised."""
        row = turns.messages.get(item.id)
        if row is None or row.status != "open":
            return None
        try:
            return await take(TurnTransaction(turns, self._keys, row, item.inbound, now))
        except (SQLAlchemyError, OSError):
            raise
        except Exception as error:
            return error

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
            rows = await claiming.due_outbox(session, now, busy, most, LEASE, channels)
            if not rows:
                return []
            owners = await claiming.owners(session, [r.conversation for r in rows])
            items = []
            for row in rows:
                owner = owners.get(row.conversation)
                if owner is None:  # she was forgotten while this waited
                    lost = update(OutboxRow).where(OutboxRow.id == row.id)
                    await session.execute(lost.values(status="dead", body=None))
                    continue
                load = codec.load_reply if row.kind == "reply" else actions.effects.loads
                body: Reply | Effect | None = await self._readable(session, row, load)
                if body is None:
                    continue
                person = self._keys.open(owner.person)
                items.append(
                    OutboxItem(
                        row.id, row.conversation, owner.channel, person, body, row.sent,
                        row.attempts + 1, owner.gone, owner.last_inbound_at,
                    )
                )  # fmt: skip
            return items

    async def progress_outbox(self, item_id: int, sent: int, now: datetime) -> None:
        """Remember how many payloads of a reply went out, and renew the lease."""
        await self._set_outbox(item_id, sent=sent, due_at=now + LEASE)

    async def finish_outbox(self, item_id: int) -> None:
        """Close a row that is done."""
        await self._finish(item_id)

    async def _finish_all(self, ids: Sequence[int]) -> list[None]:
        async with self.session() as session:
            done = update(OutboxRow).where(OutboxRow.id.in_(ids))
            await session.execute(done.values(status="done", body=None))
        return [None] * len(ids)

    async def bury_outbox(self, item_id: int, code: str) -> None:
        """Close a row that will not go out; its body stays so that staff may send it again."""
        await self._set_outbox(item_id, status="dead", error=code[:64])

    async def postpone_outbox(self, item_id: int, due_at: datetime, code: str) -> None:
        """Try a row again later."""
        await self._set_outbox(item_id, due_at=due_at, error=code[:64])

    async def report_failure(self, item_id: int, code: str, *, gone: bool = False) -> None:
        """Keep what a platform says later about a message; `gone`: she cannot be reached."""
        await self._set_outbox(item_id, status="dead", error=code[:64])
        if gone:
            whose = select(OutboxRow.conversation).where(OutboxRow.id == item_id).scalar_subquery()
            async with self.session() as session:
                hers = update(ConversationRow).where(ConversationRow.key == whose)
                await session.execute(hers.values(gone=True))

    async def _set_outbox(self, item_id: int, **values: object) -> None:
        async with self.session() as session:
            await session.execute(update(OutboxRow).where(OutboxRow.id == item_id).values(**values))

    # --- persons -------------------------------------------------------------------------------

    def key_of(self, channel: str, person: str) -> str:
        """Return the key of a person's conversation."""
        return self._keys.person(channel, person)

    async def mark_gone(self, conversation: str, *, gone: bool = True) -> None:
        """Stop sending to somebody who blocked us or cannot be reached; or begin again."""
        hers = ConversationRow.key == conversation
        async with self.session() as session:
            await session.execute(update(ConversationRow).where(hers).values(gone=gone))

    async def move(self, channel: str, old: str, new: str) -> None:
        """Let a person go on under another id, with all that is kept about her."""
        async with self.session() as session:
            await moving.move(session, self._keys, channel, old, new)

    async def forget(self, conversation: str, upto: int) -> None:
        """Erase all that is kept about a person up to a row of the outbox.

        What she wrote since she asked for it is answered like anybody's; what staff wrote to her
        and still waits goes as well. The hashed ids of her
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
            await inbox.take_back_staffs(session, self._keys, conversation)
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

    async def record_unhelpful(self, conversation: str, unhelpful: RecordUnhelpful) -> None:
        """Keep a scrubbed question for the staff, with the answer that did not help."""
        values = {
            "question": unhelpful.question,
            "language": unhelpful.language,
            "offered": [unhelpful.article],
            "unhelpful": True,
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

    async def purge(self, before: datetime, kept: ColumnElement[bool] | None = None) -> int:
        """Delete what is older than the retention allows; return how many rows went.

        Conversations for which `kept` holds stay.
        """
        async with self.session() as session:
            gone = 0
            for table, column in (
                (ConversationRow, ConversationRow.last_inbound_at),
                (InboxRow, InboxRow.received_at),
                (OutboxRow, OutboxRow.created_at),
                (MissRow, MissRow.created_at),
            ):
                old = delete(table).where(column < before)
                if table is ConversationRow and kept is not None:
                    old = old.where(~kept)
                gone += _count(await session.execute(old))
            return gone

    async def _readable(
        self, session: AsyncSession, row: Row[Any], load: Callable[[str], _T]
    ) -> _T | None:
        """Return what a row of a queue holds, or None for one that this process cannot read.

        One of another version is closed, not left to block; one that was sealed with another key
        waits for a minute at a time until the right key is back.
        """
        table = OUTBOX if "kind" in row._fields else INBOX
        try:
            return load(self._keys.open(row.body or ""))
        except BadKey as error:
            log.error("row_sealed_otherwise", table=table.name, why=str(error))
        except (KeyError, TypeError, ValueError) as error:
            log.error("row_not_readable", table=table.name, error=type(error).__name__)
            await claiming.close_rows(session, table, [row.id])
        return None


def _count(result: Any) -> int:
    return max(0, result.rowcount) if isinstance(result, CursorResult) else 0
