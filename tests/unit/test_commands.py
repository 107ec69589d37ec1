"""Commands end in one clear sentence, stop when told to, and survive any line of input."""

import contextlib
import json
import socket
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from bot import scripts
from bot.console import ConsoleChannel
from bot.core import CannotStart
from bot.failures import database_failure
from bot.policy import Policy
from bot.running import _choose_delivery, _refuse_taken_port
from bot.telegram.channel import TelegramChannel
from bot.turns import utc_now
from tests.fakes.assistant import free_port
from tests.fakes.bot import ScriptedReader
from tests.fakes.catalogue import article, catalogue
from tests.fakes.faults import Fault
from tests.fakes.program import PATIENCE, python, run, settings
from tests.fakes.telegram_server import SECRET, TOKEN, FakeTelegram


def one_sentence(told: tuple[int, str, str], *words: str) -> None:
    """Fail unless a command ended with code 1 and one line that holds the words, no password."""
    code, out, err = told
    assert (code, out) == (1, ""), err
    assert len(err.strip().splitlines()) == 1, err
    for word in words:
        assert word in err
    assert "hush" not in err


# --- the database ------------------------------------------------------------------------------


def test_a_damaged_file_is_one_sentence(tmp_path: Path) -> None:
    """The sentence says what to put in its place."""
    (tmp_path / "orienta.db").write_bytes(b"no database at all " * 999)
    one_sentence(run(tmp_path, "staff", "list"), "damaged", "backup")


def test_a_locked_file_is_one_sentence(tmp_path: Path) -> None:
    """Another program that holds the lock is named as the reason."""
    with contextlib.closing(sqlite3.connect(tmp_path / "orienta.db")) as holder:
        holder.execute("PRAGMA journal_mode=WAL")
        holder.execute("BEGIN EXCLUSIVE")
        one_sentence(run(tmp_path, "staff", "list"), "locked", "end that program")


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    """The remedy is to create it."""
    url = f"sqlite+aiosqlite:///{tmp_path}/none/x.db"
    one_sentence(run(tmp_path, "staff", "list", ORIENTA_DATABASE_URL=url), "create its folder")


def test_a_server_that_is_down_is_one_sentence(tmp_path: Path) -> None:
    """The setting is named, the password never."""
    url = f"postgresql://u:hush@127.0.0.1:{free_port()}/x"
    told = run(tmp_path, "staff", "list", ORIENTA_DATABASE_URL=url)
    one_sentence(told, "PostgreSQL cannot be reached", "ORIENTA_DATABASE_URL")


def test_an_unknown_kind_of_database_is_said_at_once(tmp_path: Path) -> None:
    """Settings are refused before anything is opened."""
    code, _, err = run(tmp_path, "staff", "list", ORIENTA_DATABASE_URL="mysql://u:hush@h/x")
    assert code == 1
    assert "ORIENTA_DATABASE_URL" in err
    assert "Traceback" not in err
    assert "hush" not in err


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        ("InvalidPasswordError", "the password"),
        ("InvalidCatalogNameError", "does not exist"),
        ("InsufficientPrivilegeError", "lacks a right"),
        ("SomethingElseError", "SomethingElseError"),
    ],
)
def test_what_postgresql_refuses_is_said_without_its_words(kind: str, word: str) -> None:
    """The kind of the driver's error decides; what it says may hold names and values."""
    adapted = Exception("wrapped: hush")
    adapted.__cause__ = type(kind, (Exception,), {})("hush")
    said = database_failure(DBAPIError("SELECT 'hush'", None, adapted), sqlite=False)
    assert word in said
    assert "hush" not in said


