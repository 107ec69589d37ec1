"""What every channel does with raw bytes and raw texts before anything else looks at them."""

import hmac
import json
import re
from typing import Any

from bot.channel import BadBody
from bot.messages import Located

_BREAKS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Controls, halves of surrogate pairs, non-characters, and marks that turn the direction of text.
_UNWANTED = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff"
    "\u202a-\u202e\u2066-\u2069"
    + "".join(
        f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(1 << 16, 17 << 16, 1 << 16)
    )
    + "]"
)


def clean(text: str) -> str:
    """Return a text without the characters that databases refuse or platforms misread.

    Every kind of line break becomes a newline and a tab a space; all else that shows stays.
    """
    return _UNWANTED.sub("", _BREAKS.sub("\n", text).replace("\t", " "))


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object that a body holds; raise `BadBody`, which never quotes the body."""
    try:
        data = json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise BadBody("The body is not a JSON object in UTF-8.")
    return data


def same_secret(given: str, expected: str) -> bool:
    """Compare two secrets in constant time. An empty expected secret equals nothing.

    Bytes, because `compare_digest` refuses a `str` that is not ASCII.
    """
    equal = hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())
    return equal and bool(expected)


def mapping(value: object) -> dict[str, Any]:
    """Return the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def objects(value: object) -> list[dict[str, Any]]:
    """Return the JSON objects of a list; of anything else, none."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def string(value: object) -> str:
    """Return the value if it is a string, cleaned, else ''."""
    return clean(value) if isinstance(value, str) else ""


def place(lat: object, lon: object) -> Located | None:
    """Return a place if both are numbers of degrees that exist on Earth, else None."""
    for degrees, most in ((lat, 90), (lon, 180)):
        if isinstance(degrees, bool) or not isinstance(degrees, int | float):
            return None
        if not -most <= degrees <= most:
            return None
    return Located(float(lat), float(lon))  # type: ignore[arg-type]


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
