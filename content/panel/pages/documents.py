"""Contents besides articles: the list of kinds, each document, its review and its history."""

import re
import unicodedata
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from content import comments, decoding, diff, editing
from content.cursor import Cursor
from content.documents import bodies, standings, version_body, versions
from content.editing import Act, Incomplete, NotThere, Outdated
from content.panel.documents.drawing import outline, tree_picture
from content.panel.documents.forms import said
from content.panel.documents.kinds import KINDS, name_of
from content.panel.documents.opening import (
    Opened,
    card_previews,
    kind_of,
    open_document,
    place,
    program_phrases,
    shown_changes,
    wrongs,
)
from content.panel.permissions import Permission
from content.panel.rendering import PERU
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.writing.sections import read_seen
from content.publishing import OFFICES, PATH, PHRASES, RULES
from content.sheets import Sheet
from content.workflow import Action, NotPossible, SecondPersonNeeded, Status, open_to

STATES = {
    Status.DRAFT: ("borrador", "warn"),
    Status.IN_REVIEW: ("en revisión", "warn"),
    Status.APPROVED: ("aprobado, por publicar", "good"),
    Status.PUBLISHED: ("publicado", "good"),
    Status.ARCHIVED: ("archivado", "soft"),
}
_LONGEST_SLUG = 40
_LONGEST_REMARK = 4000  # characters


async def _kinds(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        found = await standings(session)
    program = program_phrases(visit)
    lines = []
    for kind in KINDS.values():
        own = [one for one in found if one.kind == kind.name]
        count = len(
            {one.document for one in own} | (program.keys() if kind.name == PHRASES else set())
        )
        at = max((one.at for one in own if one.at), default=None)
        work = [one for one in own if one.in_work]
        lines.append({"kind": kind, "count": count, "work": work, "at": at})
    return await visit.page("documents/kinds.html", lines=lines, states=STATES)


async def _kind(visit: Visit) -> web.StreamResponse:
    kind = kind_of(visit)
    if kind.single:
        return await visit.go(f"/panel/documents/{kind.name}/{kind.name}")
    async with visit.reading() as session:
        found = await standings(session, kind.name)
        written = {} if kind.name == RULES else await bodies(session, kind.name)
    program = program_phrases(visit) if kind.name == PHRASES else {}
    known = {one.document: one for one in found}
    names = dict.fromkeys((*known, *program))
    lines = [
        {
            "document": name, "one": known.get(name),
            "name": name_of(kind.name, name, written.get(name) or program.get(name)),
        }
        for name in names
    ]  # fmt: skip
    return await visit.page("documents/list.html", kind=kind, lines=lines, states=STATES)


async def _new(visit: Visit) -> web.StreamResponse:
    kind = kind_of(visit)
    if not kind.new:
        raise web.HTTPNotFound
    slug = slug_of(visit.field("title"))
    if not slug:
        notice = visit.say("Escriba un nombre con letras.")
        return await visit.go(f"/panel/documents/{kind.name}", notice)
    return await visit.go(f"/panel/documents/{kind.name}/{slug}/edit")


def slug_of(title: str) -> str:
    """Return an id made of a title: lower case, without accents, with hyphens."""
    split = unicodedata.normalize("NFD", title.lower())
    plain = "".join(char for char in split if unicodedata.category(char) != "Mn")
    return re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_SLUG].strip("-")


