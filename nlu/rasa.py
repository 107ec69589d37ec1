"""Ask the NLU service over HTTP: the only module that knows how Rasa speaks."""

import json
import math
from typing import Any

import aiohttp

from nlu.client import NluUnavailable
from nlu.normalise import excerpt, tidy
from nlu.understanding import Candidate, Source

MOST_CANDIDATES = 10
_LONGEST_TEXT = 2000
_LARGEST_ANSWER = 1024 * 1024
_REMEDY = "`orienta check` says whether the NLU service runs."


class RasaClient:
    """Ranks the meanings of a text by asking a Rasa server's `/model/parse`.

    `timeout` is for a whole request, in seconds. Nothing is tried twice: the caller has a fallback.
    """

    source = Source.RASA

    def __init__(self, base_url: str, token: str, timeout: float = 1.5) -> None:
        """Keep the address; the connection opens with the first question."""
        self._address = base_url.rstrip("/") + "/model/parse"
        self._token = token
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

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
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, trust_env=False, raise_for_status=False
            )
        # Errors of aiohttp name the address, which holds the token: they are not passed on.
        try:
            async with self._session.post(
                self._address, params={"token": self._token}, json=question, allow_redirects=False
            ) as answer:
                return answer.status, await _read(answer)
        except TimeoutError:
            reason = f"does not answer within {self._timeout.total} seconds"
        except (aiohttp.ClientError, OSError, ValueError) as error:
            reason = f"cannot be reached ({type(error).__name__})"
        raise NluUnavailable(f"The NLU service {reason}. {_REMEDY}")

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
