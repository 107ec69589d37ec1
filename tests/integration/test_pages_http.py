"""The pages that need no script, over HTTP: what they show, what they keep back, how they lie."""

import json
import re
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import segno
from aiohttp import ClientResponse, ClientSession

from bot.channel import Unreachable
from bot.replies import PENDING
from bot.telegram.bot_name import AGAIN, BotName
from bot.webchat.limits import Rate
from content.catalogue import LANGUAGES, SECTIONS, Status
from locales import translate
from tests.fakes.catalogue import article, catalogue
from tests.fakes.pages import Site, a_bot, served_site

BROWSER = {"Accept": "text/html", "Accept-Language": "fr"}
PUBLIC = "https://orienta.example"


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with served_site(PUBLIC) as site:
        yield site


async def get(site: Site, path: str, method: str = "GET", **headers: str) -> ClientResponse:
    async with (
        ClientSession(site.address) as http,
        http.request(method, path, headers={**BROWSER, **headers}, allow_redirects=False) as answer,
    ):
        await answer.read()
        return answer


async def html(site: Site, path: str) -> str:
    answer = await get(site, path)
    assert answer.status == 200, path
    return await answer.text()


async def linked(site: Site, path: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', await html(site, path))
    assert found
    data: dict[str, Any] = json.loads(found[1])
    return data


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_article_is_shown_whole(site: Site, language: str) -> None:
    """Every section, its source with its date, and the numbers to call, in the language."""
    page = await html(site, f"/{language}/health/pregnancy")
    assert f'<html lang="{language}">' in page
    assert f"pregnancy title {language}" in page
    assert [s for s in SECTIONS if f"pregnancy {s} {language}." not in page] == []
    assert "21/12/2025" in page
    assert '<a href="https://example.org/ley"' in page
    assert re.findall(r'href="tel:(\d+)"', page) == ["105", "106", "116", "100"]
    assert f'href="/?lang={language}&amp;open=health/pregnancy"' in page
    assert (translate(PENDING.text, language) in page) == (language in ("ht", "qu"))


async def test_topics_lead_to_articles(site: Site) -> None:
    """From the first page every topic, from a topic every article of it and who informs."""
    first = await html(site, "/pt/")
    assert [t for t in site.catalogue.topics if f'href="/pt/{t}/"' not in first] == []
    topic = await html(site, "/pt/health/")
    assert 'href="/pt/health/pregnancy"' in topic
    assert 'href="/pt/health/sis"' in topic
    assert 'href="/pt/complaints/violence"' not in topic
    assert "channel of health pt" in topic
    assert PENDING.text not in topic
    assert translate(PENDING.text, "ht") in await html(site, "/ht/health/")


async def test_what_may_not_leave_stays(site: Site) -> None:
    """Past its last day an article shows who informs, no word of its own, and asks for no index."""
    page = await html(site, "/es/regularization/cpp")
    assert "cpp answer es" not in page
    assert "Estamos revisando esta respuesta" in page
    assert "channel of regularization es" in page
    assert '<meta name="robots" content="noindex">' in page
    assert "ld+json" not in page
    unwritten = article("health/sis", status=Status.UNWRITTEN, ground=())
    site.catalogue = catalogue(unwritten)
    assert "Todavía no tenemos una respuesta aprobada" in await html(site, "/es/health/sis")


async def test_an_article_that_is_due_says_so(site: Site) -> None:
    """From the day of its review the text stands beside who confirms it."""
    page = await html(site, "/es/health/sis")
    assert "Esto puede haber cambiado. Antes de actuar, confirme aquí:" in page
    assert "channel of health es" in page
    assert "sis answer es." in page
    site.today = date(2026, 11, 22)
    assert "Esto puede haber cambiado" not in await html(site, "/es/health/sis")


async def test_danger_comes_before_the_answer(site: Site) -> None:
    """The emergency card of an article stands above its text, with a number to press."""
    page = await html(site, "/es/complaints/violence")
    assert page.index("Call <strong>") < page.index("<p>violence answer es.</p>")
    assert page.count('href="tel:100"') == 2


async def test_search_engines_get_answers_only_without_warnings(site: Site) -> None:
    """Questions and answers are offered where nobody would lose a warning by quoting them."""
    whole = await linked(site, "/en/health/pregnancy")
    assert whole["@type"] == "FAQPage"
    assert [q["acceptedAnswer"]["text"] for q in whole["mainEntity"]] == [
        f"pregnancy {s} en." for s in SECTIONS
    ]
    for path in ("/qu/health/pregnancy", "/es/health/sis"):
        page = await linked(site, path)
        assert page["@type"] == "WebPage"
        assert "mainEntity" not in page


async def test_every_version_names_all_others(site: Site) -> None:
    """Canonical address, alternates in six languages, and what messengers show."""
    page = await html(site, "/fr/health/pregnancy")
    assert f'<link rel="canonical" href="{PUBLIC}/fr/health/pregnancy">' in page
    found = re.findall(r'<link rel="alternate" hreflang="([\w-]+)" href="([^"]+)">', page)
    assert dict(found) == {
        **{code: f"{PUBLIC}/{code}/health/pregnancy" for code in LANGUAGES},
        "x-default": f"{PUBLIC}/es/health/pregnancy",
    }
    assert f'<meta property="og:url" content="{PUBLIC}/fr/health/pregnancy">' in page
    assert '<meta property="og:title" content="pregnancy title fr">' in page
    assert '<meta name="description" content="pregnancy answer fr.">' in page


async def test_nothing_of_a_text_becomes_markup(site: Site) -> None:
    """Whatever staff write stands as text: in the page, its head and its data."""
    evil = '</script><script>alert(1)</script> "x" & <b>'
    risky = article("health/pregnancy")
    texts = {
        code: type(text)(title=evil, label="x", sections={"answer": f"{evil} **{evil}**"})
        for code, text in risky.texts.items()
    }
    site.catalogue = catalogue(article("health/pregnancy", texts=texts))
    for path in ("/es/health/pregnancy", "/poster/es/health/pregnancy", "/es/health/"):
        page = await html(site, path)
        assert "<script>alert" not in page
        assert "<b>" not in page
    assert (await linked(site, "/es/health/pregnancy"))["name"] == evil


async def test_a_page_is_asked_for_again_cheaply(site: Site) -> None:
    """An unchanged page is answered 304, a changed one whole; HEAD names the same tag."""
    first = await get(site, "/es/health/pregnancy")
    tag = first.headers["ETag"]
    again = await get(site, "/es/health/pregnancy", **{"If-None-Match": tag})
    assert again.status == 304
    assert first.headers["Cache-Control"] == "public, max-age=300"
    head = await get(site, "/es/health/pregnancy", "HEAD")
    assert (head.status, head.headers["ETag"]) == (200, tag)
    site.catalogue = catalogue(article("health/pregnancy", ("answer", "cost")))
    object.__setattr__(site.catalogue, "version", "published since")
    changed = await get(site, "/es/health/pregnancy", **{"If-None-Match": tag})
    assert changed.status == 200
    assert changed.headers["ETag"] != tag


async def test_every_page_is_shut_tight(site: Site) -> None:
    """Pages run no script but ours, stand in no frame, and set no cookie; errors no less."""
    for path in ("/es/", "/es/health/pregnancy", "/poster/es/", "/es/none/", "/sitemap.xml"):
        answer = await get(site, path)
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/es", "/es/"),
        ("/es/health", "/es/health/"),
        ("/es/health/pregnancy/", "/es/health/pregnancy"),
        ("/poster/es/health", "/poster/es/health/"),
    ],
)
async def test_each_page_has_one_address(site: Site, given: str, kept: str) -> None:
    """A slash too many or too few leads to the one address for good."""
    answer = await get(site, given)
    assert (answer.status, answer.headers["Location"]) == (301, kept)


