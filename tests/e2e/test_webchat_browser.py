"""The web chat in a real browser, by keyboard, on small and large screens, with a scripted bot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route, expect

from bot.messages import Chose, Commanded, Located, Said
from bot.webchat.http import WebChatSettings
from bot.webchat.limits import Rate
from locales import translate
from tests.fakes.chromium import running_chromium
from tests.fakes.webchat_bot import GREETING, ServedWebChat

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SOON = 10_000  # milliseconds
TARGET = 44  # CSS pixels that a finger needs


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of this file; each has a context, so cookies, of its own."""
    async with running_chromium() as browser:
        yield browser


class Chat:
    """A served web chat and a page of it."""

    def __init__(self, served: ServedWebChat, page: Page, address: str) -> None:
        self.served = served
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    async def greeted(self) -> None:
        await self.page.goto(self.address)
        await expect(self.page.locator(".bot")).to_have_count(1, timeout=SOON)

    async def say(self, text: str) -> None:
        await self.page.locator("#input").fill(text)
        await self.page.keyboard.press("Enter")


@asynccontextmanager
async def chat_in(
    browser: Browser, settings: WebChatSettings | None = None, **context: Any
) -> AsyncIterator[Chat]:
    """Serve a chat, open a page, and fail if the page complained: a script error, the policy."""
    served = ServedWebChat(settings or WebChatSettings(leave_to="about:blank"))
    address = await served.start()
    given = {"locale": "es-PE", "viewport": {"width": 360, "height": 640}, **context}
    opened = await browser.new_context(**given)
    opened.set_default_timeout(SOON)
    chat = Chat(served, await opened.new_page(), address)
    try:
        yield chat
        assert not chat.complaints
    finally:
        await opened.close()
        await served.stop()


async def test_a_question_is_asked_and_an_option_pressed_by_keyboard(browser: Browser) -> None:
    """Enter sends; Tab reaches the options under the answer; Enter presses; the place is kept."""
    async with chat_in(browser) as chat:
        page = chat.page
        await chat.greeted()
        await page.keyboard.press("Tab")
        await expect(page.locator(".skip")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator("#input")).to_be_focused()
        await page.keyboard.type("¿me atienden sin <b>papeles</b>?")
        await page.keyboard.press("Enter")
        await expect(page.locator(".hers")).to_contain_text("sin <b>papeles</b>?")
        await expect(page.locator(".bot")).to_have_count(2)
        await expect(page.get_by_role("button", name="Español")).to_have_count(0)
        for _ in range(20):
            await page.keyboard.press("Shift+Tab")
            if await page.evaluate("document.activeElement.textContent") == "Costo":
                break
        await expect(page.get_by_role("button", name="Costo")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator(".hers").last).to_be_focused()
        await expect(page.locator(".bot").last).to_contain_text("no cuesta nada")
        await expect(page.locator("#typing")).to_be_hidden()
        assert [i.event for i in chat.served.bot.heard] == [
            Commanded("start"),
            Said("¿me atienden sin <b>papeles</b>?"),
            Chose("s:cost:health/emergency"),
        ]


async def test_the_conversation_can_be_heard(browser: Browser) -> None:
    """Messages stand in a polite log with a name, each with its speaker and language."""
    async with chat_in(browser) as chat:
        await chat.greeted()
        await chat.say("hola")
        log = chat.page.get_by_role("log", name=translate("Conversación", "es"))
        await expect(log).to_have_attribute("aria-live", "polite")
        await expect(log.locator(".bot")).to_have_count(2)
        assert await log.locator(".bot").first.get_attribute("lang") == "es"
        assert (await log.locator(".bot").first.text_content() or "").startswith("Orienta: ")
        you = translate("Usted", "es")
        assert await log.locator(".hers").text_content() == f"{you}: hola"
        await expect(chat.page.get_by_label(translate("Escriba su pregunta", "es"))).to_have_count(
            2
        )  # the form and its field


