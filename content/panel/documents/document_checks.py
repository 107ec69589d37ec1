"""What is wrong with one content besides articles, and in which field of its form."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from content import decoding
from content.catalogue import Catalogue
from content.checks import glossary, grounds, parity, paths, safety, shape
from content.checks.findings import Findings, Prose
from content.checks.notice import check_notice
from content.cursor import Cursor
from content.faults import Fault, Severity
from content.files import DESK as DESK_FILE
from content.files import HELP as HELP_FILE
from content.files import TOPICS as TOPICS_FILE
from content.files import Tree, path_file
from content.glossary import Glossary, decoded
from content.sheets import Place, Sheet
from locales import placeholders

_FEWEST_EXAMPLES = 5
_GAP = re.compile(r"\{\{(\w+)\}\}")
_LONGEST_TEMPLATE, _LONGEST_BUTTON = 1024, 25  # what Meta takes


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault with the name of its field: `numbers.0.source`; '' for the whole."""

    field: str
    fault: Fault

    @property
    def is_error(self) -> bool:
        """Say whether it keeps the content from being reviewed."""
        return self.fault.severity is Severity.ERROR


@dataclass(slots=True)
class _PlacedSheet(Sheet):
    """A sheet that keeps where each fault is."""

    placed: list[Problem] = field(default_factory=list)

    def fault(
        self, path: Place, what: str, remedy: str, severity: Severity = Severity.ERROR
    ) -> None:
        """Note a fault with its field."""
        self.placed.append(Problem(_name(path), Fault(self.file, 1, what, remedy, severity)))


@dataclass(slots=True)
class _PlacedFindings(Findings):
    """Findings on one document that keep where each fault is."""

    found: list[Problem] = field(default_factory=list)
    own: Sequence[Prose] = ()
    cut: int = 0

    def prose(self) -> Iterator[Prose]:
        """Go through the texts of this document alone."""
        yield from self.own

    def _note(self, file: str, place: Place, what: str, remedy: str, severity: Severity) -> None:
        self.found.append(Problem(_name(place[self.cut :]), Fault(file, 1, what, remedy, severity)))


def _name(place: Place) -> str:
    return ".".join(map(str, place))


def problems(
    kind: str, document: str, body: Any, catalogue: Catalogue, today: date
) -> tuple[Problem, ...]:
    """Return what is wrong with a document beside everything that is published, errors first."""
    sheet = _PlacedSheet(document)
    cursor = Cursor(sheet, body)
    findings = _PlacedFindings(Tree(catalogue, (), {}), today)
    match kind:
        case "card":
            _card(findings, decoding.card(cursor))
        case "path":
            _path(findings, decoding.path(cursor))
        case "topic":
            _topic(findings, decoding.topic(cursor))
        case "help":
            _help(findings, decoding.help_(cursor))
        case "desk":
            _desk(findings, decoding.roster(cursor))
        case "intent":
            _intent(findings, document, decoding.intent(cursor))
        case "offices":
            _offices(findings, cursor)
        case "whatsapp":
            _template(findings, document, body)
        case "glossary":
            _glossary(findings, decoded(cursor))
        case "notice":
            check_notice(findings, decoding.notice(cursor))
        case "phrases":
            _phrase(findings, body)
    every = dict.fromkeys((*sheet.placed, *findings.found))
    return tuple(sorted(every, key=lambda one: not one.is_error))


def _with(findings: Findings, **changes: Any) -> None:
    findings.tree = replace(findings.tree, catalogue=replace(findings.tree.catalogue, **changes))


def _texts(findings: _PlacedFindings) -> None:
    """Check the words that people read, whatever kind they stand in."""
    parity.examine(findings)
    safety.promises(findings)
    shape.marks(findings)


def _one(file: str, *parts: tuple[Place, Mapping[str, str]]) -> list[Prose]:
    return [
        Prose(texts, {lang: (file, (*place, lang)) for lang in texts}) for place, texts in parts
    ]


def _card(findings: _PlacedFindings, card: Any) -> None:
    file = f"emergency/{card.kind}.yml"
    _with(findings, cards={card.kind: card})
    findings.own = _one(file, (("card",), card.texts))
    shape.cards(findings)
    grounds.numbers(findings)
    _texts(findings)
    for index, number in enumerate(card.numbers):
        digits = re.sub(r"\D", "", number.number)[:12]
        spoken = re.sub(r"[^\d]", "", "".join(card.texts.values()))
        if digits and digits not in spoken:
            what = f"The text of the card does not name the number {number.number}."
            findings.warn(file, ("numbers", index, "number"), what, "Name it in the text.")


