"""The requests and responses of the web chat: what is read from them, how they are written."""

import asyncio
import math
from collections.abc import Mapping, Sequence

from aiohttp import web

from bot.messages import Label, Phrase
from bot.webchat.limits import address_of
from bot.webchat.page import Asset
from bot.webchat.stream import Delivery
from bot.webchat.texts import negotiate
from content.catalogue import LANGUAGES
from locales import translate

MAX_BODY = 16 * 1024
BODY_SECONDS = 15

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "
)


class BodyTooLong(Exception):
    """The body of a request is longer than `MAX_BODY` bytes."""


def security_headers(*, secure: bool, frames: Sequence[str] = ()) -> Mapping[str, str]:
    """Return the headers of every answer; `secure` says that people come by HTTPS.

    `frames` are the origins of the pages that may show it in a frame, or load it.
    """
    headers = {
        "Content-Security-Policy": _CONTENT_SECURITY_POLICY + (" ".join(frames) or "'none'"),
        "X-Content-Type-Options": "nosniff",
        # Not no-referrer: with it, browsers send "Origin: null" even to ourselves.
        "Referrer-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(self), camera=(), microphone=()",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "cross-origin" if frames else "same-origin",
    }
    if secure:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def language_of(request: web.Request) -> str:
    """Return the language to answer in: that of the address (`?lang=`), or of `Accept-Language`.

    The page's own requests name its language in that header.
    """
    if (asked := request.query.get("lang")) in LANGUAGES:
        return asked
    return negotiate(request.headers.get("Accept-Language", ""))


def lower_headers(request: web.Request) -> dict[str, str]:
    """Return the headers with their names in lower case."""
    return {name.lower(): value for name, value in request.headers.items()}


def client_address(request: web.Request, trusted_proxies: int) -> str:
    """Return the address that a request came from; see `address_of`."""
    forwarded = request.headers.getall("X-Forwarded-For", [])
    return address_of(request.remote, forwarded, trusted_proxies)


def is_from_our_page(request: web.Request, origins: frozenset[str]) -> bool:
    """Tell whether our own page sent this: Fetch Metadata, and `Origin` where it must be."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("Origin")
    if origin is None:
        # Browsers name the origin of every POST; one that says nothing at all is no browser.
        return request.method == "GET" or site == "same-origin"
    if origins:
        return origin in origins
    return origin.partition("://")[2] == request.host


async def read_body(request: web.Request) -> bytes:
    """Read a body; raise `BodyTooLong`, or `TimeoutError` when it comes too slowly."""
    if (request.content_length or 0) > MAX_BODY:
        raise BodyTooLong
    body = bytearray()
    async with asyncio.timeout(BODY_SECONDS):
        async for chunk in request.content.iter_any():
            body += chunk
            if len(body) > MAX_BODY:
                raise BodyTooLong
    return bytes(body)


def last_seen(request: web.Request) -> int:
    """Return the id of the last event that a page has seen, or 0."""
    given = request.headers.get("Last-Event-ID") or request.query.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 17 else 0


def file_response(request: web.Request, made: Asset, caching: str) -> web.Response:
    """Answer a file, compressed where the browser can read that, or 304 where it has it."""
    tag = f'"{made.digest}"'
    headers = {"ETag": tag, "Cache-Control": caching, "Vary": "Accept-Encoding"}
    if tag in request.headers.get("If-None-Match", ""):
        return web.Response(status=304, headers=headers)
    body = made.body
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = made.zipped
    return web.Response(body=body, headers=headers, content_type=made.content_type, charset="utf-8")


def stream_response(security: Mapping[str, str]) -> web.StreamResponse:
    """Return a stream of server-sent events that is not yet begun."""
    headers = {
        "Content-Type": "text/event-stream; charset=utf-8",
        "Cache-Control": "no-store",
        "X-Accel-Buffering": "no",  # nginx would hold events back
    }
    return web.StreamResponse(headers={**security, **headers})


def event_bytes(delivery: Delivery) -> bytes:
    """Write one event of a stream; its data is JSON on one line, as the format demands."""
    return f"id: {delivery.id}\nevent: {delivery.kind}\ndata: {delivery.data}\n\n".encode()


def refusal(
    request: web.Request, status: int, text: Phrase | Label, wait: float = 0
) -> web.Response:
    """Answer that something was not done, with the sentence that the page shows.

    `wait` is the number of seconds after which it is worth trying again.
    """
    sentence = translate(text.text, language_of(request))
    response = web.json_response({"sentence": sentence}, status=status)
    response.headers["Cache-Control"] = "no-store"
    if wait:
        response.headers["Retry-After"] = str(math.ceil(wait))
    return response
