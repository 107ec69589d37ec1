"""The page for the staff says what was found and fetches nothing."""

import math
import re
from html.parser import HTMLParser

from nlu.evaluate import OVERALL
from nlu.report.figures import Figures, figures
from nlu.report.page import Names, page
from nlu.report.parts import measure_dangers, measure_languages
from nlu.report.rows import DangerPhrase, ShortMessage
from nlu.report.whole import Report
from tests.unit.test_report_figures import ROWS, A, Alarmed, Spanish, asked

NAMES = Names(
    {"es": "Español", "pt": "Portugués"},
    {"health": "Salud", "work": "Trabajo"},
    {A: "Parto gratis"},
    {"medical": "Emergencia médica"},
)
EVIL = "<script>alert(1)</script> & \"quotes\" 'too'"


def measured(*more: object) -> Figures:
    """Count the rows, and more of them."""
    return figures(
        (*ROWS, *more),  # type: ignore[arg-type]
        ("health", "work"),
        lambda one: (math.nan, math.nan, math.nan) if one == OVERALL else (0.6, 0.1, 0.4),
    )


def whole(questions: Figures | None) -> str:
    """Draw a page of everything."""
    phrases = (
        DangerPhrase("¡ayuda!", "es", "medical", "development"),
        DangerPhrase("¡hola!", "pt", None, "development"),
    )
    messages = (ShortMessage("oi", ("pt",), None, "", "held_out"),)
    report = Report(
        "questions.jsonl",
        "2026-01-01",
        questions,
        measure_dangers(phrases, Alarmed()),
        measure_languages(messages, Spanish()),
    )
    return page(report, NAMES)


class Balance(HTMLParser):
    """Fails on an element that is closed but not open, and remembers what stays open."""

    VOID = frozenset({"meta", "link", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        return

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_is_whole_and_fetches_nothing() -> None:
    """Every element is closed; no script, no address, no file is named."""
    text = whole(measured())
    balance = Balance()
    balance.feed(text)
    assert balance.open == []
    assert "<script" not in text
    assert not re.search(r"(src|href)\s*=\s*\"(?!#|data:,)", text)
    assert not re.search(r"url\(|@import|https?://", text)


def test_what_people_wrote_is_text_and_nothing_else() -> None:
    """Markup in a question is shown, not obeyed."""
    text = whole(measured(asked(A, "work/pay", text=EVIL, confidence=1.0)))
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_the_page_names_what_it_shows() -> None:
    """Languages, topics, articles and dangers stand by their Spanish names; no NaN anywhere."""
    text = whole(measured())
    for name in ("Español", "Trabajo", "Parto gratis", "Emergencia médica", "Desarrollo"):
        assert name in text
    assert "nan" not in text.lower().replace("financ", "")


def test_parts_alone_make_a_page() -> None:
    """Without questions the phrases are shown, and nothing of the rest."""
    text = whole(None)
    assert "Frases de peligro" in text
    assert "Temas confundidos" not in text
