"""The panel in English, on every page, filled as an office fills it: no Spanish is left."""

import re
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from content.panel.documents.kinds import KINDS
from content.panel.permissions import may
from content.panel.routes import ROUTES
from content.panel.routing import Route
from content.staff import Role
from locales import translate_panel
from tests.fakes.panel import Browser
from tests.fakes.panel_office import DRAFT, IN_REVIEW, SWITCHED_OFF, Office, running_office

ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FILES = (
    "/audit.csv",
    "/calendar.ics",
    "/transfer/export",
    "/documents/offices/offices/offices.csv",
)
UNSEEN = "sign-in|welcome|token|older"  # they need something that no office keeps lying about
ARTICLES = (DRAFT, IN_REVIEW, SWITCHED_OFF)
PARTS = {
    "{language}": ("en", "qu"), "{index}": ("0",), "{token}": ("gone",),
    "{id:[0-9]{1,9}}": ("1", "2", "4"), "{id}": ("1", "2"), "{older}": ("0",), "{newer}": ("0",),
}  # fmt: skip


class Misses(NullTranslations):
    """What stands behind the English texts: it keeps what is asked for and missing."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def gettext(self, message: str) -> str:
        """Keep a text, and return it as it is."""
        self.found.add(message)
        return message


@pytest.fixture
def misses() -> Iterator[Misses]:
    """The English texts of the panel that are asked for in vain."""
    english = translate_panel._catalogue("en")
    kept = Misses()
    before = english._fallback  # type: ignore[attr-defined]
    english.add_fallback(kept)
    yield kept
    english._fallback = before  # type: ignore[attr-defined]


def addresses(route: Route, office: Office) -> list[str]:
    """Return the pages of a route, with what the office has in place of its parts."""
    documents = [(kind, kind) for kind in KINDS if KINDS[kind].single]
    documents += [
        ("card", "medical"), ("path", "which-procedure"), ("topic", "health"), ("intent", "greet"),
        ("whatsapp", "reminder"), ("phrases", "due"), ("rules", "es"),
    ]  # fmt: skip
    found = [route.path]
    if "{topic}/{slug}" in route.path:
        found = [path.replace("{topic}/{slug}", one) for path in found for one in ARTICLES]
    if "{kind}/{document}" in route.path:
        pairs = [f"{kind}/{one}" for kind, one in documents]
        found = [path.replace("{kind}/{document}", one) for path in found for one in pairs]
    found = [path.replace("{kind}", kind) for path in found for kind in KINDS]
    found = [path.replace("{document}", one) for path in found
             for one in (("which-procedure",) if "/path/" in path else ("es", "qu"))]  # fmt: skip
    for part, values in PARTS.items():
        found = [path.replace(part, value) for path in found for value in values]
    return list(dict.fromkeys(f"/panel{path}" for path in found))


async def crawl(office: Office, browser: Browser, role: Role) -> set[str]:
    """Open every page that a role may open; return those that opened."""
    opened = set()
    for route in ROUTES:
        if route.method == "GET" and route.path not in FILES and may(role, route.permission):
            for path in addresses(route, office):
                response = await browser.get(path)
                assert response.status < 500, path
                if response.status == 200:
                    opened.add(route.path)
    return opened


def contents(office: Office) -> set[str]:
    """Return the Spanish names of contents: an English page shows them as they are."""
    known = office.catalogue
    return {
        *(card.titles["es"] for card in known.cards.values()),
        *(path.titles["es"] for path in known.paths.values()),
        *(topic.names["es"] for topic in known.topics.values()),
        *(one.msgid for one in office.panel.panel.assistant.workshop.phrases()),
    }


@ONCE
async def test_no_page_falls_back_to_spanish(
    engine: AsyncEngine, tmp_path: Path, misses: Misses
) -> None:
    """Add what is missing to locales/en/LC_MESSAGES/panel.po, in its place by the alphabet."""
    opened: set[str] = set()
    async with running_office(engine, tmp_path) as office:
        for role in (Role.AUTHOR, Role.PUBLISHER, Role.DESK, Role.ADMINISTRATOR):
            async with office.somebody(role, "en") as browser:
                opened |= await crawl(office, browser, role)
    pages = {route.path for route in ROUTES if route.method == "GET"} - set(FILES)
    unseen = {path for path in pages - opened if not re.search(UNSEEN, path)}
    assert unseen == set(), "These pages were not looked at."
    assert misses.found - contents(office) == set()
