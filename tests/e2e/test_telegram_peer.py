"""The whole program against an emulator of Telegram that others wrote: polling and webhook.

Every call of ours is checked against the description of the Bot API on its way.
"""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import yaml

from locales import translate
from tests.fakes.assistant import ROOT, Assistant, free_port, running_assistant
from tests.fakes.telegram_peer import PUBLIC, TelegramPeer
from tests.fakes.telegram_server import private

pytestmark = [pytest.mark.rasa, pytest.mark.asyncio(loop_scope="module")]

ARTICLE = "health/access-without-ce"
QUESTION = "puedo ir al hospital si no tengo papeles?"
IN_ENGLISH = "complaints/report-without-ce"
ASKED_IN_ENGLISH = "my boss says police won't take my report without a card"


@dataclass
class Talk:
    """The running program, the emulator, and how it delivers."""

    assistant: Assistant
    peer: TelegramPeer
    mode: str

    def said(self, words: str, person: int, **content: Any) -> dict[str, Any]:
        """Return a message of a person."""
        who = private(person)
        who["from"]["language_code"] = "es"
        return {
            "message_id": 5,
            "date": 1_790_000_000,
            **who,
            **({"text": words} if words else {}),
            **content,
        }

    async def ask(self, words: str, person: int = 71, **content: Any) -> str:
        """Let a person write and return the one answer that she gets."""
        before = len(self._sent_to(person))
        await self.peer.enqueue(message=self.said(words, person, **content))
        return await self.answer(person, before)

    async def answer(self, person: int, before: int) -> str:
        """Return the answer after the first `before`."""
        await until(lambda: len(self._sent_to(person)) > before)
        assert len(self._sent_to(person)) == before + 1
        return re.sub(r"<[^>]+>", "", self._sent_to(person)[-1]["text"])

    def buttons(self, person: int = 71) -> list[list[dict[str, str]]]:
        """Return the buttons under the last answer."""
        rows: list[list[dict[str, str]]] = self._sent_to(person)[-1]["reply_markup"][
            "inline_keyboard"
        ]
        return rows

    def _sent_to(self, person: int) -> list[dict[str, Any]]:
        return [m for m in self.peer.made("sendMessage") if str(m["chat_id"]) == str(person)]


async def until(condition: Callable[[], object], seconds: float = 60) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.05)


def title(article: str, language: str) -> str:
    file = ROOT / "content" / "articles" / article / f"{language}.yml"
    return str(yaml.safe_load(file.read_text(encoding="utf-8"))["title"])


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["polling", "webhook"])
async def talk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Talk]:
    mode, port = str(request.param), free_port()
    async with AsyncExitStack() as stack:
        peer = TelegramPeer(tmp_path_factory.mktemp("peer") / "journal.jsonl", port)
        await stack.enter_async_context(peer.serving())
        assistant = await stack.enter_async_context(
            running_assistant(
                f"peer-{mode}",
                ORIENTA_PORT=str(port),
                ORIENTA_PUBLIC_URL=PUBLIC,
                ORIENTA_TELEGRAM_MODE=mode,
                ORIENTA_TELEGRAM_BASE_URL=peer.base_url,
            )
        )
        yield Talk(assistant, peer, mode)
    assert peer.found == []
    assert peer.refused() == []


async def test_start_says_who_speaks(talk: Talk) -> None:
    """The first word of everybody is /start."""
    assert "Orienta" in await talk.ask("/start")
    assert "Orienta" in await talk.ask("/start", person=72)


async def test_a_deep_link_opens_its_article(talk: Talk) -> None:
    """What a poster's code sends shows the article at once."""
    said = await talk.ask("/start " + ARTICLE.replace("/", "_"), person=73)
    assert title(ARTICLE, "es") in said


async def test_a_question_is_answered_and_a_button_pressed(talk: Talk) -> None:
    """The answer has buttons; one pressed stops turning, is marked, and is answered."""
    assert title(ARTICLE, "es") in await talk.ask(QUESTION, person=74)
    rows = talk.buttons(74)
    chosen = rows[0][0]
    message = talk.said("Elija", 74, message_id=6, reply_markup={"inline_keyboard": rows})
    press = {"id": "4401", "chat_instance": "1", "data": chosen["callback_data"]}
    await talk.peer.enqueue(callback_query={**press, "from": message["from"], "message": message})
    assert title(ARTICLE, "es") in await talk.answer(74, 1)
    await until(lambda: talk.peer.made("editMessageReplyMarkup"))
    assert talk.peer.made("answerCallbackQuery")[-1] == {"callback_query_id": "4401"}
    marked = talk.peer.made("editMessageReplyMarkup")[-1]
    assert marked["reply_markup"]["inline_keyboard"][0][0]["text"] == f"✅ {chosen['text']}"


async def test_a_voice_message_gets_its_reply(talk: Talk) -> None:
    """Nobody waits in silence for an answer to a recording."""
    voice = {"file_id": "AwAC", "file_unique_id": "Ag", "duration": 4, "mime_type": "audio/ogg"}
    assert "audios" in await talk.ask("", person=75, voice=voice)


async def test_the_language_switches(talk: Talk) -> None:
    """Asked for in words, it is that of the next answers."""
    said = await talk.ask("English please", person=76)
    first = "Desde ahora le escribo en español. Escriba su pregunta, o elija:"
    assert translate(first, "en") in said
    assert title(IN_ENGLISH, "en") in await talk.ask(ASKED_IN_ENGLISH, person=76)


async def test_answers_are_found_from_any_chat(talk: Talk) -> None:
    """`@bot multa` offers the approved answer with its source."""
    query = {"id": "9", "from": private(77)["from"], "query": "multa", "offset": ""}
    await talk.peer.enqueue(inline_query=query)
    await until(lambda: talk.peer.made("answerInlineQuery"))
    (answered,) = talk.peer.made("answerInlineQuery")
    assert answered["results"][0]["id"] == "regularization/overstay-fine"
    assert answered["results"][0]["input_message_content"]["message_text"]


async def test_what_we_could_not_take_comes_again(talk: Talk) -> None:
    """While the database is shut nothing is confirmed; afterwards there is one answer, not two."""
    await talk.ask("/start", person=78)
    database = Path(talk.assistant.data) / "orienta.db"
    failed = "polling_waits" if talk.mode == "polling" else "webhook_not_stored"
    with closing(sqlite3.connect(database, isolation_level=None)) as shut:
        shut.execute("BEGIN IMMEDIATE")
        await talk.peer.enqueue(message=talk.said(QUESTION, 78))
        await until(lambda: any(failed in line for line in talk.assistant.said))
        shut.execute("ROLLBACK")
    if talk.mode == "webhook":
        assert talk.peer.events("webhook")[-1]["status"] not in range(200, 300)
        await talk.peer.deliver()
        assert talk.peer.events("webhook")[-1]["status"] == 200
    assert title(ARTICLE, "es") in await talk.answer(78, 1)
    # Whoever asks next is answered, so a second answer would have been seen by now.
    await talk.ask("/start", person=79)
    assert len(talk._sent_to(78)) == 2
