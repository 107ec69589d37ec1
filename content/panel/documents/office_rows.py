"""The directory of offices as a table: filtering, comparing, CSV in and out, distances."""

import csv
import io
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from markupsafe import Markup

from content.catalogue import District, Office
from content.checks.findings import plain
from content.decoding import OFFICE_COLUMNS

Row = dict[str, str]

COLUMN_NAMES: Mapping[str, str] = {
    "kind": "Tipo", "name": "Nombre", "region": "Región", "province": "Provincia",
    "district": "Distrito", "address": "Dirección", "latitude": "Latitud",
    "longitude": "Longitud", "precision": "Qué es el punto", "phone": "Teléfono",
    "hours": "Horario", "source_url": "Fuente", "source_date": "Fecha de la fuente",
}  # fmt: skip
PRECISION_NAMES: Mapping[str, str] = {
    "address": "la dirección", "street": "la calle", "district": "el distrito",
    "city": "la ciudad",
}  # fmt: skip
FAR = 30.0
"""Kilometres from the district's own point from which a pin looks wrong."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_MOST_ROWS = 5000


@dataclass(frozen=True, slots=True)
class CsvFault:
    """What keeps a table from being read. `line` counts from 1; `column` is a name or ''.

    `text` is a msgid of the panel with `values`.
    """

    line: int
    column: str
    text: str
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that two tables say differently; `before` or `after` is None for new and gone ones."""

    before: Row | None
    after: Row | None

    @property
    def name(self) -> str:
        """What the office is called."""
        row = self.after or self.before or {}
        return row.get("name", "")

    @property
    def cells(self) -> list[tuple[str, str, str]]:
        """The columns that differ: name, before, after."""
        old, new = self.before or {}, self.after or {}
        return [
            (column, old.get(column, ""), new.get(column, ""))
            for column in OFFICE_COLUMNS
            if old.get(column, "") != new.get(column, "")
        ]


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; numbers stay numbers."""
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def to_csv(rows: Iterable[Row]) -> str:
    """Write a table for spreadsheets."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(OFFICE_COLUMNS)
    for row in rows:
        writer.writerow(safe_cell(row.get(column, "")) for column in OFFICE_COLUMNS)
    return out.getvalue()


def from_csv(text: str) -> tuple[list[Row], list[int], list[CsvFault]]:
    """Read a table with commas or semicolons; return rows, the line of each, and what is wrong."""
    first = text.lstrip("\ufeff\n").partition("\n")[0]
    mark = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(
        io.StringIO(text.lstrip("\ufeff\n"), newline=""), delimiter=mark, strict=True
    )
    rows: list[Row] = []
    lines: list[int] = []
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
        if faults := _header_faults(header):
            return [], [], faults
        faults = []
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                values = {"count": str(len(cells)), "wanted": str(len(header))}
                text_ = "La fila tiene {count} columnas y debe tener {wanted}."
                faults.append(CsvFault(reader.line_num, "", text_, values))
                continue
            rows.append({name: _cell(cell) for name, cell in zip(header, cells, strict=True)})
            lines.append(reader.line_num)
            if len(rows) > _MOST_ROWS:
                return [], [], [CsvFault(reader.line_num, "", "La tabla es demasiado larga.", {})]
    except csv.Error:
        wrong = "Desde aquí no se puede leer: revise las comillas."
        return [], [], [CsvFault(max(1, reader.line_num), "", wrong, {})]
    return [{c: row[c] for c in OFFICE_COLUMNS} for row in rows], lines, faults


def _header_faults(header: Sequence[str]) -> list[CsvFault]:
    missing = [column for column in OFFICE_COLUMNS if column not in header]
    unknown = [column for column in header if column not in OFFICE_COLUMNS]
    twice = [column for column, count in Counter(header).items() if count > 1]
    return [
        *(CsvFault(1, c, "Falta esta columna.", {}) for c in missing),
        *(CsvFault(1, c[:40], "Esta columna no se conoce.", {}) for c in unknown),
        *(CsvFault(1, c[:40], "Esta columna está dos veces.", {}) for c in twice),
    ]


def _cell(text: str) -> str:
    clean = " ".join(text.split())
    return clean[1:] if clean.startswith("'") and clean[1:].startswith(_FORMULA) else clean


