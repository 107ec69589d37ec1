"""The notice at the start, and words that staff publish in place of the program's."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from actions.effects import RecordMiss
from actions.misses import scrub
from bot import replies
from bot.engine import respond
from bot.messages import Asked, Chose, Commanded, Passage
from bot.policy import Policy
from bot.state import Conversation
from content import encoding
from content.catalogue import Notice, Phrasing
from content.checks import check
from content.files import read_tree
from nlu.understanding import LanguageGuess, Source, Understanding
from tests.fakes import content as fake

NOTICE = Notice(fake.everywhere("El lunes no se atiende."), date(2026, 12, 7), date(2026, 12, 8))
PHRASE = Phrasing("due", "Vence el {date}.", MappingProxyType({"es": "El {date} vence."}))


def test_contents_without_any_keep_their_version() -> None:
    """What nobody uses changes nothing."""
    old = fake.catalogue()
    again = encoding.with_articles(old, old.articles.values())
    assert again.version == old.version
    assert _with(NOTICE).version != old.version


def _with(notice: Notice | None) -> "encoding.Catalogue":
    old = fake.catalogue()
    return encoding.catalogue(
        articles=old.articles.values(), topics=old.topics.values(),
        intents=old.intents.values(), cards=old.cards.values(), paths=old.paths.values(),
        offices=old.offices, help=old.help, emergency_rules=old.emergency_rules,
        places=old.places, desk=old.desk, notice=notice, phrases=[PHRASE], scrubbed=["Acme"],
    )  # fmt: skip


def test_they_are_files_as_well(tmp_path: Path) -> None:
    """What is written is read again, without a fault of its own."""
    tree = read_tree(fake.write(_with(NOTICE), tmp_path))
    assert tree.faults == ()
    assert tree.catalogue == _with(NOTICE)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"first": None}, "from when until when"),
        ({"last": date(2026, 12, 1)}, "ends before"),
        ({"first": date(2026, 1, 1), "last": date(2026, 1, 2)}, "is over"),
        ({"texts": MappingProxyType({"es": "x"})}, "missing in `en`"),
        ({"texts": fake.everywhere("x" * 300)}, "at most 300"),
    ],
)
def test_faulty_notices_are_told(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    """Each with its own sentence."""
    wrong = replace(NOTICE, **changes)  # type: ignore[arg-type]
    tree = read_tree(fake.write(_with(wrong), tmp_path))
    found = [fault.what for fault in check(tree, today=fake.TODAY) if "notice" in fault.file]
    assert any(said in what for what in found), found


@pytest.mark.parametrize(
    ("day", "shown"), [(6, False), (7, True), (8, True), (9, False)]
)  # fmt: skip
def test_it_is_shown_from_the_first_to_the_last_day(day: int, shown: bool) -> None:
    """Beneath the menu and the welcome, in her language."""
    catalogue = _with(NOTICE)
    for reply in (replies.menu("qu"), replies.welcome("qu")):
        told = replies.with_notice(reply, catalogue, date(2026, 12, day))
        assert (told.parts[-1] == Passage("El lunes no se atiende. qu")) is shown
        assert told.choices == reply.choices


def test_a_missing_language_reads_spanish() -> None:
    """A notice in no language she reads is better than none."""
    only = replace(NOTICE, texts=MappingProxyType({"es": "Cerrado."}))
    told = replies.with_notice(replies.menu("fr"), _with(only), date(2026, 12, 7))
    assert told.parts[-1] == Passage("Cerrado.")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("trabajo en acme desde ayer", "trabajo en … desde ayer"),
        ("ACMÉ no paga", "… no paga"),
        ("acmecorp paga", "acmecorp paga"),
        ("vivo en Cerro   Azul, solo", "vivo en …, solo"),
        ("CERRO AZÚL", "…"),
        ("nada", "nada"),
    ],
)
def test_words_of_the_staff_are_not_kept(text: str, kept: str) -> None:
    """Whole words and phrases, whatever their case and accents."""
    assert scrub(text, ("Acme", "cerro azul", " ", "(")) == kept


def test_the_engine_shows_it_with_the_welcome_and_the_menu() -> None:
    """And keeps none of the words of the staff in what is stored."""
    catalogue, new = _with(NOTICE), Conversation()
    at = datetime(2026, 12, 7, 15, tzinfo=UTC)
    for event in (Commanded("start"), Chose("menu")):
        (reply,) = respond(new, event, catalogue, Policy(), at).replies
        assert Passage("El lunes no se atiende. es") in reply.parts
        (later,) = respond(new, event, catalogue, Policy(), at.replace(day=10)).replies
        assert Passage("El lunes no se atiende. es") not in later.parts
    nothing = Understanding(LanguageGuess("es", 0.0), (), None, Source.RASA)
    turn = respond(new, Asked("me deben en ACMÉ", nothing), catalogue, Policy(), at)
    assert [e.question for e in turn.effects if isinstance(e, RecordMiss)] == ["me deben en …"]
