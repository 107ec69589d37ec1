"""The checks of a draft beside those of what is published, away from whoever serves people."""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from content.checks import check
from content.exchange.transfer import write_folder
from content.faults import ContentError, Fault, Severity
from content.files import GLOSSARY, read_tree

_FOLDER = Path(__file__).parent.parent
_MEASURED = re.compile(
    r"(?<=^Only )\d+|\d+(?= (?:characters|options|addresses|related)\b)|(?<=INFLESZ )\d+\.\d"
)
_POLITE = 10  # the service for people goes first

Files = Mapping[str, bytes]


class ChecksFailed(ContentError):
    """The process that checks ended without an answer."""

    def __init__(self) -> None:
        super().__init__("The checks ended without an answer; see that there is free memory.")


@dataclass(frozen=True, slots=True)
class Found:
    """What is wrong in a draft: `new` is not wrong in what is published, `known` already is."""

    new: tuple[Fault, ...]
    known: tuple[Fault, ...]

    @property
    def errors(self) -> tuple[Fault, ...]:
        """What refuses the draft."""
        return tuple(fault for fault in self.new if fault.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """What somebody should look at."""
        return tuple(fault for fault in self.new if fault.severity is not Severity.ERROR)


async def check_draft(draft: Files, published: Files, today: date) -> Found:
    """Check both in a process of its own at low priority; raise `ChecksFailed`."""
    folders = [
        {name: data.decode() for name, data in files.items()} for files in (draft, published)
    ]
    order = json.dumps({"today": today.isoformat(), "folders": folders}).encode()
    process = await asyncio.create_subprocess_exec(
        "nice", "-n", str(_POLITE), sys.executable, "-m", __name__, cwd=_FOLDER.parent,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        answer, _ = await process.communicate(order)
    except BaseException:
        with suppress(ProcessLookupError):
            process.kill()
        raise
    if process.returncode:
        raise ChecksFailed
    of_draft, of_published = json.loads(answer)
    return told_apart(tuple(map(_fault, of_draft)), tuple(map(_fault, of_published)))


def _fault(row: list[Any]) -> Fault:
    file, line, what, remedy, severity = row
    return Fault(file, line, what, remedy, Severity(severity))


def _serve(order: dict[str, Any]) -> list[list[Any]]:
    today = date.fromisoformat(order["today"])
    return [
        [list(astuple(fault)) for fault in faults_of(files, today)]
        for files in (
            {name: text.encode() for name, text in folder.items()} for folder in order["folders"]
        )
    ]


def faults_of(files: Files, today: date) -> tuple[Fault, ...]:
    """Return every fault of the files of a content folder; the glossary is the program's own."""
    glossary = _FOLDER / GLOSSARY
    given = {**files}
    if GLOSSARY not in given and glossary.is_file():
        given[GLOSSARY] = glossary.read_bytes()
    with tempfile.TemporaryDirectory(prefix="orienta-draft-") as folder:
        root = Path(folder) / "content"
        write_folder(given, root)
        return check(read_tree(root), today=today)


def told_apart(draft: tuple[Fault, ...], published: tuple[Fault, ...]) -> Found:
    """Part a draft's faults by whether the published content has the same.

    On whatever line, and however much: a text that is too long is no new fault when it is still
    too long.
    """
    had = {_same(fault) for fault in published}
    return Found(
        tuple(fault for fault in draft if _same(fault) not in had),
        tuple(fault for fault in draft if _same(fault) in had),
    )


def _same(fault: Fault) -> tuple[str, str]:
    return fault.file, _MEASURED.sub("#", fault.what)


if __name__ == "__main__":
    json.dump(_serve(json.load(sys.stdin.buffer)), sys.stdout)
