"""The first page, the manual, and the language of the panel."""

from functools import lru_cache
from pathlib import Path

from aiohttp import web
from markdown_it import MarkdownIt
from markupsafe import Markup

from content.panel import sessions
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.tasks import first_hour, tasks
from content.panel.visit import Visit, inside

_HELP = Path(__file__).parent.parent / "help"


async def _home(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        waiting = await tasks(visit, session)
        steps = await first_hour(visit, session)
    return await visit.page("home.html", tasks=waiting, steps=steps)


async def _help(visit: Visit) -> web.StreamResponse:
    return await visit.page("help/manual.html", manual=_manual(visit.language))


@lru_cache(maxsize=4)
def _manual(language: str) -> Markup:
    """Return the manual as HTML; raw HTML in it would be shown as text."""
    path = _HELP / f"{language}.md"
    return Markup(MarkdownIt().disable("html_block").render(path.read_text(encoding="utf-8")))  # noqa: S704 - our own file


async def _speak(visit: Visit) -> web.StreamResponse:
    language = "en" if visit.field("language") == "en" else "es"
    async with visit.transaction() as session:
        await sessions.speak(session, visit.member, language)
    return await visit.go(inside(visit.field("back")))


ROUTES = (
    get("/", Permission.SIGNED_IN, _home),
    get("/help", Permission.SIGNED_IN, _help),
    post("/language", Permission.SIGNED_IN, _speak),
)
