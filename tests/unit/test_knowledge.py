"""What is derived from the content for reading."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from bot.knowledge import (
    Knowledge,
    examples_by_intent,
    knowledge_of,
    training_examples,
)
from tests.fakes.catalogue import article, catalogue

CATALOGUE = catalogue(article("a/one"), article("a/two"))


async def read_by(known: Knowledge) -> tuple[object, ...]:
    """Return what the parts of a knowledge say of a text."""
    text = CATALOGUE.articles["a/one"].texts["es"].title
    return (
        known.languages.identify(text, None),
        known.emergencies.look(text),
        await known.keywords.parse(text),
    )


async def test_what_is_kept_reads_as_what_was_learnt(tmp_path: Path) -> None:
    """A second start finds the parts in the folder, and they say the same to the last digit."""
    learnt = await read_by(knowledge_of(CATALOGUE, tmp_path))
    kept = times(tmp_path)
    assert await read_by(knowledge_of(CATALOGUE, tmp_path)) == learnt
    assert times(tmp_path) == kept
    assert {"languages.npz", "keywords.npz"} <= kept.keys()
    assert await read_by(knowledge_of(CATALOGUE)) == learnt


def times(folder: Path) -> Mapping[str, int]:
    """Return when each file of a folder was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_nothing_is_learnt_before_it_is_needed(tmp_path: Path) -> None:
    """Commands that read no texts pay for none of it."""
    known = knowledge_of(CATALOGUE, tmp_path)
    assert not list(tmp_path.iterdir())
    assert known.languages is known.languages
    assert [path.name for path in tmp_path.iterdir()] == ["languages.npz"]
    known.learn()
    assert (tmp_path / "keywords.npz").exists()


async def test_other_content_is_learnt_anew(tmp_path: Path) -> None:
    """What was learnt of one catalogue is not used for another."""
    knowledge_of(CATALOGUE, tmp_path).learn()
    other = replace(catalogue(article("a/one"), article("a/three")), version="other")
    found = await knowledge_of(other, tmp_path).keywords.parse("three")
    assert found == await knowledge_of(other).keywords.parse("three")


def test_the_model_learns_what_people_in_danger_say() -> None:
    """Phrases are examples of the article behind the card, unless they are examples already."""
    kind, card = next(iter(CATALOGUE.cards.items()))
    example = next(iter(examples_by_intent(CATALOGUE).values()))[0]
    rules = {"es": {"phrases": {kind: ["me está pasando", example.upper()]}, "calm": ["nada"]}}
    with_phrases = replace(CATALOGUE, emergency_rules=rules)
    before, after = examples_by_intent(with_phrases), training_examples(with_phrases)
    assert after[card.article] == (*before.get(card.article, ()), "me está pasando")
    assert {**after, card.article: ()} == {**before, card.article: ()}


def test_new_content_is_read_with_what_was_learnt_before() -> None:
    """It answers at once; what it says anew is learnt afterwards."""
    before = knowledge_of(CATALOGUE)
    before.learn()
    after = catalogue(article("a/one"), article("a/three"))
    shown = before.over(after)
    assert shown.catalogue is after
    assert shown.languages is before.languages
    assert shown.emergencies is before.emergencies
    assert shown.keywords is before.keywords
