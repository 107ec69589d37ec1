"""Coming into the panel: password, code, one-time link; and who does not."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from statistics import median

import pytest
from argon2 import PasswordHasher
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from content.panel import sessions
from content.panel.app import PanelSettings
from content.panel.entry import attempts, links, purging
from content.panel.entry.passwords import Passwords
from content.staff import Role
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_people import (
    PASSWORD,
    cheap,
    enrol,
    give_code,
    give_password,
    hidden,
    link_for,
    take_cookie,
    welcome,
)

ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel whose passwords cost little."""
    async with running_panel(engine) as running:
        cheap(running)
        yield running


@pytest.fixture
async def small(engine: AsyncEngine) -> AsyncIterator[Running]:
    """The same for tests that are `ONCE`."""
    async with running_panel(engine) as running:
        cheap(running)
        yield running


async def test_the_first_time_and_the_next_day(panel: Running) -> None:
    """By a link: password, second factor, recovery codes; then by password and code."""
    async with panel.browser() as browser:
        person = await enrol(panel, browser, Role.AUTHOR)
        assert len(person.codes) == 10
        assert "author" in await browser.text("/panel/")
    panel.clock.passes(timedelta(days=1))
    async with panel.browser() as browser:
        response = await give_password(browser, "Author@Example.org ", PASSWORD, "/panel/account")
        assert response.headers["Location"] == "/panel/sign-in/code?next=/panel/account"
        assert (await browser.get("/panel/")).status == 303, "the password alone opens nothing"
        response = await give_code(browser, person.code(panel), "/panel/account")
        assert response.headers["Location"] == "/panel/account"
        assert "Mi cuenta" in await browser.text("/panel/account")
    async with panel.panel.reads() as session:
        acts = await session.execute(text("SELECT action FROM audit ORDER BY id"))
        assert [row.action for row in acts] == ["link_used", "second_factor_set", "signed_in"]


async def test_a_code_is_taken_once(panel: Running) -> None:
    """Who saw it over her shoulder cannot come in with it."""
    async with panel.browser() as browser, panel.browser() as thief:
        person = await enrol(panel, browser, Role.AUTHOR)
        panel.clock.passes(timedelta(minutes=2))
        code = person.code(panel)
        for who, status in ((browser, 303), (thief, 422)):
            await give_password(who, person.email, PASSWORD)
            assert (await give_code(who, code)).status == status


async def test_a_recovery_code_is_taken_once(panel: Running) -> None:
    """In place of the telephone; it leads to her account."""
    async with panel.browser() as browser:
        person = await enrol(panel, browser, Role.AUTHOR)
        await give_password(browser, person.email, PASSWORD)
        response = await give_code(browser, person.codes[3].upper())
        assert response.headers["Location"] == "/panel/account"
        assert "Le quedan 9 de 10" in await browser.text("/panel/account")
        await give_password(browser, person.email, PASSWORD)
        assert (await give_code(browser, person.codes[3])).status == 422


async def test_secrets_are_stored_hashed_or_sealed(panel: Running) -> None:
    """Who reads the database finds no password, no secret, no recovery code and no token."""
    async with panel.browser() as browser:
        person = await enrol(panel, browser, Role.AUTHOR)
        link = await link_for(panel, person.email)
    async with panel.panel.reads() as session:
        stored = ""
        for table in ("staff_credentials", "staff_sessions", "staff_links", "staff_attempts"):
            stored += str((await session.execute(text(f"SELECT * FROM {table}"))).all())  # noqa: S608
    for secret in (PASSWORD, person.secret, *person.codes, browser.token, link.split("/")[-1]):
        assert secret not in stored
    assert "$argon2id$" in stored


@ONCE
async def test_nobody_learns_who_is_staff(small: Running) -> None:
    """A wrong password, an unknown address, somebody who left: one text, one status, no cookie."""
    from content import staff

    async with small.browser() as browser:
        for email in ("author@example.org", "left@example.org"):
            await enrol(small, browser, Role.AUTHOR, email)
        await small.hire("never-came@example.org", Role.AUTHOR)
        async with small.panel.sessions.begin() as session:
            await staff.deactivate(session, "left@example.org")
    answers = set()
    async with small.browser() as browser:
        for email in ("author", "left", "never-came", "nobody"):
            address = f"{email}@example.org"
            password = PASSWORD if email == "left" else "wrong"
            response = await give_password(browser, address, password)
            page = (await response.text()).replace(address, "")
            answers.add((response.status, page, response.headers.get("Set-Cookie")))
    assert len(answers) == 1
    assert answers.pop()[0] == 422


