"""What members of staff remark on a text."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from content import audit
from content.editing import Act, Incomplete, NotThere
from content.panel.tables import CommentRow
from content.sheets import writable


async def comments(session: AsyncSession, *subjects: str) -> list[CommentRow]:
    """Return the remarks on some subjects, oldest first."""
    query = select(CommentRow).where(CommentRow.subject.in_(subjects)).order_by(CommentRow.id)
    return list(await session.scalars(query))


async def comment(session: AsyncSession, act: Act, subject: str, text: str) -> CommentRow:
    """Write a remark; raise `Incomplete`."""
    if not (clean := writable(text)):
        raise Incomplete("text")
    row = CommentRow(subject=subject, staff=act.staff, text=clean, created_at=act.at)
    session.add(row)
    await session.flush()
    await audit.record(session, act.staff, "commented", subject, act.at)
    return row


async def resolve(session: AsyncSession, act: Act, comment_id: int) -> CommentRow:
    """Mark a remark as settled; raise `NotThere`."""
    row = await session.get(CommentRow, comment_id)
    if row is None:
        raise NotThere("There is no such remark.")
    row.resolved_at, row.resolved_by = act.at, act.staff
    await audit.record(session, act.staff, "comment_settled", row.subject, act.at)
    return row
