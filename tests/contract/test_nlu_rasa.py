"""The real NLU service: trained once on a few examples, it keeps the contract of `NluClient`."""

import asyncio
import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from nlu.client import NluClient, NluUnavailable
from nlu.live import LiveService, Serving
from nlu.models import ModelStore
from nlu.rasa import RasaClient
from nlu.service import RasaService, ServiceError
from nlu.training import Environment, train
from nlu.trial import Question
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
    running = RasaService(model, environment=environment, backoff=(0.01,), patience=20)
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


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"no json", 400),
        (b"\xff\xfe", 400),
        (b"[1]", 400),
        (b'{"text": 7}', 400),
        (b'{"text": "\\ud83d alone"}', 200),
        (b'{"text": "\\u0000\\u0007"}', 200),
        (b'{"text": "/greet{\\"a\\": 1}"}', 200),
        (b'{"text": ""}', 200),
        (b'{"text": "' + b"a " * 10_000 + b'"}', 200),
        (b'{"text": "' + b"a" * 300_000 + b'"}', 413),
        (b"[" * 100_000, 400),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else str(value),
)
async def test_bad_bodies_get_an_answer_or_one_sentence(
    service: RasaService, body: bytes, status: int
) -> None:
    """Whatever is posted, the server says what it makes of it and goes on."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            service.base_url + "/model/parse", params={"token": service.token}, data=body
        ) as answer,
    ):
        assert answer.status == status
        known = await answer.json()
    if status == 200:
        assert known["intent_ranking"]
    else:
        assert known["reason"].endswith(".")


async def test_a_thousand_questions_at_once_are_answered_or_refused(
    environment: Environment, model: Path
) -> None:
    """Each gets 200 or 503, and the server answers afterwards as before."""
    running = RasaService(model, environment=environment)
    await running.start(lambda line: None)
    connector = aiohttp.TCPConnector(limit=0)
    try:
        async with aiohttp.ClientSession(connector=connector) as session:

            async def ask(text: str) -> int:
                async with session.post(
                    running.base_url + "/model/parse",
                    params={"token": running.token},
                    json={"text": text},
                ) as answer:
                    await answer.read()
                    return answer.status

            statuses = await asyncio.gather(*(ask(f"pregunta {n}") for n in range(1000)))
            assert set(statuses) <= {200, 503}
            assert statuses.count(200) >= 5
            async with asyncio.timeout(20):
                while await ask("hola") != 200:
                    pass
        assert running.starts == 1
    finally:
        await running.aclose()


def _mapped(pid: int | None) -> str:
    return Path(f"/proc/{pid}/maps").read_text()


async def test_tensorflow_is_left_out(service: RasaService) -> None:
    """The server has not loaded it: that is half of its memory and of its start."""
    maps = _mapped(service.pid)
    assert "numpy" in maps
    assert "tensorflow" not in maps


@pytest.mark.parametrize(
    "spoil",
    [lambda whole: whole[: len(whole) // 2], lambda whole: b"", lambda whole: b"no archive"],
    ids=["half", "empty", "text"],
)
async def test_a_damaged_model_is_refused_in_one_sentence(
    environment: Environment, model: Path, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    """The server ends with the reason and the remedy, without a traceback."""
    spoilt = _changed(model, tmp_path / "spoilt.tar.gz", spoil)
    running = RasaService(spoilt, environment=environment)
    with pytest.raises(ServiceError, match="damaged or was only half written") as caught:
        await running.start(lambda line: None)
    assert "orienta train" in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_model_of_another_version_is_refused(
    environment: Environment, model: Path, tmp_path: Path
) -> None:
    """Rasa 2 or an older layout of our own: the sentence says that it is another version's."""
    for name, change in (
        ("metadata.json", {"rasa_open_source_version": "3.0.0"}),
        ("model.json", {"format": -1}),
    ):
        other = tmp_path / "other.tar.gz"
        _rewritten(model, other, name, change)
        running = RasaService(other, environment=environment)
        with pytest.raises(ServiceError, match="another version"):
            await running.start(lambda line: None)


def _changed(model: Path, other: Path, change: Callable[[bytes], bytes]) -> Path:
    other.write_bytes(change(model.read_bytes()))
    return other


def _rewritten(model: Path, other: Path, name: str, change: dict[str, object]) -> None:
    """Copy an archive with some keys of one of its JSON files changed."""
    with tarfile.open(model) as source, tarfile.open(other, "w:gz") as target:
        for member in source:
            content = source.extractfile(member) if member.isfile() else None
            data = content.read() if content else b""
            if member.name.endswith(name):
                data = json.dumps({**json.loads(data), **change}).encode()
                member.size = len(data)
            target.addfile(member, io.BytesIO(data) if content else None)


async def test_models_change_under_load_without_a_lost_question(
    environment: Environment, model: Path, tmp_path: Path
) -> None:
    """Real servers: four people ask all the while; none gets a failure, all get the new model."""
    store = ModelStore(tmp_path / "models")
    store.folder.mkdir()
    for name in ("one", "two"):
        shutil.copy(model, store.archive(name))
    store.promote(store.archive("one"))
    canaries = (Question(EXAMPLES["greet"][0], "es", frozenset({"greet"})),)
    live = LiveService(store, Serving(environment, canaries=canaries, timeout=20))
    await live.start(store.archive("one"), lambda line: None)
    stop = asyncio.Event()
    slowest = 0.0
    asked = 0

    async def ask() -> None:
        nonlocal slowest, asked
        loop = asyncio.get_running_loop()
        while not stop.is_set():
            began = loop.time()
            ranked = await live.client.parse("puedo ir al hospital si no tengo papeles")
            slowest = max(slowest, loop.time() - began)
            asked += 1
            assert ranked[0].intent == "health/access-without-ce"

    asking = [asyncio.create_task(ask()) for _ in range(4)]
    try:
        before = live.pids
        store.promote(store.archive("two"))
        assert await live.look()
        assert live.model == store.archive("two")
        assert not set(before) & set(live.pids)
        store.roll_back("Taken back.")
        assert await live.look()
        assert live.model == store.archive("one")
    finally:
        stop.set()
        await asyncio.gather(*asking)
        await live.aclose()
    assert asked > 20
    assert slowest < 20


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
