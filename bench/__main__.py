"""`python -m bench`: measure the whole system, and a stock Rasa server in the same run."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import click
from sqlalchemy import func, select

from bench import figures, stock
from bench.crowd import Crowd, Tally
from bench.figures import Report, Side, Stage
from bench.processes import Running, assistant, cpu_seconds, memory, platforms
from bench.webhooks import Secrets
from bot.command import run_async, say
from bot.core import opened
from bot.database import open_engine
from bot.knowledge import training_examples
from bot.reading import nlu_environment
from bot.scripts import read_cases
from bot.settings import Settings
from bot.tables import OutboxRow
from content.catalogue import SECTIONS, SOURCE_LANGUAGE, Text
from nlu.bench import drawn_texts, limited
from nlu.bench_load import memory_of

AT_ONCE = (1, 16, 200)
_FILE = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is measured: how many questions each stage has, and the files that it needs."""

    texts: tuple[str, ...]
    folder: Path
    models: Path
    questions: tuple[int, ...]
    half_seconds: float


@click.command()
@click.option(
    "--questions", "file", type=_FILE, default=Path("nlu/development/questions.jsonl"),
    show_default=True, help="A JSON-lines file of questions.",
)  # fmt: skip
@click.option("--database", help="Measure with this empty PostgreSQL database as well.")
@click.option("--skip-stock", is_flag=True, help="Measure only our own system.")
@click.option("--limit", default=18, show_default=True, help="Examples of an intent for stock.")
@click.option(
    "--stock-epochs", default=100, show_default=True,
    help="Epochs of stock's training. Fewer make it worse, not faster.",
)  # fmt: skip
@click.option("--quick", is_flag=True, help="A fifth of the questions.")
@click.option("--json", "target", type=_FILE, help="Also write the figures.")
def main(
    file: Path, database: str | None, skip_stock: bool, limit: int, stock_epochs: int,
    quick: bool, target: Path | None,
) -> None:  # fmt: skip
    """Measure the whole system under load, beside stock Rasa."""

    async def work(settings: Settings) -> None:
        plan = Plan(
            drawn_texts([case.text for case in read_cases(file)]),
            (settings.data_dir / "bench" / "load").absolute(),
            (settings.data_dir / "models").absolute(),
            (20, 100, 400) if quick else (100, 500, 2000),
            5 if quick else 30,
        )
        busy = round(os.getloadavg()[0], 2)
        sides = [await ours("ours, SQLite", plan, "")]
        if database:
            sides.append(await ours("ours, PostgreSQL", plan, database))
        if not skip_stock:
            async with opened(settings, say) as core:
                catalogue = core.knowledge.catalogue
                project = stock.Project(
                    limited(training_examples(catalogue), limit),
                    {a.id: _plain(a.texts[SOURCE_LANGUAGE]) for a in catalogue.articles.values()},
                    plan.folder / "stock",
                    nlu_environment(settings),
                    stock_epochs,
                )
            sides.append(await theirs(plan, project))
        found.append(Report(os.cpu_count() or 1, busy, tuple(sides)))

    found: list[Report] = []
    run_async(work)
    click.echo(figures.table(found[0]), nl=False)
    if target:
        target.write_text(json.dumps(found[0].as_json(), indent=1) + "\n", encoding="utf-8")


async def ours(name: str, plan: Plan, database: str) -> Side:
    """Start the whole system and measure it."""
    folder = plan.folder
    folder.mkdir(parents=True, exist_ok=True)
    plan.models.mkdir(parents=True, exist_ok=True)
    if not (folder / "models").exists():
        (folder / "models").symlink_to(plan.models)
    for old in folder.glob("orienta.db*"):
        old.unlink()
    known = Secrets()
    async with AsyncExitStack() as stack:
        stand_ins = await stack.enter_async_context(platforms(folder))
        say(f"{name}: starting the assistant.")
        bot = await stack.enter_async_context(assistant(folder, stand_ins.url, known, database))
        session = await stack.enter_async_context(_session())
        crowd = Crowd(session, bot.url, known, plan.texts)
        ready = asyncio.Event()
        listening = asyncio.create_task(crowd.listen(f"{stand_ins.url}/arrivals", ready))
        stack.callback(listening.cancel)
        await ready.wait()
        say("Everybody says hello.")
        await crowd.greet()
        watch = _Watch({"bot": bot, "platforms": stand_ins})
        stages = [
            await watch.stage(f"{at_once} at once", lambda n=n, c=at_once: crowd.closed(n, c))  # type: ignore[misc]
            for at_once, n in zip(AT_ONCE, plan.questions, strict=True)
        ]
        half = max(one.per_second for one in stages) / 2
        stages.append(
            await watch.stage(f"half, {half:.0f}/s", lambda: crowd.open(half, plan.half_seconds))
        )
        held = memory(bot.pid)
        url = database or f"sqlite+aiosqlite:///{folder / 'orienta.db'}"
        unsent = await _unsent(url)
    return Side(name, bot.start_seconds, tuple(stages), held, crowd.doubled, unsent)


def _plain(text: Text) -> str:
    """Return a whole approved answer as one message, as ours is one."""
    return "\n\n".join(text.sections[name] for name in SECTIONS if name in text.sections)


async def theirs(plan: Plan, project: stock.Project) -> Side:
    """Train stock Rasa, if it is not, and measure it."""
    model = await stock.trained(project, say)
    say("stock: starting the server.")
    async with stock.running(project, model) as server, _session() as session:
        crowd = stock.StockCrowd(session, server.url, plan.texts)
        await crowd.closed(50, 4)
        watch = _Watch({"rasa": server})
        stages = [
            await watch.stage(
                f"{at_once} at once",
                lambda n=n, c=at_once: crowd.closed(min(n, 400), c),  # type: ignore[misc]
            )
            for at_once, n in zip(AT_ONCE, plan.questions, strict=True)
        ]
        held = {"rasa": memory_of([server.pid])}
        return Side("stock", server.start_seconds, tuple(stages), held)


class _Watch:
    """Counts the processor time of the processes during each stage."""

    def __init__(self, processes: dict[str, Running]) -> None:
        self._processes = processes

    async def stage(self, name: str, work: Callable[[], Coroutine[Any, Any, Tally]]) -> Stage:
        say(f"{name} …")
        before = self._used()
        tally = await work()
        after = self._used()
        used = {process: after[process] - before[process] for process in after}
        return figures.stage(name, tally, used)

    def _used(self) -> dict[str, float]:
        used = {name: cpu_seconds(one.pid) for name, one in self._processes.items()}
        if bot := self._processes.get("bot"):
            used["nlu"] = cpu_seconds(bot.pid, family=True)
        return {**used, "crowd": time.process_time()}


@asynccontextmanager
async def _session() -> AsyncIterator[aiohttp.ClientSession]:
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield session


async def _unsent(url: str) -> int:
    """Wait until the outbox is empty, and return how many replies are left if it never is."""
    engine = open_engine(url.replace("postgresql://", "postgresql+asyncpg://"))
    waiting = select(func.count()).where(OutboxRow.status != "done", OutboxRow.kind == "reply")
    unsent = 0
    try:
        for _ in range(100):
            async with engine.connect() as connection:
                unsent = await connection.scalar(waiting) or 0
            if not unsent:
                break
            await asyncio.sleep(0.1)
    finally:
        await engine.dispose()
    return unsent


if __name__ == "__main__":
    main()
