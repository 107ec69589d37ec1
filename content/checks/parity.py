"""Do all languages state the same phone numbers, amounts, dates, norms and addresses?"""

import re

from content.catalogue import SOURCE_LANGUAGE
from content.checks.findings import Findings
from content.faults import Severity

_LIST_MARK = re.compile(r"^[^\S\n]*\d{1,2}[.)]\s", re.M)
_ADDRESS = re.compile(r"https?://[^\s)*]+")
_AMOUNT = re.compile(
    r"S/\.?\s?(\d{1,3}(?:[.,\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\d)|\d+(?:[.,]\d{1,2})?(?!\d))"
)
_DATE = re.compile(r"(?<!\d)(?:(\d{1,2})[/.-])?(\d{1,2})[/.-]((?:19|20)\d{2})(?!\d)")
_ISO_DATE = re.compile(r"(?<!\d)((?:19|20)\d{2})-(\d{2})-(\d{2})(?!\d)")
_NORM = re.compile(r"(?<!\d)0*(\d{1,6})-((?:19|20)\d{2})(?!\d)(-[A-Z]{2,}(?:-[A-Z]+)*)?")
_HOUR = re.compile(r"(?<!\d)\d{1,2}\s?[:h]\s?\d{2}(?!\d)")
_THOUSANDS = re.compile(r"(?<=\d)[.,\u00a0\u202f](?=\d{3}(?!\d))")
_NUMBER = re.compile(r"\d+\)?(?:[ \u00a0\u2011-]?\d+)*")
_MOST_GROUPS = 64  # no number that is meant has more


def facts(text: str) -> frozenset[str]:
    """Return the figures of a text that must be the same in every language, in one notation.

    Numbers of less than three digits are left out: languages write them as words, and lists count
    with them. Amounts are 'S/ 40.60', dates '2025-09-15' or '2025-09', other numbers their groups
    of digits with hyphens between.
    """
    found: set[str] = set()

    def take(pattern: re.Pattern[str], name: str, rest: str) -> str:
        def note(match: re.Match[str]) -> str:
            found.add(_named(name, match))
            return " ; "

        return pattern.sub(note, rest)

    rest = take(_ADDRESS, "address", text)
    rest = _LIST_MARK.sub(" ; ", rest)
    rest = take(_AMOUNT, "amount", rest)
    rest = take(_ISO_DATE, "iso", rest)
    rest = take(_DATE, "date", rest)
    rest = take(_NORM, "norm", rest)
    rest = _THOUSANDS.sub("", _HOUR.sub(" ; ", rest))
    for match in _NUMBER.finditer(rest):
        groups = re.findall(r"\d+", match.group())
        if sum(map(len, groups)) >= 3:
            found.add("-".join(groups))
    return frozenset(found)


def _named(name: str, match: re.Match[str]) -> str:
    if name == "address":
        return match.group().rstrip(".,;:!?")
    if name == "amount":
        return f"S/ {_amount(match.group(1))}"
    if name == "iso":
        return match.group()
    if name == "date":
        day, month, year = match.groups()
        return f"{year}-{int(month):02}" + (f"-{int(day):02}" if day else "")
    number, year, body = match.groups()
    return f"{number}-{year}{body or ''}"


def _amount(written: str) -> str:
    """Return an amount with a point before its cents and nothing between thousands."""
    whole, cents = written, ""
    if match := re.fullmatch(r"(.*)[.,](\d{1,2})", written):
        whole, cents = match.groups()
    digits = re.sub(r"[^0-9]", "", whole).lstrip("0")  # not by int(): it refuses very long ones
    return f"{digits or '0'}.{cents:0<2}"


def differences(source: str, other: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return what the other text lacks and what it has beyond the source."""
    wanted, given = facts(source), facts(other)
    return _beyond(wanted, given), _beyond(given, wanted)


def _beyond(these: frozenset[str], those: frozenset[str]) -> frozenset[str]:
    """Return those of `these` that `those` do not state, however the digits are grouped."""
    stated, own = _joined(those), _joined(these)
    # "105 106" reads as one number and "105, 106" as two: they say the same.
    pieces = {part for fact in those - these for part in _cut(fact, own)}
    said = stated | pieces
    return frozenset(
        fact
        for fact in these - those
        if fact.replace("-", "") not in said and not _cut(fact, stated)
    )


def _joined(figures: frozenset[str]) -> frozenset[str]:
    return frozenset(figure.replace("-", "") for figure in figures)


def _cut(figure: str, stated: frozenset[str]) -> tuple[str, ...]:
    """Return the stated numbers that a number is made of; none if it is more than them."""
    parts = _parts(figure.split("-"), stated) or ()
    return parts if stated.intersection(parts) else ()


def _parts(groups: list[str], stated: frozenset[str]) -> tuple[str, ...] | None:
    """Cut groups of digits that stand side by side into numbers that are stated, if possible.

    A lone group of one or two digits needs no match, as everywhere.
    """
    if len(groups) > _MOST_GROUPS:
        return None
    # From the end, each way once: trying them one inside the other would never come to an end.
    rests: list[tuple[str, ...] | None] = [*([None] * len(groups)), ()]
    for start in reversed(range(len(groups))):
        for end in range(start + 1, len(groups) + 1):
            rest, part = rests[end], "".join(groups[start:end])
            small = end == start + 1 and len(part) < 3 and part.isdigit()
            if rest is not None and (small or part in stated):
                rests[start] = (part, *rest)
                break
    return rests[0]


def examine(findings: Findings) -> None:
    """Compare every translation with the Spanish text, section by section."""
    for prose in findings.prose():
        source = prose.texts.get(SOURCE_LANGUAGE)
        for language, text in prose.texts.items():
            if source is None or language == SOURCE_LANGUAGE:
                continue
            missing, extra = differences(source, text)
            file, place = prose.places[language]
            severity = Severity.WARNING if language in prose.stale else Severity.ERROR
            where = f"`{place[-1]}`"
            if missing:
                what = f"{where} lacks what the Spanish text states: {_listed(missing)}."
                findings.note(severity, file, place, what, "Write it as in Spanish.")
            if extra:
                what = f"{where} states what the Spanish text does not: {_listed(extra)}."
                findings.note(severity, file, place, what, "Remove it or add it in Spanish.")


def _listed(figures: frozenset[str]) -> str:
    return ", ".join(sorted(figures))
