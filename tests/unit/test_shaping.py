"""Replies become messages that fit a platform."""

from collections.abc import Mapping

import pytest

from bot.bodies import clean, place, read_object, same_secret
from bot.channel import BadBody, Limits
from bot.markup import to_plain
from bot.messages import Choice, Label, Located, Passage, Phrase, Reply
from bot.shaping import Menu, Shaped, fit, shape
from bot.splitting import Measure

SMALL = Limits(
    text=60, text_with_options=40, buttons=2, button_label=8, rows=4, row_label=12, row_detail=20
)
MENU = {"es": "Menú", "qu": "Qallariy"}


def translate(phrase: str, language: str, values: Mapping[str, str]) -> str:
    """Translate one word, and put values in."""
    text = MENU[language] if phrase == "Menú" else phrase
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def shaped(
    text: str, *choices: Choice, limits: Limits = SMALL, language: str = "es"
) -> tuple[Shaped, ...]:
    """Shape a passage with choices."""
    return shape(Reply(language, (Passage(text),), choices), limits, translate)


def labels(message: Shaped) -> list[str]:
    """Return the labels of a message's options."""
    return [option.label for option in message.options]


def test_phrases_and_passages_become_one_text() -> None:
    """Interface texts are translated with their values, passages stay, controls go."""
    parts = (Phrase("Fuente: {norm}.", {"norm": "Ley 1"}), Passage("**A**\x00\u202eb"))
    (message,) = shape(Reply("es", parts), SMALL, translate)
    assert to_plain(message.text) == "Fuente: Ley 1.\n\nAb"


def test_labels_are_in_the_readers_language() -> None:
    """A `Label` is translated, a label from the content is not."""
    (message,) = shaped("a", Choice("m", Label("Menú")), Choice("x", "Menú"), language="qu")
    assert labels(message) == ["Qallariy", "Menú"]


def test_few_short_choices_are_buttons() -> None:
    """Buttons come first."""
    (message,) = shaped("a", Choice("1", "Sí"), Choice("2", "No"))
    assert message.menu is Menu.BUTTONS


def test_choices_that_are_no_buttons_are_rows() -> None:
    """Too many or too long for buttons, they are rows; a label that is cut stands in the detail."""
    long = Choice("1", "Pedir ayuda legal", "otra cosa")
    (message,) = shaped("a", long, Choice("2", "No", "detalle"))
    assert message.menu is Menu.ROWS
    assert [(o.label, o.detail) for o in message.options] == [
        ("Pedir ayuda…", "Pedir ayuda legal"),
        ("No", "detalle"),
    ]


@pytest.mark.parametrize(
    "choices",
    [
        [Choice(str(n), f"Opción {n}") for n in range(5)],
        [Choice("1", "x" * 30), Choice("2", "x" * 31)],
        [Choice("1", "Igual"), Choice("2", "Igual")],
        [Choice("x" * 65, "Sí")],
        [Choice("ñ" * 33, "Sí")],
        [Choice(" a", "Sí")],
    ],
    ids=["too many", "equal when cut", "equal", "long id", "id of many bytes", "id with a space"],
)
def test_choices_that_no_menu_takes_are_numbered(choices: list[Choice]) -> None:
    """Nothing is left out: the choices stand in the text with their numbers."""
    messages = shaped("Elija", *choices)
    assert messages[-1].menu is Menu.NUMBERS
    text = "\n".join(to_plain(message.text) for message in messages)
    assert text.startswith("Elija\n1. ")
    assert f"{len(choices)}. " in text
    assert len(messages[-1].options) == len(choices)


def test_long_text_with_choices_is_numbered_in_one_message() -> None:
    """A text that fits a message, but not one with buttons, has its choices numbered."""
    (message,) = shaped("una frase de casi cincuenta letras, para probar.", Choice("1", "Sí"))
    assert message.menu is Menu.NUMBERS
    assert to_plain(message.text).endswith("\n1. Sí")


