"""All that the bot remembers of one person, as a value that is also JSON."""

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Offered:
    """A way on that the last reply offered, kept so that she may type its number or its words."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class PathPosition:
    """Where she is in a guided path: the questions asked so far, the open one last.

    Her answers are not kept: they show only in the way taken, and go with it.
    """

    path: str
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the bot remembers. No name, no place; of her texts only the last question, scrubbed.

    `language` is the one she gets; `language_chosen` says that she asked for it, so that only a
    clear sign changes it. `misses` counts the inputs in a row that were not understood.
    `awaiting` names the one open question of the bot, if any ('forget', 'place', 'which', …) and
    `detail` what it is about. `question` is her last question, for the staff if she asks for a
    person. `silent_until`: a person answers her until then, and the bot keeps silent;
    `unanswered` says that she wrote last, so that nobody has answered yet.
    `stopped`: she wants to hear nothing that she did not ask for. `flood_told`: she has been asked
    to write more slowly. `reminders` are the days (YYYY-MM-DD) that she wants to be reminded of.
    """

    language: str = "es"
    language_chosen: bool = False
    welcomed: bool = False
    article: str | None = None
    offered: tuple[Offered, ...] = ()
    misses: int = 0
    awaiting: str | None = None
    detail: str = ""
    question: str = ""
    path: PathPosition | None = None
    silent_until: datetime | None = None
    unanswered: bool = False
    stopped: bool = False
    flood_told: bool = False
    reminders: tuple[str, ...] = ()

    def with_(self, **changes: Any) -> "Conversation":
        """Return a copy with some fields changed."""
        return replace(self, **changes)


def to_json(conversation: Conversation) -> dict[str, Any]:
    """Return the conversation as JSON values."""
    values = asdict(conversation)
    if conversation.silent_until is not None:
        values["silent_until"] = conversation.silent_until.isoformat()
    return {"version": VERSION, **values}


def from_json(data: dict[str, Any]) -> Conversation:
    """Read a conversation back; unknown fields are dropped, missing ones get their default."""
    known = {name: data[name] for name in Conversation.__dataclass_fields__ if name in data}
    known["offered"] = tuple(Offered(o["id"], o["label"]) for o in known.get("offered", ()))
    known["reminders"] = tuple(known.get("reminders", ()))
    if path := known.get("path"):
        known["path"] = PathPosition(path["path"], tuple(path["asked"]))
    if until := known.get("silent_until"):
        known["silent_until"] = datetime.fromisoformat(until)
    return Conversation(**known)
