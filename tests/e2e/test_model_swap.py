"""The whole program changes its model and goes back, while people ask and get their answers."""

import asyncio
import json
import shutil
import time
from collections.abc import Sequence

import aiohttp
import pytest

from tests.e2e.test_assistant import ASKED, command, facts
from tests.fakes.assistant import Assistant, running_assistant
from tests.fakes.whatsapp_server import as_bytes, message, signature, webhook

pytestmark = pytest.mark.rasa

TAKEN_UP_WITHIN = 120.0


class Asking:
    """One person who asks, gets the answer, and asks again."""

    def __init__(
        self, assistant: Assistant, questions: Sequence[tuple[str, str, str]] = ASKED
    ) -> None:
        self._assistant = assistant
        self._questions = questions
        self._stop = asyncio.Event()
        self.asked = 0

    def stop(self) -> None:
        self._stop.set()

    async def go_on(self) -> None:
        url = f"{self._assistant.url}/hooks/whatsapp"
        async with aiohttp.ClientSession() as http:
            while not self._stop.is_set():
                language, question, article = self._questions[self.asked % len(self._questions)]
                one = message(
                    f"wamid.swap.{self.asked}", "text", {"body": question},
                    person=f"PE.{self.asked}", timestamp=str(int(time.time())),
                )  # fmt: skip
                body = as_bytes(webhook({"messages": [one]}))
                headers = {"X-Hub-Signature-256": signature(body)}
                async with http.post(url, data=body, headers=headers) as answer:
                    assert answer.status == 200
                said = await self._answer(f"PE.{self.asked}")
                for fact in facts(article, language):
                    assert fact in said, "a question was not answered by the model"
                self.asked += 1

    async def _answer(self, person: str) -> str:
        async with asyncio.timeout(60):
            while True:
                for sent in self._assistant.whatsapp.sent():
                    said = json.dumps(sent, ensure_ascii=False)
                    if f'"{person}"' in said:
                        return said
                await asyncio.sleep(0.02)


def _address(assistant: Assistant) -> str:
    return str(json.loads((assistant.data / "nlu.json").read_text())["url"])


async def _another_than(assistant: Assistant, address: str) -> str:
    async with asyncio.timeout(TAKEN_UP_WITHIN):
        while _address(assistant) == address:  # noqa: ASYNC110 - another process is watched
            await asyncio.sleep(0.1)
    return _address(assistant)


async def test_nobody_notices_that_the_model_changes() -> None:
    """Promotion and roll-back by command reach the running program; every question is answered."""
    async with running_assistant() as assistant:
        models = assistant.data / "models"
        before = json.loads((models / "current").read_text())["model"]
        shutil.copy(models / f"{before}.tar.gz", models / "copy.tar.gz")
        asking = Asking(assistant)
        people = asyncio.create_task(asking.go_on())
        try:
            first = _address(assistant)
            code, _, err = await command(assistant, "nlu", "promote", "copy")
            assert code == 0, err
            second = await _another_than(assistant, first)
            code, _, err = await command(assistant, "nlu", "rollback")
            assert code == 0, err
            await _another_than(assistant, second)
            code, out, err = await command(assistant, "nlu", "models")
            assert code == 0, err
            assert "taken back" in out
            asking.stop()
            await people
        finally:
            people.cancel()
            for left in models.glob("copy.*"):
                left.unlink()
        assert asking.asked > 3
        assert json.loads((models / "current").read_text())["model"] == before
