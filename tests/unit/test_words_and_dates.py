"""What is read without a model: commands, dates, places that are near enough."""

from datetime import date

import pytest

from actions.nearest import nearest
from bot.dates import date_in, is_like_date
from bot.handover import RESUME
from bot.typed import command_of
from content.catalogue import LANGUAGES
from locales import translate
from tests.fakes.catalogue import office

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    "text",
    ["STOP", "Baja.", "darme de baja", "unsubscribe", "descadastrar", "Arrêtez!", "désinscrire",
     "sispann", "pa voye mesaj ankò", "Sayachiy"],
)  # fmt: skip
def test_nobody_has_to_know_the_english_word(text: str) -> None:
    """Each language has a word that ends all messages."""
    assert command_of(text) == "stop"


@pytest.mark.parametrize("text", ["salir", "sair do Peru", "rete", "pare", "parar de trabajar"])
def test_words_that_mean_something_else_stop_nothing(text: str) -> None:
    """Leaving the country, staying somewhere, ending a job: none ends the messages."""
    assert command_of(text) != "stop"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_the_button_that_ends_silence_can_be_typed(language: str) -> None:
    """Even when other buttons have taken its place."""
    assert command_of(translate(RESUME.label.text, language)) == "resume"


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("12/31/2027", date(2027, 12, 31)),
        ("31/12/2027", date(2027, 12, 31)),
        ("03/04/2027", date(2027, 4, 3)),
        ("13/13/2027", None),
        ("31/02/2027", None),
    ],
)
def test_a_date_that_can_only_be_meant_one_way_is_taken(text: str, due: date | None) -> None:
    """The day stands first, unless only the month can."""
    assert date_in(text, TODAY) == due


def test_figures_are_an_attempt_at_a_date() -> None:
    """Words with figures are not."""
    assert is_like_date("31/02/2027")
    assert is_like_date("31 02 27")
    assert not is_like_date("ley 31020")
    assert not is_like_date("/")


def test_far_offices_are_not_named_beside_near_ones() -> None:
    """The nearest is named however far; others when near, or not twice as far."""
    here = (-12.0, -77.0)
    at = [office("cem", name, "x", -12.0 + south, -77.0) for name, south in
          (("a", -0.01), ("b", -0.2), ("c", -1.6))]  # fmt: skip
    assert [f.office.name for f in nearest(at, "cem", *here)] == ["a", "b"]
    assert [f.office.name for f in nearest(at[2:], "cem", *here)] == ["c"]
