"""What every command opens: the database, the store, and what is published now."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot import handover, reminders, replies
from bot.database import ONLY_READS, open_engine
from bot.dead_letters import DeadLetters
from bot.desk.cases import Desk
from bot.keys import Keys, load_or_create
from bot.knowledge import Knowledge, canaries, knowledge_of
from bot.messages import Reply
from bot.panel.notices import notices_of
from bot.policy import Policy
from bot.records import StoredRecords
from bot.settings import Settings
from bot.store import Store, StoreUnavailable
from bot.turns import utc_now
from bot.whatsapp.templates import Templates
from bot.wordings import published_templates, rewordings
from content import FOLDER, files, migrate, publishing, seed, staff
from content.models import Base
from content.panel import tables as _panel_tables  # noqa: F401 - completes the metadata
from content.panel.entry import purging
from content.panel.ports import Training
from content.release.releasing import Releaser
from locales import translate
from nlu.live import LiveService

log = structlog.get_logger()

Progress = Callable[[str], None]

REFRESH = 5.0  # seconds between two looks for newly published content
PURGE = 3600.0  # seconds between two clean-ups
REMIND = 600.0  # seconds between two looks for reminders that are due
TELL = 3600.0  # seconds between two looks for dates that owners are to be told of
REMINDING = frozenset({"telegram", "web", "console"})  # WhatsApp: by approved templates only
TABLES = Base.metadata


class CannotStart(Exception):
    """Orienta cannot start. The message says why and what to do."""


class Core:
    """The parts that every command needs: database, store, and the current knowledge."""

    def __init__(self, settings: Settings, engine: AsyncEngine, keys: Keys) -> None:
        self.settings = settings
        self.engine = engine
        self.keys = keys
        self.store = Store(engine, keys, utc_now)
        self.records = StoredRecords(self.store, keys, utc_now)
        self.templates = Templates(settings.data_dir)
        self.dead_letters = DeadLetters(self.store, keys)
        self.desk = Desk(self.store, keys, self._can_notify)
        self.sessions = async_sessionmaker(engine, expire_on_commit=False)
        # A command beside a running bot must not make it wait for a lock only to read.
        only_reads = engine.execution_options(**{ONLY_READS: True})
        self.reads = async_sessionmaker(only_reads, expire_on_commit=False)
        self.policy = Policy(public_url=settings.public_url.rstrip("/"))
        self.live: LiveService | None = None
        """The NLU service of this process, if it runs one."""
        self._knowledge: Knowledge | None = None
        self._learnt = ""  # the version of which all was learnt
        self._news = asyncio.Event()
        self._reads_texts = False

    def policy_for(self, channel: str) -> Policy:
        """Return the policy of a channel: not each can send what nobody asked for just now."""
        if channel == "whatsapp":
            languages = self.templates.languages(reminders.TEMPLATE)
            return replace(self.policy, can_remind=bool(languages), reminder_languages=languages)
        return replace(
            self.policy, can_remind=channel in REMINDING, reminds_on_return=channel == "web"
        )

    def _can_notify(self, channel: str, language: str) -> bool:
        approved = self.templates.approved(handover.TEMPLATE, language)
        return channel == "whatsapp" and approved is not None

    @property
    def knowledge(self) -> Knowledge:
        """What is published now and what follows from it."""
        if self._knowledge is None:
            raise CannotStart("The content has not been loaded yet.")
        return self._knowledge

    async def load(self) -> None:
        """Read what is published, if it differs from what is in memory."""
        async with self.reads() as session:
            version = await publishing.current_version(session)
            staffed = await staff.is_desk_staffed(session)
            if staffed != self.policy.desk_staffed:
                self.policy = replace(self.policy, desk_staffed=staffed)
            self.templates.reword(await published_templates(session))
            if self._knowledge is not None and self._learnt == version:
                return
            catalogue = await publishing.load_catalogue(session)
        translate.overlay(rewordings(catalogue))
        folder = self.settings.data_dir / "learnt"
        known = await asyncio.to_thread(knowledge_of, catalogue, folder)
        if self._knowledge is not None and self._reads_texts:
            # What was published answers now; to learn its words takes seconds more.
            self._knowledge = self._knowledge.over(catalogue)
        if self.live is not None:
            self.live.know(await asyncio.to_thread(canaries, catalogue))
        if self._reads_texts:
            await asyncio.to_thread(known.learn)
        self._knowledge, self._learnt = known, catalogue.version

    async def learn(self) -> None:
        """Learn what reading texts needs, now and whenever other content is published."""
        self._reads_texts = True
        await asyncio.to_thread(self.knowledge.learn)

    async def keep_fresh(self) -> None:
        """Swap the knowledge whenever staff publish, until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH):
                    await self._news.wait()
            self._news.clear()
            try:
                await self.load()
            except Exception as error:  # the last good content goes on answering
                log.error("content_not_refreshed", error=type(error).__name__)

    async def keep_releasing(self, training: Training) -> None:
        """Examine and publish what staff release, until cancelled; where the models lie."""
        await Releaser(self.sessions, self.reads, training, utc_now, self._look_now).run()

    async def _look_now(self) -> None:
        self._news.set()

    async def keep_reminding(self) -> None:
        """Send the reminders that are due, and own up to whom nobody answers, until cancelled."""
        while True:
            try:
                await self.records.send_reminders(self._reminder)
                await self.desk.tell_unanswered(utc_now())
            except Exception as error:  # the assistant goes on answering
                log.error("reminders_not_sent", error=type(error).__name__)
            await asyncio.sleep(REMIND)

    async def keep_telling(self) -> None:
        """Tell owners of texts that end or are overdue, until cancelled."""
        notices = notices_of(
            self.settings, self.sessions, lambda: self.knowledge.catalogue, utc_now
        )
        while True:
            try:
                await notices.tell()
            except Exception as error:  # the assistant goes on answering
                log.error("notices_not_sent", error=type(error).__name__)
            await asyncio.sleep(TELL)

    def _reminder(self, due: str, language: str) -> Reply:
        """Return the reminder of a day, with the ways to what can be done."""
        articles = self.knowledge.catalogue.articles
        about = [articles[i] for i in replies.ENDING_DOCUMENTS if i in articles]
        ways = tuple(replies.article_choice(article, language) for article in about)
        return reminders.due(due, language, ways)

    async def keep_clean(self) -> None:
        """Delete what is older than the retention allows, until cancelled."""
        while True:
            try:
                before = utc_now() - timedelta(days=self.settings.retention_days)
                await self.records.purge(before)
                async with self.sessions.begin() as session:
                    await purging.purge(session, utc_now())
            except StoreUnavailable as error:
                log.error("not_purged", why=str(error))
            except SQLAlchemyError as error:
                log.error("not_purged", why=type(error).__name__)
            await asyncio.sleep(PURGE)


@asynccontextmanager
async def opened(settings: Settings, progress: Progress) -> AsyncIterator[Core]:
    """Open the database, bring it up to date, seed it, and load what is published."""
    secret = settings.secret_key.get_secret_value() if settings.secret_key else None
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    keys = Keys(secret or load_or_create(settings.data_dir))
    engine = open_engine(settings.database)
    try:
        core = Core(settings, engine, keys)
        await migrate.upgrade(engine, TABLES)
        tree = await asyncio.to_thread(files.read_tree, FOLDER)
        async with core.reads() as session:
            seeded = await seed.is_seeded(session, tree)
        if not seeded:
            async with core.sessions.begin() as session:
                if await seed.seed(session, tree):
                    progress("The content files were read into the database.")
        await core.load()
        yield core
    finally:
        await engine.dispose()
