"""Which owners are to be told today of a text that ends or must be looked at again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from content.catalogue import Catalogue
from content.panel.tables import ToldRow
from content.schedule import Event, Reason, events
from content.staff import Role, StaffRow

EXPIRY_DAYS = (7, 30)
"""So many days before a text ends its owner is told, the nearest first."""

EVERYBODYS = (Role.REVIEWER, Role.PUBLISHER)
"""Who is told of what belongs to nobody in particular."""


class Matter(StrEnum):
    """What a notice says."""

    ENDS_SOON = "ends_soon"
    REVIEW_OVERDUE = "review_overdue"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that an owner is told once; `key` is its own as long as the date stays."""

    key: str
    matter: Matter
    article: str
    title: str
    path: str
    day: date
    owner: str


def due(catalogue: Catalogue, today: date) -> list[Notice]:
    """Return what somebody should have been told by today, the most urgent first.

    A text whose end was set late has only the notice of the days that are left.
    """
    found = [notice for event in events(catalogue, (), today) if (notice := _notice(event, today))]
    return sorted(found, key=lambda notice: (notice.matter, notice.day, notice.article))


def _notice(event: Event, today: date) -> Notice | None:
    left = (event.day - today).days
    if event.reason is Reason.EXPIRY:
        span = next((days for days in EXPIRY_DAYS if 0 <= left <= days), None)
        if span is None:
            return None
        key, matter = f"expiry:{event.subject}:{event.day}:{span}", Matter.ENDS_SOON
    elif event.reason is Reason.REVIEW and left <= 0:
        key, matter = f"review:{event.subject}:{event.day}", Matter.REVIEW_OVERDUE
    else:
        return None
    return Notice(key, matter, event.subject, event.title, event.path, event.day, event.owner)


def receivers(owner: str, staff: Iterable[StaffRow]) -> tuple[str, ...]:
    """Return the addresses that a notice goes to: its owner, or all who review and publish."""
    active = [member for member in staff if member.active]
    if any(member.email == owner.strip().lower() for member in active):
        return (owner.strip().lower(),)
    return tuple(member.email for member in active if member.role in EVERYBODYS)


def by_receiver(
    notices: Iterable[Notice], staff: Iterable[StaffRow]
) -> Mapping[str, tuple[Notice, ...]]:
    """Return what each person is told."""
    members, found = list(staff), dict[str, tuple[Notice, ...]]()
    for notice in notices:
        for address in receivers(notice.owner, members):
            found[address] = (*found.get(address, ()), notice)
    return found


async def untold(session: AsyncSession, keys: Iterable[str]) -> set[str]:
    """Return those of the keys that have not gone out."""
    wanted = list(keys)
    told: set[str] = set()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        told.update(await session.scalars(select(ToldRow.key).where(ToldRow.key.in_(some))))
    return set(wanted) - told


async def forget(session: AsyncSession, keys: Iterable[str]) -> None:
    """Take back that notices went out, for they did not."""
    for key in keys:
        await session.execute(delete(ToldRow).where(ToldRow.key == key))
