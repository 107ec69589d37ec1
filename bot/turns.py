"""The shell around the engine: read a message, take the turn, keep what follows."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

import structlog

from bot import handover, metrics, replies
from bot.channel import WINDOWS, Acknowledges, Channel, ShowsTyping
from bot.engine import respond
from bot.messages import (
    FROM_DESK,
    Asked,
    Chose,
    Commanded,
    Event,
    Flooded,
    Inbound,
    Input,
    Located,
    Phrase,
    Said,
    Unsupported,
)
from bot.policy import Policy
from bot.scene import Turn
from bot.speech import SpeechToText, heard
from bot.state import Conversation
from bot.store import InboxItem, Store, StoreUnavailable
from bot.transaction import TurnTransaction
from content.catalogue import Catalogue
from nlu.understanding import Understanding

log = structlog.get_logger()

MOST_ATTEMPTS = 5
# Read at once: of more, some would wait for the NLU service until they are read by keywords only.
MOST_READ = 10
TYPING_AFTER = 0.7  # seconds: most answers are there sooner, and nobody would see it
# From here on a person's messages are not read for their meaning, unless there is danger in them.
FLOOD = 20
# WhatsApp repeats undelivered webhooks for seven days, but nothing may be sent after one.
TOO_OLD = {"whatsapp": timedelta(hours=24)}


class TextReader(Protocol):
    """Whatever reads texts; `nlu.reader.Reader` does."""

    async def read(self, text: str, prior: str | None) -> Understanding:
        """Return what a text means."""


async def read_event(event: Event, language: str | None, reader: TextReader) -> Input:
    """Turn an event into the engine's input; `language` is the conversation's, if there is one."""
    if isinstance(event, Said):
        return Asked(event.text, await reader.read(event.text, language))
    if isinstance(event, Unsupported) and event.caption:
        understanding = await reader.read(event.caption, language)
        if understanding.emergency is not None:
            return Asked(event.caption, understanding)
    return event


@dataclass(frozen=True, slots=True)
class Turns:
    """Takes one turn for one message of the inbox."""

    store: Store
    reader: Callable[[], TextReader]
    catalogue: Callable[[], Catalogue]
    policy: Callable[[str], Policy]
    channels: Mapping[str, Channel]
    clock: Callable[[], datetime]
    wake_outbox: Callable[[], None]
    speech: SpeechToText | None = None
    typing_after: float = TYPING_AFTER
    acknowledging: set["asyncio.Task[None]"] = field(default_factory=set)
    reading: asyncio.Semaphore = field(default_factory=partial(asyncio.Semaphore, MOST_READ))
    looking: asyncio.Lock = field(default_factory=asyncio.Lock)

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
            await self.store.turn(item, now, _dropped)
            log.info("message_too_old", channel=item.inbound.channel)
            return None
        event = await self._read(item)
        turn = await self.store.turn(item, now, partial(self._answer, item, event, now))
        if turn is None:
            return None
        self._count(turn)
        if isinstance(event, Asked):
            metrics.READ.labels(event.understanding.source.value).inc()
        self.wake_outbox()
        return turn

    async def _read(self, item: InboxItem) -> Input:
        """Return what a message means; meanwhile she sees that it has arrived."""
        async with self.reading:
            self._acknowledge(item)
            typing = self._type_later(item)
            try:
                # To look for danger takes some milliseconds in which nothing else happens: one
                # message in each round of the event loop, and webhooks first.
                async with self.looking:
                    await self.store.after_webhooks()
                    await asyncio.sleep(0)
                event = await read_event(await self._heard(item), item.language, self.reader())
            finally:
                typing.cancel()
        return Flooded() if _floods(item, event) else event

    async def _answer(
        self, item: InboxItem, event: Input, now: datetime, transaction: TurnTransaction
    ) -> Turn | None:
        """Answer within a transaction; None if staff may not write to her."""
        hers = not _from_staff(item.inbound)
        if not hers and not await transaction.takes_from_staff():
            transaction.drop()
            return None
        conversation = transaction.conversation
        let_go = hers and item.inbound.channel in WINDOWS and transaction.holds
        if let_go:
            conversation = handover.taken_up(conversation, now)
        policy = self.policy(item.inbound.channel)
        turn = respond(conversation, event, self.catalogue(), policy, now)
        transaction.finish(turn, let_go=let_go)
        return turn

    async def _heard(self, item: InboxItem) -> Event:
        """Return the event, a voice message as its words where a server writes them down."""
        event = item.inbound.event
        if self.speech is None or not isinstance(event, Unsupported):
            return event
        if _floods(item, event):
            return event
        channel = self.channels.get(item.inbound.channel)
        return await heard(item.inbound, channel, self.speech, item.language)

    def _acknowledge(self, item: InboxItem) -> None:
        """Show that the message was seen, beside the work: the answer does not wait for it."""
        channel = self.channels.get(item.inbound.channel)
        if isinstance(channel, Acknowledges) and self._is_first(item):
            self._show(channel.acknowledge(item.inbound))

    def _type_later(self, item: InboxItem) -> asyncio.TimerHandle:
        """Show that an answer is being written if it is not there soon; until then spare a call."""
        channel = self.channels.get(item.inbound.channel)

        def begin() -> None:
            if isinstance(channel, ShowsTyping) and self._is_first(item):
                self._show(channel.show_typing(item.inbound))

        return asyncio.get_running_loop().call_later(self.typing_after, begin)

    @staticmethod
    def _is_first(item: InboxItem) -> bool:
        return item.attempts <= 1 and not _from_staff(item.inbound)

    def _show(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(_quietly(work))
        self.acknowledging.add(task)
        task.add_done_callback(self.acknowledging.discard)

    async def _apologise(self, item: InboxItem) -> None:
        async def sorry(transaction: TurnTransaction) -> None:
            conversation = transaction.conversation
            text = Phrase("Algo falló de nuestro lado, disculpe. Estas personas le pueden ayudar:")
            reply = replies.human_channels(conversation.language, self.catalogue(), text)
            transaction.finish(Turn(conversation, (reply,)))
            transaction.drop("dead")

        await self.store.turn(item, self.clock(), sorry)
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


def _floods(item: InboxItem, event: Input) -> bool:
    """Say whether she sends more than is read; danger gets through."""
    match event:
        case Asked(understanding=understanding) if understanding.emergency is None:
            most = FLOOD
        case Located() | Unsupported():
            most = FLOOD
        case Chose() | Commanded():
            most = 2 * FLOOD  # buttons cost one hit each
        case _:
            return False
    return item.recent > most


def _from_staff(inbound: Inbound) -> bool:
    return isinstance(inbound.event, FROM_DESK)


async def _dropped(transaction: TurnTransaction) -> None:
    transaction.drop()


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
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
    return respond(conversation, read, catalogue, policy, now)
