"""How often one session and one address may ask something of the web chat."""

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` requests at once, refilled evenly at `per_minute`."""

    burst: int
    per_minute: float


class Buckets:
    """A token bucket per key, in memory; the key that was silent longest is forgotten first.

    `most` bounds the keys. A forgotten key starts with a full bucket, so `most` must be larger
    than the keys that can empty theirs within a minute.
    """

    def __init__(
        self, rate: Rate, *, clock: Callable[[], float] = time.monotonic, most: int = 20_000
    ) -> None:
        self._rate = rate
        self._clock = clock
        self._most = most
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tokens, when counted

    def take(self, key: str) -> float:
        """Take one token; return 0, or the seconds until there is one (then none was taken)."""
        now = self._clock()
        tokens, at = self._left.pop(key, (float(self._rate.burst), now))
        per_second = self._rate.per_minute / 60
        tokens = min(self._rate.burst, tokens + (now - at) * per_second)
        wait = 0.0 if tokens >= 1 else (1 - tokens) / per_second
        self._left[key] = (tokens if wait else tokens - 1, now)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return wait


def address_of(peer: str | None, forwarded: Sequence[str], trusted_proxies: int) -> str:
    """Return the address that a request came from.

    `forwarded` are the values of `X-Forwarded-For`. Only the entries that our own proxies added,
    the last `trusted_proxies`, are believed: what stands before them, anybody can write.
    """
    hops = [hop.strip() for value in forwarded for hop in value.split(",") if hop.strip()]
    if trusted_proxies and len(hops) >= trusted_proxies:
        return hops[-trusted_proxies]
    return peer or "unknown"
