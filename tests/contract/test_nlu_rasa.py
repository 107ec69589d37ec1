"""The real NLU service: trained once on a few examples, it keeps the contract of `NluClient`."""

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from nlu.client import NluClient, NluUnavailable
from nlu.rasa import RasaClient
from nlu.service import RasaService
from nlu.training import Environment, train
from tests.contract.nlu_contract import EXAMPLES, NluClientContract

pytestmark = [pytest.mark.rasa, pytest.mark.asyncio(loop_scope="module")]

ENVIRONMENT = Environment()


@pytest.fixture(scope="module")
def environment() -> Environment:
    """The service's environment; skipped without it, but not on CI."""
    if not ENVIRONMENT.python.exists():
        missing = f"no NLU environment ({ENVIRONMENT.python}): run `make setup`"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return ENVIRONMENT


@pytest.fixture(scope="module")
def told() -> list[str]:
    """What training and service said to a person who waits."""
    return []


@pytest.fixture(scope="module")
def model(
    environment: Environment, told: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A model of the contract's examples."""
    models = tmp_path_factory.mktemp("models")
    return train(EXAMPLES, models=models, progress=told.append, environment=environment)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(
    environment: Environment, model: Path, told: list[str]
) -> AsyncIterator[RasaService]:
    """A running server with that model."""
    running = RasaService(model, environment=environment, backoff=(0.01,))
    await running.start(told.append)
    yield running
    await running.aclose()


class TestRasaClientOnRasa(NluClientContract):
    """The HTTP client against Rasa itself."""

    @pytest_asyncio.fixture(loop_scope="module")
    async def client(self, service: RasaService) -> AsyncIterator[NluClient]:
        """A client with the service's token."""
        client = RasaClient(service.base_url, service.token, timeout=20)
        yield client
        await client.aclose()


async def test_other_languages_find_the_same_topic(service: RasaService) -> None:
    """A question whose words stand in no example is found by its meaning."""
    client = RasaClient(service.base_url, service.token, timeout=20)
    ranked = await client.parse("will the clinic see me if I have no documents?")
    await client.aclose()
    assert ranked[0].intent == "health/access-without-ce"


async def test_training_said_what_it_did(service: RasaService, told: list[str]) -> None:
    """Progress lines come from training and start, and an unchanged model is found again."""
    assert any("training the classifier" in line for line in told)
    assert any("ready on port" in line for line in told)


async def test_an_unchanged_model_is_found_again(model: Path, environment: Environment) -> None:
    """The same examples give the same file at once."""
    lines: list[str] = []
    again = train(EXAMPLES, models=model.parent, progress=lines.append, environment=environment)
    assert again == model
    assert "up to date" in lines[0]


async def test_a_wrong_token_is_refused(service: RasaService) -> None:
    """Rasa checks the token that it got through the pipe."""
    client = RasaClient(service.base_url, "wrong", timeout=20)
    with pytest.raises(NluUnavailable, match="refuses the token"):
        await client.parse("hola")
    await client.aclose()


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/model"), ("DELETE", "/model"), ("POST", "/model/train"), ("GET", "/"),
     ("GET", "/domain"), ("POST", "/webhooks/rest/webhook")],
)  # fmt: skip
async def test_everything_but_parsing_is_closed(
    service: RasaService, method: str, path: str
) -> None:
    """Models cannot be loaded, trained or unloaded over HTTP, even with the token."""
    async with (
        aiohttp.ClientSession() as session,
        session.request(
            method, service.base_url + path, params={"token": service.token}, json={}
        ) as answer,
    ):
        assert answer.status == 404


async def test_the_token_is_in_no_process_list(service: RasaService) -> None:
    """Neither command line nor environment of the server shows the token."""
    process = Path(f"/proc/{service.pid}")
    shown = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
    assert service.token.encode() not in shown
    assert b"RASA_TELEMETRY_ENABLED=false" in shown


async def test_the_core_passes_its_own_checks(environment: Environment, tmp_path: Path) -> None:
    """The checks of the classifier's core pass on the service's Python."""
    root = Path(__file__).parents[2]
    done = subprocess.run(  # noqa: ASYNC221 - nothing else runs meanwhile
        [environment.python, "-m", "unittest", "tests.contract.rasa_component_checks"],
        cwd=root,
        env=environment.variables(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


async def test_a_killed_server_answers_again(service: RasaService) -> None:
    """After a kill the service comes back by itself and the same client gets answers."""
    client = RasaClient(service.base_url, service.token, timeout=20)
    before = await client.parse("hola")
    starts = service.starts
    assert service.pid is not None
    os.kill(service.pid, signal.SIGKILL)
    async with asyncio.timeout(60):
        while service.starts == starts:  # noqa: ASYNC110 - another process is watched
            await asyncio.sleep(0.05)
    assert await client.parse("hola") == before
    await client.aclose()
