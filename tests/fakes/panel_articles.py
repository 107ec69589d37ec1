"""Forms of answers in the panel, and what is stored of them."""

from sqlalchemy import select

from content.drafts import document_in_work, text_in_work
from content.models import RevisionRow
from content.panel.tables import AuditRow, DocumentRevisionRow
from content.staff import Role
from tests.fakes.forms import filled
from tests.fakes.panel import Browser, Running

A = "/panel/articles/health/access"


async def form(browser: Browser, address: str) -> dict[str, str]:
    """Return what a browser would send of the form on a page."""
    return dict(filled(await browser.text(address)))


async def written(panel: Running, answer: str = "Una respuesta nueva.", **more: str) -> None:
    """Save a draft of the Spanish text as an author."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/edit")
        response = await author.post(f"{A}/edit", {**fields, "section-answer": answer, **more})
        assert response.status == 303, await response.text()


async def draft(panel: Running, language: str = "es") -> RevisionRow:
    """Return the text in work."""
    async with panel.panel.reads() as session:
        row = await text_in_work(session, "health/access", language)
    assert row is not None
    return row


async def document(panel: Running, kind: str) -> DocumentRevisionRow:
    """Return the document in work."""
    async with panel.panel.reads() as session:
        row = await document_in_work(session, kind, "health/access")
    assert row is not None
    return row


async def logged(panel: Running) -> list[str]:
    """Return the actions of the audit log."""
    async with panel.panel.reads() as session:
        return list(await session.scalars(select(AuditRow.action).order_by(AuditRow.id)))


async def sent(browser: Browser, action: str, *rows: object, **more: str) -> int:
    """Take a step with some revisions; return the status."""
    parts = [
        (
            "part",
            f"{'text' if isinstance(row, RevisionRow) else 'document'}-{row.id}-{row.edits}",  # type: ignore[attr-defined]
        )
        for row in rows
    ]
    response = await browser.post(f"{A}/review/{action}", [*parts, *more.items()])
    return response.status
