"""Voice messages: fetched from both platforms within limits, written down by a server of one's own.

Photos and documents are never fetched.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channel import VOICE_BYTES, ChannelError, FetchesVoice, RequestRefused, Unreachable
from bot.messages import Inbound, Said, Unsupported
from bot.speech import SpeechServer, SpeechUnavailable, heard, seconds_of
from tests.contract.channel_contract import request
from tests.contract.telegram_harness import TelegramHarness, telegram_harness
from tests.contract.whatsapp_harness import WhatsAppHarness, whatsapp_harness
from tests.fakes.faults import Fault
from tests.fakes.speech_server import FakeSpeech
from tests.fakes.telegram_server import message_update
from tests.fakes.whatsapp_server import message, webhook

Harness = TelegramHarness | WhatsAppHarness
FILE = "AwACAgEAAx0"


def ogg(seconds: float) -> bytes:
    """Return what looks like an Ogg Opus recording of a length."""
    first = b"OggS\x00\x02" + bytes(8) + bytes(100)
    last = b"OggS\x00\x04" + int(seconds * 48_000).to_bytes(8, "little") + bytes(100)
    return first + last


@pytest.fixture(params=["telegram", "whatsapp"])
async def harness(request: pytest.FixtureRequest) -> AsyncIterator[Harness]:
    """Each platform with its stand-in, which holds one recording."""
    kind = telegram_harness if request.param == "telegram" else whatsapp_harness
    async with kind() as harness:
        harness.server.files[FILE] = ogg(4)
        yield harness


def voice(harness: Harness, **more: Any) -> Inbound:
    """Return a voice message as the platform's webhook tells of it."""
    if isinstance(harness, TelegramHarness):
        part = {"file_id": FILE, "file_unique_id": "b", "duration": 4, **more}
        body = message_update(1, voice=part)
    else:
        body = webhook({"messages": [message("wamid.1", "audio", {"id": FILE, "voice": True})]})
    (inbound,) = harness.channel.receive(request(harness, body)).messages
    return inbound


async def test_a_recording_is_fetched(harness: Harness) -> None:
    """The bytes and the media type, whichever way the platform gives them."""
    inbound = voice(harness)
    assert inbound.event == Unsupported("voice")
    assert isinstance(harness.channel, FetchesVoice)
    assert await harness.channel.fetch_voice(inbound) == (ogg(4), "audio/ogg")


async def test_a_recording_that_is_too_large_is_not_taken(harness: Harness) -> None:
    """Five megabytes are the limit, whatever is said beforehand."""
    harness.server.files[FILE] = bytes(VOICE_BYTES + 1)
    with pytest.raises(RequestRefused):
        await harness.channel.fetch_voice(voice(harness))


async def test_nothing_but_voice_is_fetched(harness: Harness) -> None:
    """Without the id of a voice message there is nothing to fetch, and nobody is asked."""
    photo = Inbound(harness.channel.name, "1", "1", Unsupported("photo"), voice(harness).sent_at)
    with pytest.raises(RequestRefused):
        await harness.channel.fetch_voice(photo)
    assert not harness.server.calls


@pytest.mark.parametrize("fault", [Fault.SILENT, Fault.GARBLED, Fault.FAILING, Fault.DROPPED])
async def test_failures_are_channel_errors(harness: Harness, fault: Fault) -> None:
    """Whatever the platform does, at either of the two requests."""
    harness.server.fail(fault, fault)  # what a dropped line is asked again at once
    with pytest.raises(ChannelError):
        await harness.channel.fetch_voice(voice(harness))


async def test_a_long_voice_message_is_not_fetched_from_telegram() -> None:
    """Telegram tells the length and the size: beyond the limits its file is not even kept."""
    async with telegram_harness() as harness:
        for more in ({"duration": 121}, {"file_size": VOICE_BYTES + 1}):
            assert voice(harness, **more).reply_to == {}


async def test_the_token_goes_to_meta_only() -> None:
    """A media address elsewhere is refused before anything is sent there."""
    async with whatsapp_harness() as harness:
        harness.server.files[FILE] = ogg(4)
        for address in ("https://example.org/x", "http://lookaside.fbsbx.com/x", "file:///etc/passwd",
                        "https://fbsbx.com.example.org/x", "https://[", ""):  # fmt: skip
            harness.server.file_addresses[FILE] = address
            with pytest.raises(RequestRefused):
                await harness.channel.fetch_voice(voice(harness))
        for wanted in ("../1001/messages", "", "a b", "x" * 200):
            strange = Inbound(
                "whatsapp", "1", "1", Unsupported("voice"), voice(harness).sent_at,
                reply_to={"voice": wanted},
            )  # fmt: skip
            with pytest.raises(RequestRefused):
                await harness.channel.fetch_voice(strange)


