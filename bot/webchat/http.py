"""The HTTP side of the web chat: the page, its files, what it posts and the stream it reads."""

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import structlog
from aiohttp import web

from bot.bodies import read_object, string
from bot.channel import BadBody, BadSignature, WebhookRequest
from bot.messages import Chose, Event, Located, Said
from bot.webchat import texts
from bot.webchat.channel import WebChatChannel
from bot.webchat.embed import embed_routes
from bot.webchat.limits import Buckets, Rate
from bot.webchat.page import STATIC_PATH, pages, static_files
from bot.webchat.session import HEADER, fingerprint, new_token, person_of
from bot.webchat.stream import Ended, Listener
from bot.webchat.wire import (
    BodyTooLong,
    client_address,
    event_bytes,
    file_response,
    is_from_our_page,
    language_of,
    last_seen,
    lower_headers,
    read_body,
    refusal,
    security_headers,
    stream_response,
)

Accept: TypeAlias = Callable[[WebChatChannel, WebhookRequest], Awaitable[None]]
"""Stores what a request holds, each message once; may raise `BadBody` or `BadSignature`."""

_Handler: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class WebChatSettings:
    """What an operator decides. Many phones share an address, so an address may do much.

    `origins` are those from which the page may post, such as `https://orienta.example`; without
    any, the host that the request names. `trusted_proxies` is how many of our own proxies stand
    in front. `embed_origins` are the sites that may show the chat in a frame, as in a policy's
    `frame-ancestors`; none switches that off. `pages_per_session` leaves a browser room to post:
    it opens six lines to a host. `heartbeat` is in seconds. `leave_to` is where "leave quickly"
    leads.
    """

    origins: frozenset[str] = frozenset()
    trusted_proxies: int = 0
    embed_origins: tuple[str, ...] = ()
    leave_to: str = "https://www.google.com/search?q=clima"
    session_rate: Rate = field(default=Rate(burst=10, per_minute=20))
    address_rate: Rate = field(default=Rate(burst=60, per_minute=240))
    stream_rate: Rate = field(default=Rate(burst=40, per_minute=60))
    pages_per_session: int = 5
    pages_in_all: int = 3000
    heartbeat: float = 20


def webchat_routes(
    channel: WebChatChannel, accept: Accept, settings: WebChatSettings | None = None
) -> list[web.RouteDef]:
    """Return the routes of the web chat; the application calls `channel.aclose` on shutdown."""
    settings = settings or WebChatSettings()
    served = _WebChat(channel, accept, settings)
    return [
        web.get("/", served.secured(served.page)),
        *embed_routes(settings.embed_origins, settings.leave_to, secure=channel.cookie.secure),
        web.get(STATIC_PATH + "{name}", served.secured(served.static)),
        web.post("/webchat/messages", served.secured(served.messages)),
        web.post("/webchat/leave", served.secured(served.leave)),
        web.get("/webchat/stream", served.secured(served.stream), allow_head=False),
    ]


