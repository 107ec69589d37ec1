"""The desk: the cases of persons who asked for a human, and what staff write to them."""

import json
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot import handover, inbox, state
from bot.bodies import clean
from bot.channel import WINDOWS
from bot.keys import BadKey, Keys
from bot.messages import Event, Inbound, Released, StaffWrote, Unanswered
from bot.records import ON_THE_PAGE
from bot.store import Store
from bot.tables import HELD, CaseMessageRow, CaseRow, ConversationRow, OutboxRow
from content.panel.ports import Why
from content.staff import Role, StaffRow

log = structlog.get_logger()

LONGEST = 1500  # characters of one message: it fits every channel in one piece
NOTHING_KEPT = (
    "Nothing is kept of her any more: she asked to be forgotten, or has not written for long. "
    "She cannot be reached."
)


class DeskError(Exception):
    """The desk cannot do that now. The message says why and what to do instead."""

    def __init__(self, why: Why, message: str) -> None:
        super().__init__(message)
        self.why = why


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a case. `staff` is the address of who wrote it, None for the person."""

    staff: str | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A case as staff see it: no name, no number, no place.

    `status` is 'open', 'taken' or 'closed'. `writable_until` is when the platform's window closes,
    None where there is none; `by_notice` says that afterwards a notice tells her of an answer,
    which goes out once she writes. `reachable` is false once she blocked the bot or was forgotten.
    Since the case was opened, a platform did not take `undelivered` messages, and `waiting` ones
    are kept until she writes.
    """

    id: int
    channel: str
    language: str
    question: str
    status: str
    staff: str | None
    opened_at: datetime
    updated_at: datetime
    writable_until: datetime | None
    reachable: bool
    lines: tuple[Line, ...] = ()
    undelivered: int = 0
    waiting: int = 0
    by_notice: bool = False


def no_notice(_channel: str, _language: str) -> bool:
    """Say that no notice is approved."""
    return False


