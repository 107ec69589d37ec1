"""The interface texts: complete in six languages, with the same values, short enough."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import locales
from content.catalogue import LANGUAGES

ROOT = Path(__file__).parents[2]
BUTTON = 20  # WhatsApp's reply buttons
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def extracted(keyword: str) -> set[str]:
    """Return the literal first arguments of a keyword in the product's code."""
    found = set()
    for folder in ("bot", "actions", "content", "nlu"):
        for _, _, message, _, _ in extract_from_dir(
            ROOT / folder,
            method_map=[("**.py", "python")],
            keywords={keyword: None},
            directory_filter=lambda name: not Path(name).name.startswith("."),
        ):
            found.add(message if isinstance(message, str) else message[0])
    return found


PHRASES, LABELS = extracted("Phrase"), extracted("Label")


def catalogue(language: str) -> Catalog:
    path = Path(locales.__file__).parent / language / "LC_MESSAGES" / "orienta.po"
    with path.open("rb") as file:
        return read_po(file, locale=None, abort_invalid=True)


def test_texts_were_found() -> None:
    """The extraction sees the code's texts, so that the other tests can fail."""
    assert "Pasos" in LABELS
    assert "Está bien, no borré nada." in PHRASES
    assert len(PHRASES | LABELS) > 50


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_language_is_complete(language: str) -> None:
    """Every text is translated, none is marked doubtful, none is left over."""
    messages = {m.id: m for m in catalogue(language) if m.id}
    wanted = PHRASES | LABELS
    assert sorted(wanted - messages.keys()) == []
    assert sorted(messages.keys() - wanted) == []
    assert [m.id for m in messages.values() if not m.string or m.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_keep_their_places(language: str) -> None:
    """A translation holds the same values as the Spanish text, and the same numbers."""
    for message in catalogue(language):
        if not message.id:
            continue
        source, translated = str(message.id), str(message.string)
        assert set(PLACEHOLDER.findall(source)) == set(PLACEHOLDER.findall(translated)), source
        assert sorted(re.findall(r"\d+", source)) == sorted(re.findall(r"\d+", translated)), source
        assert source.count("**") == translated.count("**"), source


@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_are_short_enough(language: str) -> None:
    """No label is longer than the shortest button of any platform."""
    for label in LABELS:
        shown = locales.translate(label, language)
        assert 0 < len(shown) <= BUTTON, (language, label, shown)


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_of_one_menu_differ(language: str) -> None:
    """Two different buttons never read alike: a platform refuses such a message."""
    shown = [locales.translate(label, language).casefold() for label in LABELS]
    assert len(shown) == len(set(shown))
