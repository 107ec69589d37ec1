"""Finding answers by their words."""

import time

import pytest

from content import search
from content.search import Entry, Where
from tests.fakes import content as fake

TEXTS: tuple[Entry, ...] = (
    search.entry("a/title", "es", "Atención en salud", ["Vaya al centro."], ["me duele"]),
    search.entry("a/section", "es", "Otra cosa", ["La ATENCION es gratis, en salud."], []),
    search.entry("a/example", "fr", "Chose", ["Rien."], ["attention à la santé", "atención salud"]),
)


@pytest.mark.parametrize("query", ["atencion salud", "SALUD, atención!", "aten sal"])
def test_titles_come_first(query: str) -> None:
    """Then sections, then examples, whatever the accents and the order of the words."""
    found = search.find(TEXTS, query)
    assert [one.article for one in found] == ["a/title", "a/section", "a/example"]
    assert [one.where for one in found] == [Where.TITLE, Where.SECTION, Where.EXAMPLE]


@pytest.mark.parametrize("query", ["", "  ?! ", "atencion gratis centro", "alud", "\x00"])
def test_what_finds_nothing(query: str) -> None:
    """No words, words that no one text has together, or the end of a word."""
    assert search.find(TEXTS, query) == []


def test_a_catalogue_is_found_in_every_language() -> None:
    """By title, section, example and id."""
    entries = search.entries(fake.catalogue())
    assert [one.article for one in search.find(entries, "titulo access qu")] == ["health/access"]
    assert search.find(entries, "access pregunta ht 7")[0].language == "ht"
    assert {one.article for one in search.find(entries, "health")} == {
        "health/access", "health/birth",
    }  # fmt: skip


def test_two_thousand_articles_are_searched_in_time() -> None:
    """In six languages, three thousand characters each; a word that is nowhere is the worst."""
    text = "palabras que no dicen nada " * 110
    many = [
        search.entry(f"t/{number}", language, f"Título {number}", [text], ["una pregunta"] * 20)
        for number in range(2000)
        for language in ("es", "en", "pt", "fr", "ht", "qu")
    ]
    began = time.monotonic()
    assert search.find(many, "palabras inexistente") == []
    assert time.monotonic() - began < 0.5
