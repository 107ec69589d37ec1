"""Whole conversations, word by word, as `tests/transcripts` holds them."""

from collections import Counter
from pathlib import Path

import pytest

from tests.transcripts import play

FILES = sorted(play.FOLDER_OF_TRANSCRIPTS.glob("*/*.yml"))
LEAST_LANGUAGES = 3


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_conversation_goes_as_written(path: Path) -> None:
    """Each step gives what is written; `python -m tests.transcripts.play` writes it anew."""
    data = play.read(path)
    wanted = [step.get("bot", "") for step in data["turns"]]
    assert play.play(data) == wanted


def test_each_point_is_shown_in_three_languages() -> None:
    """A folder is a point of the conversation; its files are named after languages."""
    points = Counter(path.parent.name for path in FILES)
    assert len(points) >= 13
    assert {name: n for name, n in points.items() if n < LEAST_LANGUAGES} == {}
