"""Run the NLU service as a child process: start, watch, start again, stop."""

import asyncio
import json
import os
import secrets
import signal
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import structlog

from nlu.training import Environment, TrainingError

logger = structlog.get_logger()

_BACKOFF = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)
_STEADY = 60.0
_GRACE = 5.0
_TAIL_LINES = 12


class ServiceError(Exception):
    """The NLU service does not start. The message says why and what to do."""


class RasaService:
    """A Rasa server on loopback with a token of its own, one child process at a time.

    Another `host` is for a network of containers, where only the bot reaches it. `port` 0 lets
    the system choose; the chosen port is kept when the server is started again. The token reaches
    the child through a pipe, so that no process list shows it. What the child prints is kept only
    until it is ready, while there is no text of anybody's in it.
    `patience` is how long a question may wait before it is refused; it, `start_timeout` and the
    pauses of `backoff` are in seconds.
    """

    def __init__(
        self,
        model: Path,
        *,
        environment: Environment | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str | None = None,
        start_timeout: float = 120.0,
        patience: float = 0.9,
        backoff: Sequence[float] = _BACKOFF,
    ) -> None:
        """Keep what is needed; `start` begins."""
        self._model = model
        self._environment = environment or Environment()
        self._host = host
        self._port = port
        self._start_timeout = start_timeout
        self._patience = patience
        self._backoff = tuple(backoff)
        self._child: asyncio.subprocess.Process | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._watch: asyncio.Task[None] | None = None
        self._drain: asyncio.Task[None] | None = None
        self.token = token or secrets.token_urlsafe(32)
        self.starts = 0
        """How often the server has become ready: more than once means that it died."""

    @property
    def base_url(self) -> str:
        """The address of the running server."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def pid(self) -> int | None:
        """The process id of the running server, or None."""
        return self._child.pid if self._child and self._child.returncode is None else None

    async def start(self, progress: Callable[[str], None]) -> None:
        """Start the server and wait until it answers; raise `ServiceError`."""
        progress("Starting the NLU service (about ten seconds).")
        await self._launch()
        progress(f"The NLU service is ready on port {self._port} of this machine.")
        self._watch = asyncio.create_task(self._keep_alive(), name="nlu-service")

    async def aclose(self) -> None:
        """Stop the server and everything it started."""
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
            self._watch = None
        await self._stop()

    async def _launch(self) -> None:
        try:
            self._environment.check()
        except TrainingError as missing:
            raise ServiceError(str(missing)) from missing
        home = self._model.parent
        self._tail = deque(maxlen=_TAIL_LINES)
        try:
            self._child = await asyncio.create_subprocess_exec(
                *self._environment.command(str(self._environment.service / "serve.py")),
                cwd=home,
                env=self._environment.variables(home.absolute()),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,  # Ctrl-C reaches us, and we stop the child in order
            )
        except OSError as error:
            raise ServiceError(
                f"The NLU service cannot be started in {home}: {error.strerror}. "
                "Train the model with `orienta train` and build the environment with `make setup`."
            ) from error
        try:
            await asyncio.wait_for(self._handshake(self._child), self._start_timeout)
        except TimeoutError:
            await self._stop()
            raise ServiceError(
                f"The NLU service was not ready within {self._start_timeout:g} seconds. "
                f"{self._last_words()}"
            ) from None
        except BaseException:
            await self._stop()
            raise
        self.starts += 1

    async def _handshake(self, child: asyncio.subprocess.Process) -> None:
        assert child.stdin is not None  # noqa: S101 — all three are piped above
        assert child.stdout is not None  # noqa: S101
        assert child.stderr is not None  # noqa: S101
        self._drain = asyncio.create_task(self._read_noise(child.stderr))
        order = {
            "model": str(self._model.absolute()),
            "host": self._host,
            "port": self._port,
            "token": self.token,
            "patience": self._patience,
        }
        child.stdin.write(json.dumps(order).encode() + b"\n")
        # A child that is already gone says so on its standard output: that is read below.
        await asyncio.gather(child.stdin.drain(), return_exceptions=True)
        answer = _json(await child.stdout.readline())
        if isinstance(answer.get("ready"), int):
            self._port = answer["ready"]
            self._tail = deque(maxlen=0)  # from now on texts pass through: keep nothing
            return
        reason = answer.get("error")
        if isinstance(reason, str):
            raise ServiceError(f"The NLU service does not start: {reason}.")
        await child.wait()
        await self._drain
        raise ServiceError(f"The NLU service ended while starting. {self._last_words()}")

    async def _read_noise(self, stream: asyncio.StreamReader) -> None:
        """Keep the pipe empty; remember the last lines while the server starts."""
        while chunk := await stream.read(65536):
            for line in chunk.decode(errors="replace").splitlines():
                if line.strip() and "warn" not in line.lower():
                    self._tail.append(line.strip()[:300])

    def _last_words(self) -> str:
        said = "\n".join(f"    {line}" for line in self._tail) or "    (nothing)"
        return f"Its last words:\n{said}\nRun `make setup` and `orienta train`, then try again."

    async def _keep_alive(self) -> None:
        """Start the server again whenever it dies, more slowly each time."""
        loop = asyncio.get_running_loop()
        deaths = 0
        while True:
            began = loop.time()
            if self._child is not None:
                code = await self._child.wait()
                logger.warning("nlu_service_died", code=code)
                await self._stop()
            if loop.time() - began > _STEADY:
                deaths = 0
            pause = self._backoff[min(deaths, len(self._backoff) - 1)]
            deaths += 1
            await asyncio.sleep(pause)
            try:
                await self._launch()
                logger.info("nlu_service_restarted", starts=self.starts)
            except ServiceError as error:
                logger.error("nlu_service_not_restarted", reason=str(error))

    async def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        for signum, patience in ((signal.SIGTERM, _GRACE), (signal.SIGKILL, _GRACE)):
            _signal_group(child.pid, signum)
            try:
                await asyncio.wait_for(child.wait(), patience)
                break
            except TimeoutError:
                continue
        _signal_group(child.pid, signal.SIGKILL)  # whatever it started and left behind
        if child.stdin is not None:
            child.stdin.close()
        if self._drain is not None:
            self._drain.cancel()
            await asyncio.gather(self._drain, return_exceptions=True)
            self._drain = None


def _signal_group(group: int, signum: signal.Signals) -> None:
    try:
        os.killpg(group, signum)
    except (ProcessLookupError, PermissionError):
        return


def _json(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
