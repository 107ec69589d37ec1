"""Setting up a bot at Telegram: how it delivers, and what it shows around the chat.

Done at deployment, not at each start: https://core.telegram.org/bots/api#setwebhook
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from telegram import Bot, BotCommand, BotCommandScopeAllPrivateChats, MenuButtonCommands

from bot.channel import RateLimited, RequestRefused
from bot.finding import Finding
from bot.shaping import Translate
from bot.telegram.errors import ask
from bot.telegram.menu import COMMANDS, DESCRIPTION, SHORT_DESCRIPTION
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE
from locales import translate as translate_phrase

# Left out means "as before", so each kind is named.
UPDATES = ("message", "edited_message", "callback_query", "my_chat_member", "inline_query")
LONGEST_WAIT = 60.0  # seconds that an operator is made to wait when Telegram asks to
RECENT = timedelta(hours=1)

_SCOPE = BotCommandScopeAllPrivateChats()
_T = TypeVar("_T")

# What stands in Telegram's words for a failed delivery, and what to do about it.
_REMEDIES = (
    ("403", "Orienta refuses the secret: run `orienta channel telegram install`."),
    ("404", "Something else answers there: let the proxy pass /hooks/telegram on to Orienta."),
    ("503", "Orienta's database fails: see its log."),
    ("500", "Orienta fails: see its log."),
    ("502", "The proxy does not reach Orienta: see that `orienta run` runs."),
    ("504", "The proxy does not reach Orienta: see that `orienta run` runs."),
    ("ssl", "The certificate is not good: give the proxy the whole chain of a public authority."),
    ("certificate", "The certificate is not good: see that it is of a public authority and valid."),
    ("resolve", "The name has no address: correct the DNS, or ORIENTA_PUBLIC_URL."),
    ("refused", "Nothing listens there: start the proxy, or open its port."),
    ("timed out", "Nothing answers there: start the proxy and Orienta, or open the port."),
    ("timeout", "Nothing answers there: start the proxy and Orienta, or open the port."),
    ("unreachable", "There is no way to the machine: see its network and firewall."),
)


@dataclass(frozen=True, slots=True)
class _Texts:
    """What is shown in one language; `code` is Telegram's, '' for whoever has no other."""

    code: str
    commands: tuple[BotCommand, ...]
    description: str
    short_description: str


