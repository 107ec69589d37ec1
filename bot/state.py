"""All that the bot remembers of one person, as a value that is also JSON."""

from dataclasses import asdict, dataclass, replace
from typing import Any

VERSION = 1


@dataclass(frozen=True, slots=True)
class Offered:
    """A way on that the last reply offered, kept so that she may type its number or its words."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the bot remembers. No text of hers, no name, no place.

    `language` is the one she gets; `language_chosen` says that she asked for it, so that only a
    clear sign changes it. `misses` counts the inputs in a row that were not understood.
    `awaiting` names the one open question of the bot, if any ('forget', 'place', 'office_kind').
    """

    language: str = "es"
    language_chosen: bool = False
    welcomed: bool = False
    article: str | None = None
    offered: tuple[Offered, ...] = ()
    misses: int = 0
    awaiting: str | None = None
    detail: str = ""

    def with_(self, **changes: Any) -> "Conversation":
        """Return a copy with some fields changed."""
        return replace(self, **changes)


def to_json(conversation: Conversation) -> dict[str, Any]:
    """Return the conversation as JSON values."""
    return {"version": VERSION, **asdict(conversation)}


def from_json(data: dict[str, Any]) -> Conversation:
    """Read a conversation back; unknown fields are dropped, missing ones get their default."""
    known = {name: data[name] for name in Conversation.__dataclass_fields__ if name in data}
    known["offered"] = tuple(Offered(o["id"], o["label"]) for o in known.get("offered", ()))
    return Conversation(**known)
