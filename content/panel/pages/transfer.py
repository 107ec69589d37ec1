"""Everything as a ZIP file, out and in. What comes in waits for a review."""

import asyncio
from collections.abc import Sequence

from aiohttp import web
from multidict import MultiDict

from content import audit
from content.editing import Act
from content.exchange import archive, importing, staging
from content.exchange.archive import BadArchive, Refusal
from content.exchange.importing import TEXT, Change, Plan
from content.panel.documents.kinds import KINDS
from content.panel.entry import kept
from content.panel.fault_words import told
from content.panel.permissions import Permission
from content.panel.rendering import PERU
from content.panel.routing import get, post, upload
from content.panel.visit import Visit

_MOST_SHOWN = 200
_MARGIN = 64 * 1024  # bytes of a form around its file
_PATH = "/panel/transfer"

WHY: dict[Refusal, str] = {
    Refusal.NO_ZIP: "El archivo no es un ZIP. Elija el que se descargó de esta página.",
    Refusal.TOO_LARGE: "El archivo pasa de 20 MB.",
    Refusal.TOO_MANY: "El ZIP tiene más de 5000 archivos.",
    Refusal.PATH: "El ZIP tiene un archivo con un nombre que no se acepta: «{name}».",
    Refusal.LINK: "El ZIP tiene un enlace en lugar de un archivo: «{name}».",
    Refusal.TWICE: "El ZIP tiene dos veces el mismo archivo: «{name}».",
    Refusal.ENCRYPTED: "El ZIP tiene contraseña. Guárdelo sin contraseña.",
    Refusal.BOMB: "Lo que hay dentro del ZIP es demasiado grande.",
    Refusal.BROKEN: "El ZIP está dañado. Descárguelo o guárdelo otra vez.",
    Refusal.NO_CONTENT: "El ZIP no tiene contenidos de Orienta: falta el archivo topics.yml.",
}


async def _transfer(visit: Visit) -> web.StreamResponse:
    return await visit.page("transfer/transfer.html", wrong="", faults=(), count=0)


async def _export(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        data = await staging.export(session)
    async with visit.transaction() as session:
        await audit.record(session, visit.member.email, "exported", "everything", visit.now)
    day = visit.now.astimezone(PERU).strftime("%Y-%m-%d")
    disposition = f'attachment; filename="orienta-{day}.zip"'
    headers = {"Content-Disposition": disposition}
    return web.Response(body=data, content_type="application/zip", headers=headers)


async def _import(visit: Visit) -> web.StreamResponse:
    data = visit.files.get("file", b"")
    if not data:
        return await _refused(visit, visit.say("Elija primero un archivo ZIP."))
    today = visit.now.astimezone(PERU).date()
    try:
        found = await asyncio.to_thread(staging.examine, data, today)
    except BadArchive as bad:
        return await _refused(visit, visit.say(WHY[bad.why], name=bad.name))
    if found.errors:
        faults = [
            (fault, told(fault, visit.language, found.tree))
            for fault in found.errors[:_MOST_SHOWN]
        ]  # fmt: skip
        return await visit.page(
            "transfer/transfer.html", status=422, wrong="", faults=faults,
            count=len(found.errors),
        )  # fmt: skip
    async with visit.reading() as session:
        plan = await staging.planned(session, found)
    if not plan.changes:
        return await visit.go(
            _PATH, visit.say("El archivo dice lo mismo que lo publicado: no hay nada que importar.")
        )
    form = MultiDict([("plan", await asyncio.to_thread(plan.dump))])
    async with visit.transaction() as session:
        email, keys = visit.member.email, visit.panel.keys
        token = await kept.keep(session, keys, email, f"{_PATH}/plan", form, visit.now)
    return await visit.go(f"{_PATH}/{token}")


async def _refused(visit: Visit, wrong: str) -> web.StreamResponse:
    return await visit.page(
        "transfer/transfer.html", status=422, wrong=wrong, faults=(), count=0
    )  # fmt: skip


async def _plan(visit: Visit) -> Plan:
    async with visit.reading() as session:
        found = await kept.find(
            session, visit.panel.keys, visit.member.email, visit.arg("token"), visit.now
        )
    written = dict(found.fields).get("plan") if found and found.path == f"{_PATH}/plan" else None
    if written is None:
        raise web.HTTPNotFound
    return Plan.load(written)


async def _preview(visit: Visit) -> web.StreamResponse:
    plan = await _plan(visit)
    return await visit.page(
        "transfer/preview.html",
        token=visit.arg("token"),
        texts=[one for one in plan.changes if one.kind == TEXT][:_MOST_SHOWN],
        documents=[one for one in plan.changes if one.kind != TEXT][:_MOST_SHOWN],
        text_count=sum(one.kind == TEXT for one in plan.changes),
        document_count=sum(one.kind != TEXT for one in plan.changes),
        kept=plan.kept,
        kind_name=lambda kind: visit.say(kind_name(kind)),
    )


def kind_name(kind: str) -> str:
    """Return what staff call a kind of content, as a msgid."""
    own = {
        "article": "Datos de la respuesta",
        "examples": "Formas de preguntar",
        "golden": "Preguntas de control",
    }
    return own.get(kind) or (KINDS[kind].title if kind in KINDS else kind)


async def _confirm(visit: Visit) -> web.StreamResponse:
    plan = await _plan(visit)
    async with visit.transaction() as session:
        act = Act(visit.member.email, visit.now)
        done = await importing.submit(session, act, plan)
        await kept.forget(session, visit.arg("token"))
    return await visit.page(
        "transfer/done.html", sent=len(done.sent), busy=_named(visit, done.busy),
        busy_count=len(done.busy),
    )  # fmt: skip


def _named(visit: Visit, changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    return [
        (visit.say(kind_name(one.kind)) if one.kind != TEXT else "", one.title, one.language)
        for one in changes[:_MOST_SHOWN]
    ]


async def _forget(visit: Visit) -> web.StreamResponse:
    await _plan(visit)
    async with visit.transaction() as session:
        await kept.forget(session, visit.arg("token"))
    return await visit.go(_PATH, visit.say("Importación cancelada: nada cambió."))


ROUTES = (
    get("/transfer", Permission.TRANSFER, _transfer),
    get("/transfer/export", Permission.TRANSFER, _export),
    upload("/transfer/import", Permission.TRANSFER, _import, archive.PACKED + _MARGIN),
    get("/transfer/{token}", Permission.TRANSFER, _preview),
    post("/transfer/{token}/confirm", Permission.TRANSFER, _confirm),
    post("/transfer/{token}/cancel", Permission.TRANSFER, _forget),
)
