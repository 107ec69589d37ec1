"""Sending again what she wrote while her session ended."""

from aiohttp import web

from content.panel.entry import kept
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit

_SHOWN = 2000  # characters of a field


async def _kept(visit: Visit) -> web.StreamResponse:
    token = visit.arg("token")
    found = await _found(visit, token)
    return await visit.page(
        "sign_in/kept.html",
        token=token,
        kept=found,
        shown=[text[:_SHOWN] for _, text in found.fields if " " in text.strip()],
        target=f"{found.path}{'&' if '?' in found.path else '?'}{kept.PARAMETER}={token}",
    )


async def _forget(visit: Visit) -> web.StreamResponse:
    token = visit.arg("token")
    await _found(visit, token)
    async with visit.transaction() as session:
        await kept.forget(session, token)
    return await visit.go("/panel/", visit.say("Se descartó lo que había escrito."))


async def _found(visit: Visit, token: str) -> kept.Kept:
    async with visit.reading() as session:
        found = await kept.find(
            session, visit.panel.keys, visit.member.email, token, visit.now
        )  # fmt: skip
    if found is None:
        raise web.HTTPNotFound
    return found


ROUTES = (
    get("/kept/{token}", Permission.SIGNED_IN, _kept),
    post("/kept/{token}/forget", Permission.SIGNED_IN, _forget),
)
