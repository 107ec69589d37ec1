"""One translation beside its Spanish text: write, look, send, approve, confirm."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from content import comments, diff, editing, term_hints, translating
from content.catalogue import SECTIONS
from content.drafts import published_text, text_in_work
from content.editing import Act, Fields, Seen
from content.faults import ContentError
from content.models import RevisionRow
from content.panel.pages.translations import STATE_NAMES, STEP_NAMES
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.writing.sections import (
    HEADINGS,
    WHOLE_TEXT,
    fields_of,
    preview_article,
    read_fields,
    read_seen,
    seen_of,
    whole,
)
from content.panel.writing.translation_form import parts
from content.translating import Pair
from content.workflow import Action, NotPossible, SecondPersonNeeded, Status

_PATH = "/translations/{language}/{topic}/{slug}"
_LONGEST_REMARK = 4000  # characters


@dataclass(slots=True)
class _Said:
    """What a page shows beside what is stored: her words, and what is wrong with them."""

    fields: Fields | None = None
    theirs: RevisionRow | None = None
    conflict: str = ""
    wrong: str = ""
    missing: str = ""
    note: str = ""
    status: int = 200


def _article(visit: Visit) -> str:
    return f"{visit.arg('topic')}/{visit.arg('slug')}"


def _language(visit: Visit) -> str:
    """Return the language that the address names; raise `HTTPNotFound` if none is translated to it.

    Spanish has pages of its own, which ask for other permissions.
    """
    language = visit.arg("language")
    if language not in translating.TARGETS:
        raise web.HTTPNotFound
    return language


def _here(visit: Visit) -> str:
    return f"/panel/translations/{visit.arg('language')}/{_article(visit)}"


def _subject(visit: Visit) -> str:
    return f"text:{_article(visit)}:{visit.arg('language')}"


async def _page(visit: Visit, said: _Said | None = None) -> web.StreamResponse:
    said = said or _Said()
    article, language = _article(visit), visit.arg("language")
    async with visit.reading() as session:
        pair = await translating.pair(session, article, language)
        if pair is None:
            raise web.HTTPNotFound
        remarks = await comments.comments(session, _subject(visit))
        glossary = await term_hints.glossary(session)
    stored = pair.draft or pair.published
    written = said.fields or fields_of(stored)
    theirs = fields_of(said.theirs) if said.theirs else None
    found = parts(pair, written, glossary.terms, language, theirs)
    open_ = pair.draft is None or pair.draft.status is Status.DRAFT or said.fields is not None
    return await visit.page(
        "translations/text.html",
        status=said.status,
        article=article,
        language=language,
        here=_here(visit),
        pair=pair,
        parts=found,
        said=said,
        seen=seen_of(pair.draft, pair.published),
        editable=open_ and visit.may(Permission.TRANSLATE),
        barred=bool(pair.draft and visit.member.email in pair.draft.editors),
        remarks=remarks,
        steps=STEP_NAMES,
        states=STATE_NAMES,
        compared=_compared(pair, written),
        heading=lambda name: visit.say(HEADINGS[name]),
        points=sum(part.points for part in found),
        untranslated=[part for part in found if part.is_untranslated],
        shown=_shown(visit),
        sections=[(name, HEADINGS[name]) for name in SECTIONS if written.sections.get(name)],
        previews=_previews(visit, written),
        observed=(),
    )


def _compared(pair: Pair, written: Fields) -> object:
    """Return what a draft changes in the published translation, for whoever reviews it."""
    if pair.published is None or pair.draft is None:
        return None
    return diff.parts(whole(fields_of(pair.published)), whole(written), WHOLE_TEXT)


def _shown(visit: Visit) -> str:
    asked = visit.field("shown") or visit.asked("shown")
    return asked if asked in SECTIONS else SECTIONS[0]


def _previews(visit: Visit, fields: Fields) -> object:
    catalogue, language = visit.assistant.catalogue(), visit.arg("language")
    made = preview_article(catalogue, _article(visit), language, fields, {})
    shown = _shown(visit)
    if not fields.sections.get(shown):
        return ()
    return visit.assistant.previews.article(catalogue, made, shown, language)


async def _show(visit: Visit) -> web.StreamResponse:
    return await _page(visit)


# --- writing -------------------------------------------------------------------------------------


async def _save(visit: Visit) -> web.StreamResponse:
    fields, seen = read_fields(visit), read_seen(visit)
    if visit.field("then") == "look":
        return await _page(visit, _Said(fields))
    submitting = visit.field("then") == "submit"
    article, language = _article(visit), _language(visit)
    if submitting and await _is_too_long(visit, fields):
        said = visit.say("Hay textos demasiado largos. Acórtelos y vuelva a enviar.")
        return await _page(visit, _Said(fields, wrong=said, status=422))
    try:
        async with visit.transaction() as session:
            act = Act(visit.member.email, visit.now)
            draft = await editing.save_text(
                session, act, article, language, fields, seen, renders=_rendered(visit)
            )
            if submitting:
                await editing.step(session, act, draft, Action.SUBMIT)
    except editing.Outdated as changed:
        return await _conflict(visit, fields, changed)
    except editing.NotEditable:
        text = visit.say(
            "Mientras usted escribía, este texto pasó a revisión o fue aprobado. Sus palabras "
            "siguen aquí, pero para guardarlas alguien que revisa debe devolver primero el texto."
        )
        return await _page(visit, _Said(fields, conflict=text, status=409))
    except editing.Incomplete as missing:
        return await _page(visit, _Said(fields, missing=missing.field, status=422))
    except editing.NotThere:
        raise web.HTTPNotFound from None
    done = visit.say("Enviado a revisión.") if submitting else visit.say("Borrador guardado.")
    return await visit.go(_here(visit), done)


def _rendered(visit: Visit) -> int | None:
    """Return the number of the Spanish text that her page showed."""
    number = visit.field("renders")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None


async def _is_too_long(visit: Visit, fields: Fields) -> bool:
    async with visit.reading() as session:
        pair = await translating.pair(session, _article(visit), visit.arg("language"))
    if pair is None:
        raise web.HTTPNotFound
    return any(part.is_over for part in parts(pair, fields, (), visit.arg("language")))


async def _conflict(visit: Visit, fields: Fields, changed: editing.Outdated) -> web.StreamResponse:
    """Show both texts: hers stays in the fields, and saving again replaces the other."""
    stored = changed.now_stored
    text = visit.say(
        "Otra persona guardó este texto mientras usted escribía. Sus palabras siguen en los "
        "campos; debajo de cada uno se ve en qué difieren de lo guardado. Junte las dos y guarde: "
        "lo que guarde reemplaza lo de la otra persona."
    )
    theirs = stored if isinstance(stored, RevisionRow) else None
    return await _page(visit, _Said(fields, theirs=theirs, conflict=text, status=409))


# --- steps ---------------------------------------------------------------------------------------


async def _step(visit: Visit, action: Action, done: str) -> web.StreamResponse:
    """Take a step with the draft that she has seen, and with no other."""
    article, language, seen = _article(visit), _language(visit), read_seen(visit)
    note = visit.field("note")
    try:
        async with visit.transaction() as session:
            draft = await _draft_seen(session, article, language, seen)
            act, read = Act(visit.member.email, visit.now), bool(visit.field("read"))
            await editing.step(
                session, act, draft, action, note=note, read_by_speaker=read, edits=seen.edits
            )
    except editing.Incomplete:
        return await _page(visit, _Said(missing="note", status=422))
    except SecondPersonNeeded:
        wrong = visit.say("Usted escribió en este texto: debe aprobarlo otra persona.")
        return await _page(visit, _Said(wrong=wrong, note=note, status=422))
    except (editing.Outdated, NotPossible):
        wrong = visit.say(
            "El texto cambió desde que usted abrió la página. Léalo otra vez antes de decidir."
        )
        return await _page(visit, _Said(conflict=wrong, note=note, status=409))
    return await visit.go(_here(visit), done)


async def _draft_seen(
    session: AsyncSession, article: str, language: str, seen: Seen
) -> RevisionRow:
    """Return the draft that a page showed; raise `Outdated` if it is another by now."""
    draft = await text_in_work(session, article, language)
    if draft is None or (draft.id, draft.edits) != (seen.revision, seen.edits):
        raise editing.Outdated(draft)
    return draft


def _stepping(action: Action, done: str) -> Callable[[Visit], Awaitable[web.StreamResponse]]:
    async def handle(visit: Visit) -> web.StreamResponse:
        return await _step(visit, action, visit.say(done))

    return handle


async def _confirm(visit: Visit) -> web.StreamResponse:
    """Take a published translation for read by somebody who speaks its language."""
    if not visit.field("read"):
        wrong = visit.say("Marque la casilla solo si habla la lengua y leyó todo el texto.")
        return await _page(visit, _Said(wrong=wrong, status=422))
    seen = read_seen(visit)
    article, language = _article(visit), _language(visit)
    try:
        async with visit.transaction() as session:
            act = Act(visit.member.email, visit.now)
            await _published_seen(session, article, language, seen)
            await editing.confirm_read(session, act, article, language)
    except ContentError:
        wrong = visit.say("El texto cambió desde que usted abrió la página. Léalo otra vez.")
        return await _page(visit, _Said(conflict=wrong, status=409))
    done = visit.say("Confirmado. El aviso a los lectores desaparece con la próxima publicación.")
    return await visit.go(_here(visit), done)


async def _published_seen(session: AsyncSession, article: str, language: str, seen: Seen) -> None:
    published = await published_text(session, article, language)
    if published is None or published.id != seen.base:
        raise editing.Outdated(None)


# --- remarks -------------------------------------------------------------------------------------


async def _comment(visit: Visit) -> web.StreamResponse:
    if len(visit.field("comment")) > _LONGEST_REMARK:
        raise web.HTTPRequestEntityTooLarge(_LONGEST_REMARK, len(visit.field("comment")))
    try:
        async with visit.transaction() as session:
            act = Act(visit.member.email, visit.now)
            if await translating.pair(session, _article(visit), _language(visit)) is None:
                raise web.HTTPNotFound
            await comments.comment(session, act, _subject(visit), visit.field("comment"))
    except editing.Incomplete:
        return await _page(visit, _Said(missing="comment", status=422))
    return await visit.go(f"{_here(visit)}#remarks", visit.say("Comentario agregado."))


async def _settle(visit: Visit) -> web.StreamResponse:
    written = visit.field("comment")
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise web.HTTPNotFound
    try:
        async with visit.transaction() as session:
            act = Act(visit.member.email, visit.now)
            row = await comments.resolve(session, act, int(written))
            if row.subject != _subject(visit):
                raise web.HTTPNotFound
    except editing.NotThere:
        raise web.HTTPNotFound from None
    return await visit.go(f"{_here(visit)}#remarks", visit.say("Comentario resuelto."))


ROUTES = (
    get(_PATH, Permission.READ, _show),
    post(f"{_PATH}/save", Permission.TRANSLATE, _save),
    post(f"{_PATH}/submit", Permission.TRANSLATE, _stepping(Action.SUBMIT, "Enviado a revisión.")),
    post(
        f"{_PATH}/discard", Permission.TRANSLATE,
        _stepping(Action.DISCARD, "Borrador descartado."),
    ),
    post(f"{_PATH}/approve", Permission.REVIEW, _stepping(Action.APPROVE, "Traducción aprobada.")),
    post(
        f"{_PATH}/return", Permission.REVIEW,
        _stepping(Action.RETURN, "Devuelta a quien traduce, con su nota."),
    ),
    post(f"{_PATH}/confirm", Permission.REVIEW, _confirm),
    post(f"{_PATH}/comment", Permission.READ, _comment),
    post(f"{_PATH}/settle", Permission.READ, _settle),
)  # fmt: skip