class _WebChat:
    def __init__(self, channel: WebChatChannel, accept: Accept, settings: WebChatSettings) -> None:
        self._channel = channel
        self._accept = accept
        self._settings = settings
        self._security = security_headers(secure=channel.cookie.secure)
        self._files = static_files()
        self._pages = pages(self._files, settings.leave_to)
        self._by_session = Buckets(settings.session_rate)
        self._by_address = Buckets(settings.address_rate)
        self._streams_by_address = Buckets(settings.stream_rate)
        self._leaves_by_address = Buckets(settings.address_rate)
        self._open = 0

    def secured(self, handler: _Handler) -> _Handler:
        """Return a handler whose every answer has the security headers."""

        async def handle(request: web.Request) -> web.StreamResponse:
            response = await handler(request)
            if not response.prepared:
                response.headers.update(self._security)
            return response

        return handle

    async def page(self, request: web.Request) -> web.Response:
        """Answer the page in the language that the browser asks for. It sets no cookie.

        A strict cookie is not sent with a link from elsewhere, so setting one here would throw
        away the session of whoever comes back by a link; the stream does it.
        """
        made = self._pages[language_of(request)]
        response = file_response(request, made, "no-cache")
        response.headers["Vary"] = "Accept-Encoding, Accept-Language"
        return response

    async def static(self, request: web.Request) -> web.Response:
        """Answer a file by its hashed name; what such a name stands for never changes."""
        made = self._files.get(request.match_info["name"])
        if made is None:
            return web.Response(status=404)
        return file_response(request, made, "public, max-age=31536000, immutable")

    async def messages(self, request: web.Request) -> web.Response:
        """Take one message: store it, show it on her other pages, answer 202."""
        if not is_from_our_page(request, self._settings.origins):
            return refusal(request, 403, texts.FOREIGN)
        headers = lower_headers(request)
        token = self._channel.cookie.read(headers)
        if token is None:  # costs no more than a 429, and takes nothing from her neighbours
            return refusal(request, 401, texts.NO_SESSION)
        if wait := self._by_address.take(self._address(request)):
            return refusal(request, 429, texts.TOO_MANY, wait)
        person = person_of(token)
        if wait := self._by_session.take(person):
            return refusal(request, 429, texts.TOO_MANY, wait)
        if request.content_type != "application/json":
            return refusal(request, 415, texts.NOT_READ)
        try:
            body = await read_body(request)
        except BodyTooLong:
            return refusal(request, 413, texts.TOO_LONG)
        except TimeoutError:
            return refusal(request, 408, texts.UNAVAILABLE)
        webhook = WebhookRequest(request.method, dict(request.query), headers, body)
        return await self._taken(request, webhook, person)

    async def leave(self, request: web.Request) -> web.Response:
        """Close the session, here and in the browser, and have the bot forget the person.

        A session that we know is proof enough. One that we do not, since a restart or because it
        is made up, is limited by address; the page then tries again before it shows anything.
        """
        if not is_from_our_page(request, self._settings.origins):
            return refusal(request, 403, texts.FOREIGN)
        headers = lower_headers(request)
        token = self._channel.cookie.read(headers)
        response = web.Response(status=204)
        if HEADER not in headers:
            response.headers["Set-Cookie"] = self._channel.cookie.end_header()
        if token is None:
            return response
        person = person_of(token)
        known = self._channel.stream.is_known(person)
        if not known and (wait := self._leaves_by_address.take(self._address(request))):
            return refusal(request, 429, texts.UNAVAILABLE, wait)
        self._channel.stream.end(person)
        # The same as pressing "erase" and then "yes": one way to forget, safe in the inbox.
        left = secrets.token_urlsafe(16)
        body = json.dumps({"id": left, "kind": "choice", "choice": "forget:yes"})
        try:
            await self._accept(
                self._channel, WebhookRequest("POST", {}, headers, body.encode("ascii"))
            )
        except Exception as error:  # she has left: nobody is there to be told
            _log.error("webchat_leave_not_stored", error=type(error).__name__)
        return response

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send the events of a session as they come; begin one if the browser has none."""
        if not is_from_our_page(request, self._settings.origins):
            return refusal(request, 403, texts.FOREIGN)
        if wait := self._streams_by_address.take(self._address(request)):
            return refusal(request, 429, texts.TOO_MANY_PAGES, wait)
        cookie = self._channel.cookie
        headers = lower_headers(request)
        known = cookie.read(headers)
        if known is None and HEADER in headers:
            return refusal(request, 401, texts.NO_SESSION)
        token = known or new_token()
        person = person_of(token)
        if self._channel.stream.listeners(person) >= self._settings.pages_per_session:
            return refusal(request, 429, texts.TOO_MANY_PAGES, 30)
        if self._open >= self._settings.pages_in_all:
            return refusal(request, 503, texts.UNAVAILABLE, 30)
        response = stream_response(self._security)
        if known is None:
            response.headers["Set-Cookie"] = cookie.header(token)
        self._open += 1
        try:
            with self._channel.stream.listen(person, last_seen(request)) as listener:
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
            return refusal(request, 400, texts.NOT_READ)
        except BadSignature:
            return refusal(request, 401, texts.NO_SESSION)
        except Exception as error:  # whatever it is, she is told, and the page sends it again
            _log.error("webchat_message_not_stored", error=type(error).__name__)
            return refusal(request, 503, texts.UNAVAILABLE, 5)
        for message in received.messages:
            if shown := _echo(message.event, webhook.body):
                key = message.message_id.partition(":")[2]
                data = json.dumps({"id": key, **shown}, ensure_ascii=False)
                self._channel.stream.publish(person, "mine", data, key=f"in:{key}")
        return web.json_response({"session": fingerprint(person)}, status=202)

    async def _follow(self, response: web.StreamResponse, listener: Listener, person: str) -> None:
        kept = listener.waiting()
        hello = json.dumps({"session": fingerprint(person), "kept": len(kept)})
        await response.write(f"retry: 3000\nevent: hello\ndata: {hello}\n\n".encode())
        for delivery in kept:
            await response.write(event_bytes(delivery))
        while True:
            fresh = await listener.next(self._settings.heartbeat)
            for delivery in fresh:
                await response.write(event_bytes(delivery))
            if not fresh:  # the page hears that the line holds, and we that she is still there
                await response.write(b"event: beat\ndata: 0\n\n")

    def _address(self, request: web.Request) -> str:
        return client_address(request, self._settings.trusted_proxies)


def _echo(event: Event, body: bytes) -> dict[str, str] | None:
    """Return what her pages show of her own message. Her place itself is not kept."""
    match event:
        case Said(text):
            return {"kind": "text", "text": text}
        case Chose(choice):
            label = string(read_object(body).get("label"))[:200]
            return {"kind": "text", "text": label or choice}
        case Located():
            return {"kind": "location", "text": ""}
        case _:
            return None
