"""The calendar of the panel, and its file for calendar programs."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from content import encoding
from content.catalogue import Catalogue
from content.panel.tables import ReleaseRow
from content.staff import Role
from tests.fakes import content as fake
from tests.fakes.panel import NOW, Running, running_panel

XSS = "<script>alert(1)</script>"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def catalogue() -> Catalogue:
    """Return articles with an overdue review, and with an end, of two owners."""
    plain = fake.catalogue()
    articles = dict(plain.articles)
    articles["health/access"] = replace(
        articles["health/access"], review_due=date(2026, 11, 1), owner="ana@example.org"
    )
    articles["rights/overview"] = replace(
        articles["rights/overview"], valid_until=date(2026, 12, 24), owner=XSS
    )
    return encoding.with_articles(plain, list(articles.values()))


async def plan_release(panel: Running) -> None:
    """Schedule a release."""
    async with panel.panel.sessions.begin() as session:
        session.add(
            ReleaseRow(
                status="scheduled", title=f"Cambios {XSS}", created_by="p@example.org",
                created_at=NOW, not_before=datetime(2026, 12, 2, 3, 0, tzinfo=UTC),
            )
        )  # fmt: skip


async def test_what_is_late_comes_first_then_month_by_month(engine: AsyncEngine) -> None:
    """A release at 3 in the morning in London is one of the evening before in Peru."""
    async with running_panel(engine, catalogue()) as panel:
        await plan_release(panel)
        async with panel.signed_in(Role.DESK) as browser:
            page = await browser.text("/panel/calendar")
    order = [
        page.index(words)
        for words in ("Atrasado (1)", "01/11/2026", "Diciembre de 2026", "01/12/2026", "24/12/2026")
    ]
    assert order == sorted(order)
    assert XSS not in page
    assert "ORIENTA_SMTP_URL" in page


async def test_the_calendar_is_filtered(engine: AsyncEngine) -> None:
    """By reason, topic and owner; nonsense shows everything or an empty state."""
    async with (
        running_panel(engine, catalogue(), told_by=("mail",)) as panel,
        panel.signed_in(Role.AUTHOR) as browser,
    ):
        only = await browser.text("/panel/calendar?reason=expiry")
        assert "24/12/2026" in only
        assert "01/11/2026" not in only
        hers = await browser.text("/panel/calendar?owner=ana@example.org")
        assert "01/11/2026" in hers
        assert "24/12/2026" not in hers
        assert "24/12/2026" in await browser.text("/panel/calendar?topic=rights")
        empty = await browser.text(f"/panel/calendar?topic={XSS}")
        assert "Ninguna fecha con este filtro" in empty
        assert XSS not in empty
        assert "24/12/2026" in await browser.text("/panel/calendar?reason=none&page=zzz")
        assert "ORIENTA_SMTP_URL" not in only


async def test_old_sources_are_listed_apart(engine: AsyncEngine) -> None:
    """They would hide everything else."""
    async with running_panel(engine, catalogue()) as panel:
        panel.clock.passes(timedelta(days=40))
        async with panel.signed_in(Role.REVIEWER) as browser:
            page = await browser.text("/panel/calendar?reason=source")
            assert "/panel/documents/card/medical" in page
            assert "/panel/documents/card/medical" not in await browser.text("/panel/calendar")


async def test_the_file_holds_what_the_page_shows(engine: AsyncEngine) -> None:
    """With absolute addresses."""
    async with running_panel(engine, catalogue()) as panel:
        await plan_release(panel)
        async with panel.signed_in(Role.AUTHOR) as browser:
            response = await browser.get("/panel/calendar.ics?reason=expiry")
            text = await response.text()
            assert response.content_type == "text/calendar"
            assert text.count("BEGIN:VEVENT") == 1
            assert "/panel/articles/rights/overview" in text.replace("\r\n ", "")
            everything = await (await browser.get("/panel/calendar.ics")).text()
            assert everything.count("BEGIN:VEVENT") == 4
        async with panel.browser() as stranger:
            assert (await stranger.get("/panel/calendar.ics")).status == 303