def _path(findings: _PlacedFindings, path: Any) -> None:
    _with(findings, paths={path.id: path})
    file = path_file(path.id)
    findings.own = _one(
        file,
        *((("questions", n, "text"), q.texts) for n, q in enumerate(path.questions.values())),
        *((("ends", n, "verdict"), e.verdicts) for n, e in enumerate(path.ends.values())),
    )
    paths.examine(findings)
    _texts(findings)


def _topic(findings: _PlacedFindings, topic: Any) -> None:
    _with(findings, topics={topic.id: topic})
    findings.cut = 1  # the checks count topics
    shape.topics(findings)
    grounds.official(findings, TOPICS_FILE, (0,), topic.channel)
    findings.cut = 0
    findings.own = _one(TOPICS_FILE, (("channel",), topic.channel.text))
    _texts(findings)


def _help(findings: _PlacedFindings, help_: Any) -> None:
    shape.per_language(findings, HELP_FILE, ("help",), help_.text, shape.HELP_TEXT)
    grounds.official(findings, HELP_FILE, (), help_)
    findings.own = _one(HELP_FILE, (("help",), help_.text))
    _texts(findings)


def _desk(findings: Findings, desk: Any) -> None:
    if not desk.hours:
        what = "The desk is never open: no hours are given."
        remedy = "Write when your staff answer; leave it if nobody does."
        findings.warn(DESK_FILE, ("hours",), what, remedy)


def _intent(findings: Findings, document: str, intent: Any) -> None:
    for language, texts in intent.examples.items():
        seen: set[str] = set()
        for text in texts:
            if text.casefold() in seen:
                what = f"`{text[:60]}` is written twice."
                place: Place = ("examples", language)
                findings.warn(f"intents/{document}.yml", place, what, "Remove one of the two.")
            seen.add(text.casefold())
        if len(texts) < _FEWEST_EXAMPLES:
            what = f"Only {len(texts)} examples in `{language}`."
            findings.warn(f"intents/{document}.yml", ("examples", language), what, "Write more.")


def _offices(findings: Findings, cursor: Cursor) -> None:
    offices = tuple(decoding.office(row) for row in cursor.items())
    _with(findings, offices=offices)
    grounds.offices(findings)


def _template(findings: Findings, document: str, body: Any) -> None:
    """Check a WhatsApp template as Meta would."""
    file, wanted = "whatsapp.yml", set(body.get("examples") or ())
    name = body.get("name", "")
    if not re.fullmatch(r"[a-z0-9_]{1,512}", name):
        what = "The name is not made of small letters, digits and `_`."
        findings.error(file, ("name",), what, f"Write it like `orienta_{document}_2`.")
    for language, text in body.get("texts", {}).items():
        place: Place = ("texts", language, "body")
        said = text.get("body", "")
        if set(_GAP.findall(said)) != wanted:
            what = "The places that are filled in are not those of this template."
            gaps = ", ".join("{{" + gap + "}}" for gap in sorted(wanted)) or "-"
            findings.error(file, place, what, f"The text holds exactly these: {gaps}.")
        if said.startswith("{{") or said.endswith("}}"):
            what = "The text begins or ends with a place that is filled in, which Meta refuses."
            findings.error(file, place, what, "Put words before and after it.")
        if len(said) > _LONGEST_TEMPLATE:
            what = f"The text has {len(said)} characters; at most {_LONGEST_TEMPLATE} fit."
            findings.error(file, place, what, "Shorten it.")
        buttons = text.get("buttons") or []
        if len(buttons) != len(body.get("choices") or ()):
            what = f"The text has {len(buttons)} buttons; {len(body.get('choices') or ())} are due."
            findings.error(file, ("texts", language, "buttons"), what, "Write one for each.")
        if any(len(button) > _LONGEST_BUTTON for button in buttons):
            what = f"A button has more than {_LONGEST_BUTTON} characters."
            findings.error(file, ("texts", language, "buttons"), what, "Shorten it.")


def _glossary(findings: Findings, terms: Glossary) -> None:
    findings.tree = replace(findings.tree, glossary=terms)
    glossary.form(findings)


def _phrase(findings: Findings, body: Any) -> None:
    source = body.get("msgid", "")
    for language, text in body.get("texts", {}).items():
        if placeholders(text) != placeholders(source):
            wanted = ", ".join(sorted(f"{{{name}}}" for name in placeholders(source))) or "-"
            what = "The places that are filled in are not those of the text of the program."
            remedy = f"The text holds exactly these: {wanted}."
            findings.error("phrases", ("texts", language), what, remedy)
