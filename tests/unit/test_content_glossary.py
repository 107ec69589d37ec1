"""The glossary: its form, the words to avoid, and the words that a translation owes."""

from pathlib import Path
from types import MappingProxyType

import pytest

from content.catalogue import LANGUAGES
from content.checks import check
from content.checks.glossary import wording
from content.faults import Fault, Severity, errors, format_faults
from content.files import GLOSSARY, read_tree
from tests.fakes.content import SECTIONS, TODAY, article, catalogue, changed, write

HEALTH = "health/access"
ACCESS = "articles/health/access"

FINE = """\
- id: fine
  means: "Multa: dinero que se paga como castigo."
  es: {use: multa, avoid: [coima legal]}
  en: {use: fine, also: [penalt*]}
  pt: {use: multa}
  fr: {use: amende, avoid: [contravention]}
  ht: {use: amann}
  qu: {use: multa}
"""
SIS = "- id: sis\n  means: Un seguro.\n" + "".join(
    f"  {lang}: {{use: SIS}}\n" for lang in LANGUAGES
)


def faults_with(root: Path, terms: str, **answers: str) -> tuple[Fault, ...]:
    """Check the small folder with a glossary and other answers of one article."""
    given = catalogue(
        articles=(
            article(HEALTH, ("health/birth", "rights/overview"), SECTIONS),
            *list(catalogue().articles.values())[1:],
        )
    )
    for language, answer in answers.items():
        sections = MappingProxyType({**SECTIONS, "answer": f"{SECTIONS['answer']}\n\n{answer}"})
        given = changed(given, HEALTH, language, sections=sections)
    write(given, root)
    (root / GLOSSARY).write_text(f"review: {{ht: pending, qu: pending}}\nterms:\n{terms}")
    return check(read_tree(root), today=TODAY)


def of(faults: tuple[Fault, ...], file: str) -> list[Fault]:
    """Return the faults of one file."""
    return [fault for fault in faults if fault.file == file]


# --- finding words -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "language", "text", "found"),
    [
        ("multa", "es", "Hay **MULTAS**.", "multas"),
        ("multa", "es", "una multiplicación", None),
        ("partida de nacimiento", "es", "Las partidas de\nnacimiento", "partidas de\nnacimiento"),
        ("comisaría", "en", "the comisaria", "comisaria"),
        ("denunci*", "es", "Denúncielo", "denuncielo"),
        ("denuncia", "es", "Denúncielo", None),
        ("amende", "fr", "l'amende", "amende"),
        ("carte d'identité", "fr", "la carte d’identité", "carte d\u2019identite"),
        ("SIS", "ht", "sis mwa", None),
        ("SIS", "ht", "nan SIS", "SIS"),
        ("SIS", "qu", "SISman", "SISman"),
        ("CPP", "en", "two CPPs", "CPPs"),
        ("tasa", "qu", "tasata pagay", "tasata"),
        ("100", "en", "call 100", "100"),
        ("100", "en", "call 1001", None),
        ("*", "en", "anything", "anything"),
    ],
)
def test_words_are_found_in_their_forms(
    words: str, language: str, text: str, found: str | None
) -> None:
    """Case, accents, plurals and Quechua endings do not matter; the case of names does."""
    assert wording((words,), language).found(text) == found


# --- texts ---------------------------------------------------------------------------------------


def test_a_word_to_avoid_is_an_error_where_it_stands(tmp_path: Path) -> None:
    """With what to write in its place; quoted Spanish and other languages are left alone."""
    answers = {"fr": "Une contravention.", "en": "Contravention.", "pt": "Diga «coima legal»."}
    wrong = errors(faults_with(tmp_path, FINE, es="Diga «coima legal».", **answers))
    assert [(f.file, "contravention" in f.what, "`amende`" in f.remedy) for f in wrong] == [
        (f"{ACCESS}/es.yml", False, False),
        (f"{ACCESS}/fr.yml", True, True),
    ], format_faults(wrong)
    assert all(fault.line > 3 for fault in wrong)


def test_a_translation_without_the_term_is_warned_of(tmp_path: Path) -> None:
    """Where the Spanish text of the same section has it, and only there."""
    answers = {"en": "Two penalties.", "pt": "Uma MULTA.", "fr": "Des amendes.", "qu": "Multata."}
    found = faults_with(tmp_path, FINE, es="Hay multas.", ht="Anyen.", **answers)
    warned = [fault for fault in found if "says `multa`" in fault.what]
    assert [(f.file, f.severity) for f in warned] == [(f"{ACCESS}/ht.yml", Severity.WARNING)]
    assert "`amann`" in warned[0].remedy


def test_what_is_quoted_in_spanish_owes_no_translation(tmp_path: Path) -> None:
    """Words to say at a counter stand in Spanish in every language."""
    found = faults_with(tmp_path, FINE, es="Diga: «No pago multa».")
    assert not [fault for fault in found if "says `multa`" in fault.what]


def test_a_folder_without_a_glossary_is_whole(tmp_path: Path) -> None:
    """What is exported from the database has none."""
    tree = read_tree(write(catalogue(), tmp_path))
    assert tree.glossary.terms == ()
    assert errors(check(tree, today=TODAY)) == ()


# --- its own form --------------------------------------------------------------------------------


def test_a_good_glossary_has_no_fault_and_is_read_whole(tmp_path: Path) -> None:
    """Both terms, every language, and which of them wait for a speaker."""
    assert of(faults_with(tmp_path, FINE + SIS), GLOSSARY) == []
    glossary = read_tree(tmp_path).glossary
    assert [term.name for term in glossary.terms] == ["multa", "SIS"]
    assert glossary.terms[0].usages["en"].accepted == ("fine", "penalt*")
    assert glossary.pending_review == {"ht", "qu"}


@pytest.mark.parametrize(
    ("terms", "what"),
    [
        (FINE + FINE, "`fine` appears twice"),
        (FINE + FINE.replace("id: fine", "id: penalty"), "`multa` also names the term `fine`"),
        (FINE.replace("id: fine", "id: A fine"), "cannot be the id of a term"),
        (FINE.replace("  ht: {use: amann}\n", ""), "The key `ht` is missing"),
        (FINE.replace("{use: amann}", "{also: [amann]}"), "The key `use` is missing"),
        (FINE.replace("{use: amann}", "{use: amann, also: [Amann]}"), "`amann` is listed twice"),
        (FINE.replace("castigo", "castigo " + "x" * 120), "`means` has 160 characters"),
        (FINE + SIS.replace("fr: {use: SIS", "fr: {use: SIS, avoid: [amende]"), "forbids `amende`"),
        (FINE.replace("avoid: [c", "avoids: [c"), "The key `avoids` is unknown"),
    ],
)
def test_each_fault_of_the_glossary_is_an_error(tmp_path: Path, terms: str, what: str) -> None:
    """Missing languages, doubles, contradictions."""
    wrong = of(errors(faults_with(tmp_path, terms)), GLOSSARY)
    assert any(what in fault.what and fault.line > 1 for fault in wrong), format_faults(wrong)
