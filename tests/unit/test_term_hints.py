"""What the glossary says beside a text that is being translated."""

from types import MappingProxyType

from content.glossary import Term, Usage
from content.term_hints import hints, wrong_words

TERM = Term(
    "ce",
    "El documento de quien tiene residencia.",
    MappingProxyType(
        {
            "es": Usage("carné de extranjería", ("CE",)),
            "en": Usage("carné de extranjería", ("foreigner's card",), ("alien card",)),
        }
    ),
)


def test_a_term_of_the_spanish_text_is_shown_with_its_words() -> None:
    """Also by its other names, and only where the language has a word for it."""
    (hint,) = hints([TERM], "Lleve su CE.", "Bring your papers.", "en")
    assert (hint.term, hint.use, hint.is_missing) == (
        "carné de extranjería", "carné de extranjería", True,
    )  # fmt: skip
    assert hints([TERM], "Lleve su CE.", "", "fr") == []
    assert hints([TERM], "Lleve su DNI.", "", "en") == []


def test_a_term_that_is_there_or_not_yet_written_is_not_missing() -> None:
    """An empty translation is no mistake yet."""
    assert not hints([TERM], "Lleve su CE.", "Bring your foreigner's card.", "en")[0].is_missing
    assert not hints([TERM], "Lleve su CE.", "", "en")[0].is_missing


def test_a_word_to_avoid_is_named_with_the_one_to_use() -> None:
    """But not in a quotation, which stays as it is said at the counter."""
    (wrong,) = wrong_words([TERM], "Show your Alien cards.", "en")
    assert (wrong.word, wrong.use) == ("alien cards", "carné de extranjería")
    assert wrong_words([TERM], "Say: «alien card».", "en") == []