class TelegramInstallation:
    """What an operator asks of Telegram. Every method raises `ChannelError`."""

    def __init__(
        self,
        bot: Bot,
        *,
        translate: Translate = translate_phrase,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bot = bot
        self._translate = translate
        self._now = now
        self._sleep = sleep

    async def set_webhook(self, url: str, secret: str) -> None:
        """Let Telegram post updates to an https address; those that wait are kept."""
        await self._patiently(
            lambda: self._bot.set_webhook(
                url, secret_token=secret, allowed_updates=UPDATES, drop_pending_updates=False
            )
        )

    async def remove_webhook(self) -> None:
        """Let Telegram keep updates for polling; those that wait are kept."""
        await self._patiently(lambda: self._bot.delete_webhook(drop_pending_updates=False))

    async def set_profile(self) -> tuple[Finding, ...]:
        """Set commands, menu button and descriptions where they differ; tell what was refused."""
        refused: list[str] = []
        for texts in self._profile():
            try:
                await self._set_commands(texts)
            except RequestRefused:
                refused.append(f"commands ({texts.code or SOURCE_LANGUAGE})")
        await self._patiently(
            lambda: self._bot.set_chat_menu_button(menu_button=MenuButtonCommands())
        )
        for texts in self._profile():
            try:
                await self._set_descriptions(texts)
            except RequestRefused:
                refused.append(f"descriptions ({texts.code or SOURCE_LANGUAGE})")
        if refused:
            return (Finding("PROBLEM", f"Telegram refused {', '.join(refused)}."),)
        return (Finding("ok", f"commands and descriptions in {', '.join(LANGUAGES)}"),)

    async def status(self, webhook: str) -> tuple[Finding, ...]:
        """Say how Telegram stands to us. `webhook` is the address wanted, or '' for polling."""
        me = await self._patiently(self._bot.get_me)
        findings = [Finding("ok", f"the token is that of @{me.username} ({me.first_name})")]
        findings += await self._delivery(webhook)
        differing = [t.code or SOURCE_LANGUAGE for t in self._profile() if await self._differs(t)]
        if differing:
            what = f"Commands or descriptions are missing or old in {', '.join(differing)}"
            findings.append(Finding("PROBLEM", f"{what}: run `orienta channel telegram install`."))
        else:
            shown = f"commands and descriptions in {', '.join(LANGUAGES)}"
            findings.append(Finding("ok", shown))
        if me.supports_inline_queries:
            findings.append(Finding("ok", f"inline mode: @{me.username} can be asked in any chat"))
        else:
            findings.append(Finding("off", "inline mode (send /setinline to @BotFather)"))
        return tuple(findings)

    async def _delivery(self, wanted: str) -> list[Finding]:
        info = await self._patiently(self._bot.get_webhook_info)
        install = "run `orienta channel telegram install`"
        if info.url != wanted:
            if not wanted:
                where = f"A webhook is set ({info.url}), so polling is refused"
                told = f"{where}: run `orienta channel telegram remove`, or `orienta run`."
            elif info.url:
                told = f"Telegram delivers to another address ({info.url}): {install}."
            else:
                told = f"No webhook is set: {install}."
            return [Finding("PROBLEM", told)]
        how = f"Telegram delivers to {info.url}" if wanted else "Orienta fetches updates (polling)"
        findings = [Finding("ok", how)]
        lacking = set(UPDATES) - set(info.allowed_updates or UPDATES)
        if wanted and lacking:
            left_out = ", ".join(sorted(lacking))
            findings.append(Finding("PROBLEM", f"Telegram leaves out {left_out}: {install}."))
        waiting = info.pending_update_count
        if failure := self._failure(info.last_error_date, info.last_error_message or ""):
            findings.append(failure)
        if waiting and wanted and failure and failure.state == "PROBLEM":
            findings.append(Finding("PROBLEM", f"{waiting} updates wait; they are kept 24 hours."))
        else:
            findings.append(Finding("ok", f"{waiting or 'no'} updates wait"))
        return findings

    def _failure(self, moment: datetime | None, said: str) -> Finding | None:
        """Say when and why a delivery last failed; Telegram goes on telling it long after."""
        if moment is None:
            return None
        when = f"{moment:%d/%m/%Y %H:%M} UTC"
        if self._now() - moment > RECENT:
            return Finding("ok", f"the last failed delivery is of {when} ({said})")
        remedy = next((todo for sign, todo in _REMEDIES if sign in said.lower()), "See the logs.")
        return Finding("PROBLEM", f"A delivery failed at {when} ({said}). {remedy}")

    def _profile(self) -> tuple[_Texts, ...]:
        return tuple(
            _Texts(
                "" if language == SOURCE_LANGUAGE else language,
                tuple(
                    BotCommand(c.names[language], self._translate(c.description.text, language, {}))
                    for c in COMMANDS
                ),
                self._translate(DESCRIPTION.text, language, {}),
                self._translate(SHORT_DESCRIPTION.text, language, {}),
            )
            for language in LANGUAGES
        )

    async def _differs(self, texts: _Texts) -> bool:
        return not (
            await self._has_commands(texts)
            and await self._has_description(texts)
            and await self._has_short_description(texts)
        )

    async def _has_commands(self, texts: _Texts) -> bool:
        bot, code = self._bot, texts.code
        return await self._patiently(lambda: bot.get_my_commands(_SCOPE, code)) == texts.commands

    async def _has_description(self, texts: _Texts) -> bool:
        found = await self._patiently(lambda: self._bot.get_my_description(texts.code))
        return found.description == texts.description

    async def _has_short_description(self, texts: _Texts) -> bool:
        found = await self._patiently(lambda: self._bot.get_my_short_description(texts.code))
        return found.short_description == texts.short_description

    async def _set_commands(self, texts: _Texts) -> None:
        if not await self._has_commands(texts):
            bot, code = self._bot, texts.code
            await self._patiently(lambda: bot.set_my_commands(texts.commands, _SCOPE, code))

    async def _set_descriptions(self, texts: _Texts) -> None:
        # Telegram takes few changes of these in a row, so only what differs is set.
        bot, code = self._bot, texts.code
        if not await self._has_description(texts):
            await self._patiently(lambda: bot.set_my_description(texts.description, code))
        if not await self._has_short_description(texts):
            short = texts.short_description
            await self._patiently(lambda: bot.set_my_short_description(short, code))

    async def _patiently(self, call: Callable[[], Awaitable[_T]]) -> _T:
        """Ask once, and once more after the wait that Telegram asks for, if it is short."""
        try:
            return await ask(call())
        except RateLimited as error:
            if error.retry_after is None or error.retry_after > LONGEST_WAIT:
                raise
            await self._sleep(error.retry_after)
            return await ask(call())
