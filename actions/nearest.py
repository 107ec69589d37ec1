"""The nearest offices of a kind to a place."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt

from actions.gazetteer import Level, Spot
from content.catalogue import Office

EARTH_RADIUS_KM = 6371.0
NEAR_KM = 50.0
"""Within this distance an office is worth naming beside the nearest one."""


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
    """Return the offices of a kind that are nearest to a place, nearest first.

    The nearest one however far; others only if they are near as well, or not twice as far as it.
    """
    found = [
        (distance_km(lat, lon, o.lat, o.lon), o.name, Found(o, distance_km(lat, lon, o.lat, o.lon)))
        for o in offices
        if o.kind == kind and o.lat is not None and o.lon is not None
    ]
    ranked = sorted(found, key=lambda f: f[:2])
    farthest = max(NEAR_KM, 2 * ranked[0][0]) if ranked else 0.0
    return tuple(one for km, _, one in ranked[:most] if km <= farthest)


def around(offices: Iterable[Office], kind: str, spot: Spot, most: int = 3) -> tuple[Found, ...]:
    """Return the offices of a kind in a place that was named, then those nearest to it.

    Those of the district come first, even one without coordinates: it is the one in charge.
    """
    offices = tuple(o for o in offices if o.kind == kind)
    ranked = nearest(offices, kind, spot.lat, spot.lon, len(offices))
    unplaced = tuple(Found(o, None) for o in offices if o.lat is None or o.lon is None)
    own = [f for f in (*ranked, *unplaced) if spot.level is Level.DISTRICT and _is_in(f, spot)]
    return tuple([*own, *(f for f in ranked if f not in own)][:most])


def _is_in(found: Found, spot: Spot) -> bool:
    office = found.office
    here = (office.district, office.province, office.region)
    return here == (spot.district, spot.province, spot.region)
