"""Stand-ins for the parts around the queues: a channel, a reader, a clock."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.channel import ChannelError, Limits, Payload, Received, WebhookRequest
from bot.messages import Event, Inbound, Passage, Reply, Said
from nlu.understanding import Candidate, LanguageGuess, Source, Understanding

START = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def move(self, **amount: float) -> None:
        """Move forward by a timedelta's arguments."""
        self.now += timedelta(**amount)


class RecordingChannel:
    """A channel that keeps what is sent; `failures` are raised first, one a send."""

    limits = Limits(text=4096, text_with_options=1024, buttons=3, button_label=20)

    def __init__(self, name: str = "telegram", failures: Iterable[ChannelError] = ()) -> None:
        self.name = name
        self.failures = list(failures)
        self.sent: list[tuple[str, str]] = []

    def receive(self, request: WebhookRequest) -> Received:
        """Not used: messages are put into the inbox directly."""
        raise NotImplementedError

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """Give one payload per part, so that a reply may have several."""
        return tuple(
            {"text": p.markdown if isinstance(p, Passage) else p.text} for p in reply.parts
        )

    async def send(self, person: str, payload: Payload, *, outbox_id: str) -> str:
        """Keep the payload, or fail as told."""
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append((person, payload["text"]))
        return str(len(self.sent))

    async def aclose(self) -> None:
        """Nothing is open."""


class ScriptedReader:
    """Reads every text as the intent of the same name, surely; may be told to fail."""

    def __init__(self) -> None:
        self.failures: list[Exception] = []
        self.read_texts: list[str] = []

    async def read(self, text: str, prior: str | None) -> Understanding:
        """Return an understanding in Spanish."""
        if self.failures:
            raise self.failures.pop(0)
        self.read_texts.append(text)
        danger = "partner-family-violence" if "pega" in text else None
        ranked = (Candidate(text, 0.9),)
        return Understanding(LanguageGuess("es", 1.0), ranked, danger, Source.RASA)


def inbound(
    number: int,
    text: str = "thanks",
    *,
    person: str = "519999",
    channel: str = "telegram",
    event: Event | None = None,
    sent_at: datetime = START,
) -> Inbound:
    """Return a message of a person."""
    return Inbound(channel, f"m{number}", person, event or Said(text), sent_at)
