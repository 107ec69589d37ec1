"""Sending an answer to review, reading what changed, and approving or returning it."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from content import editing
from content.catalogue import SOURCE_LANGUAGE
from content.editing import Act, Incomplete, Outdated
from content.models import RevisionRow
from content.panel.permissions import Permission
from content.panel.routing import Handler, get, post
from content.panel.tables import DocumentRevisionRow
from content.panel.visit import Visit
from content.panel.writing import changes
from content.panel.writing.answers import DOCUMENTS, Answer, answer_id, load, text_hints
from content.panel.writing.changes import PART_NAMES, Revision
from content.panel.writing.hints import observed
from content.panel.writing.sections import fields_of
from content.publishing import ARTICLE
from content.workflow import Action, NotPossible, SecondPersonNeeded, Status

STATUS_NAMES = {
    Status.DRAFT: ("warn", "borrador"),
    Status.IN_REVIEW: ("warn", "en revisión"),
    Status.APPROVED: ("good", "aprobado, por publicar"),
    Status.PUBLISHED: ("good", "publicado"),
    Status.ARCHIVED: ("soft", "archivado"),
}
"""How the status of a revision looks and is called (a msgid)."""

_DONE = {
    Action.SUBMIT: "Enviado a revisión. Ahora debe leerlo otra persona.",
    Action.RETURN: "Devuelto a quien lo escribió, con su nota.",
    Action.APPROVE: "Aprobado. Se publicará con la próxima publicación.",
    Action.DISCARD: "Borrador descartado. Sigue en la historia.",
}


class _Nothing(Exception):
    """No part was chosen that this can be done to."""


async def _review(visit: Visit) -> web.StreamResponse:
    return await _page(visit)


async def _page(visit: Visit, status: int = 200, wrong: str = "", note: str = "") -> web.Response:
    async with visit.reading() as session:
        answer = await load(visit, session)
        parts = await changes.parts(visit, session, answer)
    me = visit.member.email
    draft = answer.in_work.get(SOURCE_LANGUAGE)
    found = await text_hints(visit, answer, SOURCE_LANGUAGE, fields_of(draft)) if draft else {}
    return await visit.page(
        "articles/review.html",
        status=status,
        answer=answer,
        parts=parts,
        part_names=PART_NAMES,
        status_names=STATUS_NAMES,
        heading=lambda name: changes.heading(visit, name),
        observed=observed(found),
        problems=_problems(answer),
        wrong=wrong,
        note=note,
        to_submit=[part for part in parts if part.row.status is Status.DRAFT],
        to_read=[part for part in parts if part.row.status is Status.IN_REVIEW],
        waiting=[part for part in parts if part.row.status is not Status.DRAFT],
        mine=[part for part in parts if me in part.row.editors],
        translations=[row for code, row in answer.in_work.items() if code != SOURCE_LANGUAGE],
    )


def _problems(answer: Answer) -> list[str]:
    """Return as msgids what the parts lack together."""
    text, found = answer.newest(SOURCE_LANGUAGE), []
    if text is not None and text.sections and not answer.body.get("ground"):
        found.append("El texto no tiene ninguna fuente: complete «Fuentes y fechas».")
    if text is not None and text.sections and answer.body.get("status") == "unwritten":
        found.append("La respuesta figura como «sin escribir»: guarde «Fuentes y fechas».")
    if text is not None and text.sections and not text.sections.get("answer"):
        found.append("Falta la parte «Respuesta», que es la primera que lee la gente.")
    if text is not None and not text.label:
        found.append("Falta el texto del botón.")
    return found


def _step(action: Action, *, withdraw: bool = False) -> Handler:
    async def handle(visit: Visit) -> web.StreamResponse:
        try:
            async with visit.transaction() as session:
                await _take(visit, session, action, withdraw=withdraw)
        except _Nothing:
            sentence = visit.say("No hay nada elegido con lo que se pueda hacer eso.")
        except Incomplete:
            sentence = visit.say("Escriba en la nota qué hay que corregir.")
        except SecondPersonNeeded:
            sentence = visit.say(
                "Usted escribió en este texto: debe aprobarlo otra persona. Nada se aprobó."
            )
        except Outdated:
            sentence = visit.say("Cambió desde que usted abrió esta página. Lea lo nuevo.")
            return await _page(visit, 409, sentence, visit.field("note"))
        except NotPossible:
            sentence = visit.say("Otra persona ya dio este paso o cambió el texto. Vea cómo está.")
            return await _page(visit, 409, sentence, visit.field("note"))
        else:
            done = "Retirado de la revisión: ya puede corregirlo." if withdraw else _DONE[action]
            return await visit.go(f"/panel/articles/{answer_id(visit)}/review", visit.say(done))
        return await _page(visit, 422, sentence, visit.field("note"))

    return handle


async def _take(visit: Visit, session: AsyncSession, action: Action, *, withdraw: bool) -> None:
    chosen = await _chosen(visit, session)
    if not chosen:
        raise _Nothing
    act, note = Act(visit.member.email, visit.now), visit.field("note")
    for row, edits in chosen:
        if withdraw and (row.status is not Status.IN_REVIEW or act.staff not in row.editors):
            raise NotPossible(row.status, action)
        if withdraw:
            note = note or visit.say("Retirado por quien lo escribió.")
        await editing.step(session, act, row, action, note=note, edits=edits)


async def _chosen(visit: Visit, session: AsyncSession) -> list[tuple[Revision, int]]:
    """Return the chosen revisions of this answer, with the savings that were read."""
    identity, found = answer_id(visit), []
    for written in dict.fromkeys(visit.fields("part")):
        table, _, rest = written.partition("-")
        number, _, edits = rest.partition("-")
        if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in (number, edits)):
            raise web.HTTPBadRequest
        row: Revision | None
        if table == "text":
            row = await session.get(RevisionRow, int(number))
            mine = row is not None and (row.article_id, row.language) == (identity, SOURCE_LANGUAGE)
        else:
            row = await session.get(DocumentRevisionRow, int(number))
            mine = row is not None and row.document == identity and row.kind in DOCUMENTS
        if row is None or not mine:
            raise web.HTTPNotFound
        found.append((row, int(edits)))
    return found


async def _archive(visit: Visit) -> web.StreamResponse:
    """Ask before an answer is taken away, and name who leads to it."""
    async with visit.reading() as session:
        answer = await load(visit, session)
    catalogue = visit.assistant.catalogue()
    naming = [
        *(a.texts["es"].title for a in catalogue.articles.values() if answer.id in a.related),
        *(
            card.titles.get("es", "")
            for card in catalogue.cards.values()
            if card.article == answer.id
        ),
        *(
            path.titles.get("es", path.id)
            for path in catalogue.paths.values()
            if any(end.article == answer.id for end in path.ends.values())
        ),
    ]
    return await visit.page("articles/archive.html", answer=answer, naming=naming)


async def _take_away(visit: Visit) -> web.StreamResponse:
    act, identity = Act(visit.member.email, visit.now), answer_id(visit)
    async with visit.reading() as session:
        answer = await load(visit, session)
    draft = answer.documents.get(ARTICLE)
    if draft is not None and draft.status is not Status.DRAFT:
        waits = visit.say("«Fuentes y fechas» está en revisión: retírela o espere.")
        return await _page(visit, 409, waits)
    seen = editing.Seen(draft.id, draft.edits) if draft else editing.Seen()
    try:
        async with visit.transaction() as session:
            row = await editing.save_document(session, act, ARTICLE, identity, None, seen)
            await editing.step(session, act, row, Action.SUBMIT)
    except Outdated:
        return await _page(visit, 409, visit.say("Cambió desde que usted abrió esta página."))
    notice = visit.say("Propuesta de archivar enviada a revisión. Hasta publicarla, nada cambia.")
    return await visit.go(f"{answer.path}/review", notice)


_AT = "/articles/{topic}/{slug}"
ROUTES = (
    get(f"{_AT}/review", Permission.READ, _review),
    post(f"{_AT}/review/submit", Permission.WRITE, _step(Action.SUBMIT)),
    post(f"{_AT}/review/withdraw", Permission.WRITE, _step(Action.RETURN, withdraw=True)),
    post(f"{_AT}/review/discard", Permission.WRITE, _step(Action.DISCARD)),
    post(f"{_AT}/review/approve", Permission.REVIEW, _step(Action.APPROVE)),
    post(f"{_AT}/review/return", Permission.REVIEW, _step(Action.RETURN)),
    get(f"{_AT}/archive", Permission.WRITE, _archive),
    post(f"{_AT}/archive", Permission.WRITE, _take_away),
)
