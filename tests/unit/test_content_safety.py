"""The safety rules on texts, and how readable they are."""

from pathlib import Path

import pytest

from content.checks import check
from content.checks.safety import amounts_without_year, promises_safety, sends_to_migraciones
from content.faults import Severity
from content.files import read_tree
from content.readability import perspicuity, syllables
from tests.fakes.content import TODAY, article, catalogue, write


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "Puede ir, no hay riesgo."),
        ("es", "Denunciar **no tiene ningún riesgo** migratorio."),
        ("es", "Vaya sin riesgo."),
        ("es", "Es 100% seguro."),
        ("es", "No lo van a deportar."),
        ("es", "Nunca le expulsan por denunciar."),
        ("es", "Usted no será expulsado."),
        ("en", "There is no risk."),
        ("en", "You won’t be deported."),
        ("en", "It is completely safe to report."),
        ("pt", "Não há risco nenhum."),
        ("pt", "Você não será deportado."),
        ("fr", "Il n'y a aucun risque."),
        ("fr", "Vous ne serez pas expulsé."),
        ("ht", "Pa gen risk."),
        ("ht", "Yo p ap depòte w."),
        ("qu", "Manam riesgo kanchu."),
        ("qu", "Manam qarqusunkichu."),
    ],
)
def test_promises_of_safety_are_found(language: str, text: str) -> None:
    """Nobody can promise that an office will not act against a person."""
    assert promises_safety(language, f"Texto. {text} Más texto.")


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("es", "No podemos prometer que no haya riesgo. Nadie puede asegurar que no hay riesgo."),
        ("es", "Si no hay peligro, vaya al centro de salud."),
        ("es", "No expulsan a quien cuida a hijos que sufrieron violencia (art. 11.3)."),
        ("es", "No le expulsan mientras sea refugiado (Ley 27891, art. 32)."),
        ("es", "Hay riesgo de expulsión. No vaya solo."),
        ("es", "Por eso no podemos decirle que el riesgo es cero."),
        ("en", "We cannot promise that there is no risk."),
        ("fr", "N'attendez pas. Vous pouvez être expulsé."),
        ("ht", "Nou pa ka pwomèt ou pa gen risk."),
    ],
)
def test_honest_words_about_risk_are_no_promise(language: str, text: str) -> None:
    """Saying that nobody knows, or what a norm protects, is what the texts are for."""
    assert not promises_safety(language, text)


@pytest.mark.parametrize(
    ("text", "sends"),
    [
        ("Acuda a la oficina de MIGRACIONES más cercana.", True),
        ("1. Preséntese en Migraciones con su pasaporte.", True),
        ("Vaya el lunes a la sede central de MIGRACIONES.", True),
        ("No vaya aún a MIGRACIONES.", False),
        ("Antes de ir a MIGRACIONES, hable con un abogado.", False),
        ("MIGRACIONES atiende de 8:00 a 16:00.", False),
        ("Vaya al hospital. Después pregunte por MIGRACIONES.", False),
    ],
)
def test_directions_to_migraciones_are_found(text: str, sends: bool) -> None:
    """But not advice against going."""
    assert sends_to_migraciones(text) is sends


WARNING = "Si entró sin control puede haber expulsión."
AID = "Hable antes con la Defensa Pública."


@pytest.mark.parametrize(
    ("topic", "more", "severity"),
    [
        ("regularization", "", Severity.ERROR),
        ("regularization", WARNING, Severity.ERROR),
        ("regularization", AID, Severity.ERROR),
        ("regularization", f"{WARNING} {AID}", None),
        ("health", "", Severity.WARNING),
        ("health", f"{WARNING} {AID}", None),
    ],
)
def test_who_sends_people_to_migraciones_warns_them(
    tmp_path: Path, topic: str, more: str, severity: Severity | None
) -> None:
    """The warning and the legal help may stand in any section of the article."""
    sections = {"answer": "Texto.", "steps": "Acuda a MIGRACIONES."}
    if more:
        sections["exposure"] = more
    given = catalogue(articles=(article(f"{topic}/one", (), sections),))
    faults = check(read_tree(write(given, tmp_path)), today=TODAY)
    at = [f.severity for f in faults if "sends the reader to MIGRACIONES" in f.what]
    assert at == ([severity] if severity else [])


