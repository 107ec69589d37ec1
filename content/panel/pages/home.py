"""The first page, and the language of the panel."""

from aiohttp import web

from content.panel import sessions
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit


async def _home(visit: Visit) -> web.StreamResponse:
    return await visit.page("home.html")


async def _speak(visit: Visit) -> web.StreamResponse:
    language = "en" if visit.field("language") == "en" else "es"
    async with visit.transaction() as session:
        await sessions.speak(session, visit.member, language)
    return await visit.go("/panel/")


ROUTES = (
    get("/", Permission.SIGNED_IN, _home),
    post("/language", Permission.SIGNED_IN, _speak),
)
