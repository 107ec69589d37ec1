"""Taking one answer back everywhere at once, and letting it out again."""

from sqlalchemy.ext.asyncio import AsyncSession

from content import audit
from content.editing import Act, Incomplete, NotThere
from content.models import ArticleRow
from content.panel.tables import SwitchedOffRow
from content.publishing import load_catalogue, lock_content, record_version


async def switch_off(session: AsyncSession, act: Act, article: str, reason: str) -> None:
    """Take an answer back everywhere, within seconds; raise `Incomplete` or `NotThere`."""
    if not reason.strip():
        raise Incomplete("reason")
    await lock_content(session)
    if await session.get(ArticleRow, article) is None:
        raise NotThere(f"There is no article {article}.")
    if await session.get(SwitchedOffRow, article) is None:
        session.add(
            SwitchedOffRow(
                article_id=article, reason=reason.strip(), staff=act.staff, at=act.at
            )
        )  # fmt: skip
        await session.flush()
        await audit.record(session, act.staff, "switched_off", article, act.at, reason=reason)
        await _record(session, act)


async def switch_on(session: AsyncSession, act: Act, article: str) -> None:
    """Let a withdrawn answer out again; raise `NotThere`."""
    await lock_content(session)
    row = await session.get(SwitchedOffRow, article)
    if row is None:
        raise NotThere(f"The answer of {article} is not switched off.")
    await session.delete(row)
    await session.flush()
    await audit.record(session, act.staff, "switched_on", article, act.at)
    await _record(session, act)


async def _record(session: AsyncSession, act: Act) -> None:
    """Tell every process that other answers leave now."""
    version = (await load_catalogue(session)).version
    await record_version(session, version, origin="staff", now=act.at)