# --- starting ----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_the_port_is_probed_on_every_kind_of_address(host: str) -> None:
    """A taken port is refused and a free one is not, by IPv6 as by IPv4."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as taken:
        try:
            taken.bind(("127.0.0.1" if host == "localhost" else host, 0))
        except OSError:
            pytest.skip("no IPv6 here")
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port}"):
            _refuse_taken_port(settings(host=host, port=port))
    _refuse_taken_port(settings(host=host, port=port))


def test_a_host_that_is_none_is_named() -> None:
    """The remedy is another setting than that of the port."""
    with pytest.raises(CannotStart, match="ORIENTA_HOST"):
        _refuse_taken_port(settings(host="a..b", port=0))


@pytest.fixture
async def telegram() -> AsyncIterator[tuple[TelegramChannel, FakeTelegram]]:
    async with FakeTelegram() as server:
        channel = TelegramChannel(TOKEN, SECRET, base_url=server.base_url, timeout=2, poll_wait=0)
        yield channel, server
        await channel.aclose()


async def test_polling_removes_a_webhook(telegram: tuple[TelegramChannel, FakeTelegram]) -> None:
    """While one is set, each poll would be refused for ever."""
    channel, server = telegram
    server.webhook = "https://old.example.org/hooks/telegram"
    await _choose_delivery(channel, settings(telegram_token=TOKEN))
    assert server.webhook is None
    assert (await channel.poll()).messages == ()


async def test_a_webhook_that_stays_does_not_stop_the_start(
    telegram: tuple[TelegramChannel, FakeTelegram],
) -> None:
    """Polling tries again by itself, and the other channels have their work."""
    channel, server = telegram
    server.fail(Fault.FAILING)
    await _choose_delivery(channel, settings(telegram_token=TOKEN))
    assert [call.method for call in server.calls] == ["deleteWebhook"]


async def test_a_webhook_that_cannot_be_set_is_one_sentence(
    telegram: tuple[TelegramChannel, FakeTelegram],
) -> None:
    """Telegram out of reach at the start: what to look at, and the way round it."""
    channel, server = telegram
    wanted = settings(
        telegram_token=TOKEN, telegram_mode="webhook", telegram_webhook_secret=SECRET,
        public_url="https://Example.org/",
    )  # fmt: skip
    await _choose_delivery(channel, wanted)
    assert server.webhook == "https://example.org/hooks/telegram"
    server.fail(Fault.FAILING)
    with pytest.raises(CannotStart, match="ORIENTA_PUBLIC_URL") as caught:
        await _choose_delivery(channel, wanted)
    assert TOKEN not in str(caught.value)


# --- lines -------------------------------------------------------------------------------------


@pytest.fixture
async def stage() -> AsyncIterator[scripts.Stage]:
    known = catalogue(article("health/birth"))
    reader = ScriptedReader()
    async with scripts.stage(
        ConsoleChannel(),
        lambda: reader,
        lambda: known,
        Policy(),
        utc_now,  # type: ignore[arg-type,return-value]
    ) as made:
        yield made


@pytest.mark.parametrize(
    "where",
    ["[1e999, 0]", "[0, -1e999]", "[NaN, 0]", "[91, 0]", "[0, 181]", "[true, 0]", "[1]", "7"],
)
async def test_a_place_that_does_not_exist_is_an_error_line(
    stage: scripts.Stage, where: str
) -> None:
    """The line says what a location must be."""
    with pytest.raises(scripts.BadLine, match='"location" must be'):
        await stage.play(f'{{"user": "u", "location": {where}}}')


@pytest.mark.parametrize(
    "line",
    [
        '{"user": "u", "choose": true}',
        "[" * 100_000,
        '{"user": "u"}',
        '"x"',
        '{"user": 1}',
    ],
)
async def test_what_is_no_input_is_an_error_line(stage: scripts.Stage, line: str) -> None:
    """A truth value is no number, and depth without end is no line."""
    with pytest.raises(scripts.BadLine):
        await stage.play(line)


@pytest.mark.parametrize(
    "line",
    [r'{"user": "\ud800u", "text": "hi\ud800"}', r'{"user": "\ud800u", "kind": "v\udfff"}',
     r'{"user": "\ud800u", "text": "\ud800"}'],
)  # fmt: skip
async def test_halves_of_characters_are_cleaned_away(stage: scripts.Stage, line: str) -> None:
    """What comes out can be written as UTF-8."""
    shown = await stage.play(line)
    assert shown["user"] == "u"
    json.dumps(shown, ensure_ascii=False).encode()


@pytest.mark.parametrize("line", [r'{"text": "ho\ud800la"}', "ho\udc80la"])
async def test_understand_reads_clean_texts(line: str) -> None:
    """The reader never sees half a character."""
    reader = ScriptedReader()
    await scripts.understand(line, reader)  # type: ignore[arg-type]
    assert reader.read_texts == ["hola"]


@pytest.mark.parametrize("line", ['{"text": 1}', '{"text": "x", "lang": ["es"]}'])
async def test_understand_refuses_what_is_no_text(line: str) -> None:
    """Neither a number nor a list of languages."""
    with pytest.raises(scripts.BadLine):
        await scripts.understand(line, ScriptedReader())  # type: ignore[arg-type]


ECHO = """
from bot.command import each_line, run_async
async def echo(line):
    return {"said": line + "\\ud800"}
run_async(lambda settings: each_line(echo))
"""


def test_output_can_always_be_encoded(tmp_path: Path) -> None:
    """Lines are UTF-8 on any terminal, and a half character becomes a question mark."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with python(ECHO, tmp_path, **pipes) as process:
        out, _ = process.communicate("¿qué?\n\nñandú".encode(), PATIENCE)
    assert [json.loads(line)["said"] for line in out.splitlines()] == ["¿qué??", "ñandú?"]
    assert process.returncode == 0
