"""A served site for tests: the real pages and web chat, a small catalogue, the scripted bot."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

from aiohttp import web

from bot.pages.render import PER_ADDRESS, NameOfBot, Pages, PagesSettings, no_bot
from bot.webchat.http import WebChatSettings
from bot.webchat.limits import Rate
from content.catalogue import SECTIONS, Catalogue
from tests.fakes.catalogue import article, catalogue
from tests.fakes.webchat_bot import ServedWebChat

TODAY = date(2026, 11, 23)
SETTINGS = WebChatSettings(leave_to="about:blank", embed_origins=("http://localhost:*",))


async def a_bot() -> str:
    """Return the name of a Telegram bot."""
    return "OrientaTestBot"


def site_catalogue() -> Catalogue:
    """Return articles in every state that a page can show."""
    whole = article("health/pregnancy", SECTIONS, related=("health/sis",))
    return catalogue(
        whole,
        article("health/sis", review_due=TODAY),
        article("complaints/violence", emergency="partner-family-violence"),
        article("regularization/cpp", valid_until=date(2026, 11, 22)),
    )


class Site:
    """The site at an address; `catalogue` can be exchanged as staff do by publishing."""

    def __init__(self, settings: PagesSettings, telegram: NameOfBot) -> None:
        self.catalogue = site_catalogue()
        self.today = TODAY
        self.pages = Pages(lambda: self.catalogue, lambda: self.today, settings, telegram)
        self.chat = ServedWebChat(replace(SETTINGS, leave_to=settings.leave_to), self._add)
        self.address = ""

    def _add(self, app: web.Application) -> None:
        self.pages.add_to(app)


@asynccontextmanager
async def served_site(
    public_url: str = "", telegram: NameOfBot = no_bot, per_address: Rate = PER_ADDRESS
) -> AsyncIterator[Site]:
    """Give a served site."""
    site = Site(PagesSettings(public_url, "about:blank", 0, per_address), telegram)
    site.address = await site.chat.start()
    try:
        yield site
    finally:
        await site.chat.stop()
