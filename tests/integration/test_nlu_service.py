"""The NLU service is started, watched, started again and stopped; here with stand-ins for Rasa."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nlu.service import RasaService, ServiceError
from nlu.training import Environment

READY = """
import json, os, socket, sys
order = json.loads(sys.stdin.buffer.readline())
print("noise on stderr", file=sys.stderr)
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((order["host"], order["port"]))
open("order.json", "w").write(json.dumps(order))
print(json.dumps({"ready": listener.getsockname()[1]}), flush=True)
CHILD
sys.stdin.buffer.read()
"""
GRANDCHILD = """
import subprocess
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("grandchild", "w").write(str(child.pid))
"""
REFUSES = """
import json, sys
sys.stdin.buffer.readline()
print(json.dumps({"error": "port 1 is not free (taken): choose another port"}), flush=True)
"""
BREAKS = "raise SystemExit('ImportError: no module named rasa')"
SILENT = "import sys; sys.stdin.buffer.read()"
BABBLES = "print('this is no JSON', flush=True)"


def _environment(tmp_path: Path, script: str) -> Environment:
    service = tmp_path / "service"
    service.mkdir()
    (service / "config.yml").write_text("pipeline: []\n")
    (service / "serve.py").write_text(script)
    return Environment(Path(sys.executable), service)


def _service(
    tmp_path: Path, script: str, *, port: int = 0, start_timeout: float = 20.0
) -> RasaService:
    return RasaService(
        tmp_path / "model.tar.gz",
        environment=_environment(tmp_path, script),
        port=port,
        start_timeout=start_timeout,
        backoff=(0.01,),
    )


async def _until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 - another process is watched
            await asyncio.sleep(0.01)


def _is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    # A zombie whose parent has not looked yet is gone too.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


async def test_it_starts_on_a_free_port_and_stops(tmp_path: Path) -> None:
    """Ready with an address of loopback; after closing the process is gone."""
    service = _service(tmp_path, READY.replace("CHILD", ""))
    told: list[str] = []
    await service.start(told.append)
    pid = service.pid
    assert pid is not None
    assert service.base_url.startswith("http://127.0.0.1:")
    assert "ready" in told[-1]
    await service.aclose()
    assert service.pid is None
    assert _is_gone(pid)


async def test_the_token_is_in_no_process_list(tmp_path: Path) -> None:
    """The child has the token, but neither its command line nor its environment shows it."""
    service = _service(tmp_path, READY.replace("CHILD", ""))
    await service.start(print)
    try:
        process = Path(f"/proc/{service.pid}")
        shown = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
        assert service.token.encode() not in shown
        assert service.token in (tmp_path / "order.json").read_text()
    finally:
        await service.aclose()


async def test_a_dead_server_is_started_again_on_its_port(tmp_path: Path) -> None:
    """Killed, it comes back with the same address and token."""
    service = _service(tmp_path, READY.replace("CHILD", ""))
    await service.start(print)
    try:
        address, pid = service.base_url, service.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        await _until(lambda: service.starts == 2)
        assert service.base_url == address
        assert service.pid not in {None, pid}
    finally:
        await service.aclose()


async def test_it_keeps_trying_when_it_cannot_come_back(tmp_path: Path) -> None:
    """A server that dies and cannot start is tried until it can."""
    service = _service(tmp_path, READY.replace("CHILD", ""))
    await service.start(print)
    script = tmp_path / "service" / "serve.py"
    good = script.read_text()
    try:
        script.write_text(BREAKS)
        assert service.pid is not None
        os.kill(service.pid, signal.SIGKILL)
        await _until(lambda: service.pid is None)
        script.write_text(good)
        await _until(lambda: service.starts == 2)
    finally:
        await service.aclose()


async def test_what_the_server_started_is_stopped_too(tmp_path: Path) -> None:
    """A process that the child started is gone after closing."""
    service = _service(tmp_path, READY.replace("CHILD", GRANDCHILD))
    await service.start(print)
    await _until((tmp_path / "grandchild").exists)
    grandchild = int((tmp_path / "grandchild").read_text())
    await service.aclose()
    await _until(lambda: _is_gone(grandchild))


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (REFUSES, "port 1 is not free"),
        (BREAKS, "no module named rasa"),
        (BABBLES, "ended while starting"),
    ],
)
async def test_a_start_that_fails_says_why(tmp_path: Path, script: str, says: str) -> None:
    """The server's own reason, or its last words, and nothing is left running."""
    service = _service(tmp_path, script)
    with pytest.raises(ServiceError, match=says):
        await service.start(print)
    assert service.pid is None


async def test_a_server_that_never_gets_ready_is_given_up(tmp_path: Path) -> None:
    """After the timeout the child is stopped and the error says how long it was waited for."""
    service = _service(tmp_path, SILENT, start_timeout=0.3)
    with pytest.raises(ServiceError, match=r"not ready within 0\.3 seconds"):
        await service.start(print)
    assert service.pid is None


async def test_a_missing_environment_says_how_to_build_it(tmp_path: Path) -> None:
    """No interpreter: one sentence with the command."""
    environment = Environment(tmp_path / "nowhere", _environment(tmp_path, READY).service)
    service = RasaService(tmp_path / "model.tar.gz", environment=environment)
    with pytest.raises(ServiceError, match="make setup"):
        await service.start(print)
