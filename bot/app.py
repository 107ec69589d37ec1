"""The composition root: the only file that knows all parts."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path

import structlog
from aiohttp import web
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.channel import Channel, Polls, WebhookRequest
from bot.intake import Intake, webhook_channels
from bot.keys import Keys, load_or_create
from bot.knowledge import Knowledge, knowledge_of, training_examples
from bot.outbox import Outbox
from bot.policy import Policy
from bot.pump import Pump
from bot.settings import Settings
from bot.store import (
    ONLY_READS,
    InboxItem,
    OutboxItem,
    Store,
    StoreUnavailable,
    open_engine,
)
from bot.telegram import TelegramChannel
from bot.turns import Turns, utc_now
from bot.web import LARGEST_BODY, Hooks, health, metrics_app
from bot.webchat import WebChatChannel
from bot.webchat_http import WebChatSettings, webchat_routes
from bot.webchat_session import SessionCookie
from bot.webchat_stream import MessageStream
from bot.whatsapp import WhatsAppChannel
from content import FOLDER, files, migrate, publishing, seed
from content.models import Base
from locales import translate
from nlu.client import NluClient
from nlu.fallback import FallbackReader
from nlu.rasa import RasaClient
from nlu.reader import Reader
from nlu.service import RasaService
from nlu.training import Environment, train

log = structlog.get_logger()

Progress = Callable[[str], None]

REFRESH = 5.0  # seconds between two looks for newly published content
PURGE = 3600.0  # seconds between two clean-ups
TABLES = Base.metadata


class CannotStart(Exception):
    """Orienta cannot start. The message says why and what to do."""


class Core:
    """The parts that every command needs: database, store, and the current knowledge."""

    def __init__(self, settings: Settings, engine: AsyncEngine, keys: Keys) -> None:
        self.settings = settings
        self.engine = engine
        self.store = Store(engine, keys, utc_now)
        self.sessions = async_sessionmaker(engine, expire_on_commit=False)
        # A command beside a running bot must not make it wait for a lock only to read.
        only_reads = engine.execution_options(**{ONLY_READS: True})
        self.reads = async_sessionmaker(only_reads, expire_on_commit=False)
        self.policy = Policy()
        self._knowledge: Knowledge | None = None

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
            if self._knowledge is None or self._knowledge.catalogue.version != version:
                catalogue = await publishing.load_catalogue(session)
                self._knowledge = await asyncio.to_thread(knowledge_of, catalogue)

    async def keep_fresh(self) -> None:
        """Swap the knowledge whenever staff publish, until cancelled."""
        while True:
            await asyncio.sleep(REFRESH)
            try:
                await self.load()
            except Exception as error:  # the last good content goes on answering
                log.error("content_not_refreshed", error=type(error).__name__)

    async def keep_clean(self) -> None:
        """Delete what is older than the retention allows, until cancelled."""
        while True:
            try:
                before = utc_now() - timedelta(days=self.settings.retention_days)
                await self.store.purge(before)
            except StoreUnavailable as error:
                log.error("not_purged", why=str(error))
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


def _service_file(settings: Settings) -> Path:
    """Where a running NLU service says how to reach it; readable by its owner only."""
    return settings.data_dir / "nlu.json"


@asynccontextmanager
async def understanding(
    core: Core, progress: Progress, *, alone: bool = False
) -> AsyncIterator[Callable[[], Reader]]:
    """Give the reader of the moment, over the configured, the running or an own NLU service.

    `alone` starts an own service even where another process runs one.
    """
    settings = core.settings
    async with AsyncExitStack() as stack:
        url, token = _configured_service(settings)
        if not url and not alone:
            url, token = await _running_service(settings)
        if not url:
            service = await start_service(core, progress)
            stack.push_async_callback(service.aclose)
            url, token = service.base_url, service.token
            if alone:
                path = _service_file(settings)
                _write_private(path, json.dumps({"url": url, "token": token}))
                stack.callback(path.unlink, missing_ok=True)
        client = RasaClient(url, token, settings.nlu_timeout)
        stack.push_async_callback(client.aclose)
        yield _readers(core, client)


def _readers(core: Core, client: NluClient) -> Callable[[], Reader]:
    """Return what gives the reader for the knowledge of the moment."""
    made: dict[str, Reader] = {}

    def reader() -> Reader:
        now = core.knowledge
        if now.catalogue.version not in made:
            made.clear()
            fallback = FallbackReader(client, now.keywords)
            made[now.catalogue.version] = Reader(fallback, now.languages, now.emergencies)
        return made[now.catalogue.version]

    return reader


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
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)


def nlu_environment(settings: Settings) -> Environment:
    """Return where the NLU service's interpreter lies."""
    return Environment(Path(settings.rasa_python)) if settings.rasa_python else Environment()


async def train_model(core: Core, progress: Progress) -> Path:
    """Return a model of the published examples, trained now if there is none yet."""
    examples = training_examples(core.knowledge.catalogue)
    models = core.settings.data_dir / "models"
    environment = nlu_environment(core.settings)

    def work() -> Path:
        return train(examples, models=models, progress=progress, environment=environment)

    return await asyncio.to_thread(work)


