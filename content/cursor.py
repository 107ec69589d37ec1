"""Walking through a sheet: each step says what it expects, and notes a fault where it differs."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from content.faults import Severity
from content.sheets import Place, Sheet, tidy, unprintable


@dataclass(frozen=True, slots=True)
class Cursor:
    """One value of a sheet and where it stands."""

    sheet: Sheet
    value: Any
    path: Place = ()

    @property
    def name(self) -> str:
        """The value's key as a person would write it: `ground.1.norm`, counting from 1."""
        parts = (str(p + 1) if isinstance(p, int) else p for p in self.path)
        return ".".join(parts) or "the file"

    def fault(self, what: str, remedy: str, severity: Severity = Severity.ERROR) -> None:
        """Note a fault at this value."""
        self.sheet.fault(self.path, what, remedy, severity)

    def mapping(self, required: tuple[str, ...], optional: tuple[str, ...] = ()) -> bool:
        """Check that this is a mapping with these keys and no others; False if no mapping."""
        if not isinstance(self.value, dict):
            self.fault(f"{self.name} is not a list of `key: value` lines.", "See the file format.")
            return False
        known = (*required, *optional)
        for key in self.value:
            if key not in known:
                close = difflib.get_close_matches(key, known, n=1)
                hint = f"Did you mean `{close[0]}`?" if close else f"Use only: {', '.join(known)}."
                self.at(key).fault(f"The key `{key}` is unknown.", hint)
        for key in required:
            if key not in self.value:
                self.fault(f"The key `{key}` is missing.", f"Add `{key}:` with its value.")
        return True

    def at(self, key: str) -> "Cursor":
        """Return the value of a key; a missing one is None."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return Cursor(self.sheet, value, (*self.path, key))

    def has(self, key: str) -> bool:
        """Tell whether a key is there, with whatever value."""
        return isinstance(self.value, dict) and key in self.value

    def items(self) -> Iterator["Cursor"]:
        """Walk through a list; none at all for what is no list, with a fault."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            self.fault(f"{self.name} is not a list.", "Write one entry per line, after `- `.")
            return
        for index, value in enumerate(self.value):
            yield Cursor(self.sheet, value, (*self.path, index))

    def pairs(self) -> Iterator[tuple[str, "Cursor"]]:
        """Walk through a mapping of any keys."""
        if self.value is None:
            return
        if not isinstance(self.value, dict):
            self.fault(f"{self.name} is not a list of `key: value` lines.", "See the file format.")
            return
        for key in self.value:
            yield key, self.at(key)

    def text(self, *, empty: bool = False) -> str:
        """Return a text, tidied; a fault if it is no text, or is empty and may not be."""
        if self.value is None:
            if not empty and self.exists():
                self.fault(f"{self.name} is empty.", "Write its text.")
            return ""
        if not isinstance(self.value, str):
            self.fault(f"{self.name} is not a text.", "Put the text in quotes.")
            return ""
        text = tidy(self.value)
        if found := unprintable(text):
            self.fault(
                f"{self.name} holds the invisible character {found}.", "Delete it and type anew."
            )
            return ""
        if not text and not empty:
            self.fault(f"{self.name} is empty.", "Write its text.")
        return text

    def line_text(self, *, empty: bool = False) -> str:
        """Return a text of one line."""
        text = self.text(empty=empty)
        if "\n" in text:
            self.fault(f"{self.name} has more than one line.", "Write it on one line.")
            return " ".join(text.split())
        return text

    def texts(self) -> tuple[str, ...]:
        """Return a list of texts of one line, without empty ones."""
        return tuple(text for item in self.items() if (text := item.line_text()))

    def optional(self) -> str | None:
        """Return a text of one line, or None for null."""
        return None if self.value is None else self.line_text() or None

    def one_of(self, allowed: tuple[str, ...]) -> str:
        """Return one of a few words; a fault and the first of them otherwise."""
        if self.value is None and not self.exists():
            return allowed[0]
        text = self.line_text()
        if text in allowed:
            return text
        if text:
            self.fault(f"{self.name} is `{text[:40]}`.", f"Use one of: {', '.join(allowed)}.")
        return allowed[0]

    def number(self) -> int:
        """Return a whole number from 1 to 999,999; a fault and 1 otherwise."""
        written = str(self.value)
        if written.isascii() and written.isdigit() and 1 <= int(written[:7]) <= 999_999:
            return int(written[:7])
        if self.exists():
            self.fault(f"{self.name} is not a number from 1 upwards.", "Write a whole number.")
        return 1

    def day(self) -> date | None:
        """Return a date written YYYY-MM-DD, or None for null."""
        written = self.optional()
        if written is None:
            return None
        try:
            # Not fromisoformat: it also reads 20260131 and 2026-W05-6.
            return datetime.strptime(written, "%Y-%m-%d").replace(tzinfo=UTC).date()
        except ValueError:
            self.fault(f"{self.name} is not a date.", 'Write it as "2026-01-31".')
            return None

    def exists(self) -> bool:
        """Tell whether the file holds this value at all (a missing key has its own fault)."""
        return not self.path or not self.sheet.lines or self.path in self.sheet.lines
