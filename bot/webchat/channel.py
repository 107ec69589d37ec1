"""The web chat as a channel: what its page posts, and what the page is shown."""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from bot.bodies import read_object, string
from bot.channel import (
    BadBody,
    BadSignature,
    Limits,
    Payload,
    PersonGone,
    Received,
    Unreachable,
    WebhookRequest,
)
from bot.markup import to_html, to_plain
from bot.messages import Chose, Commanded, Event, Inbound, Located, Reply, Said, Unsupported
from bot.shaping import Translate, shape
from bot.webchat.phones import link_phones
from bot.webchat.session import SessionCookie, fingerprint, person_of
from bot.webchat.stream import MessageStream
from content.catalogue import LANGUAGES

# The page shows any length; these only keep a fault elsewhere from filling a phone.
LIMITS = Limits(
    text=12_000,
    text_with_options=12_000,
    buttons=60,
    button_label=120,
    rows=60,
    row_label=120,
    row_detail=300,
)

NEXT_LOOK = 5.0  # seconds until it is worth looking again for an open page

_MESSAGE_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
_NAME = re.compile(r"[a-z_]{1,32}")
_CHOICE_ID = re.compile(r"[!-~]{1,64}")
_ARGUMENT = re.compile(r"[!-~]{0,64}")


def _utc_now() -> datetime:
    return datetime.now(UTC)


class WebChatChannel:
    """Implements `bot.channel.Channel` for our own page.

    The body is a JSON object: `id` (made by the page, kept when it sends again), `kind` and, by
    kind, `text` | `choice` | `lat`, `lon` | `command`, `argument`; `language` is the page's. Who
    writes is known by the cookie alone. `translate` gives the interface texts.
    """

    name = "web"
    limits = LIMITS

    def __init__(
        self,
        stream: MessageStream,
        cookie: SessionCookie,
        translate: Translate,
        *,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.stream = stream
        self.cookie = cookie
        self._translate = translate
        self._clock = clock

    def receive(self, request: WebhookRequest) -> Received:
        """Read one message of the page; raise `BadSignature` without a session, or `BadBody`."""
        token = self.cookie.read(request.headers)
        if token is None:
            raise BadSignature("The request names no session of the web chat.")
        body = read_object(request.body)
        person = person_of(token)
        message_id = _matching(_MESSAGE_ID, body, "id")
        language = body.get("language")
        inbound = Inbound(
            channel=self.name,
            # Ids are made by the page: with the person in front, nobody can use up another's.
            message_id=f"{fingerprint(person)}:{message_id}",
            person=person,
            event=_event(body),
            sent_at=self._clock(),
            language_hint=language if language in LANGUAGES else None,
        )
        return Received(messages=(inbound,))

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """Shape a reply into what the page shows; only the last message carries the options."""
        return tuple(
            {
                "html": link_phones(to_html(shaped.text)),
                "text": to_plain(shaped.text),
                "options": [asdict(option) for option in shaped.options],
                "asks_location": shaped.asks_location,
                "language": reply.language,
                "urgent": reply.urgent,
            }
            for shaped in shape(reply, self.limits, self._translate)
        )

    async def send(self, person: str, payload: Payload, *, outbox_id: str) -> str:
        """Show a payload on every open page of the person, and keep it for those that come back.

        What is kept lives in memory only, so it counts as sent once a page is there to read it.
        Raise `Unreachable` before that: sent again, it is shown no second time, and fills the
        memory anew after a restart. Raise `PersonGone` when she has left.
        """
        if self.stream.has_left(person):
            raise PersonGone("The session was ended.", code="left")
        data = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
        # One row of the outbox may hold several payloads: they differ by what they say.
        digest = hashlib.sha256(data.encode()).hexdigest()[:16]
        shown = self.stream.publish(person, "reply", data, key=f"out:{outbox_id}:{digest}")
        if not self.stream.is_read(person, shown):
            raise Unreachable("No page is open.", retry_after=NEXT_LOOK, code="no page")
        return str(shown)

    async def aclose(self) -> None:
        """Close all open pages at once; call it as the server stops, before it waits for them."""
        self.stream.close()


def _event(body: dict[str, Any]) -> Event:
    match body.get("kind"):
        case "text":
            text = string(body.get("text"))
            if not text.strip():
                raise BadBody("'text' is empty or no text.")
            return Said(text)
        case "choice":
            return Chose(_matching(_CHOICE_ID, body, "choice"))
        case "location":
            return Located(_degrees(body, "lat", 90), _degrees(body, "lon", 180))
        case "command":
            argument = _matching(_ARGUMENT, body, "argument") if "argument" in body else ""
            return Commanded(_matching(_NAME, body, "command"), argument)
        case _:
            return Unsupported(_matching(_NAME, body, "kind"))


def _matching(pattern: re.Pattern[str], body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadBody(f"{name!r} is missing or not of its form.")
    return value


def _degrees(body: dict[str, Any], name: str, most: int) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadBody(f"{name!r} is missing or no number.")
    if not -most <= value <= most:  # nor is NaN; and a huge int fits no float
        raise BadBody(f"{name!r} lies outside of the earth.")
    return float(value)
