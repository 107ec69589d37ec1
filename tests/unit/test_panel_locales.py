"""The panel in English: nothing is missing or left over, and values stand in their place."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import bot.panel
import content
import content.panel
from locales import placeholders

FOLDERS = [Path(package.__path__[0]) for package in (content.panel, bot.panel)]
CONTENT = Path(content.__path__[0])
PO = Path(__file__).parents[2] / "locales" / "en" / "LC_MESSAGES" / "panel.po"
METHODS = [("**.py", "python"), ("**.html", "jinja2")]


def english() -> dict[str, str]:
    """Return the translations by their Spanish text."""
    with PO.open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file) if m.id}


def asked_for() -> set[str]:
    """Return the texts that templates and `say(…)` ask for by name."""
    return {
        str(message)
        for folder in FOLDERS
        for _, _, message, _, _ in extract_from_dir(
            folder, METHODS, keywords={"_": None, "say": None}
        )
    }


def written() -> set[str]:
    """Return every text that stands in the code, in templates, and as a value of a YAML file."""
    found = asked_for()
    for path in CONTENT.glob("*.yml"):
        found.update(re.findall(r": (.+)$", path.read_text(encoding="utf-8"), re.M))
    for folder in (CONTENT, *FOLDERS):
        for path in folder.rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found.add(node.value)
    return found


def test_every_text_has_an_english_one() -> None:
    """Add it to locales/en/LC_MESSAGES/panel.po."""
    assert asked_for() - english().keys() == set()


def test_no_translation_is_left_over() -> None:
    """Its Spanish text still stands somewhere; take it out if not."""
    assert english().keys() - written() == set()


def test_translations_hold_the_same_values() -> None:
    """A value that is not given would show the Spanish text."""
    wrong = {es for es, en in english().items() if placeholders(es) != placeholders(en)}
    assert wrong == set()


@pytest.mark.parametrize("text", ["", " "])
def test_no_translation_is_empty(text: str) -> None:
    """Nor made of blanks."""
    assert text not in {english_text.strip() for english_text in english().values()}
