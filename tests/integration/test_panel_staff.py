"""The staff page and the audit log."""

import csv
import io
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from content import audit
from content.panel.entry import roster
from content.panel.tables import AuditRow
from content.staff import Role, StaffError, StaffRow
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_people import PASSWORD, cheap, enrol, give_password

SCRIPT = "<script>alert(1)</script>"
ADMIN = "administrator@example.org"


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel whose passwords cost little."""
    async with running_panel(engine) as running:
        cheap(running)
        yield running


async def role_of(panel: Running, email: str) -> tuple[str, bool]:
    """Return a member's role and whether she is active."""
    async with panel.panel.reads() as session:
        member = await session.get_one(StaffRow, email)
        return member.role, member.active


async def test_somebody_is_added_and_comes_in(panel: Running) -> None:
    """The link is shown once, and leads to her password."""
    async with panel.signed_in(Role.ADMINISTRATOR) as browser, panel.browser() as hers:
        form = {"name": f"Ana {SCRIPT}", "email": "Ana@Example.org", "role": "desk"}
        response = await browser.post("/panel/staff", form)
        page = await response.text()
        assert response.status == 200
        assert SCRIPT not in page
        link = page.split('value="http', 1)[1].split('"')[0].split("/panel", 1)[1]
        given = {"password": PASSWORD, "password_again": PASSWORD}
        assert "ana@example.org" in await hers.text(f"/panel{link}")
        assert (await hers.post(f"/panel{link}", given)).status == 303
        assert await role_of(panel, "ana@example.org") == ("desk", True)
        listed = await browser.text("/panel/staff")
        assert SCRIPT not in listed
        assert "aún no entró" in listed
        log = await browser.text("/panel/audit")
        assert "Agregó a una persona al equipo" in log
        assert "rol: Mesa de atención" in log


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"email": "no address"}, "no está bien escrito"),
        ({"email": ADMIN}, "ya es de alguien"),
        ({"name": ""}, "Escriba un nombre"),
        ({"name": "x" * 121}, "Escriba un nombre"),
        ({"role": "owner"}, "Elija un rol"),
        ({"role": ""}, "Elija un rol"),
    ],
)
async def test_what_was_typed_stays(panel: Running, change: dict[str, str], said: str) -> None:
    """With what is wrong beside the field; nobody was added."""
    form = {"name": "Ana Quispe", "email": "ana@example.org", "role": "desk", **change}
    async with panel.signed_in(Role.ADMINISTRATOR) as browser:
        response = await browser.post("/panel/staff", form)
        page = await response.text()
        assert response.status == 422
        assert said in page
        assert not form["name"] or f'value="{form["name"]}"' in page
    async with panel.panel.reads() as session:
        assert await session.get(StaffRow, "ana@example.org") is None


async def test_who_leaves_is_out_at_once_and_for_good(panel: Running) -> None:
    """Session, password, second factor and link are gone, even if she comes back."""
    async with panel.signed_in(Role.ADMINISTRATOR) as browser, panel.browser() as hers:
        person = await enrol(panel, hers, Role.AUTHOR)
        response = await browser.post("/panel/staff/deactivate", {"email": person.email})
        assert response.status == 303
        assert (await hers.get("/panel/")).status == 303
        assert (await give_password(hers, person.email, PASSWORD)).status == 422
        form = {"name": "Author", "email": person.email, "role": "desk"}
        assert (await browser.post("/panel/staff", form)).status == 200
        assert (await give_password(hers, person.email, PASSWORD)).status == 422


async def test_a_role_changes_at_once(panel: Running) -> None:
    """Her open session has the new rights and no others."""
    async with (
        panel.signed_in(Role.ADMINISTRATOR) as browser,
        panel.signed_in(Role.ANALYST) as hers,
    ):
        assert (await hers.get("/panel/audit")).status == 200
        form = {"email": "analyst@example.org", "role": "desk"}
        assert (await browser.post("/panel/staff/role", form)).status == 303
        assert (await hers.get("/panel/audit")).status == 403


@pytest.mark.parametrize(("act", "form"), [("role", {"role": "author"}), ("deactivate", {})])
async def test_nobody_locks_everybody_out(panel: Running, act: str, form: dict[str, str]) -> None:
    """Neither oneself by mistake, nor the last administrator."""
    async with panel.signed_in(Role.ADMINISTRATOR) as browser:
        response = await browser.post(f"/panel/staff/{act}", {"email": ADMIN, **form})
        assert response.status == 409
        assert "pídalo a otra persona" in await response.text()
        assert await role_of(panel, ADMIN) == ("administrator", True)
    with pytest.raises(roster.MayNot, match="last"):
        async with panel.panel.sessions.begin() as session:
            await roster.deactivate(session, roster.COMMAND_LINE, ADMIN, panel.clock())


