"""The panel as an application, to be mounted at /panel."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

import structlog
from aiohttp import web
from multidict import MultiMapping
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from content.panel import sessions
from content.panel.entry import kept
from content.panel.entry.attempts import Senders
from content.panel.entry.passwords import Passwords
from content.panel.entry.provider import Provider, ProviderSettings
from content.panel.memory import Memory
from content.panel.permissions import Permission, may
from content.panel.ports import Assistant, Sealer
from content.panel.protection import HEADERS, is_forged, read_form, read_upload
from content.panel.rendering import Templates
from content.panel.routing import Route
from content.panel.visit import Visit
from content.panel.writing import lookups

log = structlog.get_logger()

_LOOK = 1.0  # seconds between two looks for a new publication


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """`origin` is that of the panel's address, '' for the host that a request names.

    With `secure`, people come by HTTPS. `provider` is the institution's, by which staff may sign
    in, if there is one.
    """

    origin: str = ""
    secure: bool = False
    trusted_proxies: int = 0
    provider: ProviderSettings | None = None

    @property
    def cookie(self) -> str:
        """The name of the cookie. Browsers take a name with __Host- only by HTTPS, for one host."""
        return "__Host-orienta-staff" if self.secure else "orienta-staff"


@dataclass(slots=True)
class Panel:
    """All that handlers use."""

    sessions: async_sessionmaker[AsyncSession]
    reads: async_sessionmaker[AsyncSession]
    keys: Sealer
    now: Callable[[], datetime]
    assistant: Assistant
    settings: PanelSettings = field(default_factory=PanelSettings)
    pages: Templates = field(default_factory=Templates)
    memory: Memory = field(default_factory=Memory)
    passwords: Passwords = field(default_factory=Passwords)
    senders: Senders = field(default_factory=Senders)
    provider: Provider | None = field(init=False)

    def __post_init__(self) -> None:
        """Know the identity provider that the settings name."""
        given = self.settings.provider
        self.provider = Provider(given) if given else None


PANEL: web.AppKey[Panel] = web.AppKey("panel", Panel)
ROUTES: web.AppKey[Sequence[Route]] = web.AppKey("routes", Sequence)


def build(panel: Panel, routes: Sequence[Route]) -> web.Application:
    """Return the application; raise `ValueError` if two routes have one address."""
    if len({(route.method, route.path) for route in routes}) != len(routes):
        raise ValueError("Two routes of the panel have the same address.")
    app = web.Application()
    app[PANEL] = panel
    app[ROUTES] = routes
    for route in routes:
        # A page is also what HEAD asks for, so that link checkers work.
        app.router.add_route(route.method, route.path, _served(panel, route))
        if route.method == "GET":
            app.router.add_route("HEAD", route.path, _served(panel, route))
    app.router.add_get("/static/{name}", _static)
    nowhere = Route("GET", "/", Permission.PUBLIC, _missing)
    app.router.add_route("*", "/{rest:.*}", _served(panel, nowhere))
    app.cleanup_ctx.append(_kept_warm)
    return app


async def _kept_warm(app: web.Application) -> AsyncIterator[None]:
    """Look all the time whether something was published, and make what pages then look up."""
    panel = app[PANEL]

    async def look() -> None:
        while True:
            lookups.warm(panel.memory, panel.assistant.catalogue())
            await asyncio.sleep(_LOOK)

    looking = asyncio.create_task(look(), name="panel-lookups")
    yield
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    await panel.memory.settle()


def _served(panel: Panel, route: Route) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        visit = Visit(request, panel)
        try:
            response = await _admit(visit, route)
        except web.HTTPException as refused:
            response = await _refusal(visit, refused.status)
        except Exception as error:  # the page says so; the log holds no word of anybody
            log.error("panel_page_failed", page=route.path, error=_kind_and_place(error))
            response = await _refusal(visit, 500)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if panel.settings.secure:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        return response

    return handle


def _kind_and_place(error: BaseException) -> str:
    """Return what failed and where: a message or a variable could hold somebody's words."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]
    return " ".join([type(error).__name__, *places])


