"""The long-running commands, composed from the parts of `bot/app.py`."""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import click
import structlog

from bot.app import (
    Bot,
    close_all,
    listening,
    network_channels,
    outbox_pump,
    speech_server,
    until_stopped,
    web_channel,
)
from bot.bodies import clean
from bot.channel import Channel, ChannelError
from bot.console import ConsoleChannel
from bot.core import CannotStart, Core, opened
from bot.knowledge import training_examples
from bot.lines import Lines
from bot.messages import Said
from bot.panel.mount import ADDRESS as PANEL
from bot.panel.mount import panel_app
from bot.panel.training import RealTraining
from bot.panel.untrained import TrainedElsewhere
from bot.policy import Policy
from bot.reading import (
    live_service,
    model_store,
    nlu_environment,
    understanding,
)
from bot.scene import PERU
from bot.scripts import read_cases
from bot.settings import Settings
from bot.sizes import Rightly, every_answer, every_question, sizes, told
from bot.state import Conversation
from bot.telegram.channel import TelegramChannel
from bot.turns import converse, utc_now
from bot.whatsapp.channel import WhatsAppChannel
from content import FOLDER
from content.catalogue import LANGUAGES
from content.checks import check
from content.faults import errors
from content.files import read_tree
from nlu.cache import CachedClient
from nlu.client import NluUnavailable
from nlu.front import Front
from nlu.model_card import read_card
from nlu.promotion import SERVED, accept
from nlu.rasa import RasaClient
from nlu.training import TrainingError, model_file
from nlu.trial import verdict_from

log = structlog.get_logger()


def _say(line: str) -> None:
    click.echo(line, err=True)


async def run_bot(settings: Settings) -> None:
    """Run the assistant until it is stopped."""
    _refuse_taken_port(settings)
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(opened(settings, _say))
        reader = await stack.enter_async_context(understanding(core, _say, alone=True))
        platforms = network_channels(settings, core.templates)
        channels: dict[str, Channel] = {**platforms, "web": web_channel(settings)}
        stack.push_async_callback(close_all, channels)
        if speech := speech_server(settings):
            stack.push_async_callback(speech.aclose)
        elsewhere = bool(settings.nlu_url)  # there the models lie, and releases are examined
        training = TrainedElsewhere() if elsewhere else _training(core)
        panel = panel_app(core, reader, training)
        bot = Bot(core, reader, channels, speech, panel)
        app = bot.web_app()
        port = await stack.enter_async_context(listening(app, settings.host, settings.port))
        telegram = channels.get("telegram")
        if isinstance(telegram, TelegramChannel):
            await _choose_delivery(telegram, settings)
        # What was loaded stays: to search it for garbage would only make people wait.
        gc.collect()
        gc.freeze()
        _say(_ready_message(settings, channels, port))
        work = [bot.work(), *([] if elsewhere else [core.keep_releasing(training)])]
        await until_stopped(asyncio.create_task(_together(*work)))
        _say("Stopping.")


async def _choose_delivery(telegram: TelegramChannel, settings: Settings) -> None:
    """Tell Telegram how it shall deliver; raise `CannotStart` when a webhook cannot be set."""
    if settings.telegram_mode == "webhook":
        try:
            await telegram.install(settings.telegram_webhook)
        except ChannelError as error:
            raise CannotStart(
                f"Telegram's webhook was not set. {error} See that the network, "
                "ORIENTA_TELEGRAM_TOKEN and ORIENTA_PUBLIC_URL are right, or poll "
                "(ORIENTA_TELEGRAM_MODE=polling)."
            ) from None
        return
    try:
        # While a webhook of an earlier time is set, Telegram refuses every poll.
        await telegram.uninstall()
    except ChannelError as error:
        log.error("telegram_webhook_not_removed", why=str(error))


def _refuse_taken_port(settings: Settings) -> None:
    refuse_taken_port(settings.host, settings.port, "ORIENTA_PORT (or ORIENTA_HOST)")


