"""Commands stop when told to, check what is there, and let only publishers import."""

import asyncio
import contextlib
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.core import opened
from bot.knowledge import training_examples
from bot.running import check_installation
from bot.turns import utc_now
from content.staff import Role, add
from nlu.training import Environment, model_file
from tests.fakes.assistant import ROOT, environment
from tests.fakes.program import PATIENCE, python, run, settings
from tests.fakes.rasa_server import TOKEN as NLU_TOKEN
from tests.fakes.rasa_server import RasaServer, running_rasa_server


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


# A shell that starts tests in the background makes them, and so their children, ignore Ctrl-C.
HEAR_CTRL_C = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
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
    program = HEAR_CTRL_C + TRAIN.replace("sys.argv[-1]", repr(str(tmp_path)))
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


# Standard input becomes the controlling terminal, so that Ctrl-C typed there is a signal.
CHAT = """
import fcntl, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from bot.__main__ import main
main(["chat"])
"""


def test_ctrl_c_ends_the_chat_at_once(data: Path, nlu: RasaServer) -> None:
    """Nobody has to press Enter first, and the terminal hears of no fault."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", HEAR_CTRL_C + CHAT], cwd=ROOT,
        env=environment(data, ORIENTA_NLU_URL=nlu.url, ORIENTA_NLU_TOKEN=NLU_TOKEN),
        stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, start_new_session=True,
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
    assert "Run `orienta train`" in err
