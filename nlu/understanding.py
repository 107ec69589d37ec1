"""What a text means, as one value that knows nothing of Rasa, channels or content."""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Who read the text."""

    RASA = "rasa"
    KEYWORDS = "keywords"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One possible meaning: an article id or the name of a non-article intent.

    `confidence` lies between 0 and 1 and is calibrated by the reader that gave it.
    """

    intent: str
    confidence: float


@dataclass(frozen=True, slots=True)
class LanguageGuess:
    """The language of one text. `confidence` lies between 0 and 1; 0 says that nothing is known."""

    language: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """All that was read from one text. `candidates` are ranked, best first, at most ten.

    `emergency` names the kind of a present danger (the name of a card) or is None.
    """

    language: LanguageGuess
    candidates: tuple[Candidate, ...]
    emergency: str | None
    source: Source
