"""What the checks find, each on a folder that is good but for one thing."""

import time
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from content.catalogue import Catalogue, Status
from content.checks import check
from content.checks.examples import normalised
from content.checks.grounds import first_day
from content.checks.parity import differences, facts
from content.faults import Fault, FaultyTree, Severity, errors, format_faults
from content.files import read_tree
from tests.fakes.content import OFFICES, PLACES, SECTIONS, TODAY, article, catalogue, changed, write

ACCESS = "articles/health/access"
HEALTH = "health/access"


def found(root: Path, given: Catalogue) -> tuple[Fault, ...]:
    """Write a catalogue and check it as of the day of the tests."""
    return check(read_tree(write(given, root)), today=TODAY)


def with_article(**changes: object) -> Catalogue:
    """Return the small catalogue with some fields of one article changed."""
    articles = catalogue().articles
    changed_one = replace(articles[HEALTH], **changes)  # type: ignore[arg-type]
    return catalogue(articles=(changed_one, *list(articles.values())[1:]))


def with_sections(sections: Mapping[str, str], **per_language: str) -> Catalogue:
    """Return the small catalogue with other sections; a language may have another answer."""
    given = catalogue(
        articles=(
            article(HEALTH, ("health/birth", "rights/overview"), sections),
            *list(catalogue().articles.values())[1:],
        )
    )
    for language, answer in per_language.items():
        given = changed(given, HEALTH, language, sections={**sections, "answer": answer})
    return given


def says(faults: tuple[Fault, ...], file: str, what: str) -> list[Fault]:
    """Return the faults of a file that hold some words."""
    return [fault for fault in faults if fault.file == file and what in fault.what]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"related": ("health/birth",)}, "1 related articles"),
        ({"related": ("health/birth", "health/nowhere")}, "`health/nowhere` is unknown"),
        ({"related": ("health/birth", HEALTH)}, "the article itself"),
        ({"related": ("health/birth", "health/birth")}, "named twice"),
        ({"emergency": "volcano"}, "card `volcano` is unknown"),
        ({"ground": ()}, "no ground"),
        ({"review_due": None}, "no `review_due`"),
        ({"status": Status.UNWRITTEN}, "has a ground"),
    ],
)
def test_an_article_names_what_exists_and_rests_on_something(
    tmp_path: Path, changes: dict[str, object], what: str
) -> None:
    """References, ground and dates of `article.yml`."""
    faults = found(tmp_path, with_article(**changes))
    assert says(errors(faults), f"{ACCESS}/article.yml", what), format_faults(faults)


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"verified_on": None}, "first entry of `ground` has no date"),
        ({"verified_on": "2026-12"}, "future"),
        ({"verified_on": "2026-11-24"}, "future"),
        ({"verified_on": "hace poco"}, "not written YYYY"),
        ({"verified_on": "2025-13"}, "not written YYYY"),
        ({"source": "www.gob.pe"}, "not a web address"),
        ({"source": "javascript:alert(1)"}, "not a web address"),
        ({"source": "https://[bad"}, "not a web address"),
        ({"supports": ("answers",)}, "no section `answers`"),
    ],
)
def test_a_ground_is_dated_and_has_an_address(
    tmp_path: Path, changes: dict[str, object], what: str
) -> None:
    """Each entry of `ground`."""
    ground = replace(catalogue().articles[HEALTH].ground[0], **changes)  # type: ignore[arg-type]
    faults = found(tmp_path, with_article(ground=(ground,)))
    assert says(errors(faults), f"{ACCESS}/article.yml", what), format_faults(faults)


def test_today_and_months_of_this_year_are_not_the_future(tmp_path: Path) -> None:
    """A source of today may be cited."""
    assert first_day("2026") == date(2026, 1, 1)
    for written in ("2026", "2026-11", "2026-11-23"):
        ground = replace(catalogue().articles[HEALTH].ground[0], verified_on=written)
        assert not errors(found(tmp_path / written, with_article(ground=(ground,))))


def test_sections_without_a_source_are_warned_of(tmp_path: Path) -> None:
    """A fact without a source is not to be published; a ground for nothing is a slip."""
    ground = replace(catalogue().articles[HEALTH].ground[0], supports=("answer", "rights"))
    faults = found(tmp_path, with_article(ground=(ground,)))
    assert says(faults, f"{ACCESS}/article.yml", "No entry of `ground` supports the section `cost`")
    assert says(faults, f"{ACCESS}/article.yml", "`rights`, which is not written")


