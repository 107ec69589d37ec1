"""The emergency rules as text, for those who know them: line by line, with a box to try them."""

import asyncio
import difflib
from typing import Any

import yaml
from aiohttp import web

from content import comments, editing
from content.documents import versions
from content.editing import Act, NotEditable, Outdated
from content.panel.documents.kinds import KINDS
from content.panel.documents.opening import Opened, opened
from content.panel.fault_words import in_spanish
from content.panel.pages.documents import show
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.writing.sections import read_seen
from content.publishing import RULES
from content.sheets import parse
from content.workflow import Status

_LARGEST = 1 << 20
_LONGEST_TRIAL = 500
_Dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def as_text(body: object) -> str:
    """Write rules as staff edit them: each short list on a line."""
    return yaml.dump(
        body, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110,
        default_flow_style=None,
    )  # fmt: skip


async def _opened(visit: Visit) -> Opened:
    async with visit.reading() as session:
        return await opened(visit, session, KINDS[RULES], visit.arg("document"))


async def _document(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        shown = await opened(visit, session, KINDS[RULES], visit.arg("document"))
        remarks = await comments.comments(session, shown.subject)
        history = await versions(session, RULES, shown.document)
    lines = _changed_lines(shown.published, shown.body) if shown.draft else []
    return await show(
        visit, shown, "documents/rules.html", remarks=remarks, history=history, lines=lines
    )


def _changed_lines(before: object, after: object) -> list[tuple[str, str]]:
    """Return the lines that differ, each with '+', '-' or ' ' and one line around them."""
    compared = difflib.unified_diff(
        as_text(before).split("\n"), as_text(after).split("\n"), lineterm="", n=1
    )
    return [(line[:1], line[1:]) for line in compared if not line.startswith(("---", "+++", "@@"))]


async def _open(visit: Visit) -> web.StreamResponse:
    shown = await _opened(visit)
    if shown.draft and shown.draft.status is not Status.DRAFT:
        notice = visit.say("Está en revisión: para cambiarlo, pida primero que se lo devuelvan.")
        return await visit.go(shown.address, notice)
    return await _form(visit, shown, as_text(shown.body))


async def _form(
    visit: Visit, shown: Opened, text: str, *, status: int = 200, **values: object
) -> web.Response:
    given: dict[str, Any] = {
        "faults": [], "trial": "", "sign": None, "conflict": None, "seen": shown.seen,
        **values,
    }  # fmt: skip
    cards = visit.assistant.catalogue().cards
    named = {kind: card.titles.get("es", kind) for kind, card in cards.items()}
    return await visit.page(
        "documents/rules_edit.html", status=status, shown=shown, text=text, named=named, **given
    )


async def _send(visit: Visit) -> web.StreamResponse:
    shown, text = await _opened(visit), visit.sent.get("text", "")
    seen, trial = read_seen(visit), visit.field("trial")[:_LONGEST_TRIAL]
    body, faults = _read(visit, shown.document, text)
    if visit.field("op") == "try":
        workshop, catalogue = visit.assistant.workshop, visit.assistant.catalogue()
        sign = None
        if not faults and trial:  # the rules of all languages take a second to make ready
            sign = await asyncio.to_thread(workshop.sign, catalogue, shown.document, body, trial)
        return await _form(
            visit, shown, text, seen=seen, faults=faults, trial=trial, sign=sign,
            status=422 if faults else 200,
        )  # fmt: skip
    if faults:
        return await _form(visit, shown, text, seen=seen, faults=faults, trial=trial, status=422)
    if shown.draft is None and body == shown.published:
        return await visit.go(shown.address, visit.say("No cambió nada."))
    try:
        async with visit.transaction() as session:
            act = Act(visit.member.email, visit.now)
            await editing.save_document(session, act, RULES, shown.document, body, seen)
    except (Outdated, NotEditable):
        fresh = await _opened(visit)
        lines = _changed_lines(fresh.body, body)
        return await _form(visit, fresh, text, status=409, conflict=lines, trial=trial)
    return await visit.go(shown.address, visit.say("Guardado como borrador."))


def _read(visit: Visit, language: str, text: str) -> tuple[Any, list[tuple[int, str]]]:
    """Return the rules that a text says, and what is wrong with it by line (0: the whole)."""
    sheet = parse(RULES, text.encode(), typed=True)
    faults = [(one.line, one.what, one.remedy) for one in sheet.faults]
    if not faults and not isinstance(sheet.value, dict):
        faults = [(1, "The rules are not `key: value` lines.", "Follow another file.")]
    if visit.language == "en":
        told = [(line, f"{what} {remedy}") for line, what, remedy in faults]
    else:
        told = [(line, f"{in_spanish(what)} {in_spanish(remedy)}") for line, what, remedy in faults]
    if not told:
        workshop = visit.assistant.workshop
        told = [(0, w) for w in workshop.problems(RULES, language, sheet.value, visit.language)]
    return sheet.value, told


_AT = f"/documents/{RULES}/{{document}}"

ROUTES = (
    get(_AT, Permission.READ, _document),
    get(_AT + "/edit", Permission.EDIT_DOCUMENTS, _open),
    post(_AT + "/edit", Permission.EDIT_DOCUMENTS, _send, most=_LARGEST),
)
