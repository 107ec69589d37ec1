"""What effects write: questions and opinions, cases, reminders, and the erasing of it all."""

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import delete, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from actions.effects import RecordFeedback, RecordMiss, RecordUnhelpful
from bot import codec, reminders, state
from bot.keys import BadKey, Keys
from bot.messages import Reply
from bot.scene import PERU
from bot.store import Store
from bot.tables import CaseMessageRow, CaseRow, ConversationRow, OutboxRow, ReminderRow

log = structlog.get_logger()

DAYTIME = range(9, 20)  # hours of Peru in which a reminder may arrive
ON_THE_PAGE = timedelta(minutes=15)  # since her last message: longer than between two looks


class StoredRecords:
    """`actions.run.Records` over the database."""

    def __init__(self, store: Store, keys: Keys, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock

    async def record_miss(self, conversation: str, miss: RecordMiss) -> None:
        """Keep a scrubbed question for the staff."""
        await self._store.record_miss(conversation, miss)

    async def record_feedback(self, conversation: str, feedback: RecordFeedback) -> None:
        """Keep an opinion, without whose it was."""
        await self._store.record_feedback(conversation, feedback)

    async def record_unhelpful(self, conversation: str, unhelpful: RecordUnhelpful) -> None:
        """Keep a scrubbed question whose answer did not help."""
        await self._store.record_unhelpful(conversation, unhelpful)

    async def forget(self, conversation: str, upto: int) -> None:
        """Erase cases and reminders, then all the rest that is kept about a person."""
        async with self._store.session() as session:
            hers = select(CaseRow.id).where(CaseRow.conversation == conversation)
            await session.execute(delete(CaseMessageRow).where(CaseMessageRow.case_id.in_(hers)))
            await session.execute(delete(CaseRow).where(CaseRow.conversation == conversation))
            await session.execute(
                delete(ReminderRow).where(ReminderRow.conversation == conversation)
            )
        await self._store.forget(conversation, upto)

    # --- cases ---------------------------------------------------------------------------------

    async def open_case(self, conversation: str, question: str, language: str) -> None:
        """Open a case for the desk, or add the question to the one that is open."""
        now = self._clock()
        async with self._store.session() as session:
            # Locked: of two that open one at the same moment the second finds the first's.
            owner = await session.get(ConversationRow, conversation, with_for_update=True)
            if owner is None:  # forgotten while this waited
                return
            if case := await self._open_case(session, conversation):
                if question and question != self._keys.open(case.question):
                    self._add_line(session, case, question, now)
                return
            session.add(
                CaseRow(
                    conversation=conversation,
                    channel=owner.channel,
                    language=language,
                    question=self._keys.seal(question),
                    status="open",
                    opened_at=now,
                    updated_at=now,
                )
            )

    async def write_to_case(self, conversation: str, text: str) -> None:
        """Add to the open case; without one, nothing is kept."""
        now = self._clock()
        async with self._store.session() as session:
            if case := await self._open_case(session, conversation):
                self._add_line(session, case, text, now)

    async def close_case(self, conversation: str) -> None:
        """Close the open case, if there is one."""
        async with self._store.session() as session:
            await session.execute(
                update(CaseRow)
                .where(CaseRow.conversation == conversation, CaseRow.status != "closed")
                .values(status="closed", updated_at=self._clock())
            )

    def _add_line(self, session: AsyncSession, case: CaseRow, text: str, now: datetime) -> None:
        case.updated_at = now
        session.add(CaseMessageRow(case_id=case.id, body=self._keys.seal(text), created_at=now))

    @staticmethod
    async def _open_case(session: AsyncSession, conversation: str) -> CaseRow | None:
        query = select(CaseRow).where(
            CaseRow.conversation == conversation, CaseRow.status != "closed"
        )
        found: CaseRow | None = await session.scalar(query.limit(1).with_for_update())
        return found

    # --- reminders -----------------------------------------------------------------------------

    async def set_reminder(self, conversation: str, due: date, language: str) -> None:
        """Keep a date to remind her of; the same date twice is one reminder."""
        today = self._clock().astimezone(PERU).date()
        async with self._store.session() as session:
            if await session.get(ConversationRow, conversation) is None:  # forgotten meanwhile
                return
            await session.execute(
                delete(ReminderRow).where(
                    ReminderRow.conversation == conversation, ReminderRow.due == due
                )
            )
            for days in reminders.DAYS_BEFORE:
                send_on = due - timedelta(days=days)
                if send_on > today:
                    session.add(
                        ReminderRow(
                            conversation=conversation, due=due, send_on=send_on, language=language
                        )
                    )

    async def drop_reminders(self, conversation: str) -> None:
        """Delete all her reminders."""
        async with self._store.session() as session:
            await session.execute(
                delete(ReminderRow).where(ReminderRow.conversation == conversation)
            )

    async def send_reminders(self, compose: Callable[[str, str], Reply]) -> int:
        """Queue the reminders of today, by day only; return how many.

        `compose` gives the reply for a day (YYYY-MM-DD) and a language. One that was missed while
        nothing ran goes out late, as long as its date is not past.
        """
        now = self._clock()
        today = now.astimezone(PERU).date()
        async with self._store.session() as session:
            query = select(ReminderRow.conversation).where(ReminderRow.send_on <= today)
            persons = list(await session.scalars(query.distinct()))
        queued = 0
        for person in persons:
            try:
                queued += await self._remind(person, compose, now)
            except BadKey as error:  # hers waits until the right key is back
                log.error("reminder_waits", why=str(error))
        return queued

    async def _remind(
        self, conversation: str, compose: Callable[[str, str], Reply], now: datetime
    ) -> int:
        """Queue what is due for one person. Her row is locked: another process finds it done.

        What she said last may still wait in the outbox as an effect, so her state decides.
        """
        today = now.astimezone(PERU).date()
        async with self._store.session() as session:
            owner = await session.get(ConversationRow, conversation, with_for_update=True)
            if owner is not None and not _can_get(owner, now):
                return 0
            wanted = self._wanted(owner)
            query = select(ReminderRow).where(
                ReminderRow.conversation == conversation, ReminderRow.send_on <= today
            )
            sent = set()
            for row in await session.scalars(query):
                due = row.due.isoformat()
                if owner is not None and row.due >= today and due in wanted and due not in sent:
                    sent.add(due)
                    session.add(self._outbox_row(owner, compose(due, row.language), now))
                await session.delete(row)
            return len(sent)

    def _wanted(self, owner: ConversationRow | None) -> tuple[str, ...]:
        """Return the days that she wants to be reminded of; none once she left or said stop."""
        if owner is None or owner.gone:
            return ()
        conversation = state.from_json(json.loads(self._keys.open(owner.state)))
        return () if conversation.stopped else conversation.reminders

    def _outbox_row(self, owner: ConversationRow, reply: Reply, now: datetime) -> OutboxRow:
        return OutboxRow(
            conversation=owner.key,
            channel=owner.channel,
            kind="reply",
            body=self._keys.seal(codec.dump_reply(reply)),
            status="open",
            sent=0,
            urgent=False,
            attempts=0,
            error="",
            due_at=now,
            created_at=now,
        )

    # --- expiry --------------------------------------------------------------------------------

    async def purge(self, before: datetime) -> int:
        """Delete what is older than the retention allows; return how many rows went.

        A conversation with a reminder ahead stays until it has been sent: without the address
        nobody could be reminded. A case goes with its conversation at the latest.
        """
        here = ConversationRow.key
        awaited = exists().where(ReminderRow.conversation == here)
        leaving = exists().where(OutboxRow.conversation == here, OutboxRow.status == "open")
        gone = await self._store.purge(before, kept=awaited | leaving)
        async with self._store.session() as session:
            orphan = ~exists().where(here == CaseRow.conversation)
            old = (CaseRow.updated_at < before) | orphan
            ids = select(CaseRow.id).where(old)
            await session.execute(delete(CaseMessageRow).where(CaseMessageRow.case_id.in_(ids)))
            await session.execute(delete(CaseRow).where(old))
        return gone


def _can_get(owner: ConversationRow, now: datetime) -> bool:
    """Say whether a reminder may reach her now.

    A page of the web chat is there only while she uses it: then it waits for her to come, at
    whatever hour that is.
    """
    if owner.channel == "web":
        return now - owner.last_inbound_at < ON_THE_PAGE
    return now.astimezone(PERU).hour in DAYTIME
