"""The sources, dates, owner and relations of an answer."""

from aiohttp import web
from sqlalchemy import select

from content import editing
from content.catalogue import SOURCE_LANGUAGE
from content.editing import Act, NotEditable, Outdated, Seen
from content.panel.permissions import Permission
from content.panel.rendering import PERU
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.writing import metadata
from content.panel.writing.answers import Answer, document_state, load
from content.panel.writing.metadata import Metadata
from content.panel.writing.sections import KINDS, read_seen
from content.publishing import ARTICLE
from content.staff import StaffRow
from content.workflow import Status

TEAM = "uim"
"""The owner of what nobody owns in person."""

_LONGEST_OWNER = 64
"""Characters; the database keeps no longer ones."""


async def _edit(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        answer = await load(visit, session)
        _, _, seen = await document_state(session, ARTICLE, answer.id)
    form = metadata.of_body(answer.body, visit.assistant.catalogue())
    return await _page(visit, answer, form, seen)


async def _save(visit: Visit) -> web.StreamResponse:
    form, seen, catalogue = metadata.of_form(visit), read_seen(visit), visit.assistant.catalogue()
    async with visit.reading() as session:
        answer = await load(visit, session)
    if metadata.changed_rows(form, visit.field("act")):
        return await _page(visit, answer, form, seen, unsaved=True)
    owners = await _owners(visit, str(answer.body.get("owner")))
    today = visit.now.astimezone(PERU).date()
    if wrong := metadata.wrong_in(form, answer.id, catalogue, list(owners), today):
        return await _page(visit, answer, form, seen, wrong, status=422, unsaved=True)
    body = metadata.body_of(form, answer.id, catalogue, _is_written(answer))
    try:
        async with visit.transaction() as session:
            act = Act(visit.member.email, visit.now)
            await editing.save_document(session, act, ARTICLE, answer.id, body, seen)
    except (Outdated, NotEditable):
        return await _conflict(visit, form)
    notice = visit.say(
        "Guardado como borrador. Nadie lo ve hasta que se revise y publique. "
        "Cuando termine, envíelo desde «Revisión»."
    )
    return await visit.go(f"{answer.path}/sources", notice)


async def _conflict(visit: Visit, form: Metadata) -> web.StreamResponse:
    async with visit.reading() as session:
        answer = await load(visit, session)
        _, body, seen = await document_state(session, ARTICLE, answer.id)
    theirs = metadata.of_body(body or {}, visit.assistant.catalogue())
    return await _page(visit, answer, form, seen, status=409, unsaved=True, theirs=theirs)


def _is_written(answer: Answer) -> bool:
    text = answer.newest(SOURCE_LANGUAGE)
    return text is not None and bool(text.sections)


async def _owners(visit: Visit, present: str) -> dict[str, str]:
    """Return who can own an answer, by address, with the names to show."""
    async with visit.reading() as session:
        rows = await session.execute(
            select(StaffRow.email, StaffRow.name).where(StaffRow.active).order_by(StaffRow.name)
        )
    owners = {TEAM: visit.say("Todo el equipo")}
    owners |= {email: name for email, name in rows if len(email) <= _LONGEST_OWNER}
    return owners if present in owners or not present else {present: present, **owners}


async def _page(
    visit: Visit,
    answer: Answer,
    form: Metadata,
    seen: Seen,
    wrong: dict[str, str] | None = None,
    *,
    status: int = 200,
    unsaved: bool = False,
    theirs: Metadata | None = None,
) -> web.StreamResponse:
    catalogue = visit.assistant.catalogue()
    draft = answer.documents.get(ARTICLE)
    text = answer.newest(SOURCE_LANGUAGE)
    return await visit.page(
        "articles/sources.html",
        status=status,
        answer=answer,
        draft=draft,
        waits=draft is not None and draft.status is not Status.DRAFT,
        form=form,
        seen=seen,
        wrong={name: visit.say(sentence) for name, sentence in (wrong or {}).items()},
        unsaved=unsaved,
        theirs=theirs,
        kinds=KINDS,
        written=set(text.sections) if text else set(),
        missing=metadata.missing_in(form, list(text.sections) if text else []),
        owners=await _owners(visit, form.owner),
        cards={card.kind: card.titles.get("es", card.kind) for card in catalogue.cards.values()},
        others=[
            metadata.named(other, catalogue) for other in catalogue.articles if other != answer.id
        ],
        most_related=metadata.MOST_RELATED,
    )


ROUTES = (
    get("/articles/{topic}/{slug}/sources", Permission.WRITE, _edit),
    post("/articles/{topic}/{slug}/sources", Permission.WRITE, _save),
)
