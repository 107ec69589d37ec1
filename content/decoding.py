"""From plain data in the shape of the files to values; faults are noted, never raised."""

import re
from collections.abc import Mapping
from datetime import time
from types import MappingProxyType

from content.catalogue import (
    LANGUAGES,
    SECTIONS,
    SOURCE_LANGUAGE,
    WEEKDAYS,
    Article,
    Card,
    Channel,
    Desk,
    District,
    End,
    Entry,
    Ground,
    Intent,
    Notice,
    Number,
    Office,
    Option,
    Path,
    Phrasing,
    Question,
    Status,
    Text,
    Topic,
)
from content.cursor import Cursor

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*", re.ASCII)
NAME = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*", re.ASCII)
AUDIENCES = ("migrant", "host")
OFFICE_COLUMNS = (
    "kind", "name", "region", "province", "district", "address", "latitude", "longitude",
    "precision", "phone", "hours", "source_url", "source_date",
)  # fmt: skip
PLACE_COLUMNS = (
    "ubigeo", "district", "province", "region", "latitude", "longitude", "precision", "also",
)  # fmt: skip

_HOUR = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_SPAN = re.compile(f"{_HOUR}-{_HOUR}", re.ASCII)


def article(cursor: Cursor, texts: Mapping[str, Text]) -> Article:
    """Read an `article.yml`, to which the texts of its language files are joined."""
    cursor.mapping(
        ("id", "status", "audience", "ask", "related", "emergency", "ground"),
        ("review_due", "valid_until", "owner"),
    )
    return Article(
        id=cursor.at("id").line_text(),
        status=Status(cursor.at("status").one_of(tuple(Status))),
        audience=cursor.at("audience").one_of(AUDIENCES),
        ask=cursor.at("ask").line_text(),
        texts=MappingProxyType({lang: texts[lang] for lang in LANGUAGES if lang in texts}),
        related=cursor.at("related").texts(),
        emergency=cursor.at("emergency").optional(),
        ground=tuple(ground(item) for item in cursor.at("ground").items()),
        review_due=cursor.at("review_due").day(),
        valid_until=cursor.at("valid_until").day(),
        owner=cursor.at("owner").optional() or "uim",
    )


def ground(cursor: Cursor) -> Ground:
    """Read an entry of `ground`."""
    cursor.mapping(("norm", "source", "verified_on"), ("supports",))
    return Ground(
        norm=cursor.at("norm").line_text(),
        source=cursor.at("source").line_text(),
        verified_on=cursor.at("verified_on").optional(),
        supports=cursor.at("supports").texts(),
    )


def text(cursor: Cursor, language: str) -> Text:
    """Read a `<language>.yml`."""
    counter = "revision" if language == SOURCE_LANGUAGE else "translates"
    cursor.mapping(("title", "label", counter, "examples"), ("review", "sections"))
    number = cursor.at(counter).number()
    return Text(
        title=cursor.at("title").line_text(),
        label=cursor.at("label").line_text(),
        sections=_sections(cursor.at("sections")),
        examples=cursor.at("examples").texts(),
        revision=number if language == SOURCE_LANGUAGE else 1,
        translates=number,
        pending_review=_pending(cursor.at("review"), language),
    )


def _sections(cursor: Cursor) -> Mapping[str, str]:
    if cursor.value is None:
        return MappingProxyType({})
    cursor.mapping(("answer",), SECTIONS[1:])
    found = {name: cursor.at(name).text() for name in SECTIONS if cursor.has(name)}
    return MappingProxyType({name: text for name, text in found.items() if text})


def _pending(cursor: Cursor, language: str) -> bool:
    if cursor.value is None:
        return False
    if cursor.value != "pending" or language == SOURCE_LANGUAGE:
        cursor.fault(
            "`review` says neither that a translation is pending nor nothing.",
            "Write `review: pending` in a translation that no speaker has read, or remove it.",
        )
        return False
    return True


def topic(cursor: Cursor) -> Topic:
    """Read an entry of `topics.yml`."""
    cursor.mapping(("id", "icon", "name", "description", "channel", "source", "verified_on"))
    return Topic(
        id=cursor.at("id").line_text(),
        icon=cursor.at("icon").line_text(),
        names=_lines(cursor.at("name")),
        descriptions=_lines(cursor.at("description")),
        channel=_channel(cursor, "channel"),
    )


def help_(cursor: Cursor) -> Channel:
    """Read `help.yml`."""
    cursor.mapping(("help", "source", "verified_on"))
    return _channel(cursor, "help")


