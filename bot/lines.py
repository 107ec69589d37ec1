"""Reading lines from a person or a pipe without holding up the end of the program."""

import asyncio
import threading
from contextlib import suppress


class Lines:
    """The lines of a file descriptor, each read by a daemon thread when it is asked for.

    A thread of asyncio's pool would be waited for: Ctrl-C would do nothing until the next Enter.
    The descriptor is not read through `sys.stdin`, because ending the interpreter while a thread
    holds the lock of `sys.stdin` is a fatal error.
    """

    def __init__(self, descriptor: int = 0) -> None:
        """Keep the descriptor, which stays open."""
        self._stream = open(descriptor, "rb", closefd=False)  # noqa: SIM115 - no path

    async def next(self) -> str | None:
        """Return the next line without its end, or None after the last."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()

        def settle(line: bytes) -> None:
            if not answer.done():
                answer.set_result(line)

        def read() -> None:
            try:
                line = self._stream.readline()
            except OSError:  # the terminal was closed
                line = b""
            with suppress(RuntimeError):  # the loop has ended: nobody waits any more
                loop.call_soon_threadsafe(settle, line)

        threading.Thread(target=read, name="lines", daemon=True).start()
        line = await answer
        return line.decode("utf-8", "replace").rstrip("\r\n") if line else None
