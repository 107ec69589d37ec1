"""One's own account, and what was being written when a session ended."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from content.panel.entry import kept
from content.staff import Role
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_people import (
    PASSWORD,
    cheap,
    enrol,
    give_code,
    give_password,
    hidden,
    take_cookie,
)

NEW = "otra vaca tormenta risa"
SCRIPT = '<script>alert("x")</script>'


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel whose passwords cost little."""
    async with running_panel(engine) as running:
        cheap(running)
        yield running


async def test_a_changed_password_ends_the_other_sessions(panel: Running) -> None:
    """Whoever had come in with the old one is out; she herself goes on, with a new token."""
    async with panel.browser() as browser, panel.browser() as other:
        person = await enrol(panel, browser, Role.AUTHOR)
        panel.clock.passes(timedelta(minutes=1))
        await give_password(other, person.email, PASSWORD)
        await give_code(other, person.code(panel))
        assert (await other.get("/panel/")).status == 200
        before = browser.token
        form = {"current_password": PASSWORD, "password": NEW, "password_again": NEW}
        response = await browser.post("/panel/account/password", form)
        assert response.headers["Location"] == "/panel/account"
        take_cookie(browser, response)
        assert browser.token != before
        assert "Su contraseña cambió" in await browser.text("/panel/account")
        assert (await other.get("/panel/")).status == 303
        assert (await give_password(other, person.email, PASSWORD)).status == 422
        assert (await give_password(other, person.email, NEW)).status == 303


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"current_password": "wrong"}, "Esa no es su contraseña actual"),
        ({"password": "corta", "password_again": "corta"}, "al menos 12"),
        ({"password_again": "otra"}, "no son iguales"),
    ],
)
async def test_a_password_is_not_changed_by_mistake(
    panel: Running, form: dict[str, str], said: str
) -> None:
    """The page says beside the field what is wrong."""
    right = {"current_password": PASSWORD, "password": NEW, "password_again": NEW}
    async with panel.browser() as browser:
        await enrol(panel, browser, Role.AUTHOR)
        response = await browser.post("/panel/account/password", {**right, **form})
        assert response.status == 422
        assert said in await response.text()
        assert (await browser.get("/panel/")).status == 200


async def test_who_finds_an_open_browser_cannot_guess_the_password(panel: Running) -> None:
    """The attempts are counted there too."""
    async with panel.browser() as browser:
        await enrol(panel, browser, Role.AUTHOR)
        for _ in range(5):
            response = await browser.post(
                "/panel/account/recovery-codes", {"current_password": "x"}
            )
            assert response.status == 422
        form = {"current_password": PASSWORD}
        assert (await browser.post("/panel/account/recovery-codes", form)).status == 429


async def test_new_recovery_codes_end_the_old_ones(panel: Running) -> None:
    """They are shown once, after the password."""
    async with panel.browser() as browser:
        person = await enrol(panel, browser, Role.AUTHOR)
        form = {"current_password": PASSWORD}
        page = await (await browser.post("/panel/account/recovery-codes", form)).text()
        codes = re.findall(r"<li><code>([a-z0-9-]+)</code>", page)
        assert len(set(codes) | set(person.codes)) == 20
        await give_password(browser, person.email, PASSWORD)
        assert (await give_code(browser, person.codes[0])).status == 422
        assert (await give_code(browser, codes[0])).status == 303


async def test_another_telephone(panel: Running) -> None:
    """Needs the password, then a code of the new one; the old one no longer serves."""
    import pyotp

    async with panel.browser() as browser, panel.browser() as other:
        person = await enrol(panel, browser, Role.AUTHOR)
        panel.clock.passes(timedelta(minutes=1))
        await give_password(other, person.email, PASSWORD)
        await give_code(other, person.code(panel))
        refused = await browser.post("/panel/account/second-factor", {"current_password": "x"})
        assert refused.status == 422
        form = {"current_password": PASSWORD}
        page = await (await browser.post("/panel/account/second-factor", form)).text()
        found = re.search(r'class="key">([A-Z2-7 ]+)<', page)
        assert found
        secret = found[1].replace(" ", "")
        assert secret != person.secret
        address = "/panel/account/second-factor/confirm"
        stolen = {"sealed": hidden(page, "sealed"), "code": pyotp.TOTP(secret).at(panel.clock())}
        # What was shown to one session is nothing in another.
        assert (await other.post(address, stolen)).status == 422
        assert (await browser.post(address, {**stolen, "code": "1"})).status == 422
        response = await browser.post(address, stolen)
        assert response.status == 200
        take_cookie(browser, response)
        assert (await browser.get("/panel/")).status == 200
        assert (await other.get("/panel/")).status == 303
        panel.clock.passes(timedelta(minutes=1))
        await give_password(other, person.email, PASSWORD)
        assert (await give_code(other, person.code(panel))).status == 422
        person.secret = secret
        assert (await give_code(other, person.code(panel))).status == 303


