"""What the checks find in guided paths, each on a path that is good but for one thing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path as Folder
from types import MappingProxyType

import pytest

from content.catalogue import LANGUAGES, End, Entry, Option, Path, Question
from content.checks import check
from content.checks.paths import arrivals, must_warn
from content.checks.safety import warns_of_expulsion
from content.faults import Fault, Severity, errors, format_faults
from content.files import read_tree
from tests.fakes.content import (
    CARD,
    ENDS,
    QUESTIONS,
    TODAY,
    WARNING,
    catalogue,
    everywhere,
    path,
    write,
)

FILE = "paths/which-way.yml"


def found(root: Folder, *paths: Path) -> tuple[Fault, ...]:
    """Write a catalogue with these paths and check it."""
    return check(read_tree(write(catalogue(paths=paths), root)), today=TODAY)


def wrong(root: Folder, *paths: Path) -> list[str]:
    """Return what the errors say."""
    return [fault.what for fault in errors(found(root, *paths))]


def with_question(index: int, **changes: object) -> Path:
    """Return the good path with one question changed."""
    questions = list(QUESTIONS)
    questions[index] = replace(questions[index], **changes)  # type: ignore[arg-type]
    return path(questions=tuple(questions))


def with_options(index: int, *options: Option) -> Path:
    """Return the good path with other options of one question."""
    return with_question(index, options=options)


def with_end(index: int, **changes: object) -> Path:
    """Return the good path with one end changed."""
    ends = list(ENDS)
    ends[index] = replace(ends[index], **changes)  # type: ignore[arg-type]
    return path(ends=tuple(ends))


def without(language: str) -> MappingProxyType[str, str]:
    """Return words in all languages but one."""
    return MappingProxyType({k: v for k, v in everywhere("¿Qué?").items() if k != language})


def chain(length: int) -> Path:
    """Return a path that asks so many questions in a row."""
    names = [f"q{number}" for number in range(length)]
    questions = tuple(
        Question(
            name,
            everywhere(f"¿{name}?"),
            (Option("on", everywhere("Sí"), after), Option("off", everywhere("No"), "overview")),
        )
        for name, after in zip(names, [*names[1:], "card"], strict=True)
    )
    return path(questions=questions, ends=ENDS[1:], first="q0")


YES, NO, UNSAID = QUESTIONS[0].options
LONG = everywhere("x" * 500)
MANY = tuple(Option(f"o{number}", everywhere(f"Uno {number}"), "card") for number in range(10))


def test_a_good_path_has_no_fault(tmp_path: Folder) -> None:
    """The other tests may count on it."""
    assert format_faults(found(tmp_path, path())) == "0 errors, 0 warnings"


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (path(first="nowhere"), "`first` names `nowhere`"),
        (path(first="warned"), "`first` names `warned`"),
        (with_options(1, replace(QUESTIONS[1].options[0], to="nowhere")), "`nowhere` is no"),
        (with_options(1, QUESTIONS[1].options[0]), "`danger` has 1 options"),
        (with_options(1, *MANY), "`danger` has 10 options"),
        (path(ends=(*ENDS, End("lonely", article="health/access"))), "No answer leads to `lonely`"),
        (
            path(questions=(*QUESTIONS, replace(QUESTIONS[1], id="lonely"))),
            "No answer leads to `lonely`",
        ),
        (with_end(1, emergency=None), "The end `card` says nothing"),
        (with_end(1, emergency="volcano"), "card `volcano` is unknown"),
        (with_end(2, article="health/nowhere"), "article `health/nowhere` is unknown"),
        (with_end(2, verdicts=LONG), "`es` has 503 characters; at most 500"),
        (with_end(2, verdicts=without("qu")), "`verdict` is missing in `qu`"),
        (with_end(2, verdicts=everywhere("Cuesta S/ 40.60.")), "amount without its year"),
        (with_question(1, texts=everywhere("x" * 298)), "`es` has 301 characters; at most 300"),
        (with_question(1, texts=without("ht")), "`text` is missing in `ht`"),
        (path(titles=everywhere("x" * 70)), "`es` has 73 characters; at most 72"),
        (path(labels=without("fr")), "`label` is missing in `fr`"),
        (
            with_options(1, MANY[0], replace(MANY[1], labels=everywhere("x" * 18))),
            "`es` has 21 characters; at most 20",
        ),
        (with_options(1, MANY[0], replace(MANY[1], labels=without("en"))), "`label` is missing"),
        (
            with_options(1, MANY[0], replace(MANY[1], labels=everywhere("uno 0"))),
            "The label `uno 0 es` in `es` is that of o0, o1",
        ),
        (with_options(1, replace(MANY[0], id="o" * 50), MANY[1]), "too long together"),
        (with_options(0, replace(YES, entry=None), NO, UNSAID), "have an `entry` and some"),
    ],
)
def test_a_path_leads_somewhere_and_fits(tmp_path: Folder, given: Path, what: str) -> None:
    """Targets, options, languages, lengths, labels."""
    said = wrong(tmp_path, given)
    assert any(what in fault for fault in said), said


def test_two_paths_do_not_share_a_label(tmp_path: Folder) -> None:
    """They stand side by side in the menu."""
    assert "paths which-way, why" in " ".join(wrong(tmp_path, path(), path(id="why")))


def test_a_circle_is_named_without_what_only_follows_on_it(tmp_path: Folder) -> None:
    """Each question of it, and no crash."""
    back = replace(QUESTIONS[1].options[0], to="entry")
    onward = replace(QUESTIONS[1].options[1], to="after")
    after = replace(QUESTIONS[1], id="after", options=(MANY[0], replace(MANY[1], to="overview")))
    turning = replace(QUESTIONS[1], options=(back, onward))
    said = wrong(tmp_path, path(questions=(QUESTIONS[0], turning, after)))
    assert "These questions lead in a circle: entry, danger." in said


def test_at_most_six_questions_are_asked(tmp_path: Folder) -> None:
    """The seventh is a fault, and a chain of any length is no crash."""
    assert wrong(tmp_path / "six", chain(6)) == []
    assert wrong(tmp_path / "seven", chain(7)) == [
        "`q6` is question 7 in a row; at most 6 may be asked."
    ]
    assert len(wrong(tmp_path / "many", chain(1500))) == 1494


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("missing", ["expulsion", "Defensa Pública", "0800-15-170"])
def test_a_warning_holds_all_of_it_in_every_language(language: str, missing: str) -> None:
    """Expulsion, who helps for free, and the number."""
    text = WARNING[language]
    assert warns_of_expulsion(language, text)
    words = {"expulsion": text.split(".")[0]}
    assert not warns_of_expulsion(language, text.replace(words.get(missing, missing), "…"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_open_entry_without_a_warning_is_an_error(tmp_path: Folder, language: str) -> None:
    """In whichever language it is missing."""
    spoilt = MappingProxyType({**WARNING, language: "Vaya."})
    said = [what for what in wrong(tmp_path, with_end(0, verdicts=spoilt)) if "warned in" in what]
    assert said == [f"Who may have entered without control is not warned in: {language}."]


def test_an_article_alone_does_not_warn(tmp_path: Folder) -> None:
    """The verdict itself must: an article opens with what suits most readers."""
    said = wrong(tmp_path, with_end(0, verdicts=MappingProxyType({})))
    assert said == [
        f"Who may have entered without control is not warned in: {', '.join(LANGUAGES)}."
    ]


@pytest.mark.parametrize(
    ("spoil", "faulty"),
    [
        (lambda: with_options(0, YES, replace(NO, to="overview"), UNSAID), True),
        (lambda: with_options(0, YES, NO, replace(UNSAID, to="danger")), True),
        (lambda: with_options(0, replace(YES, entry=Entry.OPEN), NO, UNSAID), True),
        (lambda: with_options(0, YES, NO, replace(UNSAID, to="card")), False),
    ],
)
def test_every_way_of_an_open_entry_is_followed(
    tmp_path: Folder, spoil: Callable[[], Path], faulty: bool
) -> None:
    """Straight or through further questions; only a card stands without a warning."""
    said = [what for what in wrong(tmp_path, spoil()) if "warned in" in what]
    assert bool(said) is faulty


def test_what_was_left_open_stays_open() -> None:
    """A later answer that says otherwise does not close it."""
    again = replace(QUESTIONS[1], options=(replace(YES, to="overview"), QUESTIONS[1].options[0]))
    back = with_options(0, YES, replace(NO, to="danger"), UNSAID)
    known = arrivals(replace(back, questions=MappingProxyType({**back.questions, "danger": again})))
    assert known["entry"] == {None}
    assert known["overview"] == {Entry.OPEN, Entry.CONTROLLED}


@pytest.mark.parametrize(
    ("end", "entry", "warns"),
    [
        (End("e", article="regularization/cpp"), None, True),
        (End("e", article="regularization/cpp"), Entry.CONTROLLED, False),
        (End("e", everywhere("Vaya a Migraciones.")), None, True),
        (End("e", everywhere("Vaya a la comisaría.")), None, False),
        (End("e", everywhere("Vaya a la comisaría.")), Entry.OPEN, True),
        (End("e", emergency=CARD.kind), Entry.OPEN, False),
        (End("e", article="health/access", emergency=CARD.kind), Entry.OPEN, True),
    ],
)
def test_where_nobody_asked_migration_needs_a_warning(
    end: End, entry: Entry | None, warns: bool
) -> None:
    """A path that does not ask how she entered cannot know that she passed control."""
    assert must_warn(end, frozenset({entry})) is warns


def test_promises_and_wrong_figures_are_found_in_verdicts(tmp_path: Folder) -> None:
    """Verdicts are texts like others: checked for safety, figures and Markdown."""
    verdicts = {**everywhere("Llame al 105."), "en": "No risk.", "fr": "Appelez le 106."}
    faults = errors(found(tmp_path, with_end(2, verdicts=MappingProxyType(verdicts))))
    said = " ".join(fault.what for fault in faults)
    assert "promises that there is no risk" in said
    assert "`fr` lacks what the Spanish text states: 105" in said
    assert {fault.file for fault in faults} == {FILE}


def test_a_hard_verdict_and_an_unread_translation_are_pointed_out(tmp_path: Folder) -> None:
    """A verdict is measured like a section of an article; an unread text is a warning."""
    hard = everywhere("La documentación sustentatoria requerida reglamentariamente dirá " * 6)
    given = replace(with_end(2, verdicts=hard), pending_review=frozenset({"ht"}))
    faults = found(tmp_path, given)
    warned = [fault.what for fault in faults if fault.severity is Severity.WARNING]
    assert any("INFLESZ" in fault.what for fault in faults if fault.file == FILE)
    assert any("path in `qu` says that a speaker" in what for what in warned)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("- id: danger", "- id: entry", "`entry` appears twice"),
        ("- id: card", "- id: entry", "`entry` appears twice"),
        ("- id: unsaid", "- id: 'yes'", "`yes` appears twice"),
        ("- id: danger", "- id: Danger!", "no id that can be used"),
        ("- id: danger", "- name: danger", "no id that can be used"),
        ("entry: open", "entry: closed", "`closed`"),
        ("first: entry", "fist: entry", "`fist`"),
        ("to: warned", "too: warned", "`too`"),
        ("id: which-way", "id: other", "own name"),
        ("review:", "reviewed:", "`reviewed`"),
    ],
)
def test_a_path_file_that_cannot_be_read_right_is_a_fault(
    tmp_path: Folder, old: str, new: str, what: str
) -> None:
    """Its form, with the line."""
    file = write(catalogue(), tmp_path) / FILE
    before = file.read_text()
    assert old in before
    file.write_text(before.replace(old, new, 1))
    faults = [fault for fault in read_tree(tmp_path).faults if fault.file == FILE]
    assert any(what in fault.what for fault in faults), format_faults(faults)
