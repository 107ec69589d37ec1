"""Setting up the bot at Telegram, and asking how it stands, in plain words."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from telegram.constants import BotDescriptionLimit

from bot.channel import AccountBlocked, RateLimited, Unreachable
from bot.engine import _COMMANDS
from bot.telegram.install import UPDATES, Finding, TelegramInstallation
from bot.telegram.menu import COMMANDS, DESCRIPTION, SHORT_DESCRIPTION
from content.catalogue import LANGUAGES
from locales import translate
from tests.contract.telegram_harness import NOW, TelegramHarness, telegram_harness
from tests.fakes.faults import Fault
from tests.fakes.program import run
from tests.fakes.telegram_server import SECRET, TOKEN, FakeTelegram, message_update

HOOK = "https://orienta.example/hooks/telegram"


@dataclass
class Setting:
    """An installation, the stand-in behind it, and the waits that it took."""

    installation: TelegramInstallation
    server: FakeTelegram
    waits: list[float]

    def calls(self, beginning: str) -> list[str]:
        return [c.method for c in self.server.calls if c.method.startswith(beginning)]


@pytest.fixture
async def harness() -> AsyncIterator[TelegramHarness]:
    async with telegram_harness() as harness:
        yield harness


@pytest.fixture
def setting(harness: TelegramHarness) -> Setting:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    installation = TelegramInstallation(harness.channel._bot, now=lambda: NOW, sleep=sleep)
    return Setting(installation, harness.server, waits)


def told(findings: tuple[Finding, ...], state: str) -> list[str]:
    return [one.text for one in findings if one.state == state]


async def test_a_webhook_is_set_with_all_it_needs(setting: Setting) -> None:
    """Address, secret and kinds of updates; what waits at Telegram is kept."""
    await setting.installation.set_webhook(HOOK, SECRET)
    (call,) = setting.server.calls
    assert call.fields == {
        "url": HOOK,
        "secret_token": SECRET,
        "allowed_updates": list(UPDATES),
        "drop_pending_updates": "false",
    }
    await setting.installation.remove_webhook()
    assert setting.server.calls[-1].fields == {"drop_pending_updates": "false"}


async def test_the_profile_is_set_in_every_language(setting: Setting) -> None:
    """Spanish is what all other phones see; the menu button opens the commands."""
    findings = await setting.installation.set_profile()
    assert told(findings, "PROBLEM") == []
    profile = setting.server.profile
    expected = {"", *LANGUAGES} - {"es"}
    assert set(profile.commands) == expected
    assert {code for _, code in profile.texts} == expected
    assert profile.commands[""][0] == {"command": "temas", "description": "Ver los temas"}
    assert profile.commands["en"][0] == {"command": "topics", "description": "See the topics"}
    assert profile.menu_button == {"type": "commands"}


async def test_what_stands_already_is_not_set_again(setting: Setting) -> None:
    """Telegram takes few changes in a row, and most deployments change nothing."""
    await setting.installation.set_profile()
    before = len(setting.calls("setMy"))
    setting.server.profile.texts["description", "fr"] = "vieux"
    await setting.installation.set_profile()
    assert setting.calls("setMy")[before:] == ["setMyDescription"]


async def test_one_refused_language_does_not_stop_the_others(setting: Setting) -> None:
    """The operator hears which were refused."""
    setting.server.profile.refused = {"setMyCommands qu", "setMyDescription ht"}
    findings = await setting.installation.set_profile()
    (problem,) = told(findings, "PROBLEM")
    assert "commands (qu)" in problem
    assert "descriptions (ht)" in problem
    assert "qu" not in setting.server.profile.commands
    assert ("description", "qu") in setting.server.profile.texts


async def test_a_short_wait_is_waited_and_a_long_one_told(setting: Setting) -> None:
    """A 429 is obeyed to the second."""
    setting.server.fail(Fault.RATE_LIMITED)
    await setting.installation.set_webhook(HOOK, SECRET)
    assert setting.waits == [7.0]
    assert setting.server.webhook == HOOK
    setting.server.fail(Fault.RATE_LIMITED, Fault.RATE_LIMITED)
    with pytest.raises(RateLimited):
        await setting.installation.remove_webhook()


@pytest.mark.parametrize(
    ("fault", "error"), [(Fault.TOKEN, AccountBlocked), (Fault.FAILING, Unreachable)]
)
async def test_failures_end_the_command(
    setting: Setting, fault: Fault, error: type[Exception]
) -> None:
    """A wrong token or no network is one sentence, not twenty."""
    setting.server.fail(fault)
    with pytest.raises(error):
        await setting.installation.set_profile()
    assert len(setting.server.calls) == 1


async def test_status_of_a_sound_installation(setting: Setting) -> None:
    """Nothing is a problem; inline mode is named as off until it is switched on."""
    await setting.installation.set_webhook(HOOK, SECRET)
    await setting.installation.set_profile()
    findings = await setting.installation.status(HOOK)
    assert told(findings, "PROBLEM") == []
    assert told(findings, "off") == ["inline mode (send /setinline to @BotFather)"]
    assert "the token is that of @orienta_bot (Orienta)" in told(findings, "ok")
    assert f"Telegram delivers to {HOOK}" in told(findings, "ok")
    assert "no updates wait" in told(findings, "ok")
    setting.server.profile.inline = True
    assert told(await setting.installation.status(HOOK), "off") == []


async def test_status_before_the_installation(setting: Setting) -> None:
    """What is missing, and the command that mends it."""
    problems = told(await setting.installation.status(HOOK), "PROBLEM")
    assert len(problems) == 2
    assert "No webhook is set" in problems[0]
    assert "es, en, pt, fr, ht, qu" in problems[1]
    assert all("`orienta channel telegram install`" in one for one in problems)


async def test_status_of_polling(setting: Setting) -> None:
    """Without a webhook all is well; one of an earlier time is a problem."""
    await setting.installation.set_profile()
    assert told(await setting.installation.status(""), "PROBLEM") == []
    setting.server.webhook = "https://old.example/x"
    (problem,) = told(await setting.installation.status(""), "PROBLEM")
    assert "https://old.example/x" in problem
    assert "`orienta channel telegram remove`" in problem


async def test_status_of_another_address_and_of_missing_kinds(setting: Setting) -> None:
    """A webhook of another installation, or of an older version, is seen."""
    await setting.installation.set_profile()
    await setting.installation.set_webhook("https://other.example/x", SECRET)
    (problem,) = told(await setting.installation.status(HOOK), "PROBLEM")
    assert "another address (https://other.example/x)" in problem
    await setting.installation.set_webhook(HOOK, SECRET)
    setting.server.profile.allowed_updates = ["message", "callback_query"]
    (problem,) = told(await setting.installation.status(HOOK), "PROBLEM")
    assert "edited_message, inline_query, my_chat_member" in problem


@pytest.mark.parametrize(
    ("said", "remedy"),
    [
        ("Wrong response from the webhook: 403 Forbidden", "secret"),
        ("Wrong response from the webhook: 404 Not Found", "/hooks/telegram"),
        ("Wrong response from the webhook: 502 Bad Gateway", "orienta run"),
        ("Wrong response from the webhook: 503 Service Unavailable", "database"),
        ("SSL error {error:0A000086:SSL routines::certificate verify failed}", "certificate"),
        ("Connection refused", "port"),
        ("Connection timed out", "port"),
        ("Failed to resolve host: Name or service not known", "DNS"),
        ("Something new", "logs"),
    ],
)
async def test_a_failed_delivery_is_told_with_its_remedy(
    setting: Setting, said: str, remedy: str
) -> None:
    """Telegram's words, the moment, what to do, and how many updates wait."""
    await setting.installation.set_profile()
    await setting.installation.set_webhook(HOOK, SECRET)
    setting.server.enqueue(message_update(1, text="a"), message_update(2, text="b"))
    moment = NOW - timedelta(minutes=5)
    setting.server.profile.webhook_info = {
        "last_error_date": int(moment.timestamp()),
        "last_error_message": said,
    }
    failed, waiting = told(await setting.installation.status(HOOK), "PROBLEM")
    assert said in failed
    assert "23/11/2026 11:55 UTC" in failed
    assert remedy in failed.replace(said, "")
    assert waiting.startswith("2 updates wait")


