"""Who is on the staff, and in which role: what administrators do."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from content import audit, staff
from content.panel import sessions
from content.panel.entry import attempts, credentials, links
from content.staff import Role, StaffRow

COMMAND_LINE = "command line"
"""Who did it, in the audit log, when the operator typed a command."""


class MayNot(Exception):
    """`why` is 'herself' or 'last' (administrator)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


async def add(
    session: AsyncSession, by: str, email: str, name: str, role: Role, now: datetime
) -> tuple[StaffRow, str]:
    """Add a member of staff; return her and the token of a one-time link. Raise `StaffError`."""
    member = await staff.add(session, email, name, role, now)
    await session.flush()
    await audit.record(session, by, "staff_added", member.email, now, role=role.value)
    return member, await new_link(session, by, member.email, now)


async def new_link(session: AsyncSession, by: str, email: str, now: datetime) -> str:
    """Return the token of a new one-time link for a member; raise `StaffError`."""
    member = await staff.active(session, email)
    token = await links.make(session, member.email, now)
    await attempts.forget(session, member.email)
    await audit.record(session, by, "link_made", member.email, now)
    return token


async def change_role(
    session: AsyncSession, by: str, email: str, role: Role, now: datetime
) -> None:
    """Give a member another role; raise `StaffError` or `MayNot`."""
    member = await _not_the_last(session, by, email)
    if member.role != role.value:
        detail = {"before": member.role, "after": role.value}
        member.role = role.value
        await audit.record(session, by, "staff_role_changed", member.email, now, **detail)


async def deactivate(session: AsyncSession, by: str, email: str, now: datetime) -> None:
    """Take a member's rights away and end her sessions; raise `StaffError` or `MayNot`."""
    member = await _not_the_last(session, by, email)
    member.active = False
    await sessions.end(session, member.email)
    await links.end(session, member.email)
    await credentials.erase(session, member.email)
    await audit.record(session, by, "staff_deactivated", member.email, now)


async def _not_the_last(session: AsyncSession, by: str, email: str) -> StaffRow:
    """Return a member who may lose her role: never oneself, never the last administrator.

    The administrators' rows are locked, for two may remove each other at the same moment.
    """
    query = (
        select(StaffRow)
        .where(StaffRow.role == Role.ADMINISTRATOR.value, StaffRow.active)
        .order_by(StaffRow.email)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    administrators = [one.email for one in await session.scalars(query)]
    if by != COMMAND_LINE and by not in administrators:
        raise staff.StaffError(f"{by} is no administrator any more.")
    member = await staff.active(session, email)
    if member.email == by:
        raise MayNot("herself")
    if administrators == [member.email]:
        raise MayNot("last")
    return member
