"""Signing in by an identity provider: a real one, and one that lies."""

import base64
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from aiohttp import ClientResponse, ClientSession
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from content import staff
from content.panel.app import PanelSettings
from content.panel.entry.provider import ProviderSettings
from content.staff import Role
from tests.fakes.identity_provider import CLIENT, SECRET, Crooked, running_provider
from tests.fakes.panel import Browser, Running, running_panel
from tests.fakes.panel_people import cheap, enrol, give_code, take_cookie

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANA = "ana@example.org"
COOKIE = "orienta-staff-provider"


@dataclass
class Flow:
    """One browser on its way to the provider and back."""

    browser: Browser
    sealed: str = ""
    asked: dict[str, str] | None = None

    async def start(self, following: str = "/panel/account") -> str:
        """Press the button; return where it leads."""
        response = await self.browser.get(f"/panel/sign-in/provider?next={following}")
        assert response.status == 303, await response.text()
        (header,) = response.headers.getall("Set-Cookie")
        assert header.startswith(f"{COOKIE}=")
        assert "HttpOnly" in header
        self.sealed = header.split("=", 1)[1].split(";")[0].strip('"')
        address = response.headers["Location"]
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return address

    async def back(self, **answer: str) -> ClientResponse:
        """Come back with an answer."""
        assert self.asked
        query = {"code": "abc", "state": self.asked["state"], **answer}
        response = await self.browser.client.get(
            f"/panel/sign-in/provider/back?{urlencode(query)}",
            headers={"Cookie": f"{COOKIE}={self.sealed}"},
            allow_redirects=False,
        )
        await response.read()
        take_cookie(self.browser, response)
        return response


@pytest.fixture
async def crooked() -> AsyncIterator[Crooked]:
    """A provider that says what a test wants."""
    async with running_provider() as provider:
        yield provider


@pytest.fixture
async def panel(engine: AsyncEngine, crooked: Crooked) -> AsyncIterator[Running]:
    """A panel that trusts it, with Ana on the staff."""
    settings = PanelSettings(provider=ProviderSettings(crooked.issuer, CLIENT, SECRET))
    async with running_panel(engine, settings=settings) as running:
        cheap(running)
        await running.hire(ANA, Role.AUTHOR)
        yield running


def honest(panel: Running, crooked: Crooked, flow: Flow) -> dict[str, Any]:
    """Return what a provider says when all is well."""
    assert flow.asked
    at = int(panel.clock().timestamp())
    return {
        "iss": crooked.issuer, "sub": "ana-1", "aud": CLIENT, "exp": at + 300, "iat": at,
        "nonce": flow.asked["nonce"], "email": "Ana@Example.org", "email_verified": True,
        "amr": ["pwd", "mfa"],
    }  # fmt: skip