async def _document(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        shown = await open_document(visit, session)
        remarks = await comments.comments(session, shown.subject)
        history = await versions(session, shown.kind.name, shown.document)
    return await show(visit, shown, remarks=remarks, history=history)


async def show(
    visit: Visit, shown: Opened, template: str = "documents/document.html", **values: Any
) -> web.Response:
    """Return the page of a document, or another that builds on it."""
    draft = shown.draft
    known = shown.body is not None and shown.kind.name not in (OFFICES, RULES)
    found = wrongs(visit, shown.kind, shown.document, shown.body)
    steps = open_to(draft.status, authors=draft.editors, actor=visit.member.email) if draft else ()
    own = draft is not None and visit.member.email in draft.editors
    return await visit.page(
        template,
        shown=shown,
        wrongs=found,
        faulty=any(one.is_error for one in found),
        steps=[step.value for step in steps],
        own=own,
        seen=shown.seen,
        differences=_differences(visit, shown) if draft and shown.kind.fields else None,
        states=STATES,
        texts=[(place(visit, one.where), one.text) for one in said(shown.kind.fields, shown.body)],
        previews=card_previews(visit, shown.kind, shown.body, visit.asked("language", "es")),
        outline=outline(shown.body) if known and shown.kind.name == PATH else (),
        picture=tree_picture(shown.body) if known and shown.kind.name == PATH else "",
        opening=_opening(visit, shown),
        templates=visit.assistant.workshop.states(shown.document)
        if shown.kind.name == "whatsapp"
        else (),
        **values,
    )  # fmt: skip


def _differences(visit: Visit, shown: Opened) -> list[tuple[str, object]]:
    found = shown_changes(visit, shown.kind, shown.published, shown.body)
    return [(where, diff.words(one.before, one.after)) for where, one in found]


def _opening(visit: Visit, shown: Opened) -> object:
    """Say when the desk opens next by this roster; None for other kinds."""
    if shown.kind.name != "desk" or not shown.body:
        return None
    desk = decoding.roster(Cursor(Sheet("desk"), shown.body))
    local = visit.now.astimezone(PERU)
    return {"now": desk.open_at(local), "next": desk.next_opening(local)}


async def _step(visit: Visit, action: Action) -> web.StreamResponse:
    async with visit.transaction() as session:
        shown = await open_document(visit, session)
        notice = await _stepped(visit, session, shown, action)
    return await visit.go(shown.address, notice)


async def _stepped(visit: Visit, session: AsyncSession, shown: Opened, action: Action) -> str:
    """Take a step with the change in work; return what came of it."""
    draft, seen = shown.draft, read_seen(visit)
    if draft is None or draft.id != seen.revision:
        return visit.say("Este cambio ya no está: alguien lo publicó o lo descartó.")
    changed = visit.say("Alguien lo cambió mientras usted lo leía. Léalo otra vez.")
    if action in (Action.SUBMIT, Action.APPROVE):
        if draft.edits != seen.edits:
            return changed
        found = wrongs(visit, shown.kind, shown.document, shown.body)
        if any(one.is_error for one in found):
            return visit.say("Corrija primero los errores que se muestran abajo.")
    act = Act(visit.member.email, visit.now)
    try:
        await editing.step(session, act, draft, action, note=visit.field("note"), edits=draft.edits)
    except Outdated:
        return changed
    except SecondPersonNeeded:
        return visit.say("Usted escribió en este cambio: debe aprobarlo otra persona.")
    except Incomplete:
        return visit.say("Para devolverlo, escriba qué debe corregirse.")
    except NotPossible:
        return visit.say("Este cambio ya está en otro paso. Mire su estado.")
    told = {
        Action.SUBMIT: visit.say("Enviado a revisión."),
        Action.RETURN: visit.say("Devuelto a quien lo escribió."),
        Action.APPROVE: visit.say("Aprobado. La gente lo verá con la próxima publicación."),
        Action.DISCARD: visit.say("Cambio descartado."),
    }
    return told[action]


async def _submit(visit: Visit) -> web.StreamResponse:
    return await _step(visit, Action.SUBMIT)


async def _return(visit: Visit) -> web.StreamResponse:
    return await _step(visit, Action.RETURN)


async def _approve(visit: Visit) -> web.StreamResponse:
    return await _step(visit, Action.APPROVE)


async def _discard(visit: Visit) -> web.StreamResponse:
    return await _step(visit, Action.DISCARD)


async def _comment(visit: Visit) -> web.StreamResponse:
    notice = visit.say("Comentario guardado.")
    if len(visit.field("text")) > _LONGEST_REMARK:
        raise web.HTTPRequestEntityTooLarge(_LONGEST_REMARK, len(visit.field("text")))
    async with visit.transaction() as session:
        shown = await open_document(visit, session)
        act = Act(visit.member.email, visit.now)
        try:
            await comments.comment(session, act, shown.subject, visit.field("text"))
        except Incomplete:
            notice = visit.say("Escriba su comentario.")
    return await visit.go(f"{shown.address}#comments", notice)


async def _settle(visit: Visit) -> web.StreamResponse:
    number = visit.field("comment")
    async with visit.transaction() as session:
        shown = await open_document(visit, session)
        own = {row.id for row in await comments.comments(session, shown.subject)}
        if not (number.isascii() and number.isdigit() and len(number) < 10 and int(number) in own):
            raise web.HTTPNotFound
        try:
            await comments.resolve(session, Act(visit.member.email, visit.now), int(number))
        except NotThere:
            raise web.HTTPNotFound from None
    return await visit.go(f"{shown.address}#comments", visit.say("Comentario resuelto."))


async def _compare(visit: Visit) -> web.StreamResponse:
    numbers = (visit.arg("older"), visit.arg("newer"))
    if not all(one.isascii() and one.isdigit() and len(one) < 8 for one in numbers):
        raise web.HTTPNotFound
    async with visit.reading() as session:
        shown = await open_document(visit, session)
        kind, document = shown.kind.name, shown.document
        older = await version_body(session, kind, document, int(numbers[0]))
        newer = await version_body(session, kind, document, int(numbers[1]))
    if newer is None or (older is None and numbers[0] != "0"):
        raise web.HTTPNotFound
    before = older.body if older else shown.published
    found = [
        (where, diff.words(one.before, one.after))
        for where, one in shown_changes(visit, shown.kind, before, newer.body)
    ]
    return await visit.page(
        "documents/compare.html", shown=shown, older=older, newer=newer, found=found
    )


_ONE = "/documents/{kind}/{document}"

ROUTES = (
    get("/documents", Permission.READ, _kinds),
    get("/documents/{kind}", Permission.READ, _kind),
    post("/documents/{kind}/new", Permission.EDIT_DOCUMENTS, _new),
    get(_ONE, Permission.READ, _document),
    get(_ONE + "/compare/{older}/{newer}", Permission.READ, _compare),
    post(f"{_ONE}/submit", Permission.EDIT_DOCUMENTS, _submit),
    post(f"{_ONE}/discard", Permission.EDIT_DOCUMENTS, _discard),
    post(f"{_ONE}/approve", Permission.REVIEW, _approve),
    post(f"{_ONE}/return", Permission.REVIEW, _return),
    post(f"{_ONE}/comment", Permission.READ, _comment),
    post(f"{_ONE}/settle", Permission.READ, _settle),
)
