"""Sending what is due: replies to their channel, effects to the actions."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from aiolimiter import AsyncLimiter

from actions import run
from actions.run import Records
from bot import metrics
from bot.channel import AccountBlocked, AlreadyDone, Channel, ChannelError
from bot.messages import Reply
from bot.store import OutboxItem, Store, StoreUnavailable

log = structlog.get_logger()

# Messages a second that each platform takes from one sender, with some room below its limit:
# https://core.telegram.org/bots/faq and WhatsApp's page on throughput.
RATES = {"telegram": 25, "whatsapp": 70}
LONGEST_WAIT = timedelta(minutes=5)
MOST_ATTEMPTS = 30  # with growing waits about two hours: then the answer would come as a surprise
MOST_BUGS = 3
# A page of the web chat that is not open is no failure: its reply waits for about half an hour.
NO_PAGE = "no page"
MOST_WAITS = 360
HOLD = timedelta(minutes=1)


class Outbox:
    """Handles one row of the outbox after another."""

    def __init__(
        self,
        store: Store,
        records: Records,
        channels: Mapping[str, Channel],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._records = records
        self._channels = channels
        self._clock = clock
        self._limits = {name: AsyncLimiter(rate, 1) for name, rate in RATES.items()}

    async def claim(self, busy: frozenset[str], most: int) -> list[OutboxItem]:
        """Lease due rows of the channels that this process serves."""
        return await self._store.claim_outbox(self._clock(), busy, most, tuple(self._channels))

    async def handle(self, item: OutboxItem) -> None:
        """Send or carry out one row and close it, or say when to try again."""
        try:
            if not isinstance(item.body, Reply):
                await run.run(item.body, item.conversation, item.id, self._records)
                await self._store.finish_outbox(item.id)
            elif item.gone:
                await self._store.bury_outbox(item.id, "person gone")
            else:
                await self._send(item, item.body, self._channels[item.channel])
        except StoreUnavailable:
            raise
        except Exception as error:  # a bug of ours must not silence this person for good
            kind = type(error).__name__
            log.error("outbox_failed", channel=item.channel, error=kind, attempt=item.attempts)
            if item.attempts >= MOST_BUGS:
                await self._store.bury_outbox(item.id, kind)
            else:
                due = self._clock() + timedelta(seconds=2**item.attempts)
                await self._store.postpone_outbox(item.id, due, kind)

    async def _send(self, item: OutboxItem, reply: Reply, channel: Channel) -> None:
        payloads = channel.render(reply)
        for number, payload in enumerate(payloads[item.sent :], item.sent + 1):
            try:
                if limit := self._limits.get(channel.name):
                    await limit.acquire()
                await channel.send(item.person, payload, outbox_id=str(item.id))
            except AlreadyDone:
                pass
            except ChannelError as error:
                await self._failed(item, channel.name, error)
                return
            metrics.SENT.labels(channel.name).inc()
            if number < len(payloads):
                await self._store.progress_outbox(item.id, number, self._clock())
        await self._store.finish_outbox(item.id)

    async def _failed(self, item: OutboxItem, channel: str, error: ChannelError) -> None:
        kind = type(error).__name__
        patience = MOST_ATTEMPTS
        if error.code == NO_PAGE:
            patience = MOST_WAITS
        else:
            metrics.FAILED.labels(channel, kind).inc()
            tell = log.error if error.alarm else log.info
            tell("send_failed", channel=channel, error=kind, code=error.code, attempt=item.attempts)
        if error.person_gone:
            await self._store.mark_gone(item.conversation)
            await self._store.bury_outbox(item.id, error.code or kind)
        elif error.retryable and item.attempts < patience:
            # Grows as WhatsApp asks for a pair that writes too fast: 1, 4, 16, 64 seconds …
            wait = min(timedelta(seconds=4 ** min(item.attempts - 1, 5)), LONGEST_WAIT)
            if error.retry_after is not None:
                wait = timedelta(seconds=error.retry_after)
            if isinstance(error, AccountBlocked):
                wait = max(wait, HOLD)
            due = self._clock() + wait
            await self._store.postpone_outbox(item.id, due, error.code or kind)
        else:
            await self._store.bury_outbox(item.id, error.code or kind)
