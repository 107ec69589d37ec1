"""What the checks of the content find, in the words of the panel.

The checks speak English, for whoever runs them in a terminal. `fault_words.yml` holds each of their
sentences with a name for every value in it, and what the staff read instead.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from content.catalogue import LANGUAGES, SECTIONS, Catalogue
from content.faults import Fault, Severity
from content.files import Tree
from content.panel.field_names import FIELD_NAMES, FILE_NAMES, FOLDER_NAMES
from content.panel.rendering import LANGUAGE_NAMES
from content.panel.writing.hints import FOREIGN_MARKS
from locales import translate_panel

_TABLE = Path(__file__).with_name("fault_words.yml")
_SLOT = re.compile(r"\{([a-z]+)\}")
_ARTICLE = re.compile(r"articles/([^/]+/[^/]+)/([a-z]+)\.yml|([a-z0-9-]+/[a-z0-9-]+) \(([a-z]+)\)")
_MARKS = {**FOREIGN_MARKS, "region": "La región", "province": "La provincia"}


class Told(NamedTuple):
    """A fault for staff: where it is, what is wrong, what to do."""

    where: str
    what: str
    remedy: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    """One sentence of the checks. `said` takes the same names as the groups of `heard`."""

    heard: re.Pattern[str]
    said: str


@dataclass(frozen=True, slots=True)
class _Filled:
    """Gives the value that was heard for each slot of what is said."""

    heard: re.Match[str]

    def __call__(self, slot: re.Match[str]) -> str:
        return _value(slot[1], self.heard[slot[1]])


def told(fault: Fault, language: str, tree: Tree | None = None) -> Told:
    """Return a fault in the language of the panel.

    With the tree that was checked, `where` names titles and sections; without it, ids.
    """
    where = place_of(fault, language, tree)
    error = fault.severity is Severity.ERROR
    if language == "en":
        return Told(where, fault.what, fault.remedy, error)
    return Told(where, in_spanish(fault.what), in_spanish(fault.remedy), error)


@lru_cache(maxsize=2048)
def in_spanish(sentence: str) -> str:
    """Return a sentence of the checks in Spanish; as it is where nobody has translated it."""
    return spanish(sentence) or sentence


def spanish(sentence: str) -> str | None:
    """Return the Spanish of a sentence of the checks, None where the table has none."""
    for pattern in _patterns():
        if match := pattern.heard.fullmatch(sentence):
            return _SLOT.sub(_Filled(match), pattern.said)
    return None


@cache
def _patterns() -> tuple[_Pattern, ...]:
    """Return the table, the sentences with the most words of their own first."""
    table: dict[str, str] = yaml.safe_load(_TABLE.read_text(encoding="utf-8"))
    ordered = sorted(table, key=lambda sentence: -len(_SLOT.sub("", sentence)))
    return tuple(_Pattern(re.compile(_expression(one), re.S), table[one]) for one in ordered)


def _expression(sentence: str) -> str:
    parts = _SLOT.split(sentence)
    return "".join(
        f"(?P<{part}>.+?)" if index % 2 else re.escape(part) for index, part in enumerate(parts)
    )


def _value(kind: str, written: str) -> str:
    if kind in ("field", "section", "language"):
        return _field(written)
    if kind in ("fields", "languages"):
        return ", ".join(_field(part) for part in written.split(", "))
    return _MARKS.get(written, written) if kind in ("mark", "part") else written


def _field(written: str) -> str:
    """Return a field as staff know it; the checks write `ground.1.norm` for what lies deeper."""
    return ", ".join(_part(part) for part in written.split("."))


def _part(part: str) -> str:
    if part.isdigit():
        return f"n.º {part}"
    return LANGUAGE_NAMES.get(part) or FIELD_NAMES.get(part, part)


# --- where ---------------------------------------------------------------------------------------


def place_of(fault: Fault, language: str, tree: Tree | None = None) -> str:
    """Return where a fault is, as staff call it: 'Respuesta «…», quechua, sección «Pasos»'."""
    catalogue = tree.catalogue if tree else None
    parts = [*_file(fault, language, catalogue), *_within(fault, language, tree)]
    return ", ".join(parts)


def _file(fault: Fault, language: str, catalogue: Catalogue | None) -> list[str]:
    if match := _ARTICLE.fullmatch(fault.file):
        identity, name = match[1] or match[3], match[2] or match[4]
        named = [_say("Respuesta «{name}»", language, name=_title(identity, catalogue))]
        return [*named, _say(LANGUAGE_NAMES[name], language)] if name in LANGUAGES else named
    if fault.file in FILE_NAMES:
        rows = [_say("fila {line}", language, line=fault.line)] if ".csv" in fault.file else []
        return [_say(FILE_NAMES[fault.file], language), *rows]
    folder, _, rest = fault.file.rpartition("/")
    name = rest.removesuffix(".yml")
    if folder in FOLDER_NAMES:
        shown = _say(LANGUAGE_NAMES.get(name, ""), language) or _named(folder, name, catalogue)
        return [_say(FOLDER_NAMES[folder], language, name=shown)]
    return [fault.file]


def _title(article: str, catalogue: Catalogue | None) -> str:
    found = catalogue.articles.get(article) if catalogue else None
    text = found.texts.get("es") if found else None
    return text.title if text and text.title else article


def _named(folder: str, name: str, catalogue: Catalogue | None) -> str:
    titles = None
    if catalogue and folder == "emergency" and name in catalogue.cards:
        titles = catalogue.cards[name].titles
    if catalogue and folder == "paths" and name in catalogue.paths:
        titles = catalogue.paths[name].titles
    return (titles or {}).get("es", name)


def _within(fault: Fault, language: str, tree: Tree | None) -> list[str]:
    """Return the names of the field on the fault's line; none where the tree is not known."""
    lines = tree.lines.get(fault.file, {}) if tree else {}
    here = [place for place, line in lines.items() if line == fault.line and place]
    # What concerns the whole file stands at its first line, as its first field does.
    if not here or fault.file.endswith(".csv") or lines.get(()) == fault.line:
        return []
    shown: list[str] = []
    for part in max(here, key=len):
        if part in SECTIONS and "sections" in max(here, key=len):
            name = _say(FIELD_NAMES[str(part)], language)
            shown.append(_say("sección «{name}»", language, name=name))
        elif part != "sections":
            written = str(part + 1) if isinstance(part, int) else part
            shown.append(_say(_part(written), language))
    return shown


def _say(text: str, language: str, **values: object) -> str:
    return translate_panel(text, language, {name: str(value) for name, value in values.items()})
