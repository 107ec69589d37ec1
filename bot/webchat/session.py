"""The session of a web chat: a secret in a cookie or a header, and the person it stands for."""

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

HEADER = "x-orienta-session"
"""Carries the secret where the chat stands in a frame of another site and gets no cookie."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def new_token() -> str:
    """Return a fresh session secret: 256 bits from the system's generator, 43 characters."""
    return secrets.token_urlsafe(32)


def person_of(token: str) -> str:
    """Return the person's id: 64 hex digits from which the secret cannot be found again."""
    return hashlib.sha256(token.encode("ascii")).hexdigest()


def fingerprint(person: str) -> str:
    """Return what the page may see of a person's id, to notice that its session has changed."""
    return person[:12]


@dataclass(frozen=True, slots=True)
class SessionCookie:
    """How the secret travels. `secure` says that people reach the page by HTTPS.

    The cookie has no lifetime of its own: on a shared phone it dies with the browser.
    """

    secure: bool

    @property
    def name(self) -> str:
        """The cookie's name; with HTTPS one that no other host of the domain can set."""
        return "__Host-orienta" if self.secure else "orienta"

    def read(self, headers: Mapping[str, str]) -> str | None:
        """Return the secret from request headers (names in lower case), or None."""
        if (given := headers.get(HEADER)) is not None:  # a frame has its own session, or none
            return given if _TOKEN.fullmatch(given) else None
        for pair in headers.get("cookie", "").split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.name and _TOKEN.fullmatch(value):
                return value
        return None

    def header(self, token: str) -> str:
        """Return the value of `Set-Cookie` that gives this secret to the browser."""
        return f"{self.name}={token}; {self._attributes}"

    def end_header(self) -> str:
        """Return the value of `Set-Cookie` that takes the secret away."""
        return f"{self.name}=; Max-Age=0; {self._attributes}"

    @property
    def _attributes(self) -> str:
        return "Path=/; HttpOnly; SameSite=Strict" + ("; Secure" if self.secure else "")
