"""One file's data together with the line of every value, read so that no input can do harm.

YAML is read by its events, not by a constructor: no tags, no aliases, bounded depth. Scalars stay
as they are written (`no`, `0105` and `2025-12-21` are texts), which is what a text format needs.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import yaml

from content.faults import Fault, Severity

Place: TypeAlias = tuple[str | int, ...]

_MAX_DEPTH = 12
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = ("", "~", "null", "Null", "NULL")
_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+(e[-+][0-9]+)?", re.ASCII)
_FLAGS = {"true": True, "false": False}
# Control characters but the line break, line and paragraph separators, surrogates, private use.
_UNPRINTABLE = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\uf8ff"
    "\U000f0000-\U000ffffd\U00100000-\U0010fffd]"
)


@dataclass(slots=True)
class Sheet:
    """The data of one file (or of one row of the database), where each value stands, its faults."""

    file: str
    value: Any = None
    lines: Mapping[Place, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line(self, path: Place) -> int:
        """Return the line of a value, or of the nearest thing around it that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(
        self, path: Place, what: str, remedy: str, severity: Severity = Severity.ERROR
    ) -> None:
        """Note a fault at a value."""
        self.faults.append(Fault(self.file, self.line(path), what, remedy, severity))


class _Refused(Exception):
    """The file cannot be read at all; `line` counts from 1."""

    def __init__(self, line: int, what: str, remedy: str) -> None:
        super().__init__(what)
        self.line, self.what, self.remedy = line, what, remedy


def parse(file: str, data: bytes, *, typed: bool = False) -> Sheet:
    """Read the bytes of a YAML file; whatever is wrong becomes a fault of the sheet.

    `typed` also reads whole numbers, decimals, `true` and `false` as such (for opaque data).
    """
    sheet = Sheet(file)
    try:
        sheet.value = _EventReader(data.decode("utf-8-sig"), sheet, typed).document()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        sheet.faults.append(Fault(file, line, "The file is not UTF-8.", "Save it as UTF-8."))
    except _Refused as error:
        sheet.faults.append(Fault(file, error.line, error.what, error.remedy))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or "it holds a character that is not allowed"
        what = f"The file is not valid YAML: {problem}."
        remedy = "Check the indentation and the quotes near this line."
        sheet.faults.append(Fault(file, mark.line + 1 if mark else 1, what, remedy))
    return sheet


class _EventReader:
    """Builds plain data from YAML events and notes the line of each value in the sheet."""

    def __init__(self, text: str, sheet: Sheet, typed: bool) -> None:
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_Loader))
        self._sheet = sheet
        self._typed = typed
        self._lines: dict[Place, int] = {}
        sheet.lines = self._lines

    def document(self) -> Any:
        """Return the data of the only document."""
        next(self._events)  # the start of the stream
        if isinstance(next(self._events), yaml.StreamEndEvent):
            raise _Refused(1, "The file is empty.", "Write its content or delete the file.")
        value = self._value(next(self._events), ())
        next(self._events)  # the end of the document
        after = next(self._events)
        if not isinstance(after, yaml.StreamEndEvent):
            line = after.start_mark.line + 1
            raise _Refused(line, "The file holds a second document.", "Remove the line `---`.")
        return value

    def _value(self, event: Any, path: Place) -> Any:
        line = event.start_mark.line + 1
        self._lines.setdefault(path, line)
        if len(path) > _MAX_DEPTH:
            raise _Refused(line, "The data is nested too deeply.", "Follow the file format.")
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _Refused(line, "References (& and *) are not allowed.", "Write the value out.")
        if event.tag and event.tag != "!":  # a lone "!" is what some parsers give quoted scalars
            raise _Refused(line, f"The tag {event.tag} is not allowed.", "Remove the tag.")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _scalar(self, event: Any) -> Any:
        value: str = event.value
        if event.style not in (None, ""):
            return value
        if value in _NULLS:
            return None
        if self._typed:
            if _WHOLE.fullmatch(value):
                return int(value)
            if _DECIMAL.fullmatch(value):
                return float(value)
            return _FLAGS.get(value, value)
        return value

    def _sequence(self, path: Place) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    def _mapping(self, path: Place) -> dict[str, Any]:
        values: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                raise _Refused(line, "A key is not a plain word.", "Write `key: value`.")
            key: str = event.value
            where = (*path, key)
            self._lines[where] = line
            if key in values:
                what = f"The key `{key}` appears twice."
                self._sheet.fault(where, what, "Keep one of the two.")
            values[key] = self._value(next(self._events), where)
        return values


def tidy(text: str) -> str:
    """Return a text in the one form in which it is kept: NFC, no blanks at the ends of lines."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").strip().split("\n")
    return "\n".join(line.rstrip() for line in lines)


def writable(text: str) -> str:
    """Return a text as `tidy` does, without the signs that no text may hold.

    They come along when people paste: tabs become blanks, separators line breaks.
    """
    spaced = text.replace("\t", " ").replace("\u2028", "\n").replace("\u2029", "\n\n")
    return tidy(_UNPRINTABLE.sub("", spaced))


def unprintable(text: str) -> str | None:
    """Return the first control or separator character that no text may hold, as U+XXXX."""
    found = _UNPRINTABLE.search(text)
    return f"U+{ord(found[0]):04X}" if found else None
