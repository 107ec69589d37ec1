"""What changed between two texts."""

import time

from hypothesis import given
from hypothesis import strategies as st

from content.diff import Change, parts, side, words

TEXTS = st.text(alphabet="ab .\n-1", max_size=40)


def shown(before: str, after: str) -> str:
    """Write a comparison in one line."""
    marks = {Change.SAME: "{}", Change.REMOVED: "[-{}-]", Change.ADDED: "[+{}+]"}
    return "".join(marks[piece.change].format(piece.text) for piece in words(before, after))


@given(TEXTS, TEXTS)
def test_each_side_can_be_read_in_full(before: str, after: str) -> None:
    """Nothing is lost or made up on either side, and neighbours differ in their fate."""
    pieces = words(before, after)
    assert "".join(piece.text for piece in side(pieces, Change.REMOVED)) == before
    assert "".join(piece.text for piece in side(pieces, Change.ADDED)) == after
    assert all(piece.text for piece in pieces)
    assert (before == after) == all(piece.change is Change.SAME for piece in pieces)


def test_words_are_shown_whole() -> None:
    """Amounts and norms as well, and changes with a blank between them as one."""
    assert (
        shown("Cuesta S/ 40.60 hoy.", "Cuesta S/ 41.00 hoy.") == "Cuesta S/ [-40.60-][+41.00+] hoy."
    )
    assert shown("uno dos", "tres cuatro") == "[-uno dos-][+tres cuatro+]"
    assert shown("Vaya.", "Vaya hoy.\nSí.") == "Vaya[+ hoy+].[+\nSí.+]"
    assert shown("", "") == ""


def test_parts_stand_in_order() -> None:
    """Those that one of the two has, whether they changed or not."""
    found = parts({"cost": "a", "x": "b"}, {"answer": "a", "cost": "a"}, ("answer", "cost", "time"))
    assert [(part.name, part.changed) for part in found] == [
        ("answer", True), ("cost", False), ("x", True),
    ]  # fmt: skip


def test_long_texts_take_no_time() -> None:
    """Twenty thousand characters of the same word, which is the worst case."""
    began = time.monotonic()
    assert words("a " * 10_000, "b a " * 5_000)
    assert time.monotonic() - began < 1
