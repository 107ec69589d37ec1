"""Writing the Spanish text of an answer, and seeing it as people will."""

from dataclasses import dataclass, field

from aiohttp import web

from content import diff, editing
from content.catalogue import LANGUAGES, SECTIONS, SOURCE_LANGUAGE
from content.diff import Compared
from content.editing import Act, Fields, Incomplete, NotEditable, Outdated, Seen
from content.models import RevisionRow
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.writing import hints, sections
from content.panel.writing.answers import Answer, answer_id, load, previews, text_hints
from content.panel.writing.sections import KINDS, WHOLE_TEXT, read_fields, read_seen, seen_of, whole
from content.workflow import Status

LONGEST_FIELD = 20_000
"""Characters. Drafts may be longer than what is published, but not without end."""


@dataclass(frozen=True, slots=True)
class _Form:
    """What the page shows: her words, from which state, and what stands in the way."""

    fields: Fields
    seen: Seen
    shown: str = "answer"
    status: int = 200
    wrong: dict[str, str] = field(default_factory=dict)
    theirs: RevisionRow | None = None
    conflict: tuple[Compared, ...] = ()
    unsaved: bool = False


async def _edit(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        answer = await load(visit, session)
    draft = answer.in_work.get(SOURCE_LANGUAGE)
    published = answer.published.get(SOURCE_LANGUAGE)
    shown = _shown(visit.asked("section"))
    fields = sections.fields_of(draft or published)
    return await _page(visit, answer, _Form(fields, seen_of(draft, published), shown))


async def _save(visit: Visit) -> web.StreamResponse:
    fields, seen, shown = read_fields(visit), read_seen(visit), _shown(visit.field("shown"))
    form = _Form(fields, seen, shown, unsaved=True)
    if visit.field("act") == "preview":
        return await _again(visit, form)
    if wrong := _too_long(visit, fields):
        return await _again(visit, _Form(fields, seen, shown, 422, wrong, unsaved=True))
    act = Act(visit.member.email, visit.now)
    try:
        async with visit.transaction() as session:
            await editing.save_text(session, act, answer_id(visit), SOURCE_LANGUAGE, fields, seen)
    except editing.NotThere:
        raise web.HTTPNotFound from None
    except Incomplete:
        wrong = {"title": visit.say("Escriba un título: sin él no se puede guardar.")}
        return await _again(visit, _Form(fields, seen, shown, 422, wrong, unsaved=True))
    except (Outdated, NotEditable):
        return await _conflict(visit, fields, shown)
    notice = visit.say(
        "Guardado como borrador. Nadie lo ve hasta que se revise y publique. "
        "Cuando termine, envíelo desde «Revisión»."
    )
    path = f"/panel/articles/{answer_id(visit)}"
    return await visit.go(path if visit.field("act") == "done" else f"{path}/edit", notice)


async def _conflict(visit: Visit, fields: Fields, shown: str) -> web.StreamResponse:
    """Show what a colleague saved beside hers, which stays in the form and can still be saved."""
    async with visit.reading() as session:
        answer = await load(visit, session)
    theirs = answer.newest(SOURCE_LANGUAGE)
    compared = diff.parts(whole(sections.fields_of(theirs)), whole(fields), WHOLE_TEXT)
    now = seen_of(answer.in_work.get(SOURCE_LANGUAGE), answer.published.get(SOURCE_LANGUAGE))
    form = _Form(
        fields, now, shown, 409, theirs=theirs, conflict=tuple(compared), unsaved=True
    )  # fmt: skip
    return await _page(visit, answer, form)


async def _again(visit: Visit, form: _Form) -> web.StreamResponse:
    async with visit.reading() as session:
        answer = await load(visit, session)
    return await _page(visit, answer, form)


async def _page(visit: Visit, answer: Answer, form: _Form) -> web.StreamResponse:
    draft = answer.in_work.get(SOURCE_LANGUAGE)
    waits = draft is not None and draft.status is not Status.DRAFT
    found = await text_hints(visit, answer, SOURCE_LANGUAGE, form.fields)
    return await visit.page(
        "articles/edit.html",
        status=form.status,
        answer=answer,
        draft=draft,
        waits=waits,
        form=form,
        kinds=KINDS,
        limits=sections.LIMITS,
        eases={
            name: sections.ease(text, SOURCE_LANGUAGE)
            for name, text in form.fields.sections.items()
        },
        hints=found,
        heading=lambda name: visit.say(sections.HEADINGS.get(name, name)),
        previews=previews(visit, answer, SOURCE_LANGUAGE, form.fields, form.shown),
        shown=form.shown,
        observed=[],
    )


async def _preview(visit: Visit) -> web.StreamResponse:
    """Answer with the bubbles of one section, as it stands in a form of any language."""
    language = visit.field("language") or SOURCE_LANGUAGE
    if language not in LANGUAGES:
        raise web.HTTPBadRequest
    async with visit.reading() as session:
        answer = await load(visit, session)
    fields, shown = read_fields(visit), _shown(visit.field("shown"))
    if _too_long(visit, fields):
        raise web.HTTPRequestEntityTooLarge(LONGEST_FIELD, LONGEST_FIELD + 1)
    found = await text_hints(visit, answer, language, fields)
    return visit.part(
        "articles/_preview.html",
        previews=previews(visit, answer, language, fields, shown),
        observed=hints.observed(found),
        shown=shown,
    )


def _shown(name: str) -> str:
    return name if name in SECTIONS else "answer"


def _too_long(visit: Visit, fields: Fields) -> dict[str, str]:
    """Return what is wrong with fields that no draft may hold either."""
    sentence = visit.say("Este texto es demasiado largo. Divídalo en varias respuestas.")
    return {name: sentence for name, text in whole(fields).items() if len(text) > LONGEST_FIELD}


ROUTES = (
    get("/articles/{topic}/{slug}/edit", Permission.WRITE, _edit),
    post("/articles/{topic}/{slug}/edit", Permission.WRITE, _save),
    post("/articles/{topic}/{slug}/preview", Permission.READ, _preview),
)
