"""Persons who ask: each waits for her answer, then another one takes her place at once."""

import asyncio
import json
import random
import re
from collections import deque
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.webhooks import Secrets, Webhook, telegram, whatsapp

PATIENCE = 30.0  # seconds: who has no answer then counts as lost
REPEATED = 0.02  # of the webhooks are delivered twice, as platforms do when in doubt
# More persons than ask at once: one who wrote on without a pause would soon be asked to slow down,
# by us, and by the platforms' limits for one person.
PERSONS = 600
Maker = tuple[str, Callable[[str, int, str, Secrets], Webhook]]
"""A platform: how its persons' ids look, and what makes its webhooks."""
# One in three is on Telegram: it takes 25 messages a second of us, WhatsApp 70.
MAKERS: tuple[Maker, ...] = (
    ("900{:06d}", telegram),
    ("51900{:06d}", whatsapp),
    ("51800{:06d}", whatsapp),
)
GREETINGS = ("", "hola, ", "buenas, ", "una pregunta: ", "disculpe, ", "por favor, ", "oiga, ")


@dataclass(slots=True)
class Person:
    """Somebody on one platform, the answer that she waits for, and what she got since she asked."""

    id: str
    make: Callable[[str, int, str, Secrets], Webhook]
    waiting: "asyncio.Future[float] | None" = None
    got: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Tally:
    """What happened in one stage. Seconds; `messages` and `bytes` are those that were accepted.

    `keywords` counts questions that were read by keywords because the NLU service was too late.
    """

    acknowledged: list[float] = field(default_factory=list)
    answered: list[float] = field(default_factory=list)
    lost: int = 0
    messages: int = 0
    bytes: int = 0
    refused: int = 0
    keywords: int = 0
    seconds: float = 0.0


class Crowd:
    """Asks questions by webhooks and hears of the answers from the platforms' stand-ins."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        known: Secrets,
        texts: Sequence[str],
        *,
        makers: Sequence[Maker] = MAKERS,
        patience: float = PATIENCE,
    ) -> None:
        self._session = session
        self._url = url
        self._known = known
        self._patience = patience
        self._persons = [
            Person(pattern.format(number), make)
            for number in range(PERSONS // len(makers))
            for pattern, make in makers
        ]
        self._by_id = {person.id: person for person in self._persons}
        self._free = deque(self._persons)
        self._texts = never_the_same(texts)
        self._number = 0
        self._random = random.Random(0)  # noqa: S311
        self.tally = Tally()
        self.doubled = 0

    async def listen(self, arrivals: str, ready: asyncio.Event) -> None:
        """Hear of what arrives at the stand-ins, until cancelled."""
        timeout = aiohttp.ClientTimeout(total=None)
        async with self._session.get(arrivals, timeout=timeout) as stream:
            async for line in stream.content:
                what = json.loads(line)
                if not what:
                    ready.set()
                elif what["refused"]:
                    self.tally.refused += 1
                else:
                    self._arrived(self._by_id[what["person"]], what)

    def _arrived(self, person: Person, what: Mapping[str, Any]) -> None:
        self.doubled += what["digest"] in person.got
        person.got.add(what["digest"])
        self.tally.messages += 1
        self.tally.bytes += what["bytes"]
        if person.waiting is not None and not person.waiting.done():
            person.waiting.set_result(what["at"])

    async def greet(self) -> None:
        """Let everybody say hello once, and so warm everything up."""
        waiting = iter(self._persons)
        await asyncio.gather(*(self._greet(waiting) for _ in range(32)))

    async def _greet(self, waiting: Iterator[Person]) -> None:
        for person in waiting:
            await self._ask(person, "hola")

    async def closed(self, questions: int, at_once: int) -> Tally:
        """Let so many persons ask at once: where one has her answer, the next one asks."""
        left = iter(range(questions))
        return await self._measured(*(self._lane(left) for _ in range(at_once)))

    async def _lane(self, left: Iterator[int]) -> None:
        for _ in left:
            person = self._free.popleft()
            await self._ask(person, next(self._texts))
            self._free.append(person)

    async def open(self, per_second: float, seconds: float) -> Tally:
        """Let questions come by chance, so many a second, whether others were answered or not."""
        return await self._measured(self._stream(per_second, seconds))

    async def _stream(self, per_second: float, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due, end = loop.time(), loop.time() + seconds
        async with asyncio.TaskGroup() as group:
            while (due := due + self._random.expovariate(per_second)) < end:
                await asyncio.sleep(due - loop.time())
                group.create_task(self._lane(iter(range(1))))

    async def _measured(self, *work: Coroutine[Any, Any, None]) -> Tally:
        by_keywords = await self._by_keywords()
        self.tally = tally = Tally()
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*work)
        tally.seconds = asyncio.get_running_loop().time() - began
        tally.keywords = await self._by_keywords() - by_keywords
        return tally

    async def _by_keywords(self) -> int:
        headers = {"Authorization": f"Bearer {self._known.metrics}"}
        async with self._session.get(f"{self._url}/metrics", headers=headers) as answer:
            shown = await answer.text() if answer.status == 200 else ""
        found = re.search(r'orienta_readings_total\{source="keywords"\} (\S+)', shown)
        return int(float(found[1])) if found else 0

    async def _ask(self, person: Person, text: str) -> None:
        loop = asyncio.get_running_loop()
        self._number += 1
        webhook = person.make(person.id, self._number, text, self._known)
        person.waiting, person.got = loop.create_future(), set()
        answer = person.waiting
        began = loop.time()
        await self._post(webhook)
        if self._random.random() < REPEATED:
            await self._post(webhook)
        try:
            at = await asyncio.wait_for(answer, self._patience)
        except TimeoutError:
            self.tally.lost += 1
        else:
            self.tally.answered.append(at - began)

    async def _post(self, webhook: Webhook) -> None:
        began = asyncio.get_running_loop().time()
        headers = {"Content-Type": "application/json", **webhook.headers}
        address = self._url + webhook.path
        async with self._session.post(address, data=webhook.body, headers=headers) as answer:
            await answer.read()
            answer.raise_for_status()
        self.tally.acknowledged.append(asyncio.get_running_loop().time() - began)


def never_the_same(texts: Sequence[str]) -> Iterator[str]:
    """Give all texts, then all again in other words: nothing is answered from a cache."""
    for greeting in GREETINGS:
        for text in texts:
            yield greeting + text
    raise AssertionError("more questions than there are texts")
