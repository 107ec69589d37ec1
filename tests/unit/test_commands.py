"""Commands end in one clear sentence, stop when told to, and survive any line of input."""

import asyncio
import contextlib
import json
import os
import pty
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import DBAPIError

from bot import scripts
from bot.app import CannotStart, opened
from bot.console import ConsoleChannel
from bot.failures import database_failure
from bot.policy import Policy
from bot.running import _choose_delivery, _refuse_taken_port, check_installation
from bot.settings import Settings
from bot.telegram import TelegramChannel
from bot.turns import utc_now
from content.staff import Role, add
from nlu.training import Environment
from tests.fakes.assistant import ROOT, environment, free_port
from tests.fakes.bot import ScriptedReader
from tests.fakes.catalogue import article, catalogue
from tests.fakes.faults import Fault
from tests.fakes.rasa_server import TOKEN as NLU_TOKEN
from tests.fakes.rasa_server import RasaServer, running_rasa_server
from tests.fakes.telegram_server import SECRET, TOKEN, FakeTelegram

PATIENCE = 60.0  # seconds for a command that reads the whole content on a busy machine


def settings(**given: Any) -> Settings:
    """Return settings without those of the machine."""
    return Settings(_env_file=None, **given)


def run(data: Path, *words: str, given: bytes = b"", **more: str) -> tuple[int, str, str]:
    """Run a command; return code, output and what it told."""
    done = subprocess.run(
        [sys.executable, "-m", "bot", *words], cwd=ROOT, env=environment(data, **more),
        input=given, capture_output=True, check=False, timeout=PATIENCE,
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def one_sentence(told: tuple[int, str, str], *words: str) -> None:
    """Fail unless a command ended with code 1 and one line that holds the words, no password."""
    code, out, err = told
    assert (code, out) == (1, ""), err
    assert len(err.strip().splitlines()) == 1, err
    for word in words:
        assert word in err
    assert "hush" not in err


# --- the database ------------------------------------------------------------------------------


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    """The sentence says what to put in its place."""
    (tmp_path / "orienta.db").write_bytes(b"no database at all " * 999)
    one_sentence(run(tmp_path, "staff", "list"), "damaged", "backup")


def test_a_locked_file_is_one_sentence(tmp_path: Path) -> None:
    """Another program that holds the lock is named as the reason."""
    with contextlib.closing(sqlite3.connect(tmp_path / "orienta.db")) as holder:
        holder.execute("PRAGMA journal_mode=WAL")
        holder.execute("BEGIN EXCLUSIVE")
        one_sentence(run(tmp_path, "staff", "list"), "locked", "end that program")


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """The remedy is to create it."""
    url = f"sqlite+aiosqlite:///{tmp_path}/none/x.db"
    one_sentence(run(tmp_path, "staff", "list", ORIENTA_DATABASE_URL=url), "create its folder")


def test_a_server_that_is_down_is_one_sentence(tmp_path: Path) -> None:
    """The setting is named, the password never."""
    url = f"postgresql://u:hush@127.0.0.1:{free_port()}/x"
    told = run(tmp_path, "staff", "list", ORIENTA_DATABASE_URL=url)
    one_sentence(told, "PostgreSQL cannot be reached", "ORIENTA_DATABASE_URL")


def test_an_unknown_kind_of_database_is_said_at_once(tmp_path: Path) -> None:
    """Settings are refused before anything is opened."""
    code, _, err = run(tmp_path, "staff", "list", ORIENTA_DATABASE_URL="mysql://u:hush@h/x")
    assert code == 1
    assert "ORIENTA_DATABASE_URL" in err
    assert "Traceback" not in err
    assert "hush" not in err


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("InvalidPasswordError", "the password"),
        ("InvalidCatalogNameError", "does not exist"),
        ("InsufficientPrivilegeError", "lacks a right"),
        ("SomethingElseError", "SomethingElseError"),
    ],
)
def test_what_postgresql_refuses_is_said_without_its_words(kind: str, word: str) -> None:
    """The kind of the driver's error decides; what it says may hold names and values."""
    adapted = Exception("wrapped: hush")
    adapted.__cause__ = type(kind, (Exception,), {})("hush")
    said = database_failure(DBAPIError("SELECT 'hush'", None, adapted), sqlite=False)
    assert word in said
    assert "hush" not in said