@pytest.mark.parametrize(
    ("path", "language"),
    [
        ("/es/health/nothing", "es"), ("/qu/nothing/", "qu"), ("/de/", "fr"), ("/x", "fr"),
        ("/poster/es/health/nothing", "fr"), ("/es/health/%3Cscript%3E", "es"),
    ],
)  # fmt: skip
async def test_a_missing_page_leads_on(site: Site, path: str, language: str) -> None:
    """It says so in the language of the address or the browser, and leads to the topics."""
    answer = await get(site, path)
    page = await answer.text()
    assert answer.status == 404
    assert answer.headers["Cache-Control"] == "no-store"
    assert f'<html lang="{language}">' in page
    assert f'href="/{language}/health/"' in page
    assert "script>" not in page.replace("</script>", "")


async def test_programs_get_plain_errors(site: Site) -> None:
    """Who asks for no page gets none."""
    assert "html" not in (await get(site, "/x", Accept="application/json")).content_type
    assert (await get(site, "/x", "POST")).status == 404


async def test_search_engines_find_what_is_worth_finding(site: Site) -> None:
    """The map lists each page once in each language, and no withheld answer."""
    robots = await (await get(site, "/robots.txt")).text()
    assert f"Sitemap: {PUBLIC}/sitemap.xml" in robots
    found = re.findall(r"<loc>(.*?)</loc>", await html(site, "/sitemap.xml"))
    assert len(found) == len(set(found))
    assert f"{PUBLIC}/ht/health/pregnancy" in found
    assert f"{PUBLIC}/ht/health/" in found
    assert f"{PUBLIC}/ht/" in found
    assert not [address for address in found if "cpp" in address]
    for address in found:
        await html(site, address.removeprefix(PUBLIC))


