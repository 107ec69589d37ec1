"""The staff: who they are, what they may do, and how they come in."""

from collections import defaultdict

from aiohttp import web

from content import staff
from content.panel.entry import links, roster
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.tables import CredentialsRow
from content.panel.visit import Visit
from content.panel.wording import ROLES
from content.staff import Role, StaffError

_LIST = "/panel/staff"


async def _everyone(visit: Visit) -> web.StreamResponse:
    return await _show(visit)


async def _show(visit: Visit, status: int = 200, **wrong: str) -> web.Response:
    async with visit.reading() as session:
        everyone = await staff.everyone(session)
        known = await session.execute(
            CredentialsRow.__table__.select().with_only_columns(
                CredentialsRow.email, CredentialsRow.totp.is_not(None).label("ready")
            )
        )
        ready = {row.email for row in known if row.ready}
    return await visit.page(
        "staff/staff.html",
        status=status,
        wrong=defaultdict(str, wrong),
        field=visit.field,
        active=[one for one in everyone if one.active],
        left=[one for one in everyone if not one.active],
        ready=ready,
        roles=ROLES,
        role_of=lambda one: visit.say(ROLES[Role(one.role)].name),
    )


def _role(visit: Visit) -> Role | None:
    given = visit.field("role")
    return Role(given) if given in set(Role) else None


async def _add(visit: Visit) -> web.StreamResponse:
    email, name, role = visit.field("email"), visit.field("name"), _role(visit)
    if role is None:
        return await _show(visit, 422, role=visit.say("Elija un rol."))
    if not name or len(name) > 120:
        return await _show(visit, 422, name=visit.say("Escriba un nombre de 1 a 120 caracteres."))
    try:
        async with visit.transaction() as session:
            by = visit.member.email
            member, token = await roster.add(session, by, email, name, role, visit.now)
    except StaffError:
        return await _show(
            visit,
            422,
            email=visit.say(
                "Ese correo no está bien escrito o ya es de alguien del equipo. "
                "Escriba uno como ana@ejemplo.pe."
            ),
        )
    return await _link(visit, member.email, member.name, token)


async def _new_link(visit: Visit) -> web.StreamResponse:
    try:
        async with visit.transaction() as session:
            member = await staff.active(session, visit.field("email"))
            token = await roster.new_link(session, visit.member.email, member.email, visit.now)
    except StaffError:
        return await _unknown(visit)
    return await _link(visit, member.email, member.name, token)


async def _link(visit: Visit, email: str, name: str, token: str) -> web.Response:
    """Show a link: here and never again, for only its hash is stored."""
    request, settings = visit.request, visit.panel.settings
    origin = settings.origin or f"{request.scheme}://{request.host}"
    return await visit.page(
        "staff/link.html",
        email=email,
        name=name,
        link=origin + links.path(token),
        until=visit.now + links.VALID,
    )


async def _change_role(visit: Visit) -> web.StreamResponse:
    role = _role(visit)
    if role is None:
        return await _show(visit, 422, act=visit.say("Elija un rol."))
    try:
        async with visit.transaction() as session:
            by = visit.member.email
            await roster.change_role(session, by, visit.field("email"), role, visit.now)
    except StaffError:
        return await _unknown(visit)
    except roster.MayNot as refused:
        return await _show(visit, 409, act=_why(visit, refused))
    return await visit.go(_LIST, visit.say("El rol cambió. Vale desde ahora."))


async def _deactivate(visit: Visit) -> web.StreamResponse:
    try:
        async with visit.transaction() as session:
            by = visit.member.email
            await roster.deactivate(session, by, visit.field("email"), visit.now)
    except StaffError:
        return await _unknown(visit)
    except roster.MayNot as refused:
        return await _show(visit, 409, act=_why(visit, refused))
    return await visit.go(_LIST, visit.say("Esa persona ya no puede entrar."))


async def _unknown(visit: Visit) -> web.Response:
    return await _show(visit, 422, act=visit.say("Esa persona ya no está activa en el equipo."))


def _why(visit: Visit, refused: roster.MayNot) -> str:
    if refused.why == "herself":
        return visit.say("No puede cambiar su propio rol ni retirarse: pídalo a otra persona.")
    return visit.say("Es la última persona que administra: agregue antes a otra.")


ROUTES = (
    get("/staff", Permission.STAFF, _everyone),
    post("/staff", Permission.STAFF, _add),
    post("/staff/link", Permission.STAFF, _new_link),
    post("/staff/role", Permission.STAFF, _change_role),
    post("/staff/deactivate", Permission.STAFF, _deactivate),
)
