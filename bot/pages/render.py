"""The pages that need no script: topics, answers, posters, and what search engines ask for."""

import math
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.pages import article as pages_article
from bot.pages.poster import codes
from bot.pages.site import Head, Place, Site, says
from bot.replies import is_withheld
from bot.webchat.limits import Buckets, Rate
from bot.webchat.page import Asset, asset
from bot.webchat.texts import PAGE
from bot.webchat.wire import client_address, file_response, language_of, security_headers
from content.catalogue import LANGUAGES, Catalogue

CACHED = "public, max-age=300"  # an answer that was withdrawn is gone everywhere after 5 minutes
# Behind one address may sit a whole town; a search engine or a thief of pages waits.
PER_ADDRESS = Rate(burst=200, per_minute=400)
MOST_KEPT = 256  # pages kept rendered; with their compressed form about 10 MB

_LANGUAGE = f"{{language:{'|'.join(LANGUAGES)}}}"
_TOPIC = "{topic:[a-z0-9-]{1,40}}"
_SLUG = "{slug:[a-z0-9-]{1,60}}"

NameOfBot: TypeAlias = Callable[[], Awaitable[str]]
"""Returns the name of the Telegram bot, or '' where there is none."""


async def no_bot() -> str:
    """Say that there is no Telegram bot."""
    return ""


@dataclass(frozen=True, slots=True)
class PagesSettings:
    """`public_url` is the site's origin, or '' for the host that a request names."""

    public_url: str = ""
    leave_to: str = "https://www.google.com/search?q=clima"
    trusted_proxies: int = 0
    per_address: Rate = PER_ADDRESS


