"""The guided paths of the repository, walked as people walk them: every answer, every language."""

from collections.abc import Iterator
from pathlib import Path as Folder

import pytest

from content.catalogue import LANGUAGES, Catalogue, End, Entry, Option, Path
from content.checks.parity import facts
from content.checks.paths import DEEPEST
from content.checks.safety import warns_of_expulsion
from content.files import read_tree

CATALOGUE: Catalogue = read_tree(Folder(__file__).parents[2] / "content").catalogue
IDS = ("where-health", "where-report", "which-procedure")
OPEN_ENTRY = {"none", "unsure", "unsaid"}
ABOUT_STATUS = {
    "which-procedure": {
        "born", "entry", "fear", "document", "family", "nation", "open-fear", "open-document",
    },
    "where-health": {"cover"},
    "where-report": set(),
}  # fmt: skip

Walk = tuple[tuple[tuple[str, Option], ...], End]


def walks(path: Path) -> Iterator[Walk]:
    """Return every way through a path: the questions with the answers given, and the end."""

    def onward(name: str, answers: tuple[tuple[str, Option], ...]) -> Iterator[Walk]:
        assert len(answers) <= DEEPEST, [option.id for _, option in answers]
        if name in path.ends:
            yield answers, path.ends[name]
            return
        for option in path.questions[name].options:
            yield from onward(option.to, (*answers, (name, option)))

    yield from onward(path.first, ())


def test_the_three_paths_are_there() -> None:
    """Staff may add paths; these are offered from the first day."""
    assert set(IDS) <= set(CATALOGUE.paths)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", IDS)
def test_every_walk_ends_with_words_in_every_language(name: str, language: str) -> None:
    """No dead end: each question and answer can be read, each end says something that exists."""
    path = CATALOGUE.paths[name]
    ways = list(walks(path))
    assert {end.id for _, end in ways} == set(path.ends)
    for answers, end in ways:
        for question, option in answers:
            assert path.questions[question].texts[language].strip()
            assert option.labels[language].strip()
        said = [end.verdicts[language]] if end.verdicts else []
        if end.article is not None:
            said.append(CATALOGUE.articles[end.article].texts[language].sections["answer"])
        if end.emergency is not None:
            said.append(CATALOGUE.cards[end.emergency].texts[language])
        assert said, end.id
        assert all(text.strip() for text in said), end.id


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", IDS)
def test_who_may_have_entered_without_control_is_always_warned(name: str, language: str) -> None:
    """Said so, not said or not known: the end names expulsion, free legal help and its number."""
    for answers, end in walks(CATALOGUE.paths[name]):
        if any(option.entry is Entry.OPEN for _, option in answers):
            assert warns_of_expulsion(language, end.verdicts[language]), end.id


def test_the_question_on_entry_leaves_nobody_out() -> None:
    """Only a clear yes counts as entered with control."""
    asked = CATALOGUE.paths["which-procedure"].questions["entry"]
    entries = {option.id: option.entry for option in asked.options}
    assert entries == {"control": Entry.CONTROLLED, **dict.fromkeys(OPEN_ENTRY, Entry.OPEN)}


def test_whoever_asks_for_a_procedure_is_asked_how_she_entered_or_is_warned() -> None:
    """No end of migration without a warning unless she said that she passed control."""
    for answers, end in walks(CATALOGUE.paths["which-procedure"]):
        controlled = any(option.entry is Entry.CONTROLLED for _, option in answers)
        if (end.article or "").startswith("regularization/") and not controlled:
            assert all(warns_of_expulsion(lang, end.verdicts[lang]) for lang in LANGUAGES), end.id


@pytest.mark.parametrize("name", IDS)
def test_questions_on_status_may_be_left_unanswered(name: str) -> None:
    """ "I do not know / I would rather not say" is an answer, and each other path has none."""
    path = CATALOGUE.paths[name]
    unsaid = {q.id for q in path.questions.values() if "unsaid" in {o.id for o in q.options}}
    assert unsaid == ABOUT_STATUS[name]


@pytest.mark.parametrize("name", ["where-health", "where-report"])
def test_danger_is_asked_first_and_leads_straight_to_help(name: str) -> None:
    """One tap: a card, or at least the number of the police, in every language."""
    path = CATALOGUE.paths[name]
    first = path.questions[path.first]
    assert [o.id for o in first.options if o.to in path.questions] == ["no"]
    for option in first.options:
        if option.id == "no":
            continue
        end = path.ends[option.to]
        assert end.emergency or all("105" in end.verdicts[lang] for lang in LANGUAGES), option.id


@pytest.mark.parametrize("name", IDS)
def test_verdicts_state_no_figure_of_their_own(name: str) -> None:
    """Numbers, dates, amounts and norms are those of the articles, which carry the sources."""
    known = {
        fact
        for article in CATALOGUE.articles.values()
        for text in article.texts["es"].sections.values()
        for fact in facts(text)
    }
    for end in CATALOGUE.paths[name].ends.values():
        assert facts(end.verdicts.get("es", "")) <= known, end.id


@pytest.mark.parametrize("name", IDS)
def test_no_verdict_names_a_fee(name: str) -> None:
    """Fees change every year and stand in the articles, with their date."""
    for end in CATALOGUE.paths[name].ends.values():
        assert not any("S/" in text for text in end.verdicts.values()), end.id
