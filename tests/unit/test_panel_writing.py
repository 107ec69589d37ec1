"""What a writer is told, and what becomes of what she typed."""

from datetime import date
from types import MappingProxyType

import pytest

from content import contacts
from content.catalogue import SECTIONS
from content.checks import shape
from content.editing import Fields
from content.panel.pages.articles import slug_of
from content.panel.writing import hints, metadata, phrasing, sections
from content.panel.writing.metadata import Metadata, Source
from tests.fakes import content as fake

CATALOGUE = fake.catalogue()
KNOWN = contacts.known(CATALOGUE)
TODAY = date(2026, 11, 23)


def told(language: str = "es", **parts: str) -> dict[str, list[str]]:
    """Return the sentences of the hints by part."""
    found = hints.of_text(language, Fields("T", "L", parts), KNOWN)
    return {name: [hint.text for hint in given] for name, given in found.items()}


def test_every_mark_has_a_name_in_spanish() -> None:
    """As many as the checks know."""
    assert set(hints.FOREIGN_MARKS) == {name for _, name in shape._MARKDOWN}


def test_every_section_has_a_field() -> None:
    """With its purpose and the limit of the checks, in the order of reading."""
    assert tuple(kind.name for kind in sections.KINDS) == SECTIONS
    assert [kind.limit for kind in sections.KINDS] == [600, *[900] * 8]


def test_good_texts_need_no_hint() -> None:
    """Nor do empty ones."""
    assert told(answer="**Sí.** Llame al 0800-15-170.\n\n- Uno", cost="S/ 40.60 en 2025.") == {}
    assert told() == {}


def test_directions_need_a_warning() -> None:
    """Anywhere in the text."""
    assert told(steps="1. Acuda a MIGRACIONES.") == {"steps": [hints._DIRECTION]}
    warning = "Puede llevar a expulsión. Pida ayuda legal gratuita."
    assert told(steps="1. Acuda a MIGRACIONES.", exposure=warning) == {}


def test_amounts_are_spanish_matters() -> None:
    """A translation is compared with the Spanish text instead."""
    assert told("fr", cost="S/ 50") == {}
    french = hints.of_translation(
        Fields("", "", {"cost": "S/ 50"}), Fields("", "", {"cost": "S/ 60"})
    )
    assert [hint.values["figures"] for hint in french["cost"]] == ["S/ 50.00", "S/ 60.00"]


@pytest.mark.parametrize(
    ("text", "word"),
    [("Vaya ya. " * 20, "fácil"), ("palabra", None),
     ("La correspondiente institucionalidad interdisciplinaria administrativa " * 10, "difícil")],
)  # fmt: skip
def test_ease(text: str, word: str | None) -> None:
    """In words, for texts of some length."""
    found = sections.ease(text, "es")
    assert (found.word if found else None) == word


@pytest.mark.parametrize(
    ("title", "slug"),
    [("¿Dónde dar a luz?", "donde-dar-a-luz"), ("ÑANDÚ  Nº 7", "nandu-no-7"), ("¡¿!?", ""),
     ("漢字", ""),
     ("palabra " * 20, "palabra-palabra-palabra-palabra-palabra-palabra-palabra"), ("a" * 99, "")],
)  # fmt: skip
def test_slugs(title: str, slug: str) -> None:
    """ASCII words with hyphens, cut between words."""
    assert slug_of(title) == slug


@pytest.mark.parametrize(
    ("written", "stored"),
    [("21/12/2025", "2025-12-21"), ("1.2.2025", "2025-02-01"), ("12/2025", "2025-12"),
     ("2025", "2025"), ("2025-12-21", "2025-12-21"), ("31/02/2025", None), ("ayer", None),
     ("", None), ("13/2025", None)],
)  # fmt: skip
def test_dates(written: str, stored: str | None) -> None:
    """As people in Peru write them, and as the files do."""
    assert metadata.stored_day(written) == stored
    if stored and "-" not in written:
        assert metadata.stored_day(metadata.written_day(stored)) == stored


