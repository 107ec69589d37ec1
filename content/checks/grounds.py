"""Does every answer rest on dated sources, and is none of it out of date?"""

import re
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from content.catalogue import SECTIONS, SOURCE_LANGUAGE, Article, Channel, Status
from content.checks.findings import Findings
from content.files import HELP, OFFICES, TOPICS, article_file
from content.sheets import Place

_PRECISIONS = ("address", "street", "district", "city")
SOUTH, NORTH, WEST, EAST = -18.4, 0.1, -81.5, -68.5
"""The degrees between which Peru lies, rounded outwards."""


def examine(findings: Findings) -> None:
    """Check the sources and dates of articles, channels, numbers and offices."""
    catalogue = findings.catalogue
    for article in catalogue.articles.values():
        _article(findings, article)
    for index, topic in enumerate(catalogue.topics.values()):
        official(findings, TOPICS, (index,), topic.channel)
    official(findings, HELP, (), catalogue.help)
    numbers(findings)
    offices(findings)


def numbers(findings: Findings) -> None:
    """Check the source of every number on a card."""
    for card in findings.catalogue.cards.values():
        file = f"emergency/{card.kind}.yml"
        for index, number in enumerate(card.numbers):
            place: Place = ("numbers", index)
            _source(findings, file, (*place, "source"), number.source)
            _date(findings, file, (*place, "verified_on"), number.verified_on)


def _article(findings: Findings, article: Article) -> None:
    file = article_file(article.id)
    for index, ground in enumerate(article.ground):
        _source(findings, file, ("ground", index, "source"), ground.source)
        _date(findings, file, ("ground", index, "verified_on"), ground.verified_on)
        for name in ground.supports:
            if name not in SECTIONS:
                what = f"There is no section `{name}`."
                remedy = f"Use: {', '.join(SECTIONS)}."
                findings.error(file, ("ground", index, "supports"), what, remedy)
    if article.status is Status.UNWRITTEN:
        if article.ground:
            what = "An unwritten article has a ground."
            findings.error(file, ("ground",), what, "Write `ground: []` until it is written.")
        return
    if not article.ground:
        what = "A published article has no ground."
        findings.error(file, ("ground",), what, "Name the norm or note that it rests on.")
    elif article.ground[0].verified_on is None:
        what = "The first entry of `ground` has no date."
        findings.error(file, ("ground", 0), what, "Put a dated source first: readers see it.")
    _unsupported(findings, article)
    _due(findings, article)


def _unsupported(findings: Findings, article: Article) -> None:
    text = article.texts.get(SOURCE_LANGUAGE)
    supported = {name for ground in article.ground for name in ground.supports}
    for name in text.sections if text else ():
        if name not in supported:
            what = f"No entry of `ground` supports the section `{name}`."
            remedy = "Add the section to the `supports` of its source."
            findings.warn(article_file(article.id), ("ground",), what, remedy)
    for index, ground in enumerate(article.ground):
        for name in ground.supports:
            if text and name in SECTIONS and name not in text.sections:
                place: Place = ("ground", index, "supports")
                what = f"`supports` names the section `{name}`, which is not written."
                findings.warn(article_file(article.id), place, what, "Remove it there.")


def _due(findings: Findings, article: Article) -> None:
    file = article_file(article.id)
    if article.review_due is None:
        what = "A published article has no `review_due`."
        findings.error(file, ("review_due",), what, "Say from which day on it may have changed.")
    elif article.review_due <= findings.today:
        what = "The review is due."
        findings.warn(file, ("review_due",), what, "Verify the text and set a new date.")
    if article.valid_until and article.valid_until < findings.today:
        what = "The article is past `valid_until`: readers do not see its text."
        findings.warn(file, ("valid_until",), what, "Rewrite it and set a new date or null.")


def official(findings: Findings, file: str, place: Place, channel: Channel) -> None:
    """Check the source of an official channel."""
    if channel.source:
        _source(findings, file, (*place, "source"), channel.source)
    _date(findings, file, (*place, "verified_on"), channel.verified_on)


def _source(findings: Findings, file: str, place: Place, source: str) -> None:
    try:
        parts = urlsplit(source)
        good = parts.scheme in ("http", "https") and "." in (parts.hostname or "")
    except ValueError:
        good = False
    if source and (not good or re.search(r"\s", source)):
        what = "The source is not a web address."
        findings.error(file, place, what, "Write an address that begins with https://")


def _date(findings: Findings, file: str, place: Place, written: str | None) -> None:
    if written is None:
        return
    first = first_day(written)
    if first is None:
        what = "The date is not written YYYY, YYYY-MM or YYYY-MM-DD."
        findings.error(file, place, what, 'Write it like "2025-12-21", or null if there is none.')
    elif first > findings.today:
        findings.error(file, place, "The date lies in the future.", "Write the source's own date.")


def first_day(written: str) -> date | None:
    """Return the first day of a date written YYYY, YYYY-MM or YYYY-MM-DD; None if it is none."""
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", written, re.ASCII):
        return None
    try:
        whole = written + "-01-01"[len(written) - 4 :]
        return datetime.strptime(whole, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        return None


def offices(findings: Findings) -> None:
    """Check the directory row by row."""
    seen: set[tuple[str, ...]] = set()
    unsourced: list[int] = []
    for index, office in enumerate(findings.catalogue.offices):
        place: Place = (index,)
        _source(findings, OFFICES, place, office.source)
        if not office.source_date:
            findings.error(OFFICES, place, "The row has no date.", "Write the source's date.")
        elif (first := first_day(office.source_date[:10].split(" ")[0])) is None:
            what = "The date does not begin with YYYY, YYYY-MM or YYYY-MM-DD."
            findings.warn(OFFICES, place, what, "Write the source's own date first.")
        elif first > findings.today:
            findings.error(OFFICES, place, "The date lies in the future.", "Correct it.")
        if office.precision not in _PRECISIONS:
            what = f"The precision `{office.precision[:20]}` is unknown."
            findings.error(OFFICES, place, what, f"Use one of: {', '.join(_PRECISIONS)}.")
        if office.lat is not None and office.lon is not None:
            inside = SOUTH <= office.lat <= NORTH and WEST <= office.lon <= EAST
            if not inside:
                findings.error(OFFICES, place, "The place is not in Peru.", "Correct it.")
        identity = (office.kind, office.name, office.district, office.address)
        if identity in seen:
            findings.warn(OFFICES, place, "The office is listed twice.", "Remove one row.")
        seen.add(identity)
        if "SIN FUENTE" in office.address:
            unsourced.append(index)
    if unsourced:
        what = f"{len(unsourced)} addresses say SIN FUENTE, which readers would see."
        findings.warn(OFFICES, (unsourced[0],), what, "Leave such an address empty.")
