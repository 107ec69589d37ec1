"""The whole program as people start it: real Rasa, real content, real webhooks, Chromium."""

import asyncio
import json
import re
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
import yaml
from playwright.async_api import expect

from tests.fakes.assistant import ROOT, Assistant, running_assistant
from tests.fakes.chromium import running_chromium
from tests.fakes.telegram_server import SECRET, message_update
from tests.fakes.whatsapp_server import as_bytes, message, signature, webhook

pytestmark = [pytest.mark.rasa, pytest.mark.asyncio(loop_scope="module")]

# What somebody asks, in which language, and the article that answers.
ASKED = (
    ("es", "puedo ir al hospital si no tengo papeles?", "health/access-without-ce"),
    (
        "en",
        "my boss says police won't take my report without a card",
        "complaints/report-without-ce",
    ),
    ("ht", "mwen ansent, mwen pa gen kat, ki kote pou m ale?", "health/pregnancy"),
)


def facts(article: str, language: str) -> list[str]:
    """Return what a right answer holds: the title, and the date of the source."""
    folder = ROOT / "content" / "articles" / article
    text = yaml.safe_load((folder / f"{language}.yml").read_text(encoding="utf-8"))
    ground = yaml.safe_load((folder / "article.yml").read_text(encoding="utf-8"))["ground"]
    day = next(str(g["verified_on"]) for g in ground if g["verified_on"])
    return [text["title"], "/".join(reversed(day.split("-")))]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def assistant() -> AsyncIterator[Assistant]:
    async with running_assistant() as running:
        yield running


async def command(assistant: Assistant, *words: str, given: str = "") -> tuple[int, str, str]:
    """Run a command of the program beside it; return code, output and what it told."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *words, cwd=ROOT, env=assistant.variables(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(given.encode()), 180)
    return process.returncode or 0, out.decode(), err.decode()


async def until(condition: object, seconds: float = 20) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # type: ignore[operator]  # noqa: ASYNC110 - any condition
            await asyncio.sleep(0.05)


async def test_whatsapp_webhooks_reach_the_platform(assistant: Assistant) -> None:
    """Three questions as WhatsApp posts them come back answered in their language."""
    async with aiohttp.ClientSession() as http:
        for number, (language, question, article) in enumerate(ASKED):
            now = str(int(time.time()))
            one = message(
                f"wamid.{number}", "text", {"body": question}, person=f"PE.{number}", timestamp=now
            )
            body = as_bytes(webhook({"messages": [one]}))
            url = f"{assistant.url}/hooks/whatsapp"
            headers = {"X-Hub-Signature-256": signature(body)}
            async with http.post(url, data=body, headers=headers) as answer:
                assert answer.status == 200
            await until(lambda n=number: len(assistant.whatsapp.sent()) > n)
            sent = json.dumps(assistant.whatsapp.sent()[number], ensure_ascii=False)
            assert f"PE.{number}" in sent
            for fact in facts(article, language):
                assert fact in sent, (question, fact)


async def test_telegram_webhooks_reach_the_platform(assistant: Assistant) -> None:
    """Three questions as Telegram posts them come back answered in their language."""
    async with aiohttp.ClientSession() as http:
        for number, (language, question, article) in enumerate(ASKED):
            update = message_update(1000 + number, person=7000 + number, text=question)
            headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
            url = f"{assistant.url}/hooks/telegram"
            async with http.post(url, json=update, headers=headers) as answer:
                assert answer.status == 200
            await until(lambda n=number: len(assistant.telegram.sent()) > n)
            sent = assistant.telegram.sent()[number]
            assert str(sent["chat_id"]) == str(7000 + number)
            for fact in facts(article, language):
                assert fact in re.sub(r"<[^>]+>", "", sent["text"]), (question, fact)


@pytest.mark.browser
async def test_the_web_chat_answers_in_a_browser(assistant: Assistant, tmp_path: Path) -> None:
    """Three questions typed on a small phone's page are answered there."""
    async with running_chromium() as browser:
        for language, question, article in ASKED:
            context = await browser.new_context(
                viewport={"width": 360, "height": 640}, locale="es-PE"
            )
            page = await context.new_page()
            await page.goto(assistant.url)
            log = page.get_by_role("log")
            await expect(log).to_contain_text("Orienta", timeout=15_000)
            await page.get_by_role("textbox").fill(question)
            await page.keyboard.press("Enter")
            for fact in facts(article, language):
                await expect(log).to_contain_text(fact, timeout=15_000)
            await context.close()


async def test_the_terminal_answers(assistant: Assistant) -> None:
    """`orienta chat` answers the three questions, and an option by its number."""
    lines = "\n".join(question for _, question, _ in ASKED) + "\n1\n"
    code, out, err = await command(assistant, "chat", given=lines)
    assert code == 0, err
    for language, _, article in ASKED:
        for fact in facts(article, language):
            assert fact in out
    assert "Starting the NLU service" not in err  # the running one was asked


