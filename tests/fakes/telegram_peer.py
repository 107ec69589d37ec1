"""An emulator of Telegram that others wrote, behind a front that checks every call of ours.

The emulator is used as it is. Its gaps are handled in the front: it refuses
`link_preview_options` and the `button` of inline answers, and does not read the query of an
address (https://core.telegram.org/bots/api#making-requests does). A public https address becomes
the program's own, as a reverse proxy would do.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from lo_bot_api_emulator import LoBotApiEmulator

from tests.fakes.telegram_description import wire_faults
from tests.fakes.telegram_server import TOKEN, Call

PUBLIC = "https://orienta.example"
GAPS = ("link_preview_options", "button")


class TelegramPeer:
    """`calls` are ours in order, `found` is what the description says against them.

    `port` is where `PUBLIC` leads; `journal` is the emulator's own record.
    """

    def __init__(self, journal: Path, port: int) -> None:
        self.emulator = LoBotApiEmulator(
            journal=journal, enable_control=True, allow_insecure_loopback_webhooks=True
        )
        self.calls: list[Call] = []
        self.found: list[str] = []
        self.base_url = ""
        self._port = port
        self._journal = journal
        self._behind = ""

    async def enqueue(self, **update: dict[str, Any]) -> None:
        """Let Telegram have an update; it is delivered at once where a webhook is set."""
        await self.emulator.enqueue_update(update, token=TOKEN)

    async def deliver(self) -> None:
        """Let Telegram deliver again what was not taken."""
        await self.emulator.deliver_updates(token=TOKEN)

    def made(self, method: str) -> list[dict[str, Any]]:
        """Return the fields of all calls of a method."""
        return [call.fields for call in self.calls if call.method == method]

    def events(self, name: str) -> list[dict[str, Any]]:
        """Return what the emulator noted, e.g. 'webhook': each delivery with its status."""
        lines = self._journal.read_text().splitlines() if self._journal.exists() else []
        return [noted for line in lines if (noted := json.loads(line)).get("event") == name]

    def refused(self) -> list[str]:
        """Return the methods that the emulator refused."""
        return [done["method"] for done in self.emulator.requests if done["status"] != 200]

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["TelegramPeer"]:
        """Serve until the block ends."""
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._forward)
        behind = TestServer(self.emulator.app(), host="127.0.0.1")
        front = TestServer(app, host="127.0.0.1")
        await behind.start_server(access_log=None)
        await front.start_server(access_log=None)
        self._behind, self.base_url = str(behind.make_url("/bot")), str(front.make_url("/bot"))
        self._http = aiohttp.ClientSession()
        try:
            yield self
        finally:
            await self._http.close()
            await front.close()
            await behind.close()

    async def _forward(self, request: web.Request) -> web.Response:
        method, token = request.match_info["method"], request.match_info["token"]
        form = {name: str(value) for name, value in (await request.post()).items()}
        given = {**request.query, **form}
        self.found += wire_faults(method, given)
        self.calls.append(Call(method, {name: _decoded(value) for name, value in given.items()}))
        passed = {name: value for name, value in given.items() if name not in GAPS}
        if method == "setWebhook":
            passed["url"] = passed["url"].replace(PUBLIC, f"http://127.0.0.1:{self._port}")
        url = f"{self._behind}{token}/{method}"
        async with self._http.post(url, data=passed) as answer:
            return web.json_response(await answer.json(), status=answer.status)


def _decoded(value: str) -> Any:
    return json.loads(value) if value[:1] in {"{", "["} else value