class Pages:
    """Serves what is published now, as of `today` in Peru."""

    def __init__(
        self,
        catalogue: Callable[[], Catalogue],
        today: Callable[[], date],
        settings: PagesSettings,
        telegram: NameOfBot = no_bot,
    ) -> None:
        self._catalogue = catalogue
        self._today = today
        self._settings = settings
        self._telegram = telegram
        self._site = Site(settings.leave_to)
        self._security = security_headers(secure=settings.public_url.startswith("https://"))
        self._buckets = Buckets(settings.per_address)
        self._kept: OrderedDict[tuple[object, ...], Asset] = OrderedDict()

    def add_to(self, app: web.Application) -> None:
        """Register the routes, and the page for addresses that lead nowhere."""
        app.middlewares.append(self._found)
        for start, topics, topic, article in (
            ("", self._topics, self._topic, self._article),
            ("/poster", self._poster, self._poster, self._poster),
        ):
            # Each page has one address; what people type without or with a slash leads there.
            app.router.add_get(f"{start}/{_LANGUAGE}/", topics)
            app.router.add_get(f"{start}/{_LANGUAGE}/{_TOPIC}/", topic)
            app.router.add_get(f"{start}/{_LANGUAGE}/{_TOPIC}/{_SLUG}", article)
            app.router.add_get(f"{start}/{_LANGUAGE}", _with_slash)
            app.router.add_get(f"{start}/{_LANGUAGE}/{_TOPIC}", _with_slash)
            app.router.add_get(f"{start}/{_LANGUAGE}/{_TOPIC}/{_SLUG}/", _without_slash)
        app.router.add_get("/robots.txt", self._robots)
        app.router.add_get("/sitemap.xml", self._sitemap)

    @web.middleware
    async def _found(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPNotFound:
            if request.method not in ("GET", "HEAD") or "text/html" not in request.headers.get(
                "Accept", ""
            ):
                raise
            return self._missing(request)

    # --- the pages -----------------------------------------------------------------------------

    async def _topics(self, request: web.Request) -> web.Response:
        return self._answer(request, "topics", self._place(request), self._made_topics)

    async def _topic(self, request: web.Request) -> web.Response:
        return self._answer(request, "topic", self._place(request), self._made_topic)

    async def _article(self, request: web.Request) -> web.Response:
        return self._answer(request, "article", self._place(request), self._made_article)

    async def _poster(self, request: web.Request) -> web.Response:
        place, name = self._place(request), await self._telegram()
        return self._answer(
            request, f"poster {name}", place, lambda at: self._made_poster(at, name)
        )

    def _place(self, request: web.Request) -> Place:
        """Return the page that is asked for; raise `HTTPNotFound` if there is none."""
        catalogue = self._catalogue()
        given = request.match_info
        of = "/".join(given[name] for name in ("topic", "slug") if name in given)
        if of and of not in catalogue.topics and of not in catalogue.articles:
            raise web.HTTPNotFound
        return Place(self._base(request), given["language"], of)

    def _base(self, request: web.Request) -> str:
        return self._settings.public_url or f"{request.scheme}://{request.host}"

    def _answer(
        self, request: web.Request, kind: str, place: Place, make: Callable[[Place], Asset]
    ) -> web.Response:
        address = client_address(request, self._settings.trusted_proxies)
        if wait := self._buckets.take(address):
            return self._secured(_too_often(wait))
        key = (kind, place, self._catalogue().version, self._today())
        made = self._kept.pop(key, None) or make(place)
        self._kept[key] = made
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return self._secured(file_response(request, made, CACHED))

    def _secured(self, response: web.Response) -> web.Response:
        response.headers.update(self._security)
        return response

    def _made_topics(self, place: Place) -> Asset:
        head = Head("", says(PAGE["subtitle"], place.language))
        return self._site.render(
            "topics.html", place, head, topics=self._catalogue().topics.values()
        )

    def _made_topic(self, place: Place) -> Asset:
        catalogue = self._catalogue()
        topic = catalogue.topics[place.of]
        head = Head(topic.names[place.language], topic.descriptions[place.language])
        return self._site.render(
            "topic.html", place, head, topic=topic, articles=catalogue.of_topic(topic.id)
        )

    def _made_article(self, place: Place) -> Asset:
        catalogue = self._catalogue()
        article = catalogue.articles[place.of]
        shown = pages_article.shown(article, place.language, catalogue, self._today())
        return self._site.render(
            "article.html",
            place,
            pages_article.head_of(shown, place),
            shown=shown,
            topic=catalogue.topics[article.topic],
        )

    def _made_poster(self, place: Place, telegram: str) -> Asset:
        catalogue, language = self._catalogue(), place.language
        if article := catalogue.articles.get(place.of):
            title, below = article.texts[language].title, ""
            pending = article.texts[language].pending_review
        elif topic := catalogue.topics.get(place.of):
            title, below, pending = topic.names[language], topic.descriptions[language], False
        else:
            title, below, pending = says(PAGE["subtitle"], language), "", False
        return self._site.render(
            "poster.html",
            place,
            Head(title, indexed=False),
            below=below,
            pending=pending,
            codes=codes(place, telegram),
        )

    # --- what leads to them, and what does not -------------------------------------------------

    def _missing(self, request: web.Request) -> web.Response:
        """Say so in the language of the address, or that of the browser."""
        first = request.path.split("/")[1]
        language = first if first in LANGUAGES else language_of(request)
        place = Place(self._base(request), language)
        topics = self._catalogue().topics.values()
        made = self._site.render("missing.html", place, Head("404", indexed=False), topics=topics)
        response = web.Response(
            status=404, body=made.body, content_type="text/html", charset="utf-8"
        )
        response.headers["Cache-Control"] = "no-store"
        return self._secured(response)

    async def _robots(self, request: web.Request) -> web.Response:
        closed = "".join(
            f"Disallow: {path}\n" for path in ("/webchat/", "/hooks/", "/embed", "/panel/")
        )
        text = f"User-agent: *\n{closed}Sitemap: {self._base(request)}/sitemap.xml\n"
        return self._secured(file_response(request, asset("text/plain", text), CACHED))

    async def _sitemap(self, request: web.Request) -> web.Response:
        place = Place(self._base(request), LANGUAGES[0])
        return self._answer(request, "sitemap", place, self._made_sitemap)

    def _made_sitemap(self, place: Place) -> Asset:
        """List every page worth finding: the versions of a page name each other in their heads."""
        catalogue, today = self._catalogue(), self._today()
        told = [a.id for a in catalogue.articles.values() if not is_withheld(a, today)]
        return self._site.plain(
            "sitemap.xml",
            "application/xml",
            [
                place.in_(language).at(of).url
                for of in ("", *catalogue.topics, *told)
                for language in LANGUAGES
            ],
        )


def _too_often(wait: float) -> web.Response:
    headers = {"Retry-After": str(math.ceil(wait)), "Cache-Control": "no-store"}
    return web.Response(status=429, text="429", headers=headers)


async def _with_slash(request: web.Request) -> web.Response:
    raise web.HTTPMovedPermanently(request.path + "/")


async def _without_slash(request: web.Request) -> web.Response:
    raise web.HTTPMovedPermanently(request.path.rstrip("/"))
