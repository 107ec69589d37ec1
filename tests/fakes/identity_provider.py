"""An identity provider that says and signs whatever a test gives it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

CLIENT = "orienta-panel"
SECRET = "a secret of the client: with %, + and /"


@dataclass
class Crooked:
    """`claims` are what the next token says; `key` signs it, `published` are the keys shown."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey | OctKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    algorithm: str = "RS256"
    published: list[RSAKey] = field(default_factory=list)
    description: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    authorization: list[str] = field(default_factory=list)
    down: bool = False
    status: int = 200
    token: str | None = None

    def __post_init__(self) -> None:
        """Publish the key that signs."""
        if isinstance(self.key, RSAKey):
            self.published.append(self.key)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.down:
            return web.Response(status=500)
        if request.path == "/.well-known/openid-configuration":
            return web.json_response(
                {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/authorize",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/jwks",
                    **self.description,
                }
            )
        if request.path == "/jwks":
            return web.json_response(KeySet(self.published).as_dict(private=False))
        self.forms.append({name: str(value) for name, value in (await request.post()).items()})
        self.authorization.append(request.headers.get("Authorization", ""))
        header = {"alg": self.algorithm, "kid": self.key.kid or "1"}
        token = self.token
        if token is None:
            token = jwt.encode(header, self.claims, self.key, algorithms=[self.algorithm])
        return web.json_response({"id_token": token, "token_type": "Bearer"}, status=self.status)


@asynccontextmanager
async def running_provider() -> AsyncIterator[Crooked]:
    """Serve one on loopback."""
    provider = Crooked()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", provider._answer)
    async with TestServer(app, host="127.0.0.1") as server:
        provider.issuer = str(server.make_url("/")).rstrip("/")
        yield provider
