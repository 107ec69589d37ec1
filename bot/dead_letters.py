"""What did not go out: what staff see of it, and sending it again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from bot import codec
from bot.channel import WINDOWS
from bot.keys import BadKey, Keys
from bot.store import Store
from bot.tables import ConversationRow, OutboxRow

FRESH = timedelta(hours=24)
"""Older replies are sent again one by one only: after a day an answer comes as a surprise."""


class DeadLettersError(Exception):
    """A row cannot be sent again. The message says why."""


class Obstacle(StrEnum):
    """Why a row cannot be sent again."""

    NONE = ""
    FORGOTTEN = "nothing of it is kept any more"
    GONE = "the person cannot be reached until she writes again"
    WINDOW = "her last message is too old for the platform to take this; wait until she writes"
    SEALED = "it was sealed with another key"


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A reply or effect that was given up. Nothing here says what it holds or to whom it goes."""

    id: int
    channel: str
    kind: str
    error: str
    created_at: datetime
    obstacle: Obstacle


class DeadLetters:
    """The rows of the outbox that were given up."""

    def __init__(self, store: Store, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    async def listed(self, now: datetime) -> list[DeadLetter]:
        """Return them all, the oldest first."""
        query = (
            select(OutboxRow, ConversationRow)
            .outerjoin(ConversationRow, ConversationRow.key == OutboxRow.conversation)
            .where(OutboxRow.status == "dead")
            .order_by(OutboxRow.id)
        )
        async with self._store.session() as session:
            found = await session.execute(query)
            return [self._letter(row, owner, now) for row, owner in found]

    async def resend(self, number: int, now: datetime) -> None:
        """Let one go out again, however old it is; raise `DeadLettersError`."""
        query = (
            select(OutboxRow, ConversationRow)
            .outerjoin(ConversationRow, ConversationRow.key == OutboxRow.conversation)
            .where(OutboxRow.id == number, OutboxRow.status == "dead")
            .with_for_update(of=OutboxRow)
        )
        async with self._store.session() as session:
            pair = (await session.execute(query)).first()
            if pair is None:
                raise DeadLettersError(
                    f"Nothing that was given up has the number {number}: see `orienta outbox dead`."
                )
            row, owner = pair
            if obstacle := self._letter(row, owner, now).obstacle:
                raise DeadLettersError(f"Number {number} cannot be sent again: {obstacle}.")
            # What of a longer reply arrived is not repeated: `sent` stays.
            row.status, row.error, row.attempts, row.due_at = "open", "", 0, now

    async def resend_all(self, now: datetime) -> tuple[int, int]:
        """Let all go out again that can and are not old; return how many did and how many not."""
        letters = await self.listed(now)
        sent = 0
        for letter in letters:
            if letter.obstacle or now - letter.created_at > FRESH:
                continue
            try:
                await self.resend(letter.id, now)
            except DeadLettersError:  # somebody else was faster
                continue
            sent += 1
        return sent, len(letters) - sent

    def _letter(self, row: OutboxRow, owner: ConversationRow | None, now: datetime) -> DeadLetter:
        obstacle = self._obstacle(row, owner, now)
        return DeadLetter(row.id, row.channel, row.kind, row.error, row.created_at, obstacle)

    def _obstacle(self, row: OutboxRow, owner: ConversationRow | None, now: datetime) -> Obstacle:
        if owner is None or row.body is None:
            return Obstacle.FORGOTTEN
        if row.kind != "reply":
            return Obstacle.NONE
        if owner.gone:
            return Obstacle.GONE
        window = WINDOWS.get(row.channel)
        try:
            reply = codec.load_reply(self._keys.open(row.body))
        except BadKey:
            return Obstacle.SEALED
        except (KeyError, TypeError, ValueError):  # of another version
            return Obstacle.FORGOTTEN
        # A reply with a template has a wording for after the window.
        if window and now - owner.last_inbound_at >= window and reply.template is None:
            return Obstacle.WINDOW
        return Obstacle.NONE
