"""The NLU service as people use it: one model in service, another taken up without a pause."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from nlu.models import BadModel, ModelStore, verify
from nlu.rasa import RasaClient, Server
from nlu.service import RasaService, ServiceError
from nlu.training import Environment
from nlu.trial import Question, failed_canaries

logger = structlog.get_logger()

_LOOK_EVERY = 3.0
_CHECK_TIMEOUT = 5.0
_TRY_AGAIN = 300.0


@dataclass(frozen=True, slots=True)
class Serving:
    """How a model is served: by how many processes, and what it must know before it may."""

    environment: Environment = field(default_factory=Environment)
    workers: int = 1
    canaries: tuple[Question, ...] = ()
    timeout: float = 1.5


class LiveService:
    """Serves the current model of a store, and changes to another one while questions go on.

    A change starts the new model's processes beside the old ones, asks them the canaries, sends
    new questions to them, lets the old ones finish theirs, and stops them. When any of that fails
    the old model stays in service. `swapped` is called after each change.
    """

    def __init__(
        self,
        store: ModelStore,
        serving: Serving | None = None,
        *,
        swapped: Callable[[Path], None] = lambda model: None,
    ) -> None:
        """Keep the parts; `start` begins."""
        self._store = store
        self._serving = serving or Serving()
        self._swapped = swapped
        self._services: tuple[RasaService, ...] = ()
        self._canaries = self._serving.canaries
        self._refused: tuple[Path, tuple[Question, ...]] | None = None
        self._not_before = 0.0
        self._client: RasaClient | None = None
        self.model: Path | None = None
        """The model in service."""

    @property
    def client(self) -> RasaClient:
        """What asks whichever processes serve now; raises `ServiceError` before the start."""
        if self._client is None:
            raise ServiceError("The NLU service has not been started.")
        return self._client

    @property
    def pids(self) -> tuple[int, ...]:
        """The process ids of the running servers."""
        return tuple(service.pid for service in self._services if service.pid is not None)

    def know(self, canaries: tuple[Question, ...]) -> None:
        """Ask these of models from now on: the content has changed, and its examples with it."""
        self._canaries = canaries

    async def start(self, model: Path, progress: Callable[[str], None]) -> None:
        """Serve a model; raise `ServiceError` when it does not start."""
        self._services = await self._launched(model, progress)
        self.model = model
        first, *others = self._services
        self._client = RasaClient(first.base_url, first.token, self._serving.timeout)
        if others:
            await self._client.ask_from_now(_servers(self._services))

    async def take(self, model: Path, progress: Callable[[str], None]) -> None:
        """Put a model in the place of the one in service; raise `ServiceError` and keep the old."""
        try:
            await asyncio.to_thread(verify, model)
        except BadModel as bad:
            raise ServiceError(str(bad)) from bad
        fresh = await self._launched(model, progress)
        try:
            await self._examine(model, fresh)
        except BaseException:
            await _close(fresh)
            raise
        old, self._services, self.model = self._services, fresh, model
        await self.client.ask_from_now(_servers(fresh))
        self._swapped(model)
        await _close(old)

    async def watch(self) -> None:
        """Take up whatever model is promoted or gone back to, until cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            await self.look()

    async def look(self) -> bool:
        """Take up the current model of the store if it is another; return whether it was taken.

        A model that cannot be taken is told in the log, and tried again after five minutes, for
        the machine may only have been busy, or at once when it is to know other things.
        """
        wanted = self._store.current()
        if wanted is None or wanted == self.model:
            self._refused = None
            return False
        now = asyncio.get_running_loop().time()
        if self._refused == (wanted, self._canaries) and now < self._not_before:
            return False
        asked = self._canaries
        try:
            await self.take(wanted, lambda line: None)
        except ServiceError as error:
            self._refused, self._not_before = (wanted, asked), now + _TRY_AGAIN
            logger.error("nlu_model_refused", model=wanted.name, reason=str(error))
            return False
        logger.info("nlu_model_swapped", model=wanted.name)
        return True

    async def aclose(self) -> None:
        """Stop the servers and close the client."""
        if self._client is not None:
            await self._client.aclose()
        services, self._services = self._services, ()
        await _close(services)

    async def _launched(
        self, model: Path, progress: Callable[[str], None]
    ) -> tuple[RasaService, ...]:
        services = tuple(
            RasaService(model, environment=self._serving.environment)
            for _ in range(self._serving.workers)
        )
        started: list[RasaService] = []
        try:
            for service in services:  # one after the other: a start is work for a whole core
                await service.start(progress)
                started.append(service)
        except BaseException:
            await _close(started)
            raise
        return services

    async def _examine(self, model: Path, services: Sequence[RasaService]) -> None:
        for service in services:
            client = RasaClient(service.base_url, service.token, _CHECK_TIMEOUT)
            try:
                why = await failed_canaries(client, self._canaries)
            finally:
                await client.aclose()
            if why:
                raise ServiceError(f"The model {model.name} is not taken into service. {why}")


def _servers(services: Sequence[RasaService]) -> tuple[Server, ...]:
    return tuple(Server(service.base_url, service.token) for service in services)


async def _close(services: Sequence[RasaService]) -> None:
    await asyncio.gather(*(service.aclose() for service in services))
