"""Does every guided path lead somewhere, fit on a screen, and warn whoever could be expelled?"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, End, Entry, Path, Question
from content.checks.findings import Findings, plain
from content.checks.safety import amounts_without_year, warns_of_expulsion
from content.checks.shape import LABEL, NEED_SPEAKER, TITLE, per_language
from content.files import path_file
from content.sheets import Place

QUESTION, VERDICT = 300, 500
FEWEST, MOST, DEEPEST = 2, 9, 6
IDS = 56
"""What the ids of path, question and option may take together: buttons carry at most 64 bytes."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A path, its file, and where its questions and ends stand in it."""

    path: Path
    file: str
    places: Mapping[str, Place]


def examine(findings: Findings) -> None:
    """Check the texts of every path, where it leads, and what it says to whom."""
    for path in findings.catalogue.paths.values():
        places: dict[str, Place] = {
            **{name: ("questions", index) for index, name in enumerate(path.questions)},
            **{name: ("ends", index) for index, name in enumerate(path.ends)},
        }
        way = _Way(path, path_file(path.id), places)
        _texts(findings, way)
        _references(findings, way)
        _route(findings, way)
        _warnings(findings, way)
    paths = findings.catalogue.paths.values()
    for language, label, users in _twice((p.id, p.labels) for p in paths):
        what = f"The label `{label}` is that of the paths {', '.join(users)}."
        place: Place = ("label", language)
        findings.error(path_file(users[-1]), place, what, "Give each path a label of its own.")


def arrivals(path: Path) -> dict[str, frozenset[Entry | None]]:
    """Return, per question and end that can be reached, what may be known there of her entry.

    None: she was not asked. Once it is open it stays open, whatever is answered later.
    """
    known: dict[str, set[Entry | None]] = defaultdict(set)
    ahead: list[tuple[str, Entry | None]] = [(path.first, None)]
    while ahead:
        name, entry = ahead.pop()
        if entry in known[name]:
            continue
        known[name].add(entry)
        question = path.questions.get(name)
        for option in question.options if question else ():
            ahead.append((option.to, entry if entry is Entry.OPEN else option.entry or entry))
    return {name: frozenset(entries) for name, entries in known.items()}


def must_warn(end: End, entries: frozenset[Entry | None]) -> bool:
    """Tell whether an end may meet a person who entered without control and could send her off.

    A card alone sends nobody to an office, and nothing may stand between her and its number.
    """
    if not end.verdicts and end.article is None:
        return False
    if Entry.OPEN in entries:
        return True
    named = any("migraciones" in plain(text) for text in end.verdicts.values())
    return None in entries and (named or (end.article or "").startswith("regularization/"))


def _texts(findings: Findings, way: _Way) -> None:
    path, file = way.path, way.file
    per_language(findings, file, ("title",), path.titles, TITLE)
    per_language(findings, file, ("label",), path.labels, LABEL)
    for question in path.questions.values():
        place = way.places[question.id]
        per_language(findings, file, (*place, "text"), question.texts, QUESTION)
        for index, option in enumerate(question.options):
            where: Place = (*place, "options", index)
            per_language(findings, file, (*where, "label"), option.labels, LABEL)
            if len(path.id) + len(question.id) + len(option.id) > IDS:
                what = f"The ids of path, question and option `{option.id}` are too long together."
                findings.error(file, where, what, f"Use at most {IDS} characters for the three.")
        for language, label, users in _twice((o.id, o.labels) for o in question.options):
            what = f"The label `{label}` in `{language}` is that of {', '.join(users)}."
            remedy = "Give each option of a question a label of its own."
            findings.error(file, (*place, "options"), what, remedy)
    for end in path.ends.values():
        if end.verdicts:
            place = (*way.places[end.id], "verdict")
            per_language(findings, file, place, end.verdicts, VERDICT)
            if amounts_without_year(end.verdicts.get(SOURCE_LANGUAGE, "")):
                what = "`verdict` names an amount without its year."
                findings.error(file, place, what, "Say from when the amount is.")
    for language in NEED_SPEAKER:
        if language not in path.pending_review:
            what = f"The path in `{language}` says that a speaker has read it."
            findings.warn(file, ("title", language), what, "If not, add it to `review`.")


