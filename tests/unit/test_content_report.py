"""What the report tells the staff, on small trees whose numbers can be counted by hand."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.__main__ import main
from content.catalogue import Article, Ground, Status
from content.doubts import doubts, hedges, is_press
from content.report import report
from tests.fakes.content import TODAY, article, catalogue, changed, write

NORM = "https://www.gob.pe/norma"
PRESS = "https://amp.rpp.pe/nota"
EASY = "La casa es de mi mamá. " * 5


def one(text: str, *ground: Ground, **changes: object) -> Article:
    """Return an article whose answer says this and rests on these sources."""
    made = article("health/access", (), {"answer": text})
    return replace(made, ground=ground, **changes)  # type: ignore[arg-type]


def source(address: str, when: str | None, *supports: str) -> Ground:
    """Return a source of the answer."""
    return Ground("Ley 1", address, when, supports or ("answer",))


def lines_of(*articles: Article, today: date = TODAY) -> list[str]:
    """Return the lines of a report, without the spaces that align them."""
    made = report(catalogue(articles=articles), today)
    return [" ".join(line.split()) for line in made.split("\n")]


# --- doubts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ground", "points"),
    [
        ("Sí.", (source(NORM, "2026-11-23"), source(NORM, "2001")), 0),
        ("Sí.", (source(NORM, "2025-11-23"), source(NORM, "2001")), 1),
        ("Sí.", (source(NORM, "2025-11-24"), source(NORM, "2001")), 0),
        ("Sí.", (source(NORM, "2010"), source(NORM, None)), 4),
        ("Sí.", (source(NORM, None), source(NORM, None)), 4),
        ("Sí.", (source(PRESS, "2026-11"), source(PRESS, "2026-11")), 2),
        ("Sí.", (source(PRESS, "2026-11"), source(NORM, "2026-11")), 0),
        ("Sí.", (source(NORM, "2026-11"),), 1),
        ("Sí.", (source(NORM, "2026-11", "cost"),), 7),
        ("Según una nota, sí.", (source(NORM, "2026"), source(NORM, "2026")), 1),
        (
            "Según una nota, no está confirmado (dato de 2020). Confirme antes.",
            (source(PRESS, None),),
            10,
        ),
    ],
)
def test_points_add_up(text: str, ground: tuple[Ground, ...], points: int) -> None:
    """Age, press, a single source and wording, each as the docstring says."""
    found = doubts(catalogue(articles=(one(text, *ground),)), TODAY)
    assert sum(doubt.points for doubt in found) == points
    assert len(found) == (points > 0)


def test_the_most_doubtful_come_first_with_their_reasons() -> None:
    """Unwritten articles state nothing that could be doubted."""
    sure = replace(one("Sí.", source(NORM, "2025")), id="health/a")
    unsure = replace(one("Según dicen, sí.", source(PRESS, None)), id="health/b")
    empty = replace(one("", source(PRESS, None)), id="health/c", status=Status.UNWRITTEN)
    found = doubts(catalogue(articles=(sure, unsure, empty)), TODAY)
    assert [(d.article, d.section, d.points) for d in found] == [
        ("health/b", "answer", 8),
        ("health/a", "answer", 2),
    ]
    assert found[0].reasons == (
        "no dated source",
        "only press or copies",
        "a single source",
        "says 'según'",
    )


@pytest.mark.parametrize(
    ("address", "press"),
    [
        ("https://rpp.pe/a", True),
        ("https://amp.rpp.pe/a", True),
        ("https://notrpp.pe/a", False),
        ("https://www.gob.pe/rpp.pe", False),
        ("https://[bad", False),
    ],
)
def test_the_press_is_known_by_its_domain(address: str, press: bool) -> None:
    """With its subdomains, and never by what else an address holds."""
    assert is_press(address) is press


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("Cuesta S/ 40.60 (dato de 09/2025: confirme antes).", ["dato de", "confirme"]),
        ("No está confirmado. El plazo no fue confirmado.", ["no confirmado"]),
        ("No encontramos la norma. Esta fuente no tiene fecha.", ["no encontramos", "sin fecha"]),
        ("Tiene derecho a que le atiendan.", []),
    ],
)
def test_hedged_wording_is_recognised(text: str, kinds: list[str]) -> None:
    """Each kind of phrase counts once."""
    assert hedges(text) == kinds


# --- the report ----------------------------------------------------------------------------------


def test_coverage_counts_what_is_written() -> None:
    """Two of three articles are published; one text in English is stale."""
    given = changed(catalogue(), "health/access", "es", revision=2, translates=2)
    made = report(given, TODAY).split("\n")
    lines = [" ".join(line.split()) for line in made]
    assert lines[:2] == ["COVERAGE", "2 of 3 articles are published."]
    # 3 articles of 20 examples each, intents of 23 and 20.
    assert "es 2 4 103 0 0" in lines
    assert "en 2 4 103 0 1" in lines
    assert "qu 2 4 103 2 1" in lines


def test_ages_and_dates_that_come() -> None:
    """Sources by year; what is due, today included, and what is due in 60 days or less."""
    ground = (source(NORM, "2025-03"), source(NORM, "2025"), source(NORM, None))
    due = {"a": TODAY, "b": date(2026, 11, 24), "c": date(2027, 1, 22), "d": date(2027, 1, 23)}
    articles = [
        replace(one("Sí.", *ground, review_due=day), id=f"health/{name}")
        for name, day in due.items()
    ]
    articles[0] = replace(articles[0], valid_until=date(2026, 11, 22))
    lines = lines_of(*articles)
    at = lines.index("Sources by the year of their own date:")
    assert lines[at + 1 : at + 4] == ["year sources", "2025 8", "undated 4"]
    assert lines[at + 4 : at + 11] == [
        "Review past due: 1.",
        "2026-11-23 health/a",
        "Review due within 60 days: 2.",
        "2026-11-24 health/b",
        "2027-01-22 health/c",
        "Withheld, past `valid_until`: 1.",
        "2026-11-22 health/a",
    ]


def test_at_most_twenty_doubts_are_listed() -> None:
    """However many there are."""
    articles = [replace(one("Sí.", source(NORM, None)), id=f"health/a{n:02}") for n in range(25)]
    listed = [line for line in lines_of(*articles) if line.startswith("5 health/")]
    assert len(listed) == 20
    assert listed[0] == "5 health/a00, answer: no dated source; a single source."


def test_readability_per_topic_and_in_all() -> None:
    """Median and minimum; a topic without texts has none; two languages have no formula."""
    hard = "Solicitud importante. " * 15
    articles = (one(EASY, source(NORM, "2026")), replace(one(hard), id="health/b"))
    lines = lines_of(*articles)
    at = lines.index("READABILITY")
    header = "topic es INFLESZ en Flesch reading ease pt Flesch (Martins) fr Flesch (Kandel-Moles)"
    assert lines[at + 2] == header
    # 206.835 - 6 - 62.3 * 8 / 6 = 117.77; 206.835 - 2 - 62.3 * 4 = -44.37; the middle is 36.70.
    assert lines[at + 3].startswith("health 36.7 / -44.4 ")
    assert lines[at + 4] == "rights - - - -"
    assert lines[at + 5].startswith("all 36.7 / -44.4 ")
    assert lines[at + 6] == "No score for ht and qu: no validated formula is known."


def test_the_command_prints_the_report_of_a_folder(tmp_path: Path) -> None:
    """On standard output; what cannot be read makes it fail, after the report."""
    root = write(catalogue(), tmp_path)
    good = CliRunner().invoke(main, ["content", "report", str(root)])
    assert good.exit_code == 0
    assert good.stdout.startswith("COVERAGE\n2 of 3 articles are published.\n")
    (root / "help.yml").write_text("help: [")
    bad = CliRunner().invoke(main, ["content", "report", str(root)])
    assert bad.exit_code == 1
    assert bad.stdout.startswith("COVERAGE\n")
    assert "orienta content check" in bad.stderr
