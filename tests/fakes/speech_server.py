"""A stand-in for a speech-to-text server on loopback: records the forms, answers as told."""

import asyncio
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer


@dataclass(frozen=True)
class Heard:
    """One request: its form's fields, the recording's bytes, type and name, and the token."""

    fields: dict[str, str]
    audio: bytes
    media_type: str
    name: str
    token: str


class FakeSpeech:
    """Use as an async context manager; `url` goes to the client.

    `text` is what it hears; `status` and `body` replace the answer; `silent` never answers.
    """

    def __init__(self) -> None:
        self.calls: list[Heard] = []
        self.text = "cómo saco el cpp"
        self.status = 200
        self.body: bytes | None = None
        self.silent = False
        self._closing = asyncio.Event()
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/audio/transcriptions", self._handle)
        self._server = TestServer(app, host="127.0.0.1")

    async def __aenter__(self) -> Self:
        await self._server.start_server(access_log=None)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._closing.set()
        await self._server.close()

    @property
    def url(self) -> str:
        """The address of the server."""
        return str(self._server.make_url("")).rstrip("/")

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        fields: dict[str, str] = {}
        file: Any = None
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                file = value
            else:
                fields[name] = str(value)
        token = request.headers.get("Authorization", "")
        with file.file:
            audio = file.file.read()
        self.calls.append(Heard(fields, audio, file.content_type, file.filename, token))
        if self.silent:
            await self._closing.wait()
        if self.body is not None:
            return web.Response(status=self.status, body=self.body)
        return web.json_response({"text": self.text}, status=self.status)