async def _admit(visit: Visit, route: Route) -> web.StreamResponse:
    """Let a request through to its handler if it is allowed."""
    panel, request = visit.panel, visit.request
    if is_forged(request, panel.settings.origin):
        raise web.HTTPForbidden
    found = await _found(visit)
    visit.found = found if found is not None and not found.ended else None
    if request.method == "POST" and not route.uploads:
        visit.sent = await read_form(request, route.most)
    if route.permission is Permission.PUBLIC:
        return await route.handler(visit)
    if visit.found is None or not visit.found.complete:
        hers = found is not None and found.ended and found.complete
        if found is not None and hers and request.method == "POST" and not route.uploads:
            return await _keep(visit, found, visit.sent)
        return web.Response(status=303, headers={"Location": _sign_in(request)})
    if not may(visit.member.role, route.permission):
        raise web.HTTPForbidden
    if route.uploads:
        visit.sent, visit.files = await read_upload(request, route.most)
    response = await route.handler(visit)
    if request.method == "POST" and kept.PARAMETER in request.query and response.status < 400:
        async with visit.transaction() as session:
            await kept.forget(session, visit.asked(kept.PARAMETER))
    return response


async def _found(visit: Visit) -> sessions.Found | None:
    token = visit.request.cookies.get(visit.panel.settings.cookie, "")
    if not token:
        return None
    async with visit.reading() as session:
        found = await sessions.find(session, token, visit.now)
    if found is not None and found.unseen and not found.ended:
        async with visit.transaction() as session:
            await sessions.touch(session, found.member, visit.now)
    return found


def _sign_in(request: web.Request) -> str:
    wanted = request.path_qs if request.method == "GET" else "/panel/"
    return _sign_in_to(wanted)


def _sign_in_to(wanted: str) -> str:
    return f"/panel/sign-in?next={quote(wanted, safe='/')}"


async def _keep(visit: Visit, ended: sessions.Found, form: MultiMapping[str]) -> web.StreamResponse:
    """Keep what she wrote while her session ended, for her alone, until she signs in again."""
    email, keys = ended.member.email, visit.panel.keys
    path = str(visit.request.rel_url.without_query_params(kept.PARAMETER))
    async with visit.transaction() as session:
        token = await kept.keep(session, keys, email, path, form, visit.now)
    location = _sign_in(visit.request) if token is None else _sign_in_to(f"/panel/kept/{token}")
    return web.Response(status=303, headers={"Location": location})


async def _static(request: web.Request) -> web.Response:
    made = request.app[PANEL].pages.static(request.match_info["name"])
    if made is None:
        raise web.HTTPNotFound
    body, kind, digest = made
    headers = {
        **HEADERS, "Cache-Control": "public, max-age=31536000, immutable", "ETag": f'"{digest}"',
    }  # fmt: skip
    if f'"{digest}"' in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    response = web.Response(body=body, content_type=kind, charset="utf-8", headers=headers)
    response.enable_compression()
    return response


async def _missing(_: Visit) -> web.StreamResponse:
    raise web.HTTPNotFound


async def _refusal(visit: Visit, status: int) -> web.Response:
    """Say in one sentence what is wrong and what to do."""
    known = {
        400: visit.say("El formulario llegó incompleto. Vuelva atrás e intente otra vez."),
        403: visit.say("Su cuenta no puede hacer esto. Si lo necesita, pídalo a quien administra."),
        404: visit.say("Esta página no existe o ya no está. Empiece por el inicio."),
        413: visit.say("Lo que envió es demasiado grande. Envíe un archivo o un texto más corto."),
    }
    text = known.get(status) or visit.say(
        "Algo falló aquí. Lo que escribió puede no estar guardado: vuelva atrás e intente otra vez."
    )
    shown = status if status in known else 500
    html = visit.panel.pages.render(visit, "refusal.html", {"sentence": text, "status": shown})
    return web.Response(text=html, status=shown, content_type="text/html", charset="utf-8")