def roster(cursor: Cursor) -> Desk:
    """Read `desk.yml`: hours of Peruvian time by weekday, and days off."""
    cursor.mapping(("source", "hours"), ("closed",))
    found: dict[int, tuple[tuple[time, time], ...]] = {}
    for day, item in cursor.at("hours").pairs():
        if day not in WEEKDAYS:
            item.fault(f"`{day[:40]}` is no day of the week.", f"Use: {', '.join(WEEKDAYS)}.")
        elif spans := _spans(item):
            found[WEEKDAYS.index(day)] = spans
    days = (item.day() for item in cursor.at("closed").items())
    return Desk(
        hours=MappingProxyType({day: found[day] for day in sorted(found)}),
        closed=frozenset(day for day in days if day),
        source=cursor.at("source").line_text(),
    )


def _spans(cursor: Cursor) -> tuple[tuple[time, time], ...]:
    spans: list[tuple[time, time]] = []
    for item in cursor.items():
        written = item.line_text()
        if not (hours := _SPAN.fullmatch(written)):
            if written:
                what = f"`{written[:40]}` is no span of hours."
                item.fault(what, 'Write it as "08:30-16:30", with 24 hours a day.')
            continue
        first, last = (time(int(hours[n]), int(hours[n + 1])) for n in (1, 3))
        if last <= first or (spans and first < spans[-1][1]):
            what = f"`{written}` ends before it begins, or begins before the one above ends."
            item.fault(what, "Write the spans of a day in order; split one that passes midnight.")
            continue
        spans.append((first, last))
    return tuple(spans)


def notice(cursor: Cursor) -> Notice:
    """Read `notices.yml`."""
    cursor.mapping(("text", "from", "until"))
    return Notice(
        texts=_per_language(cursor.at("text")),
        first=cursor.at("from").day(),
        last=cursor.at("until").day(),
    )


def phrasing(cursor: Cursor) -> Phrasing:
    """Read an entry of `phrases.yml`."""
    cursor.mapping(("id", "msgid", "texts"))
    return Phrasing(
        id=cursor.at("id").line_text(),
        msgid=cursor.at("msgid").text(),
        texts=_per_language(cursor.at("texts")),
    )


def scrub(cursor: Cursor) -> tuple[str, ...]:
    """Read `scrub.yml`: words and phrases that no stored question may keep."""
    cursor.mapping(("words",))
    return cursor.at("words").texts()


def _channel(cursor: Cursor, key: str) -> Channel:
    return Channel(
        text=_per_language(cursor.at(key)),
        source=cursor.at("source").line_text(),
        verified_on=cursor.at("verified_on").optional(),
    )


def intent(cursor: Cursor) -> Intent:
    """Read an `intents/<name>.yml`."""
    cursor.mapping(("intent", "examples"))
    found = {lang: item.texts() for lang, item in cursor.at("examples").pairs() if _known(item)}
    ordered = {lang: found[lang] for lang in LANGUAGES if lang in found}
    return Intent(cursor.at("intent").line_text(), MappingProxyType(ordered))


def card(cursor: Cursor) -> Card:
    """Read an `emergency/<kind>.yml`."""
    cursor.mapping(("kind", "article", "label", "numbers", "title", "card"), ("review",))
    return Card(
        kind=cursor.at("kind").line_text(),
        article=cursor.at("article").line_text(),
        labels=_lines(cursor.at("label")),
        numbers=tuple(number(item) for item in cursor.at("numbers").items()),
        titles=_lines(cursor.at("title")),
        texts=_per_language(cursor.at("card")),
        pending_review=pending_languages(cursor.at("review")),
    )


def pending_languages(cursor: Cursor) -> frozenset[str]:
    """Read a `review` that says which languages no speaker has read."""
    return frozenset(lang for lang, item in cursor.pairs() if _known(item) and _pending(item, lang))


def number(cursor: Cursor) -> Number:
    """Read an entry of a card's `numbers`."""
    cursor.mapping(("number", "service", "cost", "hours", "source", "verified_on"))
    return Number(
        number=cursor.at("number").line_text(),
        service=cursor.at("service").line_text(),
        cost=cursor.at("cost").line_text(empty=True),
        hours=cursor.at("hours").line_text(empty=True),
        source=cursor.at("source").line_text(),
        verified_on=cursor.at("verified_on").optional(),
    )


def path(cursor: Cursor) -> Path:
    """Read a `paths/<id>.yml`; where each option leads is the business of `content.checks`."""
    cursor.mapping(("id", "title", "label", "first", "questions", "ends"), ("review",))
    taken: set[str] = set()
    questions = [question(item) for item in cursor.at("questions").items() if _own_id(item, taken)]
    ends = [end(item) for item in cursor.at("ends").items() if _own_id(item, taken)]
    return Path(
        id=cursor.at("id").line_text(),
        titles=_lines(cursor.at("title")),
        labels=_lines(cursor.at("label")),
        first=cursor.at("first").line_text(),
        questions=MappingProxyType({q.id: q for q in questions}),
        ends=MappingProxyType({e.id: e for e in ends}),
        pending_review=pending_languages(cursor.at("review")),
    )


