"""The commands `orienta channel …`: setting up the platforms, and asking how they stand."""

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bot.command import run_async
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.finding import Finding
    from bot.telegram.install import TelegramInstallation
    from bot.whatsapp.account import WhatsAppAccount


@click.group("channel")
def channel() -> None:
    """Set up the platforms, and ask how they stand to us."""


@channel.command("sizes")
@click.argument("file", type=click.Path(path_type=Path), required=False)
def sizes(file: Path | None) -> None:
    """Count messages and bytes an answer takes on each channel, and a question of a file."""

    async def run(settings: Settings) -> None:
        from bot.running import told_sizes

        for table in await told_sizes(settings, file):
            click.echo(table)

    run_async(run)


@channel.group("telegram")
def telegram() -> None:
    """Set up the bot at Telegram: delivery, commands, descriptions."""


@telegram.command("install")
def telegram_install() -> None:
    """Set commands, menu and descriptions in all languages, and the webhook in webhook mode."""
    from bot.finding import Finding

    async def work(
        settings: Settings, installation: "TelegramInstallation"
    ) -> tuple["Finding", ...]:
        if address := settings.telegram_webhook:
            secret = settings.telegram_webhook_secret
            await installation.set_webhook(address, secret.get_secret_value() if secret else "")
            how = Finding("ok", f"Telegram delivers to {address}")
        else:
            await installation.remove_webhook()
            how = Finding("ok", "no webhook: `orienta run` fetches updates (polling)")
        return (how, *await installation.set_profile())

    _with_installation(work)


@telegram.command("status")
def telegram_status() -> None:
    """Say how Telegram delivers, what went wrong last, and whether the menus are up to date."""

    async def work(
        settings: Settings, installation: "TelegramInstallation"
    ) -> tuple["Finding", ...]:
        return await installation.status(settings.telegram_webhook)

    _with_installation(work)


@telegram.command("remove")
def telegram_remove() -> None:
    """Remove the webhook. Updates that wait are kept for a day; commands and texts stay."""
    from bot.finding import Finding

    async def work(_: Settings, installation: "TelegramInstallation") -> tuple["Finding", ...]:
        await installation.remove_webhook()
        return (Finding("ok", "no webhook: Telegram keeps updates for 24 hours, for polling"),)

    _with_installation(work)


def _with_installation(
    work: Callable[[Settings, "TelegramInstallation"], Awaitable[tuple["Finding", ...]]],
) -> None:
    """Do some work at Telegram and print what was found; a problem makes the command fail."""

    async def run(settings: Settings) -> None:
        from bot.app import close_all, network_channels
        from bot.core import CannotStart
        from bot.telegram.channel import TelegramChannel

        channels = network_channels(settings)
        try:
            found = channels.get("telegram")
            if not isinstance(found, TelegramChannel):
                raise CannotStart("Telegram is off: put ORIENTA_TELEGRAM_TOKEN=… into .env.")
            findings = await work(settings, found.installation)
        finally:
            await close_all(channels)
        _tell(findings)

    run_async(run)


@channel.group("whatsapp")
def whatsapp() -> None:
    """Look after the number at WhatsApp: what may be said when 24 hours have passed."""


@whatsapp.command("templates")
def whatsapp_templates() -> None:
    """Say what Meta makes of each template of content/whatsapp.yml, and use what is approved."""
    _with_account(lambda account: account.status())


@whatsapp.command("submit")
def whatsapp_submit() -> None:
    """Ask Meta to approve the templates of content/whatsapp.yml that it does not know."""
    _with_account(lambda account: account.submit())


def _with_account(
    work: Callable[["WhatsAppAccount"], Awaitable[tuple["Finding", ...]]],
) -> None:
    """Do some work at Meta and print what was found; a problem makes the command fail."""

    async def run(settings: Settings) -> None:
        from bot.core import CannotStart
        from bot.whatsapp.account import WhatsAppAccount
        from bot.whatsapp.graph import Graph
        from bot.whatsapp.templates import Templates
        from bot.wordings import templates_in

        token, account_id = settings.whatsapp_access_token, settings.whatsapp_account_id
        if not token or not account_id:
            raise CannotStart(
                "Put WhatsApp's settings and ORIENTA_WHATSAPP_ACCOUNT_ID=… into .env: the id of "
                "the business account, from the app's page at Meta."
            )
        graph = Graph(
            settings.whatsapp_base_url,
            settings.whatsapp_graph_version,
            token.get_secret_value(),
            timeout=30.0,
        )
        try:
            templates = Templates(settings.data_dir)
            templates.reword(await templates_in(settings.database))
            account = WhatsAppAccount(graph, account_id, templates)
            findings = await work(account)
        finally:
            await graph.aclose()
        _tell(findings)

    run_async(run)


def _tell(findings: tuple["Finding", ...]) -> None:
    for finding in findings:
        click.echo(str(finding))
    if any(finding.state == "PROBLEM" for finding in findings):
        sys.exit(1)
