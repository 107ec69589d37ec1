"""The evaluation's page in a real browser, on a small phone and a desk, by day and night."""

from pathlib import Path

import pytest

from tests.fakes.chromium import running_chromium
from tests.unit.test_report_page import measured, whole

pytestmark = pytest.mark.browser

WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
INK = "getComputedStyle(document.body).color"


async def test_the_page_fits_and_follows_the_scheme(tmp_path: Path) -> None:
    """Nothing reaches over the edge at 360 pixels; light and dark differ; nothing is complained."""
    file = tmp_path / "page.html"
    file.write_text(whole(measured()), encoding="utf-8")
    complaints: list[str] = []
    requests: list[str] = []
    inks = set()
    async with running_chromium() as browser:
        for width in (360, 1280):
            for scheme in ("light", "dark"):
                opened = await browser.new_context(
                    viewport={"width": width, "height": 800},
                    color_scheme=scheme,  # type: ignore[arg-type]
                )
                page = await opened.new_page()
                page.on("console", lambda message: complaints.append(message.text))
                page.on("request", lambda request: requests.append(request.url))
                await page.goto(file.as_uri())
                assert await page.evaluate(WIDE) <= 0
                inks.add(await page.evaluate(INK))
                await opened.close()
    assert complaints == []
    assert set(requests) == {file.as_uri()}
    assert len(inks) == 2
