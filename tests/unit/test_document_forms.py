"""Forms of structured contents: what is read, moved and compared."""

from multidict import MultiDict

from content.panel.documents import forms
from content.panel.documents.forms import Lines, Rows, Tongues, Words

FIELDS = (
    Words("name", "Nombre"),
    Words("date", "Fecha", empty=forms.NULL),
    Tongues("title", "Título", empty=forms.OMITTED),
    Rows(
        "questions", "Preguntas", "Pregunta",
        (Words("id", "Id"), Lines("words", "Palabras", commas=True, empty=forms.OMITTED),
         Rows("options", "Opciones", "Opción", (Words("id", "Id"),), prefix="opcion")),
        prefix="pregunta", fewest=1,
    ),
)  # fmt: skip


def body() -> forms.Body:
    """Return a body with two questions."""
    return {"questions": [{"id": "a", "options": [{"id": "opcion-1"}]}, {"id": "b", "options": []}]}


def test_a_form_says_a_body() -> None:
    """Blanks go, empty fields become what the description says, unknown fields are not read."""
    sent = MultiDict(
        [("name", "  un   nombre "), ("date", ""), ("title.es", ""), ("title.xx", "no"),
         ("questions.count", "2"), ("questions.0.words", "a, b,,\nc"), ("evil", "x")]
    )  # fmt: skip
    read = forms.read(FIELDS, sent, {"kept": 1, "title": {"es": "viejo"}})
    assert read == {
        "kept": 1, "name": "un nombre", "date": None,
        "questions": [
            {"id": "", "words": ["a", "b", "c"], "options": []}, {"id": "", "options": []}
        ],
    }  # fmt: skip


def test_counts_that_nobody_can_mean_are_none() -> None:
    """A form cannot ask for a million rows."""
    for count in ("-1", "x", "99999", "²"):
        sent = MultiDict([("questions.count", count)])
        assert forms.read(FIELDS, sent, {})["questions"] == []
    sent = MultiDict([("questions.count", "9999")])
    assert len(forms.read(FIELDS, sent, {})["questions"]) == forms.MOST_ROWS


def test_rows_are_added_moved_and_dropped() -> None:
    """New ones get an id that nothing else in the body has."""
    rows = body()
    assert forms.rearrange(FIELDS, rows, "add:questions.1.options") == "questions.1.options.0"
    assert rows["questions"][1]["options"] == [{"id": "opcion-2"}]
    assert forms.rearrange(FIELDS, rows, "add:questions") == "questions.2"
    assert rows["questions"].pop() == {"id": "pregunta-1", "options": []}
    assert forms.rearrange(FIELDS, rows, "up:questions.1") == "questions.0"
    assert [q["id"] for q in rows["questions"]] == ["b", "a"]
    assert forms.rearrange(FIELDS, rows, "down:questions.0") == "questions.1"
    assert forms.rearrange(FIELDS, rows, "drop:questions.1") == "questions.0"
    assert [q["id"] for q in rows["questions"]] == ["a"]
    assert forms.rearrange(FIELDS, rows, "drop:questions.0") == ""  # at least one stays


def test_wishes_that_name_nothing_change_nothing() -> None:
    """Whatever a form was made to say."""
    for wish in ("add:", "add:name", "drop:questions", "drop:questions.x", "up:questions.0",
                 "down:questions.1", "add:questions.9.options", "drop:questions.9", "up:a.b.c.1",
                 "add:questions.0.options.0", "jump:questions.0", "drop:questions.²"):  # fmt: skip
        rows = body()
        assert forms.rearrange(FIELDS, rows, wish) == "", wish
        assert rows == body()


def test_changes_are_named_by_where_they_stand() -> None:
    """Rows are known by their id, so that moving one changes nothing."""
    before = {"title": {"es": "A", "qu": "Q"}, "questions": [{"id": "a"}, {"id": "b"}]}
    after = {"title": {"es": "B"}, "questions": [{"id": "b", "words": ["x"]}, {"id": "a"}]}
    found = [(c.where, c.before, c.after) for c in forms.changes(FIELDS, before, after)]
    assert found == [
        (("Título", "es"), "A", "B"),
        (("Pregunta", 1, "Palabras"), "", "x"),
        (("Título", "qu"), "Q", ""),
    ]
    assert forms.changes(FIELDS, None, None) == []


def test_rows_within_rows_do_not_multiply() -> None:
    """However many a form asks for, a page can still be made of them."""
    asked = [("questions.count", "400")]
    asked += [(f"questions.{number}.options.count", "400") for number in range(400)]
    read = forms.read(FIELDS, MultiDict(asked), {})
    count = len(read["questions"]) + sum(len(one["options"]) for one in read["questions"])
    assert count == forms.MOST_IN_ALL
