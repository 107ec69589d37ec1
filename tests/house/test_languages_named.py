"""The language of short messages is named well enough, with the content as it is published."""

from collections import Counter
from pathlib import Path

import pytest

from bot.knowledge import examples_by_language
from content import FOLDER
from content.catalogue import LANGUAGES
from content.files import read_tree
from nlu.evaluate import OVERALL
from nlu.language import LanguageIdentifier
from nlu.report.parts import ShortFigures, measure_languages
from nlu.report.rows import SPLITS, read_short_messages

FILE = Path(__file__).parents[1] / "language" / "short.jsonl"
MESSAGES = read_short_messages(FILE)

# The least that may be right, of messages of one to four words.
FLOOR = {"development": 0.98, "held_out": 0.97}
FLOOR_OF_A_LANGUAGE = 0.90
FLOOR_OF_TWO_TO_FOUR_WORDS = 0.97


@pytest.fixture(scope="module", params=SPLITS)
def split(request: pytest.FixtureRequest) -> str:
    """Each half of the set."""
    return str(request.param)


@pytest.fixture(scope="module")
def figures(split: str, identifier: LanguageIdentifier) -> ShortFigures:
    """What comes of one half."""
    return measure_languages(MESSAGES, identifier)[split]


@pytest.fixture(scope="module")
def identifier() -> LanguageIdentifier:
    """Trained on what is published."""
    return LanguageIdentifier.build(examples_by_language(read_tree(FOLDER).catalogue))


def test_short_messages_are_named(split: str, figures: ShortFigures) -> None:
    """Over all languages, in each, and of two to four words."""
    assert figures.groups[OVERALL][OVERALL].value >= FLOOR[split]
    for language in LANGUAGES:
        assert figures.groups[language][OVERALL].value >= FLOOR_OF_A_LANGUAGE, language
    assert figures.lengths["2-4"][OVERALL].value >= FLOOR_OF_TWO_TO_FOUR_WORDS


def test_mixed_messages_are_named(figures: ShortFigures) -> None:
    """In one of the languages that a reader would answer in."""
    for pair in ("es-en", "es-pt", "es-qu", "es-ht", "fr-ht"):
        assert figures.groups[pair][OVERALL].value >= 0.8, pair


def test_the_set_is_as_its_readme_says() -> None:
    """Sixty short messages per language, a third of them in a conversation, and five pairs."""
    plain = [message for message in MESSAGES if not message.mixed]
    assert Counter(message.languages[0] for message in plain) == dict.fromkeys(LANGUAGES, 60)
    assert max(len(message.text.split()) for message in plain) <= 4
    assert 0.3 <= sum(message.prior is not None for message in plain) / len(plain) <= 0.36
    assert set(Counter(m.mixed for m in MESSAGES if m.mixed).values()) == {20}
    assert len(Counter(m.split for m in MESSAGES)) == 2
