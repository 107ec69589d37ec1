"""Replies that come too late for a platform's free text, and wait until she writes."""

from datetime import datetime

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import OutboxItem
from bot.tables import HELD, ConversationRow, OutboxRow


async def hold(session: AsyncSession, item: OutboxItem, now: datetime) -> None:
    """Keep a reply until she writes; if she just did, it is due."""
    # Whoever answers her locks her row first: he finds the reply held, or we find him done.
    owner = await session.get(ConversationRow, item.conversation, with_for_update=True)
    row = update(OutboxRow).where(OutboxRow.id == item.id)
    if owner is not None and owner.last_inbound_at != item.wrote_at:
        await session.execute(row.values(due_at=now))
    else:
        await session.execute(row.values(status=HELD, error=""))


async def is_holding(session: AsyncSession, conversation: str) -> bool:
    """Say whether anything waits until she writes."""
    held = exists().where(OutboxRow.conversation == conversation, OutboxRow.status == HELD)
    return bool(await session.scalar(select(held)))