def test_dates_that_have_come_are_warned_of(tmp_path: Path) -> None:
    """Due reviews and withdrawn texts show in the check, and do not stop an import."""
    past = date(2026, 1, 31)
    faults = found(tmp_path, with_article(review_due=past, valid_until=past))
    assert errors(faults) == ()
    assert says(faults, f"{ACCESS}/article.yml", "review is due")
    assert says(faults, f"{ACCESS}/article.yml", "past `valid_until`")


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"title": "x" * 73}, "`title` has 73 characters; at most 72 fit"),
        ({"label": "x" * 21}, "`label` has 21 characters; at most 20 fit"),
        ({"sections": {**SECTIONS, "answer": "x " * 301}}, "`answer` has 601 characters"),
        ({"sections": {**SECTIONS, "steps": "x " * 451}}, "`steps` has 901 characters"),
        ({"sections": {"answer": SECTIONS["answer"]}}, "section `steps`, which the Spanish"),
        ({"sections": {**SECTIONS, "time": "x"}}, "section `time` is not in the Spanish"),
        ({"sections": {**SECTIONS, "steps": "[aquí](https://x.pe)"}}, "a link in brackets"),
        ({"sections": {**SECTIONS, "steps": "# Título"}}, "a heading"),
        ({"sections": {**SECTIONS, "steps": "<b>x</b>"}}, "an HTML tag"),
        ({"sections": {**SECTIONS, "steps": "- a\n  - b"}}, "a nested list"),
        ({"sections": {**SECTIONS, "steps": "Un **hospital"}}, "not closed"),
        ({"sections": {**SECTIONS, "steps": "Un *hospital*"}}, "stands alone"),
        ({"sections": {**SECTIONS, "steps": "http://x.pe"}}, "without https"),
        ({"examples": ("una",)}, "Only 1 examples in `en`; at least 12"),
        ({"label": "birth en"}, "also that of health/birth"),
    ],
)
def test_a_text_fits_and_says_the_same(
    tmp_path: Path, changes: dict[str, object], what: str
) -> None:
    """Lengths, sections, Markdown, examples and labels of one language's file."""
    faults = found(tmp_path, changed(catalogue(), HEALTH, "en", **changes))
    at = says(errors(faults), f"{ACCESS}/en.yml", what)
    assert at, format_faults(faults)
    if "sections" in changes or "label" in changes:
        assert at[0].line > 1


def test_a_stale_translation_is_a_warning_with_all_that_follows_from_it(tmp_path: Path) -> None:
    """The Spanish text moved on: staff see what differs, readers keep the old text."""
    sections = {**SECTIONS, "time": "Tarda 300 días."}
    given = changed(catalogue(), HEALTH, "es", revision=2, translates=2, sections=sections)
    faults = [f for f in found(tmp_path, given) if f.file == f"{ACCESS}/en.yml"]
    assert {f.severity for f in faults} == {Severity.WARNING}
    assert any("revision 1 of 2" in f.what for f in faults)
    assert any("`time`" in f.what for f in faults)


def test_missing_languages_are_errors(tmp_path: Path) -> None:
    """In articles, cards, topics and the help."""
    root = write(catalogue(), tmp_path)
    (root / f"{ACCESS}/fr.yml").unlink()
    (root / "articles/health/birth/es.yml").unlink()
    for file in ("help.yml", "topics.yml", "emergency/medical.yml"):
        path = root / file
        kept = path.read_text().replace("  qu: |\n", "  qu: |\n\n", 1).split("\n")
        at = kept.index("  qu: |") if file != "topics.yml" else kept.index("    qu: |")
        indent = len(kept[at]) - len(kept[at].lstrip())
        end = at + 1
        while end < len(kept) and (not kept[end] or kept[end].startswith(" " * (indent + 1))):
            end += 1
        path.write_text("\n".join(kept[:at] + kept[end:]))
    faults = errors(check(read_tree(root), today=TODAY))
    assert says(faults, f"{ACCESS}/article.yml", "`fr` is missing")
    assert says(faults, "articles/health/birth/article.yml", "Spanish text is missing")
    for file in ("help.yml", "topics.yml", "emergency/medical.yml"):
        assert says(faults, file, "missing in `qu`"), format_faults(faults)


def test_quechua_and_creole_wait_for_a_speaker(tmp_path: Path) -> None:
    """A text that claims to have been read is pointed out."""
    given = changed(catalogue(), HEALTH, "qu", pending_review=False)
    faults = found(tmp_path, given)
    assert errors(faults) == ()
    assert says(faults, f"{ACCESS}/qu.yml", "a speaker has read it")


