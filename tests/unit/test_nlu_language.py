"""The language of short messages is named."""

import shutil
import time
from pathlib import Path

import pytest

from nlu.language import COMMON_WORDS, LanguageIdentifier

EXAMPLES = {
    "es": ("puedo ir al hospital si no tengo papeles?", "dónde saco mi carné de extranjería"),
    "en": ("can i go to the hospital without papers?", "where do i get my residence card"),
    "pt": ("posso ir ao hospital sem documentos?", "onde tiro minha carteira de estrangeiro"),
    "fr": ("puis-je aller à l'hôpital sans papiers ?", "où obtenir ma carte d'étranger"),
    "ht": ("èske m ka ale lopital san papye?", "ki kote m ka jwenn kat etranje m"),
    "qu": ("mana papelniyuq hospitalman riymanchu?", "maypim carneyta hurquni"),
}


@pytest.fixture(scope="module")
def languages() -> LanguageIdentifier:
    """An identifier trained on two sentences per language."""
    return LanguageIdentifier.build(EXAMPLES)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hola", "es"),
        ("buenas tardes, una consulta", "es"),
        ("q tengo q hacer xa denunciar", "es"),
        ("kiero saber mi tramite", "es"),
        ("hello", "en"),
        ("my boss says police won't take my report without a card", "en"),
        ("oi", "pt"),
        ("tô grávida e não tenho carteirinha, o que faço?", "pt"),
        ("obrigada viu", "pt"),
        ("bonjour", "fr"),
        ("j'ai perdu mon passeport", "fr"),
        ("bonjou", "ht"),
        ("mwen ansent, mwen pa gen kat, ki kote pou m ale?", "ht"),
        ("allillanchu", "qu"),
        ("wiksayuqmi kani, maymanmi riyman", "qu"),
    ],
)
def test_chat_messages(languages: LanguageIdentifier, text: str, language: str) -> None:
    """A message as people write it is in its language, without a conversation before it."""
    guess = languages.identify(text, None)
    assert guess.language == language
    assert guess.confidence > 0.5


@pytest.mark.parametrize(
    "text", ["", "   ", "😀👍", "12345", "+51 999", "ok", "jajaja", "...", "\x00"]
)
def test_nothing_telling_keeps_the_conversation(languages: LanguageIdentifier, text: str) -> None:
    """Signs, digits and words of every language keep the prior, with confidence 0."""
    guess = languages.identify(text, "ht")
    assert (guess.language, guess.confidence) == ("ht", 0)


def test_without_a_conversation_spanish_is_the_default(languages: LanguageIdentifier) -> None:
    """Nothing to tell and no prior: Spanish, with confidence 0."""
    guess = languages.identify("👍", None)
    assert (guess.language, guess.confidence) == ("es", 0)


def test_an_unknown_prior_is_no_prior(languages: LanguageIdentifier) -> None:
    """A language that the identifier does not know does not come out of it."""
    assert languages.identify("👍", "de").language == "es"
    assert languages.identify("hello, I need help", "de").language == "en"


def test_an_ambiguous_word_stays_in_the_conversation(languages: LanguageIdentifier) -> None:
    """'casa' and 'no' are words of several languages: the conversation decides."""
    for prior in ("es", "pt"):
        assert languages.identify("casa", prior).language == prior
    assert languages.identify("no", "en").language == "en"


def test_a_clear_sentence_turns_the_conversation(languages: LanguageIdentifier) -> None:
    """A whole sentence in another language wins over the prior."""
    assert languages.identify("can you tell me where the office is", "es").language == "en"


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("hola, I need help with my papers please", "en"),
        ("hello quiero saber cuánto cuesta el carné", "es"),
        ("bonjour, mwen bezwen èd pou papye mwen yo", "ht"),
    ],
)
def test_a_mixed_message_is_in_the_language_of_most_words(
    languages: LanguageIdentifier, text: str, language: str
) -> None:
    """A greeting in one language does not outweigh the sentence in another."""
    assert languages.identify(text, None).language == language


def test_a_very_long_text_is_quick(languages: LanguageIdentifier) -> None:
    """Twenty thousand characters take well under a second."""
    started = time.perf_counter()
    assert languages.identify("necesito ayuda con mis papeles " * 650, None).language == "es"
    assert time.perf_counter() - started < 1


def test_few_languages_are_possible() -> None:
    """An installation with two languages gets only those two."""
    two = LanguageIdentifier.build({"es": EXAMPLES["es"], "en": EXAMPLES["en"]})
    assert two.identify("bonjour mon ami", None).language in {"es", "en"}


AYMARA = (
    "kamisaki", "kunjamasktasa", "yanapt'itasma", "kawkhankisa migraciones uta",
    "wawajax usutawa", "jilata kullaka", "nayax irnaqañ munta", "qullañ utar sarañ munta",
    "papelanakajax chhaqhatawa", "yuspagara", "jikisiñkama", "kunas wakisi",
)  # fmt: skip


def test_another_language_is_data_alone(tmp_path: Path) -> None:
    """Aymara, which py3langid does not know, comes with examples and a list; the others stay."""
    for listed in COMMON_WORDS.glob("*.txt"):
        shutil.copy(listed, tmp_path)
    (tmp_path / "ay.txt").write_text("kamisaki jisa janiwa yuspagara kawki kuna khiti naya juma\n")
    seven = LanguageIdentifier.build({**EXAMPLES, "ay": AYMARA}, tmp_path)
    for text in ("kamisaki", "kawkhankisa", "nayax usutawa", "jisa", "janiwa munkti"):
        assert seven.identify(text, None).language == "ay", text
        assert seven.identify(text, "es").language == "ay", text
    for language, texts in EXAMPLES.items():
        for text in texts:
            assert seven.identify(text, None).language == language, text


def test_a_language_without_a_list_is_known_by_its_examples(tmp_path: Path) -> None:
    """The lists only help: with an empty folder the examples still tell two languages apart."""
    two = LanguageIdentifier.build({"es": EXAMPLES["es"], "ay": AYMARA}, tmp_path)
    assert two.identify("wawajax usutawa", None).language == "ay"
    assert two.identify("puedo ir al hospital?", None).language == "es"


def test_one_borrowed_word_does_not_turn_a_conversation(languages: LanguageIdentifier) -> None:
    """The Spanish name of an office or a paper stands in messages of every language."""
    assert languages.identify("migracionespi maypi", None).language == "qu"
    assert languages.identify("ki kote migraciones ye", None).language == "ht"