@pytest.mark.parametrize("language", ["fr", "qu"])
async def test_the_language_changes_on_the_page_and_in_the_bot(
    browser: Browser, language: str
) -> None:
    """The menu changes the page's words, and the bot is told and answers in that language."""
    async with chat_in(browser) as chat:
        page = chat.page
        await chat.greeted()
        await page.locator("#language").select_option(language)
        await expect(page.locator("html")).to_have_attribute("lang", language)
        await expect(page.locator(".composer label")).to_have_text(
            translate("Escriba su pregunta", language)
        )
        greeting = GREETING[language].replace("**", "")
        await expect(page.locator(".bot").last).to_contain_text(greeting)
        assert chat.served.bot.heard[-1].event == Chose(f"lang:{language}")
        await chat.say("?")
        await expect(page.locator(".hers")).to_have_count(2)
        assert chat.served.bot.heard[-1].language_hint == language


async def test_the_page_follows_the_language_of_the_bot(browser: Browser) -> None:
    """An option that chooses a language changes the page as the menu does."""
    async with chat_in(browser, locale="en-US") as chat:
        await chat.greeted()
        assert chat.served.bot.heard[0].language_hint == "en"
        await chat.page.get_by_role("button", name="Kreyòl ayisyen").click()
        await expect(chat.page.locator("html")).to_have_attribute("lang", "ht")
        await expect(chat.page.locator("#language")).to_have_value("ht")


async def test_what_is_written_without_a_connection_is_sent_later_once(browser: Browser) -> None:
    """With the server gone she is told so; when it is back her message arrives, one time."""
    async with chat_in(browser) as chat:
        page = chat.page
        await chat.greeted()
        port = int(chat.address.rpartition(":")[2])
        await chat.served.stop()
        await chat.say("¿siguen ahí?")
        await expect(page.locator(".hers.unsent")).to_contain_text(
            translate("Se enviará cuando vuelva la conexión", "es")
        )
        await expect(page.locator("#notice")).to_be_visible()
        await chat.served.start(port)
        await expect(page.locator(".bot")).to_have_count(2, timeout=30_000)
        await expect(page.locator(".hers")).to_have_count(1)
        await expect(page.locator(".hers.unsent")).to_have_count(0)
        await expect(page.locator("#notice")).to_be_hidden()
        assert [i.event for i in chat.served.bot.heard[1:]] == [Said("¿siguen ahí?")]


async def test_a_reload_and_a_second_tab_show_the_conversation(browser: Browser) -> None:
    """What was said is shown again, without a second greeting; both tabs stay alike."""
    async with chat_in(browser) as chat:
        await chat.greeted()
        await chat.say("hola")
        await expect(chat.page.locator(".bot")).to_have_count(2)
        await chat.page.reload()
        await expect(chat.page.locator(".message")).to_have_count(3)
        second = await chat.page.context.new_page()
        await second.goto(chat.address)
        await expect(second.locator(".message")).to_have_count(3)
        await second.get_by_role("button", name="Costo").click()
        await expect(chat.page.locator(".message")).to_have_count(5)
        await expect(chat.page.get_by_role("button", name="Costo")).to_have_count(0)
        assert [i.event for i in chat.served.bot.heard].count(Commanded("start")) == 1


async def test_a_refusal_is_shown_and_the_message_sent_by_itself(browser: Browser) -> None:
    """Who writes too fast reads the server's sentence; nothing is lost."""
    settings = WebChatSettings(session_rate=Rate(burst=2, per_minute=60))
    async with chat_in(browser, settings) as chat:
        await chat.greeted()
        for text in ("uno", "dos", "tres"):
            await chat.say(text)
        sentence = "Son muchos mensajes seguidos. Espere un momento: se enviará por sí solo."
        await expect(chat.page.locator("#notice")).to_have_text(translate(sentence, "es"))
        await expect(chat.page.locator(".bot")).to_have_count(4)
        await expect(chat.page.locator("#notice")).to_be_hidden()
        said = [i.event for i in chat.served.bot.heard[1:]]
        assert said == [Said("uno"), Said("dos"), Said("tres")]


async def test_a_session_that_was_lost_is_renewed(browser: Browser) -> None:
    """Where the cookie is gone, the page begins a session and what she wrote is still answered."""
    async with chat_in(browser) as chat:
        await chat.greeted()
        await chat.page.context.clear_cookies()
        await chat.say("hola")
        await expect(chat.page.locator(".bot").last).to_contain_text("emergencia")
        first, last = chat.served.bot.heard[0], chat.served.bot.heard[-1]
        assert last.event == Said("hola")
        assert last.person != first.person


