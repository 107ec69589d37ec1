"""The chat on another site's page, in a real browser that gives frames no cookies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, BrowserContext, Error, FrameLocator, Page, expect

from bot.messages import Chose, Commanded, Said
from bot.webchat.http import WebChatSettings
from locales import translate
from tests.fakes.axe import violations
from tests.fakes.chromium import chromium_with_profile, running_chromium
from tests.fakes.cutting_proxy import cutting_proxy
from tests.fakes.webchat_bot import ServedWebChat

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SOON = 10_000  # milliseconds
# As strict as a municipality's page may be: of ours it allows the script and the frame.
HOST_POLICY = "default-src 'none'; script-src {0}; frame-src {0}; style-src 'self'"
HOST = """<!doctype html><html lang="fr-FR"><head><title>Mairie</title>
<meta name="viewport" content="width=device-width, initial-scale=1"></head>
<body><main><h1>Mairie</h1><p>Bienvenue.</p><a href="#x" id="before">Un lien</a></main>
<script src="{0}/embed.js" data-open="health/pregnancy" async></script></body></html>"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """A browser whose private windows give frames of other sites neither cookies nor storage."""
    async with running_chromium() as browser:
        yield browser


class Host:
    """A municipality's page with the chat on it, on another site than the chat's server."""

    def __init__(self, chat: ServedWebChat, context: BrowserContext, page: Page) -> None:
        self.chat = chat
        self.context = context
        self.page = page
        self.launcher = page.get_by_role("button", name=translate("Preguntar a Orienta", "fr"))
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def frame(self) -> FrameLocator:
        return self.page.frame_locator("iframe")

    async def opened(self) -> None:
        await self.launcher.click()
        await expect(self.frame.locator(".bot")).to_have_count(1, timeout=SOON)


@asynccontextmanager
async def host_site() -> AsyncIterator[tuple[ServedWebChat, str]]:
    """Serve both sites; give the chat and the address of the host's page."""
    chat = ServedWebChat(WebChatSettings(leave_to="about:blank", embed_origins=("*",)))
    address = await chat.start()

    async def page(_: web.Request) -> web.Response:
        policy = {"Content-Security-Policy": HOST_POLICY.format(address)}
        return web.Response(text=HOST.format(address), content_type="text/html", headers=policy)

    application = web.Application()
    application.router.add_get("/", page)
    site = TestServer(application, host="127.0.0.1")
    await site.start_server()
    try:
        yield chat, f"http://localhost:{site.port}/"  # another name than 127.0.0.1: another site
    finally:
        await site.close()
        await chat.stop()


@asynccontextmanager
async def host_page(browser: Browser, **context: Any) -> AsyncIterator[Host]:
    """Open the host's page in a private window; fail if a script of ours complained."""
    given = {"locale": "en-US", "viewport": {"width": 1280, "height": 800}, **context}
    opened = await browser.new_context(**given)
    opened.set_default_timeout(SOON)
    try:
        async with host_site() as (chat, address):
            host = Host(chat, opened, await opened.new_page())
            await host.page.goto(address)
            yield host
            assert not host.complaints
    finally:
        await opened.close()


async def test_a_question_is_asked_from_another_site(browser: Browser) -> None:
    """One script tag: a button, the chat in the page's language, an answer; the host sees none."""
    async with host_page(browser) as host:
        await host.opened()
        await host.frame.locator("#input").fill("¿me atienden?")
        await host.frame.locator("#input").press("Enter")
        await expect(host.frame.locator(".bot").last).to_contain_text("emergencia")
        heard = [i.event for i in host.chat.bot.heard]
        assert heard == [Commanded("start", "health/pregnancy"), Said("¿me atienden?")]
        assert host.chat.bot.heard[0].language_hint == "fr"
        # What the frame keeps is bound to this pair of sites, and the host cannot read it.
        assert await host.page.evaluate("document.cookie") == ""
        kept = await host.context.cookies()
        assert {(c["name"], c["path"], "partitionKey" in c) for c in kept} == {
            ("orienta-frame", "/embed", True)
        }
        with pytest.raises(Error, match="sessionStorage"):
            await host.page.frames[1].evaluate("sessionStorage.length")
        assert await host.page.evaluate("Object.keys(localStorage).length") == 0
        assert await host.page.evaluate("Object.keys(sessionStorage).length") == 0


