"""A process that sends a database's outbox and notes each message in a file, until its input ends.

Started as `python -m tests.fakes.sender URL FILE KEY WORKERS`. Each process is told to slow down,
and loses a connection, now and then.
"""

import asyncio
import os
import sys

from bot.channel import Payload, RateLimited, Unreachable
from bot.database import open_engine
from bot.keys import Keys
from bot.outbox import Outbox
from bot.pump import Pump
from bot.records import StoredRecords
from bot.store import Store
from bot.turns import utc_now
from tests.fakes.bot import RecordingChannel


class NotingChannel(RecordingChannel):
    """Notes what is sent; each 7th message is refused for a moment, each 11th lost on the way."""

    def __init__(self, file: int) -> None:
        super().__init__("console")
        self._file = file
        self._count = 0

    async def send(self, person: str, payload: Payload, *, outbox_id: str) -> str:
        """Append a line: one write, so that lines of several processes do not mix."""
        self._count += 1
        await asyncio.sleep(0)
        if self._count % 7 == 0:
            raise RateLimited("slower", retry_after=0.02)
        if self._count % 11 == 0:
            raise Unreachable("lost", retry_after=0.02)
        os.write(self._file, f"{person} {payload['text']}\n".encode())
        return outbox_id


async def main(url: str, path: str, key: str, workers: str) -> None:
    """Send until the input ends."""
    engine = open_engine(url, patience=30)
    keys = Keys(key)
    store = Store(engine, keys, utc_now)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    channel = NotingChannel(file)
    outbox = Outbox(store, StoredRecords(store, keys, utc_now), {"console": channel}, utc_now)
    pump = Pump("outbox", outbox.claim, outbox.handle, most=int(workers), idle=0.02)
    work = asyncio.create_task(pump.run())
    await asyncio.to_thread(sys.stdin.read)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    os.close(file)
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
