"""The days on which somebody must look at something: reviews, ends, old sources, releases."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache

from content.catalogue import SOURCE_LANGUAGE, Article, Catalogue
from content.checks.grounds import first_day
from content.publishing import LONG_AGO

SOURCE_MONTHS = 12
"""A source that nobody looked at for so long should be opened again."""


class Reason(StrEnum):
    """Why a day matters."""

    REVIEW = "review"
    EXPIRY = "expiry"
    RELEASE = "release"
    SOURCE = "source"


DATED = (Reason.REVIEW, Reason.EXPIRY, Reason.RELEASE)


@dataclass(frozen=True, slots=True)
class Event:
    """One such day. `path` leads to it in the panel; `count` is the number of old sources."""

    day: date
    reason: Reason
    subject: str
    title: str
    path: str
    topic: str = ""
    owner: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """The events of a month, the earliest first. `first` is its first day."""

    first: date
    events: tuple[Event, ...]


def events(
    catalogue: Catalogue, releases: Iterable[tuple[int, str, date]], today: date
) -> list[Event]:
    """Return all events, the earliest first; `releases` are those that wait: id, title, day."""
    found = [event for a in catalogue.articles.values() for event in _of_article(a, today)]
    found += _of_others(catalogue, today)
    found += [
        Event(day, Reason.RELEASE, str(number), title, f"/panel/releases/{number}")
        for number, title, day in releases
    ]
    return sorted(found, key=lambda event: (event.day, event.reason, event.subject))


def _of_article(article: Article, today: date) -> Iterator[Event]:
    title = article.texts[SOURCE_LANGUAGE].title
    path = f"/panel/articles/{article.id}"
    about = (article.id, title, path, article.topic, article.owner)
    if article.review_due:
        yield Event(article.review_due, Reason.REVIEW, *about)
    if article.valid_until and article.valid_until != LONG_AGO:  # that one is switched off
        yield Event(article.valid_until, Reason.EXPIRY, *about)
    if old := _old((ground.verified_on for ground in article.ground), today):
        yield Event(old[0], Reason.SOURCE, *about, len(old))


def _of_others(catalogue: Catalogue, today: date) -> Iterator[Event]:
    for card in catalogue.cards.values():
        if old := _old((number.verified_on for number in card.numbers), today):
            title = card.titles.get(SOURCE_LANGUAGE, card.kind)
            path = f"/panel/documents/card/{card.kind}"
            yield Event(old[0], Reason.SOURCE, f"card/{card.kind}", title, path, "", "", len(old))
    for topic in catalogue.topics.values():
        if old := _old((topic.channel.verified_on,), today):
            title, path = topic.names[SOURCE_LANGUAGE], f"/panel/documents/topic/{topic.id}"
            yield Event(old[0], Reason.SOURCE, f"topic/{topic.id}", title, path, topic.id, "", 1)


def _old(written: Iterable[str | None], today: date) -> list[date]:
    """Return the days on which dated sources came of age, the earliest first."""
    days = (_comes_of_age(one) for one in written if one)
    return sorted(day for day in days if day and day <= today)


@lru_cache(maxsize=4096)
def _comes_of_age(written: str) -> date | None:
    """Return when a source of this date should be opened again. Few dates stand in many texts."""
    day = first_day(written)
    return months_later(day, SOURCE_MONTHS) if day else None


def months_later(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)


def by_month(found: Sequence[Event]) -> list[Month]:
    """Return events that are in order, month by month."""
    months: dict[date, list[Event]] = {}
    for event in found:
        months.setdefault(event.day.replace(day=1), []).append(event)
    return [Month(first, tuple(group)) for first, group in months.items()]


def icalendar(found: Iterable[Event], names: dict[Reason, str], origin: str, now: datetime) -> str:
    """Return events as a file for calendar programs (RFC 5545); `names` says what each is."""
    stamp = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Orienta//Calendar//ES"]
    for event in found:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{event.reason}-{event.subject.replace('/', '-')}@orienta",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{event.day.strftime('%Y%m%d')}",
            f"SUMMARY:{_escaped(f'{names[event.reason]}: {event.title}')}",
            f"URL:{origin}{event.path}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return "".join(f"{folded}\r\n" for line in [*lines, "END:VCALENDAR"] for folded in _fold(line))


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())


def _fold(line: str) -> Iterator[str]:
    """Cut a line into pieces of at most 75 bytes, never inside a character."""
    if len(line.encode()) <= 75:
        yield line
        return
    piece = ""
    for sign in line:
        if len((piece + sign).encode()) > 75:
            yield piece
            piece = " "
        piece += sign
    yield piece
