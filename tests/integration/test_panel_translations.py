"""Translating in the panel: lists, the text beside its source, two people, a speaker's reading."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from html import unescape

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from content import editing
from content.drafts import published_text, text_in_work
from content.editing import Act, Fields, Seen
from content.models import RevisionRow
from content.panel.tables import AuditRow
from content.staff import Role, StaffRow
from content.workflow import Status
from tests.fakes import content as fake
from tests.fakes.panel import Browser, Running, running_panel

ARTICLE = "health/access"
LISTS = "/panel/translations"
EN = f"{LISTS}/en/{ARTICLE}"
QU = f"{LISTS}/qu/{ARTICLE}"
HIDDEN = ("revision", "edits", "base", "renders")
XSS = "<script>alert(1)</script>"

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


async def form(browser: Browser, path: str) -> dict[str, str]:
    """Return what the hidden fields and the fields of a page's forms hold."""
    page = await browser.text(path)
    found = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    lines = re.findall(r'<input id="(title|label)"[^>]*? value="([^"]*)"', page)
    areas = re.findall(r'<textarea[^>]* name="(section-\w+)"[^>]*>\n(.*?)</textarea>', page, re.S)
    texts = {name: unescape(text) for name, text in [*lines, *areas]}
    return {**{n: found[n] for n in HIDDEN if n in found}, **texts}


async def stored(panel: Running, language: str) -> RevisionRow | None:
    """Return the draft of the article."""
    async with panel.panel.reads() as session:
        return await text_in_work(session, ARTICLE, language)


async def write_spanish(panel: Running, answer: str) -> None:
    """Save another Spanish draft."""
    async with panel.panel.sessions.begin() as session:
        row = await published_text(session, ARTICLE, "es")
        assert row is not None
        fields = Fields(row.title, row.label, {**row.sections, "answer": answer})
        act = Act("author@example.org", panel.clock())
        await editing.save_text(session, act, ARTICLE, "es", fields, Seen(base=row.id))


async def submit(browser: Browser, changes: Mapping[str, str], path: str = EN) -> None:
    """Write and send to review."""
    sent = {**await form(browser, path), **changes, "then": "submit"}
    assert (await browser.post(f"{path}/save", sent)).status == 303


async def test_the_overview_counts_each_language(panel: Running) -> None:
    """Of two written articles all are translated; ht and qu wait for a speaker."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        page = await browser.text(LISTS)
        assert "2 de 2 traducidas" in page
        listed = await browser.text(f"{LISTS}/qu?list=unread")
        assert "2 textos" in listed
        assert "Esta lista está vacía" in await browser.text(f"{LISTS}/en?list=stale")
        assert (await browser.get(f"{LISTS}/es")).status == 404
        assert (await browser.get(f"{LISTS}/xx")).status == 404


async def test_lists_follow_what_is_written(panel: Running) -> None:
    """A draft, a review, an approval: each in its list, with filters."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        await browser.post(f"{EN}/save", {**await form(browser, EN), "title": "New"})
        draft = await browser.text(f"{LISTS}/en?list=draft")
        assert ARTICLE in draft
        assert ARTICLE in await browser.text(f"{LISTS}/en?list=todo&topic=health&q=TITULO")
        assert ARTICLE not in await browser.text(f"{LISTS}/en?list=todo&topic=rights")
        assert ARTICLE not in await browser.text(f"{LISTS}/en?list=todo&q=nothing")
        await submit(browser, {})
        assert ARTICLE in await browser.text(f"{LISTS}/en?list=review")
        assert ARTICLE not in await browser.text(f"{LISTS}/en?list=todo")


async def test_stale_and_missing_translations_are_listed(panel: Running) -> None:
    """By the Spanish number that they render; a new article is missing everywhere."""
    behind = fake.changed(fake.catalogue(), ARTICLE, "fr", translates=7)
    panel.panel.assistant = replace(panel.panel.assistant, catalogue=lambda: behind)
    async with panel.panel.sessions.begin() as session:
        act = Act("author@example.org", panel.clock())
        await editing.new_article(session, act, "health/new-one", audience="migrant", ask="¿?")
        fields = Fields("Nuevo título", "Nuevo", {"answer": "Sí."})
        await editing.save_text(session, act, "health/new-one", "es", fields, Seen())
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        assert ARTICLE in await browser.text(f"{LISTS}/fr?list=stale")
        assert "Nuevo título" in await browser.text(f"{LISTS}/fr?list=missing")
        sent = await form(browser, f"{LISTS}/fr/health/new-one")
        sent |= {"title": "Nouveau", "label": "Neuf", "section-answer": "Oui."}
        response = await browser.post(f"{LISTS}/fr/health/new-one/save", sent)
        assert response.status == 303


