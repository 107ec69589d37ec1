"""Nobody is shown an emergency card for an everyday word."""

from pathlib import Path

import pytest

from bot.knowledge import knowledge_of
from content import FOLDER
from content.catalogue import LANGUAGES
from content.files import read_tree
from nlu.emergency import EmergencyRules
from nlu.emergency_data import texts_of

MESSAGES = Path(__file__).parents[1] / "everyday"
DATA = read_tree(FOLDER).catalogue.emergency_rules


def everyday(language: str) -> list[str]:
    """Return yes and no, thanks, dates, districts, papers, gibberish and follow-ups."""
    lines = (MESSAGES / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line]


@pytest.fixture(scope="module")
def emergencies() -> EmergencyRules:
    """Return the layer with what is published."""
    return knowledge_of(read_tree(FOLDER).catalogue).emergencies


@pytest.mark.parametrize("language", LANGUAGES)
def test_everyday_messages_bring_no_card(emergencies: EmergencyRules, language: str) -> None:
    """Not one of the sixty and more of each language."""
    messages = everyday(language)
    assert len(messages) >= 60
    alarms = {text: kind for text in messages if (kind := emergencies.detect(text))}
    assert alarms == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_they_are_not_learnt_by_heart(language: str) -> None:
    """None stands among the calm texts from which the net learns."""
    _, calm = texts_of(language, DATA[language])
    assert not {text.lower() for text in everyday(language)} & {text.lower() for text in calm}
