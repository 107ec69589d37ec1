"""Texts become comparable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.normalise import deletions, excerpt, fold, is_one_edit, passages, plain, tidy, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("vacuna", "bakuna"),
        ("que", "ke"),
        ("q", "k"),
        ("hacer", "aser"),
        ("llave", "yave"),
        ("guerra", "gerra"),
        ("chau", "xau"),
        ("corazón", "corason"),
    ],
)
def test_sounds_alike(one: str, other: str) -> None:
    """Chat spellings of a word fold to the same sound."""
    assert fold(one) == fold(other)


@pytest.mark.parametrize(("one", "other"), [("pagar", "pegar"), ("casa", "cosa"), ("mi", "tu")])
def test_different_words_stay_different(one: str, other: str) -> None:
    """Folding keeps vowels and other consonants apart."""
    assert fold(one) != fold(other)


def test_plain_takes_accents_and_long_runs_away() -> None:
    """Accents, case and cries of many letters go; double letters stay."""
    assert plain("¡AYUDAAAA, señora Llosa!") == "¡ayuda, senora llosa!"


def test_tidy_keeps_letters_and_line_ends_only() -> None:
    """Control, invisible and private characters go; full width becomes plain."""
    assert tidy("a\x00b\u200b \ud83dｈｏｌａ\r\n\r\n  c\td ") == "ab hola\nc\nd"


def test_words_keep_an_apostrophe_inside() -> None:
    """Digits and apostrophes belong to words, other signs do not."""
    assert words("J'ai 3 m’ap... (sí)") == ["j'ai", "3", "m'ap", "si"]


@given(st.text(max_size=60), st.integers(min_value=3, max_value=40))
def test_an_excerpt_is_never_longer_and_keeps_both_ends(text: str, limit: int) -> None:
    """The limit holds, and first and last character stay."""
    short = excerpt(text, limit)
    assert len(short) <= limit
    if text:
        assert (short[0], short[-1]) == (text[0], text[-1])


@given(st.lists(st.text("ab", min_size=1, max_size=3), max_size=60), st.integers(1, 9))
def test_passages_lose_no_word(parts: list[str], size: int) -> None:
    """Joined again, passages hold every word; none is too long."""
    cut = list(passages(" ".join(parts), size))
    assert " ".join(cut).split() == parts
    assert all(len(passage.split()) <= size for passage in cut)


def test_passages_end_where_sentences_end() -> None:
    """Sentences are kept together while they fit."""
    assert list(passages("uno dos. tres cuatro. cinco", 4)) == ["uno dos tres cuatro", "cinco"]


@given(st.text("abc", max_size=7), st.text("abc", max_size=7))
def test_one_edit_is_symmetric_and_found_by_deletions(one: str, other: str) -> None:
    """Being one edit apart does not depend on the order, and near words share a deletion."""
    near = is_one_edit(one, other)
    assert near == is_one_edit(other, one)
    if near:
        assert set(deletions(one)) & set(deletions(other))


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        ("golpea", "golpae", True),
        ("golpea", "golpeaa", True),
        ("golpea", "golea", True),
        ("golpea", "golpia", True),
        ("golpea", "golpea", True),
        ("golpea", "galpia", False),
        ("golpea", "gol", False),
    ],
)
def test_what_one_edit_is(one: str, other: str, near: bool) -> None:
    """One letter more, less or other, or two neighbours swapped."""
    assert is_one_edit(one, other) is near
