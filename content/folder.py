"""Reading a folder that somebody else may have made: plain files only, of bounded size."""

import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from content.faults import Fault, Severity

MAX_BYTES = 1 << 20


@dataclass(slots=True)
class Folder:
    """A folder and the faults met in it. Names are relative to it, with `/`."""

    root: Path
    faults: list[Fault] = field(default_factory=list)

    def names(self, relative: str) -> list[str]:
        """Return what lies in a sub-folder, sorted, without hidden entries; none if it is absent.

        Links are never followed: they are faults.
        """
        if self._is_link(relative):
            return []
        try:
            with os.scandir(self.root / relative) as entries:
                found = sorted(e.name for e in entries if not e.name.startswith((".", "__")))
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self.fault(relative, f"The folder cannot be read: {error.strerror}.", "Check it.")
            return []
        return [name for name in found if not self._is_link(f"{relative}/{name}")]

    def is_folder(self, relative: str) -> bool:
        """Tell whether this is a folder."""
        return (self.root / relative).is_dir()

    def has(self, relative: str) -> bool:
        """Tell whether there is anything by this name, be it a link that leads nowhere."""
        return os.path.lexists(self.root / relative)

    def read(self, relative: str) -> bytes | None:
        """Return the bytes of a file; None with a fault if it is absent, a link, or too large."""
        if self._is_link(relative):
            return None
        try:
            # Not blocking: a pipe in the place of a file must not make the program wait.
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
            descriptor = os.open(self.root / relative, flags)
        except FileNotFoundError:
            self.fault(relative, "The file is missing.", "Add it; see docs/content-format.md.")
            return None
        except OSError as error:
            self.fault(relative, f"The file cannot be read: {error.strerror}.", "Check it.")
            return None
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            self.fault(relative, "This is not a plain file.", "Replace it by a plain file.")
            return None
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            self.fault(relative, "The file is larger than 1 MiB.", "Split or shorten it.")
            return None
        return data

    def unknown(self, relative: str) -> None:
        """Note that something here is no part of the format."""
        self.fault(
            relative,
            "This is no part of the content format and is not read.",
            "Correct its name or move it elsewhere.",
            Severity.WARNING,
        )

    def fault(
        self, relative: str, what: str, remedy: str, severity: Severity = Severity.ERROR
    ) -> None:
        """Note a fault of a file as a whole."""
        self.faults.append(Fault(relative, 1, what, remedy, severity))

    def _is_link(self, relative: str) -> bool:
        parts = relative.split("/")
        for depth in range(1, len(parts) + 1):
            part = "/".join(parts[:depth])
            if (self.root / part).is_symlink():
                what = "This is a link, which is not followed."
                fault = Fault(part, 1, what, "Put the file itself here.")
                if fault not in self.faults:
                    self.faults.append(fault)
                return True
        return False
