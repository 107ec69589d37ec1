"""The list of answers, and making a new one."""

import re
import unicodedata
from dataclasses import replace
from datetime import timedelta

from aiohttp import web

from content import editing, search
from content.catalogue import LANGUAGES
from content.decoding import AUDIENCES
from content.drafts import published_document
from content.editing import Act, Incomplete
from content.panel.permissions import Permission
from content.panel.rendering import PERU
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.writing import listing, lookups
from content.panel.writing.listing import Line, State
from content.publishing import TOPIC
from content.sheets import writable

PER_PAGE = 50
_DEMAND_LASTS = timedelta(minutes=5)
_LONGEST_QUESTION = 300
_LONGEST_SLUG = 60

STATES: dict[State, tuple[str, str]] = {
    State.OFF: ("bad", "apagada"),
    State.EXPIRED: ("bad", "vencida"),
    State.EXPIRING: ("warn", "por vencer"),
    State.OVERDUE: ("warn", "revisión atrasada"),
    State.IN_REVIEW: ("warn", "en revisión"),
    State.DRAFT: ("warn", "con borrador"),
    State.APPROVED: ("good", "aprobada, por publicar"),
    State.STALE: ("warn", "traducción atrasada"),
    State.MISSING: ("warn", "falta un idioma"),
    State.UNWRITTEN: ("soft", "sin escribir"),
    State.NEW: ("soft", "nueva, sin publicar"),
    State.PENDING: ("soft", "falta que lo lea un hablante"),
    State.DEMAND: ("soft", "la preguntan sin respuesta segura"),
    State.PUBLISHED: ("good", "publicada"),
    State.ARCHIVED: ("soft", "archivada"),
}
"""How a state looks and is called (a msgid), in the order of the list's filter."""

_NOT_SHOWN = {State.PENDING, State.DEMAND}
"""States with a column of their own; nearly every answer has the first."""


async def _list(visit: Visit) -> web.StreamResponse:
    query, topic, language, state = (
        visit.asked(name).strip()[:200] for name in ("q", "topic", "language", "state")
    )
    catalogue = visit.assistant.catalogue()
    today = visit.now.astimezone(PERU).date()
    async with visit.reading() as session:
        beside = await listing.in_work(session, catalogue)
        drafts = await listing.draft_entries(session) if query else []
    asked = await visit.panel.memory.for_a_while(
        "demand", visit.now, _DEMAND_LASTS, lambda: _demand(visit)
    )
    lines = listing.lines(catalogue, beside, asked, today)
    if query:
        entries = await visit.panel.memory.nearly(*lookups.searched(catalogue))
        lines = _found(lines, search.find((*drafts, *entries), query))
    else:
        lines = listing.by_need(lines)
    chosen = [line for line in lines if _fits(line, topic, language, state)]
    return await visit.page(
        "articles/list.html",
        lines=chosen[(page := _page(visit, len(chosen))) * PER_PAGE : (page + 1) * PER_PAGE],
        total=len(chosen),
        page=page,
        pages=_pages(len(chosen)),
        query=query,
        chosen={"topic": topic, "language": language, "state": state},
        topics=_topics(visit),
        states=STATES,
        shown_states=[one for one in STATES if one not in _NOT_SHOWN],
        link=lambda number: visit.request.rel_url.update_query(page=str(number + 1)),
    )


async def _demand(visit: Visit) -> dict[str, int]:
    return dict(listing.demand(await visit.assistant.questions.unanswered()))


def _topics(visit: Visit) -> dict[str, str]:
    return {
        topic.id: topic.names.get(visit.language) or topic.id
        for topic in visit.assistant.catalogue().topics.values()
    }


def _found(lines: list[Line], found: list[search.Found]) -> list[Line]:
    known = {line.id: line for line in lines}
    return [
        replace(known[one.article], found_in=one.language, found_where=one.where.value)
        for one in found
        if one.article in known
    ]


def _fits(line: Line, topic: str, language: str, state: str) -> bool:
    if topic and line.topic != topic:
        return False
    concerned = {*line.stale, *line.missing, *line.pending, *line.in_work}
    if language in LANGUAGES and language not in concerned:
        return False
    if state in STATES:
        return State(state) in line.states
    return State.ARCHIVED not in line.states


def _pages(total: int) -> int:
    return max(1, -(-total // PER_PAGE))


def _page(visit: Visit, total: int) -> int:
    given = visit.asked("page")
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 7 else 1
    return min(max(number, 1), _pages(total)) - 1


def slug_of(title: str) -> str:
    """Return the last part of an id from a title: words of ASCII with hyphens between."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)
    while len("-".join(words)) > _LONGEST_SLUG:
        words.pop()
    return "-".join(words)


async def _new(visit: Visit) -> web.StreamResponse:
    given = {"topic": visit.asked("topic"), "title": "", "audience": "migrant", "ask": ""}
    return await _form(visit, given, {})


async def _form(visit: Visit, given: dict[str, str], wrong: dict[str, str]) -> web.Response:
    return await visit.page(
        "articles/new.html",
        status=422 if wrong else 200,
        given=given,
        wrong=wrong,
        topics=_topics(visit),
    )


async def _make(visit: Visit) -> web.StreamResponse:
    given = {name: visit.field(name) for name in ("topic", "title", "audience", "ask")}
    slug = slug_of(given["title"])
    wrong = {}
    if given["audience"] not in AUDIENCES:
        wrong["audience"] = visit.say("Elija para quién es.")
    if not slug:
        wrong["title"] = visit.say("Escriba un título con palabras.")
    elif len(given["title"]) > _LONGEST_QUESTION:
        wrong["title"] = visit.say("El título es demasiado largo.")
    if not given["ask"]:
        wrong["ask"] = visit.say("Escriba la pregunta como la haría una persona.")
    elif len(given["ask"]) > _LONGEST_QUESTION:
        wrong["ask"] = visit.say("La pregunta es demasiado larga.")
    async with visit.reading() as session:
        if await published_document(session, TOPIC, given["topic"]) is None:
            wrong["topic"] = visit.say("Elija un tema de la lista.")
    if wrong:
        return await _form(visit, given, wrong)
    identity = f"{given['topic']}/{slug}"
    act = Act(visit.member.email, visit.now)
    ask = " ".join(writable(given["ask"]).split())
    try:
        async with visit.transaction() as session:
            await editing.new_article(session, act, identity, audience=given["audience"], ask=ask)
            first = editing.Fields(given["title"], "", {})
            await editing.save_text(session, act, identity, "es", first, editing.Seen())
    except Incomplete:
        wrong["title"] = visit.say("Ya hay una respuesta con ese título en ese tema. Cámbielo.")
        return await _form(visit, given, wrong)
    return await visit.go(
        f"/panel/articles/{identity}/edit",
        visit.say("Respuesta creada. Nadie la ve hasta que se publique: escriba ahora el texto."),
    )


ROUTES = (
    get("/articles", Permission.READ, _list),
    get("/articles/new", Permission.WRITE, _new),
    post("/articles/new", Permission.WRITE, _make),
)
