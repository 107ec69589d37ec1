"""Every page of the panel, opened by somebody who may: found from its routes, so none is left out.

What an address names in its parts is made first: drafts, a release, a case, a one-time link.
"""

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from multidict import MultiDict
from sqlalchemy.ext.asyncio import AsyncSession

from content import editing
from content.catalogue import Catalogue
from content.drafts import document_in_work, published_text
from content.editing import Act, Fields, Seen
from content.exchange.importing import Change, Plan
from content.panel import sessions
from content.panel.documents.kinds import KINDS
from content.panel.entry import kept
from content.panel.permissions import Permission, may
from content.panel.ports import Asked, Case, CaseLine
from content.panel.routes import ROUTES
from content.panel.routing import Route
from content.panel.tables import ReleaseRow
from content.publishing import NOTICE
from content.release.releases import Stage
from content.staff import Role
from content.workflow import Action
from tests.fakes.panel import Running
from tests.fakes.panel_people import cheap, enrol, link_for

_NO_PAGES = frozenset({"/sign-in/provider", "/sign-in/provider/back"})
"""They lead to the institution's own pages."""
_FORMLESS = ("offices", "places", "rules")
"""Kinds with routes of their own besides those of all kinds."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its route, an address that it has, and the session of somebody who may open it."""

    route: str
    address: str
    token: str


@dataclass(frozen=True, slots=True)
class _Made:
    """What parts of addresses name. `people` are sessions by role, or by how far somebody is in."""

    parts: Mapping[str, Sequence[Mapping[str, str]]]
    people: Mapping[str, str]


@asynccontextmanager
async def every_page(panel: Running, catalogue: Catalogue) -> AsyncIterator[list[Page]]:
    """Give all pages, the widest role for each; raise `LookupError` for a part nobody knows."""
    made = await _make(panel, catalogue)
    yield [
        Page(route.path, f"/panel{address}", made.people[_who(route)])
        for route in ROUTES
        if route.method == "GET" and route.path not in _NO_PAGES
        for address in _addresses(route.path, made)
    ]


def _who(route: Route) -> str:
    """Return whose session shows the most of a page."""
    named = {"/sign-in/code": "coding", "/sign-in/second-factor": "enrolling"}
    if route.permission is Permission.PUBLIC:
        return named.get(route.path, "")
    return next(role.value for role in Role if may(role, route.permission))


def _addresses(path: str, made: _Made) -> list[str]:
    """Return a path with what each of its parts names."""
    names = re.findall(r"\{(\w+)[^{}]*(?:\{[^{}]*\}[^{}]*)*\}", path)
    if not names:
        return [path]
    fitting = [begin for begin in made.parts if path.startswith(begin)]
    if not fitting:
        raise LookupError(f"{path}: say in {__name__} what its parts name.")
    found = []
    for values in made.parts[max(fitting, key=len)]:
        if missing := set(names) - values.keys():
            raise LookupError(f"{path}: say in {__name__} what {sorted(missing)} name.")
        filled = path
        for name in names:
            filled = re.sub(rf"\{{{name}(?::[^/]*)?\}}", values[name], filled, count=1)
        if "/edit" not in path or values.get("form") != "no":
            found.append(filled)
    return list(dict.fromkeys(found))


async def _make(panel: Running, catalogue: Catalogue) -> _Made:
    cheap(panel)
    people = {"": "", **{role.value: await _session(panel, role) for role in Role}}
    article = next(iter(catalogue.articles))
    _ask(panel)
    async with panel.panel.sessions.begin() as session:
        await _write(session, panel, catalogue, article)
        release = await _release(session, panel)
        form = MultiDict([("answer", "Lo que escribía cuando terminó su sesión.")])
        left = await kept.keep(
            session, panel.panel.keys, f"{next(iter(Role)).value}@example.org",
            f"/panel/articles/{article}/edit", form, panel.clock(),
        )  # fmt: skip
        text = await published_text(session, article, "es")
        change = Change("text", article, "Un título", {}, "es")
        plan = MultiDict([("plan", Plan((change,), 0).dump())])
        imported = await kept.keep(
            session, panel.panel.keys, f"{Role.PUBLISHER.value}@example.org",
            "/panel/transfer/plan", plan, panel.clock(),
        )  # fmt: skip
    assert left is not None
    assert imported is not None
    assert text is not None
    async with panel.browser() as browser:
        await enrol(panel, browser, Role.AUTHOR, "coding@example.org")
    await panel.hire("enrolling@example.org", Role.AUTHOR)
    await panel.hire("welcome@example.org", Role.AUTHOR)
    for name in ("coding", "enrolling"):
        people[name] = await _token(panel, f"{name}@example.org", complete=False)
    link = await link_for(panel, "welcome@example.org")
    documents = _documents(catalogue)
    answers = [
        {"topic": one.partition("/")[0], "slug": one.partition("/")[2], "language": "fr"}
        for one in list(catalogue.articles)[:2]
    ]
    parts: dict[str, Sequence[Mapping[str, str]]] = {
        "/articles/": answers,
        "/translations/": answers,
        "/desk/": [{"id": "1"}, {"id": "2"}],
        "/documents/": documents,
        "/documents/offices/": [{"index": "0"}, {"index": "new"}],
        "/documents/path/": [{"document": next(iter(catalogue.paths), "new-path")}],
        "/documents/rules/": [{"document": next(iter(catalogue.emergency_rules), "es")}],
        "/documents/{kind}/{document}/compare": [
            {"kind": NOTICE, "document": NOTICE, "older": "1", "newer": "2"}
        ],
        "/kept/": [{"token": left}],
        "/releases/": [{"id": str(release)}],
        "/releases/texts/": [{"id": str(text.id)}],
        "/transfer/": [{"token": imported}],
        "/welcome/": [{"token": link.rpartition("/")[2]}],
    }
    return _Made(parts, people)