async def test_understand_reads_texts_and_json(assistant: Assistant) -> None:
    """One JSON line comes out for each text, with all that is promised."""
    given = "\n".join([ASKED[0][1], json.dumps({"text": "me pega mi marido ahora", "lang": "es"})])
    code, out, err = await command(assistant, "understand", "--json", given=given + '\n{"x": 1}\n')
    assert code == 0, err
    first, second, third = map(json.loads, out.splitlines())
    assert first["lang"] == "es"
    assert first["source"] == "rasa"
    assert first["candidates"][0]["intent"] == ASKED[0][2]
    assert first["emergency"] is None
    assert 0 < first["ms"] < 5000
    assert second["emergency"] == "partner-family-violence"
    assert "error" in third


@pytest.mark.parametrize("channel", ["telegram", "whatsapp", "web", "console"])
async def test_converse_shows_what_each_channel_would_send(
    assistant: Assistant, channel: str
) -> None:
    """Each input gives one line with label, offers and the channel's exact payloads."""
    inputs = [
        {"user": "u1", "text": ASKED[0][1]},
        {"user": "u1", "choose": 1},
        {"user": "u1", "choose": 99},
        {"user": "u2", "kind": "voice"},
        {"user": "u3", "location": [-12.05, -77.04]},
        {"user": "u2", "text": "\x00😀"},
        {"nobody": 1},
    ]
    given = "".join(json.dumps(i) + "\n" for i in inputs)
    code, out, err = await command(assistant, "converse", "--channel", channel, given=given)
    assert code == 0, err
    lines = [json.loads(line) for line in out.splitlines()]
    assert len(lines) == len(inputs)
    answer = lines[0]
    assert (answer["user"], answer["lang"], answer["label"]) == ("u1", "es", ASKED[0][2])
    assert answer["emergency"] is None
    assert facts(ASKED[0][2], "es")[0] in answer["messages"][0]["text"]
    assert answer["messages"][-1]["payload"]
    assert lines[1]["label"] == ASKED[0][2]
    assert lines[1]["messages"][0]["text"] != answer["messages"][0]["text"]
    assert "error" in lines[2]
    assert lines[3]["label"] == "menu"
    assert lines[4]["label"] == "nearest_office"
    assert lines[5]["messages"]
    assert "error" in lines[6]


async def test_evaluate_prints_intervals(assistant: Assistant, tmp_path: Path) -> None:
    """Every figure comes with how many questions it rests on and its 95 % interval."""
    file = tmp_path / "questions.jsonl"
    rows = [{"text": q, "lang": lang, "label": label} for lang, q, label in ASKED]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, err = await command(assistant, "evaluate", str(file), "--json")
    assert code == 0, err
    figures = json.loads(out)
    assert figures["all"]["top1"]["n"] == 3
    assert figures["all"]["right_or_offered"]["value"] == 1
    assert figures["ht"]["top1"]["low"] < 1
    file.write_text('{"text": "x"}\n')
    code, _, err = await command(assistant, "evaluate", str(file))
    assert code == 1
    assert "line 1" in err


async def test_check_tells_that_all_is_well(assistant: Assistant) -> None:
    """`orienta check` finds the environment, the content and the database."""
    code, out, err = await command(assistant, "check")
    assert code == 0, out + err
    assert "PROBLEM" not in out


async def test_staff_may_import_what_was_exported(assistant: Assistant, tmp_path: Path) -> None:
    """An export by command is imported by a member of staff, and by nobody else."""
    folder = tmp_path / "content"
    code, _, err = await command(assistant, "content", "export", str(folder))
    assert code == 0, err
    code, out, _ = await command(assistant, "content", "check", str(folder))
    assert code == 0, out
    words = ("content", "import", str(folder), "--as", "ana@example.org")
    code, _, err = await command(assistant, *words)
    assert (code, "orienta staff add" in err) == (1, True)
    added = ("staff", "add", "ana@example.org", "--name", "Ana", "--role", "publisher")
    assert (await command(assistant, *added))[0] == 0
    assert (await command(assistant, *words))[0] == 0
    again = tmp_path / "again"
    assert (await command(assistant, "content", "export", str(again)))[0] == 0
    first = {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    second = {p.relative_to(again): p.read_bytes() for p in again.rglob("*") if p.is_file()}
    assert first == second


async def test_no_secret_and_no_question_is_logged(assistant: Assistant) -> None:
    """What the operator sees holds no token, no text and no id of a person."""
    told = "\n".join(assistant.said)
    for word in (SECRET, "made-up", "papeles", "ansent", "PE.1", "7001"):
        assert word not in told


async def test_a_taken_port_is_one_clear_sentence(assistant: Assistant) -> None:
    """A second start on the same port says so at once and leaves the first alone."""
    port = assistant.url.rsplit(":", 1)[1]
    variables = {**assistant.variables(), "ORIENTA_PORT": port}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "run", cwd=ROOT, env=variables,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    _, err = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert f"Port {port}" in err.decode()
    assert "ORIENTA_PORT" in err.decode()


async def test_ctrl_c_ends_everything_it_started() -> None:
    """After Ctrl-C neither the program nor the NLU service is left."""
    async with running_assistant("stopped") as assistant:
        running = json.loads((assistant.data / "nlu.json").read_text())
        assistant.process.send_signal(signal.SIGINT)
        assert await asyncio.wait_for(assistant.process.wait(), 30) == 0
        assert not (assistant.data / "nlu.json").exists()
        async with aiohttp.ClientSession() as http:
            for url in (assistant.url, running["url"]):
                with pytest.raises(aiohttp.ClientConnectorError):
                    await http.get(url)