@ONCE
async def test_time_does_not_tell_who_is_staff(small: Running) -> None:
    """With the real parameters, an unknown address takes the time of a known one."""
    async with small.browser() as browser:
        await enrol(small, browser, Role.AUTHOR)
        small.panel.passwords = Passwords()
        hashed = await small.panel.passwords.hash(PASSWORD)
        async with small.panel.sessions.begin() as session:
            await session.execute(text("UPDATE staff_credentials SET password = :h"), {"h": hashed})
        await give_password(browser, "first@example.org", "wrong")
        taken: dict[str, list[float]] = {"author": [], "nobody": []}
        for _ in range(8):
            for name, times in taken.items():
                begun = time.perf_counter()
                response = await give_password(browser, f"{name}@example.org", "wrong")
                times.append(time.perf_counter() - begun)
                assert response.status == 422
            small.clock.passes(timedelta(days=2))
    known, unknown = median(taken["author"]), median(taken["nobody"])
    assert 0.5 < known / unknown < 2, (known, unknown)


@pytest.mark.parametrize("email", ["author@example.org", "nobody@example.org"])
async def test_each_failure_makes_the_next_wait_longer(panel: Running, email: str) -> None:
    """After five; whether somebody has the address or not."""
    async with panel.browser() as browser:
        await enrol(panel, browser, Role.AUTHOR)
        for _ in range(attempts.FREE):
            assert (await give_password(browser, email, "wrong")).status == 422
        response = await give_password(browser, email, PASSWORD)
        assert response.status == 429
        assert "Espere 1 min" in await response.text()
        panel.clock.passes(timedelta(seconds=61))
        assert (await give_password(browser, email, "wrong")).status == 422
        panel.clock.passes(timedelta(seconds=61))
        assert "Espere 1 min" in await (await give_password(browser, email, "wrong")).text()
        panel.clock.passes(timedelta(seconds=61))
        right = await give_password(browser, email, PASSWORD)
        assert right.status == (303 if email.startswith("author") else 422)


async def test_guessing_codes_is_locked_although_the_password_is_right(panel: Running) -> None:
    """Signing in again with the password does not start the count anew."""
    async with panel.browser() as browser:
        person = await enrol(panel, browser, Role.AUTHOR)
        statuses = []
        for _ in range(attempts.FREE):
            assert (await give_password(browser, person.email, PASSWORD)).status == 303
            statuses.append((await give_code(browser, "000000")).status)
        assert statuses == [422] * attempts.FREE
        assert (await give_code(browser, person.code(panel))).status == 429
        assert (await give_password(browser, person.email, PASSWORD)).status == 429


@ONCE
async def test_one_place_is_slowed_down(small: Running) -> None:
    """Trying many addresses from one place ends soon; forwarded headers change nothing."""
    async with small.browser() as browser:
        for n in range(attempts.BURST):
            forged = {"X-Forwarded-For": f"203.0.113.{n}"}
            form = {"email": f"a{n}@example.org", "password": "x"}
            assert (await browser.post("/panel/sign-in", form, forged)).status == 422
        response = await browser.post("/panel/sign-in", {"email": "b@example.org"})
        assert response.status == 429


async def test_a_planted_session_is_never_signed_in(panel: Running) -> None:
    """Each step gives a new token, and the one before leads nowhere."""
    async with panel.browser() as browser:
        person = await enrol(panel, browser, Role.AUTHOR)
        panel.clock.passes(timedelta(minutes=1))
        tokens = ["planted-by-somebody"]
        browser.token = tokens[0]
        await give_password(browser, person.email, PASSWORD)
        tokens.append(browser.token)
        await give_code(browser, person.code(panel))
        assert (await browser.get("/panel/")).status == 200
        assert browser.token not in tokens
        for token in tokens:
            browser.token = token
            assert (await browser.get("/panel/")).status == 303
    async with panel.panel.reads() as session:
        left = await session.scalar(text("SELECT count(*) FROM staff_sessions"))
    assert left == 2, "one of the enrolment, one of now; none that waits for a code"


@ONCE
async def test_the_second_step_does_not_wait_for_ever(small: Running) -> None:
    """Half an hour after the password it must be given again."""
    async with small.browser() as browser:
        person = await enrol(small, browser, Role.AUTHOR)
        small.clock.passes(timedelta(minutes=1))
        await give_password(browser, person.email, PASSWORD)
        small.clock.passes(sessions.UNFINISHED + timedelta(seconds=1))
        response = await give_code(browser, person.code(small))
        assert response.headers["Location"].startswith("/panel/sign-in?")


