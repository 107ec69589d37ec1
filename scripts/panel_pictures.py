"""Take the pictures of docs/staff.md anew, or of every page of the panel.

    .venv/bin/python scripts/panel_pictures.py
    .venv/bin/python scripts/panel_pictures.py --all /tmp/pictures [--language en]

It serves the panel on the content of this folder with invented people, drafts and cases, in a
temporary database, and looks at it with the system's Chromium. Nothing of a real office is read.
"""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page
from sqlalchemy.ext.asyncio import AsyncEngine

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bot.core import TABLES  # noqa: E402 - the folder above is not on the path before
from bot.database import open_engine  # noqa: E402
from content.migrate import upgrade  # noqa: E402
from content.panel.documents.kinds import KINDS  # noqa: E402
from content.staff import Role  # noqa: E402
from tests.fakes import panel_office as office_fakes  # noqa: E402
from tests.fakes.chromium import running_chromium  # noqa: E402
from tests.fakes.panel_office import Office, running_office  # noqa: E402
from tests.fakes.panel_people import link_for  # noqa: E402

IMAGES = ROOT / "docs" / "images"
NARROW, WIDE = 360, 1280
LARGEST = 150 * 1024  # bytes of a picture
SHOWN = {"card": "medical", "path": "which-procedure", "topic": "health", "rules": "es"}
DRAFT, IN_REVIEW = office_fakes.DRAFT, office_fakes.IN_REVIEW


@dataclass(frozen=True, slots=True)
class Picture:
    """One page as a role sees it. `top` is the height of what is shown, in CSS pixels; 0: all.

    The page answers with `status`.
    """

    path: str
    role: Role
    top: int = 0
    status: int = 200


MANUAL: Mapping[str, Picture] = {
    "panel-home": Picture("/panel/", Role.AUTHOR, 720),
    "panel-edit": Picture(f"/panel/articles/{DRAFT}/edit", Role.AUTHOR, 800),
    "panel-sources": Picture(f"/panel/articles/{DRAFT}/sources", Role.AUTHOR, 760),
    "panel-review": Picture(f"/panel/articles/{IN_REVIEW}/review", Role.REVIEWER, 800),
    "panel-release": Picture("ready", Role.PUBLISHER, 760),
    "panel-translation": Picture(f"/panel/translations/en/{IN_REVIEW}", Role.TRANSLATOR, 760),
    "panel-questions": Picture("/panel/questions", Role.AUTHOR, 720),
    "panel-case": Picture("/panel/desk/1", Role.DESK, 760),
}


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every page, at both widths")
    parser.add_argument("--language", choices=("es", "en"), default="es")
    given = parser.parse_args()
    if given.all:
        given.all.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_take(Path(folder), given.all, given.language))


async def _take(folder: Path, all_to: Path | None, language: str) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{folder}/pictures.db")
    try:
        await upgrade(engine, TABLES)
        await _take_pages(engine, folder, all_to, language)
    finally:
        await engine.dispose()


async def _take_pages(
    engine: AsyncEngine, folder: Path, all_to: Path | None, language: str
) -> None:
    async with running_office(engine, folder) as office, running_chromium() as browser:
        if all_to is None:
            await _take_manual(office, browser)
            return
        for width in (NARROW, WIDE):
            await _take_doors(office, browser, all_to, width)
            for name, picture in _every_page(office).items():
                await _shoot(office, browser, picture, all_to / f"{name}-{width}.png", width,
                             language)  # fmt: skip


async def _take_manual(office: Office, browser: Browser) -> None:
    for name, picture in MANUAL.items():
        path = IMAGES / f"{name}.png"
        await _shoot(office, browser, picture, path, WIDE, "es")
        if (size := path.stat().st_size) > LARGEST:
            raise SystemExit(f"{path.name} has {size // 1024} KB, more than {LARGEST // 1024}.")


async def _shoot(
    office: Office, browser: Browser, picture: Picture, path: Path, width: int, language: str
) -> None:
    async with office.somebody(picture.role, language) as hers:
        context = await browser.new_context(
            viewport={"width": width, "height": 800}, locale="es-PE"
        )
        address = office.panel.address.rstrip("/")
        await context.add_cookies([{"name": hers.cookie, "value": hers.token, "url": address}])
        page = await context.new_page()
        opened = await page.goto(address + office.releases.get(picture.path, picture.path))
        if opened is None or opened.status != picture.status:
            raise SystemExit(f"{picture.path}: no page ({opened and opened.status}).")
        await _save(page, path, width, picture.top)
        await context.close()


