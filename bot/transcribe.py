"""What a payload says, read back from the payload itself: for scripts and transcripts."""

import html
import re
from typing import Any

from bot.channel import Payload

_TAG = re.compile(r"<[^>]*>")


def said(channel: str, payload: Payload) -> str:
    """Return the text of a payload as a person reads it; formatting marks of WhatsApp stay."""
    match channel:
        case "telegram":
            return html.unescape(_TAG.sub("", str(payload["text"])))
        case "whatsapp" if payload["type"] == "text":
            return str(payload["text"]["body"])
        case "whatsapp":
            return str(payload["interactive"]["body"]["text"])
        case _:
            return str(payload["text"])


def options(channel: str, payload: Payload) -> list[dict[str, str]]:
    """Return the buttons or rows of a payload, in order, as `id` and `label`."""
    match channel:
        case "telegram":
            rows = payload.get("reply_markup", {}).get("inline_keyboard", [])
            return [{"id": b["callback_data"], "label": b["text"]} for row in rows for b in row]
        case "whatsapp":
            return _whatsapp_options(payload.get("interactive", {}).get("action", {}))
        case _:
            return [{"id": o["id"], "label": o["label"]} for o in payload.get("options", [])]


def _whatsapp_options(action: dict[str, Any]) -> list[dict[str, str]]:
    buttons = [b["reply"] for b in action.get("buttons", [])]
    rows = [r for section in action.get("sections", []) for r in section["rows"]]
    return [{"id": o["id"], "label": o["title"]} for o in (*buttons, *rows)]
