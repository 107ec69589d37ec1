"""Publishing: what waits, what is examined, what is live, and the way back."""

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from content import diff
from content.drafts import published_text
from content.editing import Act, NotThere
from content.faults import ContentError, FaultyTree
from content.models import RevisionRow
from content.panel import release_view as view
from content.panel.permissions import Permission
from content.panel.routing import get, post
from content.panel.tables import ReleaseRow
from content.panel.visit import Visit
from content.panel.writing.sections import HEADINGS, WHOLE_TEXT, fields_of, whole
from content.release import releases
from content.release.releases import Stage
from content.release.snapshots import BrokenSnapshot, read_snapshot

_LIST = "/panel/releases"
_PER_PAGE = 50
_MOST_CHOICES = 500  # more changes are released all together, not ticked one by one


def _number(visit: Visit, name: str = "id") -> int:
    given = visit.arg(name)
    if not given.isascii() or not given.isdigit() or len(given) > 9:
        raise web.HTTPNotFound
    return int(given)


def _act(visit: Visit) -> Act:
    return Act(visit.member.email, visit.now)


async def _list(visit: Visit) -> web.StreamResponse:
    asked = visit.asked("page")
    page = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1
    closed = ReleaseRow.status.in_((Stage.PUBLISHED, Stage.CANCELLED))
    async with visit.reading() as session:
        waiting = await releases.waiting(session)
        live = await releases.live(session)
        pending = await session.scalars(select(ReleaseRow).where(~closed).order_by(ReleaseRow.id))
        history = await session.scalars(
            select(ReleaseRow)
            .where(closed)
            .order_by(func.coalesce(ReleaseRow.published_at, ReleaseRow.created_at).desc())
            .order_by(ReleaseRow.id.desc())
            .offset((page - 1) * _PER_PAGE)
            .limit(_PER_PAGE + 1)
        )
        past = list(history)
    return await visit.page(
        "releases/list.html", waiting=view.lines(visit, [*waiting.texts, *waiting.documents]),
        live=live, pending=list(pending), past=past[:_PER_PAGE], page=page,
        more=len(past) > _PER_PAGE, stages=view.STAGES,
        articles=len(visit.assistant.catalogue().articles),
    )  # fmt: skip


async def _new(visit: Visit, wrong: str = "", status: int = 200) -> web.Response:
    async with visit.reading() as session:
        waiting = await releases.waiting(session)
    chosen = set(visit.fields("change")) if visit.sent else None
    return await visit.page(
        "releases/new.html", status=status, wrong=wrong, title=visit.field("title"),
        changes=view.lines(visit, [*waiting.texts, *waiting.documents]), chosen=chosen,
        most=_MOST_CHOICES,
    )  # fmt: skip


async def _prepare(visit: Visit) -> web.StreamResponse:
    ids: dict[str, list[int]] = {"t": [], "d": []}
    if visit.field("all"):
        async with visit.reading() as session:
            waiting = await releases.waiting(session)
        ids = {"t": [one.id for one in waiting.texts], "d": [one.id for one in waiting.documents]}
    for one in visit.fields("change"):
        if one[:1] in ids and one[1:].isascii() and one[1:].isdigit() and len(one) < 11:
            ids[one[0]].append(int(one[1:]))
    try:
        async with visit.transaction() as session:
            made = await releases.prepare(
                session, _act(visit), visit.field("title"), ids["t"], ids["d"]
            )
    except releases.NothingChosen:
        return await _new(visit, visit.say("Elija al menos un cambio."), 422)
    except releases.NotApproved:
        return await _new(
            visit,
            visit.say("Uno de los cambios elegidos ya no está aprobado. Elija otra vez."),
            409,
        )
    return await visit.go(
        f"{_LIST}/{made.id}", visit.say("La publicación quedó preparada. Ahora se examina sola.")
    )


async def _found(visit: Visit, session: AsyncSession) -> ReleaseRow:
    found = await session.get(ReleaseRow, _number(visit))
    if found is None:
        raise web.HTTPNotFound
    return found


async def _show(visit: Visit, wrong: str = "", status: int = 200) -> web.Response:
    async with visit.reading() as session:
        release = await _found(visit, session)
        changes = await releases.changes_of(session, release)
        live = await releases.live(session)
        kept = await session.scalar(
            select(ReleaseRow.snapshot.is_not(None)).where(ReleaseRow.id == release.id)
        )
    report = release.report
    questions = report.get("questions", {})
    own = any(visit.member.email in (*one.editors, one.author) for one in changes)
    return await visit.page(
        "releases/release.html", status=status, wrong=wrong, at=visit.field("at"),
        release=release, changes=view.lines(visit, changes), stages=view.STAGES, report=report,
        own=own, is_live=live is not None and live.id == release.id,
        can_return=bool(kept) and release.status == Stage.PUBLISHED,
        follow=view.at_work(release), nobody=view.nobody_works(release, visit.now),
        failure=view.FAILURES.get(report.get("failed", "")),
        errors=view.faults(visit, report.get("errors", ())),
        warnings=view.faults(visit, report.get("warnings", ())),
        refusals=view.refusals(visit, report), rows=view.rows(visit, report),
        worse=view.moved(visit, questions.get("worse", ())),
        better=view.moved(visit, questions.get("better", ())),
        unknown=view.moved(visit, questions.get("unknown", ())),
    )  # fmt: skip


