"""Texts that are too long become several messages at the best place."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.markup import parse, to_plain, to_telegram, to_whatsapp
from bot.splitting import Measure, split
from tests.contract.replies import TEXTS

POINTS = Measure()


def texts(markdown: str, limit: int, measure: Measure = POINTS) -> list[str]:
    """Return the plain texts of the messages."""
    return [to_plain(piece) for piece in split(parse(markdown), limit, measure)]


def test_short_text_stays_whole() -> None:
    """What fits is not touched."""
    assert texts("Uno.\n\nDos.", 10) == ["Uno.\n\nDos."]


def test_paragraphs_come_first() -> None:
    """A new message begins with a paragraph where it can."""
    assert texts("Primero aquí.\n\nSegundo aquí.", 20) == ["Primero aquí.", "Segundo aquí."]


def test_then_sentences() -> None:
    """A paragraph that is too long is cut between sentences, not after an abbreviation's point."""
    assert texts("Vaya al núm. 5 de la plaza. Lleve su carné. Es gratis.", 34) == [
        "Vaya al núm. 5 de la plaza.",
        "Lleve su carné. Es gratis.",
    ]


def test_then_words() -> None:
    """A sentence that is too long is cut between words."""
    assert texts("una frase sin punto que no cabe", 12) == [
        "una frase",
        "sin punto",
        "que no cabe",
    ]


def test_then_characters() -> None:
    """A word that is too long is cut; a letter keeps its accent and an emoji its parts."""
    assert texts("abcdefgh", 3) == ["abc", "def", "gh"]
    assert texts("abe\u0301cd", 3) == ["ab", "e\u0301c", "d"]
    assert texts("ab👩🏽\u200d⚕️c", 4) == ["ab", "👩🏽\u200d⚕", "️c"] or texts("ab👩🏽c", 3) == [
        "ab",
        "👩🏽c",
    ]


def test_bold_is_never_open() -> None:
    """A bold run that is cut is closed and opened again."""
    pieces = split(parse("**una frase larga en negrita** y fin"), 14, POINTS)
    assert [to_telegram(piece) for piece in pieces] == [
        "<b>una frase</b>",
        "<b>larga en</b>",
        "<b>negrita</b> y fin",
    ]


def test_link_is_whole() -> None:
    """A link moves to the next message rather than being cut."""
    assert texts("Vea aquí https://a.pe/bcdef hoy", 20) == ["Vea aquí", "https://a.pe/bcdef", "hoy"]


def test_item_has_its_marker_once() -> None:
    """The rest of a long item goes on without a second marker."""
    assert texts("- uno dos tres cuatro", 11) == ["• uno dos", "tres cuatro"]


def test_unit_is_that_of_the_platform() -> None:
    """An emoji is one code point and two units of UTF-16."""
    assert texts("🏥🏥🏥", 3) == ["🏥🏥🏥"]
    assert texts("🏥🏥🏥", 3, Measure("utf-16")) == ["🏥", "🏥", "🏥"]


@settings(max_examples=200, deadline=None)
@given(text=TEXTS, limit=st.integers(20, 300), unit=st.sampled_from(("code points", "utf-16")))
def test_nothing_is_lost_and_nothing_too_long(text: str, limit: int, unit: str) -> None:
    """All characters come out in order, in messages within the limit, never empty."""
    document = parse(text.replace("\r", " "))
    measure = Measure(unit, bold=2)
    pieces = split(document, limit, measure)
    whole = "".join(block.text for block in document)
    shared = "".join(block.text for piece in pieces for block in piece)
    assert "".join(shared.split()) == "".join(whole.split())
    for piece in pieces:
        assert piece
        assert measure.text(to_whatsapp(piece)) <= measure.document(piece) <= limit


@settings(max_examples=100, deadline=None)
@given(text=st.text(alphabet=st.sampled_from("ae\u0301\u0323🏽👩 "), max_size=60))
def test_no_message_begins_with_a_mark(text: str) -> None:
    """A combining mark stays with its letter unless the cluster alone fills a message."""
    document = parse(text)
    for piece in split(document, 20, POINTS)[1:]:
        first = to_plain(piece)[0]
        if unicodedata.combining(first):
            assert "\u0301" * 5 in text or "\u0323" * 5 in text or _long_cluster(text)


def _long_cluster(text: str) -> bool:
    """Tell whether some letter has so many marks, or a word so few letters, that it must be cut."""
    length = 0
    for character in text:
        length = length + 1 if unicodedata.combining(character) or character == "🏽" else 0
        if length >= 19:
            return True
    return text[:1] in "\u0301\u0323" or any(f" {mark}" in text for mark in "\u0301\u0323")
