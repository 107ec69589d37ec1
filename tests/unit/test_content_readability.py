"""The formulas of readability, to the last digit, and the floors that the texts must keep."""

from pathlib import Path

import pytest

from content.checks import check
from content.faults import Fault, Severity, errors
from content.files import read_tree
from content.readability import (
    FORMULAS,
    english_syllables,
    french_syllables,
    portuguese_syllables,
    score,
)
from tests.fakes.content import TODAY, article, catalogue, write

EASY = "La casa es de mi mamá. " * 5


def text_of(long_words: int) -> str:
    """Return 30 words in 3 sentences: so many of four syllables, the others of two."""
    words = ["importante"] * long_words + ["casa"] * (30 - long_words)
    return ". ".join(" ".join(words[at : at + 10]) for at in (0, 10, 20)) + "."


def faults_of(root: Path, *answers: str) -> list[Fault]:
    """Return what the check says of INFLESZ in articles with these answers."""
    ids = [f"health/a{number}" for number in range(3)]
    articles = tuple(
        article(name, tuple(other for other in ids if other != name), {"answer": answer})
        for name, answer in zip(ids, answers, strict=True)
    )
    tree = read_tree(write(catalogue(articles=articles, paths=()), root))
    return [fault for fault in check(tree, today=TODAY) if "INFLESZ" in fault.what]


# --- formulas ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "expected"), [("es", 103.385), ("en", 69.785), ("pt", 111.785), ("fr", 86.45)]
)
def test_the_published_constants_are_used(language: str, expected: float) -> None:
    """Of 100 words in 10 sentences with 150 syllables."""
    assert FORMULAS[language].of_counts(100, 10, 150) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("language", "sentence", "syllables"),
    [
        ("es", "La casa es de mi mamá. ", 8),
        ("en", "The cat is on the mat. ", 6),
        ("pt", "A casa é do meu pai. ", 7),
        ("fr", "Le chat est sur la table. ", 6),
    ],
)
def test_a_text_gets_the_score_of_its_counts(language: str, sentence: str, syllables: int) -> None:
    """Five sentences of six words each."""
    expected = FORMULAS[language].of_counts(30, 5, 5 * syllables)
    assert score(sentence * 5, language) == pytest.approx(expected, abs=1e-9)


def test_there_is_no_score_without_words_or_formula() -> None:
    """29 words are too few; Creole and Quechua have no validated formula."""
    assert score("casa " * 29, "es") is None
    assert score("casa " * 30, "es") is not None
    assert score(EASY, "ht") is None
    assert score(EASY, "qu") is None


def test_accents_written_in_two_ways_count_alike() -> None:
    """An accent may be a character of its own."""
    assert score("Aquí está mi mamá. " * 8, "es") == score(
        "Aqui\u0301 esta\u0301 mi mama\u0301. " * 8, "es"
    )


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("the", 1), ("make", 1), ("makes", 1), ("offices", 3), ("table", 2), ("asked", 1),
        ("needed", 2), ("expulsion", 3), ("people", 2), ("police", 2), ("free", 1),
    ],
)  # fmt: skip
def test_english_syllables(word: str, count: int) -> None:
    """A final e is mute, but not in 'table' and not in '-ces'."""
    assert english_syllables(word) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("não", 1), ("mais", 1), ("que", 1), ("quem", 1), ("guerra", 2), ("país", 2), ("sair", 2),
        ("água", 3), ("pessoa", 3), ("delegacia", 5), ("informações", 4), ("trabalho", 3),
    ],
)  # fmt: skip
def test_portuguese_syllables(word: str, count: int) -> None:
    """Falling diphthongs are one syllable, vowels in hiatus two."""
    assert portuguese_syllables(word) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("vous", 1), ("démarche", 2), ("demandent", 2), ("document", 3), ("aujourd'hui", 3),
        ("le", 1), ("expulsion", 3), ("rendez-vous", 3),
    ],
)  # fmt: skip
def test_french_syllables(word: str, count: int) -> None:
    """Mute endings do not count, those in -ment do."""
    assert french_syllables(word) == count


# --- floors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("long_words", "severity", "shown"),
    [(4, None, ""), (5, Severity.WARNING, "51.5"), (6, Severity.ERROR, "47.3")],
)
def test_a_text_warns_under_55_and_fails_under_50(
    tmp_path: Path, long_words: int, severity: Severity | None, shown: str
) -> None:
    """The fault stands at the section and shows the score."""
    found = faults_of(tmp_path, EASY, text_of(long_words), EASY)
    assert [fault.severity for fault in found] == ([severity] if severity else [])
    for fault in found:
        assert fault.file == "articles/health/a1/es.yml"
        assert fault.line > 3
        assert f"`answer` is hard to read (INFLESZ {shown};" in fault.what


def test_the_median_of_all_texts_fails_under_65(tmp_path: Path) -> None:
    """Each text may be right, and most of them still too hard."""
    found = faults_of(tmp_path / "hard", text_of(4), EASY, text_of(4))
    assert [fault.file for fault in errors(found)] == ["articles"]
    assert "median INFLESZ of the Spanish texts is 55.6" in found[0].what
    assert faults_of(tmp_path / "easy", text_of(4), EASY, EASY) == []
