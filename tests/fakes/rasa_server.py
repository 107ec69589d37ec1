"""A hand-written stand-in for the NLU service: a real HTTP server on loopback."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

TOKEN = "a-token-for-tests"

RANKING = [
    {"name": "health.access-without-ce", "confidence": 0.9},
    {"name": "health.emergency", "confidence": 0.2},
    {"name": "greet", "confidence": 0.01},
]


def ranking_answer(text: str) -> Any:
    """Answer as Rasa does: the same ranking for every text."""
    return {"text": text, "intent": RANKING[0], "entities": [], "intent_ranking": RANKING}


@dataclass
class RasaServer:
    """What the server was asked, and how it answers. `status` other than 200 sends no ranking."""

    url: str = ""
    texts: list[str] = field(default_factory=list)
    connections: set[int] = field(default_factory=set)
    answer: Callable[[str], Any] = ranking_answer
    raw: bytes | None = None
    status: int = 200
    hold: Any = None
    """An event to wait for before answering, to be slow without sleeping."""


@asynccontextmanager
async def running_rasa_server() -> AsyncIterator[RasaServer]:
    """Serve on a free port of 127.0.0.1 until the block ends."""
    state = RasaServer()

    async def parse(request: web.Request) -> web.Response:
        if request.query.get("token") != TOKEN:
            return web.json_response({"status": "failure"}, status=401)
        state.connections.add(id(request.transport))
        text = (await request.json())["text"]
        state.texts.append(text)
        if state.hold is not None:
            await state.hold.wait()
        if state.raw is not None:
            return web.Response(body=state.raw, status=state.status)
        return web.json_response(state.answer(text), status=state.status)

    app = web.Application()
    app.router.add_post("/model/parse", parse)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    state.url = f"http://{host}:{port}"
    try:
        yield state
    finally:
        await runner.cleanup()
