"""The nearest offices of a kind, from a place or from the name of one."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from rapidfuzz import fuzz, process

from content.catalogue import Office
from nlu.normalise import plain

EARTH_RADIUS_KM = 6371.0
_WORD = re.compile(r"\w+")
LIKENESS = 86  # of 100: "san juan de miraflroes" passes, "Piura" for "Puno" does not


@dataclass(frozen=True, slots=True)
class Found:
    """An office and its distance in kilometres as the crow flies; None where no place is known."""

    office: Office
    km: float | None


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Return the great-circle distance in kilometres between two points in degrees."""
    phi1, phi2 = radians(lat1), radians(lat2)
    half = sin((phi2 - phi1) / 2) ** 2 + cos(phi1) * cos(phi2) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(sqrt(min(1.0, half)))


def nearest(
    offices: Iterable[Office], kind: str, lat: float, lon: float, most: int = 3
) -> tuple[Found, ...]:
    """Return the offices of a kind that are nearest to a place, nearest first."""
    found = [
        Found(o, distance_km(lat, lon, o.lat, o.lon))
        for o in offices
        if o.kind == kind and o.lat is not None and o.lon is not None
    ]
    return tuple(sorted(found, key=lambda f: (f.km, f.office.name))[:most])


def in_place(offices: Iterable[Office], kind: str, text: str, most: int = 3) -> tuple[Found, ...]:
    """Return offices of a kind in the district, province or region that a text names.

    A district wins over a province and a province over a region; spelling may be a little off.
    Where the place is known but has no office of the kind, the nearest ones are returned.
    """
    offices = tuple(offices)
    for level in ("district", "province", "region"):
        place = _named(text, {plain(str(getattr(o, level))) for o in offices} - {""})
        if place is None:
            continue
        there = [o for o in offices if plain(str(getattr(o, level))) == place]
        if here := [o for o in there if o.kind == kind]:
            return tuple(Found(o, None) for o in here[:most])
        for office in there:
            if office.lat is not None and office.lon is not None:
                return nearest(offices, kind, office.lat, office.lon, most)
    return ()


def _named(text: str, places: set[str]) -> str | None:
    """Return the place that a text is or contains, longest first, else the one most like it."""
    wanted = " ".join(_WORD.findall(plain(text)))
    inside = [p for p in places if f" {p} " in f" {wanted} "]
    if inside:
        return max(inside, key=len)
    match = process.extractOne(wanted, sorted(places), scorer=fuzz.ratio, score_cutoff=LIKENESS)
    return match[0] if match else None
