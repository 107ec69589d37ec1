"""Inbox, turns, outbox, records and desk around one recording channel and a clock."""

from dataclasses import replace
from datetime import timedelta
from itertools import count

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.desk.cases import Desk
from bot.keys import Keys
from bot.messages import Choice, Event, Reply
from bot.outbox import Outbox
from bot.policy import Policy
from bot.records import StoredRecords
from bot.reminders import due
from bot.speech import SpeechToText
from bot.store import Store
from bot.tables import Base
from bot.turns import Turns
from content.catalogue import Catalogue
from tests.fakes.bot import Clock, RecordingChannel, ScriptedReader, inbound
from tests.fakes.catalogue import catalogue
from tests.fakes.content import DESK

KEYS = Keys("a key for tests that is long enough to be taken")
CATALOGUE = replace(catalogue(), desk=DESK)
ANA, EVA = "ana@example.org", "eva@example.org"
STAFFED = Policy(desk_staffed=True)


_NUMBERS = count(1)  # a platform's ids go on after a restart of ours


class Bench:
    """The whole shell but for the network. A second one on the same engine is a restart."""

    def __init__(
        self,
        engine: AsyncEngine,
        channel: RecordingChannel | None = None,
        *,
        policy: Policy = STAFFED,
        shown: Catalogue = CATALOGUE,
        clock: Clock | None = None,
        speech: SpeechToText | None = None,
    ) -> None:
        self.engine = engine
        self.clock = clock or Clock()
        self.channel = channel or RecordingChannel()
        self.reader = ScriptedReader()
        self.store = Store(engine, KEYS, self.clock)
        self.records = StoredRecords(self.store, KEYS, self.clock)
        self.desk = Desk(self.store, KEYS)
        channels = {self.channel.name: self.channel}
        self.turns = Turns(
            self.store, lambda: self.reader, lambda: shown, lambda _: policy, channels,
            self.clock, lambda: None, speech,
        )  # fmt: skip
        self.outbox = Outbox(self.store, self.records, channels, self.clock)

    async def says(
        self, text: str = "", event: Event | None = None, person: str = "519999"
    ) -> None:
        """Let a person write, or do something else, without anything being done about it."""
        message = inbound(
            next(_NUMBERS), text, person=person, channel=self.channel.name, event=event,
            sent_at=self.clock(),
        )  # fmt: skip
        await self.store.accept([message], self.clock())

    async def hears(self, text: str = "", event: Event | None = None) -> list[str]:
        """Let her write, do all that follows, and return what she is told."""
        before = len(self.channel.sent)
        await self.says(text, event)
        await self.settle()
        return self.said()[before:]

    async def take_turns(self) -> None:
        """Answer all that waits in the inbox."""
        while items := await self.turns.claim(frozenset(), 50):
            for item in items:
                await self.turns.handle(item)

    async def send(self) -> None:
        """Send and carry out all that is due in the outbox."""
        while items := await self.outbox.claim(frozenset(), 50):
            for item in items:
                await self.outbox.handle(item)

    async def settle(self) -> None:
        """Do all that is due."""
        await self.take_turns()
        await self.send()

    async def remind(self) -> int:
        """Look once for reminders that are due."""
        return await self.records.send_reminders(reminder)

    async def purge(self) -> int:
        """Clean up after thirty days."""
        return await self.records.purge(self.clock() - timedelta(days=30))

    async def count(self, table: type[Base], *where: object) -> int:
        """Return how many rows there are."""
        async with self.store.session() as session:
            query = select(func.count()).select_from(table)
            return int(await session.scalar(query.where(*where)) or 0)  # type: ignore[arg-type]

    def said(self) -> list[str]:
        """Return all that was sent."""
        return [words for _, words in self.channel.sent]


def reminder(day: str, language: str) -> Reply:
    """Return the reminder of a day."""
    return due(day, language, (Choice("a:documents/renew", "Renovar"),))
