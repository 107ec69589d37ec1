"""A whole catalogue as one compressed value, kept for going back to it."""

import json
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from content.catalogue import Catalogue
from content.exchange.transfer import write_folder
from content.faults import ContentError, errors
from content.files import read_tree

_LARGEST = 512 * 1024 * 1024  # bytes of an unpacked snapshot; the seed content has 5 million


class BrokenSnapshot(ContentError):
    """What was kept cannot be read any more: go back to another release."""

    def __init__(self) -> None:
        super().__init__("The kept content cannot be read; go back to another release.")


def pack(files: Mapping[str, bytes]) -> bytes:
    """Return the files of a content folder as one value."""
    texts = {name: data.decode() for name, data in files.items()}
    return zlib.compress(json.dumps(texts, ensure_ascii=False).encode(), 6)


def unpack(packed: bytes) -> dict[str, bytes]:
    """Return the files again; raise `BrokenSnapshot`."""
    try:
        plain = zlib.decompressobj().decompress(packed, _LARGEST)
        return {str(name): str(text).encode() for name, text in json.loads(plain).items()}
    except (zlib.error, ValueError, AttributeError):
        raise BrokenSnapshot from None


def read_snapshot(packed: bytes) -> Catalogue:
    """Return the catalogue that was kept; raise `BrokenSnapshot`. Takes about a second."""
    with tempfile.TemporaryDirectory(prefix="orienta-snapshot-") as folder:
        root = Path(folder) / "content"
        write_folder(unpack(packed), root)
        tree = read_tree(root)
    if errors(tree.faults):
        raise BrokenSnapshot
    return tree.catalogue