def _documents(catalogue: Catalogue) -> list[Mapping[str, str]]:
    """Return one document of each kind that has one."""
    first = {
        "card": next(iter(catalogue.cards), ""), "path": next(iter(catalogue.paths), ""),
        "topic": next(iter(catalogue.topics), ""), "intent": next(iter(catalogue.intents), ""),
        "rules": next(iter(catalogue.emergency_rules), ""), "whatsapp": "reminder",
        "phrases": "due",
    }  # fmt: skip
    found: list[Mapping[str, str]] = []
    for kind in KINDS.values():
        document = kind.name if kind.single else first.get(kind.name, kind.name)
        if document:
            form = "no" if not kind.fields or kind.name in _FORMLESS else "yes"
            found.append({"kind": kind.name, "document": document, "form": form})
    return found


async def _session(panel: Running, role: Role) -> str:
    await panel.hire(f"{role.value}@example.org", role)
    return await _token(panel, f"{role.value}@example.org", complete=True)


async def _token(panel: Running, email: str, *, complete: bool) -> str:
    async with panel.panel.sessions.begin() as session:
        return await sessions.begin(session, email, panel.clock(), complete=complete)


def _ask(panel: Running) -> None:
    """Let people have asked things, and two persons wait for an answer."""
    now = panel.clock()
    line = CaseLine(None, "¿Me pueden ayudar con mi trámite?", now)
    first = Case(
        1, "whatsapp", "es", "¿Dónde pido el carné?", "open", None, now - timedelta(hours=3), now,
        now + timedelta(hours=5), True, (line,),
    )  # fmt: skip
    desk = f"{Role.DESK.value}@example.org"
    panel.desk.given = {1: first, 2: replace(first, id=2, status="taken", staff=desk)}
    panel.questions.asked = [
        Asked(str(number), f"¿cómo hago el trámite {number}?", "es", "web", (), None, now)
        for number in range(60)
    ]


async def _write(session: AsyncSession, panel: Running, catalogue: Catalogue, article: str) -> None:
    """Leave a text, a translation and a notice half written; the notice for the second time."""
    for number, identity in enumerate(list(catalogue.articles)[:2]):
        who = Role.TRANSLATOR if number else Role.AUTHOR
        act = Act(f"{who.value}@example.org", panel.clock())
        language = "fr" if number else "es"
        now = await published_text(session, identity, language)
        assert now is not None
        sections = {**now.sections, "answer": "Un texto que **todavía** se está escribiendo."}
        fields = Fields(now.title, now.label, sections)
        draft = await editing.save_text(
            session, act, identity, language, fields, Seen(base=now.id)
        )  # fmt: skip
        if number:
            await editing.step(session, act, draft, Action.SUBMIT)
    act = Act(f"{Role.AUTHOR.value}@example.org", panel.clock())
    for day in ("01", "02"):
        body = {"text": {"es": f"El {day} no se atiende."}, "from": None, "until": None}
        row = await document_in_work(session, NOTICE, NOTICE)
        if row is not None:
            await editing.step(session, act, row, Action.DISCARD)
        await editing.save_document(session, act, NOTICE, NOTICE, body, Seen())


async def _release(session: AsyncSession, panel: Running) -> int:
    row = ReleaseRow(
        title="La primera", status=Stage.PUBLISHED, texts=[], documents=[], report={},
        created_by=f"{Role.PUBLISHER.value}@example.org", created_at=panel.clock(),
        published_at=panel.clock(),
    )  # fmt: skip
    session.add(row)
    await session.flush()
    return row.id
