"""How each command runs: settings, signals, lines in and out, and failures as one sentence."""

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, NoReturn

import click

from bot import settings as settings_
from bot.settings import Settings, SettingsError


def say(line: str) -> None:
    """Tell the operator something; standard output is left to results."""
    click.echo(line, err=True)


def stop(message: str) -> NoReturn:
    """End with one clear sentence."""
    click.echo(f"orienta: {message}", err=True)
    sys.exit(1)


def run_async(work: Callable[[Settings], Coroutine[Any, Any, None]]) -> None:
    """Read the settings, run some work, and turn what can go wrong into a sentence."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot import logs
    from bot.channel import ChannelError
    from bot.core import CannotStart
    from bot.dead_letters import DeadLettersError
    from bot.desk.cases import DeskError
    from bot.failures import database_failure, is_connection_failure, unopenable
    from bot.keys import BadKey
    from bot.scripts import BadLine
    from bot.store import StoreUnavailable
    from bot.whatsapp.templates import TemplatesError
    from content.faults import ContentError
    from nlu.bench_stock import BenchError
    from nlu.emergency import EmergencyRulesError
    from nlu.model_card import BadCard
    from nlu.models import BadModel
    from nlu.public.sets import BadSet
    from nlu.report.rows import BadFile
    from nlu.service import ServiceError
    from nlu.training import TrainingError

    known = (
        BenchError, CannotStart, BadKey, BadLine, ChannelError, DeskError, DeadLettersError,
        StoreUnavailable, ContentError, EmergencyRulesError, BadCard, BadFile, BadModel, BadSet,
        ServiceError, TrainingError, TemplatesError,
    )  # fmt: skip
    try:
        settings = settings_.load()
    except SettingsError as error:
        stop(str(error))
    sqlite = settings.database.startswith("sqlite")
    try:
        # The data folder is made by whoever opens the database in it.
        if sqlite and settings.database_url and (reason := unopenable(settings.database)):
            stop(reason)
        logs.configure(settings.log_format, settings.log_level)
        asyncio.run(_until_told_to_end(work(settings)))
    except known as error:
        stop(str(error))
    except SQLAlchemyError as error:
        stop(database_failure(error, sqlite=sqlite))
    except PermissionError as error:
        stop(f"{error.filename} may not be read or written: give this user the right to.")
    except OSError as error:
        # Whatever else speaks over the network turns its failures into errors of its own.
        if not sqlite and is_connection_failure(error):
            stop(database_failure(error, sqlite=sqlite))
        stop(f"The system refused ({error.strerror or error}): free what is short, then try again.")
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    except asyncio.CancelledError:
        sys.exit(128 + signal.SIGTERM)


async def _until_told_to_end(work: Coroutine[Any, Any, None]) -> None:
    """Do some work; a termination signal cancels it as Ctrl-C does, and no training is left."""
    from nlu.training import ending_trainings

    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - inside asyncio.run
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    with ending_trainings():
        await work


async def each_line(answer: Callable[[str], Awaitable[dict[str, Any]]]) -> None:
    """Answer each line of standard input with one JSON line; a bad line gets an error line."""
    from bot.lines import Lines
    from bot.scripts import BadLine

    lines = Lines()
    while (text := await lines.next()) is not None:
        if not text.strip():
            continue
        try:
            result = await answer(text)
        except BadLine as error:
            result = {"error": str(error)}
        # JSON is UTF-8 whatever the terminal's encoding is.
        click.echo(json.dumps(result, ensure_ascii=False).encode("utf-8", "replace"))