def test_very_long_text_has_its_choices_at_the_end() -> None:
    """Only the last of several messages carries the options."""
    limits = Limits(text=40, text_with_options=40, buttons=2, button_label=8)
    *firsts, last = shaped("Una frase corta. " * 6, Choice("1", "Sí"), limits=limits)
    assert len(firsts) == 2
    assert all(first.menu is Menu.NONE for first in firsts)
    assert last.menu is Menu.BUTTONS


def test_reply_of_nothing_is_no_message() -> None:
    """Nothing to show gives nothing; choices without a text get one."""
    assert shaped("\x00 \u200b\n") == ()
    (message,) = shaped("\x00", Choice("1", "\x00"), Choice("1", "otra"))
    assert to_plain(message.text) == "Elija una opción:"
    assert labels(message) == ["1"]


def test_place_is_asked_for_in_the_last_message() -> None:
    """The wish for a place is kept."""
    reply = Reply("es", (Passage("¿Dónde?"),), asks_location=True)
    (message,) = shape(reply, SMALL, translate)
    assert message.asks_location


def test_numbers_do_not_run_on_from_a_list() -> None:
    """Numbered choices under numbered steps stand apart."""
    choices = [Choice(str(n), f"Opción {n}") for n in range(5)]
    messages = shaped("1. Vaya", *choices, limits=Limits(200, 200, 0, 0))
    assert to_plain(messages[0].text).startswith("1. Vaya\n\n1. Opción 0\n2. ")


@pytest.mark.parametrize(
    ("label", "limit", "expected"),
    [
        ("Salud", 5, "Salud"),
        ("🏥 Salud", 5, "Salud"),
        ("Pedir ayuda legal", 12, "Pedir ayuda…"),
        ("Otorrinolaringología", 8, "Otorrin…"),
        ("a bcdefghijk", 8, "a bcdef…"),
    ],
)
def test_labels_are_cut_where_it_hurts_least(label: str, limit: int, expected: str) -> None:
    """The icon goes first, then words, then letters."""
    assert fit(label, limit, Measure()) == expected


# --- raw texts and bodies ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\x00b\x1b[1m\x7f\x9f", "ab[1m"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\tb", "a b"),
        ("\ud83d a\ufeff\ufffe\U0001ffff", " a"),
        ("\u202eabc\u2066", "abc"),
        ("👩🏽\u200d⚕️ مرحبا e\u0301 ñ", "👩🏽\u200d⚕️ مرحبا e\u0301 ñ"),
    ],
)
def test_clean_takes_away_what_harms(text: str, expected: str) -> None:
    """Controls, broken characters and turned directions go; everything that shows stays."""
    assert clean(text) == expected


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{", b"\xff", b'{"a":Infinity}', b"[" * 200_000]
)
def test_bodies_that_are_no_objects(body: bytes) -> None:
    """Whatever is wrong with a body, it is one error, which does not quote it."""
    with pytest.raises(BadBody) as caught:
        read_object(body)
    assert caught.value.__context__ is None


def test_secrets_are_compared_as_bytes() -> None:
    """Equal is equal, an empty secret is equal to nothing, and no text is an error."""
    assert same_secret("añb", "añb")
    assert not same_secret("a", "b")
    assert not same_secret("", "")
    assert not same_secret("\udcff", "a")


@pytest.mark.parametrize(
    ("lat", "lon", "expected"),
    [
        (-12, -77.5, Located(-12.0, -77.5)),
        (90, 180, Located(90.0, 180.0)),
        (90.1, 0, None),
        (0, -181, None),
        (float("nan"), 0, None),
        (True, 0, None),
        ("1", 2, None),
        (10**400, 0, None),
        (None, None, None),
    ],
)
def test_places_are_on_earth(lat: object, lon: object, expected: Located | None) -> None:
    """Only numbers of degrees that exist are a place."""
    assert place(lat, lon) == expected
