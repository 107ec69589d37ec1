"""The composition root: the only file that knows all parts."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

import structlog
from aiohttp import web
from sqlalchemy import text

from bot.channel import Channel, Polls, WebhookRequest
from bot.core import CannotStart, Core
from bot.intake import Intake, webhook_channels
from bot.outbox import MOST_EACH, Outbox
from bot.pages.render import Pages, PagesSettings, no_bot
from bot.panel.mount import mount
from bot.pump import Pump
from bot.scene import PERU
from bot.settings import Settings
from bot.sharing import Sharing
from bot.speech import SpeechServer, SpeechToText
from bot.store import (
    InboxItem,
    OutboxItem,
    StoreUnavailable,
)
from bot.telegram.bot_name import BotName
from bot.telegram.channel import TelegramChannel
from bot.turns import Turns, utc_now
from bot.web import LARGEST_BODY, Hooks, health, metrics_app
from bot.webchat.channel import WebChatChannel
from bot.webchat.http import WebChatSettings, webchat_routes
from bot.webchat.session import SessionCookie
from bot.webchat.stream import MessageStream
from bot.whatsapp.channel import WhatsAppChannel
from bot.whatsapp.templates import Templates
from locales import translate
from nlu.reader import Reader

log = structlog.get_logger()

# Messages in work at once. Fewer are read at once; the others wait where no claim is needed.
MOST_IN_WORK = 64


def network_channels(settings: Settings, templates: Templates | None = None) -> dict[str, Channel]:
    """Return the channels whose platforms are configured; `templates` are those of WhatsApp."""
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
            templates=templates or Templates(settings.data_dir),
        )
    return channels


def speech_server(settings: Settings) -> SpeechServer | None:
    """Return what writes down voice messages, if it is configured."""
    if not settings.speech_url:
        return None
    token = settings.speech_token.get_secret_value() if settings.speech_token else ""
    return SpeechServer(settings.speech_url, token, settings.speech_model, settings.speech_timeout)


def web_channel(settings: Settings) -> WebChatChannel:
    """Return the web chat's channel."""
    secure = settings.public_url.startswith("https://")
    return WebChatChannel(MessageStream(), SessionCookie(secure=secure), translate)


class Bot:
    """The running assistant: HTTP server, inbox and outbox at work."""

    def __init__(
        self,
        core: Core,
        reader: Callable[[], Reader],
        channels: Mapping[str, Channel],
        speech: SpeechToText | None = None,
        panel: web.Application | None = None,
    ) -> None:
        self._core = core
        self._panel = panel
        self._channels = channels
        self._outbox_rows: Pump[OutboxItem] = outbox_pump(core, self._served())
        turns = Turns(
            core.store,
            reader,
            lambda: core.knowledge.catalogue,
            core.policy_for,
            channels,
            utc_now,
            self._outbox_rows.wake,
            speech,
        )
        self._inbox_rows: Pump[InboxItem] = Pump(
            "inbox", turns.claim, turns.handle, most=MOST_IN_WORK
        )
        self.intake = Intake(
            core.store,
            lambda: core.knowledge.emergencies,
            lambda: core.knowledge.languages,
            lambda: core.knowledge.catalogue,
            utc_now,
            self._inbox_rows.wake,
            Sharing(lambda: core.knowledge, core.policy.public_url, utc_now).find,
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
        if self._panel is not None:
            mount(app, self._panel)
        chat = self._channels.get("web")
        if isinstance(chat, WebChatChannel):
            app.on_shutdown.append(self._end_streams)
            origins = frozenset({settings.public_url.rstrip("/")} - {""})
            page = WebChatSettings(
                origins=origins,
                trusted_proxies=settings.trusted_proxies,
                embed_origins=tuple(settings.embed_origins.split()),
            )
            app.add_routes(webchat_routes(chat, self._accept_page, page))
            self._pages(page.leave_to).add_to(app)
        if settings.metrics_token:
            app.add_subapp("/metrics", metrics_app(settings.metrics_token.get_secret_value()))
        return app

    def _pages(self, leave_to: str) -> Pages:
        telegram = self._channels.get("telegram")
        return Pages(
            lambda: self._core.knowledge.catalogue,
            lambda: utc_now().astimezone(PERU).date(),
            PagesSettings(
                self._core.settings.public_url.rstrip("/"),
                leave_to,
                self._core.settings.trusted_proxies,
            ),
            BotName(telegram.username) if isinstance(telegram, TelegramChannel) else no_bot,
        )

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
            group.create_task(self._core.keep_reminding())
            group.create_task(self._core.keep_telling())
            if self._core.settings.telegram_mode == "polling":
                channel = self._channels.get("telegram")
                if isinstance(channel, Polls):
                    group.create_task(self.intake.poll(channel, self._channels["telegram"]))


def outbox_pump(core: Core, channels: Mapping[str, Channel]) -> Pump[OutboxItem]:
    """Return what sends the due rows of some channels."""
    outbox = Outbox(core.store, core.records, channels, utc_now)
    return Pump("outbox", outbox.claim, outbox.handle, most=2 * MOST_EACH)


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
