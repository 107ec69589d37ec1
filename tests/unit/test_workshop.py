"""What only the bot can tell of contents other than articles."""

import ast
from pathlib import Path

from bot import reminders
from bot.panel.workshop import REMINDER_PHRASES, RealWorkshop
from bot.whatsapp.templates import Templates, read_wordings
from content import FOLDER, encoding
from content.catalogue import LANGUAGES
from content.files import read_tree
from locales import Translator, placeholders
from tests.fakes import content as fake

CATALOGUE = read_tree(FOLDER).catalogue


def workshop(folder: Path) -> RealWorkshop:
    """Return a workshop to which Meta has said nothing yet."""
    return RealWorkshop(Templates(folder))


def test_every_phrase_is_one_of_the_program(tmp_path: Path) -> None:
    """A text that nobody says any more would be edited in vain; each is translated."""
    source = Path(reminders.__file__).read_text(encoding="utf-8")
    said = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    assert set(REMINDER_PHRASES.values()) <= said
    for phrase in workshop(tmp_path).phrases():
        assert set(phrase.texts) == set(LANGUAGES)
        assert all(placeholders(t) == placeholders(phrase.msgid) for t in phrase.texts.values())
        assert phrase.texts["en"] != phrase.msgid


def test_a_card_is_shown_as_it_is_sent(tmp_path: Path) -> None:
    """Escaped, on three channels; nothing where it has no text."""
    body = {**encoding.card(fake.CARD), "card": {"es": "Llame al **106** <script>"}}
    shown = workshop(tmp_path).card(CATALOGUE, body, "es")
    assert [one.channel for one in shown] == ["telegram", "whatsapp", "web"]
    assert all("<script>" not in one.bubbles[0].html for one in shown)
    assert workshop(tmp_path).card(CATALOGUE, body, "fr") == []


def test_rules_are_judged_and_tried(tmp_path: Path) -> None:
    """By the very layer that reads messages."""
    rules = CATALOGUE.emergency_rules["es"]
    at_work = workshop(tmp_path)
    assert at_work.problems("rules", "es", rules, "es") == ()
    assert "no puede usar" in at_work.problems("rules", "es", {"nonsense": 1}, "es")[0]
    assert at_work.sign(CATALOGUE, "es", rules, "mi marido me está pegando ahora").by_rules
    assert at_work.sign(CATALOGUE, "es", rules, "quiero renovar mi carné").by_all == ""
    assert at_work.sign(CATALOGUE, "es", {"nonsense": 1}, "ayuda").by_all == ""


def test_states_come_from_meta(tmp_path: Path) -> None:
    """Unknown ones are empty."""
    templates = Templates(tmp_path)
    name = templates.wordings["reminder"]["es"].name
    templates.keep({(name, "es"): "approved"})
    states = {lang: state for lang, _, state in RealWorkshop(templates).states("reminder")}
    assert (states["es"], states["en"], states["ht"]) == ("approved", "", "")
    assert RealWorkshop(templates).states("nothing") == []


def test_published_templates_take_the_place_of_the_files(tmp_path: Path) -> None:
    """Those that cannot be used are left out, and the file's stay."""
    templates = Templates(tmp_path, read_wordings())
    entry = {"name": "orienta_new_2", "texts": {"es": {"code": "es", "body": "Hola."}}}
    templates.reword({"answered": entry, "reminder": {"name": "BAD NAME", "texts": {}}})
    assert templates.wordings["answered"]["es"].name == "orienta_new_2"
    assert templates.wordings["reminder"] == read_wordings()["reminder"]
    templates.reword({})
    assert templates.wordings == read_wordings()


def test_other_words_are_said_and_taken_back() -> None:
    """Where they name a value that is not given, the program's own stand in."""
    translator = Translator(FOLDER.parent / "locales")
    msgid = REMINDER_PHRASES["none"]
    own = translator(msgid, "en")
    translator.overlay({(msgid, "en"): "Nothing set."})
    assert translator(msgid, "en") == "Nothing set."
    assert translator(msgid, "fr") != "Nothing set."
    translator.overlay({(msgid, "en"): "Nothing {set}."})
    assert translator(msgid, "en") == own
    translator.overlay({})
    assert translator(msgid, "en") == own
