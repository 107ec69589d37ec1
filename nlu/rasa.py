"""Ask the NLU service over HTTP: the only module that knows how Rasa speaks."""

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from nlu.client import NluUnavailable
from nlu.normalise import excerpt, tidy
from nlu.understanding import Candidate, Source

MOST_CANDIDATES = 10
_LONGEST_TEXT = 2000
_LARGEST_ANSWER = 1024 * 1024
_REST = 1.0  # seconds after a broken connection
_REMEDY = "`orienta check` says whether the NLU service runs."


@dataclass(eq=False, slots=True)
class Server:
    """One server that ranks: its address, its token, and what the client knows of it.

    `asked` counts the questions under way; `broken` is when a connection last broke, in seconds of
    the loop's clock.
    """

    url: str
    token: str
    asked: int = 0
    broken: float = -math.inf
    idle: asyncio.Event = field(default_factory=asyncio.Event)

    def begin(self) -> None:
        """Count a question that is now under way."""
        self.asked += 1
        self.idle.clear()

    def end(self) -> None:
        """Count a question that is no longer under way."""
        self.asked -= 1
        if not self.asked:
            self.idle.set()


class RasaClient:
    """Ranks the meanings of a text by asking the `/model/parse` of whichever server is least busy.

    `timeout` is for a whole request, in seconds. A question whose connection breaks is asked once
    more, as it would be when a server ended between two questions; all other failures are the
    caller's, who has a fallback.
    """

    source = Source.RASA

    def __init__(self, base_url: str, token: str, timeout: float = 1.5) -> None:
        """Keep the address; the connection opens with the first question."""
        self._servers: tuple[Server, ...] = (Server(base_url, token),)
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    @property
    def servers(self) -> tuple[Server, ...]:
        """Who is asked now."""
        return self._servers

    async def ask_from_now(self, servers: Sequence[Server], patience: float = 30.0) -> None:
        """Send every new question to these servers; return when the others have answered theirs.

        Nothing that is under way is broken off. `patience` is in seconds.
        """
        left = [server for server in self._servers if server not in servers]
        self._servers = tuple(servers)
        busy = [asyncio.create_task(server.idle.wait()) for server in left if server.asked]
        if busy:
            _, unanswered = await asyncio.wait(busy, timeout=patience)
            for waiting in unanswered:
                waiting.cancel()

    async def parse(self, text: str) -> tuple[Candidate, ...]:
        """Return at most ten candidates, best first; raise `NluUnavailable` when that fails."""
        # Rasa takes a text that begins with '/' for a command of its own.
        clean = excerpt(tidy(text), _LONGEST_TEXT).lstrip("/ \n")
        status, body = await self._post({"text": clean})
        if status == 401:
            raise NluUnavailable(
                "The NLU service refuses the token: give the bot and the service the same one."
            )
        if status == 409:
            raise NluUnavailable("The NLU service has no model yet: run `orienta train`.")
        if status != 200:
            raise NluUnavailable(f"The NLU service answers with status {status}. {_REMEDY}")
        return _candidates(body)

    async def _post(self, question: dict[str, str]) -> tuple[int, bytes]:
        # Errors of aiohttp name the address, which holds the token: they are not passed on.
        for last in (False, True):
            server = self._least_busy()
            server.begin()
            try:
                return await self._ask(server, question)
            except TimeoutError:
                reason = f"does not answer within {self._timeout.total} seconds"
                break
            except (aiohttp.ClientError, OSError, ValueError) as error:
                server.broken = asyncio.get_running_loop().time()
                reason = f"cannot be reached ({type(error).__name__})"
                if last or isinstance(error, ValueError):
                    break
            finally:
                server.end()
        raise NluUnavailable(f"The NLU service {reason}. {_REMEDY}")

    async def _ask(self, server: Server, question: dict[str, str]) -> tuple[int, bytes]:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, trust_env=False, raise_for_status=False
            )
        address = server.url.rstrip("/") + "/model/parse"
        async with self._session.post(
            address, params={"token": server.token}, json=question, allow_redirects=False
        ) as answer:
            return answer.status, await _read(answer)

    def _least_busy(self) -> Server:
        """Choose the server with the fewest questions; one that broke just now comes last."""
        lately = asyncio.get_running_loop().time() - _REST
        return min(self._servers, key=lambda server: (server.broken > lately, server.asked))

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    """Return the body; raise `ValueError` when it is larger than any true answer."""
    body = bytearray()
    async for chunk in answer.content.iter_chunked(65536):
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            raise ValueError("the answer is too large")
    return bytes(body)


def _candidates(body: bytes) -> tuple[Candidate, ...]:
    """Read the ranking from an answer; raise `NluUnavailable` for anything but a ranking."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        answer = None
    ranking = answer.get("intent_ranking") if isinstance(answer, dict) else None
    if not isinstance(ranking, list) or not ranking:
        raise NluUnavailable(
            f"The NLU service answers something that is no ranking of intents. {_REMEDY}"
        )
    found = sorted(map(_candidate, ranking), key=lambda candidate: -candidate.confidence)
    return tuple(found[:MOST_CANDIDATES])


def _candidate(entry: Any) -> Candidate:
    name = entry.get("name") if isinstance(entry, dict) else None
    confidence = entry.get("confidence") if isinstance(entry, dict) else None
    if (
        not isinstance(name, str)
        or not name
        or isinstance(confidence, bool)
        or not isinstance(confidence, int | float)
        or not math.isfinite(confidence)
        or not 0 <= confidence <= 1.000001
    ):
        raise NluUnavailable(
            "The NLU service answers a ranking without names or with impossible confidences: "
            "train the model again."
        )
    return Candidate(name.replace(".", "/"), min(float(confidence), 1.0))
