"""Deleting what the sign-in no longer needs."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from content.panel import sessions
from content.panel.entry import attempts, kept, links


async def purge(session: AsyncSession, now: datetime) -> None:
    """Delete ended sessions, links, attempts and kept forms. The audit log stays."""
    await sessions.purge(session, now)
    await links.purge(session, now)
    await attempts.purge(session, now)
    await kept.purge(session, now)
