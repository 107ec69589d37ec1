"""The published content as a folder: out of the database and into it, whole or not at all."""

import os
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from content.catalogue import Catalogue
from content.checks import check
from content.faults import ContentError, FaultyTree, errors
from content.files import Tree, read_tree
from content.publishing import load_catalogue, lock_content
from content.rendering import render_tree
from content.storing import store_catalogue


class FolderInUse(ContentError):
    """The target of an export exists and is not empty: choose another."""

    def __init__(self) -> None:
        super().__init__("The target exists and is not an empty folder; name a new folder.")


class NoFolder(ContentError):
    """The source of an import is no folder."""

    def __init__(self) -> None:
        super().__init__("There is no such folder; name one that `orienta content export` wrote.")


async def export_folder(session: AsyncSession, folder: Path) -> Catalogue:
    """Write everything published as a new folder; raise `FolderInUse` or `OSError`."""
    catalogue = await load_catalogue(session, switched=False)
    write_folder(render_tree(catalogue), folder)
    return catalogue


async def import_folder(
    session: AsyncSession, folder: Path, *, author: str = "import", now: datetime | None = None
) -> Catalogue:
    """Publish a folder in place of what is published; the caller commits.

    Raise `NoFolder`, or `FaultyTree` with all the faults: then nothing has been written.
    """
    now = now or datetime.now(UTC)
    tree = _read(folder)
    if wrong := errors(check(tree, today=now.date())):
        raise FaultyTree(wrong)
    await lock_content(session)
    await store_catalogue(session, tree.catalogue, author=author, origin="import", now=now)
    return tree.catalogue


def write_folder(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder that appears only when it is complete; raise `FolderInUse`."""
    if folder.is_symlink() or (folder.exists() and not _is_empty_folder(folder)):
        raise FolderInUse
    folder.parent.mkdir(parents=True, exist_ok=True)
    unfinished = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        for name, data in files.items():
            path = _inside(unfinished, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        unfinished.chmod(0o755)
        os.replace(unfinished, folder)  # noqa: PTH105 - replaces an empty folder too
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _read(folder: Path) -> Tree:
    if not folder.is_dir():
        raise NoFolder
    return read_tree(folder)


def _inside(root: Path, name: str) -> Path:
    """Return where a file goes; raise `ValueError` rather than write anywhere else."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise ValueError("A name in the database would lead out of the folder.")
    return root.joinpath(*parts)


def _is_empty_folder(folder: Path) -> bool:
    return folder.is_dir() and not any(folder.iterdir())
