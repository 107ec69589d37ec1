"""Messages and bytes per answer, over the shipped texts: each message may cost money."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.messages import Passage, Reply
from bot.policy import Policy
from bot.running import silent_channel
from bot.scripts import read_cases
from bot.settings import Settings
from bot.sizes import Rightly, every_answer, every_question, sizes, told
from content import FOLDER
from content.catalogue import Catalogue
from content.files import read_tree

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
QUESTIONS = Path(__file__).parents[2] / "nlu" / "development" / "questions.jsonl"


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return read_tree(FOLDER).catalogue


def test_it_counts() -> None:
    """Two replies of one answer, the second too long for one message."""
    channel = silent_channel("whatsapp", Settings())
    replies = (Reply("es", (Passage("a"),)), Reply("es", (Passage("Una frase. " * 500),)))
    found = sizes(channel, [replies, replies[:1]])
    assert (found.answers, found.messages, found.most) == (2, 4, 3)
    assert found.messages_each == 2
    assert found.bytes_each > 2700
    assert "whatsapp" in told("x", [found])
    assert sizes(channel, []).messages_each == 0


@pytest.mark.parametrize("name", ["whatsapp", "telegram", "web"])
def test_every_answer_is_one_message(shipped: Catalogue, name: str) -> None:
    """Each section of each article in each language."""
    channel = silent_channel(name, Settings())
    found = sizes(channel, every_answer(shipped, NOW.date()))
    assert found.answers > 4000
    assert found.most == 1


async def test_a_question_without_danger_is_one_message(shipped: Catalogue) -> None:
    """Only an emergency has two: its card goes first, alone, and the article after it."""
    cases = [case for case in read_cases(QUESTIONS) if case.gold.emergency is None]
    channel = silent_channel("whatsapp", Settings())
    turns = [t async for t in every_question(cases, Rightly(cases), shipped, Policy(), NOW)]
    found = sizes(channel, turns)
    assert found.answers == len(cases) > 400
    assert found.messages_each <= 1.1
