"""Contents besides articles in a real browser: for everybody, on a telephone, without a script."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from bot.database import open_engine
from bot.panel.workshop import RealWorkshop
from bot.tables import Base
from bot.whatsapp.templates import Templates
from content import FOLDER
from content.files import read_tree
from content.migrate import upgrade
from content.staff import Role
from tests.fakes.axe import violations
from tests.fakes.chromium import running_chromium
from tests.fakes.panel import running_panel

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

SOON = 10_000  # milliseconds
PAGES = ("/path/where-health/walk?way=0", "/places/places?q=juan")
"""How pages look once something is asked of them; test_panel_pages_browser.py opens all others."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all tests of this file."""
    async with running_chromium() as browser:
        yield browser


@asynccontextmanager
async def writing(
    browser: Browser, folder: Path, **context: Any
) -> AsyncIterator[tuple[Page, str]]:
    """Serve the panel with the program's own content; give a window of a signed-in author."""
    engine = open_engine(f"sqlite+aiosqlite:///{folder / 'orienta.db'}")
    await upgrade(engine, Base.metadata)
    complaints: list[str] = []
    workshop = RealWorkshop(Templates(folder))
    catalogue = read_tree(FOLDER).catalogue
    try:
        async with (
            running_panel(engine, catalogue, workshop=workshop) as panel,
            panel.signed_in(Role.AUTHOR) as author,
        ):
            opened = await browser.new_context(**context)
            opened.set_default_timeout(SOON)
            await opened.add_cookies(
                [{"name": author.cookie, "value": author.token, "url": panel.address}]
            )
            page = await opened.new_page()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda m: complaints.append(m.text) if "policy" in m.text else None)
            try:
                yield page, f"{panel.address.rstrip('/')}/panel/documents"
                assert not complaints
            finally:
                await opened.close()
    finally:
        await engine.dispose()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_stands_in_anybodys_way(
    browser: Browser, tmp_path: Path, width: int, scheme: Any
) -> None:
    """axe-core finds nothing on any page, with all that is folded open; nothing runs over."""
    size = {"width": width, "height": 640}
    async with writing(
        browser, tmp_path, viewport=size, color_scheme=scheme, bypass_csp=True
    ) as (page, address):  # fmt: skip
        for path in PAGES:
            await page.goto(address + path)
            wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert (path, await page.evaluate(wide)) == (path, 0)
            await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            assert (path, await violations(page)) == (path, [])


async def test_a_path_is_changed_without_a_script(browser: Browser, tmp_path: Path) -> None:
    """Add an option, lead it to an end, save, and walk there."""
    async with writing(browser, tmp_path, java_script_enabled=False) as (page, address):
        await page.goto(f"{address}/path/where-health/edit")
        await page.locator("button[value='add:questions.1.options']").click()
        added = page.locator("[id='questions.1.options']").locator("details.row").last
        await expect(added).to_have_attribute("open", "")
        await added.locator("input[name$='label.es']").fill("Otra cosa")
        await added.locator("select[name$='.to']").select_option("suicide")
        await page.locator(".actions.sticky button[value=save]").click()
        await expect(page.locator(".notice.good").first).to_have_text("Guardado como borrador.")
        await page.goto(f"{address}/path/where-health/walk?way=5")
        await page.get_by_role("link", name="Otra cosa").click()
        await expect(page.locator(".phone")).to_contain_text("113")


async def test_a_card_is_seen_while_it_is_typed(browser: Browser, tmp_path: Path) -> None:
    """The bubbles follow the keys."""
    async with writing(browser, tmp_path) as (page, address):
        await page.goto(f"{address}/card/suicide/edit")
        await page.locator("[id='card.es']").fill("Llame **ya** al 113.")
        bubble = page.locator("#preview .bubble").first
        await expect(bubble).to_contain_text("Llame ya al 113.")
        await expect(bubble.locator("strong, b")).to_have_text("ya")
