"""The way of approved changes to the readers: gathered, examined, published, taken back.

Each act takes the session of a transaction, which the caller commits, and writes its line of the
audit log there. No role can go around the order of these steps.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, TypeAlias

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from content import audit
from content.catalogue import Catalogue
from content.editing import Act, NotThere
from content.faults import ContentError
from content.models import DocumentRow, RevisionRow
from content.panel.permissions import Permission, may
from content.panel.tables import DocumentRevisionRow, ReleaseRow
from content.publishing import ARTICLE, EXAMPLES, Changes, load_catalogue, lock_content
from content.release.golden import golden_questions
from content.staff import Role, StaffRow
from content.storing import KINDS, store_catalogue
from content.workflow import Status

KEPT_SNAPSHOTS = 20
MODEL_WAITS = "model"
"""The progress of a published release whose model is not in service yet."""

_Revisions: TypeAlias = Sequence[RevisionRow | DocumentRevisionRow]


class Stage(StrEnum):
    """Where a release stands."""

    QUEUED = "queued"
    EXAMINING = "examining"
    READY = "ready"
    REFUSED = "refused"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (Stage.QUEUED, Stage.EXAMINING, Stage.READY, Stage.REFUSED, Stage.SCHEDULED, Stage.FAILED)


class NothingChosen(ContentError):
    """A release without any change was asked for."""


class NotApproved(ContentError):
    """Something chosen is not approved, or not any more."""


class WrongStage(ContentError):
    """The release does not stand where the act needs it. `stage` is where it stands."""

    def __init__(self, stage: str) -> None:
        super().__init__(f"A release that is {stage} does not allow this.")
        self.stage = stage


class OwnWork(ContentError):
    """Who wrote in a text does not publish it: ask a colleague."""


class MayNoLonger(ContentError):
    """Who scheduled the release has left meanwhile, or has another role: a colleague publishes."""


class Changed(ContentError):
    """Something changed since the examination: the release must be examined again."""


class NoSnapshot(ContentError):
    """The release's content is not kept any more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """All that is approved and not published yet."""

    texts: Sequence[RevisionRow]
    documents: Sequence[DocumentRevisionRow]


async def waiting(session: AsyncSession) -> Waiting:
    """Return what could be released now."""
    texts = await session.scalars(
        select(RevisionRow)
        .where(RevisionRow.status == Status.APPROVED)
        .order_by(RevisionRow.article_id, RevisionRow.language)
    )
    documents = await session.scalars(
        select(DocumentRevisionRow)
        .where(DocumentRevisionRow.status == Status.APPROVED)
        .order_by(DocumentRevisionRow.kind, DocumentRevisionRow.document)
    )
    return Waiting(list(texts), list(documents))


async def prepare(
    session: AsyncSession, act: Act, title: str, texts: Iterable[int], documents: Iterable[int]
) -> ReleaseRow:
    """Gather approved changes and let them be examined; raise `NothingChosen`, `NotApproved`."""
    row = ReleaseRow(
        status=Stage.QUEUED, title=" ".join(title.split())[:200], texts=sorted(set(texts)),
        documents=sorted(set(documents)), created_by=act.staff, created_at=act.at, progress="",
        report={},
    )  # fmt: skip
    if not row.texts and not row.documents:
        raise NothingChosen("Choose at least one change.")
    _refuse_unapproved(row, await changes_of(session, row))
    session.add(row)
    await session.flush()
    await audit.record(
        session, act.staff, "release_prepared", f"release {row.id}", act.at,
        texts=row.texts, documents=row.documents,
    )  # fmt: skip
    return row


async def changes_of(
    session: AsyncSession, release: ReleaseRow
) -> list[RevisionRow | DocumentRevisionRow]:
    """Return the revisions that a release is made of, as they are now."""
    texts = await session.scalars(
        select(RevisionRow)
        .where(RevisionRow.id.in_(release.texts))
        .order_by(RevisionRow.article_id, RevisionRow.language)
    )
    documents = await session.scalars(
        select(DocumentRevisionRow)
        .where(DocumentRevisionRow.id.in_(release.documents))
        .order_by(DocumentRevisionRow.kind, DocumentRevisionRow.document)
    )
    return [*texts, *documents]


def _refuse_unapproved(release: ReleaseRow, revisions: _Revisions) -> None:
    whole = len(revisions) == len(release.texts) + len(release.documents)
    if not whole or any(one.status is not Status.APPROVED for one in revisions):
        raise NotApproved("Something chosen is not approved any more.")


def chosen(release: ReleaseRow) -> Changes:
    """Return a release's changes in the form that the catalogue is loaded with."""
    return Changes(tuple(release.texts), tuple(release.documents))


async def found(session: AsyncSession, release_id: int) -> ReleaseRow:
    """Return a release, fresh and locked against others; raise `NotThere`."""
    query = select(ReleaseRow).where(ReleaseRow.id == release_id)
    row = await session.scalar(query.with_for_update().execution_options(populate_existing=True))
    if row is None:
        raise NotThere(f"There is no release {release_id}.")
    return row


