"""What `orienta desk …` does: the cases of persons who asked for a human, for the role desk.

What is printed names nobody: neither the person, whose name and number are not known here, nor
the colleague who answers a case.
"""

from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import click

from bot.command import run_async, say
from bot.core import Core, opened
from bot.desk.cases import Case
from bot.scene import PERU
from bot.settings import Settings
from bot.turns import utc_now
from content import staff

SHOWN = 60  # characters of a question in the list


def as_staff(email: str, work: Callable[[Core, str], Coroutine[Any, Any, None]]) -> None:
    """Do some work in the name of a member of staff who has the role desk."""

    async def checked(settings: Settings) -> None:
        async with opened(settings, say) as core:
            async with core.reads() as session:
                member = await staff.active(session, email)
            if member.role != staff.Role.DESK:
                raise staff.StaffError(
                    f"{member.email} is {member.role}, and only the role desk may read and answer "
                    "cases: let one of them do it (see `orienta staff list`)."
                )
            await work(core, member.email)

    run_async(checked)


async def list_cases(core: Core, me: str, *, closed: bool) -> None:
    """Print a line for each case."""
    cases = await core.desk.cases(closed=closed)
    for case in cases:
        question = case.question[:SHOWN] or "(no question)"
        line = (_state(case, me), case.channel, case.language, _time(case.opened_at), question)
        click.echo(f"{case.id}\t" + "\t".join(line))
    if not cases:
        say("No case is closed yet." if closed else "Nobody waits.")


async def show_case(core: Core, me: str, number: int) -> None:
    """Print a case with its messages, oldest first."""
    case = await core.desk.case(number)
    click.echo(f"Case {case.id}, {_state(case, me)}, {case.channel}, in {case.language}")
    click.echo(_reach(case, utc_now()))
    click.echo(f"{_time(case.opened_at)}  she asked: {case.question or '(no question)'}")
    for line in case.lines:
        who = "she" if line.staff is None else _who(line.staff, me)
        click.echo(f"{_time(line.at)}  {who}: {line.text}")


async def take_case(core: Core, me: str, number: int, *, over: bool) -> None:
    """Take a case."""
    await core.desk.take(number, me, utc_now(), over=over)
    say(f"Case {number} is yours.")


async def reply_to(core: Core, me: str, number: int, text: str) -> None:
    """Write to the person of a case."""
    await core.desk.reply(number, me, text, utc_now())
    say("It goes out at once if `orienta run` is running, else when it starts.")


async def close_case(core: Core, me: str, number: int) -> None:
    """Close a case."""
    await core.desk.close(number, me, utc_now())
    say(f"Case {number} is closed: the assistant answers her again.")


def _state(case: Case, me: str) -> str:
    return f"taken by {_who(case.staff, me)}" if case.status == "taken" else case.status


def _who(member: str | None, me: str) -> str:
    return "you" if member == me else "a colleague"


def _reach(case: Case, now: datetime) -> str:
    """Say whether, and until when, she can be written to."""
    if not case.reachable:
        return "She cannot be reached any more."
    if case.undelivered:
        return f"{case.undelivered} of the messages to her could not be delivered."
    if case.waiting:
        return f"{case.waiting} messages wait for her: she was told so, and reads them on writing."
    if case.writable_until is None:
        return "She can be written to at any time."
    if now >= case.writable_until:
        over = "WhatsApp's 24 hours are over"
        if case.by_notice:
            return f"{over}: a notice tells her of your answer, and she reads it on writing."
        return f"{over}: she must write first."
    return f"WhatsApp lets you write to her until {_time(case.writable_until)}."


def _time(at: datetime) -> str:
    """Return day and hour in Peru."""
    return f"{at.astimezone(PERU):%d/%m %H:%M}"
