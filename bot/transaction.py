"""What taking turns reads and writes in the database, all or nothing."""

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

import actions.effects
from actions.effects import ForgetPerson
from bot import codec, state
from bot.keys import Keys
from bot.messages import FROM_DESK, Inbound
from bot.scene import Turn
from bot.state import Conversation
from bot.tables import HELD, ConversationRow, InboxRow, OutboxRow
from content.catalogue import LANGUAGES

# Rows are locked in the order of their ids and keys: two transactions that wait for each other
# would both fail.
_MESSAGES = (
    select(InboxRow)
    .where(InboxRow.id.in_(bindparam("ids", expanding=True)))
    .order_by(InboxRow.id)
    .with_for_update()
)
_CONVERSATIONS = (
    select(ConversationRow)
    .where(ConversationRow.key.in_(bindparam("keys", expanding=True)))
    .order_by(ConversationRow.key)
    .with_for_update()
)
_OUTBOX = OutboxRow.metadata.tables["outbox"]
_WAITING = (
    select(_OUTBOX.c.conversation)
    .distinct()
    .where(_OUTBOX.c.conversation.in_(bindparam("keys", expanding=True)), _OUTBOX.c.status == HELD)
)
_LET_GO = (
    update(_OUTBOX)
    .where(_OUTBOX.c.conversation.in_(bindparam("keys", expanding=True)), _OUTBOX.c.status == HELD)
    .values(status="open", due_at=bindparam("now"), attempts=0)
)
_PUT = insert(_OUTBOX)


class Turns:
    """The turns of several messages in one transaction: their rows, locked, and what is to write.

    `messages` and `conversations` are by id and key; `held` are the conversations with replies
    that wait for her to write.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session
        self.messages: dict[int, InboxRow] = {}
        self.conversations: dict[str, ConversationRow] = {}
        self.held: set[str] = set()
        self.released: dict[str, datetime] = {}
        self.outbox: list[dict[str, object]] = []

    async def lock(self, ids: Collection[int], keys: Collection[str]) -> None:
        """Read and lock messages and conversations."""
        rows = await self.session.scalars(_MESSAGES, {"ids": list(ids)})
        self.messages = {row.id: row for row in rows if row.status == "open"}
        persons = await self.session.scalars(_CONVERSATIONS, {"keys": list(keys)})
        self.conversations = {row.key: row for row in persons}
        self.held = set(await self.session.scalars(_WAITING, {"keys": list(keys)}))

    async def write(self) -> None:
        """Write what the turns left to be written; messages and conversations go by themselves."""
        for conversation, now in self.released.items():
            await self.session.execute(_LET_GO, {"keys": [conversation], "now": now})
        if self.outbox:
            await self.session.execute(_PUT, self.outbox)


class TurnTransaction:
    """What one message may read and write. Whoever raises before `finish` has written nothing."""

    def __init__(
        self, turns: Turns, keys: Keys, row: InboxRow, inbound: Inbound, now: datetime
    ) -> None:
        self._turns = turns
        self._keys = keys
        self._row = row
        self._conversation = turns.conversations.get(row.conversation)
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
        bodies = await self._turns.session.scalars(
            select(OutboxRow.body).where(
                OutboxRow.conversation == self._row.conversation,
                OutboxRow.kind == "effect",
                OutboxRow.status == "open",
            )
        )
        waiting = (actions.effects.loads(self._keys.open(body)) for body in bodies if body)
        return not any(isinstance(effect, ForgetPerson) for effect in waiting)

    @property
    def holds(self) -> bool:
        """Whether replies wait for her to write; `finish` can let them go."""
        return self._row.conversation in self._turns.held

    def finish(self, turn: Turn, *, let_go: bool = False) -> None:
        """Keep the new state, put replies and effects into the outbox, close the message.

        `let_go`: what waited for her to write goes out before.
        """
        key, language = self._row.conversation, turn.conversation.language
        kept = self._keys.seal(json.dumps(state.to_json(turn.conversation)))
        new = [self._outbox("reply", codec.dump_reply(r), r.urgent) for r in turn.replies]
        new += [self._outbox("effect", actions.effects.dumps(e), False) for e in turn.effects]
        if let_go:
            self._turns.held.discard(key)
            self._turns.released[key] = self._now
        self._turns.outbox += new
        if self._conversation is None:
            self._conversation = ConversationRow(
                key=key,
                channel=self._inbound.channel,
                person=self._keys.seal(self._inbound.person),
                language=language,
                state=kept,
                gone=False,
                last_inbound_at=self._now,
            )
            self._turns.conversations[key] = self._conversation
            self._turns.session.add(self._conversation)
        else:
            self._conversation.state = kept
            self._conversation.language = language
            # What staff do is no message of hers: WhatsApp's window and the retention run on.
            if not isinstance(self._inbound.event, FROM_DESK):
                self._conversation.gone = False
                self._conversation.last_inbound_at = self._now
        self.drop()

    def drop(self, status: str = "done") -> None:
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
