"""Setting up a second factor: a secret is shown, and stored once a code of it was typed."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from content.panel.entry import second_factor
from content.panel.visit import Visit

_VALID = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret for her app, as picture and as text; `sealed` brings it back with the form."""

    secret: str
    picture: str
    sealed: str

    @property
    def spaced(self) -> str:
        """The secret in groups of four, to be typed."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


def offer(visit: Visit, secret: str = "") -> Offer:
    """Return a new secret, or one again whose code was mistyped."""
    secret = secret or second_factor.new_secret()
    body = {
        "session": visit.member.session,
        "secret": secret,
        "until": (visit.now + _VALID).isoformat(),
    }
    picture = second_factor.picture(secret, visit.member.email)
    return Offer(secret, picture, visit.panel.keys.seal(json.dumps(body)))


def offered(visit: Visit) -> str | None:
    """Return the secret that this session was offered, or None if it was none or long ago."""
    try:
        body = json.loads(visit.panel.keys.open(visit.field("sealed")))
        mine = body["session"] == visit.member.session
        holds = visit.now < datetime.fromisoformat(body["until"])
        return str(body["secret"]) if mine and holds else None
    except Exception:  # whatever else was sent: the keys' own error is not known here
        return None