async def test_a_translation_goes_from_draft_to_approval(panel: Running) -> None:
    """Written by one, approved by another; each step is in the audit log."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        await submit(browser, {"title": "A better title", "section-answer": "**Yes.** 0800-15-170"})
    async with panel.signed_in(Role.REVIEWER) as browser:
        page = await browser.text(EN)
        assert "A better title" in page
        assert "Qué cambia respecto de lo publicado" in page
        seen = await form(browser, EN)
        assert (await browser.post(f"{EN}/approve", {**seen, "read": "1"})).status == 303
    draft = await stored(panel, "en")
    assert draft is not None
    assert draft.status is Status.APPROVED
    assert not draft.pending_review
    async with panel.panel.reads() as session:
        acts = list(await session.scalars(select(AuditRow.action).order_by(AuditRow.id)))
    assert acts[-3:] == ["text_saved", "sent_to_review", "approved"]


async def test_without_the_box_the_warning_stays(panel: Running) -> None:
    """Whoever does not speak Quechua may approve, and readers are still told."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        await submit(browser, {"title": "Musuq"}, QU)
    async with panel.signed_in(Role.REVIEWER) as browser:
        await browser.post(f"{QU}/approve", await form(browser, QU))
    draft = await stored(panel, "qu")
    assert draft is not None
    assert draft.pending_review


async def test_nobody_approves_what_she_wrote(panel: Running) -> None:
    """Not even if her role changed in between."""
    async with panel.signed_in(Role.TRANSLATOR, "both@example.org") as browser:
        await submit(browser, {"title": "Mine"})
    async with panel.panel.sessions.begin() as session:
        await session.execute(
            update(StaffRow).where(StaffRow.email == "both@example.org").values(role="reviewer")
        )
    async with panel.signed_in(Role.REVIEWER, "both@example.org") as browser:
        response = await browser.post(f"{EN}/approve", await form(browser, EN))
        assert response.status == 422
        assert "debe aprobarlo otra persona" in await response.text()


async def test_a_return_needs_a_note_and_the_translator_reads_it(panel: Running) -> None:
    """Then she can write again."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        await submit(browser, {"title": "Wrong"})
        page = await browser.text(EN)
        assert 'name="section-answer"' not in page
    async with panel.signed_in(Role.REVIEWER) as browser:
        seen = await form(browser, EN)
        assert (await browser.post(f"{EN}/return", {**seen, "note": " "})).status == 422
        assert (await browser.post(f"{EN}/return", {**seen, "note": f"Mal {XSS}"})).status == 303
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        page = await browser.text(EN)
        assert 'name="section-answer"' in page
        assert "Mal &lt;script&gt;" in page


async def test_a_review_of_another_state_is_refused(panel: Running) -> None:
    """The text changed between the page and the button."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        await submit(browser, {"title": "First"})
        async with panel.signed_in(Role.REVIEWER) as other:
            seen = await form(other, EN)
            async with panel.panel.sessions.begin() as session:
                draft = await text_in_work(session, ARTICLE, "en")
                assert draft is not None
                draft.edits += 1
            response = await other.post(f"{EN}/approve", seen)
            assert response.status == 409
    draft = await stored(panel, "en")
    assert draft is not None
    assert draft.status is Status.IN_REVIEW


async def test_two_translators_lose_nothing(panel: Running) -> None:
    """The second sees both texts, keeps hers, and can save once she has seen them."""
    async with (
        panel.signed_in(Role.TRANSLATOR, "a@example.org") as first,
        panel.signed_in(Role.TRANSLATOR, "b@example.org") as second,
    ):
        mine, hers = await form(first, EN), await form(second, EN)
        await first.post(f"{EN}/save", {**mine, "section-answer": "The words of the first"})
        response = await second.post(f"{EN}/save", {**hers, "section-answer": "Those of another"})
        page = await response.text()
        assert response.status == 409
        assert "Those of another" in page
        assert "first</del>" in page
        assert 'data-guard="changed"' in page
        again = dict(re.findall(r'name="(revision|edits|base)" value="(\d+)"', page))
        sent = {**hers, **again, "section-answer": "Both"}
        assert (await second.post(f"{EN}/save", sent)).status == 303
    draft = await stored(panel, "en")
    assert draft is not None
    assert draft.sections["answer"] == "Both"
    assert set(draft.editors) == {"a@example.org", "b@example.org"}


