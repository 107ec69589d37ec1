"""Interface texts are read from .po files and fall back to Spanish."""

import subprocess
import sys
from pathlib import Path

import pytest

from locales import BadCatalogue, Translator, placeholders, translate

HEADER = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Language: {}\\n"\n\n'


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return a directory with two tiny catalogues."""
    write(
        tmp_path, "ht", 'msgid "Escuela"\nmsgstr "Lekòl"\n\n#, fuzzy\nmsgid "Sí"\nmsgstr "Men wi"\n'
    )
    write(
        tmp_path,
        "pt",
        'msgid "Fuente: {norm}"\nmsgstr "Fonte: {norm}"\n\n'
        'msgid "Hola"\nmsgstr "Oi, {name}"\n\nmsgid "Vacío"\nmsgstr ""\n',
    )
    return tmp_path


def write(directory: Path, language: str, body: str) -> Path:
    """Write the catalogue of a language."""
    path = directory / language / "LC_MESSAGES" / "orienta.po"
    path.parent.mkdir(parents=True)
    path.write_text(HEADER.format(language) + body, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("phrase", "language", "values", "expected"),
    [
        ("Escuela", "ht", {}, "Lekòl"),
        ("Escuela", "ht-HT", {}, "Lekòl"),
        ("Escuela", "es", {}, "Escuela"),
        ("Escuela", "xx", {}, "Escuela"),
        ("Escuela", "../../etc", {}, "Escuela"),
        ("Escuela", "", {}, "Escuela"),
        ("", "ht", {}, ""),
        ("Sí", "ht", {}, "Sí"),
        ("Vacío", "pt", {}, "Vacío"),
        ("Fuente: {norm}", "pt", {"norm": "Lei {x} 1"}, "Fonte: Lei {x} 1"),
        ("Fuente: {norm}", "fr", {"norm": "1"}, "Fuente: 1"),
        ("Fuente: {norm}", "pt", {}, "Fuente: {norm}"),
        ("Hola", "pt", {}, "Hola"),
        ("{a.__class__} {0} {}", "pt", {"a": "1"}, "{a.__class__} {0} {}"),
    ],
)
def test_translations(
    directory: Path, phrase: str, language: str, values: dict[str, str], expected: str
) -> None:
    """The translation if it is there, approved and fits its values; else the Spanish text."""
    assert Translator(directory)(phrase, language, values) == expected


@pytest.mark.parametrize(
    "body",
    [
        'msgid "a\nmsgstr "b"\n',
        'msgid a\nmsgstr "b"\n',
        'msgid "a" b"\nmsgstr "b"\n',
        "<<<<<<< HEAD\n",
        'msgid "a"\nmsgid "b"\n',
    ],
)
def test_a_broken_catalogue_says_where(tmp_path: Path, body: str) -> None:
    """The operator learns the file, the line and what to do."""
    path = write(tmp_path, "fr", body)
    with pytest.raises(BadCatalogue, match="line 6") as caught:
        Translator(tmp_path)("a", "fr")
    assert str(path) in str(caught.value)
    assert "Correct it" in str(caught.value)


def test_a_catalogue_that_is_no_text_says_where(tmp_path: Path) -> None:
    """Bytes that are no UTF-8 are named as such."""
    path = write(tmp_path, "fr", "")
    path.write_bytes(b'msgid "a"\nmsgstr "\xff\xfe"\n')
    with pytest.raises(BadCatalogue, match=r"orienta\.po"):
        Translator(tmp_path)("a", "fr")


def test_placeholders_are_named() -> None:
    """The names in braces are the values; nothing else is."""
    assert placeholders("{a} {b_2} {0} {} {c.d}") == {"a", "b_2"}


def test_own_texts_can_be_read() -> None:
    """The product's own catalogues are readable in all six languages."""
    for language in ("es", "en", "pt", "fr", "ht", "qu"):
        assert translate("", language) == ""


def test_extraction_finds_phrases_and_labels(tmp_path: Path) -> None:
    """The documented command finds both kinds of texts, and their placeholders."""
    source = tmp_path / "code.py"
    source.write_text('a = Phrase("Uno {n}")\nb = Label("Dos")\nc = Other("Tres")\n')
    out = tmp_path / "orienta.pot"
    config = Path(__file__).parent.parent.parent / "locales" / "babel.cfg"
    command = ["extract", "-F", str(config), "-k", "Phrase", "-k", "Label", "-o", str(out)]
    program = "from babel.messages.frontend import main; main()"
    subprocess.run([sys.executable, "-c", program, *command, str(tmp_path)], check=True)
    text = out.read_text()
    assert '"Uno {n}"' in text
    assert "python-brace-format" in text
    assert '"Dos"' in text
    assert "Tres" not in text
