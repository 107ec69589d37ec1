"""How far the translations are, and the lists of what is to be done in a language."""

from urllib.parse import urlencode

from aiohttp import web

from content.catalogue import SOURCE_LANGUAGE
from content.panel.permissions import Permission
from content.panel.routing import get
from content.panel.visit import Visit
from content.translating import LISTS, TARGETS, State, chosen, overview

PAGE = 50

STATE_NAMES = {
    State.CURRENT: "Al día",
    State.UNREAD: "Falta que la lea un hablante",
    State.STALE: "Desactualizada",
    State.MISSING: "Falta",
}
STATE_TONES = {
    State.CURRENT: "good",
    State.UNREAD: "soft",
    State.STALE: "warn",
    State.MISSING: "bad",
}
LIST_NAMES = {
    "todo": "Por hacer",
    "stale": "Desactualizadas",
    "missing": "Faltan",
    "draft": "En borrador",
    "review": "Esperan revisión",
    "approved": "Aprobadas, sin publicar",
    "unread": "Falta que las lea un hablante",
    "all": "Todas",
}
STEP_NAMES = {
    "draft": "borrador",
    "in_review": "en revisión",
    "approved": "aprobada, sin publicar",
    "published": "publicada",
    "archived": "archivada",
}


async def _overview(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        found = await overview(session, visit.assistant.catalogue())
    return await visit.page(
        "translations/overview.html", progress=found.progress(), states=STATE_NAMES,
        tones=STATE_TONES,
    )  # fmt: skip


async def _language(visit: Visit) -> web.StreamResponse:
    language = visit.arg("language")
    if language not in TARGETS:
        raise web.HTTPNotFound
    catalogue = visit.assistant.catalogue()
    async with visit.reading() as session:
        lines = (await overview(session, catalogue)).of(language)
    asked = visit.asked("list", "todo")
    wanted = asked if asked in LISTS else "todo"
    topic, words = visit.asked("topic"), visit.asked("q").strip()[:200]
    found = chosen(lines, wanted, topic, words)
    written = visit.asked("page", "1")
    number = int(written) if written.isascii() and written.isdigit() and len(written) < 5 else 1
    last = max(1, -(-len(found) // PAGE))
    number = min(max(1, number), last)

    def address(**changed: object) -> str:
        query = {"list": wanted, "topic": topic, "q": words, **changed}
        kept = {name: value for name, value in query.items() if value}
        return f"/panel/translations/{language}?{urlencode(kept)}"

    return await visit.page(
        "translations/language.html",
        language=language,
        lists=[(name, LIST_NAMES[name], len(chosen(lines, name, "", ""))) for name in LISTS],
        wanted=wanted,
        topic=topic,
        topics=[(one.id, one.names[SOURCE_LANGUAGE]) for one in catalogue.topics.values()],
        words=words,
        lines=found[(number - 1) * PAGE : number * PAGE],
        count=len(found),
        number=number,
        last=last,
        address=address,
        states=STATE_NAMES,
        tones=STATE_TONES,
        steps=STEP_NAMES,
    )


ROUTES = (
    get("/translations", Permission.READ, _overview),
    get("/translations/{language}", Permission.READ, _language),
)
