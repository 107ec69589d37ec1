"""What a person does and what she gets, free of any platform."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from nlu.understanding import Understanding

# --- what a person did -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Said:
    """She wrote a text."""

    text: str


@dataclass(frozen=True, slots=True)
class Chose:
    """She pressed a button or picked a row: the id of a `Choice` that she was offered."""

    choice: str


@dataclass(frozen=True, slots=True)
class Located:
    """She shared a place, in degrees. It is used for one reply and never stored."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Commanded:
    """She gave a command such as /start, with the argument of a deep link or ''."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Unsupported:
    """She sent something that the assistant does not read: voice, image, sticker, …

    `caption` is what she wrote under it: there may be danger in it.
    """

    kind: str
    caption: str = ""


@dataclass(frozen=True, slots=True)
class StaffWrote:
    """A member of staff wrote to her from the desk; the assistant keeps silent from now on."""

    text: str


@dataclass(frozen=True, slots=True)
class Released:
    """Staff handed the conversation back to the assistant."""


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nobody of the staff has answered her for a day: she is told, and the silence ends."""


FROM_DESK = StaffWrote | Released | Unanswered
"""What the desk brings about: no message of hers."""

Event: TypeAlias = (
    Said | Chose | Located | Commanded | Unsupported | StaffWrote | Released | Unanswered
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A text together with its understanding: `Said`, once it has been read."""

    text: str
    understanding: Understanding


@dataclass(frozen=True, slots=True)
class Flooded:
    """She sends more than anybody can read; this message is not looked at for its meaning."""


Input: TypeAlias = (
    Asked | Chose | Located | Commanded | Unsupported | StaffWrote | Released | Unanswered | Flooded
)


@dataclass(frozen=True, slots=True)
class Inbound:
    """One event from one person on one channel.

    `message_id` is unique within the channel and the key against duplicates. `person` is the
    platform's id of the person; it is hashed before it becomes the key of a conversation and
    stored only encrypted. `language_hint` is the language of her phone, if the platform tells it.
    """

    channel: str
    message_id: str
    person: str
    event: Event
    sent_at: datetime
    language_hint: str | None = None
    reply_to: Mapping[str, str] = field(default_factory=dict)
    """What the channel needs to answer this very message, e.g. the id of a callback query."""


# --- what she gets -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Phrase:
    """An interface text: a Spanish message id of the catalogues in `locales/`, with its values."""

    text: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Passage:
    """Approved text in the language of the reply, in the Markdown subset of the content files."""

    markdown: str


@dataclass(frozen=True, slots=True)
class Label:
    """The interface text of a button: at most 20 characters in every language."""

    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One way on. `id` has at most 64 bytes of ASCII (Telegram's limit on callback data).

    A `label` that is a `str` comes from the content and is already in the reader's language.
    `detail` is a longer line for channels that can show one (72 characters).
    """

    id: str
    label: Label | str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """The approved wording that stands for a reply where a platform takes no free text any more.

    `name` is what it is for; `values` fill its gaps. One that `waits` only says that something is
    there: the reply itself goes out once she writes.
    """

    name: str
    values: Mapping[str, str] = field(default_factory=dict)
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a person: paragraphs in order, then the ways on.

    `asks_location` invites her to share her place where the channel has a button for it.
    `template` is for one that goes out unasked: without it nothing can be said too late.
    """

    language: str
    parts: tuple[Phrase | Passage, ...]
    choices: tuple[Choice, ...] = ()
    asks_location: bool = False
    urgent: bool = False
    """An emergency card: sent before everything else."""
    template: Template | None = None
