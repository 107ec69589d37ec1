"""Read one text: danger and language first, then what it asks. Never fails."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

import structlog

from nlu.client import NluClient, NluUnavailable
from nlu.emergency_agreement import Finding, agreed
from nlu.fallback import FallbackReader, Reading
from nlu.understanding import LanguageGuess, Source, Understanding

logger = structlog.get_logger()


class Languages(Protocol):
    """Names the language of a text."""

    def identify(self, text: str, prior: str | None) -> LanguageGuess:
        """Return the language; `prior` is the language of the conversation so far."""


class Emergencies(Protocol):
    """Finds a present danger in a text."""

    def detect(self, text: str) -> str | None:
        """Return the kind of danger, or None."""


class Lookout(Protocol):
    """Finds a present danger in a text, and says what the finding rests on."""

    def look(self, text: str) -> Finding:
        """Return the kind of danger, or None, and how near the text came."""


class Reader:
    """Reads a text with a client, a language identifier and the emergency rules."""

    def __init__(
        self,
        client: NluClient,
        languages: Languages,
        emergency: Lookout,
        cards: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Keep them; the client is closed by `aclose`.

        `cards` maps the articles behind emergency cards to the kinds of danger.
        """
        self._client = client
        self._languages = languages
        self._emergency = emergency
        self._cards = cards

    async def read(self, text: str, prior: str | None) -> Understanding:
        """Return what the text means; without any reader, no candidates and source NOTHING.

        Danger and language do not wait for the client and do not depend on it. Only a ranking by
        the model may add a danger that the rules almost found, or take back a doubtful one.
        """
        found = self._emergency.look(text)
        language = self._languages.identify(text, prior)
        try:
            reading = await self._ask(text)
        except NluUnavailable as unavailable:
            logger.warning("nlu_unavailable", reason=str(unavailable))
            reading = Reading((), Source.NOTHING)
        danger = found.kind
        if reading.source is Source.RASA:
            danger = agreed(found, reading.candidates, self._cards)
        return Understanding(language, reading.candidates, danger, reading.source)

    async def aclose(self) -> None:
        """Close the client."""
        await self._client.aclose()

    async def _ask(self, text: str) -> Reading:
        if isinstance(self._client, FallbackReader):
            return await self._client.read(text)
        return Reading(await self._client.parse(text), self._client.source)