# --- starting ----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_the_port_is_probed_on_every_kind_of_address(host: str) -> None:
    """A taken port is refused and a free one is not, by IPv6 as by IPv4."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as taken:
        try:
            taken.bind(("127.0.0.1" if host == "localhost" else host, 0))
        except OSError:
            pytest.skip("no IPv6 here")
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port}"):
            _refuse_taken_port(settings(host=host, port=port))
    _refuse_taken_port(settings(host=host, port=port))


def test_a_host_that_is_none_is_named() -> None:
    """The remedy is another setting than that of the port."""
    with pytest.raises(CannotStart, match="ORIENTA_HOST"):
        _refuse_taken_port(settings(host="a..b", port=0))


@pytest.fixture
async def telegram() -> AsyncIterator[tuple[TelegramChannel, FakeTelegram]]:
    async with FakeTelegram() as server:
        channel = TelegramChannel(TOKEN, SECRET, base_url=server.base_url, timeout=2, poll_wait=0)
        yield channel, server
        await channel.aclose()


async def test_polling_removes_a_webhook(telegram: tuple[TelegramChannel, FakeTelegram]) -> None:
    """While one is set, each poll would be refused for ever."""
    channel, server = telegram
    server.webhook = "https://old.example.org/hooks/telegram"
    await _choose_delivery(channel, settings(telegram_token=TOKEN))
    assert server.webhook is None
    assert await channel.poll() == ()


async def test_a_webhook_that_stays_does_not_stop_the_start(
    telegram: tuple[TelegramChannel, FakeTelegram],
) -> None:
    """Polling tries again by itself, and the other channels have their work."""
    channel, server = telegram
    server.fail(Fault.FAILING)
    await _choose_delivery(channel, settings(telegram_token=TOKEN))
    assert [call.method for call in server.calls] == ["deleteWebhook"]


async def test_a_webhook_that_cannot_be_set_is_one_sentence(
    telegram: tuple[TelegramChannel, FakeTelegram],
) -> None:
    """Telegram out of reach at the start: what to look at, and the way round it."""
    channel, server = telegram
    wanted = settings(
        telegram_token=TOKEN, telegram_mode="webhook", telegram_webhook_secret=SECRET,
        public_url="https://Example.org/",
    )  # fmt: skip
    await _choose_delivery(channel, wanted)
    assert server.webhook == "https://example.org/hooks/telegram"
    server.fail(Fault.FAILING)
    with pytest.raises(CannotStart, match="ORIENTA_PUBLIC_URL") as caught:
        await _choose_delivery(channel, wanted)
    assert TOKEN not in str(caught.value)


# --- lines -------------------------------------------------------------------------------------


@pytest.fixture
async def stage() -> AsyncIterator[scripts.Stage]:
    known = catalogue(article("health/birth"))
    reader = ScriptedReader()
    async with scripts.stage(
        ConsoleChannel(),
        lambda: reader,
        lambda: known,
        Policy(),
        utc_now,  # type: ignore[arg-type,return-value]
    ) as made:
        yield made


@pytest.mark.parametrize(
    "where",
    ["[1e999, 0]", "[0, -1e999]", "[NaN, 0]", "[91, 0]", "[0, 181]", "[true, 0]", "[1]", "7"],
)
async def test_a_place_that_does_not_exist_is_an_error_line(
    stage: scripts.Stage, where: str
) -> None:
    """The line says what a location must be."""
    with pytest.raises(scripts.BadLine, match='"location" must be'):
        await stage.play(f'{{"user": "u", "location": {where}}}')


@pytest.mark.parametrize(
    "line",
    [
        '{"user": "u", "choose": true}',
        "[" * 100_000,
        '{"user": "u"}',
        '"x"',
        '{"user": 1, "text": ""}',
    ],
)
async def test_what_is_no_input_is_an_error_line(stage: scripts.Stage, line: str) -> None:
    """A truth value is no number, and depth without end is no line."""
    with pytest.raises(scripts.BadLine):
        await stage.play(line)


@pytest.mark.parametrize(
    "line",
    [r'{"user": "\ud800u", "text": "hi\ud800"}', r'{"user": "\ud800u", "kind": "v\udfff"}',
     r'{"user": "\ud800u", "text": "\ud800"}'],
)  # fmt: skip
async def test_halves_of_characters_are_cleaned_away(stage: scripts.Stage, line: str) -> None:
    """What comes out can be written as UTF-8."""
    shown = await stage.play(line)
    assert shown["user"] == "u"
    json.dumps(shown, ensure_ascii=False).encode()


@pytest.mark.parametrize("line", [r'{"text": "ho\ud800la"}', "ho\udc80la"])
async def test_understand_reads_clean_texts(line: str) -> None:
    """The reader never sees half a character."""
    reader = ScriptedReader()
    await scripts.understand(line, reader)  # type: ignore[arg-type]
    assert reader.read_texts == ["hola"]


@pytest.mark.parametrize("line", ['{"text": 1}', '{"text": "x", "lang": ["es"]}'])
async def test_understand_refuses_what_is_no_text(line: str) -> None:
    """Neither a number nor a list of languages."""
    with pytest.raises(scripts.BadLine):
        await scripts.understand(line, ScriptedReader())  # type: ignore[arg-type]


ECHO = """
from bot.command import each_line, run_async
async def echo(line):
    return {"said": line + "\\ud800"}
