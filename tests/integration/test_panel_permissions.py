"""Who reaches what in the panel: each address asked by each role, against a reviewed table."""

import re
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from content.panel import sessions
from content.panel.app import build
from content.panel.permissions import Permission
from content.panel.routes import ROUTES
from content.panel.routing import Route, get
from content.panel.visit import Visit
from content.staff import Role
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_permissions import COMMAND, FILE, reviewed, written

ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POSTS = [route.path for route in ROUTES if route.method == "POST"]


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


async def begun(panel: Running, email: str, *, complete: bool) -> str:
    """Return the token of a new session."""
    async with panel.panel.sessions.begin() as session:
        return await sessions.begin(session, email, panel.clock(), complete=complete)


def address(path: str) -> str:
    """Return a path with something in place of its parts that each of them takes."""

    def something(part: re.Match[str]) -> str:
        pattern = part[1].partition(":")[2] or "[^/]+"
        return next(value for value in ("1", "es", "a-b") if re.fullmatch(pattern, value))

    return "/panel" + re.sub(r"\{((?:[^{}]|\{[^{}]*\})*)\}", something, path)


def test_the_table_of_permissions_was_reviewed() -> None:
    """A new or changed route stands in it only after somebody read who reaches it."""
    assert FILE.read_text(encoding="utf-8") == written(), (
        f"The routes differ from {FILE.name}. Run `{COMMAND}`, and read the difference."
    )


@ONCE
@pytest.mark.parametrize("role", list(Role))
async def test_each_role_reaches_what_the_table_says(panel: Running, role: Role) -> None:
    """The running panel answers 403 to all else, and fails nowhere."""
    wrong = []
    async with panel.signed_in(role) as browser:
        for (method, path), roles in reviewed().items():
            send = browser.get if method == "GET" else browser.post
            response = await send(address(path))
            allowed = roles is None or role in roles
            if response.status >= 500 or (response.status == 403) is allowed:
                wrong.append(f"{method} {path}: {response.status}")
            if path == "/sign-out":
                browser.token = await begun(panel, f"{role.value}@example.org", complete=True)
            elif roles and response.headers.get("Location", "").startswith("/panel/sign-in"):
                wrong.append(f"{method} {path}: led to the sign-in")
    assert not wrong


@ONCE
async def test_strangers_reach_the_sign_in_only(panel: Running) -> None:
    """All else leads there."""
    wrong = []
    async with panel.browser() as browser:
        for (method, path), roles in reviewed().items():
            response = await (browser.get if method == "GET" else browser.post)(address(path))
            led = response.headers.get("Location", "").startswith("/panel/sign-in?next=")
            if response.status >= 500 or (roles is not None and not led):
                wrong.append(f"{method} {path}: {response.status}")
    assert not wrong


@ONCE
async def test_half_signed_in_is_not_signed_in(panel: Running) -> None:
    """Before the second factor, no page that needs a permission opens."""
    await panel.hire("a@example.org", Role.PUBLISHER)
    wrong = []
    async with panel.browser() as browser:
        browser.token = await begun(panel, "a@example.org", complete=False)
        for (method, path), roles in reviewed().items():
            response = await (browser.get if method == "GET" else browser.post)(address(path))
            if roles is not None and response.status != 303:
                wrong.append(f"{method} {path}: {response.status}")
            if path == "/sign-out":
                browser.token = await begun(panel, "a@example.org", complete=False)
    assert not wrong


@ONCE
async def test_no_other_site_sends_a_form(panel: Running) -> None:
    """Every act is refused when a browser says that another site sends it, or says nothing."""
    wrong = []
    async with panel.signed_in(Role.ADMINISTRATOR) as browser:
        cookie = {"Cookie": f"{browser.cookie}={browser.token}"}
        for path in POSTS:
            for headers in (
                {"Sec-Fetch-Site": "cross-site"},
                {"Sec-Fetch-Site": "same-site"},
                {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
                {"Origin": "null"},
                {},
            ):
                response = await browser.client.post(
                    address(path), data={"a": "b"}, headers={**cookie, **headers},
                    allow_redirects=False,
                )  # fmt: skip
                if response.status != 403:
                    wrong.append(f"{path} with {headers}: {response.status}")
    assert not wrong
    assert len(POSTS) > 20
    async with panel.panel.reads() as session:
        assert await session.scalar(text("SELECT count(*) FROM audit")) == 0


async def _handler(_: Visit) -> None:
    raise AssertionError


def test_a_route_without_permission_is_not_built() -> None:
    """Nobody can forget it."""
    with pytest.raises(TypeError, match="permission"):
        Route("GET", "/x", None, _handler)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Route("GET", "/x", handler=_handler)  # type: ignore[call-arg, arg-type]
    with pytest.raises(ValueError, match="GET or POST"):
        Route("DELETE", "/x", Permission.READ, _handler)  # type: ignore[arg-type]


@ONCE
async def test_two_routes_with_one_address_are_not_built(panel: Running) -> None:
    """The second would never be reached, whatever it allows."""
    one = get("/x", Permission.READ, _handler)  # type: ignore[arg-type]
    other = get("/x", Permission.PUBLIC, _handler)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="same address"):
        build(panel.panel, (one, other))