async def start_service(
    core: Core, progress: Progress, *, host: str = "127.0.0.1", port: int = 0
) -> RasaService:
    """Train if the examples changed, then start the NLU service."""
    model = await train_model(core, progress)
    environment = nlu_environment(core.settings)
    token = core.settings.nlu_token.get_secret_value() if core.settings.nlu_token else None
    service = RasaService(model, environment=environment, host=host, port=port, token=token)
    await service.start(progress)
    return service


def network_channels(settings: Settings) -> dict[str, Channel]:
    """Return the channels whose platforms are configured."""
    channels: dict[str, Channel] = {}
    if settings.telegram_token:
        secret = settings.telegram_webhook_secret
        channels["telegram"] = TelegramChannel(
            settings.telegram_token.get_secret_value(),
            secret.get_secret_value() if secret else "",
            base_url=settings.telegram_base_url,
        )
    if settings.whatsapp_access_token and settings.whatsapp_app_secret:
        verify = settings.whatsapp_verify_token
        channels["whatsapp"] = WhatsAppChannel(
            settings.whatsapp_phone_number_id,
            settings.whatsapp_access_token.get_secret_value(),
            settings.whatsapp_app_secret.get_secret_value(),
            verify.get_secret_value() if verify else "",
            settings.whatsapp_graph_version,
            base_url=settings.whatsapp_base_url,
        )
    return channels


def web_channel(settings: Settings) -> WebChatChannel:
    """Return the web chat's channel."""
    secure = settings.public_url.startswith("https://")
    return WebChatChannel(MessageStream(), SessionCookie(secure=secure), translate)


class Bot:
    """The running assistant: HTTP server, inbox and outbox at work."""

    def __init__(
        self, core: Core, reader: Callable[[], Reader], channels: Mapping[str, Channel]
    ) -> None:
        self._core = core
        self._channels = channels
        self._outbox_rows: Pump[OutboxItem] = outbox_pump(core, self._served())
        turns = Turns(
            core.store,
            reader,
            lambda: core.knowledge.catalogue,
            core.policy,
            channels,
            utc_now,
            self._outbox_rows.wake,
        )
        self._inbox_rows: Pump[InboxItem] = Pump("inbox", turns.claim, turns.handle)
        self.intake = Intake(
            core.store,
            lambda: core.knowledge.emergencies,
            lambda: core.knowledge.languages,
            lambda: core.knowledge.catalogue,
            utc_now,
            self._inbox_rows.wake,
        )

    def _served(self) -> dict[str, Channel]:
        """Return the channels that this process sends to; the web chat's pages hang on it."""
        if self._core.settings.run_outbox:
            return dict(self._channels)
        return {name: c for name, c in self._channels.items() if name == "web"}

    def web_app(self) -> web.Application:
        """Return the HTTP application."""
        settings = self._core.settings
        app = web.Application(client_max_size=LARGEST_BODY)
        Hooks(self.intake, webhook_channels(self._channels)).add_to(app)
        app.add_routes(health(self._ready))
        chat = self._channels.get("web")
        if isinstance(chat, WebChatChannel):
            app.on_shutdown.append(self._end_streams)
            origins = frozenset({settings.public_url.rstrip("/")} - {""})
            page = WebChatSettings(origins=origins, trusted_proxies=settings.trusted_proxies)
            app.add_routes(webchat_routes(chat, self._accept_page, page))
        if settings.metrics_token:
            app.add_subapp("/metrics", metrics_app(settings.metrics_token.get_secret_value()))
        return app

    async def _accept_page(self, channel: WebChatChannel, request: WebhookRequest) -> None:
        await self.intake.webhook(channel, request)

    async def _end_streams(self, _: web.Application) -> None:
        """End the open pages' streams, or the server would wait for them."""
        await self._channels["web"].aclose()

    async def _ready(self) -> Mapping[str, bool]:
        try:
            async with self._core.store.session() as session:
                await session.execute(text("SELECT 1"))
        except StoreUnavailable:
            return {"database": False}
        return {"database": True}

    async def work(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._inbox_rows.run())
            group.create_task(self._outbox_rows.run())
            group.create_task(self._core.keep_fresh())
            group.create_task(self._core.keep_clean())
            if self._core.settings.telegram_mode == "polling":
                channel = self._channels.get("telegram")
                if isinstance(channel, Polls):
                    group.create_task(self.intake.poll(channel, self._channels["telegram"]))


def outbox_pump(core: Core, channels: Mapping[str, Channel]) -> Pump[OutboxItem]:
    """Return what sends the due rows of some channels."""
    outbox = Outbox(core.store, core.store, channels, utc_now)
    return Pump("outbox", outbox.claim, outbox.handle)


async def close_all(channels: Mapping[str, Channel]) -> None:
    """Close the channels' connections."""
    for channel in channels.values():
        await channel.aclose()


@asynccontextmanager
async def listening(app: web.Application, host: str, port: int) -> AsyncIterator[int]:
    """Serve an application and give its port; raise `CannotStart` if the port is taken."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            raise CannotStart(
                f"Port {port} of {host} cannot be opened ({error.strerror}). Stop what uses it, "
                "or set another with ORIENTA_PORT."
            ) from None
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


async def until_stopped(work: "asyncio.Task[None]") -> None:
    """Wait for Ctrl-C, a termination signal, or the end of the work; then end the work."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signum, stop.set)
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({work, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if work.done():
        await work
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
