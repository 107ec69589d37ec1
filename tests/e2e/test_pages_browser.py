"""The pages in a real browser: without script, by everybody, and on paper."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.messages import Chose, Commanded
from content.catalogue import LANGUAGES
from tests.fakes.axe import violations
from tests.fakes.catalogue import article, catalogue
from tests.fakes.chromium import running_chromium
from tests.fakes.pages import Site, a_bot, served_site

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SOON = 10_000  # milliseconds
TARGET = 44  # CSS pixels that a finger needs
PAGES = ("/es/", "/es/health/", "/qu/health/pregnancy", "/es/health/sis", "/fr/complaints/violence",
         "/es/regularization/cpp", "/poster/es/health/pregnancy", "/es/nothing")  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of this file."""
    async with running_chromium() as browser:
        yield browser


@asynccontextmanager
async def reading(browser: Browser, **context: Any) -> AsyncIterator[tuple[Site, Page]]:
    """Serve the site and open a window; fail if a page complained: a script, the policy."""
    complaints: list[str] = []
    given = {"locale": "es-PE", "viewport": {"width": 360, "height": 640}, **context}
    async with served_site(telegram=a_bot) as site:
        opened = await browser.new_context(**given)
        opened.set_default_timeout(SOON)
        page = await opened.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda m: complaints.append(m.text) if "policy" in m.text else None)
        try:
            yield site, page
            assert not complaints
        finally:
            await opened.close()


async def test_without_a_script_the_chat_leads_to_every_answer(browser: Browser) -> None:
    """From the chat's page to the topics, a topic, an answer, and the answer in French."""
    async with reading(browser, java_script_enabled=False) as (site, page):
        await page.goto(site.address)
        await expect(page.locator(".noscript .topics")).to_have_count(6)
        await page.locator(".noscript .topics[href='/es/']").click()
        await page.locator(".tiles a", has_text="health es").click()
        await page.locator(".answers a", has_text="pregnancy title es").click()
        await expect(page.locator("h1")).to_have_text("pregnancy title es")
        await page.locator(".languages a", has_text="Français").click()
        await expect(page.locator("#answer p").first).to_have_text("pregnancy answer fr.")
        assert page.url == f"{site.address}/fr/health/pregnancy"


async def test_an_answer_leads_to_the_chat_with_it_open(browser: Browser) -> None:
    """The chat opens in the page's language and asks for the answer once, not at each reload."""
    async with reading(browser, locale="en-US") as (site, page):
        await page.goto(f"{site.address}/fr/health/pregnancy")
        await page.locator(".ask").click()
        await expect(page.locator(".bot")).to_have_count(1)
        await expect(page.locator("html")).to_have_attribute("lang", "fr")
        first = site.chat.bot.heard[0]
        assert first.event == Commanded("start", "health/pregnancy")
        assert first.language_hint == "fr"
        assert page.url == f"{site.address}/"
        await page.reload()
        await expect(page.locator(".bot")).to_have_count(1)
        await page.goto(f"{site.address}/?lang=fr&open=health")
        await expect(page.locator(".bot")).to_have_count(2)
        events = [i.event for i in site.chat.bot.heard]
        assert events == [Commanded("start", "health/pregnancy"), Commanded("start", "health")]


async def test_leaving_quickly_from_a_page_ends_the_chat_too(browser: Browser) -> None:
    """Another page takes its place, and the conversation in this browser is gone."""
    async with reading(browser) as (site, page):
        await page.goto(site.address)
        await expect(page.locator(".bot")).to_have_count(1)
        await page.goto(f"{site.address}/es/complaints/violence")
        length = await page.evaluate("history.length")
        await page.locator("#leave").click()
        await page.wait_for_url("about:blank")
        assert await page.evaluate("history.length") == length
        await page.goto(site.address)
        await expect(page.locator(".message")).to_have_count(1)
        events = [i.event for i in site.chat.bot.heard]
        assert events[0] == events[-1] == Commanded("start")
        assert Chose("forget:yes") in events


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_stands_in_anybodys_way(browser: Browser, width: int, scheme: Any) -> None:
    """axe-core finds nothing on any kind of page; all that is pressed is 44 px high."""
    size = {"width": width, "height": 640}
    async with reading(browser, viewport=size, color_scheme=scheme, bypass_csp=True) as shown:
        site, page = shown
        await page.set_extra_http_headers({"Accept": "text/html"})
        for path in PAGES:
            await page.goto(site.address + path)
            assert (path, await violations(page)) == (path, [])
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert (path, await page.evaluate(wide)) == (path, 0)
            for pressed in await page.locator(
                ".top a, .languages a, .danger a, .inside a, .answers a, .tiles a, .ways > *"
            ).all():
                box = await pressed.bounding_box()
                assert box is None or box["height"] >= TARGET, await pressed.text_content()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_poster_is_one_sheet(browser: Browser, language: str) -> None:
    """Also with the longest title and two codes it fills one page of A4 and runs over nothing."""
    long = article("health/pregnancy")
    title = "Estar en el Perú sin control migratorio: qué puede hacer y a quién acudir"
    texts = {code: type(t)(title=title, label="x", sections=t.sections, pending_review=True)
             for code, t in long.texts.items()}  # fmt: skip
    async with reading(browser) as (site, page):
        site.catalogue = catalogue(article("health/pregnancy", texts=texts))
        await page.goto(f"{site.address}/poster/{language}/health/pregnancy")
        printed = await page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
        await page.emulate_media(media="print")
        await page.set_viewport_size({"width": 703, "height": 1031})  # A4 less its margins
        assert await page.locator(".sheet").evaluate("e => e.scrollHeight <= e.clientHeight + 1")
        await expect(page.locator(".codes svg")).to_have_count(2)
        await expect(page.locator(".leave")).to_be_hidden()


async def test_a_printed_answer_names_its_address(browser: Browser) -> None:
    """On paper the answer, its sources and where it was found; nothing that can only be pressed."""
    async with reading(browser) as (site, page):
        await page.goto(f"{site.address}/es/health/pregnancy")
        await expect(page.locator(".address")).to_be_hidden()
        await page.emulate_media(media="print")
        await expect(page.locator(".address")).to_contain_text(
            f"{site.address}/es/health/pregnancy"
        )
        await expect(page.locator(".sources li")).to_be_visible()
        await expect(page.locator(".danger")).to_be_visible()
        for gone in (".leave", ".languages", ".ways", ".inside"):
            await expect(page.locator(gone)).to_be_hidden()