async def _one(visit: Visit) -> web.StreamResponse:
    return await _show(visit)


async def _progress(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        release = await _found(visit, session)
    response = visit.part(
        "releases/_progress.html", release=release, nobody=view.nobody_works(release, visit.now)
    )
    if not view.at_work(release):
        response.headers["X-Reload"] = "1"
    return response


async def _publish(visit: Visit) -> web.StreamResponse:
    at = None
    if visit.field("when") == "later":
        at = view.moment_of(visit.field("at"), visit.now)
        if at is None:
            return await _show(
                visit,
                visit.say("Elija un día y una hora que aún no pasaron, dentro de un año."),
                422,
            )

    async def act(session: AsyncSession) -> None:
        await releases.publish(session, _act(visit), _number(visit), at)

    done = "Publicado. En unos segundos responde a todas las personas."
    later = "Quedó programada. A esa hora se revisa otra vez y se publica sola."
    return await _tried(visit, act, later if at else done)


async def _cancel(visit: Visit) -> web.StreamResponse:
    async def act(session: AsyncSession) -> None:
        await releases.cancel(session, _act(visit), _number(visit))

    return await _tried(visit, act, "Cancelada. Los cambios siguen aprobados y esperan otra vez.")


async def _again(visit: Visit) -> web.StreamResponse:
    async def act(session: AsyncSession) -> None:
        await releases.examine_again(session, _act(visit), _number(visit))

    return await _tried(visit, act, "Se examina otra vez.")


async def _tried(
    visit: Visit, act: Callable[[AsyncSession], Awaitable[None]], done: str
) -> web.Response:
    """Do something to a release; where it refuses, show the release with the reason."""
    try:
        async with visit.transaction() as session:
            await act(session)
    except NotThere:
        raise web.HTTPNotFound from None
    except ContentError as error:
        return await _show(visit, visit.say(_why(error)), 409)
    return await visit.go(f"{_LIST}/{_number(visit)}", visit.say(done))


def _why(error: ContentError) -> str:
    match error:
        case releases.OwnWork():
            return "Usted escribió en uno de estos textos. Pida a otra persona que los publique."
        case releases.Changed() | releases.NotApproved():
            return (
                "Algo cambió desde el examen: otra publicación, o uno de los textos. "
                "Examínela otra vez, o cancélela y prepare otra."
            )
        case releases.WrongStage():
            return "Esta publicación ya no está en ese paso: alguien se adelantó."
        case releases.NoSnapshot() | BrokenSnapshot():
            return "El contenido de esta publicación ya no se guarda. Elija una más reciente."
        case FaultyTree():
            return "El contenido no se puede armar así. Avise a quien administra el servidor."
        case _:
            return "No se pudo. Vuelva a intentarlo."


async def _confirm_return(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        release = await _found(visit, session)
        if release.status != Stage.PUBLISHED:
            raise web.HTTPNotFound
        later = await session.scalars(
            select(ReleaseRow)
            .where(
                ReleaseRow.status == Stage.PUBLISHED,
                ReleaseRow.published_at >= release.published_at,
                ReleaseRow.id != release.id,
            )
            .order_by(ReleaseRow.published_at.desc(), ReleaseRow.id.desc())
        )
        undone = [one for one in later if one.published_at is not None]
    return await visit.page("releases/return.html", release=release, undone=undone)


async def _return(visit: Visit) -> web.StreamResponse:
    target = _number(visit)
    try:
        async with visit.reading() as session:
            packed = await releases.kept(session, target)
        catalogue = await asyncio.to_thread(read_snapshot, packed)
        async with visit.transaction() as session:
            made = await releases.roll_back(session, _act(visit), target, catalogue)
    except NotThere:
        raise web.HTTPNotFound from None
    except ContentError as error:
        return await _show(visit, visit.say(_why(error)), 409)
    return await visit.go(
        f"{_LIST}/{made.id}",
        visit.say("Se volvió a esa publicación. En unos segundos responde a todas las personas."),
    )


async def _text(visit: Visit) -> web.StreamResponse:
    async with visit.reading() as session:
        row = await session.get(RevisionRow, _number(visit))
        if row is None:
            raise web.HTTPNotFound
        before = await published_text(session, row.article_id, row.language)
    compared = diff.parts(whole(fields_of(before)), whole(fields_of(row)), WHOLE_TEXT)
    return await visit.page(
        "releases/text.html", row=row, before=before, parts=compared,
        heading=lambda name: visit.say(HEADINGS[name]),
        same=before is not None and before.id == row.id,
    )  # fmt: skip


_ONE = "/releases/{id}"

ROUTES = (
    get("/releases", Permission.READ, _list),
    post("/releases", Permission.PUBLISH, _prepare),
    get("/releases/new", Permission.PUBLISH, _new),
    get("/releases/texts/{id}", Permission.READ, _text),
    get(_ONE, Permission.READ, _one),
    get(f"{_ONE}/progress", Permission.READ, _progress),
    post(f"{_ONE}/publish", Permission.PUBLISH, _publish),
    post(f"{_ONE}/cancel", Permission.PUBLISH, _cancel),
    post(f"{_ONE}/examine", Permission.PUBLISH, _again),
    get(f"{_ONE}/return", Permission.PUBLISH, _confirm_return),
    post(f"{_ONE}/return", Permission.PUBLISH, _return),
)
