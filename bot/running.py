"""The long-running commands, composed from the parts of `bot/app.py`."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack

import click

from bot.app import (
    Bot,
    CannotStart,
    close_all,
    listening,
    network_channels,
    nlu_environment,
    opened,
    outbox_pump,
    start_service,
    understanding,
    until_stopped,
    web_channel,
)
from bot.channel import Channel
from bot.console import ConsoleChannel
from bot.messages import Said
from bot.settings import Settings
from bot.state import Conversation
from bot.telegram import TelegramChannel
from bot.turns import converse, utc_now
from bot.whatsapp import WhatsAppChannel
from content import FOLDER
from content.catalogue import LANGUAGES
from content.checks import check
from content.faults import errors
from content.files import read_tree
from nlu.training import TrainingError


def _say(line: str) -> None:
    click.echo(line, err=True)


async def run_bot(settings: Settings) -> None:
    """Run the assistant until it is stopped."""
    _refuse_taken_port(settings)
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(opened(settings, _say))
        reader = await stack.enter_async_context(understanding(core, _say, alone=True))
        channels: dict[str, Channel] = {**network_channels(settings), "web": web_channel(settings)}
        stack.push_async_callback(close_all, channels)
        bot = Bot(core, reader, channels)
        app = bot.web_app()
        port = await stack.enter_async_context(listening(app, settings.host, settings.port))
        telegram = channels.get("telegram")
        if isinstance(telegram, TelegramChannel) and settings.telegram_mode == "webhook":
            await telegram.install(settings.public_url.rstrip("/") + "/hooks/telegram")
        _say(_ready_message(settings, channels, port))
        await until_stopped(asyncio.create_task(bot.work()))
        _say("Stopping.")


def _refuse_taken_port(settings: Settings) -> None:
    """Say at once that the port is taken, not after minutes of preparation."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise CannotStart(
                f"Port {settings.port} of {settings.host} cannot be opened ({error.strerror}). "
                "Stop what uses it, or set another with ORIENTA_PORT."
            ) from None


def _ready_message(settings: Settings, channels: dict[str, Channel], port: int) -> str:
    host = "localhost" if settings.host in ("127.0.0.1", "0.0.0.0") else settings.host  # noqa: S104
    lines = [
        "",
        "Orienta is ready.",
        f"  Web chat:  http://{host}:{port}",
        "  Terminal:  make chat   (in another window)",
    ]
    if "telegram" in channels:
        lines.append(f"  Telegram:  on, by {settings.telegram_mode}")
    else:
        lines.append("  Telegram:  put ORIENTA_TELEGRAM_TOKEN=… into .env and start again")
    if "whatsapp" in channels:
        lines.append("  WhatsApp:  on, webhook at /hooks/whatsapp")
    else:
        lines.append("  WhatsApp:  put the four ORIENTA_WHATSAPP_… settings of .env.example into")
        lines.append("             .env and start again")
    return "\n".join([*lines, "  Stop:      Ctrl-C", ""])


async def run_worker(settings: Settings) -> None:
    """Send the outbox of the platforms until stopped; the web chat's is sent by `orienta run`."""
    channels = network_channels(settings)
    if not channels:
        raise CannotStart(
            "No platform is configured, so there is nothing to send; see .env.example."
        )
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(opened(settings, _say))
        stack.push_async_callback(close_all, channels)
        _say(f"Sending for {', '.join(channels)}. Stop with Ctrl-C.")
        await until_stopped(asyncio.create_task(outbox_pump(core, channels).run()))


async def run_nlu(settings: Settings, host: str, port: int) -> None:
    """Train if the examples changed, and serve the model to bots elsewhere until stopped."""
    if not settings.nlu_token:
        raise CannotStart("A service for others needs ORIENTA_NLU_TOKEN, the same as the bot's.")
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(opened(settings, _say))
        service = await start_service(core, _say, host=host, port=port)
        stack.push_async_callback(service.aclose)
        _say(f"Serving the NLU model on {host}:{port}. Stop with Ctrl-C.")
        await until_stopped(asyncio.create_task(core.keep_fresh()))


async def chat(settings: Settings, language: str) -> None:
    """Chat in the terminal until the end of the input or Ctrl-C."""
    if language not in LANGUAGES:
        raise CannotStart(f"--language must be one of {', '.join(LANGUAGES)}.")
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(opened(settings, _say))
        reader = await stack.enter_async_context(understanding(core, _say))
        console = ConsoleChannel()
        now = Conversation(language=language)
        _say("Write a question, or the number of an option. End with Ctrl-D.")
        while (line := await asyncio.to_thread(_ask)) is not None:
            if not line.strip():
                continue
            turn = await converse(
                now, Said(line), reader(), core.knowledge.catalogue, core.policy, utc_now()
            )
            for reply in turn.replies:
                for payload in console.render(reply):
                    await console.send("terminal", {"text": payload["text"] + "\n"}, outbox_id="")
            now = turn.conversation


def _ask() -> str | None:
    try:
        return input("> ")
    except (EOFError, KeyboardInterrupt):
        return None


def silent_channel(name: str, settings: Settings) -> Channel:
    """Return a channel that renders exactly as the real one; it holds no credentials."""
    match name:
        case "telegram":
            return TelegramChannel("1:none", "none")
        case "whatsapp":
            version = settings.whatsapp_graph_version
            return WhatsAppChannel("1", "none", "none", "none", version)
        case "web":
            return web_channel(settings)
        case _:
            return ConsoleChannel()


async def check_installation(settings: Settings, tell: Callable[[str], object]) -> bool:
    """Tell what works and what does not; return whether all is well."""
    well = True
    try:
        nlu_environment(settings).check()
        tell("ok       NLU environment")
    except TrainingError as error:
        tell(f"PROBLEM  {error}")
        well = False
    wrong = errors(check(await asyncio.to_thread(read_tree, FOLDER)))
    if wrong:
        tell(f"PROBLEM  Content files: {len(wrong)} errors. `orienta content check` names them.")
        well = False
    else:
        tell("ok       content files")
    async with opened(settings, _say) as core:
        articles = core.knowledge.catalogue.articles
        tell(f"ok       database, with {len(articles)} articles")
    for name in ("telegram", "whatsapp"):
        on = name in network_channels(settings)
        tell(f"ok       {name} is configured" if on else f"off      {name} (see .env.example)")
    return well
