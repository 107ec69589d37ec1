"""Measure our service and, in the same run, stock Rasa trained on the same examples."""

import asyncio
import json
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

from nlu.bench_load import Load, Memory, Tally, ask_all, memory_of
from nlu.bench_stock import running_stock, train_stock
from nlu.cache import CachedClient
from nlu.live import LiveService, Serving
from nlu.models import ModelStore
from nlu.rasa import RasaClient
from nlu.training import Environment, Examples, train

CLIENTS = (1, 4, 16)
_TIMEOUT = 30.0
_WARM = 50
_TURN = 100  # questions that one side is asked before it is the next one's turn


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured. `texts` are asked in this order, `rounds` times by each set of clients.

    `folder` keeps trained models between runs. `limit` is the most examples per intent that stock
    Rasa is trained on, for its training takes hours on all of them, or 0 for all; ours is measured
    with all, and with the same ones as stock.
    """

    examples: Examples
    texts: tuple[str, ...]
    folder: Path
    environment: Environment
    rounds: int = 1
    limit: int = 0
    workers: int = 1
    stock: bool = True


@dataclass(frozen=True, slots=True)
class Side:
    """The figures of one service. `training_seconds` is None where it was not trained anew."""

    name: str
    training_seconds: float | None
    start_seconds: float
    idle: Memory
    after: Memory
    loads: tuple[Load, ...]


@dataclass(frozen=True, slots=True)
class Stream:
    """Repeated texts, as they come in life, through the bot's cache."""

    asked: int
    different: int
    hit_rate: float
    load: Load


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one run, and the machine's cores and load when it began."""

    examples: int
    intents: int
    cores: int
    busy: float
    ours: Side
    ours_limited: Side | None
    stock: Side | None
    stream: Stream

    @property
    def sides(self) -> tuple[Side, ...]:
        """Whatever was measured."""
        return tuple(side for side in (self.ours, self.ours_limited, self.stock) if side)

    def as_json(self) -> dict[str, Any]:
        """Return the figures, with how many times better we are where stock was measured."""
        return {**asdict(self), "ratios": ratios(self)}


