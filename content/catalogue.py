"""Everything that is published, as one immutable value in memory."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType

LANGUAGES = ("es", "en", "pt", "fr", "ht", "qu")
SOURCE_LANGUAGE = "es"

SECTIONS = (
    "answer", "requirements", "steps", "cost", "where", "time", "rights", "exposure", "refused",
)  # fmt: skip


class Status(StrEnum):
    """Whether an article has an approved answer of its own."""

    PUBLISHED = "published"
    UNWRITTEN = "unwritten"


@dataclass(frozen=True, slots=True)
class Ground:
    """One source of an article. `verified_on`: YYYY, YYYY-MM or YYYY-MM-DD; None if undated."""

    norm: str
    source: str
    verified_on: str | None
    supports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """An article in one language. `sections` is empty for an unwritten article.

    `translates` is the Spanish revision that a translation renders (for Spanish: its own);
    `pending_review` says that no speaker has read the translation yet, which the reader is told.
    """

    title: str
    label: str
    sections: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    examples: tuple[str, ...] = ()
    revision: int = 1
    translates: int = 1
    pending_review: bool = False


@dataclass(frozen=True, slots=True)
class Article:
    """One answer. `texts` holds one `Text` per language."""

    id: str
    status: Status
    audience: str
    ask: str
    texts: Mapping[str, Text]
    related: tuple[str, ...] = ()
    emergency: str | None = None
    ground: tuple[Ground, ...] = ()
    review_due: date | None = None
    valid_until: date | None = None
    owner: str = "uim"

    @property
    def topic(self) -> str:
        """The first part of the id."""
        return self.id.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Channel:
    """Who answers officially about a topic, per language."""

    text: Mapping[str, str]
    source: str
    verified_on: str | None


@dataclass(frozen=True, slots=True)
class Topic:
    """A group of articles. `names` (24 characters) and `descriptions` (72) are per language."""

    id: str
    icon: str
    names: Mapping[str, str]
    descriptions: Mapping[str, str]
    channel: Channel


@dataclass(frozen=True, slots=True)
class Number:
    """A telephone number on an emergency card, with its source."""

    number: str
    service: str
    cost: str
    hours: str
    source: str
    verified_on: str | None


@dataclass(frozen=True, slots=True)
class Card:
    """What a person in danger gets first. `texts` has at most 500 characters per language.

    `article` is the answer that follows it; `labels` are for buttons (20 characters).
    """

    kind: str
    article: str
    labels: Mapping[str, str]
    numbers: tuple[Number, ...]
    titles: Mapping[str, str]
    texts: Mapping[str, str]
    pending_review: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Intent:
    """What a person can say besides asking, with examples per language."""

    name: str
    examples: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Office:
    """A row of the directory. `precision`: what the coordinates are (address, district, city)."""

    kind: str
    name: str
    region: str
    province: str
    district: str
    address: str
    lat: float | None
    lon: float | None
    precision: str
    phone: str
    hours: str
    source: str
    source_date: str


@dataclass(frozen=True, slots=True)
class District:
    """A district of Peru, for finding offices by the name of a place.

    `ubigeo` is INEI's code: two digits for the region, two for the province, two for the district.
    `lat` and `lon` are those of its capital or, where `precision` is 'province', of the capital of
    its province. `also` are further names that people use for it.
    """

    ubigeo: str
    name: str
    province: str
    region: str
    lat: float
    lon: float
    precision: str
    also: tuple[str, ...] = ()


class Entry(StrEnum):
    """What an answer in a guided path says of how she entered the country.

    OPEN: without migration control, or not said, or not known.
    """

    CONTROLLED = "controlled"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer to a question of a path. `to` is the id of a question or an end of the path.

    `labels` are for buttons (20 characters); `entry` is None where it says nothing of her entry.
    """

    id: str
    labels: Mapping[str, str]
    to: str
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One step of a guided path: a text (300 characters) and 2 to 9 options, in order."""

    id: str
    texts: Mapping[str, str]
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class End:
    """Where a guided path leads: an emergency card, then a verdict, then an article; at least one.

    `emergency` is the kind of a card, `verdicts` has at most 500 characters per language.
    """

    id: str
    verdicts: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    article: str | None = None
    emergency: str | None = None


@dataclass(frozen=True, slots=True)
class Path:
    """A guided path: from question to question to an end. Ids are unique in all of a path.

    `first` is the id of the first question; `titles` has 72 characters, `labels` 20.
    """

    id: str
    titles: Mapping[str, str]
    labels: Mapping[str, str]
    first: str
    questions: Mapping[str, Question]
    ends: Mapping[str, End]
    pending_review: frozenset[str] = frozenset()


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Desk:
    """When people answer: spans of Peruvian time by weekday (0 is Monday), and days off.

    `source` says whose roster it is. Without hours nobody ever answers.
    """

    hours: Mapping[int, tuple[tuple[time, time], ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    closed: frozenset[date] = frozenset()
    source: str = ""

    def open_at(self, local: datetime) -> bool:
        """Say whether somebody answers at a moment of Peruvian time."""
        return any(first <= local.time() < last for first, last in self._spans(local.date()))

    def next_opening(self, local: datetime) -> datetime | None:
        """Return when somebody answers again, within four weeks; None if nobody does."""
        for ahead in range(29):
            day = local.date() + timedelta(days=ahead)
            for first, _ in self._spans(day):
                opens = datetime.combine(day, first, local.tzinfo)
                if opens > local:
                    return opens
        return None

    def _spans(self, day: date) -> tuple[tuple[time, time], ...]:
        return () if day in self.closed else tuple(self.hours.get(day.weekday(), ()))


@dataclass(frozen=True, slots=True)
class Notice:
    """What people are told at the start and with the menu, from one day to another, both included.

    `texts` has at most 300 characters per language; without `first` or `last` nobody is told.
    """

    texts: Mapping[str, str]
    first: date | None
    last: date | None

    def on(self, day: date) -> bool:
        """Say whether people are told on a day of Peruvian time."""
        return self.first is not None and self.last is not None and self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Phrasing:
    """Other words of the staff for a text of the program, by its Spanish message id."""

    id: str
    msgid: str
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything published. `version` is a hash of all of it: equal versions answer equally.

    `emergency_rules` holds, per language, the data of the emergency layer as read from the files.
    `scrub` are words that no stored question may keep, besides what is always taken out of it.
    """

    version: str
    articles: Mapping[str, Article]
    topics: Mapping[str, Topic]
    intents: Mapping[str, Intent]
    cards: Mapping[str, Card]
    paths: Mapping[str, Path]
    offices: tuple[Office, ...]
    help: Channel
    emergency_rules: Mapping[str, Mapping[str, object]]
    desk: Desk = Desk()
    places: tuple[District, ...] = ()
    notice: Notice | None = None
    phrases: tuple[Phrasing, ...] = ()
    scrub: tuple[str, ...] = ()

    def of_topic(self, topic: str) -> tuple[Article, ...]:
        """Return the articles of a topic in catalogue order."""
        return tuple(a for a in self.articles.values() if a.topic == topic)
