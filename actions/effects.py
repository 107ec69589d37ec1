"""The things to do besides answering, as values. `actions/run.py` carries them out."""

import json
from dataclasses import asdict, dataclass
from typing import TypeAlias, get_args


@dataclass(frozen=True, slots=True)
class RecordMiss:
    """Keep a scrubbed question that got no sure answer, for the staff to learn from.

    `chosen` is the article she picked among those offered, if she did.
    """

    question: str
    language: str
    offered: tuple[str, ...] = ()
    chosen: str | None = None


@dataclass(frozen=True, slots=True)
class RecordFeedback:
    """Count whether an answer helped."""

    article: str
    language: str
    helped: bool


@dataclass(frozen=True, slots=True)
class RecordUnhelpful:
    """Keep a scrubbed question whose answer did not help, for the staff to learn from."""

    question: str
    language: str
    article: str


@dataclass(frozen=True, slots=True)
class ForgetPerson:
    """Erase everything that is kept about this person, now."""


@dataclass(frozen=True, slots=True)
class OpenCase:
    """Ask the desk to answer her. `question` is her last question, scrubbed, or ''."""

    question: str
    language: str


@dataclass(frozen=True, slots=True)
class WriteToCase:
    """Add what she writes, scrubbed, to her open case; opens none."""

    text: str


@dataclass(frozen=True, slots=True)
class CloseCase:
    """Close her open case, if there is one: she goes on with the assistant."""


@dataclass(frozen=True, slots=True)
class SetReminder:
    """Remind her before a day (YYYY-MM-DD), and of nothing but that."""

    due: str
    language: str


@dataclass(frozen=True, slots=True)
class DropReminders:
    """Delete all her reminders."""


Effect: TypeAlias = (
    RecordMiss
    | RecordFeedback
    | RecordUnhelpful
    | ForgetPerson
    | OpenCase
    | WriteToCase
    | CloseCase
    | SetReminder
    | DropReminders
)

_KINDS: dict[str, type[Effect]] = {kind.__name__: kind for kind in get_args(Effect)}


def dumps(effect: Effect) -> str:
    """Return an effect as JSON text."""
    return json.dumps({"kind": type(effect).__name__, **asdict(effect)})


def loads(text: str) -> Effect:
    """Read an effect back; raise `KeyError` for an unknown kind."""
    values = json.loads(text)
    kind = _KINDS[values.pop("kind")]
    if "offered" in values:
        values["offered"] = tuple(values["offered"])
    return kind(**values)