async def test_what_was_written_while_it_went_to_review_is_kept_on_the_page(
    panel: Running,
) -> None:
    """The form comes back with her words."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        await browser.post(f"{EN}/save", {**await form(browser, EN), "title": "One"})
        opened = await form(browser, EN)
        await browser.post(f"{EN}/submit", opened)
        async with panel.panel.sessions.begin() as session:
            draft = await text_in_work(session, ARTICLE, "en")
            assert draft is not None
            opened["edits"] = str(draft.edits)
        response = await browser.post(f"{EN}/save", {**opened, "section-answer": "Late words"})
        assert response.status == 409
        assert "Late words" in await response.text()


async def test_bad_forms_come_back_with_everything_typed(panel: Running) -> None:
    """No title, or a text longer than a platform takes."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        opened = await form(browser, EN)
        empty = await browser.post(f"{EN}/save", {**opened, "title": " ", "label": "Kept label"})
        assert empty.status == 422
        assert "Kept label" in await empty.text()
        long = {**opened, "section-answer": "x" * 601, "then": "submit"}
        response = await browser.post(f"{EN}/save", long)
        assert response.status == 422
        assert "x" * 601 in await response.text()
        # As a draft it may be kept, to be shortened tomorrow.
        assert (await browser.post(f"{EN}/save", {**long, "then": "save"})).status == 303


async def test_what_changed_in_the_spanish_text_is_marked(panel: Running) -> None:
    """Word by word, against the version that the readers' translation renders."""
    await write_spanish(panel, "**No.** Llame al 0800-15-170.\n\n- Uno\n- Dos")
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        page = await browser.text(EN)
        assert "versión 1; ahora va por la 2" in page
        assert "<del>Sí</del><ins>No</ins>" in page
        await browser.post(f"{EN}/save", await form(browser, EN))
        # Saving does not make the marks go: the text may be half done.
        assert "<del>Sí</del><ins>No</ins>" in await browser.text(EN)
    draft = await stored(panel, "en")
    assert draft is not None
    assert draft.translates == 2


async def test_a_translation_renders_the_text_that_was_on_the_page(panel: Running) -> None:
    """Spanish words that came meanwhile are not taken for translated."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        opened = await form(browser, EN)
        await write_spanish(panel, "**No.** Llame al 0800-15-170.\n\n- Uno\n- Dos")
        assert (await browser.post(f"{EN}/save", opened)).status == 303
        draft = await stored(panel, "en")
        assert draft is not None
        assert draft.translates == 1
        assert "versión 1; ahora va por la 2" in await browser.text(EN)


async def test_a_version_that_is_not_stored_is_said_to_be_missing(panel: Running) -> None:
    """Texts that came with the program bring no older versions."""
    async with panel.panel.sessions.begin() as session:
        row = await published_text(session, ARTICLE, "es")
        assert row is not None
        row.number = 5
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        page = await browser.text(EN)
        assert "La versión anterior no está guardada" in page
        assert "<ins>" not in page


async def test_figures_and_terms_are_pointed_out(panel: Running) -> None:
    """A number that is lost, one that is new, and a word that the glossary avoids."""
    await write_spanish(panel, "Lleve su carné de extranjería. Llame al 0800-15-170.")
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        sent = {**await form(browser, EN), "section-answer": "Bring your alien card. Call 999-999."}
        response = await browser.post(f"{EN}/save", {**sent, "then": "look"})
        page = await response.text()
        assert response.status == 200
        assert "Falta algo que el español dice: 0800-15-170" in page
        assert "Aquí está y en español no: 999-999" in page
        assert "no usar «alien card»" in page
        assert "no aparece en la traducción" in page
        assert await stored(panel, "en") is None


async def test_the_preview_is_a_piece_of_a_page(panel: Running) -> None:
    """Escaped, of the section that she looks at."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        sent = {**await form(browser, EN), "section-steps": f"1. Go {XSS}", "shown": "steps"}
        response = await browser.post(
            f"/panel/articles/{ARTICLE}/preview", {**sent, "language": "en"}
        )
        page = await response.text()
        assert "&lt;script&gt;" in page
        assert "<script>" not in page
        assert "<html" not in page


