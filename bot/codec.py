"""Inbound messages and replies as JSON text, for the tables that keep them until they are done."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from bot.messages import (
    Chose,
    Commanded,
    Event,
    Inbound,
    Located,
    Released,
    Reply,
    Said,
    StaffWrote,
    Unanswered,
    Unsupported,
)

_EVENTS: dict[str, type[Event]] = {
    kind.__name__: kind
    for kind in (Said, Chose, Located, Commanded, Unsupported, StaffWrote, Released, Unanswered)
}
_REPLY = TypeAdapter(Reply)


def event_to_json(event: Event) -> dict[str, Any]:
    """Return an event as JSON values."""
    return {"event": type(event).__name__, **asdict(event)}


def event_from_json(data: dict[str, Any]) -> Event:
    """Read an event back; raise `KeyError` for an unknown kind."""
    values = dict(data)
    return _EVENTS[values.pop("event")](**values)


def dump_inbound(inbound: Inbound) -> str:
    """Return an inbound message as JSON text."""
    values = {name: getattr(inbound, name) for name in Inbound.__dataclass_fields__}
    values["event"] = event_to_json(inbound.event)
    values["sent_at"] = inbound.sent_at.isoformat()
    values["reply_to"] = dict(inbound.reply_to)
    return json.dumps(values)


def load_inbound(text: str) -> Inbound:
    """Read an inbound message back."""
    values = json.loads(text)
    values["event"] = event_from_json(values["event"])
    values["sent_at"] = datetime.fromisoformat(values["sent_at"])
    return Inbound(**values)


def dump_reply(reply: Reply) -> str:
    """Return a reply as JSON text."""
    return _REPLY.dump_json(reply).decode()


def load_reply(text: str) -> Reply:
    """Read a reply back."""
    return _REPLY.validate_json(text)
