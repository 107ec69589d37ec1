"""Writing contents besides articles in forms: save, rearrange, try, take away."""

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from content import diff, editing
from content.decoding import SLUG
from content.editing import Act, NotEditable, Outdated
from content.panel.documents import forms
from content.panel.documents.opening import (
    Opened,
    by_field,
    card_previews,
    open_document,
    shown_changes,
    wrongs,
)
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.tables import DocumentRevisionRow
from content.panel.visit import Visit
from content.panel.writing.sections import read_seen
from content.publishing import PATH, PHRASES, SCRUB
from content.workflow import Action, Status

_LARGEST = 1 << 20


async def _open(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        shown = await open_document(visit, session)
    _refuse_formless(shown)
    if shown.draft and shown.draft.status is not Status.DRAFT:
        notice = visit.say("Está en revisión: para cambiarlo, pida primero que se lo devuelvan.")
        return await visit.go(shown.address, notice)
    return await _form(visit, shown, shown.start, fresh=True)


def _refuse_formless(shown: Opened) -> None:
    if not shown.kind.fields:
        raise web.HTTPNotFound
    new = shown.kind.new and shown.published is None and shown.draft is None
    if new and not SLUG.fullmatch(shown.document):
        raise web.HTTPNotFound


async def _send(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        shown = await open_document(visit, session)
    _refuse_formless(shown)
    wish = visit.field("op") or "save"
    base = {name: value for name, value in shown.start.items() if name not in _keys(shown)}
    body = forms.read(shown.kind.fields, visit.sent, {**base, **_inner(shown)})
    if wish == "remove" and shown.removable:
        return await _save(visit, shown, None, body)
    if wish.partition(":")[0] in ("add", "drop", "up", "down"):
        looked = forms.rearrange(shown.kind.fields, body, wish)
        return await _form(visit, shown, body, seen=read_seen(visit), looked=looked)
    if wish in ("try", "look"):
        looked = "trial" if wish == "try" else "look"
        return await _form(visit, shown, body, seen=read_seen(visit), looked=looked)
    return await _save(visit, shown, body, body)


def _keys(shown: Opened) -> set[str]:
    return {one.key for one in shown.kind.fields}


def _inner(shown: Opened) -> Mapping[str, Any]:
    """Return the groups, in which forms may show a part only."""
    groups = {one.key for one in shown.kind.fields if one.shape == "group"}
    return {name: value for name, value in shown.start.items() if name in groups}


async def _save(visit: Visit, shown: Opened, body: Any, typed: Any) -> web.StreamResponse:
    """Save a change, or say why not with everything typed still in the form."""
    if not _has_fewest(shown, body):
        wrong = visit.say("No puede quedar sin ningún número. Nada se guardó.")
        return await _form(visit, shown, typed, seen=read_seen(visit), status=422, wrong=wrong)
    if shown.draft is None and body == shown.published:
        return await visit.go(shown.address, visit.say("No cambió nada."))
    act = Act(visit.member.email, visit.now)
    submitted = visit.field("op") == "submit"
    try:
        async with visit.transaction() as session:
            draft = await editing.save_document(
                session, act, shown.kind.name, shown.document, body, read_seen(visit)
            )
            found = wrongs(visit, shown.kind, shown.document, body)
            submitted = submitted and not any(one.is_error for one in found)
            if submitted:
                await editing.step(session, act, draft, Action.SUBMIT)
    except Outdated as outdated:
        return await _conflict(visit, shown, typed, outdated)
    except NotEditable:
        wrong = visit.say("Está en revisión desde hace poco: no se guardó. Copie lo que cambió.")
        return await _form(visit, shown, typed, seen=read_seen(visit), status=409, wrong=wrong)
    if submitted:
        return await visit.go(shown.address, visit.say("Guardado y enviado a revisión."))
    if visit.field("op") == "submit":
        notice = visit.say("Guardado, pero no enviado: corrija primero los errores.")
        return await visit.go(shown.address, notice)
    return await visit.go(shown.address, visit.say("Guardado como borrador."))


def _has_fewest(shown: Opened, body: Any) -> bool:
    return body is None or all(
        len(body.get(one.key) or ()) >= one.fewest
        for one in shown.kind.fields
        if isinstance(one, forms.Rows)
    )


async def _conflict(
    visit: Visit, shown: Opened, typed: Any, outdated: Outdated
) -> web.StreamResponse:
    """Show what is stored now beside what she typed; saving again keeps hers."""
    stored = outdated.now_stored
    now_said = stored.body if isinstance(stored, DocumentRevisionRow) else shown.published
    found = shown_changes(visit, shown.kind, now_said, typed)
    differences = [(where, diff.words(one.before, one.after)) for where, one in found]
    return await _form(visit, shown, typed, seen=shown.seen, status=409, conflict=differences)


async def _form(
    visit: Visit,
    shown: Opened,
    body: Mapping[str, Any],
    *,
    seen: object = None,
    status: int = 200,
    fresh: bool = False,
    **values: object,
) -> web.Response:
    """Return the form with a body in it."""
    found = [] if fresh and not shown.draft else wrongs(visit, shown.kind, shown.document, body)
    if visit.field("op").startswith("add:"):
        # What she has only just added is empty; that needs no telling.
        own = f"{values.get('looked')}."
        found = [one for one in found if not f"{one.field}.".startswith(own)]
    given = {"looked": "", "conflict": None, "wrong": "", **values}
    workshop = visit.assistant.workshop
    trial = visit.sent.get("trial", "").strip()[:500]
    tried = workshop.scrubbed(trial, body.get("words") or ()) if given["looked"] == "trial" else ""
    return await visit.page(
        "documents/edit.html",
        status=status,
        shown=shown,
        body=body,
        seen=seen or shown.seen,
        wrongs=found,
        by_field=by_field(found),
        choices=_choices(visit, shown, body),
        row_title=_row_title,
        trial=trial if shown.kind.name == SCRUB else None,
        tried=tried,
        program=_program(visit, shown),
        look=card_previews(visit, shown.kind, body, _look_language(visit)),
        look_language=_look_language(visit),
        **given,
    )


def _look_language(visit: Visit) -> str:
    return visit.field("look-language") or "es"


async def _preview(visit: Visit) -> web.StreamResponse:
    """Return how the card of a form would look, for the script that shows it while she types."""
    async with visit.reading() as session:
        shown = await open_document(visit, session)
    _refuse_formless(shown)
    body = forms.read(shown.kind.fields, visit.sent, {"kind": shown.document})
    look = card_previews(visit, shown.kind, body, _look_language(visit))
    return visit.part("documents/_previews.html", look=look)


def _program(visit: Visit, shown: Opened) -> str:
    return shown.start.get("msgid", "") if shown.kind.name == PHRASES else ""


def _row_title(row: Mapping[str, Any]) -> str:
    """Return by what people know a row."""
    for key in ("means", "text", "label", "service", "verdict", "article", "number"):
        value = row.get(key)
        text = value.get("es") if isinstance(value, dict) else value
        if text:
            return str(text).replace("**", "").replace("\n", " ")[:80]
    return str(row.get("id") or "")


def _choices(
    visit: Visit, shown: Opened, body: Mapping[str, Any]
) -> dict[str, list[tuple[str, str]]]:
    """Return what selects offer: value and text. '' is no choice."""
    catalogue = visit.assistant.catalogue()
    none = ("", visit.say("— ninguna —"))
    choices = {
        "articles": [none] + [
            (one.id, f"{one.texts['es'].title} ({one.topic})")
            for one in catalogue.articles.values()
        ],
        "cards": [none] + [(one.kind, one.titles.get("es", one.kind))
                           for one in catalogue.cards.values()],
        "entries": [
            ("", visit.say("No lo dice")),
            ("controlled", visit.say("Entró pasando por control")),
            ("open", visit.say("Sin control, no lo dice o no sabe")),
        ],
    }  # fmt: skip
    if shown.kind.name == PATH:
        asked = [_target(visit, visit.say("Pregunta"), q) for q in body.get("questions") or ()]
        ended = [_target(visit, visit.say("Final"), e) for e in body.get("ends") or ()]
        choices["questions"] = [("", visit.say("— elija —")), *asked]
        choices["targets"] = [("", visit.say("— elija —")), *asked, *ended]
    return choices


def _target(visit: Visit, kind: str, row: Mapping[str, Any]) -> tuple[str, str]:
    name = str(row.get("id") or "")
    title = _row_title(row)
    return name, f"{kind}: {title[:60]} ({name})" if title != name else f"{kind}: {name}"


_EDIT = "/documents/{kind}/{document}/edit"

ROUTES = (
    get(_EDIT, Permission.EDIT_DOCUMENTS, _open),
    post(_EDIT, Permission.EDIT_DOCUMENTS, _send, most=_LARGEST),
    post("/documents/{kind}/{document}/preview", Permission.EDIT_DOCUMENTS, _preview),
)