async def test_without_a_public_address_the_host_stands_for_it(site: Site) -> None:
    """On one machine the pages name the host that was asked."""
    async with served_site() as local:
        assert f'href="{local.address}/es/"' in await html(local, "/es/")


def drawn(page: str) -> list[str]:
    return re.findall(r'<path class="qrline"[^>]* d="([^"]+)"', page)


def code(address: str) -> str:
    svg = segno.make(address, error="m", micro=False).svg_inline(omitsize=True, light="#fff")
    return drawn(svg)[0]


async def test_a_poster_leads_to_the_chat() -> None:
    """Its codes open this answer in the web chat and, where there is a bot, in Telegram."""
    async with served_site(PUBLIC, a_bot) as site:
        page = await html(site, "/poster/fr/health/pregnancy")
        assert drawn(page) == [
            code(f"{PUBLIC}/?lang=fr&open=health/pregnancy"),
            code("https://t.me/OrientaTestBot?start=health_pregnancy"),
        ]
        assert "orienta.example/fr/health/pregnancy" in page
        assert "<h1>pregnancy title fr</h1>" in page
        assert '<meta name="robots" content="noindex">' in page
        topic = await html(site, "/poster/qu/health/")
        assert drawn(topic)[0] == code(f"{PUBLIC}/?lang=qu&open=health")
        assert drawn(topic)[1] == code("https://t.me/OrientaTestBot?start=health")
        assert drawn(await html(site, "/poster/qu/"))[0] == code(f"{PUBLIC}/?lang=qu")


async def test_without_telegram_a_poster_has_one_code(site: Site) -> None:
    """Nothing on paper leads nowhere."""
    assert len(drawn(await html(site, "/poster/es/health/"))) == 1


async def test_telegram_is_asked_for_the_name_once() -> None:
    """A name is kept; while Telegram does not answer it is left in peace for a while."""
    asked: list[float] = []
    now = [0.0]

    async def name() -> str:
        asked.append(now[0])
        if len(asked) == 1:
            raise Unreachable("Telegram does not answer.", code="timeout")
        return "OrientaTestBot"

    known = BotName(name, lambda: now[0])
    assert [await known(), await known()] == ["", ""]
    now[0] = AGAIN
    assert [await known(), await known()] == ["OrientaTestBot", "OrientaTestBot"]
    assert asked == [0.0, AGAIN]


async def test_who_takes_every_page_has_to_wait() -> None:
    """One address gets so many pages a minute; then it is told when to come again."""
    async with served_site(PUBLIC, per_address=Rate(burst=3, per_minute=6)) as site:
        assert [(await get(site, "/es/")).status for _ in range(4)] == [200, 200, 200, 429]
        refused = await get(site, "/es/health/")
        assert 1 <= int(refused.headers["Retry-After"]) <= 10
        assert refused.headers["Cache-Control"] == "no-store"
