"""Answer parse requests in batches: what runs inside the NLU service, free of Rasa and of HTTP.

Read by the service's Python 3.10 and by the tests' 3.11: standard library only.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

Ranking = Sequence["tuple[str, float]"]
"""Names of intents with their confidences, best first."""

MOST_CANDIDATES = 10
LARGEST_BODY = 256 * 1024
_FIRST_BATCH = 4
_LONGEST_TEXT = 2000  # as many characters as the classifier looks at


@dataclass(frozen=True)
class Limits:
    """How much is taken on: questions that wait at most, and in one batch at most.

    `patience` is how long a question may wait for its answer, `batch_seconds` how long a batch may
    take without the next one becoming smaller.
    """

    waiting: int = 256
    patience: float = 0.9
    batch: int = 32
    batch_characters: int = 6000
    batch_seconds: float = 0.2


@dataclass(frozen=True)
class Answer:
    """A status of HTTP and a JSON body."""

    status: int
    body: bytes

    @staticmethod
    def refusal(status: int, reason: str) -> Answer:
        """Return a refusal with its one sentence."""
        return Answer(status, json.dumps({"reason": reason}).encode())


WRONG_TOKEN = Answer.refusal(401, "The token is wrong: give client and service the same one.")
TOO_LARGE = Answer.refusal(413, f"The question is larger than {LARGEST_BODY} bytes: shorten it.")
NOT_FOUND = Answer.refusal(404, "Only POST /model/parse and GET /status are answered here.")
NO_QUESTION = Answer.refusal(400, 'The body must be a JSON object with "text", a string.')
BUSY = Answer.refusal(503, "Too many questions are waiting: ask again in a moment.")
FAILED = Answer.refusal(500, "The model failed on this question: train it again.")


@dataclass(eq=False)
class _Question:
    text: str
    answered: asyncio.Future[Answer] = field(repr=False)


class Answerer:
    """Ranks what waits in one batch, in one thread, while the next batch gathers.

    `rank` turns texts into rankings, one for each; it blocks and is never called by two threads.
    A question is answered or refused within the patience of its limits.
    """

    def __init__(
        self,
        rank: Callable[[list[str]], Sequence[Ranking]],
        token: str,
        limits: Limits | None = None,
    ) -> None:
        """Keep the parts; the work begins with the first question."""
        self._rank = rank
        self._token = token.encode()
        self._limits = limits or Limits()
        self._waiting: deque[_Question] = deque()
        self._work: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="rank")
        self._pace = 0.0  # seconds per question, lately
        self._most = _FIRST_BATCH  # questions in the next batch
        self.batches = 0
        self.answered = 0

    def is_known(self, token: str) -> bool:
        """Say whether this is the token."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._token)

    async def parse(self, token: str, body: bytes) -> Answer:
        """Answer one request, whatever its body holds."""
        if not self.is_known(token):
            return WRONG_TOKEN
        if len(body) > LARGEST_BODY:
            return TOO_LARGE
        text = question_text(body)
        if text is None:
            return NO_QUESTION
        if self._is_full():
            return BUSY
        question = _Question(text, asyncio.get_running_loop().create_future())
        self._waiting.append(question)
        if self._work is None or self._work.done():
            self._work = asyncio.create_task(self._answer_all())
        try:
            return await asyncio.wait_for(question.answered, self._limits.patience)
        except asyncio.TimeoutError:  # noqa: UP041 - another class than TimeoutError in 3.10
            return BUSY
        finally:
            if question in self._waiting:  # given up by its client, or by us
                self._waiting.remove(question)

    def status(self, token: str) -> Answer:
        """Say how much was answered."""
        if not self.is_known(token):
            return WRONG_TOKEN
        known = {"answered": self.answered, "batches": self.batches, "waiting": len(self._waiting)}
        return Answer(200, json.dumps(known).encode())

    def close(self) -> None:
        """End the thread after its batch."""
        self._thread.shutdown(wait=False)

    def _is_full(self) -> bool:
        """Say whether a further question would wait in vain; the first in the queue never does."""
        ahead = len(self._waiting)
        return ahead >= self._limits.waiting or ahead * self._pace > self._limits.patience

    async def _answer_all(self) -> None:
        loop = asyncio.get_running_loop()
        while batch := self._next_batch():
            texts = [question.text for question in batch]
            began = loop.time()
            answers = await loop.run_in_executor(self._thread, self._answers, texts)
            self._learn(len(batch), loop.time() - began)
            self.batches += 1
            for question, answer in zip(batch, answers, strict=True):
                if not question.answered.done():  # given up meanwhile
                    question.answered.set_result(answer)
                    self.answered += 1

    def _learn(self, count: int, seconds: float) -> None:
        """Take more at once while that is quick, and less when it was longer than people wait."""
        pace = seconds / count
        self._pace += (pace - self._pace) / 4 if self._pace else pace
        if seconds > self._limits.batch_seconds:
            self._most = max(count // 2, 1)
        elif count == self._most and seconds < self._limits.batch_seconds / 2:
            self._most = min(self._most * 2, self._limits.batch)

    def _next_batch(self) -> list[_Question]:
        batch: list[_Question] = []
        characters = 0
        while self._waiting and len(batch) < self._most:
            length = len(self._waiting[0].text)
            if batch and characters + length > self._limits.batch_characters:
                break
            question = self._waiting.popleft()
            if not question.answered.done():
                batch.append(question)
                characters += length
        return batch

    def _answers(self, texts: list[str]) -> list[Answer]:
        """Rank a batch; when that fails, each question alone, so that only the guilty one fails."""
        try:
            return [_ranked(ranking) for ranking in self._rank(texts)]
        except Exception:
            if len(texts) == 1:
                return [FAILED]
        return [self._answers([text])[0] for text in texts]


def question_text(body: bytes) -> str | None:
    """Return the text of a request's body, clipped; None when the body is no question."""
    try:
        question = json.loads(body)
    except (ValueError, RecursionError):
        return None
    text = question.get("text") if isinstance(question, dict) else None
    if not isinstance(text, str):
        return None
    if len(text) > _LONGEST_TEXT:  # the beginning and the end, where the question often is
        half = (_LONGEST_TEXT - 1) // 2
        text = text[:half] + "\n" + text[-half:]
    # Rasa takes a text that begins with '/' for a command of its own.
    return text.lstrip("/ \n")


def _ranked(ranking: Ranking) -> Answer:
    best = [
        {"name": name, "confidence": round(confidence, 6)}
        for name, confidence in ranking[:MOST_CANDIDATES]
    ]
    known = {"intent": best[0] if best else None, "intent_ranking": best}
    return Answer(200, json.dumps(known).encode())
