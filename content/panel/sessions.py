"""The signed-in browsers of the staff."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from content.panel.tables import SessionRow
from content.staff import Role, StaffRow

IDLE = timedelta(hours=2)  # without a request, a session ends
LONGEST = timedelta(hours=12)  # a session ends in any case
UNFINISHED = timedelta(minutes=30)  # to give the second factor, or to set one up
REMEMBERED = timedelta(days=7)  # rows of ended sessions: what was being written is not lost
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Member:
    """Who is signed in. `session` is the id of her session, never its token."""

    email: str
    name: str
    role: Role
    session: str
    language: str = "es"


@dataclass(frozen=True, slots=True)
class Found:
    """What a token leads to. `ended`: the session was hers and is over.

    `complete` is false while the second factor is still to be given. `notice` is what the next
    page tells her. `unseen`: her last requests were not noted down yet.
    """

    member: Member
    complete: bool
    ended: bool
    notice: str = ""
    unseen: bool = False


def hashed(token: str) -> str:
    """Return what is stored of a token: its SHA-256, enough for 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


async def begin(
    session: AsyncSession,
    email: str,
    now: datetime,
    *,
    complete: bool,
    browser: str = "",
    language: str = "es",
) -> str:
    """Store a new session and return its token, which stands nowhere else."""
    token = secrets.token_urlsafe(32)
    session.add(
        SessionRow(
            token=hashed(token),
            id=secrets.token_hex(8),
            email=email,
            complete=complete,
            browser=browser[:200],
            notice="",
            language=language,
            created_at=now,
            seen_at=now,
        )
    )
    await session.flush()
    return token  # fmt: skip


async def find(session: AsyncSession, token: str, now: datetime) -> Found | None:
    """Return whose session a token is; None if there never was one, or she has left."""
    query = (
        select(SessionRow, StaffRow)
        .join(StaffRow, StaffRow.email == SessionRow.email)
        .where(SessionRow.token == hashed(token))
    )
    row = (await session.execute(query)).first()
    if row is None or not row.StaffRow.active:
        return None
    stored, member = row.SessionRow, row.StaffRow
    longest = LONGEST if stored.complete else UNFINISHED
    ended = now - stored.seen_at > IDLE or now - stored.created_at > longest
    who = Member(member.email, member.name, Role(member.role), stored.id, stored.language)
    unseen = stored.seen_at < now - _SEEN_EVERY
    return Found(who, stored.complete, ended, stored.notice, unseen)


async def touch(session: AsyncSession, member: Member, now: datetime) -> None:
    """Note that a session is in use, at most once a minute."""
    await session.execute(
        update(SessionRow)
        .where(SessionRow.id == member.session, SessionRow.seen_at < now - _SEEN_EVERY)
        .values(seen_at=now)
    )


async def tell(session: AsyncSession, member: Member, notice: str) -> None:
    """Keep a sentence for the next page that this session opens; '' when it was shown."""
    await session.execute(
        update(SessionRow).where(SessionRow.id == member.session).values(notice=notice)
    )


async def speak(session: AsyncSession, member: Member, language: str) -> None:
    """Show the panel in another language from now on."""
    await session.execute(
        update(SessionRow).where(SessionRow.id == member.session).values(language=language)
    )


async def of(session: AsyncSession, email: str, now: datetime) -> list[SessionRow]:
    """Return a member's open sessions, newest first."""
    query = (
        select(SessionRow)
        .where(
            SessionRow.email == email,
            SessionRow.seen_at >= now - IDLE,
            SessionRow.created_at >= now - LONGEST,
        )
        .order_by(SessionRow.created_at.desc())
    )
    return list(await session.scalars(query))


async def end(session: AsyncSession, email: str, session_id: str | None = None) -> int:
    """End one session of a member, or all of them; return how many."""
    query = delete(SessionRow).where(SessionRow.email == email)
    if session_id is not None:
        query = query.where(SessionRow.id == session_id)
    return (await session.execute(query)).rowcount  # type: ignore[attr-defined, no-any-return]


async def purge(session: AsyncSession, now: datetime) -> None:
    """Delete the rows of sessions that ended long ago."""
    await session.execute(delete(SessionRow).where(SessionRow.seen_at < now - REMEMBERED))
