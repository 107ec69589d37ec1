"""The directory of offices: search, one row with its pin, CSV out and in. Districts to look up."""

from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import web

from content import comments, decoding, editing
from content.catalogue import Office
from content.checks.findings import plain
from content.cursor import Cursor
from content.decoding import OFFICE_COLUMNS
from content.documents import versions
from content.editing import Act, NotEditable, Outdated
from content.panel.documents.kinds import KINDS
from content.panel.documents.office_rows import (
    COLUMN_NAMES,
    PRECISION_NAMES,
    Row,
    district_of,
    far_off,
    filtered,
    from_csv,
    map_picture,
    row_changes,
    to_csv,
)
from content.panel.documents.opening import Opened, opened, wrongs
from content.panel.pages.documents import show
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.visit import Visit
from content.panel.writing.sections import read_seen
from content.publishing import OFFICES, PLACES
from content.sheets import Sheet
from content.workflow import Status

_PAGE = 50
_ADDRESS = f"/panel/documents/{OFFICES}/{OFFICES}"
_LARGEST = 2 << 20
_SHOWN_CHANGES = 200


async def _opened(visit: Visit) -> Opened:
    async with visit.reading() as session:
        return await opened(visit, session, KINDS[OFFICES], OFFICES)


def _rows(shown: Opened) -> list[Row]:
    return [dict(row) for row in shown.body or ()]


