"""The port to whatever ranks the meanings of a text."""

from typing import Protocol

from nlu.understanding import Candidate, Source


class NluUnavailable(Exception):
    """The reader cannot answer now. The message says why and what to do, never what was asked."""


class NluClient(Protocol):
    """Ranks the meanings of a text."""

    @property
    def source(self) -> Source:
        """Who reads."""

    async def parse(self, text: str) -> tuple[Candidate, ...]:
        """Return at most ten candidates, best first; raise `NluUnavailable` when that fails."""

    async def aclose(self) -> None:
        """Free what the client holds."""
