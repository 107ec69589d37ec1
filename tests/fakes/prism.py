"""Meta's description of its API as a server, by Prism: it answers, and refuses what is wrong.

In front of it stands a server of ours for what Prism is known to refuse wrongly: each of these
gaps has a check of its own here, and is told to Prism as the nearest thing that it knows.
"""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.fakes.npm import node_program

SPEC = Path(__file__).parents[1] / "payloads" / "whatsapp-business-messaging-openapi-v23.0.json"
_START = 90.0  # seconds; on an idle machine it takes three

Body = dict[str, Any]


class Wrong(AssertionError):
    """A body breaks a rule that Prism does not know."""


def _opaque(body: Body) -> Body:
    mark = body.pop("biz_opaque_callback_data")
    if not isinstance(mark, str) or not 1 <= len(mark) <= 512:
        raise Wrong(mark)
    return body


def _recipient(body: Body) -> Body:
    person = body.pop("recipient")
    if "to" in body or not (
        isinstance(person, str) and person[2:3] == "." and person[3:].isalnum()
    ):
        raise Wrong(person)
    return {**body, "to": "51000000001"}


def _asks_location(body: Body) -> Body:
    interactive = body["interactive"]
    if set(interactive) != {"type", "body", "action"} or interactive["action"] != {
        "name": "send_location"
    }:
        raise Wrong(interactive)
    text = {"body": interactive["body"]["text"]}
    return {**body, "type": "text", "interactive": None, "text": text}


def _has_buttons(body: Body) -> bool:
    parts = body.get("template", {}).get("components", ())
    return any(part.get("index") in tuple("01") for part in parts)


def _numbered_buttons(body: Body) -> Body:
    template = body["template"]
    buttons = [part for part in template["components"] if part["type"] == "button"]
    if [part["index"] for part in buttons] != [str(n) for n in range(len(buttons))]:
        raise Wrong(buttons)
    others = [part for part in template["components"] if part["type"] != "button"]
    renumbered = [{**part, "index": "2"} for part in buttons]
    return {**body, "template": {**template, "components": [*others, *renumbered]}}


def _read(body: Body) -> Body | None:
    whole = {"messaging_product", "status", "message_id", "typing_indicator"}
    typing = {"type": "text"}
    if set(body) != whole or body["status"] != "read" or body["typing_indicator"] != typing:
        raise Wrong(body)
    return None


GAPS: dict[str, tuple[Callable[[Body], bool], Callable[[Body], Body | None]]] = {
    "biz_opaque_callback_data is newer than the description": (
        lambda body: "biz_opaque_callback_data" in body, _opaque),
    "recipient, a business-scoped id, is newer": (lambda body: "recipient" in body, _recipient),
    "location_request_message is not among its interactive types": (
        lambda body: body.get("interactive", {}).get("type") == "location_request_message",
        _asks_location),
    "index of a template's button: its pattern, [2-6, 11-14], leaves 0 and 1 out": (
        _has_buttons, _numbered_buttons),
    "read marks with the typing indicator are not described at /messages": (
        lambda body: "status" in body, _read),
}  # fmt: skip
"""What Prism refuses wrongly: how it is known, and what it is checked as (None: by us alone)."""


class Prism:
    """A running Prism and the server in front of it, whose address is `base_url`."""

    def __init__(self, address: str, session: aiohttp.ClientSession) -> None:
        self._address = address
        self._session = session
        self.refused: list[str] = []
        self.passed = 0
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        self.server = TestServer(app, host="127.0.0.1")

    @property
    def base_url(self) -> str:
        """The address up to the version."""
        return str(self.server.make_url("")).rstrip("/")

    async def asked(
        self, method: str, path: str, body: Body | None, agent: str = "tests/1.0.0"
    ) -> tuple[int, Any]:
        """Return Prism's own answer."""
        headers = {"Authorization": "Bearer made-up", "User-Agent": agent}
        async with self._session.request(
            method, self._address + path, json=body, headers=headers
        ) as answer:
            return answer.status, await answer.json(content_type=None)

    async def _handle(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read()) if request.method == "POST" else None
        if body is not None and request.path.endswith("/messages"):
            body = _repaired(body)
            if body is None:
                self.passed += 1
                return web.json_response({"success": True})
        agent = request.headers["User-Agent"]
        status, answer = await self.asked(request.method, request.path_qs, body, agent)
        if status == 200:
            self.passed += 1
        else:
            self.refused.append(json.dumps(answer)[:2000])
        return web.json_response(answer, status=status)


def _repaired(body: Body) -> Body | None:
    for applies, repair in GAPS.values():
        if applies(body):
            repaired = repair(dict(body))
            if repaired is None:
                return None
            body = {name: part for name, part in repaired.items() if part is not None}
    return body


@asynccontextmanager
async def running_prism() -> AsyncIterator[Prism]:
    """Start Prism; skip the test where it is not installed, but fail on CI."""
    program = node_program(
        "@stoplight/prism-cli", "node_modules/@stoplight/prism-cli/dist/index.js"
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ("mock", "-h", "127.0.0.1", "-p", str(port), "--errors", str(SPEC))
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*program, *options, stdout=quiet, stderr=quiet)
    try:
        async with aiohttp.ClientSession() as session:
            prism = Prism(f"http://127.0.0.1:{port}", session)
            async with asyncio.timeout(_START):
                while not await _listens(prism):
                    assert process.returncode is None, "Prism did not start."
                    await asyncio.sleep(0.2)
            await prism.server.start_server(access_log=None)
            try:
                yield prism
            finally:
                await prism.server.close()
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


async def _listens(prism: Prism) -> bool:
    try:
        await prism.asked("GET", "/v25.0/1001", None)
    except aiohttp.ClientError:
        return False
    return True
