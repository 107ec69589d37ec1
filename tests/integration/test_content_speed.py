"""How long the whole catalogue takes to load."""

from datetime import UTC, datetime
from time import perf_counter

from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from content.publishing import current_version, load_catalogue
from content.storing import store_catalogue
from tests.fakes import content as fake


async def test_a_hundred_articles_load_well_under_a_second(engine: AsyncEngine) -> None:
    """Every process does it at each publication, while people wait."""
    words = ("Una frase de unas cuantas palabras. " * 15).strip()
    sections = {"answer": words, "steps": words, "rights": words, "where": words}
    ids = [f"health/a{number}" for number in range(100)]
    articles = tuple(fake.article(each, tuple(ids[:2]), sections) for each in ids)
    catalogue = fake.catalogue(articles=articles)
    sessions = async_sessionmaker(engine)
    async with sessions.begin() as session:
        await store_catalogue(
            session, catalogue, author="files", origin="seed", now=datetime.now(UTC)
        )
    took = []
    for _ in range(3):
        async with sessions() as session:
            start = perf_counter()
            loaded = await load_catalogue(session)
            took.append(perf_counter() - start)
            assert loaded.version == await current_version(session) == catalogue.version
    assert min(took) < 1
