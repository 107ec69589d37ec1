"""Several processes send at the same time: everybody gets all of hers, once and in order."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot import codec
from bot.keys import Keys
from bot.messages import Passage, Reply
from bot.store import Store
from bot.tables import ConversationRow, OutboxRow
from bot.turns import utc_now
from tests.fakes.assistant import ROOT, environment

KEY = "a key for tests that is long enough to be taken"
KEYS = Keys(KEY)
PERSONS, MESSAGES, PROCESSES, WORKERS = 12, 12, 5, 2


async def test_ten_workers_in_five_processes_keep_each_persons_order(
    engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    """Nothing is lost, doubled or overtaken, though platforms refuse and connections break."""
    store = Store(engine, KEYS, utc_now)
    await _fill(store)
    notes = tmp_path / "notes"
    async with AsyncExitStack() as stack:
        for _ in range(PROCESSES):
            await stack.enter_async_context(_sender(database_url, notes, tmp_path))
        async with asyncio.timeout(90):
            while await _open(store):  # noqa: ASYNC110 - other processes work
                await asyncio.sleep(0.1)
    got: dict[str, list[int]] = {}
    for line in notes.read_text().splitlines():
        person, number = line.split()
        got.setdefault(person, []).append(int(number))
    assert got == {f"p{n}": list(range(MESSAGES)) for n in range(PERSONS)}


async def _fill(store: Store) -> None:
    now = utc_now()
    async with store.session() as session:
        for person in (f"p{n}" for n in range(PERSONS)):
            session.add(
                ConversationRow(
                    key=KEYS.person("console", person), channel="console",
                    person=KEYS.seal(person), language="es", state=KEYS.seal("{}"), gone=False,
                    last_inbound_at=now,
                )
            )  # fmt: skip
        for number in range(MESSAGES):
            reply = KEYS.seal(codec.dump_reply(Reply("es", (Passage(str(number)),))))
            session.add_all(
                OutboxRow(
                    conversation=KEYS.person("console", f"p{n}"), channel="console", kind="reply",
                    body=reply, due_at=now, created_at=now,
                )
                for n in range(PERSONS)
            )  # fmt: skip
            await session.flush()


async def _open(store: Store) -> int:
    async with store.session() as session:
        query = select(func.count()).select_from(OutboxRow).where(OutboxRow.status == "open")
        return int(await session.scalar(query) or 0)


@asynccontextmanager
async def _sender(url: str, notes: Path, data: Path) -> AsyncIterator[None]:
    """A process that sends, for as long as the context lasts."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.sender", url, str(notes), KEY, str(WORKERS),
        cwd=ROOT, env=environment(data), stdin=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        code = await asyncio.wait_for(process.wait(), 60)
    assert code == 0
