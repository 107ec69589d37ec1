"""A text is read whole, whoever is down."""

import pytest

from nlu.client import NluClient
from nlu.emergency_agreement import Finding
from nlu.fallback import FallbackReader
from nlu.reader import Reader
from nlu.understanding import Candidate, LanguageGuess, Source
from tests.fakes.nlu import ScriptedReader

FOUND = (Candidate("greet", 0.4),)


class _Spanish:
    def identify(self, text: str, prior: str | None) -> LanguageGuess:
        """Return Spanish, or the prior."""
        return LanguageGuess(prior or "es", 0.9)


class _Danger:
    def look(self, text: str) -> Finding:
        """Find danger in the word 'auxilio', and almost in 'ay'."""
        if "ay" in text:
            return Finding(None, False, -0.1, "medical")
        return Finding("medical" if "auxilio" in text else None, True)


def _reader(client: NluClient) -> Reader:
    return Reader(client, _Spanish(), _Danger(), {"health/emergency": "medical"})


async def test_all_parts_come_together() -> None:
    """Language, candidates, danger and source stand in one value."""
    understanding = await _reader(ScriptedReader(FOUND)).read("auxilio", "pt")
    assert understanding.language == LanguageGuess("pt", 0.9)
    assert understanding.candidates == FOUND
    assert understanding.emergency == "medical"
    assert understanding.source is Source.RASA


async def test_without_any_reader_danger_and_language_remain() -> None:
    """Nobody ranks: no candidates and source NOTHING, but the danger is found."""
    client = ScriptedReader()
    client.down = True
    understanding = await _reader(client).read("auxilio", None)
    assert understanding.candidates == ()
    assert understanding.source is Source.NOTHING
    assert understanding.emergency == "medical"


async def test_the_source_is_that_of_the_reader_that_answered() -> None:
    """With the primary down the fallback's candidates come with the fallback's source."""
    primary = ScriptedReader()
    primary.down = True
    second = ScriptedReader(FOUND, Source.KEYWORDS)
    understanding = await _reader(FallbackReader(primary, second)).read("hola", None)
    assert (understanding.candidates, understanding.source) == (FOUND, Source.KEYWORDS)


async def test_closing_closes_the_client() -> None:
    """The client is closed with the reader."""
    client = ScriptedReader()
    await _reader(client).aclose()
    assert client.closed


@pytest.mark.parametrize(
    ("source", "emergency"), [(Source.RASA, "medical"), (Source.KEYWORDS, None)]
)
async def test_only_the_model_has_a_say_in_danger(source: Source, emergency: str | None) -> None:
    """It adds what was almost found; the words of the examples do not."""
    client = ScriptedReader((Candidate("health/emergency", 0.5),), source)
    assert (await _reader(client).read("ay", None)).emergency == emergency