async def test_two_administrators_cannot_remove_each_other(panel: Running) -> None:
    """Whoever is second is no administrator any more when her turn comes."""
    import asyncio

    async def remove(by: str, whom: str) -> None:
        async with panel.panel.sessions.begin() as session:
            await roster.deactivate(session, by, whom, panel.clock())

    for email in ("a@example.org", "b@example.org"):
        await panel.hire(email, Role.ADMINISTRATOR)
    done = await asyncio.gather(
        remove("a@example.org", "b@example.org"),
        remove("b@example.org", "a@example.org"),
        return_exceptions=True,
    )
    assert sorted(type(one) for one in done if one) == [StaffError]
    active = [(await role_of(panel, email))[1] for email in ("a@example.org", "b@example.org")]
    assert sorted(active) == [False, True]


@pytest.mark.parametrize("path", ["link", "role", "deactivate"])
async def test_acts_on_nobody_say_so(panel: Running, path: str) -> None:
    """Somebody else may have removed her meanwhile."""
    async with panel.signed_in(Role.ADMINISTRATOR) as browser:
        form = {"email": "gone@example.org", "role": "desk"}
        response = await browser.post(f"/panel/staff/{path}", form)
        assert response.status == 422
        assert "ya no está activa" in await response.text()


async def many_lines(panel: Running, count: int) -> None:
    """Fill the audit log."""
    lines = [
        {"at": panel.clock() + timedelta(seconds=n), "staff": f"s{n % 3}@example.org",
         "action": "link_made" if n % 2 else "signed_in", "subject": f"subject {n}%_", "detail": {}}
        for n in range(count)
    ]  # fmt: skip
    async with panel.panel.sessions.begin() as session:
        await session.execute(insert(AuditRow), lines)


async def test_the_log_has_pages(panel: Running) -> None:
    """Fifty lines each, newest first, none twice."""
    await many_lines(panel, 120)
    async with panel.signed_in(Role.ANALYST) as browser:
        path, seen = "/panel/audit", []
        while path:
            page = await browser.text(path)
            seen += [part.split("<")[0] for part in page.split(">subject ")[1:]]
            older = page.split('href="/panel/audit?')[1:]
            links = [part.split('"')[0] for part in older if "Más antiguos" in part[:200]]
            path = f"/panel/audit?{links[0]}".replace("&amp;", "&") if links else ""
        assert seen == [f"{n}%_" for n in reversed(range(120))]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("staff=s1@example.org", 40),
        ("action=link_made", 60),
        ("subject=SUBJECT%2011", 11),
        ("subject=%25_", 120),
        ("subject=_1", 0),
        ("since=2026-11-24", 0),
        ("until=2026-11-22", 0),
        ("since=2026-11-23&until=2026-11-23", 120),
        ("since=yesterday&until=0001-01-01&before=x", 120),
        ("staff=s1@example.org&action=link_made", 20),
        ("staff='%20OR%201=1", 0),
    ],
)
async def test_the_log_is_filtered(panel: Running, query: str, found: int) -> None:
    """The page and the file agree; what makes no sense is left out."""
    await many_lines(panel, 120)
    async with panel.signed_in(Role.ANALYST) as browser:
        page = await browser.text(f"/panel/audit?{query}")
        assert page.count(">subject ") == min(found, 50)
        file = await browser.text(f"/panel/audit.csv?{query}")
        assert len(list(csv.reader(io.StringIO(file)))) == found + 1


async def test_the_file_is_whole_and_holds_no_formula(panel: Running) -> None:
    """Whatever stands in a subject; beyond one batch."""
    await many_lines(panel, 1203)
    async with panel.panel.sessions.begin() as session:
        for evil in ("=HYPERLINK(1)", "+1", "-1", "@x", "\t=1", SCRIPT):
            await audit.record(session, "a@example.org", "x", evil, panel.clock(), note=evil)
    async with panel.signed_in(Role.ANALYST) as browser:
        response = await browser.get("/panel/audit.csv")
        assert response.content_type == "text/csv"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Cache-Control"] == "no-store"
        rows = list(csv.reader(io.StringIO((await response.read()).decode("utf-8-sig"))))
        assert len(rows) == 1203 + 6 + 1
        assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t"))]
        assert SCRIPT not in await browser.text("/panel/audit")
        head = await browser.client.head("/panel/audit.csv", headers=browser._headers())
        assert head.status == 200


async def test_the_log_names_what_was_done(panel: Running) -> None:
    """In the words of the panel, in both languages' place; the database refuses to change it."""
    async with panel.signed_in(Role.ANALYST) as browser:
        assert "Todavía no hay nada" in await browser.text("/panel/audit")
        async with panel.panel.sessions.begin() as session:
            await audit.record(session, ADMIN, "an_act_without_name", "x", panel.clock())
        assert "an act without name" in await browser.text("/panel/audit")
        assert "Nada coincide" in await browser.text("/panel/audit?subject=zzz")
    async with panel.panel.reads() as session:
        assert await session.scalar(text("SELECT count(*) FROM audit")) == 1