run_async(lambda settings: each_line(echo))
"""


def python(program: str, data: Path, **more: Any) -> "subprocess.Popen[bytes]":
    """Start a program of a few lines as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT,
        env=environment(data, PYTHONIOENCODING="ascii"), **more,
    )  # fmt: skip


def test_output_can_always_be_encoded(tmp_path: Path) -> None:
    """Lines are UTF-8 on any terminal, and a half character becomes a question mark."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with python(ECHO, tmp_path, **pipes) as process:
        out, _ = process.communicate("¿qué?\n\nñandú".encode(), PATIENCE)
    assert [json.loads(line)["said"] for line in out.splitlines()] == ["¿qué??", "ñandú?"]
    assert process.returncode == 0


# --- stopping ----------------------------------------------------------------------------------


def until(condition: Any, seconds: float = PATIENCE) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(pid: int) -> bool:
    """Say whether a process is there and has not ended."""
    try:
        state = subprocess.check_output(["ps", "-o", "stat=", "-p", str(pid)], text=True)
    except subprocess.CalledProcessError:
        return False
    return not state.startswith("Z")


TRAIN = """
import asyncio, sys
from pathlib import Path
from bot.command import run_async
from nlu.training import Environment, train
home = Path(sys.argv[-1])
async def work(settings):
    await asyncio.to_thread(
        train, {"a": ("one",), "b": ("two",)}, models=home / "models", progress=print,
        environment=Environment(home / "python", home / "nlu" / "rasa"),
    )
