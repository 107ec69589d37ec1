"""Sending what is due: replies to their channel, effects to the actions."""

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog

from actions import run
from actions.run import Records
from bot import metrics
from bot.channel import (
    WINDOWS,
    AccountBlocked,
    AlreadyDone,
    Channel,
    ChannelError,
    Payload,
    RateLimited,
    SendsTemplates,
    WindowClosed,
)
from bot.desk import late
from bot.messages import Reply
from bot.pace import Pace
from bot.store import OutboxItem, Store, StoreUnavailable

log = structlog.get_logger()

LONGEST_WAIT = timedelta(minutes=5)
MOST_ATTEMPTS = 30  # with growing waits about two hours: then the answer would come as a surprise
MOST_BUGS = 3
# A page of the web chat that is not open is no failure: its reply waits for about half an hour.
NO_PAGE = "no page"
MOST_WAITS = 360
HOLD = timedelta(minutes=1)
# Rows of one channel in work from which on no more of it are taken: those of a platform whose
# limit is reached wait for their turn, and must not take the place of all others.
MOST_EACH = 24


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
        self._pace = Pace()
        self._holds: dict[str, datetime] = {}
        self._told_to_slow: dict[str, int] = {}
        self._in_work: Counter[str] = Counter()

    async def claim(self, busy: frozenset[str], most: int) -> list[OutboxItem]:
        """Lease due rows of the channels that this process serves and that can take more now."""
        now = self._clock()
        open_ = [
            name
            for name in self._channels
            if self._holds.get(name, now) <= now and self._in_work[name] < MOST_EACH
        ]
        items = await self._store.claim_outbox(now, busy, most, open_) if open_ else []
        self._in_work.update(item.channel for item in items)
        return items

    async def handle(self, item: OutboxItem) -> None:
        """Send or carry out one row that was claimed, and close it or say when to try again."""
        try:
            await self._carry_out(item)
        finally:
            self._in_work[item.channel] -= 1

    async def _carry_out(self, item: OutboxItem) -> None:
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
        window = WINDOWS.get(channel.name)
        if window and self._clock() - item.wrote_at >= window:
            await self._send_late(item, reply, channel)
            return
        payloads = channel.render(reply)
        for number, payload in enumerate(payloads[item.sent :], item.sent + 1):
            try:
                await self._put(item, payload, channel)
            except WindowClosed as error:  # the platform counts from another moment
                await self._send_late(item, reply, channel, error.code)
                return
            except ChannelError as error:
                await self._failed(item, channel.name, error)
                return
            if number < len(payloads):
                await self._store.progress_outbox(item.id, number, self._clock())
        await self._store.finish_outbox(item.id)

    async def _put(self, item: OutboxItem, payload: Payload, channel: Channel) -> None:
        await self._pace.wait(channel.name, item.conversation)
        with contextlib.suppress(AlreadyDone):
            await channel.send(item.person, payload, outbox_id=str(item.id))
        self._told_to_slow.pop(channel.name, None)
        metrics.SENT.labels(channel.name).inc()

    async def _send_late(
        self, item: OutboxItem, reply: Reply, channel: Channel, code: str = ""
    ) -> None:
        """Send an approved wording in place of a reply, or one that says that the reply waits."""
        template = reply.template
        async with self._store.session() as session:
            if await late.is_holding(session, item.conversation) and (
                template is None or template.waits
            ):
                await late.hold(session, item, self._clock())  # behind what she was told of
                return
        payload = None
        if template is not None and isinstance(channel, SendsTemplates):
            payload = channel.render_template(template, reply.language)
        if template is None or payload is None:
            log.info("window_closed", channel=channel.name, template=template is not None)
            await self._store.bury_outbox(item.id, code or "window closed")
            return
        try:
            await self._put(item, payload, channel)
        except ChannelError as error:
            await self._failed(item, channel.name, error)
            return
        if template.waits:
            async with self._store.session() as session:
                await late.hold(session, item, self._clock())
        else:
            await self._store.finish_outbox(item.id)

    def _hold(self, channel: str, error: ChannelError) -> None:
        """Send nothing on this channel for a while: it would fail as well."""
        now, wait = self._clock(), HOLD
        if isinstance(error, RateLimited):
            if self._holds.get(channel, now) > now:
                return  # one that was on its way already
            times = self._told_to_slow[channel] = self._told_to_slow.get(channel, 0) + 1
            asked = timedelta(seconds=error.retry_after or 0)
            wait = max(asked, min(timedelta(seconds=2**times), HOLD))
        self._holds[channel] = now + wait

    async def _failed(self, item: OutboxItem, channel: str, error: ChannelError) -> None:
        kind = type(error).__name__
        patience = MOST_ATTEMPTS
        if isinstance(error, RateLimited):
            patience = item.attempts + 1  # to be too fast is never a final failure
        if error.for_all:
            self._hold(channel, error)
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