def test_an_unwritten_article_may_have_few_examples_and_no_sections(tmp_path: Path) -> None:
    """Few examples are a warning there; sections are an error."""
    few = changed(catalogue(), "health/birth", "es", examples=("una",))
    faults = found(tmp_path / "few", few)
    file = "articles/health/birth/es.yml"
    assert errors(faults) == ()
    assert says(faults, file, "Only 1 examples")
    written = changed(catalogue(), "health/birth", "es", sections={"answer": "Sí."})
    assert says(
        errors(found(tmp_path / "written", written)), file, "unwritten article has sections"
    )


def test_an_unknown_topic_is_an_error(tmp_path: Path) -> None:
    """Its articles could not be reached from the menu."""
    given = list(catalogue().articles.values())
    given.append(article("ghosts/one", ("health/birth", HEALTH)))
    faults = found(tmp_path, catalogue(articles=tuple(given)))
    assert says(errors(faults), "articles/ghosts/one/article.yml", "topic `ghosts` is unknown")


def test_offices_lie_in_peru_and_are_dated(tmp_path: Path) -> None:
    """Each row of the directory."""
    good = OFFICES[0]
    rows = (
        replace(good, name="a", lat=40.4, lon=-3.7),
        replace(good, name="b", precision="roughly"),
        replace(good, name="c", source_date=""),
        replace(good, name="d", source_date="2012 (existencia)"),
        replace(good, name="e", address="SIN FUENTE (calle)"),
        good,
    )
    faults = found(tmp_path, catalogue(offices=(*rows, good)))
    texts = [(f.line, f.severity.value) for f in faults if f.file == "offices.csv"]
    assert texts == [
        (2, "error"), (3, "error"), (4, "error"), (6, "warning"), (8, "warning"),
    ]  # fmt: skip


def test_districts_lie_in_peru_once_and_under_one_name(tmp_path: Path) -> None:
    """Each row of the places; a folder may do without them."""
    good = PLACES[0]
    rows = (
        good,
        replace(good, ubigeo="150102", lat=40.4, lon=-3.7),
        replace(good, ubigeo="15103"),
        replace(good, ubigeo="150104", precision="roughly"),
        replace(good, ubigeo="150105", province="Limma"),
        replace(good, ubigeo="150201", province="Barranca", region="Limma"),
        good,
    )
    faults = found(tmp_path / "bad", catalogue(places=rows))
    bad = [(f.line, f.severity.value) for f in faults if f.file == "places.csv"]
    assert bad == [(line, "error") for line in (3, 4, 5, 6, 7, 8)]
    faults = found(tmp_path / "none", catalogue(places=()))
    assert not [f for f in faults if f.file == "places.csv"]


# --- examples ------------------------------------------------------------------------------------


def test_examples_are_compared_without_accents_and_punctuation() -> None:
    """What a model takes for the same is the same."""
    assert normalised("¿Dónde está el  HOSPITAL?") == normalised("donde esta el hospital")


def test_the_same_words_cannot_mean_two_things(tmp_path: Path) -> None:
    """In one language an error, between languages and within an intent a warning."""
    examples = catalogue().articles[HEALTH].texts["es"].examples
    clash = (*examples, "¡Greet ES 3!", "greet fr 4", examples[0].upper())
    faults = found(tmp_path, changed(catalogue(), HEALTH, "es", examples=clash))
    text = (tmp_path / f"{ACCESS}/es.yml").read_text().split("\n")
    at = {words: text.index(f"- {words}") + 1 for words in (clash[0].upper(), "greet fr 4")}
    assert says(errors(faults), "intents/greet.yml", f"{HEALTH} (es)")
    warned = {(f.file, f.line) for f in faults if f.severity is Severity.WARNING}
    assert (f"{ACCESS}/es.yml", at[clash[0].upper()]) in warned
    assert any(file == "intents/greet.yml" for file, _ in warned)
    assert at["greet fr 4"]


