"""From a ZIP file to a plan of what it would change, and from what is published to a ZIP file."""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from content import FOLDER, rendering
from content.checks import check
from content.drafts import published_document
from content.exchange import archive
from content.exchange.importing import Plan, plan
from content.exchange.transfer import write_folder
from content.faults import Fault, errors
from content.files import GLOSSARY, Tree, read_tree
from content.publishing import load_catalogue
from content.sheets import parse

_GLOSSARY_KIND = "glossary"


@dataclass(frozen=True, slots=True)
class Examined:
    """What a ZIP file holds: its tree, its faults, and its glossary if it has one."""

    tree: Tree
    faults: tuple[Fault, ...]
    glossary: Any

    @property
    def errors(self) -> tuple[Fault, ...]:
        """Those faults for which nothing of it is taken."""
        return errors(self.faults)


async def export(session: AsyncSession) -> bytes:
    """Return everything published, and the glossary, as a ZIP file."""
    catalogue = await load_catalogue(session, switched=False)
    terms = await published_document(session, _GLOSSARY_KIND, _GLOSSARY_KIND)
    return await asyncio.to_thread(_packed, catalogue, terms)


def _packed(catalogue: Any, terms: Any) -> bytes:
    files = rendering.render_tree(catalogue)
    files[GLOSSARY] = _shipped_glossary() if terms is None else rendering.as_yaml(terms)
    return archive.pack(files)


def _shipped_glossary() -> bytes:
    return (FOLDER / GLOSSARY).read_bytes()


def examine(data: bytes, today: date) -> Examined:
    """Read and check a ZIP file; raise `BadArchive`. It takes seconds: call it in a thread."""
    files = archive.unpack(data)
    with tempfile.TemporaryDirectory(prefix="orienta-import-") as folder:
        root = Path(folder) / "content"
        write_folder(files, root)
        tree = read_tree(root)
    terms = parse(GLOSSARY, files[GLOSSARY]).value if GLOSSARY in files else None
    return Examined(tree, check(tree, today=today), terms)


async def planned(session: AsyncSession, found: Examined) -> Plan:
    """Compare a folder without errors with what is published."""
    published = await load_catalogue(session, switched=False)
    others: list[tuple[str, Any, Any]] = []
    if found.glossary is not None:
        had = await published_document(session, _GLOSSARY_KIND, _GLOSSARY_KIND)
        had = parse(GLOSSARY, _shipped_glossary()).value if had is None else had
        others.append((_GLOSSARY_KIND, had, found.glossary))
    return await asyncio.to_thread(plan, published, found.tree.catalogue, others)
