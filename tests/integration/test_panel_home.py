"""The first page: what waits for whom, and the guided first hour."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from content import editing
from content.editing import Act, Fields, Seen
from content.models import RevisionRow
from content.panel.tables import ReleaseRow
from content.staff import Role
from content.workflow import Action
from tests.fakes.panel import NOW, Running, running_panel

FIELDS = Fields("Título nuevo", "Nuevo", {"answer": "Una respuesta nueva."})


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


async def written(panel: Running, by: str, *steps: tuple[str, Action]) -> RevisionRow:
    """Save a Spanish text of the first article and take some steps with it."""
    article = next(iter(panel.panel.assistant.catalogue().articles))
    async with panel.panel.sessions.begin() as session:
        published = await editing.published_text(session, article, "es")
        assert published is not None
        draft = await editing.save_text(
            session, Act(by, NOW), article, "es", FIELDS, Seen(base=published.id)
        )
        for who, action in steps:
            await editing.step(session, Act(who, NOW), draft, action, note="Falta la fuente.")
    return draft


async def test_an_empty_list_says_what_to_do(panel: Running) -> None:
    """Nothing waits: the page says so and where to go."""
    async with panel.signed_in(Role.REVIEWER) as browser:
        page = await browser.text("/panel/")
    assert "No hay nada pendiente" in page
    assert 'href="/panel/try"' in page


async def test_a_reviewer_sees_what_others_wrote_and_not_her_own(panel: Running) -> None:
    """Who wrote in a text cannot review it, so it does not wait for her."""
    await written(panel, "ana@example.org", ("ana@example.org", Action.SUBMIT))
    async with panel.signed_in(Role.REVIEWER) as browser:
        assert "esperan su revisión" in await browser.text("/panel/")
    async with panel.signed_in(Role.REVIEWER, "ana@example.org") as browser:
        assert "esperan su revisión" not in await browser.text("/panel/")


async def test_other_contents_wait_where_they_are_found(panel: Running) -> None:
    """A card is in no list of answers: the way leads to the other contents."""
    luz = Act("luz@example.org", NOW)
    async with panel.panel.sessions.begin() as session:
        draft = await editing.save_document(session, luz, "help", "help", {}, Seen())
        await editing.step(session, luz, draft, Action.SUBMIT)
    async with panel.signed_in(Role.REVIEWER) as browser:
        page = await browser.text("/panel/")
    assert "cambios de otros contenidos esperan su revisión" in page
    assert "textos esperan su revisión" not in page


async def test_a_returned_text_waits_for_its_author(panel: Running) -> None:
    """With the way to it."""
    me = "author@example.org"
    await written(panel, me, (me, Action.SUBMIT), ("luz@example.org", Action.RETURN))
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert "volvieron con una nota" in await browser.text("/panel/")


async def test_a_publisher_sees_what_is_approved_and_what_is_ready(panel: Running) -> None:
    """Two lines, each with its count."""
    me = "author@example.org"
    await written(panel, me, (me, Action.SUBMIT), ("luz@example.org", Action.APPROVE))
    async with panel.panel.sessions.begin() as session:
        session.add(ReleaseRow(status="ready", created_by=me, created_at=NOW))
    async with panel.signed_in(Role.PUBLISHER) as browser:
        page = await browser.text("/panel/")
    assert "cambios aprobados esperan" in page
    assert "listas para salir" in page


async def test_the_first_hour_leads_a_new_author_and_then_goes(panel: Running) -> None:
    """Until she has sent something to review; others never see it."""
    me = "author@example.org"
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert "Su primera hora" in await browser.text("/panel/")
        await written(panel, me)
        assert ">hecho<" in await browser.text("/panel/")
    await panel.hire("luz@example.org", Role.AUTHOR)
    async with panel.panel.sessions.begin() as session:
        article = next(iter(panel.panel.assistant.catalogue().articles))
        draft = await editing.text_in_work(session, article, "es")
        assert draft is not None
        await editing.step(session, Act(me, NOW), draft, Action.SUBMIT)
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert "Su primera hora" not in await browser.text("/panel/")
    async with panel.signed_in(Role.ANALYST) as browser:
        assert "Su primera hora" not in await browser.text("/panel/")


async def test_the_manual_is_there_in_both_languages(panel: Running) -> None:
    """With the same headings."""
    async with panel.signed_in(Role.DESK) as browser:
        spanish = await browser.text("/panel/help")
        await browser.post("/panel/language", {"language": "en", "back": "/panel/help"})
        english = await browser.text("/panel/help")
    assert "Manual corto" in spanish
    assert "Short manual" in english
    assert spanish.count("<h2>") == english.count("<h2>") > 5


async def test_changing_the_language_leads_back(panel: Running) -> None:
    """To the page she was on, and nowhere else."""
    async with panel.signed_in(Role.DESK) as browser:
        kept = await browser.post("/panel/language", {"language": "en", "back": "/panel/help"})
        assert kept.headers["Location"] == "/panel/help"
        away = await browser.post("/panel/language", {"language": "en", "back": "//evil.example"})
        assert away.headers["Location"] == "/panel/"
