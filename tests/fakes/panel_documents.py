"""Forms of contents besides articles, and what is stored of them."""

from sqlalchemy import select

from content.panel.tables import DocumentRevisionRow
from tests.fakes.forms import filled
from tests.fakes.panel import Browser, Running


async def form(browser: Browser, address: str) -> list[tuple[str, str]]:
    """Return what a browser would send of the form on a page."""
    return filled(await browser.text(address))


def changed(fields: list[tuple[str, str]], **values: str) -> list[tuple[str, str]]:
    """Return fields with other values; `__` in a name stands for a dot."""
    new = {name.replace("__", "."): value for name, value in values.items()}
    kept = [(name, value) for name, value in fields if name not in new]
    return kept + list(new.items())


async def draft(panel: Running, kind: str) -> DocumentRevisionRow:
    """Return the newest change of a kind."""
    async with panel.panel.reads() as session:
        query = select(DocumentRevisionRow).where(DocumentRevisionRow.kind == kind)
        row = await session.scalar(query.order_by(DocumentRevisionRow.id.desc()))
    assert row is not None
    return row


async def seen(panel: Running, kind: str) -> dict[str, str]:
    """Return the hidden fields of the newest change of a kind."""
    row = await draft(panel, kind)
    return {"revision": str(row.id), "edits": str(row.edits), "base": "0"}
