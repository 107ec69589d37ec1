"""Failed sign-ins: each address waits longer, whether somebody has it or not."""

import hashlib
import ipaddress
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from content.panel.tables import AttemptsRow

FREE = 5  # failures in a row without a wait
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)  # so that a stranger cannot keep her out for a day
FORGOTTEN = timedelta(days=1)  # after which failures no longer count

BURST = 30  # sign-ins at once from one place: an office may have one address
PER_MINUTE = 10


def key_of(email: str) -> str:
    """Return what stands for an address: nobody learns from the table who is staff."""
    return hashlib.sha256(f"sign-in {email.strip().lower()}".encode("utf-8", "replace")).hexdigest()


async def begin(session: AsyncSession, email: str, now: datetime) -> timedelta:
    """Count an attempt as failed until it is forgiven; return how long to wait instead, or 0.

    It counts before anything is verified: attempts at the same moment cannot slip through.
    """
    key = key_of(email)
    await session.execute(_inserted(session, key, now))
    await session.execute(
        update(AttemptsRow)
        .where(AttemptsRow.key == key, AttemptsRow.updated_at < now - FORGOTTEN)
        .values(failed=0, locked_until=None)
    )
    counted = await session.scalar(
        update(AttemptsRow)
        .where(
            AttemptsRow.key == key,
            or_(AttemptsRow.locked_until.is_(None), AttemptsRow.locked_until <= now),
        )
        .values(failed=AttemptsRow.failed + 1, updated_at=now)
        .returning(AttemptsRow.failed)
    )
    if counted is None:
        row = await session.get(AttemptsRow, key, populate_existing=True)
        if row is None:  # she came in at this moment and was forgiven all: count anew
            return await begin(session, email, now)
        until: datetime = row.locked_until or now
        return until - now
    if wait := wait_after(counted):
        await session.execute(
            update(AttemptsRow).where(AttemptsRow.key == key).values(locked_until=now + wait)
        )
    return timedelta()


async def forgive(session: AsyncSession, email: str) -> None:
    """Take back the last attempt, which was right but is not the whole sign-in."""
    await session.execute(
        update(AttemptsRow)
        .where(AttemptsRow.key == key_of(email), AttemptsRow.failed > 0)
        .values(failed=AttemptsRow.failed - 1, locked_until=None)
    )


async def forget(session: AsyncSession, email: str) -> None:
    """Forget the failures of an address: she has signed in."""
    await session.execute(delete(AttemptsRow).where(AttemptsRow.key == key_of(email)))


async def purge(session: AsyncSession, now: datetime) -> None:
    """Delete what no longer counts."""
    await session.execute(delete(AttemptsRow).where(AttemptsRow.updated_at < now - FORGOTTEN))


def wait_after(failed: int) -> timedelta:
    """Return the wait after so many failures in a row: 0, then 1, 2, 4, 8 and 15 minutes."""
    if failed < FREE:
        return timedelta()
    doubled: int = 1 << min(failed - FREE, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def _inserted(session: AsyncSession, key: str, now: datetime) -> sqlite.Insert | postgresql.Insert:
    new = {"key": key, "failed": 0, "locked_until": None, "updated_at": now}
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(AttemptsRow).values(new).on_conflict_do_nothing()
    return sqlite.insert(AttemptsRow).values(new).on_conflict_do_nothing()


class Senders:
    """How many sign-ins one place may try: a bucket per network address, in memory."""

    def __init__(self, *, burst: int = BURST, per_minute: float = PER_MINUTE) -> None:
        self._burst = burst
        self._per_second = per_minute / 60
        self._left: OrderedDict[str, tuple[float, datetime]] = OrderedDict()
        self._most = 20_000

    def take(self, place: str, now: datetime) -> timedelta:
        """Take one attempt; return 0, or how long to wait (then none was taken)."""
        had, at = self._left.pop(place, (float(self._burst), now))
        had = min(self._burst, had + max(0.0, (now - at).total_seconds()) * self._per_second)
        allowed = had >= 1
        self._left[place] = (had - 1 if allowed else had, now)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return timedelta() if allowed else timedelta(seconds=(1 - had) / self._per_second)


def place_of(peer: str | None, forwarded: Sequence[str], trusted_proxies: int) -> str:
    """Return the network address that a request came from; of IPv6, the network of one customer.

    `forwarded` are the values of `X-Forwarded-For`. Only what our own proxies added, the last
    `trusted_proxies` entries, is believed.
    """
    hops = [hop.strip() for value in forwarded for hop in value.split(",") if hop.strip()]
    given = hops[-trusted_proxies] if 0 < trusted_proxies <= len(hops) else peer or "unknown"
    try:
        found = ipaddress.ip_address(given.partition("%")[0])
    except ValueError:
        return given[:64]
    if found.version == 6:
        return str(ipaddress.ip_network((int(found), 64), strict=False))
    return str(found)
