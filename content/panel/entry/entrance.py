"""Giving a browser a session, and taking it back."""

from aiohttp import web
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from content.panel import sessions
from content.panel.tables import SessionRow
from content.panel.visit import HOME, Visit, inside

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"),
             ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"),
             ("Chrome", "Chrome"), ("Safari", "Safari"))  # fmt: skip
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
            ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))  # fmt: skip


async def begin(visit: Visit, session: AsyncSession, email: str, *, complete: bool) -> str:
    """Store a new session and return its token; the one that the browser brought ends.

    So no token that somebody planted in a browser ever becomes a signed-in one.
    """
    await _end_brought(visit, session)
    return await sessions.begin(
        session,
        email,
        visit.now,
        complete=complete,
        browser=browser_name(visit.request.headers.get("User-Agent", "")),
        language=visit.language,
    )


def give(visit: Visit, response: web.Response, token: str) -> web.Response:
    """Put a session's token into the browser, until it is closed."""
    response.set_cookie(
        visit.panel.settings.cookie,
        token,
        path="/",
        httponly=True,
        samesite="Lax",
        secure=visit.panel.settings.secure,
    )
    return response


async def leave(visit: Visit) -> web.Response:
    """End the session of this browser."""
    async with visit.transaction() as session:
        await _end_brought(visit, session)
    response = web.Response(status=303, headers={"Location": "/panel/sign-in"})
    settings = visit.panel.settings
    response.del_cookie(
        settings.cookie, path="/", httponly=True, samesite="Lax", secure=settings.secure
    )
    return response


def wanted(visit: Visit) -> str:
    """Return the page that she came for, if it is one of the panel's."""
    return inside(visit.field("next") or visit.asked("next") or HOME)


def browser_name(agent: str) -> str:
    """Return what a person calls a browser: "Firefox, Windows"; '' for one that is unknown."""
    found = (
        next((name for mark, name in marks if mark in agent), "")
        for marks in (_BROWSERS, _SYSTEMS)
    )  # fmt: skip
    return ", ".join(name for name in found if name)


async def _end_brought(visit: Visit, session: AsyncSession) -> None:
    brought = visit.request.cookies.get(visit.panel.settings.cookie, "")
    if brought:
        await session.execute(
            delete(SessionRow).where(SessionRow.token == sessions.hashed(brought))
        )