def question(cursor: Cursor) -> Question:
    """Read an entry of a path's `questions`."""
    cursor.mapping(("id", "text", "options"))
    taken: set[str] = set()
    return Question(
        id=cursor.at("id").line_text(),
        texts=_per_language(cursor.at("text")),
        options=tuple(
            option(item) for item in cursor.at("options").items() if _own_id(item, taken)
        ),
    )


def option(cursor: Cursor) -> Option:
    """Read an entry of a question's `options`."""
    cursor.mapping(("id", "label", "to"), ("entry",))
    entry = cursor.at("entry")
    return Option(
        id=cursor.at("id").line_text(),
        labels=_lines(cursor.at("label")),
        to=cursor.at("to").line_text(),
        entry=None if entry.value is None else Entry(entry.one_of(tuple(Entry))),
    )


def end(cursor: Cursor) -> End:
    """Read an entry of a path's `ends`."""
    cursor.mapping(("id",), ("emergency", "verdict", "article"))
    return End(
        id=cursor.at("id").line_text(),
        verdicts=_per_language(cursor.at("verdict")),
        article=cursor.at("article").optional(),
        emergency=cursor.at("emergency").optional(),
    )


def _own_id(cursor: Cursor, taken: set[str]) -> bool:
    """Tell whether an entry has an id that is a slug and its own; a fault if not."""
    identity = cursor.at("id").value
    if not isinstance(identity, str) or not SLUG.fullmatch(identity):
        what = f"{cursor.name} has no id that can be used."
        cursor.fault(what, "Use lower-case letters, digits and single hyphens.")
        return False
    if identity in taken:
        cursor.fault(f"The id `{identity}` appears twice.", "Give each its own id.")
        return False
    taken.add(identity)
    return True


def office(cursor: Cursor) -> Office:
    """Read a row of `offices.csv`; latitude and longitude are degrees or empty."""
    text = {
        name: cursor.at(name).line_text(empty=name not in ("kind", "name", "source_url"))
        for name in OFFICE_COLUMNS
        if name not in ("latitude", "longitude")
    }
    lat, lon = _degrees(cursor.at("latitude"), 90), _degrees(cursor.at("longitude"), 180)
    if (lat is None) != (lon is None):
        cursor.fault("Only one of latitude and longitude is given.", "Give both or neither.")
    return Office(lat=lat, lon=lon, source=text.pop("source_url"), **text)


def district(cursor: Cursor) -> District:
    """Read a row of `places.csv`; `also` holds further names with semicolons between them."""
    lat, lon = _degrees(cursor.at("latitude"), 90), _degrees(cursor.at("longitude"), 180)
    if lat is None or lon is None:
        cursor.fault("The row has no latitude and longitude.", "Write both like -12.0464.")
    also = cursor.at("also").line_text(empty=True).split(";")
    return District(
        ubigeo=cursor.at("ubigeo").line_text(),
        name=cursor.at("district").line_text(),
        province=cursor.at("province").line_text(),
        region=cursor.at("region").line_text(),
        lat=lat or 0.0,
        lon=lon or 0.0,
        precision=cursor.at("precision").line_text(),
        also=tuple(name.strip() for name in also if name.strip()),
    )


def _degrees(cursor: Cursor, most: int) -> float | None:
    written = cursor.line_text(empty=True)
    if not written:
        return None
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,12})?", written, re.ASCII):
        value = float(written)
        if -most <= value <= most:
            return value
    cursor.fault(f"{cursor.name} is not a number of degrees.", "Write it like -12.0464.")
    return None


def _known(cursor: Cursor) -> bool:
    """Tell whether the last key is a language, with a fault if not."""
    language = cursor.path[-1]
    if language in LANGUAGES:
        return True
    cursor.fault(f"The language `{language}` is unknown.", f"Use: {', '.join(LANGUAGES)}.")
    return False


def _per_language(cursor: Cursor) -> Mapping[str, str]:
    found = {lang: item.text() for lang, item in cursor.pairs() if _known(item)}
    return MappingProxyType({lang: found[lang] for lang in LANGUAGES if found.get(lang)})


def _lines(cursor: Cursor) -> Mapping[str, str]:
    found = {lang: item.line_text() for lang, item in cursor.pairs() if _known(item)}
    return MappingProxyType({lang: found[lang] for lang in LANGUAGES if found.get(lang)})
