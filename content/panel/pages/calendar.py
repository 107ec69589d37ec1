"""The days on which somebody must look at something again."""

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlencode

from aiohttp import web
from sqlalchemy import select

from content.catalogue import SOURCE_LANGUAGE
from content.panel.permissions import Permission
from content.panel.rendering import PERU
from content.panel.routing import get
from content.panel.tables import ReleaseRow
from content.panel.visit import Visit
from content.schedule import DATED, Event, Reason, by_month, events, icalendar

PAGE = 50

REASON_NAMES = {
    Reason.REVIEW: "Toca revisar",
    Reason.EXPIRY: "Vence",
    Reason.RELEASE: "Publicación programada",
    Reason.SOURCE: "Fuentes por abrir de nuevo",
}
REASON_TONES = {
    Reason.REVIEW: "warn",
    Reason.EXPIRY: "bad",
    Reason.RELEASE: "good",
    Reason.SOURCE: "soft",
}
MONTHS = (
    "enero de {year}", "febrero de {year}", "marzo de {year}", "abril de {year}",
    "mayo de {year}", "junio de {year}", "julio de {year}", "agosto de {year}",
    "setiembre de {year}", "octubre de {year}", "noviembre de {year}", "diciembre de {year}",
)  # fmt: skip


async def _events(visit: Visit, today: date) -> list[Event]:
    query = select(ReleaseRow.id, ReleaseRow.title, ReleaseRow.not_before).where(
        ReleaseRow.status == "scheduled", ReleaseRow.not_before.is_not(None)
    )
    async with visit.reading() as session:
        rows = (await session.execute(query)).all()
    waiting = [(row.id, row.title, _peruvian(row.not_before)) for row in rows]
    return events(visit.assistant.catalogue(), waiting, today)


def _peruvian(at: datetime) -> date:
    return at.astimezone(PERU).date()


def _wanted(visit: Visit, found: Sequence[Event]) -> list[Event]:
    """Return the events that the address asks for; old sources only where it names them."""
    reason, topic, owner = visit.asked("reason"), visit.asked("topic"), visit.asked("owner")
    reasons = (Reason(reason),) if reason in tuple(Reason) else DATED
    return [
        event
        for event in found
        if event.reason in reasons
        and (not topic or event.topic == topic)
        and (not owner or event.owner == owner)
    ]


def _is_late(event: Event, today: date) -> bool:
    return event.day <= today and event.reason is not Reason.RELEASE


async def _calendar(visit: Visit) -> web.StreamResponse:
    today = _peruvian(visit.now)
    everything = await _events(visit, today)
    found = _wanted(visit, everything)
    late = [event for event in found if _is_late(event, today)]
    ordered = [*late, *(event for event in found if not _is_late(event, today))]
    written = visit.asked("page", "1")
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 5 else 1
    last = max(1, -(-len(ordered) // PAGE))
    number = min(max(1, number), last)
    shown = ordered[(number - 1) * PAGE : number * PAGE]
    query = {name: visit.asked(name) for name in ("reason", "topic", "owner") if visit.asked(name)}
    catalogue = visit.assistant.catalogue()
    return await visit.page(
        "calendar/calendar.html",
        today=today,
        late=[event for event in shown if _is_late(event, today)],
        late_count=len(late),
        months=by_month([event for event in shown if not _is_late(event, today)]),
        month_name=lambda day: visit.say(MONTHS[day.month - 1], year=day.year),
        names=REASON_NAMES,
        tones=REASON_TONES,
        asked={name: visit.asked(name) for name in ("reason", "topic", "owner")},
        topics=[(one.id, one.names[SOURCE_LANGUAGE]) for one in catalogue.topics.values()],
        owners=sorted({event.owner for event in everything if event.owner}),
        sources=sum(event.reason is Reason.SOURCE for event in everything),
        file=f"/panel/calendar.ics?{urlencode(query)}" if query else "/panel/calendar.ics",
        address=lambda page: f"/panel/calendar?{urlencode({**query, 'page': page})}",
        number=number,
        last=last,
        told_by=visit.assistant.told_by,
    )


async def _file(visit: Visit) -> web.StreamResponse:
    found = _wanted(visit, await _events(visit, _peruvian(visit.now)))
    names = {reason: visit.say(name) for reason, name in REASON_NAMES.items()}
    origin = visit.panel.settings.origin or str(visit.request.url.origin())
    text = icalendar(found, names, origin, visit.now)
    return web.Response(
        text=text,
        content_type="text/calendar",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="orienta.ics"'},
    )


ROUTES = (
    get("/calendar", Permission.READ, _calendar),
    get("/calendar.ics", Permission.READ, _file),
)
