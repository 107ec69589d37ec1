"""What people ask without getting a good answer, and what to make of it."""

import asyncio
import re
import unicodedata
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from content import questions
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, Catalogue
from content.editing import Act, Incomplete, NotEditable, NotThere
from content.panel import spoken
from content.panel.permissions import Permission
from content.panel.ports import Asked
from content.panel.routing import get, post
from content.panel.visit import Visit

EACH = 20  # groups on a page
PHRASES = 8  # shown of a group at once
MOST = 5000
PERIODS = (7, 14, 30)  # days
AUDIENCES = ("migrant", "host")
_FILTERS = ("language", "channel", "days", "kind")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


async def _open(visit: Visit) -> list[Asked]:
    """Return the questions that nobody has decided about, newest first."""
    asked = await visit.assistant.questions.unanswered(most=MOST)
    async with visit.reading() as session:
        return await questions.undecided(session, asked)


async def _list(visit: Visit) -> web.StreamResponse:
    return await _groups(visit)


async def _groups(
    visit: Visit, *, wrong: str = "", at: str = "", article: str = "", status: int = 200
) -> web.Response:
    """Show the groups; `wrong` stands at the group that holds the question `at`."""
    asked = await _open(visit)
    shown = tuple(one for one in asked if _wanted(visit, one))
    groups = await asyncio.to_thread(questions.groups_of, shown)
    number = _page(visit, len(groups))
    catalogue = visit.assistant.catalogue()
    return await visit.page(
        "questions/list.html",
        status=status,
        groups=groups[(number - 1) * EACH : number * EACH],
        count=len(groups),
        total=len(shown),
        kept=len(asked),
        number=number,
        pages=max(1, -(-len(groups) // EACH)),
        phrases=PHRASES,
        filters={name: visit.asked(name) for name in _FILTERS},
        query=_query(visit),
        periods=PERIODS,
        channels=sorted({one.channel for one in asked}),
        articles=_articles(catalogue),
        wrong=wrong,
        at=at,
        given=article,
        **_words(visit, catalogue),
    )


def _words(visit: Visit, catalogue: Catalogue) -> dict[str, Any]:
    def title(article: str) -> str:
        known = catalogue.articles.get(article)
        return known.texts[SOURCE_LANGUAGE].title if known else article

    return {
        "title_of": title,
        "channel_name": lambda name: spoken.channel(visit, name),
        "days": visit.assistant.desk.retention_days,
    }


def _articles(catalogue: Catalogue) -> list[tuple[str, str]]:
    return [(a.id, a.texts[SOURCE_LANGUAGE].title) for a in catalogue.articles.values()]


def _wanted(visit: Visit, one: Asked) -> bool:
    language, channel, days = (visit.asked(name) for name in ("language", "channel", "days"))
    kind = visit.asked("kind")
    return (
        (not language or one.language == language)
        and (not channel or one.channel == channel)
        and (days not in map(str, PERIODS) or one.at >= visit.now - timedelta(days=int(days)))
        and (kind not in ("unhelpful", "unanswered") or one.unhelpful == (kind == "unhelpful"))
    )


def _page(visit: Visit, groups: int) -> int:
    asked = visit.asked("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return min(max(number, 1), max(1, -(-groups // EACH)))


def _query(visit: Visit) -> str:
    return urlencode({name: visit.asked(name) for name in _FILTERS if visit.asked(name)})


def _back(visit: Visit) -> str:
    query = visit.request.query_string
    return f"/panel/questions?{query}" if query else "/panel/questions"


async def _sent(visit: Visit) -> tuple[list[Asked], list[Asked]]:
    """Return the questions that a form is about, and those of them to take as phrases.

    Their words come from what is stored, not from the form.
    """
    about = set(visit.field("about").split())
    picked = set(visit.fields("pick"))
    asked = [one for one in await _open(visit) if one.id in about]
    return asked, [one for one in asked if one.id in picked]


def _act(visit: Visit) -> Act:
    return Act(visit.member.email, visit.now)


async def _decide(visit: Visit) -> web.StreamResponse:
    asked, phrases = await _sent(visit)
    if not asked:
        return await visit.go(_back(visit), visit.say("Otra persona ya se ocupó de eso."))
    do = visit.field("do")
    if do != "dismiss" and not phrases:
        wrong = visit.say("Marque al menos una frase.")
        return await _groups(visit, wrong=wrong, at=asked[0].id, status=422)
    match do:
        case "example":
            return await _example(visit, asked, phrases)
        case "draft":
            return await _new(visit, asked, phrases)
        case "outside":
            return await _outside(visit, asked, phrases)
        case "dismiss":
            async with visit.transaction() as session:
                await questions.dismiss(session, _act(visit), asked)
            return await _gone(visit, asked, visit.say("Descartado."))
    raise web.HTTPBadRequest


async def _example(
    visit: Visit, asked: Sequence[Asked], phrases: Sequence[Asked]
) -> web.StreamResponse:
    given = visit.field("article")
    articles = _articles(visit.assistant.catalogue())
    found = [id_ for id_, title in articles if given in (id_, title, f"{title} ({id_})")]
    if not found:
        wrong = visit.say("Elija una respuesta de la lista.")
        return await _groups(visit, wrong=wrong, at=asked[0].id, article=given, status=422)
    try:
        async with visit.transaction() as session:
            await questions.make_examples(session, _act(visit), asked, phrases, found[0])
    except NotEditable:
        return await _groups(visit, wrong=_locked(visit), at=asked[0].id, article=given, status=409)
    except NotThere:
        wrong = visit.say("Esa respuesta ya no existe.")
        return await _groups(visit, wrong=wrong, at=asked[0].id, article=given, status=409)
    title = next(title for id_, title in articles if id_ == found[0])
    said = visit.say(
        "Agregado a los ejemplos de «{title}». Se usará cuando alguien lo apruebe y se publique.",
        title=title,
    )
    return await _gone(visit, asked, said)


async def _outside(
    visit: Visit, asked: Sequence[Asked], phrases: Sequence[Asked]
) -> web.StreamResponse:
    try:
        async with visit.transaction() as session:
            await questions.mark_outside(session, _act(visit), asked, phrases)
    except NotEditable:
        return await _groups(visit, wrong=_locked(visit), at=asked[0].id, status=409)
    except NotThere:
        wrong = visit.say("No hay una lista de preguntas fuera de tema en los contenidos.")
        return await _groups(visit, wrong=wrong, at=asked[0].id, status=409)
    said = visit.say(
        "Marcado como fuera de tema. Se usará cuando alguien lo apruebe y se publique."
    )
    return await _gone(visit, asked, said)


def _locked(visit: Visit) -> str:
    return visit.say(
        "Esos ejemplos esperan una revisión o una publicación: pida que los devuelvan para "
        "agregar más, o intente después de publicar."
    )


async def _gone(visit: Visit, asked: Sequence[Asked], said: str) -> web.Response:
    """Delete what was decided about: it has done its work."""
    await visit.assistant.questions.forget([one.id for one in asked])
    return await visit.go(_back(visit), said)


async def _new(
    visit: Visit,
    asked: Sequence[Asked],
    phrases: Sequence[Asked],
    wrong: str = "",
    field: str = "",
    status: int = 200,
) -> web.Response:
    catalogue = visit.assistant.catalogue()
    guess = asked[0].offered[0] if asked[0].offered else ""
    return await visit.page(
        "questions/new.html",
        status=status,
        asked=asked,
        picked=phrases,
        topics=[(t.id, t.names[SOURCE_LANGUAGE]) for t in catalogue.topics.values()],
        topic=visit.field("topic") or guess.partition("/")[0],
        ask=visit.field("ask"),
        name=visit.field("name"),
        audience=visit.field("audience") or AUDIENCES[0],
        wrong=wrong,
        wrong_field=field,
        query=visit.request.query_string,
    )


async def _make(visit: Visit) -> web.StreamResponse:
    asked, phrases = await _sent(visit)
    if not asked or not phrases:
        return await visit.go(_back(visit), visit.say("Otra persona ya se ocupó de eso."))
    topic, ask, audience = (visit.field(name) for name in ("topic", "ask", "audience"))
    name = visit.field("name") or slug(ask)
    if topic not in visit.assistant.catalogue().topics:
        return await _new(visit, asked, phrases, visit.say("Elija un tema."), "topic", 422)
    if not 5 <= len(ask) <= 200:
        wrong = visit.say("Escriba la pregunta con 5 a 200 caracteres.")
        return await _new(visit, asked, phrases, wrong, "ask", 422)
    article = f"{topic}/{name}"
    if len(name) > 40 or len(article) > 60 or not _SLUG.fullmatch(name):
        wrong = visit.say("Use letras minúsculas sin tilde, cifras y guiones: «renovar-carne».")
        return await _new(visit, asked, phrases, wrong, "name", 422)
    if audience not in AUDIENCES:
        audience = AUDIENCES[0]
    try:
        async with visit.transaction() as session:
            await questions.start_article(
                session, _act(visit), asked, phrases, article, audience=audience, ask=ask
            )
    except Incomplete:
        wrong = visit.say("Ya hay una respuesta con ese nombre: escriba otro.")
        return await _new(visit, asked, phrases, wrong, "name", 409)
    await visit.assistant.questions.forget([one.id for one in asked])
    said = visit.say("Respuesta nueva creada, con las frases como ejemplos. Ahora escríbala.")
    return await visit.go(f"/panel/articles/{article}", said)


def slug(text: str) -> str:
    """Return a name for an address from a sentence: its first words, without accents."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)
    name = ""
    for word in words:
        if len(name) + len(word) >= 40:
            break
        name = f"{name}-{word}" if name else word
    return name


async def _confusions(visit: Visit) -> web.StreamResponse:
    found = questions.confusions(await _open(visit))
    return await visit.page(
        "questions/confusions.html",
        confusions=found[:50],
        phrases=PHRASES,
        **_words(visit, visit.assistant.catalogue()),
    )


async def _answers(visit: Visit) -> web.StreamResponse:
    language = visit.asked("language")
    helped = questions.worst_first(await visit.assistant.questions.helped())
    shown = [one for one in helped if language not in LANGUAGES or one.language == language]
    pages = max(1, -(-len(shown) // 50))
    asked = visit.asked("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    number = min(max(number, 1), pages)
    return await visit.page(
        "questions/answers.html",
        helped=shown[(number - 1) * 50 : number * 50],
        any=bool(helped),
        language=language,
        number=number,
        pages=pages,
        **_words(visit, visit.assistant.catalogue()),
    )


ROUTES = (
    get("/questions", Permission.READ_QUESTIONS, _list),
    post("/questions", Permission.WRITE, _decide),
    post("/questions/new", Permission.WRITE, _make),
    get("/questions/confusions", Permission.READ_QUESTIONS, _confusions),
    get("/questions/answers", Permission.READ_QUESTIONS, _answers),
)
