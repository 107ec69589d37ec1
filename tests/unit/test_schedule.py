"""The days on which somebody must look at something."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from content import encoding, notices
from content.catalogue import Article, Catalogue
from content.notices import Matter
from content.publishing import LONG_AGO
from content.schedule import Reason, by_month, events, icalendar, months_later
from content.staff import Role, StaffRow
from tests.fakes import content as fake

TODAY = date(2026, 11, 23)
NAMES = {reason: str(reason) for reason in Reason}
FIRST = "health/access"


def dated(**changes: object) -> Catalogue:
    """Return the catalogue with another first article."""
    plain = fake.catalogue()
    articles: list[Article] = [
        replace(article, **changes) if article.id == FIRST else article  # type: ignore[arg-type]
        for article in plain.articles.values()
    ]
    return encoding.with_articles(plain, articles)


def member(email: str, role: Role, *, active: bool = True) -> StaffRow:
    """Return a member of staff."""
    return StaffRow(email=email, name=email, role=role.value, active=active)


def test_reviews_ends_and_releases_are_events_in_order() -> None:
    """Whatever their kind, the earliest first, and by month."""
    catalogue = dated(review_due=date(2026, 12, 31), valid_until=date(2026, 12, 1))
    waiting = [(7, "Cambios", date(2026, 12, 5))]
    found = [one for one in events(catalogue, waiting, TODAY) if one.reason is not Reason.SOURCE]
    first = [(one.day, one.reason) for one in found[:3]]
    assert first == [
        (date(2026, 12, 1), Reason.EXPIRY),
        (date(2026, 12, 5), Reason.RELEASE),
        (date(2026, 12, 31), Reason.REVIEW),
    ]
    months = by_month(found)
    assert len(months[0].events) == 3
    assert months[0].first == date(2026, 12, 1)


def test_a_switched_off_answer_has_no_end() -> None:
    """Its last day in the year 1 is a mark, not a date."""
    found = events(dated(valid_until=LONG_AGO), (), TODAY)
    assert not [one for one in found if one.reason is Reason.EXPIRY]


def test_sources_come_of_age_after_twelve_months() -> None:
    """Of 21 December 2025: not on 20 December 2026, but a day later."""
    before = [one.subject for one in events(dated(), (), date(2026, 12, 20))]
    assert "card/medical" in before  # 2025-12 counts from its first day
    late = events(dated(), (), date(2026, 12, 21))
    found = next(one for one in late if one.subject == FIRST and one.reason is Reason.SOURCE)
    assert (found.day, found.count) == (date(2026, 12, 21), 1)
    assert not [
        one
        for one in events(dated(), (), date(2026, 12, 20))
        if one.subject == FIRST and one.reason is Reason.SOURCE
    ]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2025, 12, 31), 2, date(2026, 2, 28)),
        (date(2025, 5, 15), 12, date(2026, 5, 15)),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    """The end of a shorter month stands for a day that it has not."""
    assert months_later(day, months) == later


def test_a_calendar_file_follows_its_format() -> None:
    """Lines end with CRLF and have at most 75 bytes; commas and semicolons are escaped."""
    title = "Él, ella; y\\o «ñandú» " * 8 + "\r\nBEGIN:VEVENT"
    found = events(fake.catalogue(), [(1, title, TODAY)], TODAY)
    text = icalendar(found, NAMES, "https://x.example", datetime(2026, 1, 1, tzinfo=UTC))
    lines = text.split("\r\n")
    assert text.endswith("END:VCALENDAR\r\n")
    assert max(len(line.encode()) for line in lines) <= 75
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == len(found)
    whole = text.replace("\r\n ", "")
    assert "Él\\, ella\\; y\\\\o" in whole
    assert "DTSTART;VALUE=DATE:20261123" in whole


@pytest.mark.parametrize(
    ("ahead", "spans"),
    [(31, []), (30, ["30"]), (8, ["30"]), (7, ["7"]), (0, ["7"]), (-1, [])],
)
def test_owners_are_told_30_and_7_days_before_an_end(ahead: int, spans: list[str]) -> None:
    """Only the nearer of the two where little is left, and nothing once it is over."""
    ends = date.fromordinal(TODAY.toordinal() + ahead)
    found = notices.due(dated(valid_until=ends, review_due=date(2030, 1, 1)), TODAY)
    assert [one.key.rpartition(":")[2] for one in found] == spans


def test_owners_are_told_of_an_overdue_review() -> None:
    """From the day itself on; a new date is a new notice."""
    first = notices.due(dated(review_due=TODAY), TODAY)
    assert [(one.matter, one.article) for one in first] == [(Matter.REVIEW_OVERDUE, FIRST)]
    second = notices.due(dated(review_due=date(2026, 11, 1)), TODAY)
    assert first[0].key != second[0].key
    assert notices.due(dated(review_due=date(2026, 11, 24)), TODAY) == []


def test_a_notice_goes_to_its_owner_or_to_all_who_review() -> None:
    """Whoever left gets none, and what was hers goes to the others."""
    staff = [
        member("ana@example.org", Role.AUTHOR),
        member("gone@example.org", Role.AUTHOR, active=False),
        member("rev@example.org", Role.REVIEWER),
        member("old@example.org", Role.REVIEWER, active=False),
        member("pub@example.org", Role.PUBLISHER),
    ]
    everybody = ("rev@example.org", "pub@example.org")
    assert notices.receivers("Ana@Example.org ", staff) == ("ana@example.org",)
    assert notices.receivers("uim", staff) == everybody
    assert notices.receivers("gone@example.org", staff) == everybody
