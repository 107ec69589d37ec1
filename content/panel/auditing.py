"""Reading the audit log: filters, pages, and a file for a spreadsheet."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from content.panel import wording
from content.panel.rendering import PERU
from content.panel.tables import AuditRow

PAGE = 50
_BATCH = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for: '' and None stand for everything. Days are days in Peru."""

    staff: str = ""
    action: str = ""
    subject: str = ""
    since: date | None = None
    until: date | None = None


def midnight(day: date) -> datetime:
    """Return when a day begins in Peru."""
    return datetime.combine(day, time(), PERU).astimezone(UTC)


def _query(wanted: Wanted, before: int | None) -> Select[AuditRow]:
    query = select(AuditRow).order_by(AuditRow.id.desc())
    if wanted.staff:
        query = query.where(AuditRow.staff == wanted.staff)
    if wanted.action:
        query = query.where(AuditRow.action == wanted.action)
    if wanted.subject:
        query = query.where(AuditRow.subject.icontains(wanted.subject, autoescape=True))
    if wanted.since:
        query = query.where(AuditRow.at >= midnight(wanted.since))
    if wanted.until:
        query = query.where(AuditRow.at < midnight(wanted.until) + timedelta(days=1))
    return query if before is None else query.where(AuditRow.id < before)


async def page(
    session: AsyncSession, wanted: Wanted, before: int | None = None
) -> tuple[Sequence[AuditRow], int | None]:
    """Return up to fifty lines, newest first, and where the next page begins, if there is one."""
    rows = list(await session.scalars(_query(wanted, before).limit(PAGE + 1)))
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


async def export(
    reading: Callable[[], Any], wanted: Wanted, head: Sequence[str], say: Callable[[str], str]
) -> AsyncIterator[bytes]:
    """Give the lines as CSV in pieces, each read by itself: no long log stands in memory."""
    yield b"\xef\xbb\xbf" + _csv([head])  # the mark by which spreadsheets see UTF-8
    before: int | None = None
    while True:
        async with reading() as session:
            rows = list(await session.scalars(_query(wanted, before).limit(_BATCH)))
        if not rows:
            return
        before = rows[-1].id
        yield _csv(
            [
                row.at.astimezone(PERU).strftime("%Y-%m-%d %H:%M:%S"), row.staff,
                say(wording.action(row.action)), row.subject, wording.detail(row.detail, say),
            ]
            for row in rows
        )  # fmt: skip


def safe_cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(rows: Any) -> bytes:
    file = io.StringIO()
    csv.writer(file).writerows([safe_cell(str(cell)) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8", "replace")
