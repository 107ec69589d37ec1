"""What taking one turn reads and writes in the database, all or nothing."""

import json
from datetime import datetime

from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

import actions.effects
from actions.effects import ForgetPerson
from bot import codec, state
from bot.keys import Keys
from bot.messages import Inbound, Released, StaffWrote
from bot.scene import Turn
from bot.state import Conversation
from bot.tables import HELD, ConversationRow, InboxRow, OutboxRow
from content.catalogue import LANGUAGES


class TurnTransaction:
    """What one message may read and write, all or nothing."""

    def __init__(
        self,
        session: AsyncSession,
        keys: Keys,
        row: InboxRow,
        conversation: ConversationRow | None,
        inbound: Inbound,
        now: datetime,
    ) -> None:
        self._session = session
        self._keys = keys
        self._row = row
        self._conversation = conversation
        self._inbound = inbound
        self._now = now

    @property
    def conversation(self) -> Conversation:
        """The person's conversation; a new one starts in the language of her phone, if known."""
        if self._conversation is not None:
            return state.from_json(json.loads(self._keys.open(self._conversation.state)))
        hint = (self._inbound.language_hint or "").split("-")[0].lower()
        return Conversation(language=hint if hint in LANGUAGES else "es")

    async def takes_from_staff(self) -> bool:
        """Say whether staff may write to her: not after a stop, nor to whom is to be forgotten."""
        if self._conversation is None or self.conversation.stopped:
            return False
        bodies = await self._session.scalars(
            select(OutboxRow.body).where(
                OutboxRow.conversation == self._row.conversation,
                OutboxRow.kind == "effect",
                OutboxRow.status == "open",
            )
        )
        waiting = (actions.effects.loads(self._keys.open(body)) for body in bodies if body)
        return not any(isinstance(effect, ForgetPerson) for effect in waiting)

    async def let_go(self) -> bool:
        """Let what waited for her to write go out, before any answer; say whether it did."""
        held = (OutboxRow.conversation == self._row.conversation, OutboxRow.status == HELD)
        sent = {"status": "open", "due_at": self._now, "attempts": 0}
        done = await self._session.execute(update(OutboxRow).where(*held).values(**sent))
        return isinstance(done, CursorResult) and done.rowcount > 0

    async def finish(self, turn: Turn) -> None:
        """Keep the new state, put replies and effects into the outbox, close the message."""
        kept = self._keys.seal(json.dumps(state.to_json(turn.conversation)))
        language = turn.conversation.language
        if self._conversation is None:
            self._session.add(
                ConversationRow(
                    key=self._row.conversation,
                    channel=self._inbound.channel,
                    person=self._keys.seal(self._inbound.person),
                    language=language,
                    state=kept,
                    gone=False,
                    last_inbound_at=self._now,
                )
            )
        else:
            self._conversation.state = kept
            self._conversation.language = language
            # What staff do is no message of hers: WhatsApp's window and the retention run on.
            if not isinstance(self._inbound.event, StaffWrote | Released):
                self._conversation.gone = False
                self._conversation.last_inbound_at = self._now
        rows = [self._outbox("reply", codec.dump_reply(r), r.urgent) for r in turn.replies]
        rows += [self._outbox("effect", actions.effects.dumps(e), False) for e in turn.effects]
        if rows:
            await self._session.execute(insert(OutboxRow), rows)
        await self.drop()

    async def drop(self, status: str = "done") -> None:
        """Close the message without an answer."""
        self._row.status, self._row.body = status, None

    def _outbox(self, kind: str, body: str, urgent: bool) -> dict[str, object]:
        return {
            "conversation": self._row.conversation,
            "channel": self._inbound.channel,
            "kind": kind,
            "body": self._keys.seal(body),
            "status": "open",
            "sent": 0,
            "urgent": urgent,
            "attempts": 0,
            "error": "",
            "due_at": self._now,
            "created_at": self._now,
        }