async def test_stored_scripts_stay_text(panel: Running) -> None:
    """In every field, on the page of the text and in the lists."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        opened = await form(browser, EN)
        sent = {name: XSS for name in opened if name not in HIDDEN}
        await browser.post(f"{EN}/save", {**opened, **sent})
        await browser.post(f"{EN}/comment", {"comment": XSS})
        for path in (EN, f"{LISTS}/en?list=draft", f"{LISTS}/en?q={XSS}&list=draft", LISTS):
            assert XSS not in await browser.text(path)


async def test_a_published_text_is_confirmed_by_a_speaker(panel: Running) -> None:
    """With the box alone; the text stays word for word and waits for a release."""
    async with panel.signed_in(Role.REVIEWER) as browser:
        seen = await form_of_steps(browser, QU)
        assert (await browser.post(f"{QU}/confirm", seen)).status == 422
        other = {**seen, "read": "1", "base": "1"}
        assert (await browser.post(f"{QU}/confirm", other)).status == 409
        assert (await browser.post(f"{QU}/confirm", {**seen, "read": "1"})).status == 303
        assert "Aprobada" in await browser.text(QU)
    draft = await stored(panel, "qu")
    assert draft is not None
    assert (draft.status, draft.pending_review) == (Status.APPROVED, False)


async def form_of_steps(browser: Browser, path: str) -> dict[str, str]:
    """Return the hidden fields of a page without a form for writing."""
    page = await browser.text(path)
    return dict(re.findall(r'name="(revision|edits|base)" value="(\d+)"', page))


async def test_comments_are_written_and_settled(panel: Running) -> None:
    """By anybody who reads texts; an empty one is refused."""
    async with panel.signed_in(Role.REVIEWER) as browser:
        assert (await browser.post(f"{EN}/comment", {"comment": " "})).status == 422
        assert (await browser.post(f"{EN}/comment", {"comment": "¿Es así?"})).status == 303
        page = await browser.text(EN)
        assert "¿Es así?" in page
        assert (await browser.post(f"{EN}/settle", {"comment": "1"})).status == 303
        assert "resuelto por reviewer@example.org" in await browser.text(EN)
        assert (await browser.post(f"{EN}/settle", {"comment": "99"})).status == 404
        assert (await browser.post(f"{EN}/settle", {"comment": "x"})).status == 404


async def test_a_draft_is_thrown_away(panel: Running) -> None:
    """And the published text stays."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        await browser.post(f"{EN}/save", {**await form(browser, EN), "title": "Oops"})
        seen = await form(browser, EN)
        assert (await browser.post(f"{EN}/discard", seen)).status == 303
        assert "Oops" not in await browser.text(EN)
    assert await stored(panel, "en") is None


@pytest.mark.parametrize(
    ("role", "act", "status"),
    [
        (Role.REVIEWER, "save", 403),
        (Role.DESK, "save", 403),
        (Role.TRANSLATOR, "approve", 403),
        (Role.TRANSLATOR, "return", 403),
        (Role.TRANSLATOR, "confirm", 403),
        (Role.AUTHOR, "approve", 403),
        (Role.ADMINISTRATOR, "submit", 403),
    ],
)
async def test_who_may_not_is_refused(panel: Running, role: Role, act: str, status: int) -> None:
    """Whatever the form says."""
    async with panel.signed_in(role) as browser:
        assert (await browser.get(EN)).status == 200
        assert (await browser.post(f"{EN}/{act}", {"title": "x"})).status == status


async def test_what_is_not_there_is_not_found(panel: Running) -> None:
    """An unknown article or language."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        for path in (f"{LISTS}/en/health/none", f"{LISTS}/es/{ARTICLE}", f"{LISTS}/xx/{ARTICLE}"):
            assert (await browser.get(path)).status == 404
            assert (await browser.post(f"{path}/save", {"title": "x"})).status == 404


async def test_the_page_of_a_text_names_the_steps_of_a_submitted_one(panel: Running) -> None:
    """Sending twice tells that the text is elsewhere by now."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        await browser.post(f"{EN}/save", {**await form(browser, EN), "title": "One"})
        opened = await form(browser, EN)
        assert (await browser.post(f"{EN}/submit", opened)).status == 303
        assert (await browser.post(f"{EN}/submit", opened)).status == 409
    async with panel.panel.sessions.begin() as session:
        draft = await text_in_work(session, ARTICLE, "en")
        assert draft is not None
        assert draft.status is Status.IN_REVIEW
