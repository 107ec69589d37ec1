"""The commands `orienta outbox …`: what did not go out, and sending it again."""

import click

from bot.command import run_async, say
from bot.settings import Settings


@click.group()
def outbox() -> None:
    """See what could not be sent, and send it again."""


@outbox.command("dead")
def outbox_dead() -> None:
    """List what was given up: number, channel, kind, since when, the reason, and what hinders."""
    from bot.core import opened
    from bot.scene import PERU
    from bot.turns import utc_now

    async def work(settings: Settings) -> None:
        async with opened(settings, say) as core:
            letters = await core.dead_letters.listed(utc_now())
        for letter in letters:
            since = letter.created_at.astimezone(PERU).strftime("%Y-%m-%d %H:%M")
            can = letter.obstacle or "can be sent again"
            line = (str(letter.id), letter.channel, letter.kind, since, letter.error or "-", can)
            click.echo("\t".join(line))
        if not letters:
            say("Nothing was given up.")

    run_async(work)


@outbox.command("resend")
@click.argument("which")
def outbox_resend(which: str) -> None:
    """Send one again by its number, or `all` of the last day that can go out."""
    from bot.core import opened
    from bot.turns import utc_now

    if which != "all" and not (which.isascii() and which.isdigit() and len(which) < 19):
        raise click.UsageError("Give a number that `orienta outbox dead` shows, or all.")

    async def work(settings: Settings) -> None:
        async with opened(settings, say) as core:
            if which == "all":
                sent, left = await core.dead_letters.resend_all(utc_now())
                say(f"{sent} go out again, {left} stay; `orienta outbox dead` says why.")
                return
            await core.dead_letters.resend(int(which), utc_now())
        say("It goes out at once if `orienta run` is running, else when it starts.")

    run_async(work)
