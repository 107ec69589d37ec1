"""What stands before every page: headers, forgery of requests, the size of forms."""

import asyncio
import re
from collections.abc import Mapping

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from multidict import MultiDict, MultiMapping

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BODY_SECONDS = 30
_UPLOAD_SECONDS = 300
MOST_FIELDS = 5000

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # Not no-referrer: with it, browsers send "Origin: null" even to ourselves.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


def is_forged(request: web.Request, origin: str) -> bool:
    """Say whether another site may have sent this (Fetch Metadata, then Origin).

    `origin` is the panel's own, or '' where it is not configured: then the host that was asked.
    """
    if request.method in ("GET", "HEAD"):
        return False
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return True
    given = request.headers.get("Origin")
    if given is None:
        return site is None  # browsers say one of the two with every POST
    if origin:
        return given != origin
    return given.partition("://")[2] != request.host


async def read_form(request: web.Request, most: int) -> MultiMapping[str]:
    """Read the fields of a form; raise `HTTPRequestEntityTooLarge` or `HTTPBadRequest`.

    Uploaded files stand in it as text, for the panel takes only text files: under the field's
    name their content, under `<field>.name` their name.
    """
    form: MultiDict[str] = MultiDict()
    sent = await _fields(request, most, _BODY_SECONDS)
    for name, value in sent.items():
        if isinstance(value, web.FileField):
            form.add(f"{name}.name", cleaned(value.filename))
            form.add(name, cleaned(_decoded(value.file.read())))
        else:
            form.add(name, cleaned(value if isinstance(value, str) else _decoded(bytes(value))))
    return form


async def read_upload(
    request: web.Request, most: int
) -> tuple[MultiMapping[str], Mapping[str, bytes]]:
    """Read a form with files: its fields, and the bytes of one file by each name.

    Names of files are thrown away: nobody needs them. Raise as `read_form` does.
    """
    form: MultiDict[str] = MultiDict()
    files: dict[str, bytes] = {}
    for name, value in (await _fields(request, most, _UPLOAD_SECONDS)).items():
        if isinstance(value, web.FileField):
            files[name] = value.file.read()
        elif isinstance(value, str):
            form.add(name, cleaned(value))
    return form, files


async def _fields(
    request: web.Request, most: int, seconds: float
) -> MultiMapping[str | bytes | bytearray | web.FileField]:
    if (request.content_length or 0) > most:
        raise web.HTTPRequestEntityTooLarge(most, request.content_length or 0)
    if "Content-Encoding" in request.headers:  # no browser packs a form; a bomb would be packed
        raise web.HTTPBadRequest
    request._client_max_size = most
    request._client_max_fields = MOST_FIELDS
    try:
        async with asyncio.timeout(seconds):
            sent = await request.post()
    except (TimeoutError, ValueError, LookupError, RuntimeError, HttpProcessingError):
        raise web.HTTPBadRequest from None
    if len(sent) > MOST_FIELDS:
        raise web.HTTPBadRequest
    return sent


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:  # what spreadsheets of Windows write
        return data.decode("cp1252", "replace")


def cleaned(value: str) -> str:
    """Return a text without control characters other than line breaks, which are "\\n"."""
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n"))
