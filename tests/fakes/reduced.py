"""A small part of the real content, with which a model is trained in a short time."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from sqlalchemy.ext.asyncio import async_sessionmaker

from bot.core import TABLES
from bot.database import open_engine
from content import FOLDER, encoding, files, migrate, publishing, storing
from content.catalogue import Article, Catalogue, Intent
from tests.fakes.panel import NOW

EXAMPLES = 14  # of each article and intent in each language


def reduced(wanted: Iterable[str]) -> Catalogue:
    """Return these articles and those behind emergency cards, with few examples."""
    whole = files.read_tree(FOLDER).catalogue
    kept = {*wanted, *(card.article for card in whole.cards.values())}
    return encoding.catalogue(
        articles=[_article(a, kept) for a in whole.articles.values() if a.id in kept],
        topics=whole.topics.values(),
        intents=[_intent(intent) for intent in whole.intents.values()],
        cards=whole.cards.values(),
        paths=(),
        offices=whole.offices[:5],
        places=whole.places[:5],
        help=whole.help,
        emergency_rules=whole.emergency_rules,
        desk=whole.desk,
    )


def _article(article: Article, kept: set[str]) -> Article:
    texts = {
        lang: replace(text, examples=text.examples[:EXAMPLES])
        for lang, text in article.texts.items()
    }
    related = tuple(one for one in article.related if one in kept)
    return replace(article, texts=MappingProxyType(texts), related=related)


def _intent(intent: Intent) -> Intent:
    few = {lang: examples[:EXAMPLES] for lang, examples in intent.examples.items()}
    return replace(intent, examples=MappingProxyType(few))


async def published(catalogue: Catalogue, database: Path) -> None:
    """Make a new SQLite database in which a catalogue is published."""
    engine = open_engine(f"sqlite+aiosqlite:///{database}")
    try:
        await migrate.upgrade(engine, TABLES)
        async with async_sessionmaker(engine).begin() as session:
            await publishing.lock_content(session)
            await storing.store_catalogue(
                session, catalogue, author="import", origin="import", now=NOW
            )
    finally:
        await engine.dispose()
