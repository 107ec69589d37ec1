"""Reading the date that a person types: 31/12/2026, 31 de diciembre, 31 desanm 2026."""

import re
from datetime import date

from babel.dates import get_month_names

from nlu.normalise import plain

# CLDR has no months for Creole, and for Quechua the borrowed ones that people write differ.
_OWN_MONTHS = {
    "ht": "janvye fevriye mas avril me jen jiye out septanm oktob novanm desanm",
    "qu": "enero febrero marzo abril mayo junio julio agosto setiembre octubre noviembre diciembre",
}


def _months() -> dict[str, int]:
    named: dict[str, int] = {}
    for locale in ("es_PE", "en", "pt_BR", "fr"):
        for width in ("wide", "abbreviated"):
            for number, name in get_month_names(width, locale=locale).items():
                named[plain(name).strip(".")] = number
    for names in _OWN_MONTHS.values():
        named |= {name: number for number, name in enumerate(names.split(), 1)}
    return named | {"set": 9, "setiembre": 9, "septiembre": 9}


_MONTHS = _months()
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)")
_DAY_MONTH = re.compile(r"(?<!\d)(\d{1,2})(?:er|o|º|st|nd|rd|th)?\s+(?:de\s+|of\s+)?([a-z]{2,})")
_MONTH_DAY = re.compile(r"([a-z]{3,})\s+(\d{1,2})(?:st|nd|rd|th)?(?!\d)")
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")


def date_in(text: str, today: date) -> date | None:
    """Return the date that a text names, day before month where both are possible, or None.

    Without a year it is the next such day from `today` on.
    """
    words = plain(text)
    if match := _ISO.search(words):
        return _date(int(match[1]), int(match[2]), int(match[3]))
    if match := _NUMERIC.search(words):
        year = int(match[3]) + (2000 if len(match[3]) == 2 else 0)
        day, month = int(match[1]), int(match[2])
        # 12/31/2027 can only be meant with the month first.
        return _date(year, month, day) or _date(year, day, month)
    day, month = _named(words)
    if not month:
        return None
    if match := _YEAR.search(words):
        return _date(int(match[1]), month, day)
    this_year = _date(today.year, month, day)
    if this_year is not None and this_year < today:
        return _date(today.year + 1, month, day)
    return this_year


def is_like_date(text: str) -> bool:
    """Say whether a text is made of figures as a date is, though perhaps none that exists."""
    return re.fullmatch(r"[\s\d/.,\-]*\d[\s\d/.,\-]*", text) is not None


def _named(words: str) -> tuple[int, int]:
    for match in _DAY_MONTH.finditer(words):
        if match[2] in _MONTHS:
            return int(match[1]), _MONTHS[match[2]]
    for match in _MONTH_DAY.finditer(words):
        if match[1] in _MONTHS:
            return int(match[2]), _MONTHS[match[1]]
    return 0, 0


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
