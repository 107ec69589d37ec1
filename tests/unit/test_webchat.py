"""The web chat as a channel: what its page posts becomes events, replies become payloads."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.channel import BadBody, BadSignature, PersonGone, Unreachable, WebhookRequest
from bot.messages import (
    Choice,
    Chose,
    Commanded,
    Event,
    Label,
    Located,
    Passage,
    Phrase,
    Reply,
    Said,
    Unsupported,
)
from bot.webchat.channel import WebChatChannel
from bot.webchat.session import SessionCookie, new_token, person_of
from bot.webchat.stream import MessageStream

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TOKEN = new_token()
COOKIE = SessionCookie(secure=False)


def in_capitals(text: str, language: str, values: Mapping[str, str]) -> str:
    return f"{text.upper()} {language}"


def channel() -> WebChatChannel:
    return WebChatChannel(MessageStream(), COOKIE, in_capitals, clock=lambda: NOW)


def request(body: object, token: str = TOKEN) -> WebhookRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return WebhookRequest("POST", {}, {"cookie": f"a=b; orienta={token}; c=d"}, raw)


def message(**fields: object) -> dict[str, object]:
    return {"id": "message-0001", **fields}


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        ({"kind": "text", "text": "¿cuánto cuesta?"}, Said("¿cuánto cuesta?")),
        ({"kind": "text", "text": "a\x00b\u202ec\ud800"}, Said("abc")),
        ({"kind": "choice", "choice": "a:health/emergency"}, Chose("a:health/emergency")),
        ({"kind": "location", "lat": -12.046, "lon": -77.03}, Located(-12.046, -77.03)),
        ({"kind": "location", "lat": 0, "lon": 180}, Located(0.0, 180.0)),
        ({"kind": "command", "command": "start"}, Commanded("start")),
        ({"kind": "command", "command": "start", "argument": "x_y"}, Commanded("start", "x_y")),
        ({"kind": "voice"}, Unsupported("voice")),
    ],
)
def test_what_the_page_posts_becomes_an_event(fields: dict[str, object], event: Event) -> None:
    """Each kind of message is read; what no database takes is left out of texts."""
    received = channel().receive(request(message(**fields)))
    assert [inbound.event for inbound in received.messages] == [event]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 10_000,
        b"null",
        [message(kind="text", text="a")],
        {"kind": "text", "text": "no id"},
        {"id": "short", "kind": "text", "text": "a"},
        {"id": "spaces in id", "kind": "text", "text": "a"},
        {"id": 12345678, "kind": "text", "text": "a"},
        message(),
        message(kind=None),
        message(kind="TEXT!"),
        message(kind="text"),
        message(kind="text", text=["a"]),
        message(kind="text", text=" \n\x00 "),
        message(kind="choice", choice=""),
        message(kind="choice", choice="x" * 65),
        message(kind="choice", choice="á"),
        message(kind="location", lat=1),
        message(kind="location", lat=91, lon=0),
        message(kind="location", lat=True, lon=0),
        message(kind="location", lat="1", lon=0),
        b'{"id": "message-0001", "kind": "location", "lat": 1e999, "lon": 0}',
        b'{"id": "message-0001", "kind": "location", "lat": NaN, "lon": 0}',
        message(kind="command", command="/start"),
        message(kind="command", command="start", argument=5),
    ],
)
def test_every_other_body_is_refused(body: object) -> None:
    """A body that the page does not send is `BadBody`, and nothing else is ever raised."""
    with pytest.raises(BadBody):
        channel().receive(request(body))


@pytest.mark.parametrize(
    "cookie", [None, "", "orienta=", "orienta=short", f"other={TOKEN}", f"orienta={TOKEN}x"]
)
def test_without_a_session_nothing_is_read(cookie: str | None) -> None:
    """A request whose cookie holds no session secret is `BadSignature`."""
    headers = {} if cookie is None else {"cookie": cookie}
    body = json.dumps(message(kind="text", text="a")).encode()
    with pytest.raises(BadSignature):
        channel().receive(WebhookRequest("POST", {}, headers, body))


def test_a_message_names_its_person_and_its_id() -> None:
    """The person is the hash of the secret; ids of different people never collide."""
    one = channel().receive(request(message(kind="text", text="a", language="ht"))).messages[0]
    other = channel().receive(request(message(kind="text", text="a"), new_token())).messages[0]
    assert (one.channel, one.sent_at, one.language_hint) == ("web", NOW, "ht")
    assert one.person == person_of(TOKEN)
    assert TOKEN not in one.person
    assert one.message_id != other.message_id


@pytest.mark.parametrize("language", ["xx", "", None, 7, ["es"], {"es": 1}])
def test_an_unknown_language_is_no_hint(language: object) -> None:
    """Only the languages of the assistant are taken for a hint."""
    body = message(kind="text", text="a", language=language)
    assert channel().receive(request(body)).messages[0].language_hint is None


def test_a_reply_is_rendered_for_the_page() -> None:
    """HTML escaped and with telephone links, plain text, options, language and urgency."""
    reply = Reply(
        "ht",
        (Phrase("hola"), Passage('Rele **105** <script>alert("x")</script>\n\n- yon')),
        (Choice("menu", Label("Menú")), Choice("a:x", "Lopital", "Swen nan lopital")),
        asks_location=True,
        urgent=True,
    )
    (payload,) = channel().render(reply)
    assert payload == {
        "html": "<p>HOLA ht</p>"
        '<p>Rele <strong><a href="tel:105">105</a></strong> '
        "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;</p><ul><li>yon</li></ul>",
        "text": 'HOLA ht\n\nRele 105 <script>alert("x")</script>\n• yon',
        "options": [
            {"id": "menu", "label": "MENÚ ht", "detail": ""},
            {"id": "a:x", "label": "Lopital", "detail": "Swen nan lopital"},
        ],
        "asks_location": True,
        "language": "ht",
        "urgent": True,
    }


def test_a_reply_with_many_options_stays_one_message() -> None:
    """Ten options with long labels are buttons on the page, not numbered lines in the text."""
    choices = tuple(Choice(f"t:{n}", f"Un tema con un nombre bien largo {n}") for n in range(10))
    (payload,) = channel().render(Reply("es", (Passage("Elija."),), choices))
    assert (payload["text"], len(payload["options"])) == ("Elija.", 10)


async def test_what_is_sent_waits_for_a_page() -> None:
    """With no page open, a payload is kept but not sent; sent again to a page, it shows once."""
    web = channel()
    for _ in range(2):
        with pytest.raises(Unreachable) as caught:
            await web.send("p", {"text": "sí\n"}, outbox_id="7")
        assert (caught.value.retry_after, caught.value.code) == (5, "no page")
    with web.stream.listen("p") as listener:
        (delivery,) = await listener.next(0)
        assert await web.send("p", {"text": "sí\n"}, outbox_id="7") == str(delivery.id)
        assert await listener.next(0) == ()
    await web.aclose()
    assert (delivery.kind, delivery.data) == ("reply", '{"text":"sí\\n"}')


async def test_what_a_page_has_read_is_sent_though_it_closed() -> None:
    """A page that read a payload and closed before it was sent again does not hold up the row."""
    web = channel()
    with pytest.raises(Unreachable):
        await web.send("p", {"text": "sí"}, outbox_id="7")
    with web.stream.listen("p") as listener:
        (delivery,) = await listener.next(0)
    assert await web.send("p", {"text": "sí"}, outbox_id="7") == str(delivery.id)
    with pytest.raises(Unreachable):
        await web.send("p", {"text": "no"}, outbox_id="8")
    await web.aclose()


async def test_a_reply_outlives_a_restart() -> None:
    """A row that found no page is sent again to the new process, and shown there."""
    before, after = channel(), channel()
    with pytest.raises(Unreachable):
        await before.send("p", {"text": "sí"}, outbox_id="7")
    await before.aclose()
    with pytest.raises(Unreachable):
        await before.send("p", {"text": "no"}, outbox_id="8")
    with pytest.raises(Unreachable):
        await after.send("p", {"text": "sí"}, outbox_id="7")
    with after.stream.listen("p") as listener:
        assert [d.data for d in await listener.next(0)] == ['{"text":"sí"}']
    await after.aclose()


async def test_all_payloads_of_one_row_are_shown() -> None:
    """Payloads that share the id of a row are told apart by what they say, each shown once."""
    web = channel()
    with web.stream.listen("p") as listener:
        for text in ("uno", "dos", "uno"):
            await web.send("p", {"text": text}, outbox_id="7")
        shown = [json.loads(d.data)["text"] for d in await listener.next(0)]
    await web.aclose()
    assert shown == ["uno", "dos"]


async def test_nothing_is_sent_to_whom_has_left() -> None:
    """A reply to an ended session is given up at once, so that it holds up no erasure."""
    web = channel()
    web.stream.end("p")
    with pytest.raises(PersonGone):
        await web.send("p", {"text": "sí"}, outbox_id="7")
    with web.stream.listen("p") as listener:
        assert listener.waiting() == ()
        assert await web.send("p", {"text": "sí"}, outbox_id="8")
    await web.aclose()


def test_the_cookie_keeps_scripts_and_other_sites_out() -> None:
    """The secret has 256 bits and goes only to us; with HTTPS no other host can set it."""
    assert len(TOKEN) == 43
    assert COOKIE.header(TOKEN) == f"orienta={TOKEN}; Path=/; HttpOnly; SameSite=Strict"
    secure = SessionCookie(secure=True)
    assert secure.header(TOKEN).startswith(f"__Host-orienta={TOKEN}; Path=/; ")
    assert secure.header(TOKEN).endswith("; Secure")
    assert secure.read({"cookie": f"orienta={TOKEN}"}) is None
    assert secure.read({"cookie": f"__Host-orienta={TOKEN}"}) == TOKEN
