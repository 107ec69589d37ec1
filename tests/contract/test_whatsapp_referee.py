"""Signatures and batches are read as a library that others wrote reads them."""

import base64
import json
import subprocess
from typing import Any

import pytest

from bot.channel import BadSignature, WebhookRequest
from bot.whatsapp.channel import WhatsAppChannel
from tests.contract.test_whatsapp_receive import EXAMPLES, _of_ours
from tests.fakes.npm import node_program
from tests.fakes.whatsapp_server import (
    ACCESS_TOKEN,
    APP_SECRET,
    PHONE_NUMBER_ID,
    VERIFY_TOKEN,
    as_bytes,
    message,
    signature,
    webhook,
)

# What we read as one update each and the referee leaves out: changes of other fields.
OTHER_FIELDS = 3


def judged(*signed: tuple[bytes, str]) -> list[dict[str, Any]]:
    """Return what the referee says of each body and signature."""
    program = node_program("@kapso/whatsapp-cloud-api", "referee.mjs")
    lines = [
        json.dumps({"body": base64.b64encode(body).decode(), "signature": given})
        for body, given in signed
    ]
    done = subprocess.run(
        [*program, APP_SECRET], input="\n".join(lines), capture_output=True, text=True,
        timeout=120, check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def channel() -> WhatsAppChannel:
    return WhatsAppChannel(PHONE_NUMBER_ID, ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN)


def _genuine(channel: WhatsAppChannel, body: bytes, given: str) -> bool:
    request = WebhookRequest("POST", {}, {"x-hub-signature-256": given}, body)
    try:
        channel.receive(request)
    except BadSignature:
        return False
    return True


def test_signatures(channel: WhatsAppChannel) -> None:
    """What the referee takes as genuine, we take, and nothing else."""
    text = webhook({"messages": [message("wamid.1", "text", {"body": "ñandú 👍"})]})
    body, unescaped = as_bytes(text), json.dumps(text, ensure_ascii=False).encode()
    good = signature(body)
    cases = [
        (body, good), (unescaped, signature(unescaped)), (unescaped, good), (body + b" ", good),
        (body, signature(body, "another secret")), (body, ""), (body, "sha256="),
        (body, good[7:]), (body, good[:-1]), (body, good.replace("sha256", "sha1")),
    ]  # fmt: skip
    verdicts = [one["genuine"] for one in judged(*cases)]
    assert verdicts == [_genuine(channel, *case) for case in cases]
    assert verdicts == [True, True] + [False] * 8


def test_examples_one_by_one(channel: WhatsAppChannel) -> None:
    """Every example that others wrote gives us as many messages and statuses as the referee."""
    bodies = [as_bytes(_of_ours(body)) for _, body in EXAMPLES]
    others = 0
    for body, verdict in zip(bodies, judged(*((b, signature(b)) for b in bodies)), strict=True):
        got = channel.receive(
            WebhookRequest("POST", {}, {"x-hub-signature-256": signature(body)}, body)
        )
        others += got.ignored.count("other field")
        messages = len(got.messages) + len(got.moves) + len(got.ignored)
        assert len(got.reports) == verdict["statuses"]
        assert messages - got.ignored.count("other field") == len(verdict["ids"])
        assert verdict["genuine"]
    assert others == OTHER_FIELDS


def test_batches(channel: WhatsAppChannel) -> None:
    """From several entries with messages and statuses both read the same ids, each once."""
    texts = [message(f"wamid.{n}", "text", {"body": str(n)}) for n in range(300)]
    status = {"id": "wamid.OUT1", "status": "read", "timestamp": "1790000003"}
    whole = webhook({"messages": texts[:100], "statuses": [status] * 50}, {"messages": texts[100:]})
    whole["entry"] += webhook({"statuses": [status] * 70})["entry"]
    whole["entry"] += [entry for _, body in EXAMPLES for entry in _of_ours(body)["entry"]]
    body = as_bytes(whole)
    (verdict,) = judged((body, signature(body)))
    got = channel.receive(
        WebhookRequest("POST", {}, {"x-hub-signature-256": signature(body)}, body)
    )
    assert {m.message_id for m in got.messages} <= set(verdict["ids"])
    counted = len(got.messages) + len(got.moves) + len(got.ignored) - OTHER_FIELDS
    assert (counted, len(got.reports)) == (len(verdict["ids"]), verdict["statuses"])
