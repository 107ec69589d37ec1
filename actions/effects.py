"""The things to do besides answering, as values. `actions/run.py` carries them out."""

import json
from dataclasses import asdict, dataclass
from typing import TypeAlias


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
class ForgetPerson:
    """Erase everything that is kept about this person, now."""


Effect: TypeAlias = RecordMiss | RecordFeedback | ForgetPerson

_KINDS: dict[str, type[Effect]] = {
    kind.__name__: kind for kind in (RecordMiss, RecordFeedback, ForgetPerson)
}


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
