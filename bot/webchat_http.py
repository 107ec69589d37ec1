"""The HTTP side of the web chat: the page, its files, what it posts and the stream it reads."""

import asyncio
import json
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TypeAlias
from urllib.parse import urlsplit

import structlog
from aiohttp import web

from bot import webchat_texts as texts
from bot.channel import BadBody, BadSignature, WebhookRequest
from bot.messages import Chose, Event, Label, Located, Phrase, Said
from bot.webchat import WebChatChannel
from bot.webchat_limits import Buckets, Rate, address_of
from bot.webchat_page import STATIC_PATH, Asset, pages, static_files
from bot.webchat_session import fingerprint, new_token, person_of
from bot.webchat_stream import Delivery, Ended, Listener
from locales import translate

Accept: TypeAlias = Callable[[WebChatChannel, WebhookRequest], Awaitable[None]]
"""Stores what a request holds; may raise `BadBody` or `BadSignature`. Must know duplicates."""

MAX_BODY = 16 * 1024
BODY_SECONDS = 15

_log = structlog.get_logger(__name__)

_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        ),
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: with it, browsers send "Origin: null" even to ourselves.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
)


@dataclass(frozen=True, slots=True)
class WebChatSettings:
    """What an operator decides. Addresses are shared by many phones, so their rate is wide.

    `origins` are those from which the page may post, such as `https://orienta.example`; without
    any, the host that the request names. `trusted_proxies` is how many of our own proxies stand
    in front. `heartbeat` is in seconds. `leave_to` is where "leave quickly" leads.
    """

    origins: frozenset[str] = field(default_factory=frozenset)
    trusted_proxies: int = 0
    leave_to: str = "https://www.google.com/search?q=clima"
    session_rate: Rate = Rate(burst=10, per_minute=20)
    address_rate: Rate = Rate(burst=60, per_minute=240)
    stream_rate: Rate = Rate(burst=40, per_minute=60)
    pages_per_session: int = 6
    pages_in_all: int = 3000
    heartbeat: float = 20


def webchat_routes(
    channel: WebChatChannel, accept: Accept, settings: WebChatSettings | None = None
) -> list[web.RouteDef]:
    """Return the routes of the web chat; the application calls `channel.aclose` on shutdown."""
    served = _WebChat(channel, accept, settings or WebChatSettings())
    return [
        web.get("/", served.page),
        web.get(STATIC_PATH + "{name}", served.static),
        web.post("/webchat/messages", served.messages),
        web.post("/webchat/leave", served.leave),
        web.get("/webchat/stream", served.stream, allow_head=False),
    ]