async def _save(page: Page, path: Path, width: int, top: int = 0) -> None:
    wide = await page.evaluate("document.documentElement.scrollWidth")
    if wide > width:
        sys.stderr.write(f"{path.name}: {wide} pixels wide instead of {width}\n")
    height = min(top or await page.evaluate("document.documentElement.scrollHeight"), 6000)
    await page.set_viewport_size({"width": width, "height": height})
    await page.screenshot(path=path)


async def _take_doors(office: Office, browser: Browser, folder: Path, width: int) -> None:
    """Take what somebody sees before she is in."""
    address = office.panel.address.rstrip("/")
    context = await browser.new_context(viewport={"width": width, "height": 800})
    page = await context.new_page()
    await page.goto(f"{address}/panel/sign-in")
    await _save(page, folder / f"door-sign-in-{width}.png", width)
    await page.goto(f"{address}/panel/welcome/gone")
    await _save(page, folder / f"door-gone-{width}.png", width)
    await page.goto(address + await link_for(office.panel, office_fakes.PEOPLE[Role.AUTHOR][0]))
    await _save(page, folder / f"door-welcome-{width}.png", width)
    await page.fill("#password", "cuatro palabras sin relacion")
    await page.fill("#password-again", "cuatro palabras sin relacion")
    await page.locator("main button").first.click()
    await page.wait_for_selector("#code")
    await _save(page, folder / f"door-second-factor-{width}.png", width)
    await context.close()


def _every_page(office: Office) -> Mapping[str, Picture]:
    """Return each kind of page, as the role sees it that works with it."""
    author, reviewer, publisher = Role.AUTHOR, Role.REVIEWER, Role.PUBLISHER
    pages = {f"home-{role}": Picture("/panel/", role) for role in Role}
    for name, role, path in (
        ("help", author, "/help"), ("account", author, "/account"),
        ("staff", Role.ADMINISTRATOR, "/staff"), ("audit", Role.ANALYST, "/audit"),
        ("calendar", author, "/calendar"), ("transfer", publisher, "/transfer"),
        ("desk", Role.DESK, "/desk"), ("desk-closed", Role.DESK, "/desk?show=closed"),
        ("case", Role.DESK, "/desk/1"), ("case-open", Role.DESK, "/desk/2"),
        ("questions", author, "/questions"), ("confusions", author, "/questions/confusions"),
        ("helped", author, "/questions/answers"), ("try", author, "/try"),
        ("articles", author, "/articles"), ("articles-search", author, "/articles?q=sin+papeles"),
        ("articles-none", author, "/articles?q=zzzz"), ("article-new", author, "/articles/new"),
        ("translations", Role.TRANSLATOR, "/translations"),
        ("translations-qu", Role.TRANSLATOR, "/translations/qu"),
        ("translation", Role.TRANSLATOR, f"/translations/en/{IN_REVIEW}"),
        ("translation-review", reviewer, f"/translations/qu/{IN_REVIEW}"),
        ("releases", publisher, "/releases"), ("release-new", publisher, "/releases/new"),
        ("documents", author, "/documents"),
        *((f"documents-{kind}", author, f"/documents/{kind}") for kind in KINDS),
        *((f"document-{kind}-{act or 'shown'}", author, f"/documents/{kind}/{one}/{act}")
          for kind, one in SHOWN.items() for act in ("", "edit")),
        ("office", author, "/documents/offices/offices/row/0"),
        ("offices-import", author, "/documents/offices/offices/import"),
        ("path-walk", author, "/documents/path/which-procedure/walk"),
    ):  # fmt: skip
        pages[name] = Picture(f"/panel{path.rstrip('/')}", role)
    for name in ("", "edit", "sources", "examples", "review", "history", "archive"):
        pages[f"article-{name or 'overview'}"] = Picture(
            f"/panel/articles/{DRAFT}/{name}".rstrip("/"), author
        )
    pages["article-in-review"] = Picture(f"/panel/articles/{IN_REVIEW}/review", reviewer)
    pages["switch-off"] = Picture(f"/panel/articles/{DRAFT}/switch-off", reviewer)
    off = office_fakes.SWITCHED_OFF
    pages["switched-off"] = Picture(f"/panel/articles/{off}", reviewer)
    pages["not-found"] = Picture("/panel/articles/health/nothing", author, status=404)
    pages["forbidden"] = Picture("/panel/staff", author, status=403)
    for name in office.releases:
        pages[f"release-{name}"] = Picture(name, publisher)
    return pages


if __name__ == "__main__":
    main()
