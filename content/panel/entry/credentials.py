"""What is stored of how a member of staff proves who she is."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from content.panel.entry import second_factor
from content.panel.ports import Sealer
from content.panel.tables import CredentialsRow


async def of(session: AsyncSession, email: str) -> CredentialsRow | None:
    """Return a member's credentials, if she has any."""
    return await session.get(CredentialsRow, email)


async def set_password(session: AsyncSession, email: str, hashed: str, now: datetime) -> None:
    """Store the hash of a new password."""
    row = await _made(session, email, now)
    row.password, row.changed_at = hashed, now


async def rehash(session: AsyncSession, email: str, before: str, hashed: str) -> None:
    """Store the same password hashed with today's parameters, unless it has changed meanwhile."""
    await session.execute(
        update(CredentialsRow)
        .where(CredentialsRow.email == email, CredentialsRow.password == before)
        .values(password=hashed)
    )


async def start_again(session: AsyncSession, email: str, hashed: str, now: datetime) -> None:
    """Store a new password and no second factor: the next sign-in sets one up."""
    row = await _made(session, email, now)
    row.password, row.totp, row.totp_step, row.recovery = hashed, None, 0, []
    row.changed_at = now


async def erase(session: AsyncSession, email: str) -> None:
    """Delete all by which somebody who left could prove who she is."""
    row = await session.get(CredentialsRow, email)
    if row is not None:
        await session.delete(row)


async def set_second_factor(
    session: AsyncSession, keys: Sealer, email: str, secret: str, step: int, now: datetime
) -> list[str]:
    """Store a second factor whose code of `step` was just used; return new recovery codes."""
    row = await _made(session, email, now)
    row.totp, row.totp_step, row.changed_at = keys.seal(secret), step, now
    return await renew_recovery(session, email, now)


async def renew_recovery(session: AsyncSession, email: str, now: datetime) -> list[str]:
    """Return ten new recovery codes, of which only hashes are stored; older ones end."""
    codes = second_factor.new_recovery_codes()
    row = await _made(session, email, now)
    row.recovery = [second_factor.recovery_hash(code) for code in codes]
    return codes


async def take_code(
    session: AsyncSession, keys: Sealer, email: str, code: str, now: datetime
) -> str:
    """Use a code up: 'totp' from the app, 'recovery' from paper, or '' if it is neither.

    The row is locked: of two sign-ins with one code, one gets in.
    """
    query = select(CredentialsRow).where(CredentialsRow.email == email).with_for_update()
    row = await session.scalar(query.execution_options(populate_existing=True))
    if row is None or row.totp is None:
        return ""
    step = second_factor.step_of(keys.open(row.totp), code, now, row.totp_step)
    if step is not None:
        row.totp_step = step
        return "totp"
    hashed = second_factor.recovery_hash(code)
    if hashed not in row.recovery:
        return ""
    row.recovery = [one for one in row.recovery if one != hashed]
    return "recovery"


async def bind(session: AsyncSession, email: str, subject: str, now: datetime) -> bool:
    """Let an identity of the provider stand for a member; say whether it does.

    It does not where another identity does already.
    """
    row = await _made(session, email, now)
    if row.subject is None:
        row.subject = subject
    return row.subject == subject


async def whose(session: AsyncSession, subject: str) -> str | None:
    """Return the address of the member for whom an identity of the provider stands."""
    query = select(CredentialsRow.email).where(CredentialsRow.subject == subject)
    return await session.scalar(query)


async def _made(session: AsyncSession, email: str, now: datetime) -> CredentialsRow:
    row = await session.get(CredentialsRow, email)
    if row is None:
        row = CredentialsRow(
            email=email, password=None, totp=None, totp_step=0, recovery=[], changed_at=now
        )
        session.add(row)
        await session.flush()
    return row
