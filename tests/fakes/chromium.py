"""The system's Chromium for tests, without a download."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, async_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@asynccontextmanager
async def running_chromium() -> AsyncIterator[Browser]:
    """Give a browser; skip the test where there is none, but fail on CI.

    Its contexts are as private windows: frames of other sites get no cookies and no storage.
    """
    path = _path()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def chromium_with_profile(folder: Path) -> AsyncIterator[BrowserContext]:
    """Give a browser as people have it: with a profile, and storage for frames of other sites."""
    path = _path()
    preferences = folder / "Default" / "Preferences"
    preferences.parent.mkdir(parents=True)
    preferences.write_text('{"profile": {"cookie_controls_mode": 0}}')
    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(
            folder, executable_path=path, args=list(_ARGUMENTS), locale="en-US"
        )
        try:
            yield context
        finally:
            await context.close()


def _path() -> str:
    path = next((found for name in _NAMES if (found := shutil.which(name))), None)
    if path is None:
        missing = f"No Chromium on PATH (looked for {', '.join(_NAMES)}): install one."
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return path
