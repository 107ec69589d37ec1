"""What is wrong in the content, where, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """An error keeps a tree from being used; a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `file` is relative to the content folder, `line` counts from 1.

    `remedy` is one sentence in plain English that says what to do.
    """

    file: str
    line: int
    what: str
    remedy: str
    severity: Severity = Severity.ERROR


class ContentError(Exception):
    """Base of what can go wrong with content as a whole."""


class FaultyTree(ContentError):
    """The tree has errors and was refused whole; `faults` holds every one of them."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        first = format_fault(faults[0]) if faults else "no fault given"
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        super().__init__(f"The content was refused, nothing was changed: {first}{more}")
        self.faults = faults


def errors(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return those faults that keep a tree from being used."""
    return tuple(fault for fault in faults if fault.severity is Severity.ERROR)


def in_order(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Sort faults by file, line and wording, each once."""
    return tuple(sorted(set(faults), key=lambda f: (f.file, f.line, f.severity, f.what, f.remedy)))


def format_fault(fault: Fault) -> str:
    """Write one fault as one line."""
    return f"{fault.file}:{fault.line}: {fault.severity}: {fault.what} {fault.remedy}"


def format_faults(faults: Iterable[Fault]) -> str:
    """Write faults as lines for a terminal, with the totals in the last one."""
    listed = in_order(faults)
    wrong = len(errors(listed))
    total = f"{wrong} errors, {len(listed) - wrong} warnings"
    return "\n".join([*(format_fault(fault) for fault in listed), total])
