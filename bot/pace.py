"""How fast a platform takes our messages: all of them, and those to one person."""

from collections import OrderedDict

from aiolimiter import AsyncLimiter

# Messages and seconds. The messages may go out at once and come on top of the rate, so they are
# few: 25 a second and 5, 70 a second and 10 are what the platforms take in any second.
# https://core.telegram.org/bots/faq and WhatsApp's page on throughput.
ALL = {"telegram": (5, 0.2), "whatsapp": (10, 1 / 7)}
# To one person: Telegram takes short bursts of one a second; WhatsApp one in six seconds, and
# lends up to 45 that are paid back.
EACH = {"telegram": (3, 3.0), "whatsapp": (40, 240.0)}
MOST_REMEMBERED = 10_000  # persons; whoever was written to longest ago has paid back


class Pace:
    """Waits until a message may go out. `remembered` is how many persons' pace is known at most."""

    def __init__(self, remembered: int = MOST_REMEMBERED) -> None:
        self._remembered = remembered
        self._all = {name: AsyncLimiter(*limit) for name, limit in ALL.items()}
        self._each: OrderedDict[str, AsyncLimiter] = OrderedDict()

    async def wait(self, channel: str, conversation: str) -> None:
        """Wait for this person's turn, then for the platform's."""
        if channel in EACH:
            await self._of(channel, conversation).acquire()
        if limit := self._all.get(channel):
            await limit.acquire()

    def _of(self, channel: str, conversation: str) -> AsyncLimiter:
        limit = self._each.get(conversation)
        if limit is None:
            limit = self._each[conversation] = AsyncLimiter(*EACH[channel])
        self._each.move_to_end(conversation)
        if len(self._each) > self._remembered:
            self._each.popitem(last=False)
        return limit
