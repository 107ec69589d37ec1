"""Rasa as it comes, to compare with: the pipeline of `rasa init`, trained and served by its CLI."""

import asyncio
import hashlib
import os
import secrets
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from nlu.client import NluUnavailable
from nlu.rasa import RasaClient
from nlu.training import Environment, Examples, to_yaml

_READY_WITHIN = 300.0
_PIPELINE = "rasa/engine/recipes/config_files/default_config.yml"


class BenchError(Exception):
    """The comparison cannot be made. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Stock:
    """A running stock server: its process, address and token, and how long its start took."""

    pid: int
    url: str
    token: str
    start_seconds: float


def pipeline(environment: Environment) -> Path:
    """Return the configuration that Rasa uses when a project, as `rasa init` leaves it, has none.

    Only its NLU part has a role in `rasa train nlu`.
    """
    libraries = environment.python.parent.parent / "lib"
    for found in libraries.glob(f"python3*/site-packages/{_PIPELINE}"):
        return found
    raise BenchError(f"Rasa's default pipeline is not below {libraries}: run `make setup`.")


async def train_stock(
    examples: Examples, folder: Path, environment: Environment, progress: Callable[[str], None]
) -> Path:
    """Return a stock model of these examples from a folder, trained there if there is none."""
    config = pipeline(environment)
    model = _prepared(examples, folder, config)
    if model.exists():
        return model
    progress("Training stock Rasa on the same examples. This takes a quarter of an hour or more.")
    command = [
        str(environment.python), "-m", "rasa", "train", "nlu", "--nlu", "nlu.yml",
        "--config", str(config.absolute()), "--out", ".", "--fixed-model-name", "half",
    ]  # fmt: skip
    log = folder / "stock.log"
    code = await _run(command, folder, environment, log)
    half = folder / "half.tar.gz"
    if code or not half.exists():
        raise BenchError(f"Stock Rasa could not be trained (code {code}): see {log}.")
    half.replace(model)
    return model


def _prepared(examples: Examples, folder: Path, config: Path) -> Path:
    """Write the training data and return where their model lies, or will."""
    data = to_yaml(examples)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nlu.yml").write_text(data, encoding="utf-8")
    name = hashlib.sha256(data.encode() + config.read_bytes()).hexdigest()[:16]
    return folder / f"stock-{name}.tar.gz"


async def _run(command: list[str], folder: Path, environment: Environment, log: Path) -> int:
    process = await _started(command, folder, environment, log)
    try:
        return await process.wait()
    finally:
        await _end(process)


async def _started(
    command: list[str], folder: Path, environment: Environment, log: Path
) -> asyncio.subprocess.Process:
    with log.open("wb") as kept:
        return await asyncio.create_subprocess_exec(
            *command,
            cwd=folder,
            env=environment.variables(folder),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=kept,
            stderr=kept,
            start_new_session=True,
        )


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


@asynccontextmanager
async def running_stock(model: Path, environment: Environment) -> AsyncIterator[Stock]:
    """Serve a stock model as its manual says, on loopback and with a token; stop it at the end."""
    token, port = secrets.token_urlsafe(16), _free_port()
    command = [
        str(environment.python), "-m", "rasa", "run", "--enable-api", "-i", "127.0.0.1",
        "-p", str(port), "--auth-token", token, "-m", model.name,
    ]  # fmt: skip
    began = time.perf_counter()
    process = await _started(command, model.parent, environment, model.parent / "stock-run.log")
    try:
        url = f"http://127.0.0.1:{port}"
        await _answering(url, token, process)
        yield Stock(process.pid, url, token, round(time.perf_counter() - began, 1))
    finally:
        await _end(process)


async def _answering(url: str, token: str, process: asyncio.subprocess.Process) -> None:
    client = RasaClient(url, token, 20)
    try:
        async with asyncio.timeout(_READY_WITHIN):
            while process.returncode is None:
                with suppress(NluUnavailable):
                    await client.parse("hola")
                    return
                await asyncio.sleep(0.2)
    except TimeoutError:
        raise BenchError(f"Stock Rasa did not answer within {_READY_WITHIN:g} seconds.") from None
    finally:
        await client.aclose()
    raise BenchError(f"Stock Rasa ended while starting (code {process.returncode}).")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
