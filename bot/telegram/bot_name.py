"""The bot's name on Telegram, for posters: asked once, never waited for twice."""

import time
from collections.abc import Awaitable, Callable

from bot.channel import ChannelError

AGAIN = 300.0  # seconds until Telegram is asked again after it did not answer


class BotName:
    """Asks for the name at the first use and keeps it; '' while it is not known."""

    def __init__(
        self, ask: Callable[[], Awaitable[str]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask = ask
        self._clock = clock
        self._name = ""
        self._due = float("-inf")

    async def __call__(self) -> str:
        """Return the name without its @, or ''."""
        if not self._name and self._clock() >= self._due:
            self._due = self._clock() + AGAIN
            try:
                self._name = await self._ask()
            except ChannelError:  # a poster without Telegram is still a poster
                return ""
        return self._name
