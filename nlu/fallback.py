"""Ask a second reader when the first cannot answer, and stop asking a dead one."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from nlu.client import NluClient, NluUnavailable
from nlu.understanding import Candidate, Source

_FAILURES_TO_OPEN = 2
_FIRST_PAUSE = 5.0
_LONGEST_PAUSE = 60.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Ranked candidates and who ranked them."""

    candidates: tuple[Candidate, ...]
    source: Source


class FallbackReader:
    """Asks the primary reader and, whenever it is unavailable, the fallback.

    After two failures in a row the primary is left alone for 5 seconds, then for twice as long
    after each further failure, at most a minute; one question at a time finds out whether it is
    back, so that a dead service costs no timeout per message. `clock` gives seconds.
    """

    def __init__(
        self,
        primary: NluClient,
        fallback: NluClient,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep both readers; `aclose` closes both."""
        self._primary = primary
        self._fallback = fallback
        self._clock = clock
        self._failures = 0
        self._closed_until = 0.0
        self._probing = False
        self.last_failure: str | None = None
        """Why the primary failed last; None once it answers again. For logs and `orienta check`."""

    @property
    def source(self) -> Source:
        """Who would be asked now."""
        return (self._primary if self._may_ask() else self._fallback).source

    async def parse(self, text: str) -> tuple[Candidate, ...]:
        """Return the candidates of whoever answers; raise `NluUnavailable` if neither does."""
        return (await self.read(text)).candidates

    async def read(self, text: str) -> Reading:
        """Return the candidates with their source; raise `NluUnavailable` if neither answers."""
        if self._may_ask():
            self._probing = self._failures >= _FAILURES_TO_OPEN
            try:
                candidates = await self._primary.parse(text)
            except NluUnavailable as unavailable:
                self._failed(str(unavailable))
            else:
                self._failures, self.last_failure = 0, None
                return Reading(candidates, self._primary.source)
            finally:
                self._probing = False
        return Reading(await self._fallback.parse(text), self._fallback.source)

    async def aclose(self) -> None:
        """Close both readers."""
        try:
            await self._primary.aclose()
        finally:
            await self._fallback.aclose()

    def _may_ask(self) -> bool:
        if self._failures < _FAILURES_TO_OPEN:
            return True
        return not self._probing and self._clock() >= self._closed_until

    def _failed(self, why: str) -> None:
        self._failures += 1
        self.last_failure = why
        beyond = max(self._failures - _FAILURES_TO_OPEN, 0)
        pause = min(_FIRST_PAUSE * 2 ** min(beyond, 10), _LONGEST_PAUSE)
        self._closed_until = self._clock() + pause
