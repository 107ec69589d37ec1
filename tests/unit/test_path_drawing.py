"""The outline and the drawing of a guided path, whatever state its draft is in."""

from content import encoding
from content.panel.documents.drawing import outline, tree_picture
from tests.fakes import content as fake


def test_the_outline_follows_the_ways() -> None:
    """Each option stands under its question; an end that several options lead to, under each."""
    found = [(n.level, n.option, n.id, n.end) for n in outline(encoding.path(fake.path()))]
    assert found == [
        (0, "", "entry", ""),
        (1, "Sí es", "danger", ""),
        (2, "Sí es", "card", "end"),
        (2, "No es", "overview", "end"),
        (1, "No es", "warned", "end"),
        (1, "No digo es", "warned", "end"),
    ]


def test_circles_and_holes_are_drawn_too() -> None:
    """A draft may hold both; a question is opened once."""
    body = {
        "first": "a",
        "questions": [{"id": "a", "options": [{"to": "a"}, {"to": "gone"}, {}]}],
        "ends": [],
    }
    assert [(n.id, n.again, n.end) for n in outline(body)] == [
        ("a", False, ""), ("a", True, ""), ("gone", False, "missing"), ("", False, "missing"),
    ]  # fmt: skip
    assert str(tree_picture(body)).count("<rect") == 4
    assert outline({})[0].end == "missing"


def test_a_drawing_escapes_every_word() -> None:
    """Texts come from people."""
    body = {
        "first": "a",
        "questions": [{"id": "a", "text": {"es": "<script>"}, "options": [
            {"to": "<b>", "label": {"es": "<i>"}}]}],
    }  # fmt: skip
    drawn = str(tree_picture(body))
    assert "<script>" not in drawn
    assert "<i>" not in drawn
    assert "&lt;i&gt;" in drawn
