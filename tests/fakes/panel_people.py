"""Members of staff with a password and a telephone, and how they sign in."""

import re
from dataclasses import dataclass, field

import pyotp
from aiohttp import ClientResponse
from argon2 import PasswordHasher

from content.panel.entry import links
from content.panel.entry.passwords import Passwords
from content.staff import Role
from tests.fakes.panel import Browser, Running

PASSWORD = "caballo pila grapa lluvia"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


@dataclass
class Person:
    """What somebody knows and has."""

    email: str
    password: str = PASSWORD
    secret: str = ""
    codes: list[str] = field(default_factory=list)

    def code(self, panel: Running) -> str:
        """Return what her telephone shows now."""
        return pyotp.TOTP(self.secret).at(panel.clock())


def cheap(panel: Running) -> None:
    """Let passwords cost little: most tests are not about that."""
    panel.panel.passwords = Passwords(CHEAP)


def take_cookie(browser: Browser, response: ClientResponse) -> str:
    """Keep the session cookie as a browser does; return all of the header that set it."""
    for header in response.headers.getall("Set-Cookie", []):
        name, _, rest = header.partition("=")
        if name == browser.cookie:
            browser.token = rest.partition(";")[0].strip('"')
            return header
    return ""


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"the page has no hidden field {name}"
    return found[1]


async def link_for(panel: Running, email: str) -> str:
    """Return the path of a new one-time link."""
    async with panel.panel.sessions.begin() as session:
        return links.path(await links.make(session, email, panel.clock()))


async def enrol(panel: Running, browser: Browser, role: Role, email: str = "") -> Person:
    """Hire somebody and let her come in by a one-time link, up to her second factor."""
    person = Person(email or f"{role.value}@example.org")
    await panel.hire(person.email, role)
    await welcome(panel, browser, person)
    return person


async def welcome(panel: Running, browser: Browser, person: Person) -> None:
    """Use a one-time link: password and second factor; the browser is signed in afterwards."""
    path = await link_for(panel, person.email)
    given = {"password": person.password, "password_again": person.password}
    response = await browser.post(path, given)
    assert response.headers.get("Location") == "/panel/sign-in/second-factor", response.status
    take_cookie(browser, response)
    page = await browser.text("/panel/sign-in/second-factor")
    found = re.search(r'class="key">([A-Z2-7 ]+)<', page)
    assert found
    person.secret = found[1].replace(" ", "")
    form = {"sealed": hidden(page, "sealed"), "code": person.code(panel)}
    response = await browser.post("/panel/sign-in/second-factor", form)
    assert response.status == 200
    take_cookie(browser, response)
    person.codes = re.findall(r"<li><code>([a-z0-9-]+)</code>", await response.text())


async def give_password(
    browser: Browser, email: str, password: str, following: str = ""
) -> ClientResponse:
    """Send the first form of the sign-in."""
    form = {"email": email, "password": password, "next": following}
    response = await browser.post("/panel/sign-in", form)
    take_cookie(browser, response)
    return response


async def give_code(browser: Browser, code: str, following: str = "") -> ClientResponse:
    """Send the second form of the sign-in."""
    response = await browser.post("/panel/sign-in/code", {"code": code, "next": following})
    take_cookie(browser, response)
    return response