# --- the same figures in every language ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Llame al 0800-15-170, (01) 200-1000 o 105.", {"0800-15-170", "01-200-1000", "105"}),
        ("942 841 978", {"942-841-978"}),
        ("S/ 40.60, S/1,234.5 y S/. 5 350", {"S/ 40.60", "S/ 1234.50", "S/ 5350.00"}),
        ("S/ 40 2025", {"S/ 40.00", "2025"}),
        ("15/09/2025, 5-9-2025, 2025-09-15", {"2025-09-15", "2025-09-05"}),
        ("en 09/2025", {"2025-09"}),
        ("DS 007-2017-IN y DL 1350", {"7-2017-IN", "1350"}),
        ("art. 58.1.d, 24 horas, 8:00 a 16:30", set()),
        ("1. Uno\n2. Dos\n106. No es lista", {"106"}),
        ("10,000 personas, 10.000 personas", {"10000"}),
        ("https://gob.pe/105-a?x=200.", {"https://gob.pe/105-a?x=200"}),
        ("106man 2018pi", {"106", "2018"}),
        ("**1818**, opción 1", {"1818"}),
    ],
)
def test_figures_are_read_in_one_notation(text: str, expected: set[str]) -> None:
    """Phones, amounts, dates, norms and addresses; small numbers are left to the translator."""
    assert facts(text) == expected


@pytest.mark.parametrize(
    ("source", "other"),
    [
        ("1. Llame al 106\n2. Vaya", "- Rele 106\n- Ale"),
        ("105 y 106", "105 106"),
        ("de 1 621 en 2018", "1 621 2018pi"),
        ("S/ 1,234.50", "S/ 1234.50"),
        ("El 15/09/2025", "15-09-2025"),
        ("914569365", "914 569 365"),
        ("24 horas, 7 días", "todo el tiempo"),
    ],
)
def test_other_ways_of_writing_a_figure_are_no_difference(source: str, other: str) -> None:
    """Grouping, list marks and separators may differ."""
    assert differences(source, other) == (set(), set())


@pytest.mark.parametrize(
    ("source", "other", "missing", "extra"),
    [
        ("0800-15-170", "0800-16-170", {"0800-15-170"}, {"0800-16-170"}),
        ("Llame al 105", "Call", {"105"}, set()),
        ("S/ 40.60", "S/ 46.60", {"S/ 40.60"}, {"S/ 46.60"}),
        ("15/09/2025", "09/15/2025", {"2025-09-15"}, {"2025-15-09"}),
        ("Ley 26842", "Law 26482", {"26842"}, {"26482"}),
        ("https://a.pe", "https://b.pe", {"https://a.pe"}, {"https://b.pe"}),
        ("12 34 56", "nada", {"12-34-56"}, set()),
        ("105", "105 y 106", set(), {"106"}),
    ],
)
def test_a_wrong_figure_is_found(
    source: str, other: str, missing: set[str], extra: set[str]
) -> None:
    """A digit that a translator changed."""
    assert differences(source, other) == (missing, extra)


@pytest.mark.parametrize("language", ["en", "pt", "fr", "ht", "qu"])
def test_figures_are_compared_in_every_language(tmp_path: Path, language: str) -> None:
    """The fault stands at the translation's section and names both figures."""
    answer = SECTIONS["answer"].replace("170", "171")
    faults = errors(found(tmp_path, with_sections(SECTIONS, **{language: answer})))
    assert [(f.file, f.line > 3) for f in faults] == [(f"{ACCESS}/{language}.yml", True)] * 2
    assert "0800-15-170" in faults[0].what + faults[1].what


# --- the form of the report ----------------------------------------------------------------------


def test_faults_are_listed_by_place_with_totals() -> None:
    """One line each, as compilers write them."""
    one = Fault("b.yml", 3, "Wrong.", "Mend it.")
    two = Fault("a.yml", 20, "Odd.", "Look at it.", Severity.WARNING)
    three = Fault("a.yml", 3, "Bad.", "Mend it.")
    assert format_faults([one, two, three, one]).split("\n") == [
        "a.yml:3: error: Bad. Mend it.",
        "a.yml:20: warning: Odd. Look at it.",
        "b.yml:3: error: Wrong. Mend it.",
        "2 errors, 1 warnings",
    ]
    assert "and 1 more" in str(FaultyTree((one, three)))


@pytest.mark.parametrize(
    ("source", "other"),
    [
        ("Llame al 111.", " ".join("1" * 60) + " 9999"),
        ("Pague.", "1-" * 9_000 + "1"),
        ("Pague.", f"S/ {'1' * 9_000}"),
        ("Pague.", "S/ \u0663\u0663\u0663"),
        ("Pague.", "a" + "\n" * 19_000 + "b 999"),
    ],
)
def test_no_figure_keeps_the_checks_busy(source: str, other: str) -> None:
    """Whatever somebody types in a draft is compared at once, and differs."""
    began = time.process_time()
    assert differences(source, other)[1]
    assert time.process_time() - began < 2
