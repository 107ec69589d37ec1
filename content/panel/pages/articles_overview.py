"""One answer at a glance: where each language stands, what is said of it, and switching it off."""

from dataclasses import dataclass

from aiohttp import web

from content import comments, editing, switching
from content.catalogue import LANGUAGES, SECTIONS, SOURCE_LANGUAGE
from content.editing import Act, Incomplete
from content.models import RevisionRow
from content.panel.pages.articles_review import STATUS_NAMES
from content.panel.permissions import Permission
from content.panel.rendering import PERU
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.writing.answers import Answer, answer_id, load, previews
from content.panel.writing.changes import PART_NAMES
from content.panel.writing.metadata import named
from content.panel.writing.sections import KINDS, fields_of
from content.publishing import EXAMPLES

LONGEST_REMARK = 4000
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class _Row:
    """Where one language of the answer stands."""

    language: str
    published: RevisionRow | None
    draft: RevisionRow | None
    stale: bool
    path: str


def _subject(article: str, language: str) -> str:
    return f"text:{article}:{language}"


async def _overview(visit: Visit) -> web.StreamResponse:
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, wrong: str = "", text: str = "") -> web.Response:
    async with visit.reading() as session:
        answer = await load(visit, session)
        subjects = {_subject(answer.id, code): code for code in LANGUAGES}
        remarks = await comments.comments(session, *subjects)
        examples = await _examples(visit, answer)
    catalogue = visit.assistant.catalogue()
    source = answer.published.get(SOURCE_LANGUAGE)
    shown = visit.asked("section") if visit.asked("section") in SECTIONS else "answer"
    today = visit.now.astimezone(PERU).date().isoformat()
    return await visit.page(
        "articles/overview.html",
        status=status,
        answer=answer,
        rows=_rows(answer),
        part_names=PART_NAMES,
        status_names=STATUS_NAMES,
        remarks=[(subjects[remark.subject], remark) for remark in remarks],
        examples=examples,
        related=[named(str(one), catalogue) for one in answer.body.get("related") or ()],
        kinds=[kind for kind in KINDS if source and source.sections.get(kind.name)],
        shown=shown,
        previews=previews(visit, answer, SOURCE_LANGUAGE, fields_of(source), shown),
        observed=[],
        overdue=str(answer.body.get("review_due") or "9") <= today,
        wrong=wrong,
        text=text,
    )


async def _examples(visit: Visit, answer: Answer) -> int:
    """Count the phrases that the model knows, or shall know, of the answer."""
    draft = answer.documents.get(EXAMPLES)
    if draft is not None:
        return sum(len(phrases) for phrases in (draft.body or {}).values())
    known = visit.assistant.catalogue().articles.get(answer.id)
    return sum(len(text.examples) for text in known.texts.values()) if known else 0


def _rows(answer: Answer) -> list[_Row]:
    source = answer.published.get(SOURCE_LANGUAGE)
    rows = []
    for code in LANGUAGES:
        published, draft = answer.published.get(code), answer.in_work.get(code)
        stale = bool(
            source and published and code != SOURCE_LANGUAGE
            and published.translates != source.number
        )  # fmt: skip
        own = code == SOURCE_LANGUAGE
        path = f"{answer.path}/edit" if own else f"/panel/translations/{code}/{answer.id}"
        rows.append(_Row(code, published, draft, stale, path))
    return rows


async def _comment(visit: Visit) -> web.StreamResponse:
    language, text = visit.field("language") or SOURCE_LANGUAGE, visit.field("text")
    if language not in LANGUAGES:
        raise web.HTTPBadRequest
    if len(text) > LONGEST_REMARK:
        return await _page(visit, 422, visit.say("El comentario es demasiado largo."), text)
    async with visit.reading() as session:
        answer = await load(visit, session)
    act = Act(visit.member.email, visit.now)
    try:
        async with visit.transaction() as session:
            await comments.comment(session, act, _subject(answer.id, language), text)
    except Incomplete:
        return await _page(visit, 422, visit.say("Escriba el comentario."), text)
    return await visit.go(f"{answer.path}#comments", visit.say("Comentario guardado."))


async def _settle(visit: Visit) -> web.StreamResponse:
    given = visit.arg("comment")
    identity = answer_id(visit)
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise web.HTTPNotFound
    try:
        async with visit.transaction() as session:
            act = Act(visit.member.email, visit.now)
            row = await comments.resolve(session, act, int(given))
            if row.subject.rpartition(":")[0] != f"text:{identity}":
                raise web.HTTPNotFound
    except editing.NotThere:
        raise web.HTTPNotFound from None
    return await visit.go(
        f"/panel/articles/{identity}#comments", visit.say("Comentario dado por resuelto.")
    )


async def _ask_off(visit: Visit) -> web.StreamResponse:
    return await _confirm(visit)


async def _confirm(
    visit: Visit, status: int = 200, wrong: str = "", reason: str = ""
) -> web.Response:
    async with visit.reading() as session:
        answer = await load(visit, session)
    return await visit.page(
        "articles/switch_off.html", status=status, answer=answer, wrong=wrong, reason=reason
    )


async def _off(visit: Visit) -> web.StreamResponse:
    reason = visit.field("reason")
    if len(reason) > LONGEST_REASON:
        return await _confirm(visit, 422, visit.say("El motivo es demasiado largo."), reason)
    try:
        async with visit.transaction() as session:
            act = Act(visit.member.email, visit.now)
            await switching.switch_off(session, act, answer_id(visit), reason)
    except Incomplete:
        return await _confirm(visit, 422, visit.say("Escriba el motivo."), reason)
    except editing.NotThere:
        raise web.HTTPNotFound from None
    notice = visit.say("Apagada. En unos segundos nadie la recibe más, en ningún canal.")
    return await visit.go(f"/panel/articles/{answer_id(visit)}", notice)


async def _on(visit: Visit) -> web.StreamResponse:
    path = f"/panel/articles/{answer_id(visit)}"
    try:
        async with visit.transaction() as session:
            act = Act(visit.member.email, visit.now)
            await switching.switch_on(session, act, answer_id(visit))
    except editing.NotThere:
        return await visit.go(path, visit.say("Ya estaba encendida."))
    return await visit.go(path, visit.say("Encendida. En unos segundos vuelve a responder."))


_AT = "/articles/{topic}/{slug}"
ROUTES = (
    get(_AT, Permission.READ, _overview),
    post(f"{_AT}/comments", Permission.READ, _comment),
    post(f"{_AT}/comments/{{comment}}/settle", Permission.READ, _settle),
    get(f"{_AT}/switch-off", Permission.SWITCH_OFF, _ask_off),
    post(f"{_AT}/switch-off", Permission.SWITCH_OFF, _off),
    post(f"{_AT}/switch-on", Permission.SWITCH_OFF, _on),
)
