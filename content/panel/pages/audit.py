"""The audit log: who did what, and when."""

from datetime import date
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import select

from content.panel import auditing, wording
from content.panel.permissions import Permission
from content.panel.protection import HEADERS
from content.panel.routing import get
from content.panel.visit import Visit
from content.staff import StaffRow

_FILTERS = ("staff", "action", "subject", "since", "until")


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2999 else None


def _wanted(visit: Visit) -> auditing.Wanted:
    return auditing.Wanted(
        visit.asked("staff")[:254],
        visit.asked("action")[:40],
        visit.asked("subject").strip()[:200],
        _day(visit.asked("since")),
        _day(visit.asked("until")),
    )


async def _audit(visit: Visit) -> web.StreamResponse:
    wanted = _wanted(visit)
    asked = visit.asked("before")
    before = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else None
    async with visit.reading() as session:
        rows, older = await auditing.page(session, wanted, before)
        staff = list(await session.scalars(select(StaffRow.email).order_by(StaffRow.email)))
    filters = {name: visit.asked(name) for name in _FILTERS if visit.asked(name)}
    return await visit.page(
        "audit/audit.html",
        rows=rows,
        staff=staff,
        wanted=wanted,
        filtered=bool(filters),
        first=before is None,
        older=urlencode({**filters, "before": older}) if older else "",
        newest=urlencode(filters),
        action_name=lambda name: visit.say(wording.action(name)),
        actions=sorted(
            ((name, visit.say(text)) for name, text in wording.ACTIONS.items()),
            key=lambda pair: pair[1],
        ),
        about=lambda name: wording.subject(name, visit.say),
        told=lambda detail: wording.detail(detail, visit.say),
    )


async def _export(visit: Visit) -> web.StreamResponse:
    head = [
        visit.say("Fecha y hora (Perú)"), visit.say("Quién"), visit.say("Qué hizo"),
        visit.say("Sobre qué"), visit.say("Detalle"),
    ]  # fmt: skip
    response = web.StreamResponse(headers=HEADERS)
    response.content_type = "text/csv"
    response.charset = "utf-8"
    response.headers["Content-Disposition"] = (
        f'attachment; filename="orienta-registro-{visit.now:%Y-%m-%d}.csv"'
    )
    await response.prepare(visit.request)
    if visit.request.method != "HEAD":
        try:
            async for piece in auditing.export(visit.reading, _wanted(visit), head, visit.say):
                await response.write(piece)
        except Exception:  # a file that breaks off is not taken for a whole one, nor waited for
            if visit.request.transport is not None:
                visit.request.transport.close()
            raise
    await response.write_eof()
    return response


ROUTES = (
    get("/audit", Permission.READ_AUDIT, _audit),
    get("/audit.csv", Permission.READ_AUDIT, _export),
)
