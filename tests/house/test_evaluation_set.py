"""The evaluation set measures generality only as long as nothing of it is trained on."""

import json
from collections import Counter
from pathlib import Path

from bot.knowledge import training_examples
from content import FOLDER
from content.files import read_tree
from nlu.emergency_data import texts_of
from nlu.normalise import plain

QUESTIONS = Path(__file__).parents[1] / "evaluation" / "questions.jsonl"
CATALOGUE = read_tree(FOLDER).catalogue
ROWS = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def bare(text: str) -> str:
    """Return the letters and digits of a text alone, without accents or case."""
    return "".join(c for c in plain(text) if c.isalnum())


def test_no_question_is_among_the_examples() -> None:
    """No text of the set, normalised, is a training phrase or an emergency phrase."""
    trained = {bare(text) for texts in training_examples(CATALOGUE).values() for text in texts}
    for language, rules in CATALOGUE.emergency_rules.items():
        trained |= {bare(text) for text in texts_of(language, rules)[1]}
    assert len(trained) > 2000
    both = [row["text"] for row in ROWS if bare(row["text"]) in trained]
    assert both == []


def test_every_label_is_known() -> None:
    """Each label is an article, an intent or out of scope; each emergency is a card."""
    known = {*CATALOGUE.articles, *CATALOGUE.intents}
    for row in ROWS:
        assert {row["label"], *row.get("also", ())} <= known, row["text"]
        assert row.get("emergency") in {None, *CATALOGUE.cards}, row["text"]


def test_the_set_is_large_and_mixed_enough() -> None:
    """Six languages, emergencies, out of scope, and at least 40 in 100 asked indirectly."""
    assert len(ROWS) >= 600
    languages = Counter(row["lang"] for row in ROWS)
    assert set(languages) == {"es", "en", "pt", "fr", "ht", "qu"}
    assert min(languages.values()) >= 60
    indirect = sum(row["style"] in ("indirect", "story") for row in ROWS)
    assert indirect >= 0.4 * len(ROWS)
    assert {row["emergency"] for row in ROWS} == {None, *CATALOGUE.cards}


def test_no_text_stands_twice() -> None:
    """Each question is counted once."""
    texts = Counter(bare(row["text"]) for row in ROWS)
    assert [text for text, n in texts.items() if n > 1] == []