@ONCE
async def test_nobody_skips_the_second_factor(small: Running) -> None:
    """Who has one is not offered another by the password alone; who has none must set it up."""
    async with small.browser() as browser:
        person = await enrol(small, browser, Role.AUTHOR)
        await give_password(browser, person.email, PASSWORD)
        response = await browser.get("/panel/sign-in/second-factor")
        assert response.headers["Location"].startswith("/panel/sign-in/code")
        response = await browser.post("/panel/sign-in/second-factor", {"code": "1"})
        assert response.status == 303
    async with small.browser() as browser:
        await small.hire("half@example.org", Role.DESK)
        path = await link_for(small, "half@example.org")
        await browser.post(path, {"password": PASSWORD, "password_again": PASSWORD})
        await give_password(browser, "half@example.org", PASSWORD)
        response = await browser.get("/panel/sign-in/code")
        assert response.headers["Location"].startswith("/panel/sign-in/second-factor")
        assert (await browser.get("/panel/")).status == 303


@ONCE
async def test_a_mistyped_code_keeps_the_picture(small: Running) -> None:
    """The same secret is shown again; one that was made up, or another session's, is not taken."""
    async with small.browser() as browser:
        await small.hire("new@example.org", Role.DESK)
        path = await link_for(small, "new@example.org")
        response = await browser.post(path, {"password": PASSWORD, "password_again": PASSWORD})
        take_cookie(browser, response)
        address = "/panel/sign-in/second-factor"
        first = await browser.text(address)
        key = first.split('class="key">')[1].split("<")[0]
        form = {"sealed": hidden(first, "sealed"), "code": "12"}
        again = await browser.post(address, form)
        assert again.status == 422
        assert key in await again.text()
        made_up = await browser.post(address, {"sealed": "made up", "code": "123456"})
        assert made_up.status == 422
        assert key not in await made_up.text()


async def test_a_link_serves_once_and_not_for_ever(panel: Running) -> None:
    """And a newer one ends it."""
    given = {"password": PASSWORD, "password_again": PASSWORD}
    await panel.hire("a@example.org", Role.AUTHOR)
    async with panel.browser() as browser:
        older = await link_for(panel, "a@example.org")
        link = await link_for(panel, "a@example.org")
        assert (await browser.get(older)).status == 410
        assert (await browser.get(link)).status == 200
        assert (await browser.get(link)).status == 200, "looking at it does not use it up"
        assert (await browser.post(link, given)).status == 303
        assert (await browser.post(link, given)).status == 410
        late = await link_for(panel, "a@example.org")
        panel.clock.passes(timedelta(hours=48, seconds=1))
        assert (await browser.get(late)).status == 410
        assert (await browser.post(late, given)).status == 410
        assert (await browser.get("/panel/welcome/made-up")).status == 410


async def test_of_two_at_once_one_uses_a_link(panel: Running) -> None:
    """Whoever comes second is told that it is used up."""
    await panel.hire("a@example.org", Role.AUTHOR)
    async with panel.panel.sessions.begin() as session:
        token = await links.make(session, "a@example.org", panel.clock())
    used = []
    for _ in range(2):
        async with panel.panel.sessions.begin() as session:
            used.append(await links.use(session, token, panel.clock()))
    assert used == [True, False]


async def test_an_old_hash_is_made_again(panel: Running) -> None:
    """When she signs in, and not when somebody guesses."""

    async def stored() -> str:
        async with panel.panel.reads() as session:
            return str(await session.scalar(text("SELECT password FROM staff_credentials")))

    async with panel.browser() as browser:
        person = await enrol(panel, browser, Role.AUTHOR)
        before = await stored()
        panel.panel.passwords = Passwords(PasswordHasher(2, 64, 1))
        await give_password(browser, person.email, "wrong")
        assert await stored() == before
        assert (await give_password(browser, person.email, PASSWORD)).status == 303
        assert "t=2" in await stored()
        assert (await give_password(browser, person.email, PASSWORD)).status == 303


async def test_a_new_link_replaces_password_and_second_factor(panel: Running) -> None:
    """For who lost them; her open sessions end when she uses it."""
    async with panel.browser() as browser, panel.browser() as second:
        person = await enrol(panel, browser, Role.AUTHOR)
        before = person.secret
        person.password = "otra vaca tormenta risa"
        await welcome(panel, second, person)
        assert person.secret != before
        assert (await browser.get("/panel/")).status == 303
        assert (await second.get("/panel/")).status == 200
        assert (await give_password(browser, person.email, PASSWORD)).status == 422


