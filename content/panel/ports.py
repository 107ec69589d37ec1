"""What the panel needs of the assistant around it, which this folder may not import."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
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
        self,
        catalogue: Catalogue,
        article: Article,
        section: str,
        language: str,
        panel_language: str = "es",
    ) -> Sequence[Preview]:
        """Return one section of an article, published or not, on every channel.

        The problems are sentences in the panel's language.
        """


@dataclass(frozen=True, slots=True)
class Guess:
    """One candidate of the model. `title` is '' for what is no article."""

    name: str
    title: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What the bot understood of a text and would do.

    `decision`: emergency, rule, sure, offer, outside or unknown. `emergency` is a kind or ''.
    `source` is 'model', 'keywords' or 'nothing'. `why` are plain sentences in the panel's language.
    From a confidence of `sure` on a guess is answered, from `possible` on it is offered.
    """

    language: str
    emergency: str
    source: str
    decision: str
    guesses: tuple[Guess, ...]
    why: tuple[str, ...]
    previews: tuple[Preview, ...]
    sure: float = 0.0
    possible: float = 0.0


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


class Why(StrEnum):
    """Why the desk does not do something."""

    MISSING = "missing"  # no such case any more
    CLOSED = "closed"
    COLLEAGUE = "colleague"  # somebody else answers it
    LENGTH = "length"
    FORGOTTEN = "forgotten"  # nothing is kept of the person
    GONE = "gone"  # she blocked the assistant
    STOPPED = "stopped"  # she wants no messages
    WINDOW = "window"  # the platform takes no free text any more
    NOT_DESK = "not_desk"  # a case can go only to an active member with role desk


class CannotDo(Exception):
    """The desk refuses."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


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

    async def transfer(self, case_id: int, staff: str, to: str, now: datetime) -> None:
        """Hand a case over to a colleague with role desk."""

    async def close(self, case_id: int, staff: str, now: datetime) -> None:
        """End a case; the bot answers again."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A scrubbed question that had no sure answer, or whose answer did not help.

    `offered` are the articles that were shown, best first; `chosen` is the one that was picked.
    Where it was `unhelpful`, `offered` is the answer that was given.
    """

    id: str
    text: str
    language: str
    channel: str
    offered: tuple[str, ...]
    chosen: str | None
    at: datetime
    unhelpful: bool = False


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
class ProgramPhrase:
    """A text of the program that staff may word otherwise: its message id and its translations."""

    id: str
    msgid: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sign:
    """Whether a text tells of a danger: by the rules of one language alone, and by everything.

    Both name a kind of emergency, or are ''.
    """

    by_rules: str
    by_all: str


class Workshop(Protocol):
    """What only the bot can tell of contents other than articles."""

    def card(
        self, catalogue: Catalogue, body: Mapping[str, Any], language: str
    ) -> Sequence[Preview]:
        """Return an emergency card, published or not, on every channel."""

    def phrases(self) -> Sequence[ProgramPhrase]:
        """Return the texts of the program that staff may word otherwise."""

    def problems(self, kind: str, document: str, body: Any, panel_language: str) -> Sequence[str]:
        """Return what the bot could not use in a draft, in sentences of the panel's language."""

    def states(self, purpose: str) -> Sequence[tuple[str, str, str]]:
        """Return language, name and state ('' if unknown) of each wording of a template."""

    def scrubbed(self, text: str, words: Sequence[str]) -> str:
        """Return what would be stored of a question if these words were never kept."""

    def sign(
        self, catalogue: Catalogue, language: str, rules: Mapping[str, Any], text: str
    ) -> Sign:
        """Return what a text tells of under these rules of a language."""


@dataclass(frozen=True, slots=True)
class Assistant:
    """All that the panel gets from the assistant around it."""

    catalogue: Callable[[], Catalogue]
    previews: Previews
    trying: Trying
    training: Training
    desk: DeskCases
    questions: Questions
    workshop: Workshop
    limits: Mapping[str, Any] = field(default_factory=dict)
    told_by: tuple[str, ...] = ()
    """How owners are told of dates: 'mail', 'telegram'."""
