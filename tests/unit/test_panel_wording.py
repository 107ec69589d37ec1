"""What the audit log says in words."""

import pytest

from content.panel import wording


def said(text: str, **values: object) -> str:
    """Return a text with its values, in Spanish."""
    return text.format(**values)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("release 3", "publicación 3"), ("case 12", "caso 12"),
        ("health/birth es 2", "health/birth es 2"), ("release of a bird", "release of a bird"),
    ],
)  # fmt: skip
def test_subjects_are_named_as_people_say_them(name: str, shown: str) -> None:
    """Releases and cases by their number, all else as it is."""
    assert wording.subject(name, said) == shown


def test_empty_details_are_left_out() -> None:
    """Nothing is said of what is not there; a zero is said."""
    given = {"texts": [1, 2], "documents": [], "note": "", "count": 0}
    assert wording.detail(given, said) == "textos: 1, 2; cuántas: 0"
