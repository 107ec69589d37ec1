"""The terminal as a channel: JSON lines in, plain text with numbered options out.

Each line of a body is an object with `id`, `user` and one of `text`, `choose` (the id of a
choice), `location` ([lat, lon]), `command` (with `argument`) or `kind` (of what cannot be read).
Nothing is signed: who can write to the terminal is its owner.
"""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.bodies import clean, place, read_object, string
from bot.channel import BadBody, Limits, Payload, Received, Unreachable, WebhookRequest
from bot.markup import to_plain
from bot.messages import Chose, Commanded, Event, Inbound, Reply, Said, Unsupported
from bot.shaping import Translate, shape
from locales import translate as translate_phrase

LIMITS = Limits(text=100_000, text_with_options=100_000, buttons=0, button_label=0)


class ConsoleChannel:
    """The terminal. `write` takes each text sent; None is standard output."""

    name = "console"
    limits = LIMITS

    def __init__(
        self,
        *,
        write: Callable[[str], object] | None = None,
        translate: Translate = translate_phrase,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._write = write
        self._translate = translate
        self._now = now
        self._sent = 0

    def receive(self, request: WebhookRequest) -> Received:
        """Read the JSON lines of a body; raise `BadBody` for any that is not as described."""
        lines = [line for line in request.body.splitlines() if line.strip()]
        return Received(messages=tuple(self._inbound(read_object(line)) for line in lines))

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """Shape a reply into texts, each with the options that stand in it as numbered lines."""
        return tuple(
            {
                "text": to_plain(shaped.text),
                "options": [{"id": o.id, "label": o.label} for o in shaped.options],
            }
            for shaped in shape(reply, self.limits, self._translate)
        )

    async def send(self, person: str, payload: Payload, *, outbox_id: str) -> str:
        """Write the text and return a running number."""
        try:
            (self._write or sys.stdout.write)(payload["text"] + "\n")
            if self._write is None:
                sys.stdout.flush()
        except (OSError, ValueError):
            written = False
        else:
            written = True
        if not written:
            raise Unreachable("The terminal is closed.", code="terminal")
        self._sent += 1
        return str(self._sent)

    async def aclose(self) -> None:
        """Do nothing: standard output is not the channel's to close."""

    def _inbound(self, line: dict[str, Any]) -> Inbound:
        number, user = string(line.get("id")), string(line.get("user"))
        event = _event(line)
        if not number or not user or event is None:
            raise BadBody(
                "A line needs 'id', 'user' and one of 'text', 'choose', 'location', 'command',"
                " 'kind'."
            )
        return Inbound(self.name, number, user, event, self._now())


def _event(line: dict[str, Any]) -> Event | None:
    match line:
        case {"text": str(text)}:
            return Said(clean(text)) if clean(text).strip() else Unsupported("empty")
        case {"choose": str(choice)}:
            return Chose(clean(choice))
        case {"location": [lat, lon]}:
            return place(lat, lon)
        case {"command": str(name)}:
            return Commanded(clean(name), string(line.get("argument")))
        case {"kind": str(kind)}:
            return Unsupported(clean(kind))
        case _:
            return None