def _references(findings: Findings, way: _Way) -> None:
    catalogue, path, file = findings.catalogue, way.path, way.file
    if path.first not in path.questions:
        what = f"`first` names `{path.first[:40]}`, which is no question."
        findings.error(file, ("first",), what, "Name the question that comes first.")
    for question in path.questions.values():
        place = way.places[question.id]
        if not FEWEST <= len(question.options) <= MOST:
            what = f"`{question.id}` has {len(question.options)} options."
            findings.error(file, place, what, f"Give it {FEWEST} to {MOST}.")
        for index, option in enumerate(question.options):
            if option.to not in way.places:
                where: Place = (*place, "options", index, "to")
                what = f"`{option.to[:40]}` is no question and no end."
                findings.error(file, where, what, "Name a question or an end of this path.")
    for end in path.ends.values():
        place = way.places[end.id]
        if not end.verdicts and end.article is None and end.emergency is None:
            what = f"The end `{end.id}` says nothing."
            findings.error(file, place, what, "Give it a verdict, an article or a card.")
        if end.article is not None and end.article not in catalogue.articles:
            what = f"The article `{end.article}` is unknown."
            findings.error(file, (*place, "article"), what, "Name an article that has a folder.")
        if end.emergency is not None and end.emergency not in catalogue.cards:
            what = f"The emergency card `{end.emergency}` is unknown."
            remedy = f"Use one of: {', '.join(catalogue.cards) or 'none'}."
            findings.error(file, (*place, "emergency"), what, remedy)


def _route(findings: Findings, way: _Way) -> None:
    """Check that all can be reached, that nothing leads in a circle, and that it is short."""
    path, reached = way.path, arrivals(way.path)
    for name, place in way.places.items():
        if name not in reached:
            what = f"No answer leads to `{name}`."
            findings.error(way.file, place, what, "Lead an option to it or remove it.")
    depths = _depths(path, [q for name, q in path.questions.items() if name in reached])
    circle = [name for name, depth in depths.items() if depth is None]
    if circle:
        what = f"These questions lead in a circle: {', '.join(circle)}."
        remedy = "Lead their options on, to an end at last."
        findings.error(way.file, way.places[circle[0]], what, remedy)
    for name, depth in depths.items():
        if depth is not None and depth > DEEPEST:
            what = f"`{name}` is question {depth} in a row; at most {DEEPEST} may be asked."
            findings.error(way.file, way.places[name], what, "Ask only what the end depends on.")


def _depths(path: Path, reached: list[Question]) -> dict[str, int | None]:
    """Return how many questions are asked, at most, up to each; None in a circle.

    Without recursion: a file may hold a chain of any length.
    """
    onward = {q.id: {o.to for o in q.options} & set(path.questions) for q in reached}
    before = dict.fromkeys(onward, 0)
    for targets in onward.values():
        for name in targets:
            before[name] += 1
    depths: dict[str, int | None] = {}
    longest = dict.fromkeys(onward, 1)
    ready = [name for name, count in before.items() if count == 0]
    while ready:
        name = ready.pop()
        depths[name] = longest[name]
        for target in onward[name]:
            longest[target] = max(longest[target], longest[name] + 1)
            before[target] -= 1
            if before[target] == 0:
                ready.append(target)
    stuck = {name for name in onward if name not in depths}
    # What only follows on a circle is not part of it.
    while after := {name for name in stuck if not onward[name] & stuck}:
        stuck -= after
    return depths | {name: None for name in onward if name in stuck}


def _warnings(findings: Findings, way: _Way) -> None:
    path = way.path
    for question in path.questions.values():
        if len({option.entry is None for option in question.options}) > 1:
            what = f"Some options of `{question.id}` have an `entry` and some have none."
            remedy = "Write `entry: open` wherever she may have entered without control."
            findings.error(way.file, way.places[question.id], what, remedy)
    known = arrivals(path)
    for end in path.ends.values():
        if not must_warn(end, known.get(end.id, frozenset())):
            continue
        silent = [
            lang for lang in LANGUAGES if not warns_of_expulsion(lang, end.verdicts.get(lang, ""))
        ]
        if silent:
            what = f"Who may have entered without control is not warned in: {', '.join(silent)}."
            remedy = "Name expulsion, the Defensa Pública and 0800-15-170 in the verdict."
            findings.error(way.file, way.places[end.id], what, remedy)


def _twice(
    labelled: Iterable[tuple[str, Mapping[str, str]]],
) -> Iterable[tuple[str, str, list[str]]]:
    """Return language, label and ids of what cannot be told apart by its label."""
    users: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, labels in labelled:
        for language, label in labels.items():
            users[language, label.casefold()].append(name)
    return [(lang, label, ids) for (lang, label), ids in users.items() if len(ids) > 1]