async def test_an_old_failure_is_past(setting: Setting) -> None:
    """Telegram tells of its last failure for ever; it is no problem of today."""
    await setting.installation.set_profile()
    await setting.installation.set_webhook(HOOK, SECRET)
    moment = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
    setting.server.profile.webhook_info = {
        "last_error_date": int(moment.timestamp()), "last_error_message": "Connection refused",
    }  # fmt: skip
    findings = await setting.installation.status(HOOK)
    assert told(findings, "PROBLEM") == []
    assert any("20/11/2026 08:00 UTC" in text for text in told(findings, "ok"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_fit_telegram(language: str) -> None:
    """Descriptions and commands keep Telegram's limits in every language."""

    def size(text: str) -> int:
        return len(text.encode("utf-16-le")) // 2

    description = translate(DESCRIPTION.text, language)
    short = translate(SHORT_DESCRIPTION.text, language)
    assert 1 <= size(description) <= BotDescriptionLimit.MAX_DESCRIPTION_LENGTH
    assert 1 <= size(short) <= BotDescriptionLimit.MAX_SHORT_DESCRIPTION_LENGTH
    names = [command.names[language] for command in COMMANDS]
    assert len(set(names)) == len(names)
    for command in COMMANDS:
        assert 1 <= size(translate(command.description.text, language)) <= 256


def test_every_command_of_the_menu_does_something() -> None:
    """The engine knows each by its Spanish name."""
    assert {command.name for command in COMMANDS} <= _COMMANDS.keys()


def test_no_name_means_two_commands() -> None:
    """A name is the same command in whichever language it is."""
    meant = [(name, c.name) for c in COMMANDS for name in c.names.values()]
    assert len(dict(meant)) == len(set(meant))


# --- the commands -------------------------------------------------------------------------------


async def command(server: FakeTelegram, data: Path, *words: str, **more: str) -> tuple[int, str]:
    """Run a command of the program against the stand-in; return its code and all it told."""
    variables = {
        "ORIENTA_TELEGRAM_TOKEN": TOKEN, "ORIENTA_TELEGRAM_BASE_URL": server.base_url, **more,
    }  # fmt: skip
    code, out, err = await asyncio.to_thread(run, data, "channel", "telegram", *words, **variables)
    assert TOKEN not in out + err
    assert SECRET not in out + err
    return code, out + err


WEBHOOK = {
    "ORIENTA_TELEGRAM_MODE": "webhook",
    "ORIENTA_TELEGRAM_WEBHOOK_SECRET": SECRET,
    "ORIENTA_PUBLIC_URL": "https://orienta.example",
}


async def test_install_status_and_remove_by_command(tmp_path: Path) -> None:
    """The three commands, one after another, from nothing to nothing."""
    async with FakeTelegram() as server:
        code, said = await command(server, tmp_path, "status", **WEBHOOK)
        assert (code, said.count("PROBLEM")) == (1, 2)
        code, said = await command(server, tmp_path, "install", **WEBHOOK)
        assert code == 0, said
        assert (server.webhook, server.webhook_secret) == (HOOK, SECRET)
        code, said = await command(server, tmp_path, "status", **WEBHOOK)
        assert (code, said.count("PROBLEM")) == (0, 0), said
        code, said = await command(server, tmp_path, "remove", **WEBHOOK)
        assert code == 0
        assert server.webhook is None
        assert server.profile.commands


async def test_install_for_polling(tmp_path: Path) -> None:
    """Without a public address the webhook of an earlier time goes, and the texts are set."""
    async with FakeTelegram() as server:
        server.webhook = "https://old.example/x"
        code, said = await command(server, tmp_path, "install")
        assert code == 0
        assert "polling" in said
        assert server.webhook is None
        assert server.profile.commands


async def test_what_is_missing_is_one_sentence(tmp_path: Path) -> None:
    """No token, a wrong token, a secret that Telegram would refuse."""
    async with FakeTelegram(token="999:other") as server:
        code, said = await command(server, tmp_path, "status", ORIENTA_TELEGRAM_TOKEN="")
        assert code == 1
        assert "ORIENTA_TELEGRAM_TOKEN" in said
        code, said = await command(server, tmp_path, "status")
        assert code == 1
        assert "@BotFather" in said
        wrong = {**WEBHOOK, "ORIENTA_TELEGRAM_WEBHOOK_SECRET": "ñandú"}
        code, said = await command(server, tmp_path, "install", **wrong)
        assert code == 1
        assert "ORIENTA_TELEGRAM_WEBHOOK_SECRET: must be" in said
        assert "Traceback" not in said
