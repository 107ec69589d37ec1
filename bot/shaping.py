"""The step from a reply to messages that fit a platform, still free of any platform."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from bot.bodies import clean
from bot.channel import Limits
from bot.markup import Block, Document, Span, parse, to_plain
from bot.messages import Choice, Label, Passage, Phrase, Reply
from bot.splitting import Measure, split

Translate: TypeAlias = Callable[[str, str, Mapping[str, str]], str]
"""(Spanish message id, language, values) -> text in the language."""

CHOOSE = Phrase("Elija una opción:")

_ICON = re.compile(r"[^\w\s]+ +(?=\w)")


class Menu(StrEnum):
    """How a message offers its options."""

    NONE = "none"
    BUTTONS = "buttons"
    ROWS = "rows"
    NUMBERS = "numbers"


@dataclass(frozen=True, slots=True)
class Option:
    """A way on, in words of the reader's language that fit the platform."""

    id: str
    label: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Shaped:
    """One message within the limits. With `Menu.NUMBERS` the options stand in the text as well."""

    text: Document
    options: tuple[Option, ...] = ()
    menu: Menu = Menu.NONE
    asks_location: bool = False


def shape(
    reply: Reply, limits: Limits, translate: Translate, *, bold: int = 0
) -> tuple[Shaped, ...]:
    """Shape a reply into one message if it fits, else several; the options come with the last.

    `bold` is what the platform counts for the markers of a bold run. Options become buttons if
    all of them fit, else rows of a list, else numbered lines. Where a text with buttons may only
    be shorter than one without, numbered lines keep a long reply in one message. A reply without
    anything to show gives no message.
    """
    measure = Measure(limits.unit, bold)
    document = _document(reply, translate)
    options = _options(reply, translate)
    if not document and options:
        document = parse(translate(CHOOSE.text, reply.language, CHOOSE.values))
    if not document:
        return ()
    menu, fitted = _menu(options, limits, measure)
    if menu in (Menu.BUTTONS, Menu.ROWS):
        fits = measure.document(document) <= limits.text_with_options
        if not fits and limits.text > limits.text_with_options:
            menu, fitted = Menu.NUMBERS, options
    if menu is Menu.NUMBERS:
        document += numbered(options)
    limit = limits.text if menu in (Menu.NONE, Menu.NUMBERS) else limits.text_with_options
    pieces = split(document, limit, measure)
    *firsts, last = [piece for piece in pieces if _shows(to_plain(piece))]
    return (*map(Shaped, firsts), Shaped(last, fitted, menu, reply.asks_location))


def numbered(options: tuple[Option, ...]) -> Document:
    """Return options as numbered lines, to be chosen by typing the number."""
    return tuple(
        Block((Span(option.label),), f"{number}.") for number, option in enumerate(options, 1)
    )


def fit(label: str, limit: int, measure: Measure) -> str:
    """Shorten a label to a limit: first by its icon, then at a word, with '…' at the end."""
    if measure.text(label) <= limit:
        return label
    label = _ICON.sub("", label, count=1) if _ICON.match(label) else label
    if measure.text(label) <= limit:
        return label
    head = measure.head(label, limit - 1)
    words = head.rpartition(" ")[0]
    return f"{words if len(words) * 2 > len(head) else head}".rstrip(" ,;:") + "…"


def one_line(text: str) -> str:
    """Return a text cleaned, as one line: labels and details have no line breaks."""
    return " ".join(clean(text).split())


def _document(reply: Reply, translate: Translate) -> Document:
    blocks: list[Block] = []
    for part in reply.parts:
        match part:
            case Phrase(text, values):
                blocks += parse(clean(translate(text, reply.language, values)))
            case Passage(markdown):
                blocks += parse(clean(markdown))
    document = tuple(blocks)
    return document if _shows(to_plain(document)) else ()


def _shows(text: str) -> bool:
    """Tell whether any character of a text can be seen: platforms refuse empty messages."""
    return any(character.isprintable() and not character.isspace() for character in text)


def _options(reply: Reply, translate: Translate) -> tuple[Option, ...]:
    options: dict[str, Option] = {}
    for choice in reply.choices:
        label = one_line(_words(choice, reply.language, translate))
        shown = label if _shows(label) else choice.id
        options.setdefault(choice.id, Option(choice.id, shown, one_line(choice.detail)))
    return tuple(options.values())


def _words(choice: Choice, language: str, translate: Translate) -> str:
    match choice.label:
        case Label(text):
            return translate(text, language, {})
        case text:
            return text


def _menu(
    options: tuple[Option, ...], limits: Limits, measure: Measure
) -> tuple[Menu, tuple[Option, ...]]:
    """Choose how the options are offered, and fit them to it."""
    if not options:
        return Menu.NONE, ()
    carried = all(_carried(option.id, limits) for option in options)
    labels = {option.label for option in options}
    short = all(measure.text(label) <= limits.button_label for label in labels)
    if carried and short and len(labels) == len(options) <= limits.buttons:
        return Menu.BUTTONS, options
    rows = tuple(_row(option, limits, measure) for option in options)
    if carried and len({row.label for row in rows}) == len(rows) <= limits.rows:
        return Menu.ROWS, rows
    return Menu.NUMBERS, options


def _carried(id_: str, limits: Limits) -> bool:
    return 0 < len(id_.encode("utf-8", "replace")) <= limits.option_id and id_ == clean(id_).strip()


def _row(option: Option, limits: Limits, measure: Measure) -> Option:
    """Fit an option to a row of a list; a label that had to be cut stands whole in the detail."""
    label = fit(option.label, limits.row_label, measure)
    detail = option.label if label.endswith("…") and label != option.label else option.detail
    return Option(option.id, label, fit(detail, limits.row_detail, measure))