def test_a_promise_anywhere_is_an_error(tmp_path: Path) -> None:
    """In cards, channels and the help as in articles."""
    root = write(catalogue(), tmp_path)
    for file in ("help.yml", "topics.yml", "emergency/medical.yml"):
        path = root / file
        path.write_text(path.read_text().replace(" es\n", " es. No hay riesgo.\n"))
    faults = check(read_tree(root), today=TODAY)
    assert {f.file for f in faults if "promises" in f.what} == {
        "help.yml",
        "topics.yml",
        "emergency/medical.yml",
    }


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("Cuesta S/ 40.60.", True),
        ("Cuesta S/ 40.60 en 2025.", False),
        ("Cuesta S/ 40.60 (15/09/2025).", False),
        ("Cuesta S/ 40.60 (DS 007-2017-IN).", True),
        ("Cuesta S/ 2025.", True),
        ("Es gratis.", False),
    ],
)
def test_amounts_need_a_year(text: str, without: bool) -> None:
    """Fees change every year; the year of a norm does not date an amount."""
    assert amounts_without_year(text) is without


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("y", 1), ("de", 1), ("hoy", 1), ("buey", 1), ("dios", 1), ("día", 2), ("país", 2),
        ("creer", 2), ("queso", 2), ("guerra", 2), ("búho", 2), ("ahora", 3), ("oía", 3),
        ("leíais", 3), ("pingüino", 3), ("aéreo", 4), ("averiguáis", 4), ("migraciones", 4),
        ("ciudad", 2), ("construí", 2), ("extranjería", 5), ("dni", 1), ("mp", 1),
    ],
)  # fmt: skip
def test_syllables_are_counted_as_in_spanish(word: str, count: int) -> None:
    """Diphthongs, hiatus, silent letters; abbreviations count one at least."""
    assert syllables(word) == count


def test_short_words_and_sentences_read_more_easily() -> None:
    """The measure orders texts as a reader would, and says nothing of very short ones."""
    easy = "Vaya al centro de salud. Lleve lo que tenga. " * 6
    hard = (
        "La administración correspondiente procederá, con posterioridad a la presentación de la "
        "documentación sustentatoria requerida reglamentariamente, a la determinación definitiva "
        "de la procedencia o improcedencia de la solicitud de regularización migratoria presentada."
    )
    scores = (perspicuity(easy), perspicuity(hard))
    assert scores[0] is not None
    assert scores[1] is not None
    assert scores[0] > 80
    assert scores[1] < 40
    assert perspicuity("Llame al 106.") is None


def test_a_list_counts_as_sentences_and_addresses_do_not_count() -> None:
    """Otherwise every list would look like one endless sentence."""
    items = ["pida su cita en el centro de salud", "lleve su carné y su recibo de agua"] * 4
    listed = perspicuity("\n".join(f"- {item}" for item in items))
    running = perspicuity(" ".join(items))
    assert listed is not None
    assert running is not None
    assert listed > running
    assert listed == perspicuity("\n".join(f"- {item} https://ejemplo.pe/x" for item in items))


def test_a_hard_spanish_section_is_found(tmp_path: Path) -> None:
    """At its line, with its score; other languages are not measured."""
    hard = "La documentación sustentatoria requerida reglamentariamente determinará " * 8
    given = catalogue(articles=(article("health/one", (), {"answer": hard}),))
    faults = check(read_tree(write(given, tmp_path)), today=TODAY)
    at = [(f.file, f.severity) for f in faults if "hard to read" in f.what]
    assert at == [("articles/health/one/es.yml", Severity.ERROR)]
