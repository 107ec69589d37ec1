"""Reading WhatsApp's webhooks: one body may hold up to a thousand updates in nested lists.

https://developers.facebook.com/documentation/business-messaging/whatsapp/webhooks/overview
Every value is looked at before it is used, for Meta adds kinds without asking and leaves out
what a person does not share: one who has a username may have no phone number here.
"""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

from bot.bodies import mapping, objects, place, string
from bot.channel import ChannelError, DeliveryReport, Move, Received
from bot.messages import Chose, Commanded, Event, Inbound, Said, Unsupported
from bot.whatsapp.errors import error_of_code

_KINDS = frozenset(
    (
        "text", "image", "audio", "video", "document", "sticker", "contacts", "location",
        "interactive", "button", "order", "unsupported", "poll", "poll_creation", "gif", "event",
        "list", "product",
    )
)  # fmt: skip
# Said about a message or a number, not to us: never answered.
_SILENT = frozenset(("reaction", "revoke"))
VOICE = "voice"
_STATUSES = frozenset(("sent", "delivered", "read", "played", "failed"))
_LATEST = 32_503_680_000  # the year 3000, in seconds

Update: TypeAlias = Inbound | DeliveryReport | Move | str
"""A message, a report, a new id, or the name of something that needs no answer."""


def read_updates(
    body: dict[str, Any], channel: str, phone_number_id: str, now: Callable[[], datetime]
) -> Received:
    """Return all that a body holds for one business number. Raises nothing.

    Messages come out in the order in which they were written, which need not be Meta's.
    """
    updates = list(_updates(body, channel, phone_number_id, now))
    messages = [u for u in updates if isinstance(u, Inbound)]
    return Received(
        messages=tuple(sorted(messages, key=lambda message: message.sent_at)),
        reports=tuple(u for u in updates if isinstance(u, DeliveryReport)),
        ignored=tuple(u for u in updates if isinstance(u, str)),
        moves=tuple(u for u in updates if isinstance(u, Move)),
    )


def _updates(
    body: dict[str, Any], channel: str, phone_number_id: str, now: Callable[[], datetime]
) -> Iterator[Update]:
    if body.get("object") != "whatsapp_business_account":
        yield "other object"
        return
    for entry in objects(body.get("entry")):
        for change in objects(entry.get("changes")):
            value = mapping(change.get("value"))
            number = mapping(value.get("metadata")).get("phone_number_id", phone_number_id)
            if change.get("field") != "messages":
                yield "other field"
            elif number != phone_number_id:
                yield "other number"
            else:
                for message in objects(value.get("messages")):
                    yield _message(message, channel, now)
                for status in objects(value.get("statuses")):
                    yield _report(status)
                if value.get("errors") and not value.get("messages"):
                    yield "account error"


def _message(message: dict[str, Any], channel: str, now: Callable[[], datetime]) -> Update:
    """Read one message; the business-scoped id goes before the phone number."""
    kind = string(message.get("type"))
    if kind in _SILENT:
        return kind
    if kind == "system":
        return _move(message) or kind
    if message.get("group_id"):
        return "group"
    number = string(message.get("id"))
    person = string(message.get("from_user_id")) or string(message.get("from"))
    if not number or not is_person(person):
        return "message without sender or id"
    event = _event(message)
    if kind == "edit" and not _rewritten(event):
        return kind
    recording = string(mapping(message.get("audio")).get("id"))
    return Inbound(
        channel=channel,
        message_id=number,
        person=person,
        event=event,
        sent_at=_time(message.get("timestamp")) or now(),
        reply_to={VOICE: recording} if event == Unsupported(VOICE) and recording else {},
    )


def _move(message: dict[str, Any]) -> Move | None:
    """Read a note that a person has another number or id; None for one that says neither."""
    note = mapping(message.get("system"))
    new = string(note.get("user_id"))
    old = string(note.get("previous_user_id")) or string(message.get("from_user_id"))
    match note.get("type"):
        case "user_changed_number" | "user_changed_user_id" if old and new:
            pass
        case "user_changed_number":  # known by her number alone
            old, new = string(message.get("from")), string(note.get("wa_id"))
        case _:
            return None
    return Move(old, new) if is_person(old) and is_person(new) and old != new else None


def _rewritten(event: Event) -> bool:
    """Say whether an edit holds words, which are read as new ones; the rest is answered already."""
    return isinstance(event, Said) or (isinstance(event, Unsupported) and bool(event.caption))


def is_person(person: str) -> bool:
    """Tell whether this is a phone number or a business-scoped id such as PE.123."""
    return re.fullmatch(r"\+?\d{4,20}|[A-Z]{2}\.[A-Za-z0-9.]{1,140}", person, re.ASCII) is not None


def is_scoped(person: str) -> bool:
    """Tell a business-scoped id from a phone number."""
    return "." in person


def _event(message: dict[str, Any]) -> Event:
    kind = message.get("type")
    part = mapping(message.get(kind)) if isinstance(kind, str) else {}
    match kind:
        case "text":
            text = string(part.get("body"))
            return Said(text) if text.strip() else Unsupported("empty")
        case "interactive":
            reply = mapping(part.get("button_reply")) or mapping(part.get("list_reply"))
            choice = string(reply.get("id"))
            return Chose(choice) if choice else Unsupported("interactive")
        case "button":
            payload, text = string(part.get("payload")), string(part.get("text"))
            if payload:
                return Chose(payload)
            return Said(text) if text else Unsupported("button")
        case "location":
            return place(part.get("latitude"), part.get("longitude")) or Unsupported("location")
        case "audio" if part.get("voice") is True:
            return Unsupported(VOICE)
        case "edit":
            inner = mapping(part.get("message"))
            return Unsupported("edit") if inner.get("type") == "edit" else _event(inner)
        case "request_welcome":  # she opened the chat for the first time
            return Commanded("start")
        case "unsupported":
            return Unsupported(_known(part.get("type")))
        case _:
            return Unsupported(_known(kind), string(part.get("caption")).strip())


def _known(kind: object) -> str:
    """Return the name of a kind that is known: kinds are shown in logs, free text never is."""
    return kind if isinstance(kind, str) and kind in _KINDS else "unknown"


def _report(status: dict[str, Any]) -> Update:
    """Read a status. A failed one has no contacts and may name no recipient."""
    number, name = string(status.get("id")), status.get("status")
    if not number or not isinstance(name, str) or name not in _STATUSES:
        return "unknown status"
    return DeliveryReport(
        message_id=number,
        status=name,
        outbox_id=string(status.get("biz_opaque_callback_data")) or None,
        error=_failure(status) if name == "failed" else None,
        billable=mapping(status.get("pricing")).get("billable") is True,
    )


def _failure(status: dict[str, Any]) -> ChannelError:
    codes = [error.get("code") for error in objects(status.get("errors"))]
    return error_of_code(next((code for code in codes if isinstance(code, int)), -1))


def _time(timestamp: object) -> datetime | None:
    """Return the time of a string of Unix seconds, or None if it is none."""
    text = timestamp if isinstance(timestamp, str) else ""
    if not re.fullmatch(r"\d{1,12}", text, re.ASCII) or int(text) > _LATEST:
        return None
    return datetime.fromtimestamp(int(text), UTC)
