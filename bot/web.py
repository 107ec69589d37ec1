"""The HTTP server: webhooks, health, and whatever pages the application adds."""

import hmac
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot import metrics
from bot.channel import BadBody, BadSignature, Channel, Handshake, WebhookRequest
from bot.intake import Intake
from bot.store import StoreUnavailable

log = structlog.get_logger()

LARGEST_BODY = 4 * 1024 * 1024  # bytes; Meta sends up to 3 MB, the web chat has its own limit


def webhook_request(request: web.Request, body: bytes) -> WebhookRequest:
    """Return what a channel may see of an HTTP request."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    return WebhookRequest(request.method, dict(request.query), headers, body)


class Hooks:
    """The handlers of /hooks/<channel>."""

    def __init__(self, intake: Intake, channels: Mapping[str, Channel]) -> None:
        self._intake = intake
        self._channels = channels

    def add_to(self, app: web.Application) -> None:
        """Register the routes."""
        app.router.add_post("/hooks/{channel}", self._receive)
        app.router.add_get("/hooks/{channel}", self._handshake, allow_head=False)

    def _channel(self, request: web.Request) -> Channel:
        name = request.match_info["channel"]
        if name not in self._channels:
            raise web.HTTPNotFound(text="No such webhook here.")
        return self._channels[name]

    async def _receive(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        body = await request.read()
        try:
            await self._intake.webhook(channel, webhook_request(request, body))
        except BadSignature:
            metrics.REFUSED.labels(channel.name, "signature").inc()
            return web.Response(status=403, text="The signature is missing or wrong.")
        except BadBody:
            metrics.REFUSED.labels(channel.name, "body").inc()
            return web.Response(status=400, text="The body is not what this webhook expects.")
        except StoreUnavailable as error:
            metrics.REFUSED.labels(channel.name, "store").inc()
            log.error("webhook_not_stored", channel=channel.name, why=str(error))
            return web.Response(status=503, text="Not stored: deliver it again later.")
        return web.Response(text="ok")

    async def _handshake(self, request: web.Request) -> web.Response:
        channel = self._channel(request)
        if not isinstance(channel, Handshake):
            raise web.HTTPMethodNotAllowed("GET", ["POST"])
        try:
            return web.Response(text=channel.handshake(webhook_request(request, b"")))
        except BadSignature:
            return web.Response(status=403, text="The verify token is wrong.")


def health(ready: Callable[[], Awaitable[Mapping[str, bool]]]) -> list[web.RouteDef]:
    """Return the routes that say whether the process lives, and whether its parts answer."""

    async def alive(_: web.Request) -> web.Response:
        return web.json_response({"alive": True})

    async def readiness(_: web.Request) -> web.Response:
        parts = await ready()
        # Without the model people still get topics to choose from, so only the database counts.
        return web.json_response(dict(parts), status=200 if parts.get("database") else 503)

    return [web.get("/healthz", alive), web.get("/readyz", readiness)]


def metrics_app(token: str) -> web.Application:
    """Return the application that shows the metrics to whoever holds the token."""

    async def show(request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
            raise web.HTTPUnauthorized(text="Give the metrics token as a bearer token.")
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    app = web.Application()
    app.router.add_get("", show)
    return app