async def test_a_browser_without_cookies_is_told_and_does_not_storm(browser: Browser) -> None:
    """Without cookies no session can be: she reads a sentence, and the server is left in peace."""
    async with chat_in(browser) as chat:
        streams: list[str] = []

        async def without_cookies(route: Route) -> None:
            answer = await route.fetch(headers={**route.request.headers, "cookie": ""})
            await route.fulfill(response=answer)

        await chat.page.route("**/webchat/messages", without_cookies)
        chat.page.on("request", lambda r: streams.append(r.url) if "stream" in r.url else None)
        await chat.page.goto(chat.address)
        sentence = "La conversación se cerró. Abra la página otra vez."
        await expect(chat.page.locator("#notice")).to_have_text(translate(sentence, "es"))
        assert len(streams) == 2
        assert not chat.served.bot.heard


async def test_a_very_long_message_stays_in_the_field(browser: Browser) -> None:
    """She is told to be brief, and what she wrote is not lost."""
    async with chat_in(browser) as chat:
        await chat.greeted()
        await chat.say("a" * 3001)
        sentence = "El mensaje es muy largo. Escriba lo más importante en pocas líneas."
        await expect(chat.page.locator("#notice")).to_have_text(translate(sentence, "es"))
        assert len(await chat.page.locator("#input").input_value()) == 3001
        await expect(chat.page.locator(".hers")).to_have_count(0)


async def test_the_place_is_asked_for_only_on_her_press_and_sent_roughly(
    browser: Browser,
) -> None:
    """The browser is asked when she presses the button; the place is rounded to about 100 m."""
    place = {"latitude": -12.0463731, "longitude": -77.0427934}
    async with chat_in(browser, geolocation=place, permissions=["geolocation"]) as chat:
        await chat.greeted()
        await chat.say("busco una oficina")
        await chat.page.locator(".share").click()
        await expect(chat.page.locator(".bot").last).to_contain_text("CEM Ate")
        assert chat.served.bot.heard[-1].event == Located(-12.046, -77.043)


async def test_without_her_place_she_is_told_what_to_write(browser: Browser) -> None:
    """A refused permission leads to a sentence, not to silence; nothing is sent."""
    async with chat_in(browser, permissions=[]) as chat:
        await chat.greeted()
        await chat.say("busco una oficina")
        await chat.page.locator(".share").click()
        sentence = "No pudimos leer su ubicación. Escriba su distrito o su ciudad."
        await expect(chat.page.locator("#notice")).to_have_text(translate(sentence, "es"))
        assert isinstance(chat.served.bot.heard[-1].event, Said)


async def test_leaving_quickly_leaves_nothing(browser: Browser) -> None:
    """Another page takes its place, "back" does not return, the session is gone here and there."""
    async with chat_in(browser) as chat:
        await chat.page.goto("about:blank#before")
        await chat.greeted()
        await chat.say("hola")
        await expect(chat.page.locator(".bot")).to_have_count(2)
        length = await chat.page.evaluate("history.length")
        await chat.page.locator("#leave").click()
        await chat.page.wait_for_url("about:blank")
        async with asyncio.timeout(SOON / 1000):
            await chat.served.bot.left.wait()
        assert await chat.page.evaluate("history.length") == length
        assert chat.served.bot.heard[-1].event == Chose("forget:yes")
        await chat.page.goto(chat.address)
        await expect(chat.page.locator(".message")).to_have_count(1)
        assert chat.served.bot.heard[-1].event == Commanded("start")
        assert chat.served.bot.heard[-1].person != chat.served.bot.heard[0].person