async def test_the_conversation_is_there_again_after_a_walk_through_the_site(
    tmp_path: Path,
) -> None:
    """A reload of the host's page goes on with the session; another tab begins its own."""
    async with chromium_with_profile(tmp_path) as context, host_site() as (chat, address):
        host = Host(chat, context, await context.new_page())
        await host.page.goto(address)
        await host.opened()
        await host.page.reload()
        await host.launcher.click()
        await expect(host.frame.locator(".bot")).to_have_count(2)  # it asks for its article again
        assert len({i.person for i in chat.bot.heard}) == 1
        second = Host(chat, context, await context.new_page())
        await second.page.goto(address)
        await second.opened()
        assert len({i.person for i in chat.bot.heard}) == 2
        assert await context.cookies() == []


async def test_a_browser_that_stores_nothing_for_frames_goes_on_too(browser: Browser) -> None:
    """There a cookie of this frame on this site carries the session over; leaving erases it."""
    async with host_page(browser) as host:
        await host.opened()
        await host.page.reload()
        await host.launcher.click()
        await expect(host.frame.locator(".bot")).to_have_count(2)
        assert len({i.person for i in host.chat.bot.heard}) == 1
        await host.frame.locator("#leave").click()
        await host.page.wait_for_url("about:blank")
        assert await host.context.cookies() == []


@pytest.mark.parametrize("width", [360, 1280])
async def test_the_keyboard_opens_and_closes_it(browser: Browser, width: int) -> None:
    """Enter opens and moves into the frame, Escape closes and comes back to the button."""
    async with host_page(browser, viewport={"width": width, "height": 700}) as host:
        await host.page.locator("#before").focus()
        await host.page.keyboard.press("Tab")
        await expect(host.launcher).to_be_focused()
        await host.page.keyboard.press("Enter")
        await expect(host.frame.locator(".bot")).to_have_count(1)
        for _ in range(12):
            await host.page.keyboard.press("Tab")
            if await host.frame.locator("#input").evaluate("e => e === document.activeElement"):
                break
        await host.page.keyboard.type("hola")
        await host.page.keyboard.press("Enter")
        await expect(host.frame.locator(".hers")).to_have_count(1)
        await host.page.keyboard.press("Escape")
        await expect(host.page.locator("iframe")).to_be_hidden()
        await expect(host.launcher).to_be_focused()
        await expect(host.launcher).to_have_attribute("aria-expanded", "false")
        await host.page.keyboard.press("Enter")
        await expect(host.frame.locator(".hers")).to_have_count(1)
        box = await host.frame.locator("#close").bounding_box()
        assert box is not None
        assert round(min(box["width"], box["height"]), 2) >= 44
        await host.frame.locator("#close").click()
        await expect(host.page.locator("iframe")).to_be_hidden()


async def test_leaving_quickly_takes_the_whole_page_away(browser: Browser) -> None:
    """Not only the frame: the host's page goes too, and the session is ended."""
    async with host_page(browser) as host:
        await host.opened()
        await host.frame.locator("#leave").click()
        await host.page.wait_for_url("about:blank")
        await expect(host.page.locator("h1")).to_have_count(0)
        async with asyncio.timeout(SOON / 1000):
            await host.chat.bot.left.wait()
        assert host.chat.bot.heard[-1].event == Chose("forget:yes")


async def test_a_cut_line_in_a_frame_is_taken_up_again(browser: Browser) -> None:
    """The frame's own reader of events names the last one that it saw; nothing comes twice."""
    chat = ServedWebChat(WebChatSettings(leave_to="about:blank", embed_origins=("*",)))
    address = await chat.start()
    try:
        async with cutting_proxy(int(address.rpartition(":")[2])) as proxy:
            context = await browser.new_context(locale="es-PE")
            page = await context.new_page()
            await page.goto(f"http://127.0.0.1:{proxy.port}/embed")
            await expect(page.locator(".bot")).to_have_count(1, timeout=SOON)
            person = chat.bot.heard[0].person
            proxy.cut()
            await chat.bot.tell(chat.channel, person, "Mientras tanto")
            proxy.mend()
            await expect(page.locator(".bot")).to_have_count(2, timeout=SOON)
            await expect(page.locator(".bot").last).to_contain_text("Mientras tanto")
            streams = [h for h in proxy.heads if h.startswith("GET /webchat/stream")]
            assert "last-event-id:" not in streams[0].lower()
            assert "last-event-id:" in streams[-1].lower()
            await context.close()
    finally:
        await chat.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_stands_in_anybodys_way(browser: Browser, width: int, scheme: Any) -> None:
    """axe-core finds nothing in the host's page with the chat open, nor in the frame."""
    size = {"width": width, "height": 700}
    async with host_page(browser, viewport=size, color_scheme=scheme, bypass_csp=True) as host:
        assert await violations(host.page) == []
        await host.opened()
        assert await violations(host.page) == []
        assert await violations(host.page.frames[1]) == []
