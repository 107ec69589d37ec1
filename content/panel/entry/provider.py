"""Signing in by the institution's own identity provider (OpenID Connect, code flow with PKCE).

Sources: OpenID Connect Core 1.0 sections 3.1.2 and 3.1.3.7, RFC 7636, RFC 9700.
"""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

_TIMEOUT = ClientTimeout(total=10)
_LARGEST = 512 * 1024  # bytes of any answer
_HOLDS = timedelta(hours=1)  # what the provider says of itself, and its keys
_AGAIN = timedelta(minutes=1)  # before keys are fetched again for one that is unknown
_LEEWAY = 60  # seconds by which clocks may differ
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
               "EdDSA")  # fmt: skip
_STRONG = frozenset({"mfa", "otp", "hwk", "sc"})  # RFC 8176: a second factor was asked for
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ProviderFailed(Exception):
    """`why` is 'down' (it does not answer as it should) or 'refused' (this proves nobody)."""

    def __init__(self, why: Literal["down", "refused"]) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    """The provider's address as it names itself, and how it knows the panel."""

    issuer: str
    client_id: str
    client_secret: str


@dataclass(frozen=True, slots=True)
class Started:
    """What binds an answer of the provider to the browser that asked for it."""

    state: str
    nonce: str
    verifier: str
    next: str
    until: str

    def as_text(self) -> str:
        """Return it as it is sealed into the browser's cookie."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> "Started":
        """Read it back."""
        return cls(**json.loads(text))


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is for the provider. `strong`: she gave a second factor there."""

    subject: str
    email: str
    strong: bool


def is_safe(url: str) -> bool:
    """Say whether an address is https, or on this machine."""
    try:
        parts = urlsplit(url)
        here = parts.scheme == "http" and parts.hostname in _LOOPBACK
        return here or (parts.scheme == "https" and bool(parts.hostname))
    except ValueError:
        return False


class Provider:
    """One identity provider. What it says of itself is fetched when first needed."""

    def __init__(self, settings: ProviderSettings) -> None:
        self._settings = settings
        self._described: tuple[datetime, Mapping[str, Any]] | None = None
        self._keys: tuple[datetime, KeySet] | None = None

    async def start(self, back: str, path: str, now: datetime) -> tuple[str, Started]:
        """Return where to send the browser, and what must come back with it.

        `back` is the panel's address for the answer, `path` the page that she came for. Raise
        `ProviderFailed`.
        """
        described = await self._description(now)
        until = (now + timedelta(minutes=10)).isoformat()
        started = Started(_random(), _random(), _random(), path, until)
        digest = hashlib.sha256(started.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": "openid email",
            "state": started.state,
            "nonce": started.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        endpoint = described["authorization_endpoint"]
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}", started

    async def finish(self, code: str, started: Started, back: str, now: datetime) -> Identity:
        """Exchange a code for who she is; raise `ProviderFailed`."""
        described = await self._description(now)
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": back,
            "code_verifier": started.verifier,
        }  # fmt: skip
        authorization = ""
        ways = described.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if "client_secret_basic" in ways:
            # Both are form-encoded before they are joined (RFC 6749 section 2.3.1).
            pair = ":".join(
                quote(part, safe="")
                for part in (self._settings.client_id, self._settings.client_secret)
            )
            authorization = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {
                "client_id": self._settings.client_id,
                "client_secret": self._settings.client_secret,
            }
        given = await _fetch(described["token_endpoint"], form, authorization)
        claims = await self._claims(str(given.get("id_token", "")), now)
        return self._identity(claims, started)

    async def _claims(self, token: str, now: datetime) -> Mapping[str, Any]:
        """Return what a token says, if the provider signed it, for us, just now."""
        wanted = jwt.JWTClaimsRegistry(
            int(now.timestamp()),
            _LEEWAY,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True},
        )
        try:
            keys = await self._key_set(now)
            try:
                decoded = jwt.decode(token, keys, algorithms=_ALGORITHMS)
            except (JoseError, ValueError):
                # It may have been signed with a key that is newer than what we know.
                newer = await self._key_set(now, _AGAIN)
                if newer is keys:
                    raise
                decoded = jwt.decode(token, newer, algorithms=_ALGORITHMS)
            wanted.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, KeyError):
            raise ProviderFailed("refused") from None
        return decoded.claims

    def _identity(self, claims: Mapping[str, Any], started: Started) -> Identity:
        audience, party = claims["aud"], claims.get("azp", self._settings.client_id)
        alone = isinstance(audience, str) or len(audience) == 1 or "azp" in claims
        mine = alone and party == self._settings.client_id
        fresh = hmac.compare_digest(str(claims["nonce"]).encode(), started.nonce.encode())
        email = claims.get("email")
        verified = claims.get("email_verified") is True and isinstance(email, str)
        subject = f"{claims['iss']} {claims['sub']}"
        if not (mine and fresh and verified and len(subject) <= 512):
            raise ProviderFailed("refused")
        ways = claims.get("amr")
        strong = isinstance(ways, list) and bool(_STRONG & {str(way) for way in ways})
        return Identity(subject, str(email).strip().lower(), strong)

    async def _description(self, now: datetime) -> Mapping[str, Any]:
        if self._described and now - self._described[0] < _HOLDS:
            return self._described[1]
        issuer = self._settings.issuer
        said = await _fetch(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        if said.get("issuer") != issuer or not all(is_safe(str(said.get(n))) for n in needed):
            raise ProviderFailed("down")
        self._described = (now, said)
        return said

    async def _key_set(self, now: datetime, older: timedelta = _HOLDS) -> KeySet:
        if self._keys and now - self._keys[0] < older:
            return self._keys[1]
        said = await _fetch((await self._description(now))["jwks_uri"])
        try:
            found = KeySet.import_key_set(said)  # type: ignore[arg-type]
        except (JoseError, ValueError, TypeError, KeyError):
            raise ProviderFailed("down") from None
        self._keys = (now, found)
        return found


def _random() -> str:
    return secrets.token_urlsafe(32)


async def _fetch(
    url: str, form: Mapping[str, str] | None = None, authorization: str = ""
) -> Mapping[str, Any]:
    """Return a JSON object from an address; follow no redirect, read no endless answer."""
    headers = {"Accept": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    try:
        async with (
            ClientSession(timeout=_TIMEOUT) as client,
            client.request(
                "POST" if form else "GET", url, data=form, allow_redirects=False, headers=headers
            ) as response,
        ):  # fmt: skip
            body = await response.content.read(_LARGEST + 1)
            while len(body) <= _LARGEST and not response.content.at_eof():
                body += await response.content.read(_LARGEST + 1 - len(body))
            refused = form is not None and response.status in (400, 401, 403)
            if response.status != 200 or len(body) > _LARGEST:
                raise ProviderFailed("refused" if refused else "down")
            said = json.loads(body)
    except (ClientError, TimeoutError, ValueError, OSError):
        raise ProviderFailed("down") from None
    if not isinstance(said, dict):
        raise ProviderFailed("down")
    return said
