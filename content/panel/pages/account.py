"""One's own account: sessions, password, recovery codes, second factor."""

from collections import defaultdict

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from content.panel import sessions
from content.panel.entry import credentials, enrolling, entrance, proof, second_factor
from content.panel.entry.passwords import TooBusy
from content.panel.pages.welcome import mistyped, unfit
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.wording import ROLES

ACCOUNT = "/panel/account"


async def _account(visit: Visit) -> web.StreamResponse:
    return await _show(visit)


async def _show(visit: Visit, status: int = 200, **wrong: str) -> web.Response:
    """Show the page; `wrong` holds what is wrong with a field of a form, by its name."""
    async with visit.reading() as session:
        known = await credentials.of(session, visit.member.email)
        open_ = await sessions.of(session, visit.member.email, visit.now)
    return await visit.page(
        "account/account.html",
        status=status,
        wrong=defaultdict(str, wrong),
        sessions=[one for one in open_ if one.complete],
        has_password=bool(known and known.password),
        codes_left=len(known.recovery) if known else 0,
        by_provider=bool(known and known.subject),
        role=visit.say(ROLES[visit.member.role].name),
    )


async def _proven(visit: Visit, form: str) -> web.Response | None:
    """Return the page with what is wrong, unless she typed her present password."""
    given = visit.sent.get("current_password", "")
    try:
        await proof.password(visit, visit.member.email, given)
    except proof.Refused as refused:
        wrong = refused.told(visit, visit.say("Esa no es su contraseña actual."))
        return await _show(visit, refused.status, **{f"{form}_current": wrong})
    return None


async def _password(visit: Visit) -> web.StreamResponse:
    member = visit.member
    wrong, again = unfit(visit, member.email, member.name)
    if wrong or again:
        return await _show(visit, 422, password=wrong, password_again=again)
    if refused := await _proven(visit, "password"):
        return refused
    try:
        hashed = await visit.panel.passwords.hash(visit.sent.get("password", ""))
    except TooBusy:
        busy = proof.Refused("busy")
        return await _show(visit, busy.status, password=busy.told(visit, ""))
    async with visit.transaction() as session:
        await credentials.set_password(session, member.email, hashed, visit.now)
        await visit.record(session, "password_changed", member.email)
        token = await _begin_again(
            visit, session, visit.say("Su contraseña cambió. Las demás sesiones se cerraron.")
        )
    return entrance.give(visit, await visit.go(ACCOUNT), token)


async def _begin_again(visit: Visit, session: AsyncSession, notice: str) -> str:
    """End all her sessions and begin a new one in this browser."""
    email = visit.member.email
    await sessions.end(session, email)
    token = await entrance.begin(visit, session, email, complete=True)
    found = await sessions.find(session, token, visit.now)
    if found and notice:
        await sessions.tell(session, found.member, notice)
    return token


async def _end_session(visit: Visit) -> web.StreamResponse:
    email, one = visit.member.email, visit.field("session")
    if one == visit.member.session:
        return await entrance.leave(visit)
    async with visit.transaction() as session:
        if await sessions.end(session, email, one):
            await visit.record(session, "session_ended", email)
    return await visit.go(ACCOUNT, visit.say("Esa sesión se cerró."))


async def _end_others(visit: Visit) -> web.StreamResponse:
    email = visit.member.email
    async with visit.transaction() as session:
        for other in await sessions.of(session, email, visit.now):
            if other.id != visit.member.session:
                await sessions.end(session, email, other.id)
        await visit.record(session, "session_ended", email)
    return await visit.go(ACCOUNT, visit.say("Las demás sesiones se cerraron."))


async def _codes(visit: Visit) -> web.StreamResponse:
    if refused := await _proven(visit, "codes"):
        return refused
    async with visit.transaction() as session:
        codes = await credentials.renew_recovery(session, visit.member.email, visit.now)
        await visit.record(session, "recovery_codes_renewed", visit.member.email)
    return await visit.page("sign_in/codes.html", codes=codes, next=ACCOUNT)


async def _second_factor(visit: Visit) -> web.StreamResponse:
    """Ask for the password, then show a new secret: its sealed form proves that she was asked."""
    return await _proven(visit, "factor") or await _offer(visit)


async def _offer(
    visit: Visit, secret: str = "", wrong: str = "", status: int = 200
) -> web.Response:
    return await visit.page(
        "sign_in/second_factor.html",
        status=status,
        offer=enrolling.offer(visit, secret),
        wrong=wrong,
        next=ACCOUNT,
        action="/panel/account/second-factor/confirm",
    )


async def _confirm(visit: Visit) -> web.StreamResponse:
    secret = enrolling.offered(visit)
    if secret is None:
        return await _show(visit, 422, factor_current=mistyped(visit, None))
    step = second_factor.step_of(secret, visit.field("code"), visit.now, 0)
    if step is None:
        return await _offer(visit, secret, mistyped(visit, secret), 422)
    async with visit.transaction() as session:
        codes = await credentials.set_second_factor(
            session, visit.panel.keys, visit.member.email, secret, step, visit.now
        )
        await visit.record(session, "second_factor_set", visit.member.email)
        token = await _begin_again(visit, session, "")
    page = await visit.page("sign_in/codes.html", codes=codes, next=ACCOUNT)
    return entrance.give(visit, page, token)


ROUTES = (
    get("/account", Permission.SIGNED_IN, _account),
    post("/account/password", Permission.SIGNED_IN, _password),
    post("/account/sessions/end", Permission.SIGNED_IN, _end_session),
    post("/account/sessions/end-others", Permission.SIGNED_IN, _end_others),
    post("/account/recovery-codes", Permission.SIGNED_IN, _codes),
    post("/account/second-factor", Permission.SIGNED_IN, _second_factor),
    post("/account/second-factor/confirm", Permission.SIGNED_IN, _confirm),
)
