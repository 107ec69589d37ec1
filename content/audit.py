"""The record of what members of staff did. Lines are added and read, never changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from content.panel.tables import AuditRow


async def record(
    session: AsyncSession,
    staff: str,
    action: str,
    subject: str,
    now: datetime,
    **detail: Any,
) -> None:
    """Add a line in the transaction of the act itself: both are stored or neither.

    `action` is a snake_case verb phrase ("text_approved"), `subject` what it was done to
    ("renew-residence es 4"). `detail` is JSON and never holds words of persons who asked.
    """
    row: Mapping[str, Any] = {
        "at": now, "staff": staff, "action": action, "subject": subject[:200], "detail": detail,
    }  # fmt: skip
    await session.execute(insert(AuditRow).values(**row))
