"""What comes from Telegram beside messages: blocks end sending, groups are left, searches answered.

The way in is the real one, over a database; the platform is the stand-in.
"""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.channel import Search, Shareable
from bot.database import open_engine
from bot.intake import MOST_BESIDE, Intake
from bot.keys import Keys
from bot.messages import Passage, Reply
from bot.outbox import Outbox
from bot.policy import Policy
from bot.store import Store
from bot.tables import Base, ConversationRow
from bot.turns import Turns, utc_now
from content.migrate import upgrade
from nlu.understanding import LanguageGuess
from tests.contract.channel_contract import request
from tests.contract.telegram_harness import TelegramHarness, telegram_harness
from tests.fakes.bot import ScriptedReader
from tests.fakes.catalogue import catalogue
from tests.fakes.faults import Fault
from tests.fakes.telegram_server import member_update, message_update, search_update

GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Vecinos"}
SHARED = Shareable("work/a", "A", "a", Reply("es", (Passage("a"),)))


class Calm:
    def detect(self, text: str) -> str | None:
        return None

    def identify(self, text: str, prior: str | None) -> LanguageGuess:
        return LanguageGuess("es", 1.0)


@dataclass
class Setting:
    """The way in and the way out, with the stand-in."""

    harness: TelegramHarness
    intake: Intake
    store: Store
    turns: Turns
    outbox: Outbox
    searches: list[Search]

    async def receive(self, update: dict[str, Any]) -> None:
        """Take an update by webhook, then do all that follows from it."""
        await self.intake.webhook(self.harness.channel, request(self.harness, update))
        await self.settle()

    async def settle(self) -> None:
        await asyncio.gather(*self.intake._beside)
        for item in await self.turns.claim(frozenset(), 9):
            await self.turns.handle(item)
        for sent in await self.outbox.claim(frozenset(), 9):
            await self.outbox.handle(sent)
        await asyncio.gather(*self.turns.acknowledging)

    async def gone(self, person: str = "900000001") -> bool:
        async with self.store.session() as session:
            key = self.store.key_of("telegram", person)
            owner = await session.get(ConversationRow, key)
            assert owner is not None
            return owner.gone

    def methods(self) -> list[str]:
        return [call.method for call in self.harness.server.calls]


@pytest.fixture
async def setting(tmp_path: Path) -> AsyncIterator[Setting]:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'o.db'}")
    await upgrade(engine, Base.metadata)
    store = Store(engine, Keys("a key for tests that is long enough to be taken"), utc_now)
    searches: list[Search] = []

    async def find(search: Search) -> tuple[Shareable, ...]:
        searches.append(search)
        return (SHARED,)

    async with telegram_harness() as harness:
        channels = {"telegram": harness.channel}
        reader, calm = ScriptedReader(), Calm()
        turns = Turns(
            store, lambda: reader, catalogue, lambda _: Policy(), channels, utc_now, lambda: None
        )
        intake = Intake(
            store, lambda: calm, lambda: calm, catalogue, utc_now, lambda: None, find
        )  # fmt: skip
        outbox = Outbox(store, store, channels, utc_now)  # type: ignore[arg-type]
        yield Setting(harness, intake, store, turns, outbox, searches)
    await engine.dispose()


async def test_a_block_ends_sending_and_its_end_begins_it(setting: Setting) -> None:
    """Whoever blocks the bot gets nothing more; whoever takes it back is reached again."""
    await setting.receive(message_update(1, text="thanks"))
    assert "sendMessage" in setting.methods()
    assert not await setting.gone()
    await setting.receive(member_update(2, "kicked"))
    assert await setting.gone()
    await setting.receive(member_update(3, "member"))
    assert not await setting.gone()


async def test_a_block_seen_on_sending_ends_it_too(setting: Setting) -> None:
    """A 403 closes the reply for good, without another try."""
    setting.harness.server.blocked.add(900_000_001)
    await setting.receive(message_update(1, text="thanks"))
    assert await setting.gone()
    tries = setting.methods().count("sendMessage")
    await setting.settle()
    assert setting.methods().count("sendMessage") == tries == 1


async def test_a_stranger_who_blocks_leaves_no_trace(setting: Setting) -> None:
    """Nothing is kept of somebody who never wrote."""
    await setting.receive(member_update(2, "kicked"))
    async with setting.store.session() as session:
        assert await session.get(ConversationRow, setting.store.key_of("telegram", "1")) is None


async def test_a_group_is_left_and_nothing_kept(setting: Setting) -> None:
    """One sentence, then it leaves; no conversation begins with a group."""
    await setting.receive(member_update(1, "member", chat=GROUP))
    assert [m for m in setting.methods() if m != "getMe"] == ["sendMessage", "leaveChat"]
    await setting.receive(message_update(2, text="¿puedo ir al hospital?", chat=GROUP))
    assert await setting.turns.claim(frozenset(), 9) == []


async def test_a_search_is_answered_and_nothing_kept(setting: Setting) -> None:
    """What is typed behind the bot's name is not stored."""
    await setting.receive(search_update(1, "multa"))
    assert setting.searches == [Search("i1", "multa", "pt-br")]
    assert setting.methods()[-1] == "answerInlineQuery"
    assert await setting.turns.claim(frozenset(), 9) == []


async def test_a_failing_platform_costs_only_what_it_failed(setting: Setting) -> None:
    """A search that could not be answered stops neither the webhook nor the next one."""
    setting.harness.server.fail(Fault.FAILING, Fault.FAILING)
    await setting.receive(search_update(1, "multa"))
    await setting.receive(search_update(2, "multas"))
    assert setting.methods()[-1] == "answerInlineQuery"


async def test_too_many_searches_at_once_are_left_out(setting: Setting) -> None:
    """A crowd that types does not fill the memory."""
    channel = setting.harness.channel
    for number in range(MOST_BESIDE + 20):
        update = search_update(number, "multa")
        await setting.intake.webhook(channel, request(setting.harness, update))
        assert len(setting.intake._beside) <= MOST_BESIDE
    await setting.settle()


async def test_polling_takes_all_of_it_too(setting: Setting) -> None:
    """What a webhook brings comes by polling as well, and is confirmed once it is stored."""
    channel, server = setting.harness.channel, setting.harness.server
    server.enqueue(
        message_update(1, text="thanks"),
        member_update(2, "kicked"),
        search_update(3, "multa"),
        member_update(4, "member", chat=GROUP),
    )
    polling = asyncio.create_task(setting.intake.poll(channel, channel))
    async with asyncio.timeout(10):
        while not any(c.fields.get("offset") == "5" for c in server.calls):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    polling.cancel()
    await asyncio.gather(polling, return_exceptions=True)
    await setting.settle()
    assert {"answerInlineQuery", "leaveChat", "sendMessage"} <= set(setting.methods())