run_async(work)
"""
# Stands for Rasa: starts a process of its own and then does not end.
ENDLESS = """#!/bin/sh
sleep 600 &
echo $! $$ > "HOME/pids.part"
mv "HOME/pids.part" "HOME/pids"
wait
"""


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_training_ends_with_the_program(tmp_path: Path, signum: int, code: int) -> None:
    """Neither Rasa nor what it started is left, and nobody waits for it."""
    service = tmp_path / "nlu" / "rasa"
    service.mkdir(parents=True)
    (service / "config.yml").write_text("pipeline: []\n")
    fake = tmp_path / "python"
    fake.write_text(ENDLESS.replace("HOME", str(tmp_path)))
    fake.chmod(0o755)
    program = TRAIN.replace("sys.argv[-1]", repr(str(tmp_path)))
    with python(program, tmp_path, stdout=subprocess.DEVNULL) as process:
        until((tmp_path / "pids").exists)
        pids = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
        assert all(map(alive, pids))
        process.send_signal(signum)
        try:
            assert process.wait(20) == code
            until(lambda: not any(map(alive, pids)), 10)
        finally:
            process.kill()
            for pid in filter(alive, pids):
                os.kill(pid, signal.SIGKILL)
    assert not list((tmp_path / "models").glob("training-*"))


@pytest.fixture(scope="module")
def nlu() -> Iterator[RasaServer]:
    """A stand-in for the NLU service that runs in a thread, beside commands that block."""
    import threading

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    context = running_rasa_server()
    try:
        yield asyncio.run_coroutine_threadsafe(context.__aenter__(), loop).result(10)
        asyncio.run_coroutine_threadsafe(context.__aexit__(None, None, None), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with all the content and two members of staff."""
    folder = tmp_path_factory.mktemp("data")

    async def prepare() -> None:
        async with opened(settings(data_dir=folder), print) as core, core.sessions.begin() as s:
            for role in (Role.AUTHOR, Role.PUBLISHER):
                await add(s, f"{role}@example.org", "Ana", role, utc_now())

    asyncio.run(prepare())
    return folder


def test_ctrl_c_ends_the_chat_at_once(data: Path, nlu: RasaServer) -> None:
    """Nobody has to press Enter first, and the terminal hears of no fault."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "chat"], cwd=ROOT,
        env=environment(data, ORIENTA_NLU_URL=nlu.url, ORIENTA_NLU_TOKEN=NLU_TOKEN),
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=_take_terminal,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    with process, contextlib.closing(os.fdopen(ours, "r+b", buffering=0)) as terminal:
        while b"> " not in seen:
            seen += terminal.read(1024)
        terminal.write(b"\x03")
        try:
            assert process.wait(10) == 130
        finally:
            process.kill()
        assert process.stderr is not None
        told = process.stderr.read().decode()
    assert "Traceback" not in told
    assert "Fatal" not in told


def _take_terminal() -> None:
    """Make standard input the controlling terminal, so that Ctrl-C typed there is a signal."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


# --- check and import --------------------------------------------------------------------------


async def checked(**given: Any) -> tuple[bool, str]:
    """Return what `orienta check` says."""
    told: list[str] = []
    well = await check_installation(settings(**given), told.append)
    return well, "\n".join(told)


def test_check_asks_the_configured_service(data: Path, nlu: RasaServer) -> None:
    """The local environment does not matter then."""
    there = {"data_dir": data, "nlu_url": nlu.url, "rasa_python": "/no/python"}
    _, told = asyncio.run(checked(**there, nlu_token=NLU_TOKEN))
    assert "ok       NLU service" in told
    assert "model" not in told
    well, told = asyncio.run(checked(**there, nlu_token="another"))
    assert not well
    assert "PROBLEM  The NLU service refuses the token" in told


def test_check_says_whether_the_next_start_trains(data: Path) -> None:
    """A model of the present examples is looked for where training leaves it."""
    from bot.knowledge import training_examples
    from nlu.training import model_file

    _, told = asyncio.run(checked(data_dir=data))
    assert "will be trained at the next start" in told

    async def examples() -> Path:
        async with opened(settings(data_dir=data), print) as core:
            known = training_examples(core.knowledge.catalogue)
            return model_file(known, data / "models", Environment())

    model = asyncio.run(examples())
    model.parent.mkdir()
    model.touch()
    _, told = asyncio.run(checked(data_dir=data))
    assert "ok       a model of the present examples" in told


def test_only_who_may_publish_may_import(data: Path) -> None:
    """An author gets a sentence; a publisher is told how the model learns the new examples."""
    words = ("content", "import", str(ROOT / "content"), "--as")
    code, _, err = run(data, *words, "author@example.org")
    assert code == 1
    assert "publisher or an administrator" in err
    code, _, err = run(data, *words, "publisher@example.org")
    assert code == 0, err
    assert "Restart `orienta run`" in err
