"""The desk: persons who asked for a human, and what staff write to them.

Nothing on these pages tells who she is: her words come scrubbed, without name, number or place.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from aiohttp import web
from sqlalchemy import select

from content.answers import standard_answers
from content.panel import spoken
from content.panel.permissions import Permission
from content.panel.ports import CannotDo, Case, Why
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.staff import Role, StaffRow

SHOWN = 50  # closed cases on a page

_GONE = (Why.MISSING, Why.CLOSED)


async def _list(visit: Visit) -> web.StreamResponse:
    closed = visit.asked("show") == "closed"
    return await visit.page("desk/list.html", closed=closed, **await _listed(visit, closed))


async def _list_part(visit: Visit) -> web.StreamResponse:
    closed = visit.asked("show") == "closed"
    return visit.part("desk/_cases.html", closed=closed, **await _listed(visit, closed))


async def _listed(visit: Visit, closed: bool) -> dict[str, Any]:
    cases = await visit.assistant.desk.cases(closed=closed)
    me = visit.member.email
    groups = {
        "waiting": [case for case in cases if case.status == "open"],
        "mine": [case for case in cases if case.status == "taken" and case.staff == me],
        "others": [case for case in cases if case.status == "taken" and case.staff != me],
        "closed": [case for case in cases if case.status == "closed"][:SHOWN],
    }
    return {"groups": groups, **await _words(visit)}


async def _words(visit: Visit) -> dict[str, Any]:
    """Return what the templates of the desk need besides the cases."""
    async with visit.reading() as session:
        found = await session.execute(select(StaffRow.email, StaffRow.name))
        names = {row.email: row.name for row in found}
    days = visit.assistant.desk.retention_days
    return {
        "channel_name": lambda name: spoken.channel(visit, name),
        "since": lambda at: spoken.span(visit, visit.now - at),
        "left": lambda at: spoken.span(visit, at - visit.now),
        "who": lambda email: names.get(email, visit.say("una persona del equipo")),
        "erased_on": lambda case: case.updated_at + timedelta(days=days),
        "days": days,
    }


def _number(visit: Visit) -> int:
    return int(visit.arg("id"))


async def _case(visit: Visit) -> web.StreamResponse:
    return await _show(visit, await _found(visit))


async def _found(visit: Visit) -> Case:
    try:
        return await visit.assistant.desk.case(_number(visit))
    except CannotDo:
        raise web.HTTPNotFound from None


async def _lines(visit: Visit) -> web.StreamResponse:
    case = await _found(visit)
    return visit.part("desk/_lines.html", case=case, **await _words(visit))


async def _show(
    visit: Visit, case: Case, *, text: str = "", wrong: str = "", status: int = 200
) -> web.Response:
    async with visit.reading() as session:
        query = select(StaffRow).where(
            StaffRow.role == Role.DESK.value, StaffRow.active, StaffRow.email != visit.member.email
        )
        colleagues = list(await session.scalars(query.order_by(StaffRow.name)))
    return await visit.page(
        "desk/case.html",
        status=status,
        case=case,
        mine=case.staff == visit.member.email,
        colleagues=colleagues,
        text=text,
        wrong=wrong,
        longest=visit.assistant.desk.longest,
        answers=standard_answers().values(),
        open_window=case.writable_until is None or visit.now < case.writable_until,
        **await _words(visit),
    )


async def _insert(visit: Visit) -> web.StreamResponse:
    """Put a standard answer behind what is written, without sending anything."""
    case = await _found(visit)
    answer = standard_answers().get(visit.field("template"))
    written = visit.field("text")
    if answer is None:
        return await _show(visit, case, text=written)
    added = answer.texts.get(case.language) or answer.texts["es"]
    return await _show(visit, case, text=f"{written}\n\n{added}".strip())


async def _reply(visit: Visit) -> web.StreamResponse:
    case, text = await _found(visit), visit.field("text")
    desk = visit.assistant.desk

    async def send() -> None:
        await desk.reply(case.id, visit.member.email, text, visit.now)

    return await _done(visit, case, send, "case_answered", visit.say("Mensaje enviado."))


async def _take(visit: Visit) -> web.StreamResponse:
    case = await _found(visit)
    over = visit.field("over") == "yes"
    if case.status == "taken" and case.staff != visit.member.email and not over:
        wrong = visit.say("Otra persona atiende este caso: póngase de acuerdo y marque la casilla.")
        return await _show(visit, case, wrong=wrong, status=422)

    async def take() -> None:
        await visit.assistant.desk.take(case.id, visit.member.email, visit.now, over=over)

    return await _done(visit, case, take, "case_taken", visit.say("Ahora usted atiende este caso."))


async def _transfer(visit: Visit) -> web.StreamResponse:
    case, to = await _found(visit), visit.field("to")

    async def transfer() -> None:
        await visit.assistant.desk.transfer(case.id, visit.member.email, to, visit.now)

    said = visit.say("El caso pasó a otra persona del equipo.")
    return await _done(visit, case, transfer, "case_transferred", said, "/panel/desk", to=to)


async def _close(visit: Visit) -> web.StreamResponse:
    case = await _found(visit)

    async def close() -> None:
        await visit.assistant.desk.close(case.id, visit.member.email, visit.now)

    said = visit.say("Caso cerrado: desde ahora responde otra vez el asistente.")
    return await _done(visit, case, close, "case_closed", said, "/panel/desk")


async def _done(
    visit: Visit,
    case: Case,
    work: Callable[[], Awaitable[None]],
    action: str,
    said: str,
    then: str = "",
    **detail: str,
) -> web.Response:
    """Do something with a case and write it down, or say why not with what she wrote kept."""
    try:
        await work()
    except CannotDo as refused:
        if refused.why in _GONE and not visit.field("text"):
            return await visit.go("/panel/desk", _why(visit, refused.why))
        status = 409 if refused.why in (Why.COLLEAGUE, *_GONE) else 422
        wrong = _why(visit, refused.why)
        return await _show(visit, case, text=visit.field("text"), wrong=wrong, status=status)
    async with visit.transaction() as session:
        await visit.record(session, action, f"case {case.id}", **detail)
    return await visit.go(then or f"/panel/desk/{case.id}", said)


def _why(visit: Visit, why: Why) -> str:
    """Say why the desk does not do something, and what to do."""
    longest = visit.assistant.desk.longest
    return {
        Why.MISSING: visit.say("Este caso ya no existe: venció, o la persona pidió borrar todo."),
        Why.CLOSED: visit.say("Este caso está cerrado: la persona siguió con el asistente."),
        Why.COLLEAGUE: visit.say(
            "Otra persona atiende este caso. Póngase de acuerdo y luego tómelo."
        ),
        Why.LENGTH: visit.say(
            "Escriba entre 1 y {most} caracteres; si es más largo, envíelo en dos mensajes.",
            most=longest,
        ),
        Why.FORGOTTEN: visit.say(
            "Ya no se guarda nada de esta persona: pidió borrar todo o no escribe hace mucho. "
            "No se le puede responder."
        ),
        Why.GONE: visit.say("La persona bloqueó al asistente o lo dejó: no se le puede escribir."),
        Why.STOPPED: visit.say(
            "La persona no quiere recibir mensajes: podrá responderle cuando vuelva a escribir."
        ),
        Why.WINDOW: visit.say(
            "Pasaron más de 24 horas desde su último mensaje y WhatsApp ya no deja escribirle: "
            "podrá responderle cuando vuelva a escribir."
        ),
        Why.NOT_DESK: visit.say("Elija a una persona activa que tenga el rol de mesa de atención."),
    }[why]


_ONE = "/desk/{id:[0-9]{1,9}}"

ROUTES = (
    get("/desk", Permission.DESK, _list),
    get("/desk/list", Permission.DESK, _list_part),
    get(_ONE, Permission.DESK, _case),
    get(_ONE + "/lines", Permission.DESK, _lines),
    post(_ONE + "/insert", Permission.DESK, _insert),
    post(_ONE + "/reply", Permission.DESK, _reply),
    post(_ONE + "/take", Permission.DESK, _take),
    post(_ONE + "/transfer", Permission.DESK, _transfer),
    post(_ONE + "/close", Permission.DESK, _close),
)
