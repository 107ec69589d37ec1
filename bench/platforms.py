"""Telegram and WhatsApp as a process of their own: they answer as late as the real ones do.

Run as `python -m bench.platforms PORT`. What arrives is told, one JSON object a line, to whoever
reads /arrivals: the person, when (the system's monotonic clock), how many bytes of text and
buttons, and their hash. One message in a hundred is refused with 429, to come again in a second.
"""

import asyncio
import hashlib
import json
import random
import sys
from typing import Any

from aiohttp import web

TELEGRAM_SECONDS = (0.040, 0.120)
WHATSAPP_SECONDS = (0.080, 0.250)
REFUSED = 0.01
RETRY_AFTER = 1


class Platforms:
    """Both stand-ins, and what arrived. `refused` is the share of messages that get 429."""

    def __init__(self, refused: float = REFUSED) -> None:
        self._refused = refused
        self._random = random.Random(0)  # noqa: S311 - the same each time
        self._readers: set[asyncio.Queue[dict[str, Any]]] = set()
        self._count = 0

    def app(self) -> web.Application:
        """Return the application."""
        app = web.Application()
        app.router.add_post("/bot{token}/{method}", self._telegram)
        app.router.add_post("/{version}/{number}/messages", self._whatsapp)
        app.router.add_get("/arrivals", self._arrivals)
        return app

    async def _telegram(self, request: web.Request) -> web.Response:
        at = asyncio.get_running_loop().time()
        fields = {**request.query, **await request.post()}
        refused = await self._as_late_as(TELEGRAM_SECONDS)
        if request.match_info["method"] != "sendMessage":
            return web.json_response({"ok": True, "result": True})
        chat = int(str(fields["chat_id"]))
        shown = "".join(str(fields.get(name, "")) for name in ("text", "reply_markup"))
        self._tell(str(chat), at, shown, refused)
        if refused:
            parameters = {"retry_after": RETRY_AFTER}
            body = {"ok": False, "error_code": 429, "description": "Too Many Requests"}
            return web.json_response({**body, "parameters": parameters}, status=429)
        self._count += 1
        where = {"id": chat, "type": "private"}
        sent = {"message_id": self._count, "date": 1_790_000_000, "chat": where, "text": "."}
        return web.json_response({"ok": True, "result": sent})

    async def _whatsapp(self, request: web.Request) -> web.Response:
        at = asyncio.get_running_loop().time()
        body = await request.json()
        refused = await self._as_late_as(WHATSAPP_SECONDS)
        if "status" in body:
            return web.json_response({"success": True})
        shown = json.dumps(body[body["type"]], ensure_ascii=False)
        self._tell(body["to"], at, shown, refused)
        if refused:
            error = {"error": {"code": 429, "message": "Too many requests"}}
            headers = {"Retry-After": str(RETRY_AFTER)}
            return web.json_response(error, status=429, headers=headers)
        self._count += 1
        return web.json_response({"messages": [{"id": f"wamid.{self._count}"}]})

    async def _as_late_as(self, seconds: tuple[float, float]) -> bool:
        """Wait, and say whether to refuse."""
        await asyncio.sleep(self._random.uniform(*seconds))
        return self._random.random() < self._refused

    def _tell(self, person: str, at: float, shown: str, refused: bool) -> None:
        digest = hashlib.sha256(shown.encode()).hexdigest()
        size = len(shown.encode())
        what = {"person": person, "at": at, "bytes": size, "digest": digest, "refused": refused}
        for reader in self._readers:
            reader.put_nowait(what)

    async def _arrivals(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        mine: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._readers.add(mine)
        await response.write(b"{}\n")
        try:
            while True:
                await response.write(json.dumps(await mine.get()).encode() + b"\n")
        finally:
            self._readers.discard(mine)


if __name__ == "__main__":
    web.run_app(
        Platforms().app(), host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None
    )