class Desk:
    """Lists, takes, answers, hands over and closes cases.

    `notices` tells for a channel and a language whether she can be told, once she has not written
    for long, that an answer waits.
    """

    def __init__(
        self, store: Store, keys: Keys, notices: Callable[[str, str], bool] = no_notice
    ) -> None:
        self._store = store
        self._keys = keys
        self._notices = notices

    async def cases(self, *, closed: bool = False, most: int = 200) -> list[Case]:
        """Return the cases that wait, oldest first, or the closed ones, newest first."""
        query = select(CaseRow).limit(most)
        if closed:
            query = query.where(CaseRow.status == "closed").order_by(CaseRow.updated_at.desc())
        else:
            query = query.where(CaseRow.status != "closed").order_by(CaseRow.opened_at, CaseRow.id)
        async with self._store.session() as session:
            rows = list(await session.scalars(query))
            owners = await session.scalars(
                select(ConversationRow).where(
                    ConversationRow.key.in_([row.conversation for row in rows])
                )
            )
            by_key = {owner.key: owner for owner in owners}
            return [self._case(row, by_key.get(row.conversation)) for row in rows]

    async def case(self, case_id: int) -> Case:
        """Return one case with its messages; raise `DeskError`."""
        async with self._store.session() as session:
            row = await session.get(CaseRow, case_id)
            if row is None:
                raise DeskError(
                    Why.MISSING,
                    f"There is no case {case_id}: it has expired, or she asked to be forgotten.",
                )
            owner = await session.get(ConversationRow, row.conversation)
            lines = await session.scalars(
                select(CaseMessageRow)
                .where(CaseMessageRow.case_id == case_id)
                .order_by(CaseMessageRow.id)
            )
            found = await session.execute(
                select(OutboxRow.status, func.count())
                .where(
                    OutboxRow.conversation == row.conversation,
                    OutboxRow.kind == "reply",
                    OutboxRow.status.in_(("dead", HELD)),
                    OutboxRow.created_at >= row.opened_at,
                )
                .group_by(OutboxRow.status)
            )
            kept = {status: int(count) for status, count in found}
            case = self._case(row, owner, tuple(lines))
            return replace(case, undelivered=kept.get("dead", 0), waiting=kept.get(HELD, 0))

    async def take(self, case_id: int, staff: str, now: datetime, *, over: bool = False) -> None:
        """Make a member of staff answer for a case; raise `DeskError`.

        `over` takes it also from a colleague.
        """
        async with self._store.session() as session:
            row = await self._open(session, case_id)
            if not over:
                _refuse_colleague(row, staff)
            row.staff, row.status, row.updated_at = staff, "taken", now

    async def reply(self, case_id: int, staff: str, text: str, now: datetime) -> None:
        """Send what a member of staff writes to the person, who becomes hers; raise `DeskError`.

        It takes its turn in her queue like her own messages, so that the order holds.
        """
        words = clean(text).strip()
        if not words or len(words) > LONGEST:
            raise DeskError(
                Why.LENGTH, f"A message has 1 to {LONGEST} characters; split a longer one."
            )
        async with self._store.session() as session:
            row = await self._open(session, case_id)
            _refuse_colleague(row, staff)
            owner = await session.get(ConversationRow, row.conversation)
            if owner is None:
                raise DeskError(Why.FORGOTTEN, NOTHING_KEPT)
            self._check_reachable(owner, now)
            row.staff, row.status, row.updated_at = staff, "taken", now
            body = self._keys.seal(words)
            session.add(CaseMessageRow(case_id=case_id, staff=staff, body=body, created_at=now))
            # With the line in the case or not at all: what is shown as sent has been sent.
            message = self._inbound(owner, StaffWrote(words), now)
            await inbox.put(session, self._keys, (message,), now)

    async def transfer(self, case_id: int, staff: str, to: str, now: datetime) -> None:
        """Hand a case over to a colleague with role desk; raise `DeskError`."""
        async with self._store.session() as session:
            row = await self._open(session, case_id)
            _refuse_colleague(row, staff)
            member = await session.get(StaffRow, to.strip().lower())
            if member is None or not member.active or member.role != Role.DESK:
                raise DeskError(
                    Why.NOT_DESK, "Only an active member of staff with role desk can take a case."
                )
            row.staff, row.status, row.updated_at = member.email, "taken", now

    async def close(self, case_id: int, staff: str, now: datetime) -> None:
        """Close a case and hand the conversation back to the assistant; raise `DeskError`."""
        async with self._store.session() as session:
            row = await self._open(session, case_id)
            row.staff, row.status, row.updated_at = staff, "closed", now
            owner = await session.get(ConversationRow, row.conversation)
            if owner is not None:
                message = self._inbound(owner, Released(), now)
                await inbox.put(session, self._keys, (message,), now)

    async def tell_unanswered(self, now: datetime) -> int:
        """Let those be told whom nobody has answered for a day; return how many.

        A page of the web chat that is not open shows nothing: she is told when she writes again.
        """
        asked = CaseRow.opened_at <= now - handover.SILENCE + handover.BEFORE_THE_END
        query = select(ConversationRow).where(
            ConversationRow.key.in_(
                select(CaseRow.conversation).where(CaseRow.status != "closed", asked)
            ),
            ~ConversationRow.gone,
        )
        told = 0
        async with self._store.session() as session:
            for owner in await session.scalars(query):
                if owner.channel == "web" and now - owner.last_inbound_at >= ON_THE_PAGE:
                    continue
                try:
                    known = state.from_json(json.loads(self._keys.open(owner.state)))
                except BadKey as error:
                    log.error("unanswered_not_told", why=str(error))
                    continue
                if not known.stopped and handover.is_unanswered(known, now):
                    # Two processes that look at once mean the same message.
                    number = f"unanswered {owner.key} {known.silent_until}"
                    message = self._inbound(owner, Unanswered(), now, number)
                    told += await inbox.put(session, self._keys, (message,), now)
        return told

    @staticmethod
    async def _open(session: AsyncSession, case_id: int) -> CaseRow:
        """Return a case that is not closed, locked; raise `DeskError`."""
        row = await session.get(CaseRow, case_id, with_for_update=True)
        if row is None:
            raise DeskError(
                Why.MISSING,
                f"There is no case {case_id}; `orienta desk list` names those there are.",
            )
        if row.status == "closed":
            raise DeskError(
                Why.CLOSED, f"Case {case_id} is closed: she has gone on with the assistant."
            )
        return row

    def _inbound(
        self, owner: ConversationRow, event: Event, now: datetime, number: str = ""
    ) -> Inbound:
        person = self._keys.open(owner.person)
        number = number or f"desk {secrets.token_hex(16)}"
        return Inbound(owner.channel, number, person, event, now)

    def _check_reachable(self, owner: ConversationRow, now: datetime) -> None:
        if owner.gone:
            raise DeskError(
                Why.GONE, "She blocked the assistant or left it: nothing can reach her any more."
            )
        if state.from_json(json.loads(self._keys.open(owner.state))).stopped:
            raise DeskError(
                Why.STOPPED, "She wants no more messages: nothing is sent until she writes again."
            )
        closes = _writable_until(owner)
        if closes is not None and now >= closes and not self._can_notify(owner):
            raise DeskError(
                Why.WINDOW,
                "WhatsApp's 24 hours since her last message are over: it can only be answered "
                "when she writes again, or with a notice that Meta has approved (see `orienta "
                "channel whatsapp templates`).",
            )

    def _can_notify(self, owner: ConversationRow) -> bool:
        return self._notices(owner.channel, owner.language)

    def _case(
        self, row: CaseRow, owner: ConversationRow | None, lines: Sequence[CaseMessageRow] = ()
    ) -> Case:
        return Case(
            row.id, row.channel, row.language, self._keys.open(row.question), row.status,
            row.staff, row.opened_at, row.updated_at,
            _writable_until(owner) if owner else None,
            owner is not None and not owner.gone,
            tuple(Line(m.staff, self._keys.open(m.body), m.created_at) for m in lines),
            by_notice=owner is not None and self._can_notify(owner),
        )  # fmt: skip


def _refuse_colleague(row: CaseRow, staff: str) -> None:
    """Keep two members of staff from answering the same person without knowing of each other."""
    if row.status == "taken" and row.staff != staff:
        raise DeskError(
            Why.COLLEAGUE, f"A colleague answers case {row.id}: agree, then take it over (--over)."
        )


def _writable_until(owner: ConversationRow) -> datetime | None:
    window = WINDOWS.get(owner.channel)
    return owner.last_inbound_at + window if window else None