def row_changes(before: Sequence[Row], after: Sequence[Row]) -> list[RowChange]:
    """Return new, changed and gone rows; a row is known by kind, name and district."""
    # By keys, not by comparing each with each: the table may have thousands of rows.
    gone: dict[int, Row] = dict(enumerate(before))
    found, new = [], []
    same = _places(gone, lambda row: tuple(sorted(row.items())))
    for row in after:
        if _taken(gone, same, tuple(sorted(row.items()))) is None:
            new.append(row)
    alike, named = _places(gone, _identity), _places(gone, _name)
    for row in new:
        old = _taken(gone, alike, _identity(row)) or _taken(gone, named, _name(row))
        found.append(RowChange(old, row))
    return found + [RowChange(row, None) for row in gone.values()]


def _places(
    rows: Mapping[int, Row], key: Callable[[Row], tuple[Any, ...]]
) -> dict[tuple[Any, ...], list[int]]:
    """Return where rows of one key stand, the last first."""
    found: dict[tuple[Any, ...], list[int]] = {}
    for place in reversed(list(rows)):
        found.setdefault(key(rows[place]), []).append(place)
    return found


def _taken(
    rows: dict[int, Row], places: dict[tuple[Any, ...], list[int]], key: tuple[Any, ...]
) -> Row | None:
    """Take the first row of a key that is still there out of some rows."""
    left = places.get(key, [])
    while left:
        if (row := rows.pop(left.pop(), None)) is not None:
            return row
    return None


def _name(row: Row) -> tuple[str, ...]:
    return (row.get("name", ""),)


def _identity(row: Row) -> tuple[str, ...]:
    return tuple(row.get(key, "") for key in ("kind", "name", "district"))


def filtered(rows: Sequence[Row], words: str, kind: str, region: str) -> list[tuple[int, Row]]:
    """Return rows with their numbers that hold all the words, of a kind, in a region."""
    wanted = plain(words).split()
    return [
        (index, row)
        for index, row in enumerate(rows)
        if (not kind or row.get("kind") == kind)
        and (not region or row.get("region") == region)
        and all(word in plain(" ".join(row.values())) for word in wanted)
    ]


def kilometres(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Return the distance over the ground (haversine, a sphere of 6371 km)."""
    first, second = math.radians(lat), math.radians(other_lat)
    half = math.sin((second - first) / 2) ** 2 + math.cos(first) * math.cos(second) * (
        math.sin(math.radians(other_lon - lon) / 2) ** 2
    )
    return 2 * 6371 * math.asin(math.sqrt(min(1.0, half)))


def district_of(row: Mapping[str, str], places: Iterable[District]) -> District | None:
    """Return the district that a row names, with the province or the region it names."""
    wanted = plain(row.get("district", ""))
    if not wanted:
        return None
    found = [
        place
        for place in places
        if wanted in (plain(place.name), *(plain(name) for name in place.also))
        and (not row.get("region") or plain(place.region) == plain(row["region"]))
    ]
    exact = [p for p in found if plain(p.province) == plain(row.get("province", ""))]
    return next(iter(exact or found), None)


def far_off(office: Office, place: District | None) -> float | None:
    """Return how many kilometres a pin lies from its district, if that is too far."""
    if place is None or office.lat is None or office.lon is None:
        return None
    distance = kilometres(office.lat, office.lon, place.lat, place.lon)
    return distance if distance > FAR else None


# --- the map -------------------------------------------------------------------------------------

_WEST, _EAST, _NORTH, _SOUTH = -81.6, -68.4, 0.3, -18.6
_SCALE = 30


def _xy(lat: float, lon: float) -> tuple[float, float]:
    return round((lon - _WEST) * _SCALE, 1), round((_NORTH - lat) * _SCALE, 1)


@lru_cache(maxsize=2)
def _districts(places: tuple[District, ...]) -> Markup:
    points = dict.fromkeys(_xy(round(p.lat, 1), round(p.lon, 1)) for p in places)
    return Markup('<path class="districts" d="{}"/>').format(
        "".join(f"M{x:g} {y:g}h0" for x, y in points)
    )


def map_picture(
    places: tuple[District, ...], at: tuple[float, float] | None, named: District | None, title: str
) -> Markup:
    """Draw a pin on Peru, which the points of its districts show; a ring is the district named."""
    wide, high = (_EAST - _WEST) * _SCALE, (_NORTH - _SOUTH) * _SCALE
    parts = [
        Markup('<svg class="peru" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">').format(
            wide, high, title
        ),
        _districts(places),
    ]
    if named is not None:
        x, y = _xy(named.lat, named.lon)
        parts.append(Markup('<circle class="named" cx="{:g}" cy="{:g}" r="11"/>').format(x, y))
    if at is not None:
        x, y = _xy(*at)
        if 0 <= x <= wide and 0 <= y <= high:
            parts.append(Markup('<circle class="office" cx="{:g}" cy="{:g}" r="6"/>').format(x, y))
    return Markup("").join((*parts, Markup("</svg>")))
