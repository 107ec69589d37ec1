"""Signed webhooks of both platforms, as they post them."""

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

NUMBER_ID = "1001"


@dataclass(frozen=True, slots=True)
class Secrets:
    """What both sides know, made up anew for each run."""

    telegram_token: str = field(default_factory=lambda: f"123456:{secrets.token_urlsafe(26)}")
    telegram: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    whatsapp_token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    metrics: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    whatsapp: str = field(default_factory=lambda: secrets.token_urlsafe(24))


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request: path, body and headers."""

    path: str
    body: bytes
    headers: dict[str, str]


def telegram(person: str, number: int, text: str, known: Secrets) -> Webhook:
    """Return a private message."""
    who = {"id": int(person), "is_bot": False, "first_name": "Ana", "language_code": "es"}
    message: dict[str, Any] = {
        "message_id": number,
        "date": int(time.time()),
        "from": who,
        "chat": {"id": int(person), "type": "private", "first_name": "Ana"},
        "text": text,
    }
    body = json.dumps({"update_id": number, "message": message}).encode()
    return Webhook("/hooks/telegram", body, {"X-Telegram-Bot-Api-Secret-Token": known.telegram})


def whatsapp(person: str, number: int, text: str, known: Secrets) -> Webhook:
    """Return a text message."""
    message = {
        "from": person,
        "id": f"wamid.IN{number}",
        "timestamp": str(int(time.time())),
        "type": "text",
        "text": {"body": text},
    }
    value = {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "5112345678", "phone_number_id": NUMBER_ID},
        "contacts": [{"profile": {"name": "Ana"}, "wa_id": person}],
        "messages": [message],
    }
    entry = {"id": "1", "changes": [{"value": value, "field": "messages"}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    signature = hmac.new(known.whatsapp.encode(), body, hashlib.sha256).hexdigest()
    return Webhook("/hooks/whatsapp", body, {"X-Hub-Signature-256": f"sha256={signature}"})
