"""What is written in the form of a release."""

from datetime import UTC, datetime

import pytest

from content.panel.release_view import moment_of

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


def test_a_moment_is_one_of_peru() -> None:
    """Five hours behind UTC."""
    assert moment_of("2026-11-23T10:01", NOW) == datetime(2026, 11, 23, 15, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    ["", "mañana", "2026-11-23T10:00", "2026-11-22T23:00", "2028-01-01T00:00", "9999-12-31T23:59",
     "0001-01-01T00:00", "2026-13-01T00:00"],
)  # fmt: skip
def test_what_is_no_moment_to_come_is_none(written: str) -> None:
    """Past, now, too far, or nonsense."""
    assert moment_of(written, NOW) is None
