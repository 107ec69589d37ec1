"""The commands of the desk. They import what they need when they need it, as all commands do."""

import click

_AS = click.option(
    "--as", "email", required=True, help="The e-mail address of a member of staff with role desk."
)
_CASE = click.argument("number", type=click.IntRange(min=1))


@click.group()
def desk() -> None:
    """Read and answer the cases of persons who asked for a human."""


@desk.command("list")
@click.option("--closed", is_flag=True, help="Those that are closed, in place of those that wait.")
@_AS
def desk_list(closed: bool, email: str) -> None:
    """List the cases that wait, the oldest first."""
    from bot.desk.clerk import as_staff, list_cases

    as_staff(email, lambda core, me: list_cases(core, me, closed=closed))


@desk.command("show")
@_CASE
@_AS
def desk_show(number: int, email: str) -> None:
    """Show a case with its messages."""
    from bot.desk.clerk import as_staff, show_case

    as_staff(email, lambda core, me: show_case(core, me, number))


@desk.command("take")
@_CASE
@click.option("--over", is_flag=True, help="Also from a colleague who has taken it.")
@_AS
def desk_take(number: int, over: bool, email: str) -> None:
    """Take a case, so that colleagues leave it to you."""
    from bot.desk.clerk import as_staff, take_case

    as_staff(email, lambda core, me: take_case(core, me, number, over=over))


@desk.command("reply")
@_CASE
@click.argument("text")
@_AS
def desk_reply(number: int, text: str, email: str) -> None:
    """Write to the person of a case; the assistant keeps silent for another day."""
    from bot.desk.clerk import as_staff, reply_to

    as_staff(email, lambda core, me: reply_to(core, me, number, text))


@desk.command("close")
@_CASE
@_AS
def desk_close(number: int, email: str) -> None:
    """Close a case: the assistant tells her so and answers again."""
    from bot.desk.clerk import as_staff, close_case

    as_staff(email, lambda core, me: close_case(core, me, number))
