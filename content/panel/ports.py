"""What the panel needs of the assistant around it, which this folder may not import."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from content.catalogue import Article, Catalogue

Progress = Callable[[str], None]
"""Takes one sentence about how far a long job is; safe to call from any thread."""


class Sealer(Protocol):
    """Encrypts what must be read again."""

    def seal(self, text: str) -> str:
        """Encrypt a text."""

    def open(self, sealed: str) -> str:
        """Decrypt a text."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as a platform shows it.

    `html` is safe to show as it is. `length` counts as the platform counts, `limit` is its most.
    """

    html: str
    buttons: tuple[str, ...]
    length: int
    limit: int


@dataclass(frozen=True, slots=True)
class Preview:
    """An answer on a channel: 'telegram', 'whatsapp' or 'web'. `problems` are sentences."""

    channel: str
    bubbles: tuple[Bubble, ...]
    problems: tuple[str, ...] = ()


class Previews(Protocol):
    """Shows what an answer would look like."""

    def article(
        self, catalogue: Catalogue, article: Article, section: str, language: str
    ) -> Sequence[Preview]:
        """Return one section of an article, published or not, on every channel."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One candidate of the model. `title` is '' for what is no article."""

    name: str
    title: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What the bot understood of a text and would do.

    `decision`: emergency, sure, offer, outside or unknown. `emergency` is a kind or ''. `source`
    is 'model' or 'keywords'. `why` are plain sentences in the panel's language.
    """

    language: str
    emergency: str
    source: str
    decision: str
    guesses: tuple[Guess, ...]
    why: tuple[str, ...]
    previews: tuple[Preview, ...]


class Trying(Protocol):
    """The "try it" box."""

    async def ask(self, text: str, language: str, panel_language: str) -> Trial:
        """Read a text as the bot would; '' lets it find the language."""


@dataclass(frozen=True, slots=True)
class Examined:
    """How a model does on the questions that must stay answered.

    `model` names it. `right` maps a language to (right, asked); `wrong` lists questions with
    'text', 'language', 'expected' and 'got'.
    """

    model: str
    right: Mapping[str, tuple[int, int]]
    wrong: tuple[Mapping[str, str], ...] = field(default=())


class Training(Protocol):
    """Trains and judges models beside the one that serves."""

    async def examine(
        self, catalogue: Catalogue, golden: Sequence[Mapping[str, str]], progress: Progress
    ) -> tuple[Examined, Examined | None]:
        """Train a model of a catalogue where its examples are new, and ask it and the one that
        serves. Return the new one's result and that of the one that serves, if there is one.

        `golden` holds 'text', 'language' and 'article'. Raise `CannotTrain`.
        """

    async def promote(self, model: str) -> None:
        """Let a model serve from now on; raise `CannotTrain`."""

    def serving(self) -> str | None:
        """Return the name of the model that serves, if there is one."""


class CannotTrain(Exception):
    """No model could be made or taken. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One message of a case. `staff` is None for the person."""

    staff: str | None
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """A person who asked for a human, without anything that tells who she is."""

    id: int
    channel: str
    language: str
    question: str
    status: str
    staff: str | None
    opened_at: datetime
    updated_at: datetime
    writable_until: datetime | None
    reachable: bool
    lines: tuple[CaseLine, ...] = ()
    undelivered: int = 0
    waiting: int = 0
    by_notice: bool = False


class CannotDo(Exception):
    """The desk refuses. The message says why and what to do."""


class DeskCases(Protocol):
    """The cases of the desk. Each method raises `CannotDo`."""

    longest: int
    """Characters of one message."""
    retention_days: int
    """Days after which a closed or silent case is erased."""

    async def cases(self, *, closed: bool = False) -> Sequence[Case]:
        """Return the open cases, oldest first, or the closed ones, newest first."""

    async def case(self, case_id: int) -> Case:
        """Return one case with its messages."""

    async def take(self, case_id: int, staff: str, now: datetime, *, over: bool = False) -> None:
        """Make a member of staff answer for a case; `over` also takes it from a colleague."""

    async def reply(self, case_id: int, staff: str, text: str, now: datetime) -> None:
        """Send what a member of staff writes."""

    async def close(self, case_id: int, staff: str, now: datetime) -> None:
        """End a case; the bot answers again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A scrubbed question that had no sure answer, or whose answer did not help."""

    id: str
    text: str
    language: str
    channel: str
    offered: tuple[str, ...]
    chosen: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Helped:
    """How often an answer helped, and how often it did not, in a language on a channel."""

    article: str
    language: str
    channel: str
    yes: int
    no: int


class Questions(Protocol):
    """What people ask."""

    async def unanswered(self, *, most: int = 2000) -> Sequence[Asked]:
        """Return the questions that were kept, newest first."""

    async def helped(self) -> Sequence[Helped]:
        """Return the thumbs."""

    async def forget(self, ids: Sequence[str]) -> None:
        """Delete questions that were dealt with."""


@dataclass(frozen=True, slots=True)
class Assistant:
    """All that the panel gets from the assistant around it."""

    catalogue: Callable[[], Catalogue]
    previews: Previews
    trying: Trying
    training: Training
    desk: DeskCases
    questions: Questions
    limits: Mapping[str, Any] = field(default_factory=dict)
