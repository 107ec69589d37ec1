"""Every page of the panel in a real browser: for everybody, narrow, wide, enlarged, by keyboard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect
from playwright.async_api import Page as Window

from bot.database import open_engine
from bot.panel.workshop import RealWorkshop
from bot.tables import Base
from bot.whatsapp.templates import Templates
from content import FOLDER
from content.files import read_tree
from content.migrate import upgrade
from tests.fakes.axe import violations
from tests.fakes.chromium import running_chromium
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_pages import Page, every_page

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SOON = 10_000  # milliseconds
TABS = 60  # a keyboard reaches the editor's main button before that
NARROW = {"width": 360, "height": 740}
WIDE = {"width": 1280, "height": 800}
ENLARGED = {"width": 640, "height": 400}
"""A window of 1280 by 800 in which everything is shown at 200 %."""

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNFOLD = "document.querySelectorAll('details').forEach(d => d.open = true)"
FOCUSED = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {
    name: at.outerHTML.slice(0, 120),
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0
      || style.boxShadow !== "none",
    inside: box.bottom > 0 && box.top < innerHeight && box.width > 0,
    main: at.matches("main form button[value=save], main form[data-guard] button"),
  };
}"""
ADDED_BY_SCRIPT = """async () => {
  const text = await (await fetch(location.href)).text();
  const plain = new DOMParser().parseFromString(text, "text/html");
  const parts = ["main form", "main form button:not([hidden])", "main :is(input,select,textarea)"];
  const count = (where, what) => where.querySelectorAll(what).length;
  return parts.filter(what => count(document, what) !== count(plain, what));
}"""
HEAVY = ("/documents/path/{document}", "/documents/glossary")
"""Pages of thousands of fields: what is folded stays folded."""


@dataclass(frozen=True, slots=True)
class Served:
    """The panel with its pages and the browser."""

    panel: Running
    pages: list[Page]
    browser: Browser

    @asynccontextmanager
    async def window(self, size: Any, **context: Any) -> AsyncIterator[Window]:
        """Give a window of a size."""
        opened = await self.browser.new_context(viewport=size, **context)
        opened.set_default_timeout(SOON)
        try:
            yield await opened.new_page()
        finally:
            await opened.close()

    async def open(self, window: Window, page: Page) -> bool:
        """Open a page as somebody who may; say whether it is a whole page and not a part of one."""
        answer = await self._asked(window, page)
        kind = answer.headers.get("content-type", "")
        assert answer.status == 200, (page.address, answer.status)
        whole = kind.startswith("text/html") and await window.locator("main").count() == 1
        assert not whole or await window.locator("h1").count() == 1, page.address
        return whole

    async def _asked(self, window: Window, page: Page) -> Any:
        await window.context.clear_cookies()
        if page.token:
            name = self.panel.panel.settings.cookie
            cookie: Any = {"name": name, "value": page.token, "url": self.panel.address}
            await window.context.add_cookies([cookie])
        answer = await window.goto(self.panel.address.rstrip("/") + page.address)
        assert answer is not None
        return answer

    def one(self, ending: str) -> Page:
        """Return the first page whose route ends so."""
        return next(page for page in self.pages if page.route.endswith(ending))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """One browser and one panel with the program's own content, for all tests of this file."""
    folder: Path = tmp_path_factory.mktemp("panel")
    engine = open_engine(f"sqlite+aiosqlite:///{folder / 'orienta.db'}")
    await upgrade(engine, Base.metadata)
    catalogue = read_tree(FOLDER).catalogue
    workshop = RealWorkshop(Templates(folder))
    try:
        async with (
            running_panel(engine, catalogue, workshop=workshop) as panel,
            every_page(panel, catalogue) as pages,
            running_chromium() as browser,
        ):
            files = (".csv", ".ics", "/export")
            shown = [page for page in pages if not page.route.endswith(files)]
            yield Served(panel, shown, browser)
    finally:
        await engine.dispose()


async def test_nothing_stands_in_anybodys_way(served: Served) -> None:
    """axe-core finds nothing with all folded open; nothing runs over, nor when it is enlarged.

    Every form is there without a script: the page that the server sends has all that the scripted
    one has.
    """
    wrong: dict[str, Any] = {}
    async with served.window(WIDE, bypass_csp=True, device_scale_factor=2) as window:
        window.on("pageerror", lambda error: wrong.setdefault(window.url, str(error)))
        for page in served.pages:
            if not await served.open(window, page):
                continue
            _note(wrong, page, await window.evaluate(ADDED_BY_SCRIPT))
            if not any(heavy in page.address or heavy in page.route for heavy in HEAVY):
                await window.evaluate(UNFOLD)
            _note(wrong, page, await violations(window))
            for size in (ENLARGED, WIDE):
                await window.set_viewport_size(size)
                _note(wrong, page, await window.evaluate(OVERFLOW))
    assert wrong == {}


async def test_nothing_stands_in_the_way_on_a_telephone_at_night(served: Served) -> None:
    """One page of each sort, dark and narrow; and its own policy forbids nothing that it needs."""
    wrong: dict[str, Any] = {}
    async with (
        served.window(NARROW, color_scheme="dark", bypass_csp=True) as window,
        served.window(NARROW) as strict,
    ):
        strict.on("console", lambda m: _refused(wrong, strict.url, m.text))
        for page in {page.route: page for page in served.pages}.values():
            if not await served.open(window, page):
                continue
            await served.open(strict, page)
            _note(wrong, page, await window.evaluate(OVERFLOW))
            _note(wrong, page, await violations(window))
    assert wrong == {}


def _note(wrong: dict[str, Any], page: Page, found: object) -> None:
    if found:
        wrong.setdefault(page.address, []).append(found)


def _refused(wrong: dict[str, Any], address: str, text: str) -> None:
    if "policy" in text.lower():
        wrong[address] = text


@pytest.mark.parametrize(
    "ending",
    ["/articles/{topic}/{slug}/edit", "/articles/new", "/articles/{topic}/{slug}/examples",
     "/translations/{language}/{topic}/{slug}", "/documents/{kind}/{document}/edit"],
)  # fmt: skip
async def test_a_keyboard_reaches_the_main_button(served: Served, ending: str) -> None:
    """From the top of each editor, by Tab alone; one always sees where one is."""
    async with served.window(WIDE) as window:
        await served.open(window, served.one(ending))
        for _ in range(TABS):
            await window.keyboard.press("Tab")
            at = await window.evaluate(FOCUSED)
            assert at["seen"], at
            assert at["inside"], at
            if at["main"]:
                return
    pytest.fail(f"{TABS} times Tab, and no main button yet")


async def test_the_first_tab_leads_past_the_menu(served: Served) -> None:
    """Whoever uses a keyboard need not go through it on each page."""
    async with served.window(WIDE) as window:
        await served.open(window, served.one("/articles/{topic}/{slug}/edit"))
        await window.keyboard.press("Tab")
        await window.keyboard.press("Enter")
        await expect(window.locator("#main")).to_be_focused()
