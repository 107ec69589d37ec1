"""Remember readings of texts that come again: 'hola' need not be ranked twice."""

import hashlib
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from nlu.client import NluClient
from nlu.understanding import Candidate, Source

ENTRIES = 4096
_LONGEST_LIFE = 300.0


class CachedClient:
    """Asks a client, and for a text that was asked lately gives the same answer again.

    No text is kept: entries lie under a hash whose key dies with the process. The least recently
    used of `entries` goes first, and none lives longer than five minutes, since a service
    elsewhere may change its model without telling. `counted` hears of each look-up whether it hit.
    """

    def __init__(
        self,
        client: NluClient,
        entries: int = ENTRIES,
        *,
        counted: Callable[[bool], None] = lambda hit: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start empty; `aclose` closes the client."""
        self._client = client
        self._entries = entries
        self._counted = counted
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._known: OrderedDict[bytes, tuple[float, tuple[Candidate, ...]]] = OrderedDict()
        self._emptied = 0

    @property
    def source(self) -> Source:
        """Who reads."""
        return self._client.source

    def __len__(self) -> int:
        """Return how many readings are remembered."""
        return len(self._known)

    async def parse(self, text: str) -> tuple[Candidate, ...]:
        """Return the candidates, remembered or new; raise `NluUnavailable` as the client does."""
        digest = hashlib.blake2b(
            text.strip().encode("utf-8", "surrogatepass"), key=self._key, digest_size=16
        ).digest()
        now = self._clock()
        found = self._known.get(digest)
        if found is not None and now - found[0] <= _LONGEST_LIFE:
            self._known.move_to_end(digest)
            self._counted(True)
            return found[1]
        self._counted(False)
        emptied = self._emptied
        candidates = await self._client.parse(text)
        if emptied == self._emptied:  # else the model that answered no longer serves
            self._known[digest] = (now, candidates)
            self._known.move_to_end(digest)
            if len(self._known) > self._entries:
                self._known.popitem(last=False)
        return candidates

    def empty(self) -> None:
        """Forget everything, because another model serves."""
        self._known.clear()
        self._emptied += 1

    async def aclose(self) -> None:
        """Forget everything and close the client."""
        self.empty()
        await self._client.aclose()
