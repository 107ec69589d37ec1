"""Coming in with address, password and code; and going out."""

from urllib.parse import quote

from aiohttp import web

from content import audit
from content.panel.entry import credentials, entrance, proof
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit

LANGUAGE_COOKIE = "orienta-panel-language"
_YEAR = 365 * 86_400


async def _sign_in(visit: Visit) -> web.StreamResponse:
    if visit.found is not None and visit.found.complete:
        return await visit.go(entrance.wanted(visit))
    return await form(visit)


async def form(visit: Visit, wrong: str = "", status: int = 200) -> web.Response:
    """Show the form again, with the address that she typed."""
    return await visit.page(
        "sign_in/password.html",
        status=status,
        wrong=wrong,
        email=visit.field("email"),
        next=entrance.wanted(visit),
        provider=visit.panel.provider is not None,
    )


async def _password(visit: Visit) -> web.StreamResponse:
    try:
        member = await proof.password(visit, visit.field("email"), visit.sent.get("password", ""))
    except proof.Refused as refused:
        wrong = visit.say("El correo o la contraseña no son correctos.")
        return await form(visit, refused.told(visit, wrong), refused.status)
    async with visit.transaction() as session:
        token = await entrance.begin(visit, session, member.email, complete=False)
    return entrance.give(visit, await visit.go(_after("/panel/sign-in/code", visit)), token)


async def _code_page(visit: Visit) -> web.StreamResponse:
    return await elsewhere(visit) or await _code_form(visit)


async def elsewhere(visit: Visit, *, enrolling: bool = False) -> web.Response | None:
    """Return where to go instead, unless this browser waits at this step."""
    if visit.found is None:
        return await visit.go(_after("/panel/sign-in", visit))
    if visit.found.complete:
        return await visit.go(entrance.wanted(visit))
    async with visit.reading() as session:
        known = await credentials.of(session, visit.member.email)
    if (known is None or known.totp is None) is enrolling:
        return None
    step = "code" if enrolling else "second-factor"
    return await visit.go(_after(f"/panel/sign-in/{step}", visit))


async def _code_form(visit: Visit, wrong: str = "", status: int = 200) -> web.Response:
    return await visit.page(
        "sign_in/code.html", status=status, wrong=wrong, next=entrance.wanted(visit)
    )


async def _code(visit: Visit) -> web.StreamResponse:
    if away := await elsewhere(visit):
        return away
    email = visit.member.email
    try:
        kind = await proof.code(visit, email, visit.field("code"))
    except proof.Refused as refused:
        wrong = visit.say(
            "Ese código no sirve. Espere a que la aplicación muestre el siguiente y escríbalo."
        )
        return await _code_form(visit, refused.told(visit, wrong), refused.status)
    async with visit.transaction() as session:
        token = await entrance.begin(visit, session, email, complete=True)
        await audit.record(session, email, "signed_in", email, visit.now, by=kind)
    # With a recovery code she may have lost her telephone: her account shows what to do.
    path = entrance.wanted(visit) if kind == "totp" else "/panel/account"
    return entrance.give(visit, await visit.go(path), token)


async def _language(visit: Visit) -> web.StreamResponse:
    response = await visit.go(_after("/panel/sign-in", visit))
    speak(visit, response, "en" if visit.field("language") == "en" else "es")
    return response


def speak(visit: Visit, response: web.Response, language: str) -> None:
    """Let this browser remember the language for the next sign-in."""
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=_YEAR, path="/panel", httponly=True, samesite="Lax",
        secure=visit.panel.settings.secure,
    )  # fmt: skip


async def _sign_out(visit: Visit) -> web.StreamResponse:
    response = await entrance.leave(visit)
    speak(visit, response, visit.language)
    return response


def _after(path: str, visit: Visit) -> str:
    return f"{path}?next={quote(entrance.wanted(visit), safe='/')}"


ROUTES = (
    get("/sign-in", Permission.PUBLIC, _sign_in),
    post("/sign-in", Permission.PUBLIC, _password),
    get("/sign-in/code", Permission.PUBLIC, _code_page),
    post("/sign-in/code", Permission.PUBLIC, _code),
    post("/sign-in/language", Permission.PUBLIC, _language),
    post("/sign-out", Permission.PUBLIC, _sign_out),
)
