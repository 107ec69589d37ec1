"""The desk as the panel sees it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from bot.desk import cases
from content.panel.ports import CannotDo, Case, CaseLine


class PanelDesk:
    """`content.panel.ports.DeskCases` over the desk. Cases are erased after `retention_days`."""

    longest = cases.LONGEST

    def __init__(self, desk: cases.Desk, retention_days: int) -> None:
        self._desk = desk
        self.retention_days = retention_days

    async def cases(self, *, closed: bool = False) -> Sequence[Case]:
        """Return the open cases, oldest first, or the closed ones, newest first."""
        return [_shown(case) for case in await self._desk.cases(closed=closed)]

    async def case(self, case_id: int) -> Case:
        """Return one case with its messages; raise `CannotDo`."""
        with _translated():
            return _shown(await self._desk.case(case_id))

    async def take(self, case_id: int, staff: str, now: datetime, *, over: bool = False) -> None:
        """Make a member of staff answer for a case; raise `CannotDo`."""
        with _translated():
            await self._desk.take(case_id, staff, now, over=over)

    async def reply(self, case_id: int, staff: str, text: str, now: datetime) -> None:
        """Send what a member of staff writes; raise `CannotDo`."""
        with _translated():
            await self._desk.reply(case_id, staff, text, now)

    async def transfer(self, case_id: int, staff: str, to: str, now: datetime) -> None:
        """Hand a case over to a colleague with role desk; raise `CannotDo`."""
        with _translated():
            await self._desk.transfer(case_id, staff, to, now)

    async def close(self, case_id: int, staff: str, now: datetime) -> None:
        """End a case; raise `CannotDo`."""
        with _translated():
            await self._desk.close(case_id, staff, now)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except cases.DeskError as error:
        raise CannotDo(error.why) from error


def _shown(case: cases.Case) -> Case:
    return Case(
        id=case.id,
        channel=case.channel,
        language=case.language,
        question=case.question,
        status=case.status,
        staff=case.staff,
        opened_at=case.opened_at,
        updated_at=case.updated_at,
        writable_until=case.writable_until,
        reachable=case.reachable,
        lines=tuple(CaseLine(line.staff, line.text, line.at) for line in case.lines),
        undelivered=case.undelivered,
        waiting=case.waiting,
        by_notice=case.by_notice,
    )
