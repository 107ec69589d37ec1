"""The duty roster of the desk: its file, and what follows from it."""

from datetime import date, datetime, time
from pathlib import Path

import pytest

from bot.scene import PERU
from content import FOLDER
from content.catalogue import Desk
from content.checks import check
from content.faults import Severity, errors, format_faults
from content.files import read_tree
from content.rendering import render_tree
from tests.fakes.content import DESK, TODAY, catalogue, write


def read(folder: Path, text: str) -> tuple[Desk, list[str]]:
    """Return the roster that a file gives, and its errors as lines."""
    write(catalogue(), folder)
    (folder / "desk.yml").write_text(text)
    tree = read_tree(folder)
    told = format_faults(errors(tree.faults)).split("\n")[:-1]
    return tree.catalogue.desk, told


def test_the_roster_goes_through_files_unchanged(tmp_path: Path) -> None:
    """Written and read again it is the same value and the same bytes."""
    tree = read_tree(write(catalogue(), tmp_path))
    assert tree.catalogue.desk == DESK
    assert render_tree(tree.catalogue)["desk.yml"] == render_tree(catalogue())["desk.yml"]
    assert b"monday: ['08:30-13:00', '14:00-16:30']" in render_tree(catalogue())["desk.yml"]


def test_the_version_depends_on_the_roster() -> None:
    """Every process takes up a changed roster."""
    assert catalogue().version != catalogue(desk=Desk()).version


def test_a_folder_may_do_without(tmp_path: Path) -> None:
    """Then the desk is never open; the check says so, and nothing is exported."""
    write(catalogue(desk=Desk()), tmp_path)
    assert not (tmp_path / "desk.yml").exists()
    faults = check(read_tree(tmp_path), today=TODAY)
    (fault,) = (f for f in faults if f.file == "desk.yml")
    assert (fault.severity, "never open" in fault.what) == (Severity.WARNING, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("hours: {}\n", "`source` is missing"),
        ("source: a\nhours:\n  lunes: ['08:00-09:00']\n", "`lunes` is no day of the week"),
        ("source: a\nhours:\n  monday: ['8-9']\n", "`8-9` is no span of hours"),
        ("source: a\nhours:\n  monday: ['08:00-24:00']\n", "no span of hours"),
        ("source: a\nhours:\n  monday: ['16:00-08:00']\n", "ends before it begins"),
        ("source: a\nhours:\n  monday: ['08:00-12:00', '11:00-13:00']\n", "begins before"),
        ("source: a\nhours:\n  monday: 08:00-12:00\n", "is not a list"),
        ("source: a\nhours: none\n", "is not a list of `key: value` lines"),
        ("source: a\nhours: {}\nclosed: ['25/12/2026']\n", "is not a date"),
        ("source: a\nhours: {}\nholidays: []\n", "`holidays` is unknown"),
        ("- 1\n", "is not a list of `key: value` lines"),
        ("source: [\n", "not valid YAML"),
    ],
)
def test_a_broken_roster_gives_one_clear_sentence(tmp_path: Path, text: str, told: str) -> None:
    """The file, the line, what is wrong and what to do."""
    _, lines = read(tmp_path, text)
    assert len(lines) == 1 or "not a list of" in lines[0]
    assert lines[0].startswith("desk.yml:")
    assert told in lines[0]


def test_hours_and_days_off() -> None:
    """Spans hold their beginning and not their end; a day off has none."""
    monday = datetime(2026, 11, 23, tzinfo=PERU)
    for hour, minute, is_open in ((8, 29, False), (8, 30, True), (13, 0, False), (14, 0, True),
                                  (16, 29, True), (16, 30, False)):  # fmt: skip
        assert DESK.open_at(monday.replace(hour=hour, minute=minute)) is is_open
    assert not DESK.open_at(datetime(2026, 12, 25, 12, tzinfo=PERU))  # a Friday, and a day off
    assert DESK.next_opening(monday.replace(hour=13, minute=30)) == monday.replace(hour=14)
    thursday = datetime(2026, 12, 24, 12, tzinfo=PERU)
    assert DESK.next_opening(thursday) == datetime(2026, 12, 28, 8, 30, tzinfo=PERU)
    assert Desk().next_opening(monday) is None


def test_the_roster_that_comes_with_the_program() -> None:
    """Monday to Friday from 08:30 to 16:30, closed on Christmas day."""
    desk = read_tree(FOLDER).catalogue.desk
    assert set(desk.hours) == {0, 1, 2, 3, 4}
    assert set(desk.hours.values()) == {((time(8, 30), time(16, 30)),)}
    assert date(2026, 12, 25) in desk.closed
    assert desk.source
