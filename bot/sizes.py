"""How many messages, and how many bytes of JSON, an answer takes on each channel."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot import replies
from bot.channel import Channel
from bot.messages import Reply, Said
from bot.policy import Policy
from bot.scripts import Case
from bot.state import Conversation
from bot.turns import TextReader, converse
from content.catalogue import LANGUAGES, Catalogue
from nlu.understanding import Candidate, LanguageGuess, Source, Understanding


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a number of answers took on a channel. `bytes` are of the payloads, as UTF-8."""

    channel: str
    answers: int
    messages: int
    most: int
    bytes: int

    @property
    def messages_each(self) -> float:
        """The mean number of messages."""
        return self.messages / self.answers if self.answers else 0.0

    @property
    def bytes_each(self) -> float:
        """The mean number of bytes."""
        return self.bytes / self.answers if self.answers else 0.0


def sizes(channel: Channel, answers: Iterable[Sequence[Reply]]) -> Sizes:
    """Render answers, each of one or more replies, and count."""
    counts, total = [], 0
    for answer in answers:
        payloads = [payload for reply in answer for payload in channel.render(reply)]
        counts.append(len(payloads))
        total += sum(len(json.dumps(p, ensure_ascii=False).encode()) for p in payloads)
    return Sizes(channel.name, len(counts), sum(counts), max(counts, default=0), total)


def every_answer(catalogue: Catalogue, today: date) -> Iterator[tuple[Reply]]:
    """Return each section of each article in each language."""
    for article in catalogue.articles.values():
        for language in LANGUAGES:
            if language in article.texts:
                for section in article.texts[language].sections:
                    yield (replies.answer(article, section, language, catalogue, today),)


class Rightly:
    """A reader that understands each question as its file says, without any model."""

    def __init__(self, cases: Iterable[Case]) -> None:
        self._gold = {case.text: case.gold for case in cases}

    async def read(self, text: str, _prior: str | None) -> Understanding:
        """Return what the text is known to mean."""
        gold = self._gold[text]
        ranked = (Candidate(gold.label, 1.0),)
        language = LanguageGuess(gold.language, 1.0)
        return Understanding(language, ranked, gold.emergency, Source.RASA)


async def every_question(
    cases: Iterable[Case], reader: TextReader, catalogue: Catalogue, policy: Policy, now: datetime
) -> AsyncIterator[tuple[Reply, ...]]:
    """Ask each question as a newcomer would, and return what follows."""
    for case in cases:
        turn = await converse(Conversation(), Said(case.text), reader, catalogue, policy, now)
        yield turn.replies


def told(title: str, found: Iterable[Sizes]) -> str:
    """Return the figures as lines."""
    lines = [f"{title:<24}{'count':>8}{'messages':>10}{'most':>6}{'bytes':>8}"]
    lines += [
        f"  {one.channel:<22}{one.answers:>8}{one.messages_each:>10.3f}{one.most:>6}"
        f"{one.bytes_each:>8.0f}"
        for one in found
    ]
    return "\n".join(lines)
