"""What somebody was writing when her session ended: kept sealed for her alone, for a day."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from multidict import MultiMapping
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from content.panel.ports import Sealer
from content.panel.sessions import hashed
from content.panel.tables import KeptFormRow

VALID = timedelta(days=1)
PARAMETER = "kept"
"""In the address to which a kept form is sent: the form is deleted once it has arrived."""

_SECRET = ("password", "code", "sealed", "current")  # beginnings of fields that are never kept


@dataclass(frozen=True, slots=True)
class Kept:
    """What she wrote, and the address that it was for."""

    path: str
    fields: tuple[tuple[str, str], ...]


async def keep(
    session: AsyncSession,
    keys: Sealer,
    email: str,
    path: str,
    form: MultiMapping[str],
    now: datetime,
) -> str | None:
    """Keep a form and return its token, or None if there is nothing that may be kept."""
    fields = [(name, text) for name, text in form.items() if not name.startswith(_SECRET)]
    if not fields or path.startswith(("/panel/account", "/panel/sign-")):
        return None
    token = secrets.token_urlsafe(32)
    body = json.dumps({"email": email, "path": path, "fields": fields})
    session.add(KeptFormRow(token=hashed(token), body=keys.seal(body), created_at=now))
    return token


async def find(
    session: AsyncSession, keys: Sealer, email: str, token: str, now: datetime
) -> Kept | None:
    """Return what was kept for a member; None for anybody else, or after a day."""
    row = await session.get(KeptFormRow, hashed(token))
    if row is None or now - row.created_at > VALID:
        return None
    body = json.loads(keys.open(row.body))
    if body["email"] != email:
        return None
    return Kept(body["path"], tuple((name, text) for name, text in body["fields"]))


async def forget(session: AsyncSession, token: str) -> None:
    """Delete what has arrived, or what she throws away."""
    await session.execute(delete(KeptFormRow).where(KeptFormRow.token == hashed(token)))


async def purge(session: AsyncSession, now: datetime) -> None:
    """Delete what is older than a day."""
    await session.execute(delete(KeptFormRow).where(KeptFormRow.created_at < now - VALID))
