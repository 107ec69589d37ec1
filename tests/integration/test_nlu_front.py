"""The service for bots elsewhere: one address, the same answers, clear refusals."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from nlu.client import NluClient, NluUnavailable
from nlu.front import Front
from nlu.keywords import KeywordReader
from nlu.rasa import RasaClient
from nlu.understanding import Candidate
from tests.contract.nlu_contract import EXAMPLES, NluClientContract
from tests.fakes.nlu import ScriptedReader

TOKEN = "a-token-for-tests"
BEHIND = (Candidate("health/access-without-ce", 0.9), Candidate("greet", 0.1))


class _Serving:
    def __init__(self, client: NluClient) -> None:
        self._runner = web.AppRunner(Front(client, TOKEN).app(), shutdown_timeout=0.1)
        self.url = ""

    async def __aenter__(self) -> "_Serving":
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()


class TestRasaClientOnTheFront(NluClientContract):
    """A bot elsewhere gets through the front what stands behind it."""

    @pytest.fixture
    async def client(self) -> AsyncIterator[NluClient]:
        """A client of a front before the reader by keywords."""

        class Never(KeywordReader):
            """A ranking over HTTP is never empty: what is unknown gets a name."""

            async def parse(self, text: str) -> tuple[Candidate, ...]:
                return await super().parse(text) or (Candidate("out_of_scope", 0.0),)

        async with _Serving(Never(EXAMPLES)) as serving:
            client = RasaClient(serving.url, TOKEN)
            yield client
            await client.aclose()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/model/parse", b'{"text": "hola"}', 200),
        ("GET", "/status", b"", 200),
        ("POST", "/model/parse", b"no json", 400),
        ("POST", "/model/parse", b'{"text": 7}', 400),
        ("POST", "/model/parse", b'{"text": "' + b"a" * 300_000 + b'"}', 413),
        ("PUT", "/model", b"{}", 404),
        ("GET", "/model/parse", b"", 404),
        ("GET", "/", b"", 404),
    ],
)
async def test_what_is_answered_and_what_refused(
    method: str, path: str, body: bytes, status: int
) -> None:
    """Two paths are open; everything else is refused in JSON with one sentence."""
    async with (
        _Serving(ScriptedReader(BEHIND)) as serving,
        aiohttp.ClientSession() as http,
        http.request(method, serving.url + path, params={"token": TOKEN}, data=body) as answer,
    ):
        assert answer.status == status
        known = await answer.json()
        assert status == 200 or known["reason"].endswith(".")


async def test_without_the_token_nothing_is_said() -> None:
    """A wrong or missing token is refused before anybody is asked."""
    reader = ScriptedReader(BEHIND)
    async with _Serving(reader) as serving:
        client = RasaClient(serving.url, "other")
        with pytest.raises(NluUnavailable, match="refuses the token"):
            await client.parse("hola")
        await client.aclose()
    assert reader.asked == 0


async def test_a_service_that_is_down_is_a_503() -> None:
    """The bot elsewhere then offers topics, as if it had asked itself."""
    reader = ScriptedReader(BEHIND)
    reader.down = True
    async with _Serving(reader) as serving:
        client = RasaClient(serving.url, TOKEN)
        with pytest.raises(NluUnavailable, match="503"):
            await client.parse("hola")
        await client.aclose()
