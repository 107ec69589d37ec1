"""The port to a platform: receive, render, send; what a failed send means; and limits as data."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol, TypeAlias, runtime_checkable

from bot.messages import Inbound, Reply, Template

Payload: TypeAlias = dict[str, Any]
"""The JSON body of one outgoing request of a platform, complete but for the address."""


WINDOWS = {"whatsapp": timedelta(hours=24)}
"""How long after her last message a platform takes free text; then approved templates only."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a platform can carry. Lengths in `unit`s; `option_id` in bytes of UTF-8."""

    text: int
    text_with_options: int
    buttons: int
    button_label: int
    rows: int = 0
    row_label: int = 0
    row_detail: int = 0
    list_button: int = 0
    option_id: int = 64
    unit: str = "code points"  # or "utf-16"


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """An HTTP request as it came, body unread by anybody else. Header names are lower case."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a platform says later about a message of ours."""

    message_id: str
    status: str
    outbox_id: str | None = None
    error: "ChannelError | None" = None
    billable: bool = False


@dataclass(frozen=True, slots=True)
class Presence:
    """A person blocked the assistant (`gone`), or lets it write to her again."""

    person: str
    gone: bool


@dataclass(frozen=True, slots=True)
class Move:
    """A person goes on under another id: the platform says that it is the same account."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Group:
    """A group that the assistant was put into. In a `silent` one every word would reach a crowd."""

    chat: str
    silent: bool = False
    language_hint: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A few words by which somebody looks for an answer to hand on. Nothing of it is kept."""

    id: str
    words: str
    language_hint: str | None = None


@dataclass(frozen=True, slots=True)
class Shareable:
    """An approved answer that may be handed on, with its source. `id` is that of its article."""

    id: str
    title: str
    detail: str
    reply: Reply


@dataclass(frozen=True, slots=True)
class Received:
    """All that one webhook body holds. `ignored` names what was understood and needs no answer."""

    messages: tuple[Inbound, ...] = ()
    reports: tuple[DeliveryReport, ...] = ()
    ignored: tuple[str, ...] = ()
    presences: tuple[Presence, ...] = ()
    groups: tuple[Group, ...] = ()
    searches: tuple[Search, ...] = ()
    moves: tuple[Move, ...] = ()


def together(parts: Iterable[Received]) -> Received:
    """Return several bodies as one, in their order."""
    kept = tuple(parts)
    return Received(
        messages=tuple(one for part in kept for one in part.messages),
        reports=tuple(one for part in kept for one in part.reports),
        ignored=tuple(one for part in kept for one in part.ignored),
        presences=tuple(one for part in kept for one in part.presences),
        groups=tuple(one for part in kept for one in part.groups),
        searches=tuple(one for part in kept for one in part.searches),
        moves=tuple(one for part in kept for one in part.moves),
    )


class BadSignature(Exception):
    """The request does not prove that it comes from the platform: answer 403, store nothing."""


class BadBody(Exception):
    """The body is not what the platform sends (not JSON, not UTF-8, not an object): answer 400."""


class ChannelError(Exception):
    """A send failed. The attributes carry the decision; the message holds no secret and no id.

    `retry_after`: seconds that the platform asked to wait, if it did.
    """

    retryable = False
    person_gone = False
    alarm = False
    for_all = False
    """Whether it holds for every message of this channel, and not for this one alone."""

    def __init__(self, message: str, *, retry_after: float | None = None, code: str = "") -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.code = code


class Unreachable(ChannelError):
    """The platform cannot be reached or is failing: try again later."""

    retryable = True


class RateLimited(ChannelError):
    """The platform asks us to slow down: try again later. Never a permanent failure."""

    retryable = True


class PersonGone(ChannelError):
    """The person blocked the bot or cannot be reached: stop sending to her."""

    person_gone = True


class Throttled(RateLimited):
    """The platform asks to slow down with all messages: hold the queue for a moment."""

    for_all = True


class WindowClosed(ChannelError):
    """WhatsApp's 24 hours are over: only an approved template may go out."""


class RequestRefused(ChannelError):
    """The platform refused what we sent: our bug, never retried."""

    alarm = True


class AccountBlocked(ChannelError):
    """The token or the account is wrong or barred: hold the queue and call the operator."""

    retryable = True
    alarm = True
    for_all = True


class AlreadyDone(ChannelError):
    """The platform says that nothing is left to do (e.g. 'message is not modified'): drop it."""


class Channel(Protocol):
    """A platform."""

    name: str
    limits: Limits

    def receive(self, request: WebhookRequest) -> Received:
        """Check and read a webhook. Raise `BadSignature` or `BadBody`; never anything else."""

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """Shape a reply into the platform's payloads, within its limits. Pure."""

    async def send(self, person: str, payload: Payload, *, outbox_id: str) -> str:
        """Send one payload and return the platform's message id; raise `ChannelError`."""

    async def aclose(self) -> None:
        """Free what the channel holds."""


@runtime_checkable
class Handshake(Protocol):
    """A channel whose platform verifies the webhook's address by a GET."""

    def handshake(self, request: WebhookRequest) -> str:
        """Return the text to answer 200 with; raise `BadSignature`."""


@runtime_checkable
class Polls(Protocol):
    """A channel that can fetch its messages without a public address."""

    async def poll(self) -> Received:
        """Wait for what comes next and return it; raise `ChannelError`."""

    async def confirm(self) -> None:
        """Tell the platform that what `poll` last returned is stored safely."""


VOICE_BYTES = 5 * 1024 * 1024
VOICE_SECONDS = 120
"""What is fetched of a voice message at most; a longer one is told to be written."""


@runtime_checkable
class FetchesVoice(Protocol):
    """A channel from which the recording of a voice message can be fetched. Nothing else ever is:

    photos and documents stay where they are.
    """

    async def fetch_voice(self, inbound: Inbound) -> tuple[bytes, str]:
        """Return a recording of at most `VOICE_BYTES` and its media type; raise `ChannelError`."""


@runtime_checkable
class Acknowledges(Protocol):
    """A channel that can show at once that a message was seen (a read mark, a stopped spinner)."""

    async def acknowledge(self, inbound: Inbound) -> None:
        """Show it; failures are swallowed by the caller, for nothing depends on it."""


@runtime_checkable
class ShowsTyping(Protocol):
    """A channel that can show that an answer is being written, by a call for nothing else."""

    async def show_typing(self, inbound: Inbound) -> None:
        """Show it; failures are swallowed by the caller, for nothing depends on it."""


@runtime_checkable
class SendsTemplates(Protocol):
    """A channel that takes only approved wordings once she has not written for long."""

    def render_template(self, template: Template, language: str) -> Payload | None:
        """Return its payload, or None where it is not approved in this language."""


@runtime_checkable
class LeavesGroups(Protocol):
    """A channel with groups, in which the assistant does not stay."""

    async def leave(self, group: Group) -> None:
        """Say once where it answers, and leave; raise `ChannelError`."""


@runtime_checkable
class AnswersSearches(Protocol):
    """A channel on which answers can be looked for from any chat, to hand them on."""

    async def offer(self, search: Search, found: tuple[Shareable, ...]) -> None:
        """Show what was found, best first; raise `ChannelError`."""