async def test_a_voice_message_becomes_its_words(harness: Harness) -> None:
    """The server gets the recording, the model and the language, and its words are cleaned."""
    async with FakeSpeech() as server:
        server.text = "  ¿Cómo\u202e saco el CPP? "
        speech = SpeechServer(server.url + "/", "made-up", "small", 2)
        event = await heard(voice(harness), harness.channel, speech, "es")
        await speech.aclose()
    assert event == Said("¿Cómo saco el CPP?")
    (call,) = server.calls
    assert call.fields == {"model": "small", "response_format": "json", "language": "es"}
    assert (call.audio, call.media_type, call.name) == (ogg(4), "audio/ogg", "voice.ogg")
    assert call.token == "Bearer made-up"


async def test_a_language_that_whisper_does_not_know_is_left_out(harness: Harness) -> None:
    """The server would refuse Quechua; it finds out by itself."""
    async with FakeSpeech() as server:
        speech = SpeechServer(server.url, "", "small", 2)
        for language in ("qu", None):
            assert await heard(voice(harness), harness.channel, speech, language)
        await speech.aclose()
    assert all("language" not in call.fields and not call.token for call in server.calls)


@pytest.mark.parametrize(
    ("status", "body"),
    [(500, b"{}"), (200, b"<html>"), (200, b"{}"), (200, b'{"text": 7}'), (200, b"[" * 70_000),
     (200, b'{"text": "  "}'), (200, b'{"text": "\\u0000"}'), (302, b"")],
)  # fmt: skip
async def test_a_failing_server_leaves_a_voice_message(
    harness: Harness, status: int, body: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """She then gets the answer to a voice message; no log holds what was answered."""
    async with FakeSpeech() as server:
        server.status, server.body = status, body
        speech = SpeechServer(server.url, "", "small", 2)
        inbound = voice(harness)
        assert await heard(inbound, harness.channel, speech, "es") == inbound.event
        await speech.aclose()
    assert "html" not in caplog.text


async def test_no_server_no_answer_and_no_length(harness: Harness, unused_tcp_port: int) -> None:
    """Nobody listening, no answer in time, or three minutes of speech: a voice message still."""
    inbound = voice(harness)
    nobody = SpeechServer(f"http://127.0.0.1:{unused_tcp_port}", "", "small", 2)
    with pytest.raises(SpeechUnavailable):
        await nobody.transcribe(b"", "audio/ogg", None)
    assert await heard(inbound, harness.channel, nobody, "es") == inbound.event
    assert await heard(inbound, harness.channel, None, "es") == inbound.event
    async with FakeSpeech() as server:
        server.silent = True
        slow = SpeechServer(server.url, "", "small", 0.2)
        assert await heard(inbound, harness.channel, slow, "es") == inbound.event
        server.silent = False
        harness.server.files[FILE] = ogg(121)
        assert await heard(inbound, harness.channel, slow, "es") == inbound.event
        assert len(server.calls) == 1
        await slow.aclose()
    await nobody.aclose()


async def test_other_kinds_are_not_listened_to(harness: Harness) -> None:
    """A song or a photo is left alone even where a server would listen."""
    async with FakeSpeech() as server:
        speech = SpeechServer(server.url, "", "small", 2)
        for kind in ("audio", "photo", "document", "video_note"):
            sent = voice(harness)
            other = Inbound(
                sent.channel, "2", sent.person, Unsupported(kind), sent.sent_at,
                reply_to=sent.reply_to,
            )  # fmt: skip
            assert await heard(other, harness.channel, speech, None) == Unsupported(kind)
        await speech.aclose()
    assert not server.calls


def test_the_length_of_a_recording() -> None:
    """The last page of an Ogg file tells it; any other bytes have none."""
    assert seconds_of(ogg(119.5)) == 119.5
    for other in (b"", b"OggS", b"ID3", b"\x00" * 100, b"RIFF" + ogg(300)):
        assert seconds_of(other) == 0


async def test_an_unreachable_platform_is_told_as_such() -> None:
    """A fetch that failed may be tried again by whoever wants to."""
    async with telegram_harness() as harness:
        harness.server.files[FILE] = ogg(4)
        harness.server.fail(Fault.FAILING)
        with pytest.raises(Unreachable):
            await harness.channel.fetch_voice(voice(harness))
