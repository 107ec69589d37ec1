"""Releases that wait for the worker: each is taken by one process, and by another if that dies."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from content import audit
from content.catalogue import Catalogue
from content.panel.tables import ReleaseRow
from content.release.releases import MODEL_WAITS, Stage, beside_catalogue, found, seal

DEAD_AFTER = timedelta(minutes=2)
"""A worker that gave no sign of life for so long is dead: its release is taken up again."""


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(
        ReleaseRow.status == Stage.QUEUED,
        and_(ReleaseRow.status == Stage.EXAMINING, ReleaseRow.worked_at < now - DEAD_AFTER),
    )


async def waiting(session: AsyncSession, now: datetime) -> list[int]:
    """Return the releases that any worker may examine, the oldest first. Cheap: for polling."""
    return list(
        await session.scalars(select(ReleaseRow.id).where(_free(now)).order_by(ReleaseRow.id))
    )


async def claim(session: AsyncSession, worker: str, now: datetime) -> ReleaseRow | None:
    """Take the next release to be examined for a worker; None if there is none."""
    for release_id in await waiting(session, now):
        # Of two processes that saw it free, the second finds nothing to change.
        taken = await session.execute(
            update(ReleaseRow)
            .where(ReleaseRow.id == release_id, _free(now))
            .values(status=Stage.EXAMINING, worked_at=now, progress="", report={"worker": worker})
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount:  # type: ignore[attr-defined]
            return await found(session, release_id)
    return None


async def still_mine(
    session: AsyncSession, release_id: int, worker: str, now: datetime, progress: str
) -> bool:
    """Give a sign of life and say how far it is; False if the release was taken away meanwhile."""
    row = await found(session, release_id)
    if row.status != Stage.EXAMINING or row.report.get("worker") != worker:
        return False
    row.worked_at, row.progress = now, progress
    await session.flush()
    return True


async def settle(
    session: AsyncSession,
    release_id: int,
    worker: str,
    report: dict[str, Any],
    draft: Catalogue | None,
    snapshot: bytes | None,
    now: datetime,
) -> bool:
    """Store what an examination found; False if the release was taken away meanwhile.

    It is ready if the report refuses nothing. Without a `draft` it could not be examined.
    """
    row = await found(session, release_id)
    if row.status != Stage.EXAMINING or row.report.get("worker") != worker:
        return False
    good = draft is not None and not report.get("refused")
    if draft is not None and good:
        report = {**report, "seal": await seal(session, row, draft)}
        row.model, row.snapshot = report.get("model"), snapshot
    row.status = Stage.READY if good else Stage.REFUSED if draft is not None else Stage.FAILED
    row.report, row.worked_at, row.progress = report, now, ""
    await session.flush()
    return True


async def keep_what_is_published(
    session: AsyncSession, version: str, snapshot: bytes, model: str | None, now: datetime
) -> None:
    """Keep content that no release had published, so that one can go back to it as well."""
    row = ReleaseRow(
        status=Stage.PUBLISHED, title="", texts=[], documents=[], created_by="", created_at=now,
        progress="", report={"before": True, **await beside_catalogue(session)}, version=version,
        model=model, published_by=None, published_at=now, snapshot=snapshot,
    )  # fmt: skip
    session.add(row)
    await session.flush()


async def snapshot_of_version(session: AsyncSession, version: str) -> bytes | None:
    """Return the newest snapshot of a version of the content, if one is kept."""
    query = (
        select(ReleaseRow.snapshot)
        .where(
            ReleaseRow.status == Stage.PUBLISHED,
            ReleaseRow.version == version,
            ReleaseRow.snapshot.is_not(None),
        )
        .order_by(ReleaseRow.id.desc())
        .limit(1)
    )
    return await session.scalar(query)


async def due(session: AsyncSession, now: datetime) -> list[int]:
    """Return the scheduled releases whose time has come, the earliest first."""
    query = (
        select(ReleaseRow.id)
        .where(ReleaseRow.status == Stage.SCHEDULED, ReleaseRow.not_before <= now)
        .order_by(ReleaseRow.not_before, ReleaseRow.id)
    )
    return list(await session.scalars(query))


async def not_published(session: AsyncSession, release_id: int, why: str, now: datetime) -> None:
    """Note that a scheduled release could not be published when its time came, and why."""
    row = await found(session, release_id)
    if row.status == Stage.SCHEDULED:
        row.status, row.not_before, row.worked_at = Stage.FAILED, None, now
        row.report = {**row.report, "failed": why}
        await session.flush()
        await audit.record(
            session, row.published_by or "", "release_failed", f"release {row.id}", now, why=why
        )


async def without_model(session: AsyncSession) -> list[int]:
    """Return the published releases whose model is not in service yet, the newest last."""
    query = (
        select(ReleaseRow.id)
        .where(ReleaseRow.status == Stage.PUBLISHED, ReleaseRow.progress == MODEL_WAITS)
        .order_by(ReleaseRow.published_at, ReleaseRow.id)
    )
    return list(await session.scalars(query))


async def model_settled(
    session: AsyncSession, ids: list[int], model: str | None, why: str = ""
) -> None:
    """Note that the newest of these releases is served by a model, or why it is not."""
    for release_id in ids:
        row = await found(session, release_id)
        row.progress = ""
        if release_id == ids[-1]:
            row.model = model or row.model
            row.report = {**row.report, "model_failed": why} if why else row.report
    await session.flush()
