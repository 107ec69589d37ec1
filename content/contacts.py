"""Telephone numbers and web addresses in texts, and those that stand in approved content."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from content.catalogue import Catalogue
from content.checks.findings import plain

_ADDRESS = re.compile(r"https?://[^\s)*\]]+", re.I)
_NO_PHONES = re.compile(
    r"https?://\S+"
    r"|s/\.?\s?\d[\d.,]*"  # amounts
    r"|\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|(?<!\d)(?:19|20)\d{2}-\d{2}-\d{2}(?!\d)"  # dates
    r"|\d{1,6}-(?:19|20)\d{2}(?!\d)(?:-[a-z]+)*"  # numbers of norms
    r"|\d{1,2}\s?[:h]\s?\d{2}(?!\d)"  # hours
)
_DIGITS = re.compile(r"\+?\(?\d+\)?(?:[ \u00a0\u2011-]?\(?\d+\)?)*")
_SHORT = re.compile(
    r"\b(?:llam\w*|marque|linea|telefono|central|whatsapp|numero)\b[^.\n\d]{0,40}?(?:al? |: ?)?"
    r"(\*{0,2})(\d{3,4})(?![ \u00a0-]?\d)"
)
_CODE = re.compile(r"(?:51)?0?(?:1|[4-8]\d)?")  # of Peru, of a region
_BETWEEN_DIGITS = {ord(sign): None for sign in " \u00a0\u2011-()*"}
FEWEST_DIGITS = 6
"""Shorter numbers are telephone numbers only where the text says so."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is approved, prepared for looking up a few numbers and hosts.

    `digits` is everything without what stands between the digits of a number, `addresses` all that
    holds web addresses, in lower case.
    """

    digits: str
    addresses: str

    def has_phone(self, number: str) -> bool:
        """Say whether a number is known, with or without the code of its region or of Peru."""
        parts = (number,) if len(number) < FEWEST_DIGITS else (number, number.lstrip("0"))
        return any(self._has_number(part) for part in parts if part)

    def _has_number(self, number: str) -> bool:
        at = self.digits.find(number)
        while at >= 0:
            end = at + len(number)
            after = self.digits[end : end + 1]
            before = re.search(r"\d*$", self.digits[max(at - 6, 0) : at])
            code = before.group() if before else ""
            if not after.isdigit() and (
                not code or (len(number) >= FEWEST_DIGITS and _CODE.fullmatch(code))
            ):
                return True
            at = self.digits.find(number, at + 1)
        return False

    def has_host(self, name: str) -> bool:
        """Say whether some address in approved content has this host."""
        for written in (f"//{name}", f"//www.{name}"):
            at = self.addresses.find(written)
            while at >= 0:
                end = at + len(written)
                after = self.addresses[end : end + 1]
                if not (after.isalnum() or after in (".", "-")) or after == "":
                    return True
                at = self.addresses.find(written, at + 1)
        return False


def phones(text: str) -> list[str]:
    """Return the digits of the telephone numbers in a text, in order, each once."""
    rest = _NO_PHONES.sub(" ; ", plain(text).replace("**", ""))
    found = [re.sub(r"\D", "", match.group()) for match in _DIGITS.finditer(rest)]
    long = [digits for digits in found if FEWEST_DIGITS <= len(digits) <= 13]
    short = [match.group(2) for match in _SHORT.finditer(rest)]
    return list(dict.fromkeys([*long, *short]))


def addresses(text: str) -> list[str]:
    """Return the web addresses in a text, in order, each once."""
    found = (match.group().rstrip(".,;:!?") for match in _ADDRESS.finditer(text))
    return list(dict.fromkeys(found))


def host(address: str) -> str:
    """Return the name of an address's host, without 'www.'; '' where it has none."""
    try:
        name = urlsplit(address).hostname or ""
    except ValueError:
        return ""
    return name.removeprefix("www.") if "." in name.strip(".") else ""


def known(catalogue: Catalogue) -> Known:
    """Gather what cards, the directory, channels, sources and approved texts hold."""
    texts = list(_texts(catalogue))
    numbers = "\n".join(["", *_with_numbers(catalogue), *texts])
    return Known(
        numbers.translate(_BETWEEN_DIGITS), "\n".join([*_sources(catalogue), *texts, ""]).lower()
    )


def _with_numbers(catalogue: Catalogue) -> Iterator[str]:
    for card in catalogue.cards.values():
        yield from (number.number for number in card.numbers)
    for office in catalogue.offices:
        yield office.phone


def _texts(catalogue: Catalogue) -> Iterator[str]:
    for article in catalogue.articles.values():
        if text := article.texts.get("es"):
            yield from text.sections.values()
    for card in catalogue.cards.values():
        yield card.texts.get("es", "")
    for topic in catalogue.topics.values():
        yield topic.channel.text.get("es", "")
    yield catalogue.help.text.get("es", "")


def _sources(catalogue: Catalogue) -> Iterable[str]:
    for article in catalogue.articles.values():
        yield from (ground.source for ground in article.ground)
    for card in catalogue.cards.values():
        yield from (number.source for number in card.numbers)
    for office in catalogue.offices:
        yield office.source
    for topic in catalogue.topics.values():
        yield topic.channel.source
    yield catalogue.help.source
