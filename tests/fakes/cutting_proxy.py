"""A proxy between a browser and a server, whose line can be cut as a phone in a bus loses it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class CuttingProxy:
    """Forwards bytes to a port of 127.0.0.1. `requests` are the first lines and headers seen."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._open: set[asyncio.StreamWriter] = set()
        self.cut_off = False
        self.port = 0
        self.heads: list[str] = []

    def cut(self) -> None:
        """Break every connection at once, without a goodbye, and take no new ones."""
        self.cut_off = True
        for writer in list(self._open):
            writer.transport.abort()

    def mend(self) -> None:
        """Take connections again."""
        self.cut_off = False

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one connection until either side ends it."""
        if self.cut_off:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target)
        self._open |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._forward(reader, far_writer, seen=True))
                both.create_task(self._forward(far_reader, writer, seen=False))
        finally:
            self._open -= {writer, far_writer}
            for one in (writer, far_writer):
                one.transport.abort()

    async def _forward(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, seen: bool
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if seen:
                    self.heads.append(data.decode("latin-1").partition("\r\n\r\n")[0])
                writer.write(data)
                await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def cutting_proxy(target: int) -> AsyncIterator[CuttingProxy]:
    """Give a proxy in front of a port of 127.0.0.1."""
    proxy = CuttingProxy(target)
    server = await asyncio.start_server(proxy.handle, "127.0.0.1", 0)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        proxy.cut()
