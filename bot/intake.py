"""The way in: a genuine message is stored, then the platform is told so, then work begins."""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from bot import metrics, replies
from bot.channel import Channel, ChannelError, Polls, Received, WebhookRequest
from bot.messages import Inbound, Said
from bot.store import Store, StoreUnavailable
from content.catalogue import Catalogue
from nlu.reader import Emergencies, Languages

log = structlog.get_logger()

AFTER_FAILURE = 5.0  # seconds between two polls when a platform or the database fails


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes messages from webhooks and from polling into the inbox."""

    store: Store
    emergencies: Callable[[], Emergencies]
    languages: Callable[[], Languages]
    catalogue: Callable[[], Catalogue]
    clock: Callable[[], datetime]
    wake_inbox: Callable[[], None]
    _urgent: set["asyncio.Task[None]"] = field(default_factory=set)

    async def webhook(self, channel: Channel, request: WebhookRequest) -> Received:
        """Check, read and store one webhook.

        Raise `BadSignature`, `BadBody`, or `StoreUnavailable` when nothing could be stored: the
        platform then delivers again.
        """
        received = channel.receive(request)
        await self.keep(channel, received.messages)
        for report in received.reports:
            if report.error is not None and report.outbox_id and report.outbox_id.isdecimal():
                code = report.error.code or type(report.error).__name__
                await self.store.report_failure(int(report.outbox_id), code)
                metrics.FAILED.labels(channel.name, type(report.error).__name__).inc()
        for what in received.ignored:
            log.info("webhook_part_ignored", channel=channel.name, what=what)
        return received

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
                await self.keep(port, await channel.poll())
                await channel.confirm()
            except ChannelError as error:
                log.error("polling_failed", channel=port.name, why=str(error))
                await asyncio.sleep(error.retry_after or AFTER_FAILURE)
            except StoreUnavailable as error:
                log.error("polling_waits", channel=port.name, why=str(error))
                await asyncio.sleep(AFTER_FAILURE)

    def _warn_of_danger(self, channel: Channel, messages: tuple[Inbound, ...]) -> None:
        """Show the emergency card even though nothing can be stored.

        The platform will deliver the message again, so the card may come twice: better than never.
        """
        for message in messages:
            if not isinstance(message.event, Said):
                continue
            kind = self.emergencies().detect(message.event.text)
            if kind is not None and kind in self.catalogue().cards:
                task = asyncio.create_task(self._send_card(channel, message, kind))
                self._urgent.add(task)
                task.add_done_callback(self._urgent.discard)

    async def _send_card(self, channel: Channel, message: Inbound, kind: str) -> None:
        # No row stands behind it, but a channel may know one message from another by this.
        mark = hashlib.sha256(message.message_id.encode()).hexdigest()[:12]
        text = message.event.text if isinstance(message.event, Said) else ""
        language = self.languages().identify(text, None).language
        card = replies.card(kind, language, self.catalogue())
        metrics.EMERGENCIES.labels(kind).inc()
        for payload in channel.render(card):
            try:
                await channel.send(message.person, payload, outbox_id=f"urgent-{kind}-{mark}")
            except ChannelError as error:
                log.error("card_not_sent", channel=channel.name, error=type(error).__name__)


def webhook_channels(channels: Mapping[str, Channel]) -> dict[str, Channel]:
    """Return the channels that are reached at /hooks/<name>."""
    return {name: c for name, c in channels.items() if name in ("telegram", "whatsapp")}