async def test_leaving_without_a_connection_ends_the_session_later(browser: Browser) -> None:
    """Where the server could not be told, the next visit ends the old session before all else."""
    async with chat_in(browser) as chat:
        await chat.greeted()
        await chat.say("hola")
        await expect(chat.page.locator(".bot")).to_have_count(2)
        await chat.page.route("**/webchat/leave", lambda route: route.abort())
        await chat.page.locator("#leave").click()
        await chat.page.wait_for_url("about:blank")
        await chat.page.unroute("**/webchat/leave")
        await chat.page.goto(chat.address)
        await expect(chat.page.locator(".message")).to_have_count(1)
        events = [i.event for i in chat.served.bot.heard]
        assert events[-2:] == [Chose("forget:yes"), Commanded("start")]


async def test_a_leave_that_is_put_off_shows_nothing_until_it_is_done(browser: Browser) -> None:
    """Where the server asks to wait, the next visit asks again before it opens a session."""
    async with chat_in(browser) as chat:
        await chat.greeted()
        asked: list[str] = []

        async def put_off(route: Route) -> None:
            asked.append(route.request.url)
            if len(asked) < 3:
                await route.fulfill(status=429, json={"sentence": "…"})
            else:
                await route.continue_()

        await chat.page.route("**/webchat/leave", put_off)
        await chat.page.locator("#leave").click()
        await chat.page.wait_for_url("about:blank")
        await chat.page.goto(chat.address)
        await expect(chat.page.locator(".message")).to_have_count(1)
        assert len(asked) == 3
        events = [i.event for i in chat.served.bot.heard]
        assert events == [Commanded("start"), Chose("forget:yes"), Commanded("start")]


async def test_an_urgent_reply_stands_out_and_can_be_called(browser: Browser) -> None:
    """The card has its word and its edge; its numbers are links that a finger can hit."""
    async with chat_in(browser) as chat:
        await chat.greeted()
        await chat.say("mi pareja me pega")
        card = chat.page.locator(".urgent")
        await expect(card.locator(".tag")).to_contain_text(translate("Urgente", "es"))
        links = card.locator("a")
        hrefs = [await link.get_attribute("href") for link in await links.all()]
        assert hrefs == ["tel:105", "tel:105", "tel:100", "tel:106", "tel:080015170"]
        assert round(min(await sizes(links)), 2) >= TARGET
        await expect(chat.page.locator(".bot")).to_have_count(3)
        await expect(card).to_be_in_viewport()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
@pytest.mark.parametrize("zoom", [1, 2])
async def test_every_screen_holds_the_chat(
    browser: Browser, width: int, scheme: Any, zoom: int
) -> None:
    """Nothing runs out at the side, also with text at 200 %; all that is pressed is 44 px high."""
    size = {"width": width, "height": 640}
    async with chat_in(browser, viewport=size, color_scheme=scheme) as chat:
        await chat.greeted()
        await chat.page.evaluate(f"document.documentElement.style.fontSize = '{zoom * 100}%'")
        await chat.say("mi pareja me pega")
        await expect(chat.page.locator(".bot")).to_have_count(3)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await chat.page.evaluate(wide) <= 0
        pressed = chat.page.locator("button:visible, select:visible, textarea:visible")
        assert round(min(await sizes(pressed)), 2) >= TARGET
        paper = await chat.page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (paper == "rgb(20, 25, 26)") == (scheme == "dark")


async def test_motion_is_reduced_on_request(browser: Browser) -> None:
    """Who asks for less motion gets none."""
    async with chat_in(browser, reduced_motion="reduce") as chat:
        await chat.greeted()
        name = "getComputedStyle(document.querySelector('.bot')).animationName"
        assert await chat.page.evaluate(name) == "none"


async def test_without_javascript_the_page_says_whom_to_call(browser: Browser) -> None:
    """Six sentences and three numbers; nothing that would not work is shown."""
    async with chat_in(browser, java_script_enabled=False) as chat:
        await chat.page.goto(chat.address)
        await expect(chat.page.locator(".noscript p[lang]")).to_have_count(6)
        await expect(chat.page.locator(".numbers a")).to_have_text(["105", "106", "100"])
        await expect(chat.page.locator("#composer")).to_be_hidden()
        await expect(chat.page.locator("#leave")).to_be_hidden()


async def sizes(locator: Any) -> list[float]:
    """Return the heights of all elements, in CSS pixels."""
    boxes = [await element.bounding_box() for element in await locator.all()]
    return [box["height"] for box in boxes]
