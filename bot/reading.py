"""How the bot comes to its NLU service: find one, or train, start and change an own one."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import structlog

from bot import metrics
from bot.core import Core, Progress
from bot.knowledge import Knowledge, canaries, kinds_by_article, training_examples
from bot.policy import OUTSIDE, POSSIBLE, SURE, Policy
from bot.settings import Settings
from bot.thresholds import chosen, read_ranked, told
from content.catalogue import LANGUAGES, Catalogue
from nlu.cache import CachedClient
from nlu.client import NluClient
from nlu.fallback import FallbackReader
from nlu.live import LiveService, Serving
from nlu.model_card import BadCard, read_card
from nlu.models import ModelStore
from nlu.promotion import Examination, promote_or_refuse
from nlu.rasa import RasaClient
from nlu.reader import Reader
from nlu.training import Aids, Environment, Ranking, train
from nlu.trial import DEVELOPMENT, Question, read_questions

log = structlog.get_logger()


@asynccontextmanager
async def understanding(
    core: Core, progress: Progress, *, alone: bool = False
) -> AsyncIterator[Callable[[], Reader]]:
    """Give the reader of the moment, over the configured, the running or an own NLU service.

    `alone` starts an own service even where another process runs one, tells other commands where
    it is, and takes up promoted models.
    """
    settings = core.settings
    await core.learn()
    async with AsyncExitStack() as stack:
        url, token = _configured_service(settings)
        if not url and not alone:
            url, token = await _running_service(settings)
        if url:
            cached = _cached(RasaClient(url, token, settings.nlu_timeout))
            stack.push_async_callback(cached.aclose)
        else:
            cached = await stack.enter_async_context(_own_service(core, progress, watched=alone))
        yield _readers(core, cached)


@asynccontextmanager
async def _own_service(
    core: Core, progress: Progress, *, watched: bool
) -> AsyncIterator[CachedClient]:
    path = _service_file(core.settings)

    def told() -> None:
        server = live.client.servers[0]
        _write_private(path, json.dumps({"url": server.url, "token": server.token}))

    def swapped(model: Path) -> None:
        cached.empty()
        _take_thresholds(core, model)
        if watched:
            told()

    live = await live_service(core, progress, swapped=swapped)
    if live.model is not None:
        _take_thresholds(core, live.model)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(live.aclose)
        cached = _cached(live.client)
        if watched:
            told()
            stack.callback(path.unlink, missing_ok=True)
            stack.push_async_callback(_ended, asyncio.create_task(live.watch(), name="nlu-models"))
        yield cached


def _take_thresholds(core: Core, model: Path) -> None:
    """Be sure from where the model's card says; without a card, from where we are sure by default.

    A change of model changes both, for another model's confidences mean something else.
    """
    try:
        card = read_card(model)
    except BadCard as bad:
        log.error("nlu_card_unreadable", reason=str(bad))
        card = None
    core.policy = with_thresholds(core.policy, card.thresholds if card else {})


def with_thresholds(policy: Policy, thresholds: Mapping[str, Any]) -> Policy:
    """Return the policy with a card's thresholds; what is no threshold counts as not given.

    The names are those of `Policy`: `default_sure`, `default_possible`, `default_outside`, and by
    language `sure`, `possible` and `outside`.
    """

    def share(value: Any, default: float) -> float:
        good = isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1
        return float(value) if good else default

    def shares(name: str, default: float) -> Mapping[str, float]:
        known = thresholds.get(name)
        given = known if isinstance(known, Mapping) else {}
        return MappingProxyType(
            {lang: share(given[lang], default) for lang in LANGUAGES if lang in given}
        )

    sure = share(thresholds.get("default_sure"), SURE)
    possible = share(thresholds.get("default_possible"), POSSIBLE)
    outside = share(thresholds.get("default_outside"), OUTSIDE)
    return replace(
        policy,
        default_sure=sure,
        default_possible=possible,
        sure=shares("sure", sure),
        possible=shares("possible", possible),
        default_outside=outside,
        outside=shares("outside", outside),
    )


async def _ended(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _cached(client: NluClient) -> CachedClient:
    return CachedClient(
        client, counted=lambda hit: metrics.NLU_CACHE.labels("hit" if hit else "miss").inc()
    )


def _readers(core: Core, client: NluClient) -> Callable[[], Reader]:
    """Return what gives the reader for the knowledge of the moment."""
    made: list[tuple[Knowledge, Reader]] = []

    def reader() -> Reader:
        now = core.knowledge
        if not made or made[0][0] is not now:
            fallback = FallbackReader(client, now.keywords)
            cards = kinds_by_article(now.catalogue)
            made[:] = [(now, Reader(fallback, now.languages, now.emergencies, cards))]
        return made[0][1]

    return reader


def _service_file(settings: Settings) -> Path:
    """Where a running NLU service says how to reach it; readable by its owner only."""
    return settings.data_dir / "nlu.json"


def _configured_service(settings: Settings) -> tuple[str, str]:
    token = settings.nlu_token.get_secret_value() if settings.nlu_token else ""
    return settings.nlu_url, token


async def _running_service(settings: Settings) -> tuple[str, str]:
    """Return address and token of a service that `orienta run` started, if it still answers."""
    try:
        found = json.loads(_service_file(settings).read_text())
        url, token = str(found["url"]), str(found["token"])
    except (OSError, ValueError, KeyError, TypeError):
        return "", ""
    probe = RasaClient(url, token, settings.nlu_timeout)
    try:
        await probe.parse("hola")
    except Exception:  # whatever it is that answers there, it is not our service
        return "", ""
    finally:
        await probe.aclose()
    return url, token


def _write_private(path: Path, content: str) -> None:
    """Replace a file that only its owner may read, whole: a command may read it meanwhile."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
    beside.replace(path)