def limited(examples: Examples, limit: int) -> Examples:
    """Return at most `limit` examples of each intent, spread evenly over what there is."""
    if not limit:
        return examples
    return {
        intent: tuple(texts[i * len(texts) // limit] for i in range(limit))
        if len(texts) > limit
        else tuple(texts)
        for intent, texts in examples.items()
    }


@dataclass(frozen=True, slots=True)
class _Contender:
    """A running service that is to be measured."""

    name: str
    training_seconds: float | None
    start_seconds: float
    client: RasaClient
    pids: tuple[int, ...]


async def run(plan: Plan, progress: Callable[[str], None]) -> Report:
    """Train what is missing, serve all sides, and ask them the same questions by turns.

    By turns, because a machine is never equally busy for minutes: what disturbs, disturbs all.
    """
    busy = round(os.getloadavg()[0], 2)
    few = limited(plan.examples, plan.limit)
    async with AsyncExitStack() as stack:
        contenders = [await stack.enter_async_context(_ours(plan, plan.examples, "ours", progress))]
        if plan.stock:
            count = _count(few)
            if few != plan.examples:
                of_few = _ours(plan, few, f"ours, {count}", progress)
                contenders.append(await stack.enter_async_context(of_few))
            stock = _stock(plan, few, f"stock, {count}", progress)
            contenders.append(await stack.enter_async_context(stock))
        sides = await _measured(plan, contenders, progress)
        stream = await _stream(plan, contenders[0].client)
    return Report(
        _count(plan.examples),
        len(plan.examples),
        os.cpu_count() or 1,
        busy,
        sides[0],
        sides[1] if len(sides) > 2 else None,
        sides[-1] if plan.stock else None,
        stream,
    )


def _count(examples: Examples) -> int:
    return sum(map(len, examples.values()))


@asynccontextmanager
async def _ours(
    plan: Plan, examples: Examples, name: str, progress: Callable[[str], None]
) -> AsyncIterator[_Contender]:
    times = _Times(plan.folder / "training.json")
    began = time.perf_counter()
    models = plan.folder / "models"
    model = await asyncio.to_thread(
        lambda: train(examples, models=models, progress=progress, environment=plan.environment)
    )
    took = times.remember(model.name, time.perf_counter() - began)
    live = LiveService(
        ModelStore(model.parent), Serving(plan.environment, plan.workers, timeout=_TIMEOUT)
    )
    began = time.perf_counter()
    await live.start(model, progress)
    try:
        started = round(time.perf_counter() - began, 1)
        yield _Contender(name, took, started, live.client, live.pids)
    finally:
        await live.aclose()


@asynccontextmanager
async def _stock(
    plan: Plan, examples: Examples, name: str, progress: Callable[[str], None]
) -> AsyncIterator[_Contender]:
    times = _Times(plan.folder / "training.json")
    began = time.perf_counter()
    model = await train_stock(examples, plan.folder / "stock", plan.environment, progress)
    took = times.remember(model.name, time.perf_counter() - began)
    async with running_stock(model, plan.environment) as stock:
        client = RasaClient(stock.url, stock.token, _TIMEOUT)
        try:
            yield _Contender(name, took, stock.start_seconds, client, (stock.pid,))
        finally:
            await client.aclose()


async def _measured(
    plan: Plan, contenders: Sequence[_Contender], progress: Callable[[str], None]
) -> list[Side]:
    idle = [memory_of(contender.pids) for contender in contenders]
    for contender in contenders:
        await ask_all(contender.client, plan.texts[:_WARM], 1)
    loads: list[list[Load]] = [[] for _ in contenders]
    texts = plan.texts * plan.rounds
    for clients in CLIENTS:
        progress(f"Asking with {clients} at once, each side in its turn.")
        tallies = [Tally(clients) for _ in contenders]
        for start in range(0, len(texts), _TURN):
            for contender, tally in zip(contenders, tallies, strict=True):
                await tally.ask(contender.client, texts[start : start + _TURN])
        for place, tally in enumerate(tallies):
            loads[place].append(tally.load())
    return [
        Side(c.name, c.training_seconds, c.start_seconds, before, memory_of(c.pids), tuple(found))
        for c, before, found in zip(contenders, idle, loads, strict=True)
    ]


async def _stream(plan: Plan, client: RasaClient) -> Stream:
    """Ask texts drawn by Zipf's law: the second most frequent half as often as the first, …"""
    weights = list(accumulate(1 / rank for rank in range(1, len(plan.texts) + 1)))
    generator = random.Random(0)  # noqa: S311 - the same stream each time
    drawn = generator.choices(plan.texts, cum_weights=weights, k=2 * len(plan.texts))
    counted: list[bool] = []
    cached = CachedClient(client, counted=counted.append)
    load = await ask_all(cached, drawn, 1)
    return Stream(len(drawn), len(set(drawn)), round(sum(counted) / len(counted), 3), load)


class _Times:
    """How long each model took to train: a model that is found again took no time."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def remember(self, model: str, seconds: float) -> float | None:
        """Keep the first time of a model and return it."""
        try:
            known = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            known = {}
        if model not in known:
            known[model] = round(seconds, 1) if seconds > _FOUND else None
            self._path.write_text(json.dumps(known), encoding="utf-8")
        took = known[model]
        return float(took) if isinstance(took, int | float) else None


_FOUND = 3.0  # seconds: a training takes longer, finding a model less


def ratios(report: Report) -> dict[str, float]:
    """Return memory, and questions a second, of each side of ours over those of stock."""
    stock, found = report.stock, {}
    for side in report.sides:
        if stock is None or side is stock:
            continue
        found[f"{side.name}: memory"] = round(side.after.rss / max(stock.after.rss, 1), 2)
        for mine, theirs in zip(side.loads, stock.loads, strict=True):
            times = round(mine.per_second / max(theirs.per_second, 1e-9), 2)
            found[f"{side.name}: questions a second, {mine.clients} at once"] = times
    return found


def table(report: Report) -> str:
    """Return the figures as plain text."""
    sides = report.sides
    lines = [
        f"{report.examples} examples of {report.intents} intents; {report.cores} cores, "
        f"load {report.busy} at the start",
        _row("", [side.name for side in sides]),
        _row("training, s", [_shown(side.training_seconds) for side in sides]),
        _row("start, s", [f"{side.start_seconds:g}" for side in sides]),
        _row("memory idle, RSS / PSS MB", [_memory(side.idle) for side in sides]),
        _row("memory after, RSS / PSS MB", [_memory(side.after) for side in sides]),
    ]
    for place, clients in enumerate(CLIENTS):
        loads = [side.loads[place] for side in sides]
        lines.append(
            _row(f"{clients} at once: p50 / p95 / p99 ms", [_latency(load) for load in loads])
        )
        lines.append(
            _row("  questions a second (failed)", [f"{x.per_second:g} ({x.failed})" for x in loads])
        )
    stream = report.stream
    lines.append(
        f"repeated stream of {stream.asked} ({stream.different} different): "
        f"{stream.hit_rate:.1%} from the cache, p50 {stream.load.p50:g} ms"
    )
    for name, value in ratios(report).items():
        lines.append(f"{name}: {value:g} times stock")
    return "\n".join(lines) + "\n"


def _row(name: str, cells: Iterable[str]) -> str:
    return f"{name:<34}" + "".join(f"{cell:>26}" for cell in cells)


def _shown(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds:g}"


def _memory(memory: Memory) -> str:
    return f"{memory.rss:.0f} / {memory.pss:.0f}"


def _latency(load: Load) -> str:
    return f"{load.p50:g} / {load.p95:g} / {load.p99:g}"


def drawn_texts(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the texts in an order that mixes languages and lengths, the same each time."""
    mixed = list(texts)
    random.Random(0).shuffle(mixed)  # noqa: S311
    return tuple(mixed)