async def examine_again(session: AsyncSession, act: Act, release_id: int) -> None:
    """Put a release back into the queue; raise `NotThere`, `WrongStage` or `NotApproved`."""
    row = await found(session, release_id)
    if row.status not in (Stage.READY, Stage.REFUSED, Stage.FAILED, Stage.SCHEDULED):
        raise WrongStage(row.status)
    _refuse_unapproved(row, await changes_of(session, row))
    row.status, row.progress, row.report, row.not_before = Stage.QUEUED, "", {}, None
    row.published_by = None
    await session.flush()
    await audit.record(session, act.staff, "release_queued", f"release {row.id}", act.at)


async def cancel(session: AsyncSession, act: Act, release_id: int) -> None:
    """Give a release up; its changes stay approved. Raise `NotThere` or `WrongStage`."""
    row = await found(session, release_id)
    if row.status not in OPEN:
        raise WrongStage(row.status)
    row.status, row.snapshot, row.not_before, row.progress = Stage.CANCELLED, None, None, ""
    await session.flush()
    await audit.record(session, act.staff, "release_cancelled", f"release {row.id}", act.at)


async def publish(
    session: AsyncSession, act: Act, release_id: int, not_before: datetime | None = None
) -> ReleaseRow:
    """Publish a release now, or let it be published at a time to come.

    Raise `NotThere`, `WrongStage` where it was not examined and found good, `OwnWork`, `Changed`.
    """
    await lock_content(session)
    row = await found(session, release_id)
    if row.status not in (Stage.READY, Stage.SCHEDULED):
        raise WrongStage(row.status)
    row.published_by = act.staff
    catalogue = await _as_examined(session, row)
    if not_before is not None and not_before > act.at:
        row.status, row.not_before = Stage.SCHEDULED, not_before
        await session.flush()
        await audit.record(
            session, act.staff, "release_scheduled", f"release {row.id}", act.at,
            not_before=not_before.isoformat(),
        )  # fmt: skip
        return row
    return await _carry_out(session, row, catalogue, act)


async def publish_due(session: AsyncSession, release_id: int, now: datetime) -> ReleaseRow | None:
    """Publish a scheduled release whose time has come; raise what `publish` raises.

    Return None if somebody else was quicker, or took it back.
    """
    await lock_content(session)
    row = await found(session, release_id)
    if row.status != Stage.SCHEDULED or row.not_before is None or row.not_before > now:
        return None
    catalogue = await _as_examined(session, row)
    member = await session.get(StaffRow, row.published_by or "")
    if member is None or not member.active or not may(Role(member.role), Permission.PUBLISH):
        raise MayNoLonger("Who scheduled this release may not publish any more.")
    return await _carry_out(session, row, catalogue, Act(member.email, now))


async def _as_examined(session: AsyncSession, row: ReleaseRow) -> Catalogue:
    """Return the catalogue to be published, if all of it is as it was when it was examined."""
    revisions = await changes_of(session, row)
    try:
        _refuse_unapproved(row, revisions)
    except NotApproved:
        raise Changed("Something chosen is not approved any more.") from None
    if any(row.published_by in (*one.editors, one.author) for one in revisions):
        raise OwnWork("Who wrote in one of these texts does not publish them.")
    catalogue = await load_catalogue(session, chosen(row), switched=False)
    if await seal(session, row, catalogue) != row.report.get("seal"):
        raise Changed("What is published, or the change, is not what was examined.")
    return catalogue


async def seal(session: AsyncSession, row: ReleaseRow, draft: Catalogue) -> list[str]:
    """Return what an examination holds for.

    Whatever changes, in what is published, in the chosen changes or in the questions, makes
    another: the draft's version covers both the published content and the changes to it.
    """
    questions = await golden_questions(session, chosen(row))
    asked = [[one.text, one.language, one.article, one.own] for one in questions]
    edits = [[one.id, one.edits] for one in await changes_of(session, row)]
    kinds = [row.texts, row.documents]
    return [draft.version, sha256(json.dumps([kinds, edits, asked]).encode()).hexdigest()]


async def _carry_out(
    session: AsyncSession, row: ReleaseRow, catalogue: Catalogue, act: Act
) -> ReleaseRow:
    await store_catalogue(session, catalogue, author=act.staff, origin="staff", now=act.at)
    release_id = row.id
    session.expire_all()  # what is stored was written past the objects of this session
    row = await found(session, release_id)
    for one in await changes_of(session, row):
        if isinstance(one, DocumentRevisionRow):
            await _put_document(session, one, act.at)
    row.status, row.published_at, row.progress = Stage.PUBLISHED, act.at, MODEL_WAITS
    row.version, row.not_before = catalogue.version, None
    row.report = {**row.report, **await beside_catalogue(session)}
    await session.flush()
    await audit.record(
        session, act.staff, "release_published", f"release {row.id}", act.at,
        texts=row.texts, documents=row.documents,
    )  # fmt: skip
    await forget_old_snapshots(session)
    return row