def form(**changes: object) -> Metadata:
    """Return a form without faults."""
    values: dict[str, object] = {
        "ask": "¿Qué?", "review_due": "2027-02-28", "related": ["health/birth", "rights/overview"],
        "sources": [Source("Ley 1", "https://x.pe", "2025", ("answer",)), Source()], **changes,
    }  # fmt: skip
    return Metadata(**values)  # type: ignore[arg-type]


def test_a_form_becomes_a_body_and_a_form_again() -> None:
    """Empty rows are left out."""
    assert metadata.wrong_in(form(), "health/access", CATALOGUE, ["uim"], TODAY) == {}
    body = metadata.body_of(form(), "health/access", CATALOGUE, True)
    assert len(body["ground"]) == 1
    again = metadata.of_body(body, CATALOGUE)
    assert metadata.body_of(again, "health/access", CATALOGUE, True) == body
    assert again.related[0] == "Título de birth (es) (health/birth)"


def test_what_is_missing_for_publishing() -> None:
    """Though it can be saved."""
    assert metadata.missing_in(form(), ["answer"]) == []
    assert len(metadata.missing_in(form(), ["answer", "cost"])) == 1
    assert len(metadata.missing_in(Metadata(), [])) == 3
    undated = form(sources=[Source("Ley", "https://x.pe", "", ("answer",))])
    assert "fecha" in metadata.missing_in(undated, ["answer"])[0]
    nothing = metadata.body_of(Metadata(ask="¿?"), "a/b", CATALOGUE, False)
    assert nothing["status"] == "unwritten"


def test_rows_move() -> None:
    """Only as far as there are rows."""
    moved = form(sources=[Source("1"), Source("2")])
    steps = {"up-1": ["2", "1"], "up-0": ["2", "1"], "up-9": ["2", "1"], "remove-0": ["1"],
             "remove-7": ["1"], "add": ["1", ""]}  # fmt: skip
    for act, expected in steps.items():
        assert metadata.changed_rows(moved, act)
        assert [one.norm for one in moved.sources] == expected
    assert not metadata.changed_rows(moved, "save")
    for _ in range(50):
        metadata.changed_rows(moved, "add")
    assert len(moved.sources) == metadata.MOST_SOURCES


def test_phrases() -> None:
    """Twice but for accents, too few, or already somebody else's."""
    owners = phrasing.owners(CATALOGUE)
    given = [
        "Overview pregunta ES 3!",
        "access pregunta es 1",
        "greet es 4",
        "overview pregunta fr 2",
    ]
    found = phrasing.of_examples("health/access", "es", given, owners)
    assert [(hint.tone, hint.values.get("title")) for hint in found] == [
        ("warn", None), ("bad", "Título de overview (es)"), ("bad", "greet"),
        ("warn", "Título de overview (es)"),
    ]  # fmt: skip
    enough = [f"frase {number}" for number in range(20)]
    assert phrasing.of_examples("health/access", "es", enough, owners) == []
    assert len(phrasing.of_examples("health/access", "es", [*enough, "FRASÉ 3"], owners)) == 1
    assert [hint.values["phrase"] for hint in phrasing.of_golden(["Frase 1", "otra"], enough)] == [
        "Frase 1"
    ]


def test_a_preview_of_what_is_not_published() -> None:
    """It is made of the draft alone."""
    fields = Fields("Título", "", MappingProxyType({"answer": "Sí."}))
    made = sections.preview_article(CATALOGUE, "health/new", "fr", fields, {"ask": "¿?"})
    assert made.texts["fr"].sections == {"answer": "Sí."}
    known = sections.preview_article(CATALOGUE, "health/access", "fr", fields, {})
    assert known.texts["fr"].title == "Título"
    assert known.texts["es"] == CATALOGUE.articles["health/access"].texts["es"]
