"""What taking one turn reads and writes in the database, all or nothing."""

import json
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

import actions.effects
from bot import codec, state
from bot.keys import Keys
from bot.messages import Inbound
from bot.scene import Turn
from bot.state import Conversation
from bot.tables import ConversationRow, InboxRow, OutboxRow
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
