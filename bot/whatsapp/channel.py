"""WhatsApp by Meta's Cloud API: webhooks in, the Graph API out.

https://developers.facebook.com/documentation/business-messaging/whatsapp
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from bot.bodies import objects, read_object, same_secret, string
from bot.channel import (
    VOICE_BYTES,
    BadSignature,
    Limits,
    Payload,
    Received,
    RequestRefused,
    Unreachable,
    WebhookRequest,
)
from bot.markup import to_whatsapp
from bot.messages import Inbound, Label, Reply, Template
from bot.shaping import Menu, Option, Shaped, Translate, fit, numbered, shape
from bot.splitting import Measure
from bot.whatsapp.graph import Graph
from bot.whatsapp.receive import VOICE, is_person, is_scoped, read_updates
from bot.whatsapp.templates import Templates
from bot.whatsapp.templates import payload as payload_of
from locales import translate as translate_phrase

BASE_URL = "https://graph.facebook.com"
GRAPH_VERSION = "v25.0"
LIMITS = Limits(
    text=4096,
    text_with_options=1024,  # Meta's page on lists says 4096, its OpenAPI 1024
    buttons=3,
    button_label=20,
    rows=10,
    row_label=24,
    row_detail=72,
    list_button=20,
    option_id=200,
    unit="utf-16",  # Meta does not say which unit it counts; this one is never the shorter
)
LIST_BUTTON = Label("Ver opciones")

BOLD = 2  # the two asterisks of a bold run count
_OPAQUE = 512


class WhatsAppChannel:
    """The WhatsApp channel of one business number.

    `timeout` is seconds for a whole request. Raise `ValueError` for an empty secret, with which
    anybody could sign.
    """

    name = "whatsapp"
    limits = LIMITS

    def __init__(  # noqa: PLR0913
        self,
        phone_number_id: str,
        access_token: str,
        app_secret: str,
        verify_token: str,
        graph_version: str = GRAPH_VERSION,
        *,
        base_url: str = BASE_URL,
        timeout: float = 15.0,
        templates: Templates | None = None,
        translate: Translate = translate_phrase,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        if not app_secret or not verify_token:
            raise ValueError("WhatsApp needs an app secret and a verify token: set both.")
        self._phone_number_id = phone_number_id
        self._app_secret = app_secret
        self._verify_token = verify_token
        self._graph = Graph(base_url, graph_version, access_token, timeout)
        self._templates = templates
        self._translate = translate
        self._now = now

    def handshake(self, request: WebhookRequest) -> str:
        """Return the challenge of Meta's check of our address; raise `BadSignature`."""
        given = request.query.get("hub.verify_token", "")
        if request.query.get("hub.mode") != "subscribe" or not same_secret(
            given, self._verify_token
        ):
            raise BadSignature("The verify token of WhatsApp's handshake is missing or wrong.")
        return request.query.get("hub.challenge", "")

    def receive(self, request: WebhookRequest) -> Received:
        """Check the signature over the raw bytes, then read all updates of a webhook."""
        expected = hmac.new(self._app_secret.encode(), request.body, hashlib.sha256).hexdigest()
        header = request.headers.get("x-hub-signature-256", "")
        if not header.startswith("sha256=") or not same_secret(header[7:], expected):
            raise BadSignature("The signature of WhatsApp's webhook is missing or wrong.")
        body = read_object(request.body)
        return read_updates(body, self.name, self._phone_number_id, self._now)

    def render(self, reply: Reply) -> tuple[Payload, ...]:
        """Shape a reply into request bodies without the recipient."""
        shaped = shape(reply, self.limits, self._translate, bold=BOLD)
        return tuple(self._payload(message, reply.language) for message in shaped)

    def render_template(self, template: Template, language: str) -> Payload | None:
        """Return an approved wording's request body, or None where there is none."""
        if self._templates is None:
            return None
        wording = self._templates.approved(template.name, language)
        return payload_of(wording, template) if wording else None

    async def send(self, person: str, payload: Payload, *, outbox_id: str) -> str:
        """Send one message. `outbox_id` comes back in its statuses, which settles a timeout."""
        if not is_person(person):
            raise RequestRefused("The stored address is not one of WhatsApp's.", code="address")
        answer = await self._graph.post(
            f"{self._phone_number_id}/messages",
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                "recipient" if is_scoped(person) else "to": person,
                "biz_opaque_callback_data": outbox_id[:_OPAQUE],
                **payload,
            },
        )
        message_id = next((m.get("id") for m in objects(answer.get("messages"))), None)
        if not isinstance(message_id, str):
            raise Unreachable("WhatsApp's answer names no message.", code="answer")
        return message_id

    async def acknowledge(self, inbound: Inbound) -> None:
        """Mark a message as read and show that an answer is being written."""
        await self._graph.post(
            f"{self._phone_number_id}/messages",
            {
                "messaging_product": "whatsapp",
                "status": "read",
                "message_id": inbound.message_id,
                "typing_indicator": {"type": "text"},
            },
        )

    async def fetch_voice(self, inbound: Inbound) -> tuple[bytes, str]:
        """Return the recording of a voice message; raise `ChannelError`."""
        wanted = inbound.reply_to.get(VOICE, "")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", wanted, re.ASCII):
            raise RequestRefused("There is no voice message that may be fetched.", code="voice")
        told = await self._graph.read(wanted)
        address, size = string(told.get("url")), told.get("file_size")
        if not self._graph.may_see_token(address) or (isinstance(size, int) and size > VOICE_BYTES):
            raise RequestRefused("The voice message cannot be fetched.", code="voice")
        audio, media_type = await self._graph.download(address, VOICE_BYTES + 1)
        if len(audio) > VOICE_BYTES:
            raise RequestRefused("The voice message is too large.", code="voice")
        return audio, media_type

    async def aclose(self) -> None:
        """Close the connections."""
        await self._graph.aclose()

    def _payload(self, shaped: Shaped, language: str) -> Payload:
        if shaped.asks_location and (asking := self._asking(shaped)):
            return asking
        body = to_whatsapp(shaped.text)
        match shaped.menu:
            case Menu.BUTTONS:
                return _interactive("button", body, {"buttons": _buttons(shaped.options)})
            case Menu.ROWS:
                words = self._translate(LIST_BUTTON.text, language, {})
                button = fit(words, self.limits.list_button, Measure(self.limits.unit))
                rows = [_row(option) for option in shaped.options]
                return _interactive("list", body, {"button": button, "sections": [{"rows": rows}]})
            case Menu.NONE | Menu.NUMBERS:
                return {"type": "text", "text": {"body": body, "preview_url": False}}

    def _asking(self, shaped: Shaped) -> Payload | None:
        """Return the message with a button that asks for a place, if all of it fits one.

        It can have no other buttons, so its options are numbered in the text.
        """
        text = shaped.text
        if shaped.menu in (Menu.BUTTONS, Menu.ROWS):
            text += numbered(shaped.options)
        if Measure(self.limits.unit, BOLD).document(text) > self.limits.text_with_options:
            return None
        action = {"name": "send_location"}
        return _interactive("location_request_message", to_whatsapp(text), action)


def _interactive(kind: str, body: str, action: dict[str, Any]) -> Payload:
    return {
        "type": "interactive",
        "interactive": {"type": kind, "body": {"text": body}, "action": action},
    }


def _buttons(options: tuple[Option, ...]) -> list[dict[str, Any]]:
    return [{"type": "reply", "reply": {"id": o.id, "title": o.label}} for o in options]


def _row(option: Option) -> dict[str, str]:
    row = {"id": option.id, "title": option.label}
    return {**row, "description": option.detail} if option.detail else row
