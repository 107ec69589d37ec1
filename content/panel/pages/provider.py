"""Coming in with the account of one's institution."""

import hmac
from datetime import datetime
from urllib.parse import quote

import structlog
from aiohttp import web

from content import audit
from content.panel.entry import credentials, entrance, proof
from content.panel.entry.provider import Identity, Provider, ProviderFailed, Started
from content.panel.pages import sign_in
from content.panel.permissions import Permission
from content.panel.routing import get
from content.panel.visit import Visit, inside
from content.staff import StaffRow

log = structlog.get_logger()

_MINUTES = 10


def _cookie(visit: Visit) -> str:
    return f"{visit.panel.settings.cookie}-provider"


def _back(visit: Visit) -> str:
    request, settings = visit.request, visit.panel.settings
    origin = settings.origin or f"{request.scheme}://{request.host}"
    return f"{origin}/panel/sign-in/provider/back"


def _provider(visit: Visit) -> Provider:
    if visit.panel.provider is None:
        raise web.HTTPNotFound
    return visit.panel.provider


async def _start(visit: Visit) -> web.StreamResponse:
    provider = _provider(visit)
    try:
        await proof.admit(visit)
        address, started = await provider.start(_back(visit), entrance.wanted(visit), visit.now)
    except proof.Refused as refused:
        return await sign_in.form(visit, refused.told(visit, ""), refused.status)
    except ProviderFailed as failed:
        return await _failed(visit, failed)
    response = web.Response(status=303, headers={"Location": address})
    _put(visit, response, visit.panel.keys.seal(started.as_text()), 60 * _MINUTES)
    return response


def _put(visit: Visit, response: web.Response, value: str, seconds: int) -> None:
    response.set_cookie(
        _cookie(visit), value, max_age=seconds, path="/", httponly=True, samesite="Lax",
        secure=visit.panel.settings.secure,
    )  # fmt: skip


async def _failed(visit: Visit, failed: ProviderFailed) -> web.Response:
    log.warning("panel_provider_failed", why=failed.why)
    if failed.why == "down":
        text = visit.say(
            "El servidor de su institución no responde. Entre con su contraseña, o intente en "
            "unos minutos."
        )
        return await sign_in.form(visit, text, 503)
    text = visit.say("Su institución no confirmó quién es usted. Empiece otra vez desde aquí.")
    return await sign_in.form(visit, text, 403)


async def _arrive(visit: Visit) -> web.StreamResponse:
    provider = _provider(visit)
    try:
        await proof.admit(visit)
        started = _started(visit)
        identity = await provider.finish(visit.asked("code"), started, _back(visit), visit.now)
    except proof.Refused as refused:
        return await sign_in.form(visit, refused.told(visit, ""), refused.status)
    except ProviderFailed as failed:
        return await _failed(visit, failed)
    member = await _member(visit, identity)
    if member is None:
        text = visit.say(
            "Su institución confirmó quién es usted, pero esa cuenta no está en el equipo. "
            "Pida a quien administra que la agregue con ese mismo correo."
        )
        return await sign_in.form(visit, text, 403)
    return await _enter(visit, member, identity, started.next)


def _started(visit: Visit) -> Started:
    """Return what this browser started, if this is the answer to it."""
    try:
        started = Started.of(visit.panel.keys.open(visit.request.cookies[_cookie(visit)]))
        holds = visit.now < datetime.fromisoformat(started.until)
    except Exception:  # no cookie, or one that we did not make
        raise ProviderFailed("refused") from None
    same = hmac.compare_digest(
        started.state.encode(), visit.asked("state").encode("utf-8", "replace")
    )
    if not (holds and same and visit.asked("code")):
        raise ProviderFailed("refused")
    return started


async def _member(visit: Visit, identity: Identity) -> StaffRow | None:
    """Return the active member for whom an identity stands; by her address the first time."""
    async with visit.transaction() as session:
        email = await credentials.whose(session, identity.subject) or identity.email
        member = await session.get(StaffRow, email)
        if member is None or not member.active:
            return None
        known = await credentials.of(session, email)
        new = known is None or known.subject is None
        if not await credentials.bind(session, email, identity.subject, visit.now):
            return None
        if new:
            await audit.record(session, email, "provider_bound", email, visit.now)
        return member


async def _enter(
    visit: Visit, member: StaffRow, identity: Identity, path: str
) -> web.StreamResponse:
    """Let her in; where the provider asked for no second factor, ours is asked for."""
    async with visit.transaction() as session:
        token = await entrance.begin(visit, session, member.email, complete=identity.strong)
        if identity.strong:
            await audit.record(
                session, member.email, "signed_in_by_provider", member.email, visit.now
            )
    following = inside(path)
    if not identity.strong:
        following = f"/panel/sign-in/code?next={quote(following, safe='/')}"
    response = entrance.give(visit, await visit.go(following), token)
    _put(visit, response, "", 0)
    return response


ROUTES = (
    get("/sign-in/provider", Permission.PUBLIC, _start),
    get("/sign-in/provider/back", Permission.PUBLIC, _arrive),
)
