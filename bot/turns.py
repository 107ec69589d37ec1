"""The shell around the engine: read a message, take the turn, keep what follows."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Protocol

import structlog

from bot import metrics, replies
from bot.channel import Acknowledges, Channel
from bot.engine import respond
from bot.messages import Asked, Event, Inbound, Input, Phrase, Said
from bot.policy import Policy
from bot.scene import Turn
from bot.state import Conversation
from bot.store import InboxItem, Store, StoreUnavailable
from content.catalogue import Catalogue
from nlu.understanding import Understanding

log = structlog.get_logger()

PERU = timezone(timedelta(hours=-5))  # no summer time
MOST_ATTEMPTS = 5
# WhatsApp repeats undelivered webhooks for seven days, but nothing may be sent after one.
TOO_OLD = {"whatsapp": timedelta(hours=24)}


class TextReader(Protocol):
    """Whatever reads texts; `nlu.reader.Reader` does."""

    async def read(self, text: str, prior: str | None) -> Understanding:
        """Return what a text means."""


def today_in_peru(now: datetime) -> date:
    """Return the day by which texts are due or withheld."""
    return now.astimezone(PERU).date()


async def read_event(event: Event, language: str | None, reader: TextReader) -> Input:
    """Turn an event into the engine's input; `language` is the conversation's, if there is one."""
    if isinstance(event, Said):
        return Asked(event.text, await reader.read(event.text, language))
    return event


@dataclass(frozen=True, slots=True)
class Turns:
    """Takes one turn for one message of the inbox."""

    store: Store
    reader: Callable[[], TextReader]
    catalogue: Callable[[], Catalogue]
    policy: Policy
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    wake_outbox: Callable[[], None]
    acknowledging: set["asyncio.Task[None]"] = field(default_factory=set)

    async def claim(self, busy: frozenset[str], most: int) -> list[InboxItem]:
        """Lease due messages."""
        return await self.store.claim_inbox(self.clock(), busy, most)

    async def handle(self, item: InboxItem) -> None:
        """Answer a message, or say that it could not be answered; never leave it in silence."""
        started = self.clock()
        try:
            await self.take(item)
        except StoreUnavailable:
            raise
        except Exception as error:
            log.error("turn_failed", error=type(error).__name__, attempt=item.attempts)
            if item.attempts >= MOST_ATTEMPTS:
                await self._apologise(item)
            else:
                again = self.clock() + timedelta(seconds=2**item.attempts)
                await self.store.postpone_inbox(item, again)
        metrics.TURN_SECONDS.observe((self.clock() - started).total_seconds())

    async def take(self, item: InboxItem) -> Turn | None:
        """Take one turn and return it; None if the message was too old or already answered."""
        now = self.clock()
        if self._too_old(item, now):
            async with self.store.turn(item, now) as transaction:
                if transaction is not None:
                    await transaction.drop()
            log.info("message_too_old", channel=item.inbound.channel)
            return None
        self._acknowledge(item)
        event = await read_event(item.inbound.event, item.language, self.reader())
        async with self.store.turn(item, now) as transaction:
            if transaction is None:
                return None
            before = transaction.conversation
            turn = respond(before, event, self.catalogue(), self.policy, today_in_peru(now))
            await transaction.finish(turn)
        self._count(turn)
        self.wake_outbox()
        return turn

    def _acknowledge(self, item: InboxItem) -> None:
        """Show that the message was seen, beside the work: the answer does not wait for it."""
        channel = self.channels.get(item.inbound.channel)
        if isinstance(channel, Acknowledges) and item.attempts <= 1:
            task = asyncio.create_task(_acknowledge(channel, item.inbound))
            self.acknowledging.add(task)
            task.add_done_callback(self.acknowledging.discard)

    async def _apologise(self, item: InboxItem) -> None:
        now = self.clock()
        async with self.store.turn(item, now) as transaction:
            if transaction is None:
                return
            conversation = transaction.conversation
            sorry = Phrase("Algo falló de nuestro lado, disculpe. Estas personas le pueden ayudar:")
            reply = replies.human_channels(conversation.language, self.catalogue(), sorry)
            await transaction.finish(Turn(conversation, (reply,)))
            await transaction.drop("dead")
        self.wake_outbox()

    @staticmethod
    def _too_old(item: InboxItem, now: datetime) -> bool:
        limit = TOO_OLD.get(item.inbound.channel)
        return limit is not None and now - item.inbound.sent_at > limit

    @staticmethod
    def _count(turn: Turn) -> None:
        outcome = turn.label if turn.label in ("choice", "out_of_scope") else "answered"
        metrics.TURNS.labels(outcome if turn.label else "silent").inc()
        if turn.emergency:
            metrics.EMERGENCIES.labels(turn.emergency).inc()


async def _acknowledge(channel: Acknowledges, inbound: Inbound) -> None:
    try:
        await channel.acknowledge(inbound)
    except Exception as error:  # nothing depends on a read mark
        log.info("not_acknowledged", error=type(error).__name__)


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


async def converse(
    conversation: Conversation,
    event: Event,
    reader: TextReader,
    catalogue: Catalogue,
    policy: Policy,
    now: datetime,
) -> Turn:
    """Take a turn without a database: for the terminal and for scripts."""
    known = conversation.language if conversation.welcomed else None
    read = await read_event(event, known, reader)
    return respond(conversation, read, catalogue, policy, today_in_peru(now))
