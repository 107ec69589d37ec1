"""One-time links: how a member of staff comes in for the first time, or again."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from content.panel.sessions import hashed
from content.panel.tables import LinkRow
from content.staff import StaffRow, active

VALID = timedelta(hours=48)


def path(token: str) -> str:
    """Return where a link leads, below the address of the panel's host."""
    return f"/panel/welcome/{token}"


async def make(session: AsyncSession, email: str, now: datetime) -> str:
    """Return the token of a new link, which stands nowhere else; older links end.

    Raise `StaffError` if nobody active has this address.
    """
    member = await active(session, email)
    await session.execute(delete(LinkRow).where(LinkRow.email == member.email))
    token = secrets.token_urlsafe(32)
    session.add(LinkRow(token=hashed(token), email=member.email, expires_at=now + VALID))
    await session.flush()
    return token


async def find(session: AsyncSession, token: str, now: datetime) -> StaffRow | None:
    """Return whose link this is, if it can still be used."""
    query = (
        select(StaffRow)
        .join(LinkRow, LinkRow.email == StaffRow.email)
        .where(
            LinkRow.token == hashed(token),
            LinkRow.used_at.is_(None),
            LinkRow.expires_at > now,
            StaffRow.active,
        )
    )
    return await session.scalar(query)


async def use(session: AsyncSession, token: str, now: datetime) -> bool:
    """Use a link up; say whether it could be used. Of two at once, one can."""
    used = await session.execute(
        update(LinkRow)
        .where(
            LinkRow.token == hashed(token), LinkRow.used_at.is_(None), LinkRow.expires_at > now
        )
        .values(used_at=now)
    )  # fmt: skip
    return bool(used.rowcount)  # type: ignore[attr-defined]


async def end(session: AsyncSession, email: str) -> None:
    """End all links of a member."""
    await session.execute(delete(LinkRow).where(LinkRow.email == email))


async def purge(session: AsyncSession, now: datetime) -> None:
    """Delete links that can no longer be used."""
    await session.execute(delete(LinkRow).where(LinkRow.expires_at < now))
