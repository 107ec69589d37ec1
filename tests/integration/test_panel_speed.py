"""How long the panel's pages take, and how long publishing keeps people waiting."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.database import open_engine
from bot.tables import Base
from content import FOLDER, encoding
from content.catalogue import Article, Catalogue
from content.files import read_tree
from content.migrate import upgrade
from content.publishing import load_catalogue
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_pages import every_page

ARTICLES = 2000
AT_MOST = 0.2  # seconds
ROUNDS = 3
PAUSE = 0.15  # seconds
FILES = ("/transfer/export",)
"""What is made to be kept takes as long as it takes."""


def _as_another(article: Article, number: int) -> Article:
    """Return the same article under another name."""
    texts = {
        language: replace(
            text, title=f"{text.title} {number}", label=f"{text.label[:15]} {number}"
        )
        for language, text in article.texts.items()
    }  # fmt: skip
    return replace(article, id=f"{article.id}-{number}", texts=MappingProxyType(texts))


def many(catalogue: Catalogue, count: int) -> Catalogue:
    """Return a catalogue with so many articles, made of its own."""
    own = list(catalogue.articles.values())
    more = [_as_another(own[n % len(own)], n) for n in range(len(own), count)]
    return encoding.with_articles(catalogue, [*own, *more])


@asynccontextmanager
async def serving(folder: Path, published: list[Catalogue]) -> AsyncIterator[Running]:
    """Serve the panel on what is the last in the list at each moment."""
    engine = open_engine(f"sqlite+aiosqlite:///{folder / 'orienta.db'}")
    await upgrade(engine, Base.metadata)
    try:
        async with running_panel(engine, published[0]) as panel:
            given = panel.panel.assistant
            panel.panel.assistant = replace(given, catalogue=lambda: published[-1])
            yield panel
    finally:
        await engine.dispose()


@pytest.mark.parametrize("count", [0, ARTICLES])
async def test_no_page_makes_anybody_wait(tmp_path: Path, count: int) -> None:
    """Each answers in a fifth of a second, also as the first one after a publication."""
    seed = read_tree(FOLDER).catalogue
    published = [many(seed, count) if count else seed]
    best: dict[str, float] = {}
    async with (
        serving(tmp_path, published) as panel,
        every_page(panel, published[0]) as pages,
        panel.browser() as browser,
    ):
        for turn in range(ROUNDS):
            published.append(replace(published[0], version=f"published {turn}"))
            # Each turn begins elsewhere: what is prepared anew is in nobody's way three times.
            first = turn * len(pages) // ROUNDS
            for page in (*pages[first:], *pages[:first]):
                if page.route in FILES:
                    continue
                browser.token = page.token
                start = time.perf_counter()
                response = await browser.get(page.address)
                took = time.perf_counter() - start
                assert response.status in (200, 303), page
                best[page.address] = min(took, best.get(page.address, took))
        await panel.panel.memory.settle()
    assert {path: f"{took:.3f} s" for path, took in best.items() if took > AT_MOST} == {}


async def test_what_is_published_is_loaded_in_nobodys_way(engine: AsyncEngine) -> None:
    """People are answered while a process reads it: the longest pause is a short one."""
    longest: list[float] = []

    async def beat() -> None:
        last = time.perf_counter()
        while True:
            await asyncio.sleep(0)
            now = time.perf_counter()
            pauses.append(now - last)
            last = now

    async with running_panel(engine, read_tree(FOLDER).catalogue) as panel:
        for _ in range(ROUNDS):
            pauses: list[float] = []
            gc.collect()
            beating = asyncio.create_task(beat())
            async with panel.panel.reads() as session:
                await load_catalogue(session)
            beating.cancel()
            longest.append(max(pauses))
    assert min(longest) < PAUSE, longest