class _WebChat:
    def __init__(self, channel: WebChatChannel, accept: Accept, settings: WebChatSettings) -> None:
        self._channel = channel
        self._accept = accept
        self._settings = settings
        self._files = static_files()
        self._pages = pages(self._files, settings.leave_to)
        self._by_session = Buckets(settings.session_rate)
        self._by_address = Buckets(settings.address_rate)
        self._streams_by_address = Buckets(settings.stream_rate)
        self._open = 0

    async def page(self, request: web.Request) -> web.Response:
        """Answer the page in the language that the browser asks for. It sets no cookie.

        A strict cookie is not sent with a link from elsewhere, so setting one here would throw
        away the session of whoever comes back by a link; the stream does it.
        """
        made = self._pages[_language(request)]
        response = _file_response(request, made, "no-cache")
        response.headers["Vary"] = "Accept-Encoding, Accept-Language"
        response.headers.update(self._security())
        return response

    async def static(self, request: web.Request) -> web.Response:
        """Answer a file by its hashed name; what such a name stands for never changes."""
        made = self._files.get(request.match_info["name"])
        if made is None:
            raise web.HTTPNotFound(headers=self._security())
        response = _file_response(request, made, "public, max-age=31536000, immutable")
        response.headers["Vary"] = "Accept-Encoding"
        response.headers.update(self._security())
        return response

    async def messages(self, request: web.Request) -> web.Response:
        """Take one message: store it, show it on her other pages, answer 202."""
        if not self._from_our_page(request):
            return self._refusal(request, 403, texts.FOREIGN)
        if wait := self._by_address.take(self._address(request)):
            return self._refusal(request, 429, texts.TOO_MANY, wait)
        headers = _lower(request.headers)
        token = self._channel.cookie.read(headers)
        if token is None:
            return self._refusal(request, 401, texts.NO_SESSION)
        person = person_of(token)
        if wait := self._by_session.take(person):
            return self._refusal(request, 429, texts.TOO_MANY, wait)
        if request.content_type != "application/json":
            return self._refusal(request, 415, texts.NOT_READ)
        try:
            body = await _body(request)
        except TimeoutError:
            return self._refusal(request, 408, texts.UNAVAILABLE)
        if body is None:
            return self._refusal(request, 413, texts.TOO_LONG)
        webhook = WebhookRequest(request.method, dict(request.query), headers, body)
        return await self._taken(request, webhook, person)

    async def leave(self, request: web.Request) -> web.Response:
        """Close the session, here and in the browser, and ask the bot to forget the person."""
        if not self._from_our_page(request):
            return self._refusal(request, 403, texts.FOREIGN)
        headers = _lower(request.headers)
        token = self._channel.cookie.read(headers)
        response = web.Response(status=204, headers=self._security())
        response.headers["Set-Cookie"] = self._channel.cookie.end_header()
        if token is None or self._by_address.take(self._address(request)):
            return response
        self._channel.stream.end(person_of(token))
        # The same as pressing "erase" and then "yes": one way to forget, kept in the inbox.
        body = json.dumps({"id": "leave-quickly", "kind": "choice", "choice": "forget:yes"})
        try:
            await self._accept(
                self._channel, WebhookRequest("POST", {}, headers, body.encode("ascii"))
            )
        except Exception as error:
            _log.warning("webchat_leave_not_stored", error=type(error).__name__)
        return response

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send the events of a session as they come; begin one if the browser has none."""
        if not self._from_our_page(request):
            return self._refusal(request, 403, texts.FOREIGN)
        if wait := self._streams_by_address.take(self._address(request)):
            return self._refusal(request, 429, texts.TOO_MANY_PAGES, wait)
        cookie = self._channel.cookie
        known = cookie.read(_lower(request.headers))
        token = known or new_token()
        person = person_of(token)
        if self._channel.stream.listeners(person) >= self._settings.pages_per_session:
            return self._refusal(request, 429, texts.TOO_MANY_PAGES, 30)
        if self._open >= self._settings.pages_in_all:
            return self._refusal(request, 503, texts.UNAVAILABLE, 30)
        response = web.StreamResponse(headers={**self._security(), **_STREAM_HEADERS})
        if known is None:
            response.headers["Set-Cookie"] = cookie.header(token)
        self._open += 1
        try:
            with self._channel.stream.listen(person, _last_seen(request)) as listener:
                await response.prepare(request)
                await self._follow(response, listener, person)
        except (ConnectionError, Ended):
            pass  # she closed the page, or the session ended
        finally:
            self._open -= 1
        return response

    async def _taken(
        self, request: web.Request, webhook: WebhookRequest, person: str
    ) -> web.Response:
        try:
            received = self._channel.receive(webhook)
            await self._accept(self._channel, webhook)
        except BadBody:
            return self._refusal(request, 400, texts.NOT_READ)
        except BadSignature:
            return self._refusal(request, 401, texts.NO_SESSION)
        except Exception as error:  # whatever it is, she is told, and the page sends it again
            _log.error("webchat_message_not_stored", error=type(error).__name__)
            return self._refusal(request, 503, texts.UNAVAILABLE, 5)
        for message in received.messages:
            if shown := _echo(message.event, webhook.body):
                key = message.message_id.partition(":")[2]
                data = json.dumps({"id": key, **shown}, ensure_ascii=False)
                self._channel.stream.publish(person, "mine", data, key=f"in:{key}")
        body = {"session": fingerprint(person)}
        return web.json_response(body, status=202, headers=self._security())

    async def _follow(self, response: web.StreamResponse, listener: Listener, person: str) -> None:
        kept = listener.waiting()
        hello = json.dumps({"session": fingerprint(person), "kept": len(kept)})
        await response.write(f"retry: 3000\nevent: hello\ndata: {hello}\n\n".encode())
        for delivery in kept:
            await response.write(_event(delivery))
        while True:
            fresh = await listener.next(self._settings.heartbeat)
            for delivery in fresh:
                await response.write(_event(delivery))
            if not fresh:  # the page hears that the line still holds, and we that she is there
                await response.write(b"event: beat\ndata: 0\n\n")

    def _from_our_page(self, request: web.Request) -> bool:
        """Tell whether our own page sent this: Fetch Metadata, and `Origin` where it must be."""
        site = request.headers.get("Sec-Fetch-Site")
        if site is not None and site != "same-origin":
            return False
        origin = request.headers.get("Origin")
        if origin is None:
            # Browsers name the origin of every POST; one that says nothing at all is no browser.
            return request.method == "GET" or site == "same-origin"
        if self._settings.origins:
            return origin in self._settings.origins
        return urlsplit(origin).netloc == request.host

    def _address(self, request: web.Request) -> str:
        forwarded = request.headers.getall("X-Forwarded-For", [])
        return address_of(request.remote, forwarded, self._settings.trusted_proxies)

    def _security(self) -> dict[str, str]:
        headers = dict(_HEADERS)
        if self._channel.cookie.secure:
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return headers

    def _refusal(
        self, request: web.Request, status: int, text: Phrase | Label, wait: float = 0
    ) -> web.Response:
        sentence = translate(text.text, _language(request))
        response = web.json_response(
            {"sentence": sentence}, status=status, headers=self._security()
        )
        response.headers["Cache-Control"] = "no-store"
        if wait:
            response.headers["Retry-After"] = str(math.ceil(wait))
        return response


_STREAM_HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",  # nginx would hold events back
}


def _language(request: web.Request) -> str:
    return texts.negotiate(request.headers.get("Accept-Language", ""))


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _file_response(request: web.Request, made: Asset, caching: str) -> web.Response:
    tag = f'"{made.digest}"'
    headers = {"ETag": tag, "Cache-Control": caching}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    body = made.body
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = made.zipped
    return web.Response(body=body, headers=headers, content_type=made.content_type, charset="utf-8")


async def _body(request: web.Request) -> bytes | None:
    """Read a body; None when it is too long. Raise `TimeoutError` when it comes too slowly."""
    if request.content_length is not None and request.content_length > MAX_BODY:
        return None
    body = bytearray()
    async with asyncio.timeout(BODY_SECONDS):
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MAX_BODY:
                return None
    return bytes(body)


def _last_seen(request: web.Request) -> int:
    given = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 17 else 0


def _event(delivery: Delivery) -> bytes:
    # `data` is JSON without line breaks, which would end the field.
    return f"id: {delivery.id}\nevent: {delivery.kind}\ndata: {delivery.data}\n\n".encode()


def _echo(event: Event, body: bytes) -> dict[str, str] | None:
    """Return what her pages show of her own message. Her place itself is not kept."""
    match event:
        case Said(text):
            return {"kind": "text", "text": text}
        case Chose(choice):
            label = json.loads(body).get("label")
            return {"kind": "text", "text": label[:200] if isinstance(label, str) else choice}
        case Located():
            return {"kind": "location", "text": ""}
        case _:
            return None
