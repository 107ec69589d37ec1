"""What is derived from the content for reading: lines with their translations."""

from collections.abc import Mapping
from dataclasses import replace

from bot.knowledge import parallels
from tests.fakes.catalogue import article, catalogue

CATALOGUE = catalogue(article("a/one"), article("a/two"))


def lines_of(**versions: str) -> tuple[Mapping[str, str], ...]:
    """Return the parallel lines of a single article with one section."""
    one = article("a/one")
    texts = {
        language: replace(one.texts[language], label="", sections={"answer": text})
        for language, text in versions.items()
    }
    return parallels(replace(CATALOGUE, articles={"a/one": replace(one, texts=texts)}))[2:]


def test_lines_and_sentences_stand_beside_their_translations() -> None:
    """Bullets, numbers and emphasis are taken off; sentences match one by one."""
    assert lines_of(es="- **Uno.** Dos.\n\n2. Tres", ht="- Youn. De.\n2. Twa") == (
        {"es": "Uno.", "ht": "Youn."},
        {"es": "Dos.", "ht": "De."},
        {"es": "Tres", "ht": "Twa"},
    )


def test_what_does_not_match_stands_as_a_whole() -> None:
    """Another number of sentences or of lines joins them; nothing is matched by guessing."""
    assert lines_of(es="Uno. Dos.", fr="Un. Deux.", ht="Youn ak de.") == (
        {"es": "Uno.", "fr": "Un."},
        {"es": "Dos.", "fr": "Deux."},
        {"es": "Uno. Dos.", "ht": "Youn ak de."},
    )
    (whole,) = lines_of(es="Uno", qu="Huk\nIskay")[1:]
    assert whole == {"es": "Uno", "qu": "Huk Iskay"}


def test_titles_are_lines_too() -> None:
    """Each article gives its title in all languages."""
    titles = [line["es"] for line in parallels(CATALOGUE)]
    assert all(one.texts["es"].title in titles for one in CATALOGUE.articles.values())
