"""The embedded chat over HTTP: who may frame it, and a session that needs no cookie."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession

from bot.messages import Chose, Said
from bot.webchat.http import WebChatSettings
from bot.webchat.session import new_token, person_of
from tests.fakes.webchat_bot import ServedWebChat, served_webchat

SITES = ("https://muni.example", "https://*.gob.pe")


@pytest.fixture
async def served() -> AsyncIterator[tuple[ServedWebChat, ClientSession]]:
    """A chat that two sites may embed, and a client without cookies that stands in its frame."""
    async with served_webchat(WebChatSettings(embed_origins=SITES)) as (chat, address):
        frame = {"Origin": address, "Sec-Fetch-Site": "same-origin"}
        async with ClientSession(address, headers=frame) as http:
            yield chat, http


async def test_without_sites_nothing_can_be_embedded() -> None:
    """The default offers no script and no page for frames."""
    async with served_webchat() as (_, address), ClientSession(address) as http:
        for path in ("/embed", "/embed.js"):
            async with http.get(path) as answer:
                assert answer.status == 404


async def test_only_the_named_sites_may_frame_it(
    served: tuple[ServedWebChat, ClientSession],
) -> None:
    """The policy of the framed page names them; that of the chat's own page names nobody."""
    async with served[1].get("/embed?lang=qu") as answer:
        policy = answer.headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors https://muni.example https://*.gob.pe")
        assert "default-src 'none'; script-src 'self'" in policy
        assert '<html lang="qu">' in await answer.text()
        assert "Set-Cookie" not in answer.headers
    async with served[1].get("/") as answer:
        assert answer.headers["Content-Security-Policy"].endswith("frame-ancestors 'none'")
        assert 'id="close"' not in await answer.text()


async def test_the_script_is_small_and_may_be_loaded_anywhere(
    served: tuple[ServedWebChat, ClientSession],
) -> None:
    """Under 3 KB compressed; browsers ask for it again after an hour."""
    async with served[1].get("/embed.js") as answer:
        script = await answer.read()
        assert len(gzip.compress(script)) < 3072
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["Cache-Control"] == "public, max-age=3600"
        assert answer.content_type == "text/javascript"


async def test_a_session_travels_in_a_header(
    served: tuple[ServedWebChat, ClientSession],
) -> None:
    """What is asked and answered needs no cookie, and none is set."""
    chat, http = served
    token = new_token()
    session = {"X-Orienta-Session": token}
    async with http.get("/webchat/stream", headers=session) as stream:
        assert "Set-Cookie" not in stream.headers
        body = {"id": "message-0001", "kind": "text", "text": "hola"}
        async with http.post("/webchat/messages", json=body, headers=session) as answer:
            assert answer.status == 202
        async with asyncio.timeout(5):
            while b"event: reply" not in await stream.content.readline():
                pass
        data = json.loads((await stream.content.readline()).partition(b": ")[2])
        assert "emergencia" in data["text"]
    assert [(i.person, i.event) for i in chat.bot.heard] == [(person_of(token), Said("hola"))]
    async with http.post("/webchat/leave", headers=session) as answer:
        assert "Set-Cookie" not in answer.headers
    assert chat.bot.heard[-1].event == Chose("forget:yes")
    assert chat.bot.heard[-1].person == person_of(token)


@pytest.mark.parametrize("secret", ["", "short", "ñ" * 43])
async def test_a_header_that_is_no_secret_is_refused(
    served: tuple[ServedWebChat, ClientSession], secret: str
) -> None:
    """It opens nothing, also beside a good cookie: a frame never acts for the chat's own page."""
    chat, http = served
    headers = {"X-Orienta-Session": secret, "Cookie": f"orienta={new_token()}"}
    async with http.get("/webchat/stream", headers=headers) as answer:
        assert answer.status == 401
    body = {"id": "message-0001", "kind": "text", "text": "hola"}
    async with http.post("/webchat/messages", json=body, headers=headers) as answer:
        assert answer.status == 401
    assert not chat.bot.heard


async def test_another_site_cannot_speak_for_a_frame(
    served: tuple[ServedWebChat, ClientSession],
) -> None:
    """A request that does not come from our own page is refused, whatever header it carries."""
    headers = {"X-Orienta-Session": new_token(), "Sec-Fetch-Site": "cross-site"}
    async with served[1].get("/webchat/stream", headers=headers) as answer:
        assert answer.status == 403
        assert "Access-Control-Allow-Origin" not in answer.headers
