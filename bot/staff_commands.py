"""`orienta staff`: who may enter the panel, and in which role."""

import click

from bot.command import run_async, say, stop
from bot.settings import Settings


@click.group()
def staff() -> None:
    """Say who may change the content."""


@staff.command("add")
@click.argument("email")
@click.option("--name", required=True, help="How colleagues call this person.")
@click.option(
    "--role", required=True,
    type=click.Choice(
        ["author", "translator", "reviewer", "publisher", "desk", "analyst", "administrator"]
    ),
)  # fmt: skip
def staff_add(email: str, name: str, role: str) -> None:
    """Add a member of staff with a role; print the one-time link by which she comes in."""

    async def work(settings: Settings) -> None:
        from bot.core import opened
        from bot.turns import utc_now
        from content.panel.entry import roster
        from content.staff import Role

        async with opened(settings, say) as core, core.sessions.begin() as session:
            member, token = await roster.add(
                session, roster.COMMAND_LINE, email, name, Role(role), utc_now()
            )
        click.echo(f"{member.name} <{member.email}> is now {member.role}.")
        _print_link(settings, token)

    run_async(work)


@staff.command("link")
@click.argument("email")
def staff_link(email: str) -> None:
    """Print a new one-time link for who lost her password or her second factor."""

    async def work(settings: Settings) -> None:
        from bot.core import opened
        from bot.turns import utc_now
        from content.panel.entry import roster

        async with opened(settings, say) as core, core.sessions.begin() as session:
            token = await roster.new_link(session, roster.COMMAND_LINE, email, utc_now())
        _print_link(settings, token)

    run_async(work)


def _print_link(settings: Settings, token: str) -> None:
    from content.panel.entry import links

    hours = links.VALID.total_seconds() / 3600
    say(f"This link opens the panel once, within {hours:.0f} hours; whoever has it comes in:")
    click.echo(settings.panel_address + links.path(token))


@staff.command("list")
def staff_list() -> None:
    """List the members of staff."""

    async def work(settings: Settings) -> None:
        from bot.core import opened
        from content import staff as staff_

        async with opened(settings, say) as core, core.reads() as session:
            for member in await staff_.everyone(session):
                state = "active" if member.active else "left"
                click.echo(f"{member.email}\t{member.name}\t{member.role}\t{state}")

    run_async(work)


@staff.command("deactivate")
@click.argument("email")
def staff_deactivate(email: str) -> None:
    """Take a member's rights away; what she did stays under her name."""

    async def work(settings: Settings) -> None:
        from bot.core import opened
        from bot.turns import utc_now
        from content.panel.entry import roster

        async with opened(settings, say) as core, core.sessions.begin() as session:
            try:
                await roster.deactivate(session, roster.COMMAND_LINE, email, utc_now())
            except roster.MayNot:
                stop(f"{email} is the last administrator: add another one first.")
        click.echo(f"{email} may no longer change anything.")

    run_async(work)
