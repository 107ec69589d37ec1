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


def test_lines_of_the_same_few_words_take_no_time_either() -> None:
    """Nor do a few words again and again in texts that are short enough for comparing words."""
    began = time.process_time()
    for before, after in (("a\n" * 5_000, "b\na\n" * 5_000), ("a b " * 370, "a c " * 370)):
        found = words(f"Uno\n{before}fin", f"Uno\n{after}fin")
        assert "".join(piece.text for piece in side(found, Change.REMOVED)) == f"Uno\n{before}fin"
        assert "".join(piece.text for piece in side(found, Change.ADDED)) == f"Uno\n{after}fin"
        assert found[0].change is Change.SAME
    assert time.process_time() - began < 2
