"""The members of staff: who may change the content, in which role."""

import re
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, String, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from content.faults import ContentError
from content.models import Base, UtcDateTime

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


class Role(StrEnum):
    """What a member of staff may do."""

    AUTHOR = "author"
    TRANSLATOR = "translator"
    REVIEWER = "reviewer"
    PUBLISHER = "publisher"
    DESK = "desk"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


class StaffError(ContentError):
    """Something about a member of staff is not as it must be. The message says what to do."""


class StaffRow(Base):
    """A member of staff. She is never deleted: what she did stays under her name."""

    __tablename__ = "staff"

    email: Mapped[str] = mapped_column(String(254), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(16))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


async def add(session: AsyncSession, email: str, name: str, role: Role, now: datetime) -> StaffRow:
    """Add a member of staff, or bring one back in a new role; raise `StaffError`."""
    address = email.strip().lower()
    if len(address) > 128 or not _EMAIL.fullmatch(address):
        raise StaffError("That is no e-mail address; write one such as ana@example.org.")
    if not name.strip() or len(name) > 120:
        raise StaffError("A member of staff needs a name of at most 120 characters.")
    member = await session.get(StaffRow, address)
    if member is not None and member.active:
        raise StaffError(f"{address} is a member of staff already; see `orienta staff list`.")
    if member is None:
        member = StaffRow(email=address, created_at=now)
        session.add(member)
    member.name, member.role, member.active = name.strip(), role.value, True
    return member


async def active(session: AsyncSession, email: str) -> StaffRow:
    """Return an active member of staff; raise `StaffError`."""
    member = await session.get(StaffRow, email.strip().lower())
    if member is None or not member.active:
        raise StaffError(
            f"{email} is no active member of staff; add the person with `orienta staff add`."
        )
    return member


async def is_desk_staffed(session: AsyncSession) -> bool:
    """Say whether an active member of staff reads the cases of the desk."""
    query = select(StaffRow.email).where(StaffRow.role == Role.DESK.value, StaffRow.active)
    return await session.scalar(query.limit(1)) is not None


async def everyone(session: AsyncSession) -> list[StaffRow]:
    """Return all members of staff, those who left included."""
    return list(await session.scalars(select(StaffRow).order_by(StaffRow.email)))


async def deactivate(session: AsyncSession, email: str) -> None:
    """Take a member's rights away; raise `StaffError` if there is no such active member."""
    (await active(session, email)).active = False