async def _table(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        shown = await opened(visit, session, KINDS[OFFICES], OFFICES)
        remarks = await comments.comments(session, shown.subject)
        history = await versions(session, OFFICES, OFFICES)
    rows = _rows(shown)
    words, kind, region = visit.asked("q"), visit.asked("kind"), visit.asked("region")
    found = filtered(rows, words, kind, region)
    asked = visit.asked("page", "1")
    page = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    return await show(
        visit,
        shown,
        "documents/offices.html",
        remarks=remarks,
        history=history,
        rows=found[(page - 1) * _PAGE : page * _PAGE],
        total=len(found),
        page=page,
        pages=-(-len(found) // _PAGE),
        q=words,
        kind_chosen=kind,
        region_chosen=region,
        kinds=sorted({row["kind"] for row in rows}),
        regions=sorted({row["region"] for row in rows}, key=plain),
        changed=row_changes(shown.published or [], rows)[:_SHOWN_CHANGES] if shown.draft else [],
        columns=COLUMN_NAMES,
    )


async def _row(visit: Visit) -> web.StreamResponse:
    shown = await _opened(visit)
    rows, index = _rows(shown), _index(visit)
    if index is not None and index >= len(rows):
        raise web.HTTPNotFound
    if shown.draft and shown.draft.status is not Status.DRAFT:
        return await visit.go(_ADDRESS, _in_review(visit))
    blank = dict.fromkeys(OFFICE_COLUMNS, "") | {"precision": "address"}
    return await _row_page(visit, shown, blank if index is None else rows[index], index)


def _in_review(visit: Visit) -> str:
    return visit.say("Está en revisión: para cambiarlo, pida primero que se lo devuelvan.")


def _index(visit: Visit) -> int | None:
    """Return the number of the row in the address, None for a new one; raise `HTTPNotFound`."""
    asked = visit.arg("index")
    if asked == "new":
        return None
    if not asked.isascii() or not asked.isdigit() or len(asked) > 5:
        raise web.HTTPNotFound
    return int(asked)


async def _row_page(
    visit: Visit,
    shown: Opened,
    row: Mapping[str, str],
    index: int | None,
    *,
    status: int = 200,
    **values: object,
) -> web.Response:
    catalogue = visit.assistant.catalogue()
    office, by_column = _checked(visit, row)
    place = district_of(row, catalogue.places)
    at = (office.lat, office.lon) if office.lat is not None and office.lon is not None else None
    given: dict[str, Any] = {"conflict": None, "seen": shown.seen, **values}
    kinds = sorted({one.kind for one in catalogue.offices})
    return await visit.page(
        "documents/office.html",
        status=status,
        shown=shown,
        row=row,
        index=index,
        columns=COLUMN_NAMES,
        precisions=PRECISION_NAMES,
        kinds=kinds,
        by_column=by_column,
        place=place,
        at=at,
        far=far_off(office, place),
        picture=map_picture(catalogue.places, at, place, visit.say("El punto en el mapa del Perú")),
        **given,
    )


def _checked(visit: Visit, row: Mapping[str, str]) -> tuple[Office, dict[str, list[str]]]:
    """Return a row as an office and what is wrong with it, by column ('' for the whole)."""
    office = decoding.office(Cursor(Sheet("row"), dict(row)))
    found: dict[str, list[str]] = {}
    for wrong in wrongs(visit, KINDS[OFFICES], OFFICES, [dict(row)]):
        column = wrong.field.partition(".")[2]
        found.setdefault(column, []).append(f"{wrong.what} {wrong.remedy}")
    return office, found


async def _save_row(visit: Visit) -> web.StreamResponse:
    shown = await _opened(visit)
    rows, index = _rows(shown), _index(visit)
    if index is not None and index >= len(rows):
        raise web.HTTPNotFound
    row = {column: " ".join(visit.field(column).split()) for column in OFFICE_COLUMNS}
    wish = visit.field("op")
    if wish == "look":
        return await _row_page(visit, shown, row, index, seen=read_seen(visit))
    if wish == "drop" and index is not None:
        rows.pop(index)
    else:
        found = wrongs(visit, KINDS[OFFICES], OFFICES, [row])
        if any(one.is_error for one in found):
            return await _row_page(visit, shown, row, index, status=422, seen=read_seen(visit))
        if index is None:
            rows.append(row)
        else:
            rows[index] = row
    try:
        await _save(visit, rows)
    except (Outdated, NotEditable):
        fresh = await _opened(visit)
        stored = _rows(fresh)
        other = stored[index] if index is not None and index < len(stored) else {}
        return await _row_page(visit, fresh, row, index, status=409, conflict=other)
    return await visit.go(_ADDRESS, visit.say("Guardado como borrador."))


async def _save(visit: Visit, rows: Sequence[Row]) -> None:
    act = Act(visit.member.email, visit.now)
    async with visit.transaction() as session:
        await editing.save_document(
            session, act, OFFICES, OFFICES, list(rows), read_seen(visit)
        )  # fmt: skip


async def _export(visit: Visit) -> web.StreamResponse:
    rows = _rows(await _opened(visit))
    # The mark at the start tells spreadsheets of Windows that this is UTF-8.
    return web.Response(
        text="\ufeff" + to_csv(rows),
        content_type="text/csv",
        charset="utf-8",
        headers={"Content-Disposition": 'attachment; filename="oficinas.csv"'},
    )


async def _import_page(visit: Visit) -> web.StreamResponse:
    shown = await _opened(visit)
    if shown.draft and shown.draft.status is not Status.DRAFT:
        return await visit.go(_ADDRESS, _in_review(visit))
    return await _import_form(visit, shown, seen=shown.seen)


async def _import_form(
    visit: Visit, shown: Opened, *, status: int = 200, **values: object
) -> web.Response:
    given: dict[str, object] = {
        "table": "", "faults": [], "changed": None, "warned": [], "outdated": False, **values,
    }  # fmt: skip
    return await visit.page(
        "documents/offices_import.html", status=status, shown=shown, columns=COLUMN_NAMES,
        order=OFFICE_COLUMNS, **given,
    )  # fmt: skip


async def _import(visit: Visit) -> web.StreamResponse:
    shown = await _opened(visit)
    table = visit.field("file") or visit.field("table")
    seen = read_seen(visit)
    if not table:
        told = [{"line": 1, "column": "", "text": visit.say("Elija un archivo o pegue la tabla.")}]
        return await _import_form(visit, shown, status=422, faults=told, seen=seen)
    rows, lines, faults = from_csv(table)
    told = [
        {"line": one.line, "column": visit.say(COLUMN_NAMES.get(one.column, one.column)),
         "text": visit.say(one.text, **one.values)}
        for one in faults
    ]  # fmt: skip
    found = [] if faults else wrongs(visit, KINDS[OFFICES], OFFICES, rows)
    placed = [(one.is_error, _placed(visit, one.field, lines), one) for one in found]
    told += [
        {**where, "text": f"{one.what} {one.remedy}"} for is_error, where, one in placed if is_error
    ]
    if told:
        return await _import_form(visit, shown, status=422, table=table, faults=told, seen=seen)
    warned = [{**where, "text": f"{one.what} {one.remedy}"} for _, where, one in placed]
    warned += _far(visit, rows, lines)
    changed = row_changes(_rows(shown), rows)
    if visit.field("op") == "confirm":
        try:
            await _save(visit, rows)
        except (Outdated, NotEditable):
            fresh = await _opened(visit)
            return await _import_form(
                visit, fresh, status=409, table=table, outdated=True, warned=warned,
                changed=row_changes(_rows(fresh), rows), seen=fresh.seen,
            )  # fmt: skip
        return await visit.go(_ADDRESS, visit.say("Tabla guardada como borrador."))
    return await _import_form(visit, shown, table=table, changed=changed, warned=warned, seen=seen)


def _placed(visit: Visit, name: str, lines: Sequence[int]) -> dict[str, Any]:
    """Return line and column of a problem with a row."""
    index, _, column = name.partition(".")
    known = index.isdigit() and int(index) < len(lines)
    label = visit.say(COLUMN_NAMES.get(column, column)) if column else ""
    return {"line": lines[int(index)] if known else 1, "column": label}


def _far(visit: Visit, rows: Sequence[Row], lines: Sequence[int]) -> list[dict[str, Any]]:
    places = visit.assistant.catalogue().places
    told = []
    for row, line in zip(rows, lines, strict=True):
        office = decoding.office(Cursor(Sheet("row"), row))
        if distance := far_off(office, district_of(row, places)):
            text = visit.say(
                "El punto queda a {distance} km del distrito {district}.",
                distance=round(distance), district=row["district"],
            )  # fmt: skip
            told.append({"line": line, "column": visit.say("Latitud"), "text": text})
    return told


async def _places(visit: Visit) -> web.StreamResponse:
    words = plain(visit.asked("q")).split()
    every = visit.assistant.catalogue().places
    found = [
        place
        for place in every
        if words
        and all(
            word in plain(f"{place.name} {place.province} {place.region} {' '.join(place.also)}")
            for word in words
        )
    ]
    return await visit.page(
        "documents/places.html", q=visit.asked("q"), found=found[:100], total=len(found),
        every=len(every), kind=KINDS[PLACES],
    )  # fmt: skip


_AT = f"/documents/{OFFICES}/{OFFICES}"

ROUTES = (
    get(_AT, Permission.READ, _table),
    get(_AT + "/row/{index}", Permission.EDIT_DOCUMENTS, _row),
    post(_AT + "/row/{index}", Permission.EDIT_DOCUMENTS, _save_row),
    get(_AT + "/offices.csv", Permission.READ, _export),
    get(_AT + "/import", Permission.EDIT_DOCUMENTS, _import_page),
    post(_AT + "/import", Permission.EDIT_DOCUMENTS, _import, most=_LARGEST),
    get(f"/documents/{PLACES}/{PLACES}", Permission.READ, _places),
)
