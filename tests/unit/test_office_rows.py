"""The directory as a table: cells, faults, distances, the map."""

import time

import pytest

from content.catalogue import District
from content.decoding import OFFICE_COLUMNS
from content.panel.documents import office_rows as rows
from tests.fakes import content as fake

ROW = {**dict.fromkeys(OFFICE_COLUMNS, ""), "kind": "cem", "name": "Uno", "district": "Lima"}


@pytest.mark.parametrize("cell", ["=1+1", "+51 1", "-x", "@a", "=cmd|' /C calc'!A0"])
def test_cells_are_no_formulas(cell: str) -> None:
    """They come back as they were."""
    assert rows.safe_cell(cell) == f"'{cell}"
    table = rows.to_csv([{**ROW, "phone": cell}])
    read, lines, faults = rows.from_csv(table)
    assert (read[0]["phone"], lines, faults) == (cell, [2], [])


def test_degrees_stay_numbers() -> None:
    """A spreadsheet must be able to count with them."""
    assert rows.safe_cell("-12.0464") == "-12.0464"
    assert rows.safe_cell("-12.0464=") == "'-12.0464="


def test_tables_with_semicolons_and_a_mark_are_read() -> None:
    """As spreadsheets in Peru write them, the columns in any order."""
    header = ";".join(reversed(OFFICE_COLUMNS))
    cells = ";".join(ROW[column] for column in reversed(OFFICE_COLUMNS))
    read, lines, faults = rows.from_csv(f"\ufeff{header}\n\n{cells}\n")
    assert (read, lines, faults) == ([ROW], [3], [])


def test_faults_name_line_and_column() -> None:
    """Of the table as she has it before her."""
    _, _, faults = rows.from_csv("kind,kind,what\n")
    assert ("what", "Esta columna no se conoce.") in [(f.column, f.text) for f in faults]
    assert ("kind", "Esta columna está dos veces.") in [(f.column, f.text) for f in faults]
    header = ",".join(OFFICE_COLUMNS)
    _, _, faults = rows.from_csv(f"{header}\n{',' * 12}\na,b\n")
    assert [(f.line, f.values["count"]) for f in faults] == [(3, "2")]
    _, _, faults = rows.from_csv(f'{header}\n"a\n')
    assert faults


def test_changes_pair_rows_of_one_office() -> None:
    """New, changed and gone ones."""
    moved = {**ROW, "address": "Av. 2"}
    other = {**ROW, "name": "Dos"}
    found = rows.row_changes([ROW, other], [moved, {**ROW, "name": "Tres"}])
    told = [(c.name, bool(c.before), bool(c.after)) for c in found]
    assert told == [("Uno", True, True), ("Tres", False, True), ("Dos", True, False)]
    assert found[0].cells == [("address", "", "Av. 2")]
    assert rows.row_changes([ROW, other], [other, ROW]) == []


def test_words_are_found_without_accents() -> None:
    """All of them, in any column."""
    accented = {**ROW, "name": "Defensoría", "region": "Áncash"}
    assert rows.filtered([ROW, accented], "ancash DEFENSORIA", "", "") == [(1, accented)]
    assert rows.filtered([ROW], "", "ngo", "") == []


def test_a_pin_far_from_its_district_is_told() -> None:
    """From thirty kilometres on; where the district is unknown nothing can be said."""
    lima, tacna = fake.PLACES
    assert round(rows.kilometres(lima.lat, lima.lon, tacna.lat, tacna.lon)) == 986
    office = fake.OFFICES[0]
    assert rows.far_off(office, lima) is None
    assert rows.far_off(office, tacna) == pytest.approx(985.6, abs=0.1)
    assert rows.far_off(office, None) is None
    assert rows.far_off(fake.OFFICES[1], lima) is None


def test_a_district_is_found_by_its_region() -> None:
    """Names repeat: province and region decide."""
    one = District("1", "San Juan", "A", "Lima", -12, -77, "district")
    two = District("2", "San Juan", "B", "Lima", -12, -76, "district")
    far = District("3", "San Juan", "C", "Loreto", -4, -73, "district", ("Sanjua",))
    places = (one, two, far)
    row = {"district": "san juan", "province": "B", "region": "Lima"}
    assert rows.district_of(row, places) is two
    assert rows.district_of({"district": "Sanjuá", "region": "Loreto"}, places) is far
    assert rows.district_of({"district": "San Juan", "region": "Puno"}, places) is None
    assert rows.district_of({"district": ""}, places) is None


def test_the_map_shows_the_pin() -> None:
    """A pin outside Peru is not drawn; the title cannot break out."""
    shown = rows.map_picture(fake.PLACES, (-12.0, -77.0), fake.PLACES[0], '"><script>')
    assert shown.count("<circle") == 2
    assert "<script>" not in shown
    assert "office" not in rows.map_picture(fake.PLACES, (52.0, 13.0), None, "x")


def test_thousands_of_rows_are_compared_at_once() -> None:
    """Changed rows are known by kind, name and district, then by their name alone."""
    old = [{**ROW, "name": f"Oficina {number}"} for number in range(5000)]
    moved = [{**row, "district": "Callao"} for row in old[:2500]]
    began = time.process_time()
    found = rows.row_changes(old, [*moved, *({**row, "phone": "1"} for row in old[2500:])])
    assert len(found) == 5000
    assert all(one.before and one.after for one in found)
    assert rows.row_changes(old, old) == []
    assert time.process_time() - began < 5
