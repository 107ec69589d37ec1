"""The processes under measurement: started, watched, ended."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.webhooks import NUMBER_ID, Secrets
from nlu.bench_load import Memory, memory_of
from nlu.bench_stock import BenchError

ROOT = Path(__file__).parents[1]
READY_WITHIN = 1800.0  # seconds: a first start trains the model
_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Running:
    """A program and where it is reached."""

    pid: int
    url: str
    start_seconds: float


def free_port() -> int:
    """Return a port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@asynccontextmanager
async def program(
    words: list[str], url: str, ready: str, log: Path, env: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> AsyncIterator[Running]:  # fmt: skip
    """Start a program, wait until its log holds the words `ready`, and end it afterwards.

    Raise `BenchError` if it ends before.
    """
    began = time.perf_counter()
    with log.open("wb") as kept:
        process = await asyncio.create_subprocess_exec(
            *words, cwd=folder, env=env, stdin=asyncio.subprocess.DEVNULL, stdout=kept,
            stderr=kept, start_new_session=True,
        )  # fmt: skip
    try:
        async with asyncio.timeout(READY_WITHIN):
            while ready.encode() not in await asyncio.to_thread(log.read_bytes):
                if process.returncode is not None:
                    raise BenchError(f"A program ended while it started: see {log}.")
                await asyncio.sleep(0.05)
        yield Running(process.pid, url, round(time.perf_counter() - began, 1))
    except TimeoutError:
        raise BenchError(f"A program was not ready in time: see {log}.") from None
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
        try:
            await asyncio.wait_for(process.wait(), 30)
        except TimeoutError:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


@asynccontextmanager
async def platforms(folder: Path) -> AsyncIterator[Running]:
    """Start the stand-ins of both platforms."""
    port = free_port()
    words = [sys.executable, "-m", "bench.platforms", str(port)]
    url = f"http://127.0.0.1:{port}"
    async with program(words, url, "", folder / "platforms.log") as running:
        await _listening(port)
        yield running


async def _listening(port: int) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return


@asynccontextmanager
async def assistant(
    folder: Path, stand_ins: str, known: Secrets, database: str
) -> AsyncIterator[Running]:
    """Start the assistant as `make run` does, on an empty database."""
    port = free_port()
    settings = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database,
        "PORT": str(port),
        "METRICS_TOKEN": known.metrics,
        "PUBLIC_URL": "https://bench.example",
        "TELEGRAM_TOKEN": known.telegram_token,
        "TELEGRAM_MODE": "webhook",
        "TELEGRAM_WEBHOOK_SECRET": known.telegram,
        "TELEGRAM_BASE_URL": f"{stand_ins}/bot",
        "WHATSAPP_PHONE_NUMBER_ID": NUMBER_ID,
        "WHATSAPP_ACCESS_TOKEN": known.whatsapp_token,
        "WHATSAPP_APP_SECRET": known.whatsapp,
        "WHATSAPP_VERIFY_TOKEN": known.whatsapp,
        "WHATSAPP_BASE_URL": stand_ins,
    }
    kept = {name: value for name, value in os.environ.items() if name in _KEPT or
            not name.startswith("ORIENTA_")}  # fmt: skip
    env = {**kept, **{f"ORIENTA_{name}": value for name, value in settings.items()}}
    words = [sys.executable, "-m", "bot", "run"]
    url = f"http://127.0.0.1:{port}"
    log = folder / "assistant.log"
    async with program(words, url, "Orienta is ready.", log, env) as running:
        yield running


_KEPT = ("ORIENTA_NLU_WORKERS", "ORIENTA_RASA_PYTHON", "ORIENTA_LOG_LEVEL", "ORIENTA_LOG_FORMAT")


def children(pid: int) -> list[int]:
    """Return the processes that a process started."""
    try:
        found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in found.split()]


def memory(pid: int) -> dict[str, Memory]:
    """Return the memory of the assistant's own process and of what it started."""
    whole, started = memory_of([pid]), memory_of(children(pid))
    own = Memory(round(whole.rss - started.rss, 1), round(whole.pss - started.pss, 1))
    return {"bot": own, "nlu": started}


def cpu_seconds(pid: int, *, family: bool = False) -> float:
    """Return the processor time that a process used so far, or that what it started used."""
    pids = children(pid) if family else [pid]
    ticks = 0
    for one in pids:
        try:
            stat = Path(f"/proc/{one}/stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        fields = stat.rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS
