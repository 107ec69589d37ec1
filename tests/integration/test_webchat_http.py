"""The web chat over HTTP, on a real server: the page, what it posts, the stream that it reads."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, ClientSession, CookieJar, web

from bot.channel import WebhookRequest
from bot.messages import Chose, Passage, Reply, Said
from bot.webchat.channel import WebChatChannel
from bot.webchat.http import WebChatSettings, webchat_routes
from bot.webchat.limits import Rate
from bot.webchat.session import SessionCookie, new_token, person_of
from bot.webchat.stream import MessageStream
from locales import translate
from tests.fakes.webchat_bot import ServedWebChat, served_webchat

SOON = 5.0  # seconds after which a test has failed


class Page:
    """A browser's side of the wire, with its cookies."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.http = ClientSession(address, cookie_jar=CookieJar(unsafe=True))
        self.headers = {"Origin": address, "Sec-Fetch-Site": "same-origin"}
        self.streams: list[ClientResponse] = []

    async def post(self, body: object, **headers: str) -> ClientResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {"Content-Type": "application/json", **self.headers, **headers}
        kept = {name: value for name, value in given.items() if value}
        async with self.http.post("/webchat/messages", data=raw, headers=kept) as answer:
            await answer.read()
            return answer

    async def say(self, text: str, message_id: str = "message-0001") -> ClientResponse:
        return await self.post({"id": message_id, "kind": "text", "text": text})

    async def open(self, after: str = "", **headers: str) -> "Events":
        given = {**self.headers, **headers}
        given.pop("Origin")
        path = f"/webchat/stream?after={after}" if after else "/webchat/stream"
        self.streams.append(await self.http.get(path, headers=given))
        return Events(self.streams[-1])

    async def leave(self, **headers: str) -> int:
        given = {**self.headers, **headers}
        async with self.http.post("/webchat/leave", headers=given) as answer:
            return answer.status

    async def get(self, path: str, **headers: str) -> ClientResponse:
        async with self.http.get(path, headers=headers) as answer:
            await answer.read()
            return answer

    async def close(self) -> None:
        for stream in self.streams:
            stream.close()
        await self.http.close()

    def token(self) -> str | None:
        for cookie in self.http.cookie_jar:
            if cookie.key == "orienta":
                return cookie.value
        return None


class Events:
    """The events of a stream, one after the other."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response

    async def next(self) -> dict[str, Any]:
        """Return the next event's fields, its data read as JSON."""
        fields: dict[str, Any] = {}
        async with asyncio.timeout(SOON):
            while line := (await self.response.content.readline()).decode().rstrip("\n"):
                name, _, value = line.partition(": ")
                fields[name] = json.loads(value) if name == "data" else value
        return fields

    async def all(self, kinds: list[str]) -> list[dict[str, Any]]:
        """Return the next events, which must be of these kinds."""
        events = [await self.next() for _ in kinds]
        assert [event["event"] for event in events] == kinds
        return events

    async def ends(self) -> bool:
        """Wait for the end of the stream."""
        async with asyncio.timeout(SOON):
            await self.response.content.read()
        return True


@pytest.fixture
async def chat() -> AsyncIterator[tuple[ServedWebChat, Page]]:
    """The web chat as it is set by default, and a page of it that has no session yet."""
    async with served_webchat() as (served, address):
        page = Page(address)
        yield served, page
        await page.close()


async def test_a_question_is_accepted_and_its_answer_streamed(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """The stream begins a session; a text is answered 202, shown to her pages, and replied to."""
    served, page = chat
    events = await page.open()
    assert events.response.headers["Content-Type"].startswith("text/event-stream")
    (hello,) = await events.all(["hello"])
    answer = await page.say("¿me atienden?")
    assert answer.status == 202
    assert await answer.json() == {"session": hello["data"]["session"]}
    assert hello["data"]["kept"] == 0
    reply, mine = await events.all(["reply", "mine"])
    assert mine["data"] == {"id": "message-0001", "kind": "text", "text": "¿me atienden?"}
    assert "<strong>emergencia</strong>" in reply["data"]["html"]
    assert [inbound.event for inbound in served.bot.heard] == [Said("¿me atienden?")]
    token = page.token()
    assert token is not None
    assert served.bot.heard[0].person == person_of(token)


async def test_the_session_is_kept_from_scripts_and_other_sites(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """The cookie is HttpOnly and SameSite=Strict, set once, and never by the page itself."""
    _, page = chat
    assert "Set-Cookie" not in (await page.get("/")).headers
    first = await page.open()
    cookie = first.response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    again = await page.open()
    assert "Set-Cookie" not in again.response.headers


async def test_a_dropped_connection_resumes_where_it_was(chat: tuple[ServedWebChat, Page]) -> None:
    """With Last-Event-ID, or ?after= on a new stream, nothing is lost or doubled."""
    _, page = chat
    events = await page.open()
    await events.all(["hello"])
    await page.say("uno", "message-0001")
    seen = (await events.all(["reply", "mine"]))[-1]["id"]
    events.response.close()
    await page.say("dos", "message-0002")
    for resumed in (await page.open(**{"Last-Event-ID": seen}), await page.open(after=seen)):
        hello, _, mine = await resumed.all(["hello", "reply", "mine"])
        assert (hello["data"]["kept"], mine["data"]["text"]) == (2, "dos")
    fresh = await page.open()
    assert (await fresh.next())["data"]["kept"] == 4


async def test_several_pages_show_the_same(chat: tuple[ServedWebChat, Page]) -> None:
    """What is said in one tab is shown in the other."""
    _, page = chat
    one = await page.open()
    two = await page.open()
    await page.say("hola")
    assert await one.all(["hello", "reply", "mine"]) == await two.all(["hello", "reply", "mine"])


async def test_a_message_sent_twice_is_shown_and_answered_once(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """A page that got no answer sends the same id again: 202, and nothing new."""
    served, page = chat
    events = await page.open()
    await events.all(["hello"])
    statuses = [(await page.say("hola")).status for _ in range(2)]
    await page.say("otra", "message-0002")
    shown = await events.all(["reply", "mine", "reply", "mine"])
    assert statuses == [202, 202]
    assert [shown[1]["data"]["text"], shown[3]["data"]["text"]] == ["hola", "otra"]
    assert len(served.bot.heard) == 2


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff", b"[]", b"[" * 9000, b'{"id":"message-0001","kind":"text"}']
)
async def test_a_bad_body_is_refused_with_a_sentence(
    chat: tuple[ServedWebChat, Page], body: bytes
) -> None:
    """400, a sentence in the page's language, nothing stored."""
    served, page = chat
    await page.open()
    answer = await page.post(body, **{"Accept-Language": "fr"})
    sentence = translate("No pudimos leer este mensaje. Escríbalo otra vez.", "fr")
    assert (answer.status, await answer.json()) == (400, {"sentence": sentence})
    assert not served.bot.heard


async def test_a_body_over_16_kib_is_refused(chat: tuple[ServedWebChat, Page]) -> None:
    """413 for 17 KiB, whether the length is told or not; 16 KiB pass."""
    served, page = chat
    await page.open()

    def sized(size: int) -> bytes:
        empty = json.dumps({"id": "message-0001", "kind": "text", "text": ""}).encode()
        return empty[:-2] + b"a" * (size - len(empty)) + b'"}'

    async def in_pieces() -> AsyncIterator[bytes]:
        for _ in range(17):
            yield b"a" * 1024

    assert (await page.post(sized(17 * 1024))).status == 413
    headers = {"Content-Type": "application/json", **page.headers}
    async with page.http.post("/webchat/messages", data=in_pieces(), headers=headers) as chunked:
        assert chunked.status == 413
    assert not served.bot.heard
    assert (await page.post(sized(16 * 1024))).status == 202


async def test_without_a_session_nothing_is_taken(chat: tuple[ServedWebChat, Page]) -> None:
    """401 without the cookie; the page then opens the stream and sends again."""
    served, page = chat
    assert (await page.say("hola")).status == 401
    page.http.cookie_jar.update_cookies({"orienta": "made-up"})
    assert (await page.say("hola")).status == 401
    assert not served.bot.heard


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example", "Sec-Fetch-Site": ""},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "", "Sec-Fetch-Site": ""},
    ],
)
async def test_another_site_can_post_nothing(
    chat: tuple[ServedWebChat, Page], headers: dict[str, str]
) -> None:
    """403 for a foreign, an opaque and a missing origin, though the cookie is there."""
    served, page = chat
    await page.open()
    body = {"id": "message-0001", "kind": "text", "text": "a"}
    assert (await page.post(body, **headers)).status == 403
    assert not served.bot.heard


async def test_another_site_can_open_no_stream(chat: tuple[ServedWebChat, Page]) -> None:
    """403 by Fetch Metadata, and no session is begun."""
    _, page = chat
    events = await page.open(**{"Sec-Fetch-Site": "cross-site"})
    assert events.response.status == 403
    assert page.token() is None


async def test_only_json_is_taken(chat: tuple[ServedWebChat, Page]) -> None:
    """415 for what a form of another site could send."""
    _, page = chat
    await page.open()
    answer = await page.post({}, **{"Content-Type": "text/plain"})
    assert answer.status == 415


async def test_the_named_origins_replace_the_host() -> None:
    """Where the operator names origins, only those may post."""
    settings = WebChatSettings(origins=frozenset({"https://orienta.example"}))
    async with served_webchat(settings) as (_, address):
        page = Page(address)
        await page.open()
        assert (await page.say("a")).status == 403
        page.headers["Origin"] = "https://orienta.example"
        assert (await page.say("a")).status == 202
        await page.close()


async def test_a_session_that_writes_too_fast_is_told_to_wait() -> None:
    """429 with a sentence and Retry-After; another session is not held up."""
    settings = WebChatSettings(session_rate=Rate(burst=2, per_minute=6))
    async with served_webchat(settings) as (served, address):
        page, other = Page(address), Page(address)
        await page.open()
        await other.open()
        statuses = [(await page.say("a", f"message-000{n}")).status for n in range(3)]
        assert statuses == [202, 202, 429]
        refused = await page.say("a", "message-0009")
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
        assert (await refused.json())["sentence"]
        assert (await other.say("a")).status == 202
        assert len(served.bot.heard) == 3
        await page.close()
        await other.close()


async def test_an_address_that_asks_too_much_is_told_to_wait() -> None:
    """429 for all sessions of one address, on messages and on streams; proxies are seen through."""
    settings = WebChatSettings(
        address_rate=Rate(burst=1, per_minute=1),
        stream_rate=Rate(burst=1, per_minute=1),
        trusted_proxies=1,
    )
    async with served_webchat(settings) as (_, address):
        page = Page(address)
        page.headers["X-Forwarded-For"] = "6.6.6.6, 8.8.8.1"
        await page.open()
        assert [(await page.say("a")).status for _ in range(2)] == [202, 429]
        assert (await page.open()).response.status == 429
        page.headers["X-Forwarded-For"] = "6.6.6.6, 8.8.8.2"
        assert (await page.open()).response.status == 200
        assert (await page.say("a")).status == 202
        await page.close()


async def test_pages_are_bounded() -> None:
    """429 beyond the pages of one session, 503 beyond those of all; closed pages make room."""
    settings = WebChatSettings(pages_per_session=1, pages_in_all=2, heartbeat=0.01)
    async with served_webchat(settings) as (_, address):
        page, second, third = Page(address), Page(address), Page(address)
        first = await page.open()
        assert (await page.open()).response.status == 429
        assert (await second.open()).response.status == 200
        assert (await third.open()).response.status == 503
        first.response.close()
        async with asyncio.timeout(SOON):
            while (await third.open()).response.status == 503:
                await second.streams[0].content.readline()  # the next beat
        for one in (page, second, third):
            await one.close()


async def test_the_line_is_kept_alive() -> None:
    """Where nothing happens, a beat tells both sides that the line still holds."""
    async with served_webchat(WebChatSettings(heartbeat=0.01)) as (_, address):
        page = Page(address)
        await (await page.open()).all(["hello", "beat", "beat"])
        await page.close()


async def test_a_store_that_is_away_is_said_and_nothing_is_shown_as_sent(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """503 with a sentence; the same message passes later."""
    served, page = chat
    events = await page.open()
    await events.all(["hello"])
    served.bot.broken = True
    refused = await page.say("hola")
    assert refused.status == 503
    assert refused.headers["Retry-After"] == "5"
    served.bot.broken = False
    assert (await page.say("hola")).status == 202
    await events.all(["reply", "mine"])


async def test_leaving_ends_the_session_and_asks_to_forget(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """The cookie goes, open pages close, what was shown is gone, and the bot is told."""
    served, page = chat
    events = await page.open()
    token = page.token()
    assert token is not None
    await page.say("hola")
    assert await page.leave() == 204
    assert page.token() is None
    assert await events.ends()
    assert served.bot.heard[-1].event == Chose("forget:yes")
    assert served.bot.heard[-1].person == person_of(token)
    assert await page.leave(Origin="https://evil.example") == 403


async def test_leaving_works_without_a_session_and_without_a_store(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """Whoever leaves is let go, whatever is broken."""
    served, page = chat
    assert await page.leave() == 204
    await page.open()
    served.bot.broken = True
    assert await page.leave() == 204
    assert page.token() is None


async def test_leaving_is_done_where_the_address_may_do_no_more() -> None:
    """A session that we know is ended and erased, however much its address has asked."""
    settings = WebChatSettings(address_rate=Rate(burst=1, per_minute=0.01))
    async with served_webchat(settings) as (served, address):
        page = Page(address)
        for _ in range(3):
            events = await page.open()
            token = page.token()
            assert token is not None
            await page.say("hola")
            assert await page.leave() == 204
            assert page.token() is None
            assert await events.ends()
            assert served.bot.heard[-1].event == Chose("forget:yes")
            assert served.bot.heard[-1].person == person_of(token)
        await page.close()


async def test_a_session_that_is_not_known_leaves_within_limits() -> None:
    """After a restart it is erased too; made-up ones fill no store, and keep nobody from it."""
    settings = WebChatSettings(address_rate=Rate(burst=2, per_minute=6))
    async with served_webchat(settings) as (served, address):
        page = Page(address)
        statuses = []
        for _ in range(3):
            page.http.cookie_jar.update_cookies({"orienta": new_token()})
            statuses.append(await page.leave())
        assert statuses == [204, 204, 429]
        assert page.token() is not None  # it tries again
        assert [i.event for i in served.bot.heard] == [Chose("forget:yes")] * 2
        page.http.cookie_jar.clear()
        assert await page.leave() == 204
        await page.close()


async def test_leaving_twice_in_one_session_forgets_twice(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """What was said between two leaves is forgotten too: the second is no repetition."""
    served, page = chat
    await page.open()
    token = page.token()
    assert token is not None
    for _ in range(2):
        page.http.cookie_jar.update_cookies({"orienta": token})
        assert await page.leave() == 204
    assert [i.event for i in served.bot.heard] == [Chose("forget:yes")] * 2


async def test_pages_without_a_session_do_not_hold_up_the_others() -> None:
    """Whatever is refused with 401 leaves the address what it may do."""
    settings = WebChatSettings(address_rate=Rate(burst=1, per_minute=0.01))
    async with served_webchat(settings) as (_, address):
        page, stranger = Page(address), Page(address)
        await page.open()
        assert {(await stranger.say("hola")).status for _ in range(5)} == {401}
        assert (await page.say("hola")).status == 202
        assert (await stranger.say("hola")).status == 401
        await page.close()
        await stranger.close()


async def test_a_stop_waits_for_no_page() -> None:
    """With `aclose` on shutdown the server stops within 2 s; what was just sent still arrives."""
    channel = WebChatChannel(MessageStream(), SessionCookie(secure=False), translate)

    async def accept(_: WebChatChannel, __: WebhookRequest) -> None:
        raise AssertionError("Nothing is posted here.")

    async def close(_: web.Application) -> None:
        (payload,) = channel.render(Reply("es", (Passage("adiós"),)))
        await channel.send(person_of(token), payload, outbox_id="1")
        await channel.aclose()

    application = web.Application()
    application.add_routes(webchat_routes(channel, accept))
    application.on_shutdown.append(close)
    runner = web.AppRunner(application, shutdown_timeout=5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    page = Page(f"http://127.0.0.1:{runner.addresses[0][1]}")
    token = new_token()
    page.http.cookie_jar.update_cookies({"orienta": token})
    pages = [await page.open() for _ in range(3)]
    for events in pages:
        await events.all(["hello"])
    async with asyncio.timeout(2):
        await runner.cleanup()
    for events in pages:
        assert (await events.next())["data"]["text"] == "adiós"
        assert await events.ends()
    await page.close()


async def test_stopping_the_server_closes_all_pages() -> None:
    """Open pages do not hold up a shutdown; a page comes back with what it had seen."""
    served = ServedWebChat()
    page = Page(await served.start())
    page.http.cookie_jar.update_cookies({"orienta": new_token()})
    events = await page.open()
    await events.all(["hello"])
    async with asyncio.timeout(SOON):
        await served.stop()
    assert await events.ends()
    await page.close()


async def test_the_page_speaks_the_language_of_the_browser(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """The page is rendered in the language asked for, and says that it depends on it."""
    _, page = chat
    for language in ("es", "ht", "qu"):
        answer = await page.get("/", **{"Accept-Language": f"{language},en;q=0.3"})
        text = await answer.text()
        assert f'<html lang="{language}">' in text
        assert translate("Escriba su pregunta", language) in text
        assert "Accept-Language" in answer.headers["Vary"]
        assert "<title>Orienta</title>" in text


async def test_the_first_load_is_light_cached_and_strict(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """Under 60 KB compressed; files are immutable by hash; no inline script or style is allowed."""
    _, page = chat
    text = await (await page.get("/")).text()
    paths = sorted({"/webchat" + part.split('"')[0] for part in text.split('="/webchat')[1:]})
    assert [path.split(".")[0] for path in paths] == [
        "/webchat/static/chat",
        "/webchat/static/chat",
        "/webchat/static/icon",
        "/webchat/static/view",
    ]
    zipped = 0
    async with ClientSession(page.address, auto_decompress=False) as raw:
        for path in ("/", *paths):
            async with raw.get(path, headers={"Accept-Encoding": "gzip"}) as file:
                assert file.headers["Content-Encoding"] == "gzip"
                zipped += len(await file.read())
            assert ("immutable" in file.headers["Cache-Control"]) == (path != "/")
            again = await page.get(path, **{"If-None-Match": file.headers["ETag"]})
            assert again.status == 304
    assert zipped < 60_000
    answer = await page.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert 'style="' not in text
    assert (await page.get("/webchat/static/chat.0.js")).status == 404


async def test_without_javascript_the_numbers_to_call_are_there(
    chat: tuple[ServedWebChat, Page],
) -> None:
    """The page says in six languages what it needs and whom to call."""
    _, page = chat
    text = await (await page.get("/")).text()
    fallback = text.partition("<noscript>")[2].partition("</noscript>")[0]
    sentences = [line for line in fallback.splitlines() if "JavaScript" in line]
    assert len(sentences) == 6
    assert all(number in line for line in sentences for number in ("105", "106", "Línea 100"))