async def _put_document(session: AsyncSession, one: DocumentRevisionRow, now: datetime) -> None:
    """Mark a change as published, and store it where it is no part of the catalogue."""
    await session.execute(
        update(DocumentRevisionRow)
        .where(
            DocumentRevisionRow.kind == one.kind,
            DocumentRevisionRow.document == one.document,
            DocumentRevisionRow.status == Status.PUBLISHED,
        )
        .values(status=Status.ARCHIVED)
    )
    one.status, one.published_at = Status.PUBLISHED, now
    if beside(one.kind):
        stored = await session.get(DocumentRow, (one.kind, one.document))
        if stored is not None:
            await session.delete(stored)
            await session.flush()
        if one.body is not None:
            row = DocumentRow(kind=one.kind, id=one.document, position=0, body=one.body)
            session.add(row)
    await session.flush()


def beside(kind: str) -> bool:
    """Say whether a kind of document is no part of the catalogue."""
    return kind not in (*KINDS, ARTICLE, EXAMPLES)


async def beside_catalogue(session: AsyncSession) -> dict[str, Any]:
    """Return what goes with a snapshot: other documents, and which changes are published."""
    stored = await session.scalars(select(DocumentRow).order_by(DocumentRow.kind, DocumentRow.id))
    others = [[o.kind, o.id, o.position, o.body] for o in stored if beside(o.kind)]
    published = await session.scalars(
        select(DocumentRevisionRow.id)
        .where(DocumentRevisionRow.status == Status.PUBLISHED)
        .order_by(DocumentRevisionRow.id)
    )
    return {"others": others, "revisions": list(published)}


async def roll_back(
    session: AsyncSession, act: Act, release_id: int, catalogue: Catalogue
) -> ReleaseRow:
    """Publish what an earlier release had published, at once, content and model together.

    `catalogue` is the one of `kept_catalogue`. Raise `NotThere`, `WrongStage` or `NoSnapshot`.
    """
    await lock_content(session)
    target = await found(session, release_id)
    if target.status != Stage.PUBLISHED:
        raise WrongStage(target.status)
    packed = await kept(session, release_id)
    await store_catalogue(session, catalogue, author=act.staff, origin="staff", now=act.at)
    session.expire_all()
    target = await found(session, release_id)
    await _restore_beside(session, target.report)
    held = {name: target.report[name] for name in ("others", "revisions") if name in target.report}
    row = ReleaseRow(
        status=Stage.PUBLISHED, title=target.title, texts=[], documents=[], created_by=act.staff,
        created_at=act.at, progress=MODEL_WAITS, report={"back_to": target.id, **held},
        version=catalogue.version, model=target.model, published_by=act.staff,
        published_at=act.at, snapshot=packed,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    await audit.record(
        session, act.staff, "rolled_back", f"release {target.id}", act.at, release=row.id
    )
    await forget_old_snapshots(session)
    return row


async def _restore_beside(session: AsyncSession, report: dict[str, Any]) -> None:
    kinds = await session.scalars(select(DocumentRow.kind).distinct())
    gone = [kind for kind in kinds if beside(kind)]
    await session.execute(delete(DocumentRow).where(DocumentRow.kind.in_(gone)))
    for kind, identity, position, body in report.get("others", ()):
        session.add(DocumentRow(kind=kind, id=identity, position=position, body=body))
    table = DocumentRevisionRow
    back = list(report.get("revisions", ()))
    await session.execute(
        update(table)
        .where(table.status == Status.PUBLISHED, table.id.not_in(back))
        .values(status=Status.ARCHIVED)
    )
    await session.execute(update(table).where(table.id.in_(back)).values(status=Status.PUBLISHED))
    await session.flush()


async def kept(session: AsyncSession, release_id: int) -> bytes:
    """Return the snapshot of a release; raise `NoSnapshot`."""
    packed = await session.scalar(select(ReleaseRow.snapshot).where(ReleaseRow.id == release_id))
    if packed is None:
        raise NoSnapshot("The content of this release is not kept any more.")
    return packed


async def forget_old_snapshots(session: AsyncSession) -> None:
    """Keep the snapshots of the last releases alone: each takes about two megabytes."""
    newest = (
        select(ReleaseRow.id)
        .where(ReleaseRow.status == Stage.PUBLISHED, ReleaseRow.snapshot.is_not(None))
        .order_by(ReleaseRow.published_at.desc(), ReleaseRow.id.desc())
        .limit(KEPT_SNAPSHOTS)
    )
    ids = list(await session.scalars(newest))
    await session.execute(
        update(ReleaseRow)
        .where(ReleaseRow.status == Stage.PUBLISHED, ReleaseRow.id.not_in(ids))
        .values(snapshot=None)
    )


async def live(session: AsyncSession) -> ReleaseRow | None:
    """Return the release that answers now; None before the first one."""
    query = (
        select(ReleaseRow)
        .where(ReleaseRow.status == Stage.PUBLISHED)
        .order_by(ReleaseRow.published_at.desc(), ReleaseRow.id.desc())
        .limit(1)
    )
    return await session.scalar(query)
