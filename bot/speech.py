"""From a voice message to its words, by a speech-to-text server of one's own, if there is one.

No audio is stored and none of it, nor of its words, is logged. Without a server, or when anything
fails, the voice message stays what it is and gets its kind answer.
"""

import asyncio
import json
import re
from typing import Protocol

import aiohttp
import structlog

from bot.bodies import clean, mapping, string
from bot.channel import VOICE_BYTES, VOICE_SECONDS, Channel, FetchesVoice
from bot.messages import Event, Inbound, Said, Unsupported

log = structlog.get_logger()

VOICE = "voice"
PATIENCE = 40.0  # seconds for fetching and transcribing: the turn's lease must not end meanwhile
LONGEST_TEXT = 4000  # characters: two minutes of fast speech have fewer

_ANSWER = 65_536  # bytes of an answer that are read
_OPUS_RATE = 48_000  # an Ogg page counts samples at this rate: RFC 7845, section 4
_TYPE = re.compile(r"audio/([a-z0-9.+-]{1,40})", re.ASCII)
_ENDINGS = {"mpeg": "mp3", "mp4": "m4a", "x-m4a": "m4a", "x-wav": "wav"}
# Whisper's languages among ours; it refuses those that it does not know.
_KNOWN = frozenset(("es", "en", "pt", "fr", "ht"))


class SpeechUnavailable(Exception):
    """The speech-to-text server gave no words. The message holds none of its answer."""


class SpeechToText(Protocol):
    """Whatever writes down what is said."""

    async def transcribe(self, audio: bytes, media_type: str, language: str | None) -> str:
        """Return the words of a recording, '' for silence; raise `SpeechUnavailable`.

        `language` is the one that she most likely speaks, None if nobody knows.
        """


class SpeechServer:
    """A server with OpenAI's address for transcriptions, such as whisper.cpp or faster-whisper.

    `timeout` is seconds for a whole request. https://platform.openai.com/docs/api-reference/audio
    """

    def __init__(self, url: str, token: str, model: str, timeout: float) -> None:
        self._address = url.rstrip("/") + "/v1/audio/transcriptions"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._model = model
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None

    async def transcribe(self, audio: bytes, media_type: str, language: str | None) -> str:
        """Post a recording and return its words; raise `SpeechUnavailable`."""
        try:
            async with self._open_session().post(
                self._address,
                data=self._form(audio, media_type, language),
                headers=self._headers,
                allow_redirects=False,
            ) as answer:
                body = await answer.content.read(_ANSWER)
                while len(body) < _ANSWER and (more := await answer.content.read(_ANSWER)):
                    body += more
                status = answer.status
        except TimeoutError:
            raise SpeechUnavailable("The speech server did not answer in time.") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise SpeechUnavailable("The speech server cannot be reached.") from None
        return _words(status, body)

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    def _form(self, audio: bytes, media_type: str, language: str | None) -> aiohttp.FormData:
        known = _TYPE.match(media_type)
        ending = _ENDINGS.get(known[1], known[1]) if known else "ogg"
        form = aiohttp.FormData()
        form.add_field(
            "file",
            audio,
            filename=f"voice.{ending}",
            content_type=known[0] if known else "audio/ogg",
        )
        form.add_field("model", self._model)
        form.add_field("response_format", "json")
        if language in _KNOWN:
            form.add_field("language", language)
        return form

    def _open_session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session


async def heard(
    inbound: Inbound, channel: Channel | None, speech: SpeechToText | None, language: str | None
) -> Event:
    """Return a voice message as the text that she spoke; whatever cannot be heard, as it is."""
    event = inbound.event
    wanted = isinstance(event, Unsupported) and event.kind == VOICE
    if not wanted or speech is None or not isinstance(channel, FetchesVoice):
        return event
    try:
        async with asyncio.timeout(PATIENCE):
            audio, media_type = await channel.fetch_voice(inbound)
            if len(audio) > VOICE_BYTES or seconds_of(audio) > VOICE_SECONDS:
                return event
            text = clean(await speech.transcribe(audio, media_type, language))[:LONGEST_TEXT]
    except Exception as error:  # whatever fails, she gets the answer to a voice message
        log.info("voice_not_heard", channel=inbound.channel, error=type(error).__name__)
        return event
    return Said(text) if text.strip() else event


def seconds_of(audio: bytes) -> float:
    """Return the length of an Ogg Opus recording by its last page; 0 for any other."""
    last = audio.rfind(b"OggS")
    if not audio.startswith(b"OggS") or len(audio) < last + 14:
        return 0.0
    return int.from_bytes(audio[last + 6 : last + 14], "little") / _OPUS_RATE


def _words(status: int, body: bytes) -> str:
    if status != 200:
        raise SpeechUnavailable(f"The speech server answered {status}.")
    try:
        answer = mapping(json.loads(body))
    except (ValueError, RecursionError):
        answer = {}
    if not isinstance(answer.get("text"), str):
        raise SpeechUnavailable("The speech server's answer holds no text.")
    return string(answer["text"]).strip()