async def test_she_comes_in(panel: Running, crooked: Crooked) -> None:
    """With PKCE, state and nonce; the provider's id then stands for her, whatever her address."""
    async with panel.browser() as browser:
        flow = Flow(browser)
        await flow.start()
        assert flow.asked
        crooked.claims = honest(panel, crooked, flow)
        response = await flow.back()
        assert response.headers["Location"] == "/panel/account"
        assert ANA in await browser.text("/panel/account")
    form = crooked.forms[0]
    digest = hashlib.sha256(form["code_verifier"].encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert flow.asked["code_challenge"] == challenge
    assert flow.asked["code_challenge_method"] == "S256"
    assert form["redirect_uri"] == flow.asked["redirect_uri"]
    given = base64.b64decode(crooked.authorization[0].removeprefix("Basic ")).decode()
    assert given == f"{CLIENT}:a%20secret%20of%20the%20client%3A%20with%20%25%2C%20%2B%20and%20%2F"
    async with panel.browser() as browser:
        again = Flow(browser)
        await again.start()
        crooked.claims = honest(panel, crooked, again) | {"email": "other@example.org"}
        assert (await again.back()).status == 303
        assert ANA in await browser.text("/panel/account")
    assert crooked.asked.count("/jwks") == 1, "its keys are remembered"
    async with panel.panel.reads() as session:
        acts = list(await session.scalars(text("SELECT action FROM audit ORDER BY id")))
    assert acts == ["provider_bound", "signed_in_by_provider", "signed_in_by_provider"]


@pytest.mark.parametrize(
    "lie",
    [
        {"iss": "https://evil.example"},
        {"aud": "another-client"},
        {"aud": [CLIENT, "another-client"]},
        {"aud": [CLIENT, "another-client"], "azp": "another-client"},
        {"azp": "another-client"},
        {"nonce": "of another browser"},
        {"nonce": None},
        {"exp": 1_700_000_000},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": 4_000_000_000},
        {"nbf": 4_000_000_000},
        {"sub": None},
        {"sub": 7},
        {"sub": "x" * 600},
        {"email_verified": False},
        {"email_verified": "true"},
        {"email_verified": None},
        {"email": None},
        {"email": ["ana@example.org"]},
        {"email": "nobody@example.org"},
        {"email": "left@example.org"},
    ],
)
async def test_a_token_that_proves_nothing(
    panel: Running, crooked: Crooked, lie: dict[str, Any]
) -> None:
    """Nobody comes in, nobody is created, and nothing is bound."""
    await panel.hire("left@example.org", Role.AUTHOR)
    async with panel.panel.sessions.begin() as session:
        await staff.deactivate(session, "left@example.org")
    async with panel.browser() as browser:
        flow = Flow(browser)
        await flow.start()
        claims = honest(panel, crooked, flow) | lie
        crooked.claims = {name: value for name, value in claims.items() if value is not None}
        response = await flow.back()
        assert response.status == 403
        assert not browser.token
    await nothing_happened(panel, 2)


async def nothing_happened(panel: Running, members: int) -> None:
    """Look into the database."""
    async with panel.panel.reads() as session:
        for table, rows in (("staff", members), ("staff_sessions", 0), ("staff_credentials", 0)):
            assert await session.scalar(text(f"SELECT count(*) FROM {table}")) == rows  # noqa: S608


def _other_key(crooked: Crooked) -> None:
    crooked.key = RSAKey.generate_key(2048, {"kid": "1"})


def _unknown_key(crooked: Crooked) -> None:
    crooked.key = RSAKey.generate_key(2048, {"kid": "99"})


def _shared_secret(crooked: Crooked) -> None:
    crooked.key, crooked.algorithm = OctKey.import_key(SECRET), "HS256"


def _no_signature(crooked: Crooked) -> None:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    crooked.token = f"{part({'alg': 'none'})}.{part(crooked.claims)}."


def _no_token(crooked: Crooked) -> None:
    crooked.token = ""


def _half_a_token(crooked: Crooked) -> None:
    crooked.token = "a.b"


def _refusal(crooked: Crooked) -> None:
    crooked.status = 400


@pytest.mark.parametrize(
    "spoil",
    [_other_key, _unknown_key, _shared_secret, _no_signature, _no_token, _half_a_token, _refusal],
)
async def test_a_token_that_the_provider_did_not_sign(
    panel: Running, crooked: Crooked, spoil: Callable[[Crooked], None]
) -> None:
    """Another key, a secret in place of a key, no signature at all: refused."""
    async with panel.browser() as browser:
        flow = Flow(browser)
        await flow.start()
        crooked.claims = honest(panel, crooked, flow)
        spoil(crooked)
        assert (await flow.back()).status == 403
    await nothing_happened(panel, 1)


async def test_a_new_key_is_fetched(panel: Running, crooked: Crooked) -> None:
    """When the provider changes its keys, nobody has to restart anything."""
    async with panel.browser() as browser:
        for kid in ("1", "2"):
            flow = Flow(browser)
            await flow.start()
            crooked.claims = honest(panel, crooked, flow)
            if kid == "2":
                crooked.key = RSAKey.generate_key(2048, {"kid": "2"})
                crooked.published[:] = [crooked.key]
                panel.clock.passes(timedelta(minutes=2))
            assert (await flow.back()).status == 303
    assert crooked.asked.count("/jwks") == 2


async def test_an_answer_counts_only_in_the_browser_that_asked(
    panel: Running, crooked: Crooked
) -> None:
    """Not with another state, another browser's cookie, a made-up one, or much later."""
    async with panel.browser() as browser, panel.browser() as other:
        flow, foreign = Flow(browser), Flow(other)
        await flow.start()
        await foreign.start()
        crooked.claims = honest(panel, crooked, flow)
        assert (await flow.back(state="another")).status == 403
        assert (await flow.back(state="ñ")).status == 403
        assert (await flow.back(code="")).status == 403
        mixed = Flow(browser, foreign.sealed, flow.asked)
        assert (await mixed.back()).status == 403
        for sealed in ("", "made-up", panel.panel.keys.seal("[]"), panel.panel.keys.seal("{}")):
            assert (await Flow(browser, sealed, flow.asked).back()).status == 403
        panel.clock.passes(timedelta(minutes=11))
        assert (await flow.back()).status == 403
        assert not crooked.forms, "no code was given to the provider"


async def test_without_a_second_factor_there_ours_is_asked_for(
    panel: Running, crooked: Crooked
) -> None:
    """A provider that only asked for a password opens nothing by itself."""
    async with panel.browser() as browser:
        person = await enrol(panel, browser, Role.DESK)
        panel.clock.passes(timedelta(minutes=1))
    async with panel.browser() as browser:
        flow = Flow(browser)
        await flow.start()
        crooked.claims = honest(panel, crooked, flow) | {"email": person.email, "amr": ["pwd"]}
        response = await flow.back()
        assert response.headers["Location"] == "/panel/sign-in/code?next=/panel/account"
        assert (await browser.get("/panel/")).status == 303
        assert (await give_code(browser, person.code(panel))).status == 303
        assert (await browser.get("/panel/")).status == 200


async def test_another_identity_does_not_take_her_place(panel: Running, crooked: Crooked) -> None:
    """Once bound, the same address under another id of the provider is refused."""
    async with panel.browser() as browser:
        for subject, status in (("ana-1", 303), ("ana-2", 403)):
            flow = Flow(browser)
            await flow.start()
            crooked.claims = honest(panel, crooked, flow) | {"sub": subject}
            assert (await flow.back()).status == status


@pytest.mark.parametrize(
    "description",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
async def test_a_provider_that_describes_itself_wrongly(
    panel: Running, crooked: Crooked, description: dict[str, Any]
) -> None:
    """Nobody is sent there."""
    crooked.description = description
    async with panel.browser() as browser:
        assert (await browser.get("/panel/sign-in/provider")).status == 503


async def test_a_provider_that_is_down(panel: Running, crooked: Crooked) -> None:
    """The page says so; the password still opens the panel, and later the provider does again."""
    crooked.down = True
    async with panel.browser() as browser:
        response = await browser.get("/panel/sign-in/provider")
        assert response.status == 503
        assert "Entre con su contraseña" in await response.text()
        crooked.down = False
        await Flow(browser).start()


async def test_it_leads_nowhere_else(panel: Running, crooked: Crooked) -> None:
    """Whatever page was asked for."""
    async with panel.browser() as browser:
        flow = Flow(browser)
        await flow.start("https://evil.example")
        crooked.claims = honest(panel, crooked, flow)
        assert (await flow.back()).headers["Location"] == "/panel/"


async def test_without_a_provider_there_is_no_way(engine: AsyncEngine) -> None:
    """Neither the button nor the addresses."""
    async with running_panel(engine) as running, running.browser() as browser:
        assert "provider" not in await browser.text("/panel/sign-in")
        assert (await browser.get("/panel/sign-in/provider")).status == 404
        assert (await browser.get("/panel/sign-in/provider/back")).status == 404


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the provider's own libraries
@pytest.mark.parametrize("verified", [True, False])
async def test_with_a_real_provider(engine: AsyncEngine, verified: bool) -> None:
    """From the button to the page she wanted, through a provider that others wrote."""
    import oidc_provider_mock as mock

    ana = mock.User(sub="ana-1", claims={
        "email": ANA, "email_verified": verified, "amr": ["mfa"]})  # fmt: skip
    with mock.run_server_in_thread(user_claims=(ana,)) as server:
        issuer = f"http://localhost:{server.server_port}"
        settings = PanelSettings(provider=ProviderSettings(issuer, CLIENT, SECRET))
        async with running_panel(engine, settings=settings) as running, ClientSession() as client:
            running.clock.at = datetime.now(UTC)
            await running.hire(ANA, Role.AUTHOR)
            async with running.browser() as browser:
                flow = Flow(browser)
                address = await flow.start()
                async with client.post(
                    address, data={"sub": "ana-1"}, allow_redirects=False
                ) as consent:
                    assert consent.status == 302
                    back = parse_qs(urlsplit(consent.headers["Location"]).query)
                response = await flow.back(code=back["code"][0], state=back["state"][0])
                assert response.status == (303 if verified else 403), await response.text()
                if verified:
                    assert ANA in await browser.text(response.headers["Location"])
                again = await flow.back(code=back["code"][0], state=back["state"][0])
                assert again.status == 403, "the provider gave that code once"
