"""The whole program as a process of its own, as `make run` starts it, with platform stand-ins."""

import asyncio
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from nlu.training import Environment
from tests.fakes.telegram_server import SECRET, TOKEN, FakeTelegram
from tests.fakes.whatsapp_server import (
    ACCESS_TOKEN,
    APP_SECRET,
    PHONE_NUMBER_ID,
    VERIFY_TOKEN,
    FakeWhatsApp,
)

ROOT = Path(__file__).parents[2]
READY_WITHIN = 600  # seconds: a first start trains the model


@dataclass
class Assistant:
    """The running program. `said` is what it told the operator, `data` its data folder."""

    process: asyncio.subprocess.Process
    url: str
    data: Path
    telegram: FakeTelegram
    whatsapp: FakeWhatsApp
    said: list[str]

    def variables(self) -> dict[str, str]:
        """Return the environment for commands beside the program."""
        return environment(self.data)


def environment(data: Path, **more: str) -> dict[str, str]:
    """Return an environment without any setting of the operator's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ORIENTA_")}
    return {**kept, "ORIENTA_DATA_DIR": str(data), "PYTHONWARNINGS": "default", **more}


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def data_folder(name: str) -> Path:
    """Return a data folder without a database; all share the models, which depend on content."""
    if not Environment().python.exists():
        missing = "The NLU environment is missing: run `make setup`."
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    folder = ROOT / "var" / "tests" / name
    models = ROOT / "var" / "tests" / "models"
    for needed in (folder, models):
        needed.mkdir(parents=True, exist_ok=True)
    if not (folder / "models").exists():
        (folder / "models").symlink_to(models)
    for old in folder.glob("orienta.db*"):
        old.unlink()
    return folder


@asynccontextmanager
async def running_assistant(
    name: str = "running", *, keep: bool = False, **more: str
) -> AsyncIterator[Assistant]:
    """Start the program and wait until it says that it is ready; end it as Ctrl-C does.

    `more` are settings that replace those of the stand-ins; `keep` leaves the database that is
    there already.
    """
    data = ROOT / "var" / "tests" / name if keep else data_folder(name)
    async with FakeTelegram() as telegram, FakeWhatsApp() as whatsapp:
        settings = {
            "ORIENTA_PORT": str(free_port()),
            "ORIENTA_TELEGRAM_TOKEN": TOKEN,
            "ORIENTA_TELEGRAM_WEBHOOK_SECRET": SECRET,
            "ORIENTA_TELEGRAM_BASE_URL": telegram.base_url,
            "ORIENTA_WHATSAPP_PHONE_NUMBER_ID": PHONE_NUMBER_ID,
            "ORIENTA_WHATSAPP_ACCESS_TOKEN": ACCESS_TOKEN,
            "ORIENTA_WHATSAPP_APP_SECRET": APP_SECRET,
            "ORIENTA_WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
            "ORIENTA_WHATSAPP_BASE_URL": whatsapp.base_url,
        }
        variables = environment(data, **{**settings, **more})
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "run", cwd=ROOT, env=variables,
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said: list[str] = []
        listening = asyncio.create_task(_listen(process, said))
        try:
            url = await _ready(process, said)
            yield Assistant(process, url, data, telegram, whatsapp, said)
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGINT)
                await asyncio.wait_for(process.wait(), 30)
            await listening


async def _listen(process: asyncio.subprocess.Process, said: list[str]) -> None:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        said.append(line.decode(errors="replace").rstrip())


async def _ready(process: asyncio.subprocess.Process, said: list[str]) -> str:
    async with asyncio.timeout(READY_WITHIN):
        while True:
            for line in list(said):
                if found := re.search(r"Web chat:\s+(http://\S+)", line):
                    return found[1]
            if process.returncode is not None:
                pytest.fail("The program ended: " + "\n".join(said))
            await asyncio.sleep(0.1)
