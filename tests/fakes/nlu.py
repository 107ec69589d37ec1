"""Stand-ins for readers of text."""

from nlu.client import NluUnavailable
from nlu.understanding import Candidate, Source


class ScriptedReader:
    """Answers with the same candidates, or is unavailable while `down`. Counts its questions."""

    def __init__(
        self, candidates: tuple[Candidate, ...] = (), source: Source = Source.RASA
    ) -> None:
        """Keep the answer."""
        self.candidates = candidates
        self.source = source
        self.down = False
        self.asked = 0
        self.closed = False

    async def parse(self, text: str) -> tuple[Candidate, ...]:
        """Return the candidates; raise `NluUnavailable` while down."""
        self.asked += 1
        if self.down:
            raise NluUnavailable("The stand-in is down.")
        return self.candidates

    async def aclose(self) -> None:
        """Remember that it was closed."""
        self.closed = True


class Clock:
    """Seconds that pass only when told to."""

    def __init__(self) -> None:
        """Start at a thousand seconds."""
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now