def nlu_environment(settings: Settings) -> Environment:
    """Return where the NLU service's interpreter lies."""
    return Environment(Path(settings.rasa_python)) if settings.rasa_python else Environment()


def model_store(settings: Settings) -> ModelStore:
    """Return the trained models."""
    return ModelStore(settings.data_dir / "models")


async def train_model(core: Core, progress: Progress) -> Path:
    """Return the model that shall serve: trained and examined now if the examples are new."""
    catalogue = core.knowledge.catalogue
    environment = nlu_environment(core.settings)
    store = model_store(core.settings)
    questions = await asyncio.to_thread(read_questions, DEVELOPMENT)
    model = await trained(catalogue, store, environment, progress, questions)
    examination = Examination(canaries(catalogue), questions, environment)
    return await promote_or_refuse(model, store, examination, progress)


async def trained(
    catalogue: Catalogue,
    store: ModelStore,
    environment: Environment,
    progress: Progress,
    questions: Sequence[Question],
) -> Path:
    """Return the model of a catalogue, trained now if its examples are new; raise `TrainingError`.

    Whether it may serve is not asked here. The questions choose from where on it is sure.
    """
    examples = training_examples(catalogue)

    def thresholds(rankings: Sequence[Ranking]) -> Mapping[str, Any]:
        ranked = read_ranked(questions, rankings)
        found = chosen(ranked, catalogue.articles)
        if line := told(found):
            progress(line)
        return found

    def work() -> Path:
        return train(
            examples,
            models=store.folder,
            progress=progress,
            environment=environment,
            aids=Aids([q.text for q in questions], thresholds),
        )

    return await asyncio.to_thread(work)


async def live_service(
    core: Core, progress: Progress, *, swapped: Callable[[Path], None] = lambda model: None
) -> LiveService:
    """Train if the examples changed, then start the NLU service."""
    model = await train_model(core, progress)
    settings = core.settings
    serving = Serving(
        nlu_environment(settings),
        settings.nlu_workers,
        canaries(core.knowledge.catalogue),
        settings.nlu_timeout,
    )
    live = LiveService(model_store(settings), serving, swapped=swapped)
    await live.start(model, progress)
    core.live = live
    return live