def refuse_taken_port(host: str, port: int, setting: str) -> None:
    """Say at once that the port is taken, not after minutes of preparation."""
    try:
        addresses = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError):
        raise CannotStart(
            f"{host} is no address or name of this machine: correct {setting}."
        ) from None
    for family, kind, protocol, _, address in addresses:
        try:
            with socket.socket(family, kind, protocol) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:  # as asyncio does: :: leaves IPv4 alone
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
        except OSError as error:
            raise CannotStart(
                f"Port {port} of {host} cannot be opened ({error.strerror}). "
                f"Stop what uses it, or set another with {setting}."
            ) from None


def _ready_message(settings: Settings, channels: dict[str, Channel], port: int) -> str:
    everywhere = ("127.0.0.1", "0.0.0.0", "::", "::1", "")  # noqa: S104
    host = "localhost" if settings.host in everywhere else settings.host
    host = f"[{host}]" if ":" in host else host
    lines = [
        "",
        "Orienta is ready.",
        f"  Web chat:  http://{host}:{port}",
        f"  Panel:     {settings.public_url or f'http://{host}:{port}'}{PANEL}/"
        "   (first, for a sign-in link: orienta staff add)",
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
    if not network_channels(settings):
        raise CannotStart(
            "No platform is configured, so there is nothing to send; see .env.example."
        )
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(opened(settings, _say))
        channels = network_channels(settings, core.templates)
        stack.push_async_callback(close_all, channels)
        _say(f"Sending for {', '.join(channels)}. Stop with Ctrl-C.")
        # Texts are put into words here: those that staff publish must come to be known.
        work = _together(outbox_pump(core, channels).run(), core.keep_fresh())
        await until_stopped(asyncio.create_task(work))


async def run_nlu(settings: Settings, host: str, port: int) -> None:
    """Train if the examples changed, and serve the model to bots elsewhere until stopped."""
    if not settings.nlu_token:
        raise CannotStart("A service for others needs ORIENTA_NLU_TOKEN, the same as the bot's.")
    refuse_taken_port(host, port, "--port (or --host)")
    async with AsyncExitStack() as stack:
        core = await stack.enter_async_context(opened(settings, _say))
        live = await live_service(core, _say, swapped=lambda model: cached.empty())
        stack.push_async_callback(live.aclose)
        cached = CachedClient(live.client)
        app = Front(cached, settings.nlu_token.get_secret_value()).app()
        await stack.enter_async_context(listening(app, host, port))
        _say(f"Serving the NLU model on {host}:{port}. Stop with Ctrl-C.")
        releases = core.keep_releasing(_training(core))
        work = _together(core.keep_fresh(), live.watch(), releases)
        await until_stopped(asyncio.create_task(work))


def _training(core: Core) -> RealTraining:
    settings = core.settings
    return RealTraining(model_store(settings), nlu_environment(settings), lambda: core.live)


async def _together(*work: Coroutine[Any, Any, None]) -> None:
    async with asyncio.TaskGroup() as group:
        for part in work:
            group.create_task(part)


async def roll_back(settings: Settings) -> None:
    """Let the model before serve again."""
    now = utc_now().date().isoformat()
    why = f"It was taken back on {now} by `orienta nlu rollback`."
    model = await asyncio.to_thread(model_store(settings).roll_back, why)
    _say(f"The model {model.name} serves again; a running assistant takes it up by itself.")


async def promote(settings: Settings, name: str) -> None:
    """Let a trained model serve by a person's decision."""
    store = model_store(settings)
    await asyncio.to_thread(accept, store.archive(name), store)
    _say(f"The model {name} serves now; a running assistant takes it up by itself.")


def told_models(settings: Settings) -> list[str]:
    """Return a line for each trained model, the newest first."""
    store = model_store(settings)
    current = store.current()
    lines = []
    found = store.folder.glob("*.tar.gz")
    for model in sorted(found, key=lambda file: file.stat().st_mtime, reverse=True):
        card = read_card(model)
        served = verdict_from(card.evaluation.get(SERVED)) if card else None
        state = "serves" if model == current else (card.refused if card else "") or "kept"
        figures = f"{served.best['all']:.1%} right" if served else "not examined"
        lines.append(f"{model.name.removesuffix('.tar.gz')}  {figures}  {state}")
    return lines


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
        lines = Lines()
        while (line := await _ask(lines)) is not None:
            if not (text := clean(line)).strip():
                continue
            turn = await converse(
                now, Said(text), reader(), core.knowledge.catalogue, core.policy, utc_now()
            )
            for reply in turn.replies:
                for payload in console.render(reply):
                    await console.send("terminal", {"text": payload["text"] + "\n"}, outbox_id="")
            now = turn.conversation


async def _ask(lines: Lines) -> str | None:
    sys.stdout.write("> ")
    sys.stdout.flush()
    return await lines.next()


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


async def told_sizes(settings: Settings, file: Path | None) -> list[str]:
    """Return how many messages and bytes the answers take, and those to a file's questions.

    Each question counts as rightly understood, so no model is needed.
    """
    cases = read_cases(file) if file else ()
    catalogue = (await asyncio.to_thread(read_tree, FOLDER)).catalogue
    channels = [silent_channel(name, settings) for name in ("whatsapp", "telegram", "web")]
    now = utc_now()
    answers = list(every_answer(catalogue, now.astimezone(PERU).date()))
    tables = [told("each section", [sizes(channel, answers) for channel in channels])]
    if cases:
        asked = every_question(cases, Rightly(cases), catalogue, Policy(), now)
        turns = [turn async for turn in asked]
        tables.append(told("each question", [sizes(channel, turns) for channel in channels]))
    for channel in channels:
        await channel.aclose()
    return tables


async def check_installation(settings: Settings, tell: Callable[[str], object]) -> bool:
    """Tell what works and what does not; return whether all is well."""
    well = await _check_nlu(settings, tell)
    wrong = errors(check(await asyncio.to_thread(read_tree, FOLDER)))
    if wrong:
        tell(f"PROBLEM  Content files: {len(wrong)} errors. `orienta content check` names them.")
        well = False
    else:
        tell("ok       content files")
    async with opened(settings, _say) as core:
        articles = core.knowledge.catalogue.articles
        tell(f"ok       database, with {len(articles)} articles")
        if not settings.nlu_url:
            tell(_model_state(core))
    for name in ("telegram", "whatsapp"):
        on = name in network_channels(settings)
        tell(f"ok       {name} is configured" if on else f"off      {name} (see .env.example)")
    return well


async def _check_nlu(settings: Settings, tell: Callable[[str], object]) -> bool:
    """Ask the configured NLU service, or look for the environment of an own one."""
    try:
        if not settings.nlu_url:
            nlu_environment(settings).check()
            tell("ok       NLU environment")
            return True
        token = settings.nlu_token.get_secret_value() if settings.nlu_token else ""
        client = RasaClient(settings.nlu_url, token, settings.nlu_timeout)
        try:
            await client.parse("hola")
        finally:
            await client.aclose()
    except TrainingError as error:
        tell(f"PROBLEM  {error}")
        return False
    except NluUnavailable as error:
        reason = str(error).partition(" `orienta check`")[0]  # that is what is running
        tell(f"PROBLEM  {reason} See that it runs and that ORIENTA_NLU_URL is right.")
        return False
    tell("ok       NLU service at ORIENTA_NLU_URL")
    return True


def _model_state(core: Core) -> str:
    """Say whether the next start has to train."""
    models = core.settings.data_dir / "models"
    examples = training_examples(core.knowledge.catalogue)
    if model_file(examples, models, nlu_environment(core.settings)).exists():
        return "ok       a model of the present examples"
    return "ok       no model of the present examples yet: it will be trained at the next start"
