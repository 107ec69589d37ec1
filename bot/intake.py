"""The way in: a genuine message is stored, then the platform is told so, then work begins."""

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from bot import metrics, replies
from bot.channel import (
    AnswersSearches,
    Channel,
    ChannelError,
    DeliveryReport,
    LeavesGroups,
    Polls,
    Received,
    Search,
    Shareable,
    WebhookRequest,
)
from bot.messages import Inbound, Said, Unsupported
from bot.store import Store, StoreUnavailable
from content.catalogue import Catalogue
from nlu.reader import Emergencies, Languages

log = structlog.get_logger()

AFTER_FAILURE = 5.0  # seconds between two polls when a platform or the database fails
MOST_BESIDE = 100  # things settled beside the conversations at once; more of them are left out


async def _nothing(_: Search) -> tuple[Shareable, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes messages from webhooks and from polling into the inbox."""

    store: Store
    emergencies: Callable[[], Emergencies]
    languages: Callable[[], Languages]
    catalogue: Callable[[], Catalogue]
    clock: Callable[[], datetime]
    wake_inbox: Callable[[], None]
    find: Callable[[Search], Awaitable[tuple[Shareable, ...]]] = _nothing
    _urgent: set["asyncio.Task[None]"] = field(default_factory=set)
    _beside: set["asyncio.Task[None]"] = field(default_factory=set)

    async def webhook(self, channel: Channel, request: WebhookRequest) -> Received:
        """Check, read and store one webhook.

        Raise `BadSignature`, `BadBody`, or `StoreUnavailable` when nothing could be stored: the
        platform then delivers again.
        """
        received = channel.receive(request)
        await self.take(channel, received)
        return received

    async def take(self, channel: Channel, received: Received) -> None:
        """Store what was received, and settle what concerns no conversation beside the work.

        Raise `StoreUnavailable`.
        """
        for move in received.moves:
            await self.store.move(channel.name, move.old, move.new)
        await self.keep(channel, received.messages)
        for presence in received.presences:
            conversation = self.store.key_of(channel.name, presence.person)
            await self.store.mark_gone(conversation, gone=presence.gone)
        for report in received.reports:
            await self._note(channel.name, report)
        for what in received.ignored:
            log.info("webhook_part_ignored", channel=channel.name, what=what)
        if isinstance(channel, LeavesGroups):
            for group in received.groups:
                self._settle(channel.leave(group))
        if isinstance(channel, AnswersSearches):
            for search in received.searches:
                self._settle(self._offer(channel, search))

    async def _note(self, channel: str, report: DeliveryReport) -> None:
        """Count what became of a message, and remember that it did not arrive."""
        metrics.REPORTED.labels(channel, report.status).inc()
        if report.billable and report.status == "sent":  # the price is told again later
            metrics.BILLABLE.labels(channel).inc()
        if (error := report.error) is None:
            return
        kind = type(error).__name__
        metrics.FAILED.labels(channel, kind).inc()
        if error.alarm:
            log.error("not_delivered", channel=channel, error=kind, code=error.code)
        # A number that no database counts to is none of ours.
        if report.outbox_id and re.fullmatch(r"\d{1,18}", report.outbox_id, re.ASCII):
            row, gone = int(report.outbox_id), error.person_gone
            await self.store.report_failure(row, error.code or kind, gone=gone)

    async def keep(self, channel: Channel, messages: tuple[Inbound, ...]) -> None:
        """Store messages and wake the workers; raise `StoreUnavailable`."""
        try:
            new = await self.store.accept(messages, self.clock())
        except StoreUnavailable:
            self._warn_of_danger(channel, messages)
            raise
        if new:
            metrics.RECEIVED.labels(channel.name).inc(new)
            self.wake_inbox()

    async def poll(self, channel: Polls, port: Channel) -> None:
        """Fetch messages until cancelled; a message is confirmed only once it is stored."""
        while True:
            try:
                await self.take(port, await channel.poll())
                await channel.confirm()
            except ChannelError as error:
                log.error("polling_failed", channel=port.name, why=str(error))
                await asyncio.sleep(error.retry_after or AFTER_FAILURE)
            except StoreUnavailable as error:
                log.error("polling_waits", channel=port.name, why=str(error))
                await asyncio.sleep(AFTER_FAILURE)

    async def _offer(self, channel: AnswersSearches, search: Search) -> None:
        await channel.offer(search, await self.find(search))

    def _settle(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that nobody's answer waits for; it is lost if it fails."""
        if len(self._beside) >= MOST_BESIDE:
            work.close()
            log.warning("left_out", why="too much at once")
            return
        task = asyncio.create_task(_quietly(work))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    def _warn_of_danger(self, channel: Channel, messages: tuple[Inbound, ...]) -> None:
        """Show the emergency card even though nothing can be stored.

        The platform will deliver the message again, so the card may come twice: better than never.
        """
        for message in messages:
            if not (text := _written(message)):
                continue
            kind = self.emergencies().detect(text)
            if kind is not None and kind in self.catalogue().cards:
                task = asyncio.create_task(self._send_card(channel, message, kind))
                self._urgent.add(task)
                task.add_done_callback(self._urgent.discard)

    async def _send_card(self, channel: Channel, message: Inbound, kind: str) -> None:
        # No row stands behind it, but a channel may know one message from another by this.
        mark = hashlib.sha256(message.message_id.encode()).hexdigest()[:12]
        language = self.languages().identify(_written(message), None).language
        card = replies.card(kind, language, self.catalogue())
        metrics.EMERGENCIES.labels(kind).inc()
        for payload in channel.render(card):
            try:
                await channel.send(message.person, payload, outbox_id=f"urgent-{kind}-{mark}")
            except ChannelError as error:
                log.error("card_not_sent", channel=channel.name, error=type(error).__name__)


async def _quietly(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception as error:  # a platform's refusal, or a bug that must not end the server
        log.info("not_settled", error=type(error).__name__)


def _written(message: Inbound) -> str:
    """Return her words, be it under a photo; '' if there are none."""
    match message.event:
        case Said(text) | Unsupported(caption=text):
            return text
        case _:
            return ""


def webhook_channels(channels: Mapping[str, Channel]) -> dict[str, Channel]:
    """Return the channels that are reached at /hooks/<name>."""
    return {name: c for name, c in channels.items() if name in ("telegram", "whatsapp")}
