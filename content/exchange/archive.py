"""A content folder as one ZIP file, read as if somebody hostile had made it."""

import io
import lzma
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from content.faults import ContentError

PACKED, UNPACKED, ENTRIES = 20 * 1024 * 1024, 100 * 1024 * 1024, 5000
"""The most bytes of a file, of all it holds, and the most files in it."""

_LARGEST = 8 * 1024 * 1024  # bytes of one file
_RATIO, _SMALL = 200, 256 * 1024  # text packs far less; small files may be all blanks
_LONGEST = 200  # characters of a path
_STAMP = (2020, 1, 1, 0, 0, 0)
_SYMLINK, _KIND = 0o120000, 0o170000


class Refusal(StrEnum):
    """Why a ZIP file is not read."""

    NO_ZIP = "no_zip"
    TOO_LARGE = "too_large"
    TOO_MANY = "too_many"
    PATH = "path"
    LINK = "link"
    TWICE = "twice"
    ENCRYPTED = "encrypted"
    BOMB = "bomb"
    BROKEN = "broken"
    NO_CONTENT = "no_content"


@dataclass(slots=True)
class BadArchive(ContentError):
    """A ZIP file was refused whole. `name` is the entry at fault, cut and without control signs."""

    why: Refusal
    name: str = ""

    def __str__(self) -> str:
        return f"The ZIP file was refused: {self.why}."


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return files as a ZIP file: the same bytes for the same files."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _STAMP)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, files[name])
    return out.getvalue()


def unpack(data: bytes) -> dict[str, bytes]:
    """Return the files of a ZIP file by their paths; raise `BadArchive`.

    Nothing is written anywhere. A folder around everything is taken off, as is what macOS adds.
    """
    if len(data) > PACKED:
        raise BadArchive(Refusal.TOO_LARGE)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _without_wrapping(_files(archive))
    except BadArchive:
        raise
    except (zipfile.BadZipFile, ValueError, KeyError, OverflowError):
        raise BadArchive(Refusal.NO_ZIP) from None
    except (NotImplementedError, RuntimeError, EOFError, OSError, zlib.error, lzma.LZMAError):
        raise BadArchive(Refusal.BROKEN) from None


def _files(archive: zipfile.ZipFile) -> dict[str, bytes]:
    entries = archive.infolist()
    if len(entries) > ENTRIES:
        raise BadArchive(Refusal.TOO_MANY)
    # What the file says of its sizes is not trusted, but need not be tried out either.
    if sum(entry.file_size for entry in entries) > UNPACKED:
        raise BadArchive(Refusal.BOMB)
    found: dict[str, bytes] = {}
    seen: set[str] = set()
    left = UNPACKED
    for entry in entries:
        _examine(entry, seen)
        if entry.is_dir():
            continue
        content = _read(archive, entry, min(left, _LARGEST))
        left -= len(content)
        found[entry.filename] = content
    return found


def _examine(entry: zipfile.ZipInfo, seen: set[str]) -> None:
    """Refuse an entry for what it says of itself."""
    # Not `filename`: the library has cut that at the first NUL and turned backslashes.
    name = entry.orig_filename
    shown = "".join(sign if sign.isprintable() else "?" for sign in name)[:80]
    parts = name.removesuffix("/").split("/")
    if (
        len(name) > _LONGEST
        or any(part in ("", ".", "..") for part in parts)
        or any(sign in name for sign in ("\\", ":", "\0"))
        or not name.isprintable()
    ):
        raise BadArchive(Refusal.PATH, shown)
    if (entry.external_attr >> 16) & _KIND == _SYMLINK:
        raise BadArchive(Refusal.LINK, shown)
    key = name.removesuffix("/").casefold()
    if key in seen:
        raise BadArchive(Refusal.TWICE, shown)
    seen.add(key)
    if entry.flag_bits & 0x1:
        raise BadArchive(Refusal.ENCRYPTED, shown)
    if entry.file_size > max(_SMALL, _RATIO * entry.compress_size):
        raise BadArchive(Refusal.BOMB, shown)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    """Read an entry, but never more than `most` bytes, whatever it says of its size."""
    with archive.open(entry) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise BadArchive(Refusal.BOMB, entry.filename[:80])
    return content


def _without_wrapping(files: dict[str, bytes]) -> dict[str, bytes]:
    """Return the files of the folder that holds `topics.yml`, relative to it."""
    kept = {name: data for name, data in files.items() if not _is_clutter(name)}
    for prefix in ("", *(f"{name.partition('/')[0]}/" for name in kept if "/" in name)):
        if f"{prefix}topics.yml" in kept:
            inner = kept.items()
            return {name[len(prefix) :]: data for name, data in inner if name.startswith(prefix)}
    raise BadArchive(Refusal.NO_CONTENT)


def _is_clutter(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store", "Thumbs.db")