async def test_sessions_are_listed_and_ended(panel: Running) -> None:
    """One by one, or all the others; nobody ends a colleague's."""
    async with (
        panel.signed_in(Role.AUTHOR) as browser,
        panel.signed_in(Role.AUTHOR) as second,
        panel.signed_in(Role.AUTHOR) as third,
        panel.signed_in(Role.DESK) as colleague,
    ):
        page = await browser.text("/panel/account")
        ids = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
        assert len(ids) == 3
        for one in ids:
            await colleague.post("/panel/account/sessions/end", {"session": one})
        assert (await second.get("/panel/")).status == 200
        mine = re.findall(
            r'name="session" value="([0-9a-f]{16})"', await second.text("/panel/account")
        )
        assert sorted(mine) == sorted(ids)
        await browser.post("/panel/account/sessions/end-others")
        assert [(await one.get("/panel/")).status for one in (browser, second, third)] == [
            200, 303, 303,
        ]  # fmt: skip
        page = await browser.text("/panel/account")
        (last,) = re.findall(r'name="session" value="([0-9a-f]{16})"', page)
        response = await browser.post("/panel/account/sessions/end", {"session": last})
        assert response.headers["Location"] == "/panel/sign-in"
        assert (await browser.get("/panel/")).status == 303
        assert (await colleague.get("/panel/")).status == 200


async def test_a_browser_is_no_markup(panel: Running) -> None:
    """Nor is a name."""
    await panel.hire("x@example.org", Role.AUTHOR, SCRIPT)
    async with panel.signed_in(Role.AUTHOR, "x@example.org") as browser:
        async with panel.panel.sessions.begin() as session:
            await session.execute(text("UPDATE staff_sessions SET browser = :b"), {"b": SCRIPT})
        assert SCRIPT not in await browser.text("/panel/account")


async def kept_path(panel: Running, email: str, form: dict[str, str], path: str) -> str:
    """Let somebody send a form after her session has ended; return where it is kept."""
    async with panel.signed_in(Role.AUTHOR, email) as browser:
        panel.clock.passes(timedelta(hours=3))
        response = await browser.post(path, form)
        return response.headers["Location"].partition("next=")[2]


async def test_what_was_written_is_sent_again(panel: Running) -> None:
    """Shown to her, sent by one button with all fields, and then deleted."""
    words = f"primera línea\n  segunda {SCRIPT}"
    form = {"text": words, "language": "en"}
    path = await kept_path(panel, "a@example.org", form, "/panel/language")
    assert path.startswith("/panel/kept/")
    async with panel.signed_in(Role.AUTHOR, "a@example.org") as browser:
        page = await browser.text(path)
        assert "primera línea\n  segunda &lt;script&gt;" in page
        assert SCRIPT not in page
        assert hidden(page, "language") == "en"
        found = re.search(r'action="(/panel/language\?kept=[^"]+)"', page)
        assert found
        response = await browser.post(found[1], {"language": "en"})
        assert response.status == 303
        assert '<html lang="en">' in await browser.text("/panel/")
        assert (await browser.get(path)).status == 404, "it has arrived"


async def test_what_was_not_taken_stays_kept(panel: Running) -> None:
    """A refused form is not lost."""
    path = await kept_path(panel, "a@example.org", {"email": "b@example.org"}, "/panel/staff")
    async with panel.signed_in(Role.AUTHOR, "a@example.org") as browser:
        target = re.search(r'action="(/panel/staff\?kept=[^"]+)"', await browser.text(path))
        assert target
        assert (await browser.post(target[1], {"email": "b@example.org"})).status == 403
        assert (await browser.get(path)).status == 200


async def test_nobody_else_reads_what_was_kept(panel: Running) -> None:
    """Not even an administrator who has the address; and nobody after a day."""
    path = await kept_path(panel, "a@example.org", {"text": "palabras"}, "/panel/language")
    async with panel.signed_in(Role.ADMINISTRATOR) as browser:
        assert (await browser.get(path)).status == 404
        assert (await browser.post(f"{path}/forget")).status == 404
    panel.clock.passes(kept.VALID + timedelta(seconds=1))
    async with panel.signed_in(Role.AUTHOR, "a@example.org") as browser:
        assert (await browser.get(path)).status == 404


async def test_what_was_kept_can_be_thrown_away(panel: Running) -> None:
    """By a second button."""
    path = await kept_path(panel, "a@example.org", {"text": "palabras"}, "/panel/language")
    async with panel.signed_in(Role.AUTHOR, "a@example.org") as browser:
        assert (await browser.post(f"{path}/forget")).status == 303
        assert (await browser.get(path)).status == 404


async def test_passwords_are_never_kept(panel: Running) -> None:
    """A form of the account is sent to the sign-in, and forgotten."""
    form = {"current_password": PASSWORD, "password": NEW, "password_again": NEW}
    path = await kept_path(panel, "a@example.org", form, "/panel/account/password")
    assert path == "/panel/"
    path = await kept_path(panel, "a@example.org", {**form, "x": "1"}, "/panel/language")
    assert path.startswith("/panel/kept/")
    async with panel.panel.reads() as session:
        bodies = list(await session.scalars(text("SELECT body FROM staff_kept_forms")))
    assert len(bodies) == 1
    assert PASSWORD not in panel.panel.keys.open(bodies[0])