@ONCE
@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("corta", "corta", "al menos 12"),
        ("Contraseña2026!", "Contraseña2026!", "fácil de adivinar"),
        (PASSWORD, PASSWORD + "x", "no son iguales"),
        ("", "", "al menos 12"),
    ],
)
async def test_weak_passwords_are_refused(
    small: Running, password: str, again: str, said: str
) -> None:
    """The page says why, beside the field, and the link still serves."""
    await small.hire("a@example.org", Role.AUTHOR)
    link = await link_for(small, "a@example.org")
    async with small.browser() as browser:
        response = await browser.post(link, {"password": password, "password_again": again})
        assert response.status == 422
        assert said in await response.text()
        assert (await browser.get(link)).status == 200


@ONCE
@pytest.mark.parametrize(
    "following",
    ["https://evil.example", "//evil.example", "/panel/\r\nSet-Cookie: a=b", "/panel/\\evil",
     "javascript:alert(1)", "/panel/../x", "/elsewhere"],
)  # fmt: skip
async def test_sign_in_leads_nowhere_else(small: Running, following: str) -> None:
    """Whatever stands in `next`, at each step, by form or by address."""
    async with small.browser() as browser:
        person = await enrol(small, browser, Role.AUTHOR)
        small.clock.passes(timedelta(minutes=1))
        response = await give_password(browser, person.email, PASSWORD, following)
        assert response.headers["Location"] == "/panel/sign-in/code?next=/panel/"
        response = await give_code(browser, person.code(small), following)
        assert response.headers["Location"] == "/panel/"
        response = await browser.client.get(
            "/panel/sign-in", params={"next": following}, allow_redirects=False,
            headers={"Cookie": f"{browser.cookie}={browser.token}"},
        )  # fmt: skip
        assert response.headers["Location"] == "/panel/"


async def test_signing_out_ends_the_session(panel: Running) -> None:
    """Not only in the browser: the token is worth nothing afterwards."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert (await browser.post("/panel/sign-out")).status == 303
        assert (await browser.get("/panel/")).status == 303


@ONCE
async def test_the_sign_in_speaks_english(small: Running) -> None:
    """The browser remembers it for the next time."""
    async with small.browser() as browser:
        response = await browser.post("/panel/sign-in/language", {"language": "en"})
        assert "orienta-panel-language=en" in response.headers["Set-Cookie"]
        page = await browser.client.get(
            "/panel/sign-in", headers={"Cookie": "orienta-panel-language=en"}
        )
        assert '<html lang="en">' in await page.text()


@ONCE
async def test_the_address_that_was_typed_is_only_shown(small: Running) -> None:
    """It is no markup."""
    async with small.browser() as browser:
        response = await give_password(browser, '"><script>alert(1)</script>', "x", '"><script>')
        assert "<script>alert" not in await response.text()


@ONCE
@pytest.mark.parametrize("secure", [False, True])
async def test_how_the_cookie_is_set(engine: AsyncEngine, secure: bool) -> None:
    """No script sees it, no other site sends it with a form; by HTTPS it is bound to the host."""
    async with running_panel(engine, settings=PanelSettings(secure=secure)) as running:
        cheap(running)
        await running.hire("a@example.org", Role.AUTHOR)
        link = await link_for(running, "a@example.org")
        async with running.browser() as browser:
            given = {"password": PASSWORD, "password_again": PASSWORD}
            header = take_cookie(browser, await browser.post(link, given))
    assert header.startswith("__Host-orienta-staff=" if secure else "orienta-staff=")
    parts = {part.strip() for part in header.split(";")[1:]}
    wanted = {"HttpOnly", "SameSite=Lax", "Path=/"} | ({"Secure"} if secure else set())
    assert parts == wanted


async def test_what_is_over_is_deleted(panel: Running) -> None:
    """Sessions, links, attempts and kept forms; nothing that still counts."""
    tables = ("staff_sessions", "staff_links", "staff_attempts", "staff_kept_forms")

    async def counted() -> list[int]:
        async with panel.panel.reads() as session:
            found = [await session.scalar(text(f"SELECT count(*) FROM {t}")) for t in tables]  # noqa: S608
        return [int(one or 0) for one in found]

    async with panel.browser() as browser:
        await enrol(panel, browser, Role.AUTHOR)
        await link_for(panel, "author@example.org")
        await give_password(browser, "nobody@example.org", "wrong")
        panel.clock.passes(timedelta(hours=3))
        response = await browser.post("/panel/language", {"language": "what she wrote"})
        assert "/panel/kept/" in response.headers["Location"]
    for days, left in ((0, [1, 1, 1, 1]), (3, [1, 0, 0, 0]), (6, [0, 0, 0, 0])):
        panel.clock.passes(timedelta(days=days))
        async with panel.panel.sessions.begin() as session:
            await purging.purge(session, panel.clock())
        assert await counted() == left
