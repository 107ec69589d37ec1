"""The second factor: codes of a telephone's app, and recovery codes on paper."""

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
import segno

STEP = 30  # seconds that one code holds
AROUND = 1  # steps before and after now that are taken, for clocks that go wrong
RECOVERY_CODES = 10
ISSUER = "Orienta"

_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another
_GROUPS, _GROUP = 4, 4  # 79 bits: a stolen hash cannot be tried out


def new_secret() -> str:
    """Return a new secret in base 32, as apps take it typed."""
    return pyotp.random_base32()


def address(secret: str, email: str) -> str:
    """Return what the app reads from the picture."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name=email, issuer_name=ISSUER)


def picture(secret: str, email: str) -> str:
    """Return the QR code as a data: address of an SVG picture, black on white."""
    code = segno.make(address(secret, email), error="m")
    return code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff")


def step_of(secret: str, code: str, now: datetime, last: int) -> int | None:
    """Return the step whose code this is, if it lies after the last one that was used.

    A code counts once: who looks over her shoulder cannot use it again.
    """
    typed = code.replace(" ", "")
    totp = pyotp.TOTP(secret, interval=STEP)
    present = int(now.timestamp()) // STEP
    found = None
    for step in range(present - AROUND, present + AROUND + 1):
        right = hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode())
        if right and step > last:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Return ten codes for when the telephone is lost."""
    return [
        "-".join(
            "".join(secrets.choice(_SIGNS) for _ in range(_GROUP)) for _ in range(_GROUPS)
        )
        for _ in range(RECOVERY_CODES)
    ]  # fmt: skip


def recovery_hash(code: str) -> str:
    """Return what is stored of a recovery code, however it was typed."""
    typed = "".join(sign for sign in code.lower() if sign in _SIGNS)
    return hashlib.sha256(f"recovery {typed}".encode()).hexdigest()
