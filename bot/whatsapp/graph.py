"""Calls to Meta's Graph API, with errors that name neither address nor token."""

import json
from importlib.metadata import version as version_of
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.bodies import mapping
from bot.channel import ChannelError, Unreachable
from bot.whatsapp.errors import error_of_answer

ANSWER = 1_048_576  # bytes of an answer that are read
# Where Meta keeps what people send; the token goes nowhere else.
_MEDIA_HOSTS = (".fbsbx.com", ".facebook.com", ".whatsapp.net", ".fbcdn.net")


class Graph:
    """One version of the Graph API, with an access token. `timeout` is seconds for a request."""

    def __init__(self, base_url: str, version: str, access_token: str, timeout: float) -> None:
        self._root = f"{base_url.rstrip('/')}/{version}"
        self._headers = {
            "Authorization": f"Bearer {access_token}",
            "User-Agent": f"orienta/{version_of('orienta')}",  # Meta wants name and version
        }
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Post a body and return the answer; raise `ChannelError`."""
        return _object(await self._ask("POST", f"{self._root}/{path}", ANSWER, body))

    async def read(self, path: str, **query: str) -> dict[str, Any]:
        """Return what lies at a path; raise `ChannelError`."""
        return _object(await self._ask("GET", f"{self._root}/{path}", ANSWER, query=query))

    async def download(self, address: str, most: int) -> tuple[bytes, str]:
        """Return the first `most` bytes of a file and its media type; raise `ChannelError`."""
        return await self._ask("GET", address, most)

    def may_see_token(self, address: str) -> bool:
        """Tell whether an address is Meta's, or on the Graph server that was configured."""
        try:
            url, graph = urlsplit(address), urlsplit(self._root)
        except ValueError:
            return False
        if (url.scheme, url.netloc) == (graph.scheme, graph.netloc):
            return True
        host = url.hostname or ""
        return url.scheme == "https" and host.endswith(_MEDIA_HOSTS)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    async def _ask(
        self,
        method: str,
        address: str,
        most: int,
        body: dict[str, Any] | None = None,
        query: dict[str, str] | None = None,
    ) -> tuple[bytes, str]:
        """Return body and media type of an answer 200; raise `ChannelError`, never chained."""
        failure: ChannelError
        try:
            async with self._open_session().request(
                method, address, json=body, params=query, allow_redirects=False
            ) as answer:
                data = await _beginning(answer.content, most)
                if answer.status == 200:
                    return data, answer.content_type
                after = answer.headers.get("Retry-After")
                failure = error_of_answer(answer.status, _json(data), after)
        except TimeoutError:
            failure = Unreachable("WhatsApp did not answer in time.", code="timeout")
        except (aiohttp.ClientError, OSError, ValueError):
            failure = Unreachable("WhatsApp cannot be reached.", code="network")
        raise failure

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=self._timeout, headers=self._headers)
        return self._session


async def _beginning(stream: aiohttp.StreamReader, most: int) -> bytes:
    """Return an answer's body, or the beginning of one that is absurdly long."""
    body = bytearray()
    async for chunk in stream.iter_chunked(65_536):
        body += chunk
        if len(body) >= most:
            break
    return bytes(body[:most])


def _object(answer: tuple[bytes, str]) -> dict[str, Any]:
    """Return the JSON object of an answer; raise `Unreachable` for what is none."""
    if (found := _json(answer[0])) is None:
        raise Unreachable("WhatsApp is failing or answered something unknown.", code="200")
    return found


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        return mapping(json.loads(body)) or None
    except (ValueError, RecursionError):
        return None
