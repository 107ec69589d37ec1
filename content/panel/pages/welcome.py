"""Coming in for the first time: a password by a one-time link, and a second factor at once."""

from aiohttp import web

from content import audit
from content.panel import sessions as sessions_
from content.panel.entry import (
    attempts,
    credentials,
    enrolling,
    entrance,
    links,
    proof,
    second_factor,
)
from content.panel.entry.passwords import TooBusy, fault
from content.panel.pages import sign_in
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.staff import StaffRow


async def _welcome(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        member = await links.find(session, visit.arg("token"), visit.now)
    return await _form(visit, member) if member else await _gone(visit)


async def _form(
    visit: Visit, member: StaffRow, wrong: str = "", again: str = "", status: int = 200
) -> web.Response:
    return await visit.page(
        "sign_in/welcome.html", status=status, who=member, wrong=wrong, again=again,
        token=visit.arg("token"),
    )  # fmt: skip


async def _gone(visit: Visit) -> web.Response:
    return await visit.page("sign_in/link_gone.html", status=410)


def unfit(visit: Visit, email: str, name: str) -> tuple[str, str]:
    """Return what is wrong with the new password that she typed, and with its repetition."""
    password = visit.sent.get("password", "")
    told = {
        "short": visit.say("Debe tener al menos 12 caracteres."),
        "long": visit.say("Debe tener como mucho 256 caracteres."),
        "easy": visit.say(
            "Es fácil de adivinar. No use su nombre, su correo ni palabras muy comunes: "
            "junte cuatro palabras que no tengan relación."
        ),
    }
    wrong = told.get(fault(password, email, name), "")
    same = password == visit.sent.get("password_again", "")
    return wrong, "" if same or wrong else visit.say("Las dos contraseñas no son iguales.")


async def _set_password(visit: Visit) -> web.StreamResponse:
    token = visit.arg("token")
    async with visit.reading() as session:
        member = await links.find(session, token, visit.now)
    if member is None:
        return await _gone(visit)
    wrong, again = unfit(visit, member.email, member.name)
    if wrong or again:
        return await _form(visit, member, wrong, again, 422)
    try:
        await proof.admit(visit)
        hashed = await visit.panel.passwords.hash(visit.sent.get("password", ""))
    except (proof.Refused, TooBusy) as refused:
        refusal = refused if isinstance(refused, proof.Refused) else proof.Refused("busy")
        return await _form(visit, member, refusal.told(visit, ""), "", refusal.status)
    async with visit.transaction() as session:
        if not await links.use(session, token, visit.now):
            return await _gone(visit)
        await credentials.start_again(session, member.email, hashed, visit.now)
        await attempts.forget(session, member.email)
        await sessions_.end(session, member.email)
        mine = await entrance.begin(visit, session, member.email, complete=False)
        await audit.record(session, member.email, "link_used", member.email, visit.now)
    return entrance.give(visit, await visit.go("/panel/sign-in/second-factor"), mine)


async def _second_factor(visit: Visit) -> web.StreamResponse:
    if away := await sign_in.elsewhere(visit, enrolling=True):
        return away
    return await _offer(visit)


async def _offer(
    visit: Visit, secret: str = "", wrong: str = "", status: int = 200
) -> web.Response:
    return await visit.page(
        "sign_in/second_factor.html",
        status=status,
        offer=enrolling.offer(visit, secret),
        wrong=wrong,
        next=entrance.wanted(visit),
        action="/panel/sign-in/second-factor",
    )


async def _confirm(visit: Visit) -> web.StreamResponse:
    if away := await sign_in.elsewhere(visit, enrolling=True):
        return away
    secret = enrolling.offered(visit)
    step = second_factor.step_of(secret, visit.field("code"), visit.now, 0) if secret else None
    if secret is None or step is None:
        return await _offer(visit, secret or "", mistyped(visit, secret), 422)
    email = visit.member.email
    async with visit.transaction() as session:
        codes = await credentials.set_second_factor(
            session, visit.panel.keys, email, secret, step, visit.now
        )
        token = await entrance.begin(visit, session, email, complete=True)
        await audit.record(session, email, "second_factor_set", email, visit.now)
    page = await visit.page("sign_in/codes.html", codes=codes, next=entrance.wanted(visit))
    return entrance.give(visit, page, token)


def mistyped(visit: Visit, secret: str | None) -> str:
    """Return why a code did not set up the second factor."""
    if secret is None:
        return visit.say("Pasó mucho tiempo. Escanee la imagen nueva y escriba su código.")
    return visit.say(
        "Ese código no corresponde a esta imagen. Escriba el que la aplicación muestra ahora, y "
        "revise que la hora del teléfono sea automática."
    )


ROUTES = (
    get("/welcome/{token}", Permission.PUBLIC, _welcome),
    post("/welcome/{token}", Permission.PUBLIC, _set_password),
    get("/sign-in/second-factor", Permission.PUBLIC, _second_factor),
    post("/sign-in/second-factor", Permission.PUBLIC, _confirm),
)
