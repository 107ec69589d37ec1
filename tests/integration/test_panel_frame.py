"""What stands before every page of the panel."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from content import audit
from content.panel import sessions
from content.panel.visit import HOME, inside
from content.staff import Role
from tests.fakes.panel import Running, running_panel


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


async def test_nobody_enters_without_signing_in(panel: Running) -> None:
    """A page leads to the sign-in and back to itself."""
    async with panel.browser() as browser:
        response = await browser.get("/panel/")
        assert response.status == 303
        assert response.headers["Location"] == "/panel/sign-in?next=/panel/"


async def test_a_signed_in_member_sees_her_page(panel: Running) -> None:
    """With headers that keep it from being framed, cached or scripted."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        response = await browser.get("/panel/")
        assert response.status == 200
        assert "author" in await response.text()
        assert response.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
)
async def test_forms_of_other_sites_are_refused(panel: Running, headers: dict[str, str]) -> None:
    """Whatever a browser says of another site, nothing is changed."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        response = await browser.post("/panel/language", {"language": "en"}, headers)
        assert response.status == 403
        assert "Salir" in await browser.text("/panel/")


async def test_the_panel_speaks_english(panel: Running) -> None:
    """The choice stays with the session."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert (await browser.post("/panel/language", {"language": "en"})).status == 303
        assert '<html lang="en">' in await browser.text("/panel/")


async def test_a_session_ends_by_rest_and_by_age(panel: Running) -> None:
    """After two hours without a request, and after twelve in any case."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        for _ in range(7):
            panel.clock.passes(timedelta(hours=1, minutes=40))
            assert (await browser.get("/panel/")).status == 200
        panel.clock.passes(timedelta(minutes=40))
        assert (await browser.get("/panel/")).status == 303
    async with panel.signed_in(Role.AUTHOR) as browser:
        panel.clock.passes(sessions.IDLE + timedelta(seconds=1))
        assert (await browser.get("/panel/")).status == 303


async def test_who_left_is_out_at_once(panel: Running) -> None:
    """Her open session leads nowhere."""
    from content import staff

    async with panel.signed_in(Role.AUTHOR) as browser:
        async with panel.panel.sessions.begin() as session:
            await staff.deactivate(session, "author@example.org")
        assert (await browser.get("/panel/")).status == 303


async def test_what_was_written_survives_the_end_of_a_session(panel: Running) -> None:
    """It is kept, sealed, and the sign-in leads back to it."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        panel.clock.passes(timedelta(hours=3))
        response = await browser.post("/panel/language", {"language": "un texto largo"})
        assert response.headers["Location"].startswith("/panel/sign-in?next=/panel/kept/")
    async with panel.panel.reads() as session:
        body = await session.scalar(text("SELECT body FROM staff_kept_forms"))
    assert "texto largo" not in body
    assert "texto largo" in panel.panel.keys.open(body)


async def test_strangers_store_nothing(panel: Running) -> None:
    """A form without any session is not kept: anybody could fill the disk with it."""
    async with panel.browser() as browser:
        assert (await browser.post("/panel/language", {"language": "x"})).status == 303
    async with panel.panel.reads() as session:
        assert await session.scalar(text("SELECT count(*) FROM staff_kept_forms")) == 0


async def test_forms_have_a_size(panel: Running) -> None:
    """One sentence says so."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        response = await browser.post("/panel/language", {"language": "x" * 300_000})
        assert response.status == 413
        assert "demasiado grande" in await response.text()


async def test_unknown_pages_say_so(panel: Running) -> None:
    """With the way to the first page."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        response = await browser.get("/panel/nothing/here")
        assert response.status == 404
        assert "no existe" in await response.text()


async def test_lines_of_the_audit_log_are_final(panel: Running) -> None:
    """The database itself refuses to change or delete them."""
    async with panel.panel.sessions.begin() as session:
        await audit.record(session, "a@example.org", "text_approved", "x es 1", panel.clock())
    for statement in ("UPDATE audit SET staff = 'b'", "DELETE FROM audit"):
        with pytest.raises(DBAPIError, match="final"):
            async with panel.panel.sessions.begin() as session:
                await session.execute(text(statement))


@pytest.mark.parametrize(
    "path",
    ["//evil.example", "https://evil.example", "/panel//evil.example", "/panel/\\evil", "", "/",
     "/panel/../", "/panel/\r\nSet-Cookie:x", "javascript:alert(1)"],
)  # fmt: skip
def test_redirects_stay_inside(path: str) -> None:
    """Whatever else is asked for leads to the first page."""
    assert inside(path) == HOME


def test_redirects_go_where_they_should() -> None:
    """A path with a query is kept."""
    assert inside("/panel/articles?q=a&page=2") == "/panel/articles?q=a&page=2"
