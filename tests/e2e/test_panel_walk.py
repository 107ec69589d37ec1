"""The whole way of a change, in a real browser on the real program: from the writer to a chat."""

import asyncio
import json
import logging
import re
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pyotp
import pytest
from playwright.async_api import Browser, Page, expect

from tests.e2e.test_assistant import ASKED, command
from tests.e2e.test_model_swap import Asking
from tests.fakes.assistant import ROOT, Assistant, data_folder, running_assistant
from tests.fakes.chromium import running_chromium
from tests.fakes.reduced import published, reduced

log = logging.getLogger(__name__)
pytestmark = [pytest.mark.rasa, pytest.mark.browser]

ARTICLE = "health/vaccination"
KEPT = (
    ARTICLE, "health/access-without-ce", "complaints/report-without-ce", "health/pregnancy",
    "health/children",
)  # fmt: skip
PASSWORD = "cuatro palabras sin relacion"
SOON = 15_000  # milliseconds
TRAINED_WITHIN = 400_000
ARRIVES_WITHIN = 120.0  # seconds from the publication to the answer
LETTERS = "bcdfgmnprst"


@asynccontextmanager
async def small_assistant() -> AsyncIterator[Assistant]:
    """Run the program on a part of the content, with models of its own."""
    folder = ROOT / "var" / "tests" / "panel"
    (folder / "models").mkdir(parents=True, exist_ok=True)
    await published(reduced(KEPT), data_folder("panel") / "orienta.db")
    async with running_assistant("panel", keep=True) as assistant:
        yield assistant


async def comes_in(assistant: Assistant, browser: Browser, email: str, role: str) -> Page:
    """Hire somebody, and let her come in by her link with a password and a second factor."""
    code, out, err = await command(assistant, "staff", "add", email, "--name", role, "--role", role)
    assert code == 0, err
    link = re.search(r"/panel/welcome/\S+", out + err)
    assert link is not None, out + err
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(SOON)
    page = await context.new_page()
    await page.goto(assistant.url + link[0])
    await page.fill("#password", PASSWORD)
    await page.fill("#password-again", PASSWORD)
    await page.get_by_role("button", name="Guardar y seguir").click()
    key = await page.locator("code.key").text_content()
    assert key is not None
    await page.fill("#code", pyotp.TOTP(key.replace(" ", "")).now())
    await page.get_by_role("button", name="Confirmar").click()
    await page.get_by_role("link", name="Ya los guardé, continuar").click()
    await expect(page.locator("h1")).to_contain_text(role)
    return page


async def add_to(page: Page, field: str, words: str) -> None:
    """Write at the end of a field."""
    await page.fill(field, f"{await page.input_value(field)}{words}")


