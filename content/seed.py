"""The texts that come with the program, put into the database without harm to the staff's."""

from datetime import UTC, datetime
from enum import StrEnum

import structlog
from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from content.faults import FaultyTree, errors
from content.files import Tree
from content.models import CatalogueVersionRow, DocumentRow, RevisionRow
from content.publishing import current_version, load_catalogue, lock_content, record_version
from content.storing import FILES_AUTHOR, store_catalogue

_log = structlog.get_logger(__name__)
_ORIGIN = "seed"
_REFRESH = "refresh"


class Seeding(StrEnum):
    """What seeding did. True where it changed what is published."""

    IMPORTED = "imported"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT_STAFF_TEXTS = "kept_staff_texts"

    def __bool__(self) -> bool:
        """Tell whether there is something new to answer with."""
        return self in (Seeding.IMPORTED, Seeding.UPDATED)


async def seed(session: AsyncSession, tree: Tree, *, now: datetime | None = None) -> Seeding:
    """Publish the program's texts, unless staff have made texts of their own; the caller commits.

    Safe to call at every start and from several processes. Raise `FaultyTree` if the files cannot
    be read in full; what they mean is the business of `content.checks`.
    """
    if wrong := errors(tree.faults):
        raise FaultyTree(wrong)
    now = now or datetime.now(UTC)
    await lock_content(session)
    version = tree.catalogue.version
    if (await session.execute(select(DocumentRow.kind).limit(1))).first() is None:
        await store_catalogue(session, tree.catalogue, author=FILES_AUTHOR, origin=_ORIGIN, now=now)
        _log.info("content_seeded", articles=len(tree.catalogue.articles), version=version)
        return Seeding.IMPORTED
    await _refresh_version(session, now)
    if version in (await _last_seed(session), await current_version(session)):
        return Seeding.UNCHANGED
    if await _changed_by_staff(session):
        _log.warning(
            "content_files_not_used",
            reason="staff have made texts of their own",
            remedy="compare with `orienta content export`, then use `orienta content import`",
            files_version=version,
        )
        return Seeding.KEPT_STAFF_TEXTS
    await store_catalogue(session, tree.catalogue, author=FILES_AUTHOR, origin=_ORIGIN, now=now)
    _log.info("content_updated", articles=len(tree.catalogue.articles), version=version)
    return Seeding.UPDATED


async def is_seeded(session: AsyncSession, tree: Tree) -> bool:
    """Tell whether exactly these files were seeded last; needs no lock."""
    return await _last_seed(session) == tree.catalogue.version


async def _last_seed(session: AsyncSession) -> str | None:
    newest = (
        select(CatalogueVersionRow.version)
        .where(CatalogueVersionRow.origin == _ORIGIN)
        .order_by(CatalogueVersionRow.id.desc())
        .limit(1)
    )
    return (await session.execute(newest)).scalar_one_or_none()


async def _changed_by_staff(session: AsyncSession) -> bool:
    by_staff = select(
        exists().where(RevisionRow.author != FILES_AUTHOR)
        | exists().where(CatalogueVersionRow.origin.not_in((_ORIGIN, _REFRESH)))
    )
    return bool((await session.execute(by_staff)).scalar())


async def _refresh_version(session: AsyncSession, now: datetime) -> None:
    """Record the version anew if a newer program computes it differently."""
    loaded = await load_catalogue(session)
    if await current_version(session) != loaded.version:
        await record_version(session, loaded.version, origin=_REFRESH, now=now)
