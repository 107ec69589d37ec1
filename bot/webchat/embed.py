"""The web chat on other sites: a script for their pages, and the page that stands in its frame."""

from collections.abc import Sequence

from aiohttp import web

from bot.webchat.page import embed_script, pages, static_files
from bot.webchat.wire import file_response, language_of, security_headers


def embed_routes(
    origins: Sequence[str], leave_to: str, *, secure: bool
) -> tuple[web.RouteDef, ...]:
    """Return the routes of the embedded chat; without origins that may embed it, none."""
    if not origins:
        return ()
    framed = security_headers(secure=secure, frames=origins)
    made = pages(static_files(), leave_to, embedded=True)
    script = embed_script()

    async def page(request: web.Request) -> web.Response:
        """Answer the page in the language that its address or the browser asks for."""
        response = file_response(request, made[language_of(request)], "no-cache")
        response.headers.update(framed)
        response.headers["Vary"] = "Accept-Encoding, Accept-Language"
        return response

    async def embed(request: web.Request) -> web.Response:
        """Answer the script: it keeps its address, so browsers ask again after an hour."""
        response = file_response(request, script, "public, max-age=3600")
        response.headers.update(framed)
        return response

    return (web.get("/embed", page), web.get("/embed.js", embed))