class Chat:
    """A web chat that stays open."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._log = page.get_by_role("log")

    async def says(self, text: str) -> str:
        """Say something and return what comes back."""
        bubbles = self._log.locator(".bot")
        before = await bubbles.count()
        await self._page.get_by_role("textbox").fill(text)
        await self._page.keyboard.press("Enter")
        await expect(bubbles.nth(before)).to_be_visible(timeout=SOON)
        await asyncio.sleep(0.5)  # an answer may come in several bubbles
        return "\n".join((await bubbles.all_text_contents())[before:])

    async def until(self, question: str, wanted: str, *, there: bool, within: float) -> float:
        """Ask again and again until an answer holds some words, or no longer; return seconds."""
        began = time.monotonic()
        async with asyncio.timeout(within):
            while (wanted in await self.says(question)) is not there:  # noqa: ASYNC110
                await asyncio.sleep(2)
        return time.monotonic() - began


async def test_a_change_goes_from_the_writer_to_an_open_chat_and_back() -> None:
    """Written, translated, reviewed by another, published: within two minutes the chat knows it.

    Meanwhile somebody asks without a pause, and loses no message. One button takes it back.
    """
    word = "".join(secrets.choice(LETTERS) + secrets.choice("aeiou") for _ in range(4))
    news = f"La campaña {word} es gratis para todas las edades."
    phrase = f"donde ponen la campaña {word}"
    async with small_assistant() as assistant, running_chromium() as browser:
        small = await browser.new_context(viewport={"width": 360, "height": 640}, locale="es-PE")
        opened = await small.new_page()
        await opened.goto(assistant.url)
        await expect(opened.get_by_role("log")).to_contain_text("Orienta", timeout=SOON)
        chat = Chat(opened)
        assert news not in await chat.says(phrase)
        before = _model(assistant)
        author = await comes_in(assistant, browser, "autora@example.org", "author")
        translator = await comes_in(assistant, browser, "traduce@example.org", "translator")
        publisher = await comes_in(assistant, browser, "publica@example.org", "publisher")

        await _write(author, assistant.url, news, phrase)
        await _translate(translator, assistant.url, word)
        await _review(publisher, assistant.url)
        asking = Asking(assistant, ASKED[:2])
        people = asyncio.create_task(asking.go_on())
        try:
            await _release(publisher, assistant.url)
            took = await chat.until(phrase, news, there=True, within=ARRIVES_WITHIN)
            log.info("the new answer arrived after %.0f s", took)
            assert _model(assistant) != before
            await _go_back(publisher, assistant.url)
            took = await chat.until(phrase, news, there=False, within=ARRIVES_WITHIN)
            log.info("it was gone after %.0f s; %d answered meanwhile", took, asking.asked)
            async with asyncio.timeout(ARRIVES_WITHIN):
                while _model(assistant) != before:  # noqa: ASYNC110 - another process is watched
                    await asyncio.sleep(0.2)
            asking.stop()
            await people
        finally:
            people.cancel()
        assert asking.asked > 3


def _model(assistant: Assistant) -> str:
    """Return the name of the model that shall serve."""
    return str(json.loads((assistant.data / "models" / "current").read_text())["model"])


async def _write(page: Page, url: str, news: str, phrase: str) -> None:
    await page.goto(f"{url}/panel/articles/{ARTICLE}/edit")
    await add_to(page, "#section-answer", f"\n\n{news}")
    await page.get_by_role("button", name="Guardar borrador").click()
    await page.goto(f"{url}/panel/articles/{ARTICLE}/examples")
    more = "".join(
        f"\n{start}{phrase}" for start in ("", "digame ", "oiga ", "sabe ", "por favor ")
    )
    await add_to(page, "#examples-es", more)
    await page.get_by_role("button", name="Guardar borrador").click()
    await page.goto(f"{url}/panel/articles/{ARTICLE}/review")
    await page.get_by_role("button", name="Enviar a revisión").click()
    await expect(page.locator(".notice.good").first).to_contain_text("Enviado a revisión")


async def _translate(page: Page, url: str, word: str) -> None:
    await page.goto(f"{url}/panel/translations/en/{ARTICLE}")
    await add_to(page, "#section-answer", f"\n\nThe {word} campaign is free for all ages.")
    await page.get_by_role("button", name="Guardar y enviar a revisión").click()
    await expect(page.locator("body")).to_contain_text("en revisión")


async def _review(page: Page, url: str) -> None:
    await page.goto(f"{url}/panel/articles/{ARTICLE}/review")
    await page.get_by_role("button", name="Aprobar lo marcado").click()
    await expect(page.locator(".notice.good").first).to_contain_text("Aprobado")
    await page.goto(f"{url}/panel/translations/en/{ARTICLE}")
    await page.get_by_label("Hablo inglés y leí todo el texto.").check()
    await page.get_by_role("button", name="Aprobar", exact=True).click()
    await expect(page.locator("body")).to_contain_text("Traducción aprobada")


async def _release(page: Page, url: str) -> None:
    await page.goto(f"{url}/panel/releases/new")
    await expect(page.locator("input[name=change]:checked")).to_have_count(3)
    await page.fill("#title", "Campaña")
    await page.get_by_role("button", name="Preparar y examinar").click()
    await expect(page.get_by_role("button", name="Publicar ahora")).to_be_visible(
        timeout=TRAINED_WITHIN
    )
    await expect(page.locator("main")).to_contain_text("Preguntas de control")
    await page.get_by_role("button", name="Publicar ahora").click()
    await expect(page.locator("main")).to_contain_text("responde ahora")


async def _go_back(page: Page, url: str) -> None:
    await page.goto(f"{url}/panel/releases")
    await page.get_by_role("link", name="lo que había antes").click()
    await page.get_by_role("link", name="Volver a esta publicación").click()
    await page.get_by_role("button", name="Sí, volver ahora").click()
    await expect(page.locator("main")).to_contain_text("responde ahora")
