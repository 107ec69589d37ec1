"""Answers in the panel: finding, beginning and writing them."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from content.drafts import text_in_work
from content.panel import sessions
from content.panel.ports import Asked
from content.staff import Role
from tests.fakes.forms import filled
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_articles import A, draft, form, logged, sent, written

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SCRIPT = "<script>alert('x')</script>"
ESCAPED = "&lt;script&gt;alert("


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


# --- the list ---


async def test_the_list_shows_what_needs_attention_first(panel: Running) -> None:
    """A draft comes before what is in order; filters narrow it down."""
    async with panel.signed_in(Role.AUTHOR) as author:
        page = await author.text("/panel/articles")
        assert page.index("Título de access (es)") < page.index("Título de overview (es)")
        await written(panel)
        fields = await form(author, "/panel/articles/rights/overview/edit")
        await author.post(
            "/panel/articles/rights/overview/edit", {**fields, "section-answer": "Otra."}
        )
        await sent(author, "submit", await draft(panel))
        page = await author.text("/panel/articles")
        assert page.index("en revisión</span>") < page.index("con borrador</span>")
        only = await author.text("/panel/articles?state=in_review")
        assert "/panel/articles/health/access" in only
        assert "/panel/articles/rights/overview" not in only
        topic = await author.text("/panel/articles?topic=rights")
        assert 'href="/panel/articles/health/access"' not in topic
        nothing = await author.text("/panel/articles?state=off")
        assert "Ninguna respuesta coincide" in nothing


async def test_the_list_can_be_searched(panel: Running) -> None:
    """In all languages, without accents, and in drafts that nobody has published."""
    async with panel.signed_in(Role.TRANSLATOR) as reader:
        assert "en el título (quechua)" in await reader.text("/panel/articles?q=TITULO+access+qu")
        found = await reader.text("/panel/articles?q=pregunta+fr+7")
        assert "en las preguntas de ejemplo (francés)" in found
        assert "Ninguna respuesta coincide" in await reader.text("/panel/articles?q=xilófono")
        await written(panel, "Toque el xilófono.")
        assert "en el texto (español)" in await reader.text("/panel/articles?q=xilofono")


async def test_the_list_counts_what_people_ask(panel: Running) -> None:
    """The article that they chose, or else the first that was offered."""
    at = panel.clock()
    panel.questions.asked = [
        Asked("1", "x", "es", "web", ("health/access", "rights/overview"), None, at),
        Asked("2", "y", "es", "web", ("rights/overview",), "health/access", at),
    ]
    async with panel.signed_in(Role.ANALYST) as reader:
        page = await reader.text("/panel/articles?state=demand")
    assert '<td data-label="Preguntas sin respuesta segura" class="number">2</td>' in page
    assert "rights/overview" not in page


@pytest.mark.parametrize(
    "query",
    ["page=-1", "page=99999999999", "page=x", "state=x&language=y", "q=%00%F0%9F%98%80",
     "q=" + "a+" * 2000, "topic=%3Cscript%3E"],
)  # fmt: skip
async def test_strange_queries_show_a_list(panel: Running, query: str) -> None:
    """Nothing in an address breaks the page or gets into it unescaped."""
    async with panel.signed_in(Role.AUTHOR) as author:
        page = await author.text(f"/panel/articles?{query}")
    assert "<script>alert" not in page.replace("<script src", "")
    assert "<h1>Respuestas</h1>" in page


# --- new ---


async def test_a_new_answer(panel: Running) -> None:
    """Its id comes from its title; it is in the list and nobody else sees it."""
    new = {"topic": "health", "ask": "¿Y los dientes?", "title": "Ñandú: atención dental ¡ya!",
           "audience": "migrant"}  # fmt: skip
    async with panel.signed_in(Role.AUTHOR) as author:
        response = await author.post("/panel/articles/new", new)
        where = "/panel/articles/health/nandu-atencion-dental-ya"
        assert response.headers["Location"] == f"{where}/edit"
        assert "Ñandú: atención dental" in await author.text("/panel/articles?state=new")
        assert "Nadie la recibe" in await author.text(where) or "sin publicar" in await author.text(
            where
        )
        assert (await author.get(f"{where}/sources")).status == 200
        again = await author.post("/panel/articles/new", new)
        assert again.status == 422
        assert "¿Y los dientes?" in await again.text()
    assert await logged(panel) == ["article_made", "text_saved"]


@pytest.mark.parametrize(
    "bad",
    [{"topic": "none"}, {"title": "¿¿??"}, {"ask": ""}, {"audience": "x"}, {"title": "a" * 400},
     {"topic": "../x"}],
)  # fmt: skip
async def test_a_new_answer_with_faults(panel: Running, bad: dict[str, str]) -> None:
    """What she typed stays in the form."""
    given = {"topic": "health", "ask": "¿La pregunta?", "title": "El título", "audience": "host"}
    async with panel.signed_in(Role.AUTHOR) as author:
        response = await author.post("/panel/articles/new", {**given, **bad})
        page = await response.text()
    assert response.status == 422
    assert 'aria-invalid="true"' in page
    assert ("¿La pregunta?" in page) == ("ask" not in bad)
    assert await logged(panel) == []


# --- writing ---


async def test_writing(panel: Running) -> None:
    """It is saved as a draft, with what else stood there."""
    await written(panel, "La nueva.", **{"section-cost": ""})
    row = await draft(panel)
    assert row.sections["answer"] == "La nueva."
    assert "cost" not in row.sections
    assert row.sections["steps"].startswith("1. Vaya")
    async with panel.signed_in(Role.AUTHOR) as author:
        page = await author.text(f"{A}/edit")
    assert "La nueva." in page


async def test_hints_stand_beside_what_they_are_about(panel: Running) -> None:
    """Lengths, marks, promises, numbers and pages that stand in no source."""
    bad = (
        "No hay riesgo. Llame al 999 888 777 o vea https://otra.example/x y https://x. # `a` "
        + "b" * 600
    )
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/edit")
        fields |= {"section-answer": bad, "section-cost": "Cuesta S/ 50.", "label": "overview es"}
        response = await author.post(f"{A}/edit", {**fields, "act": "preview"})
        page = unescape(await response.text())
        part = unescape(await (await author.post(f"{A}/preview", fields)).text())
    assert response.status == 200
    for expected in (
        "Sobran", "caben 600", "no hay riesgo»", "El número 999888777", "La página otra.example",
        "Hay un monto sin año", "una comilla invertida", "ya lo usa «Título de overview (es)»",
        "La dirección https://x no está completa",
    ):  # fmt: skip
        assert expected in page or expected == "no hay riesgo»", expected
        assert expected in part or expected == "no hay riesgo»", expected
    assert "Parece prometer que no hay riesgo" in page
    async with panel.panel.reads() as session:
        assert await text_in_work(session, "health/access", "es") is None


async def test_a_preview_is_a_piece_of_a_page(panel: Running) -> None:
    """Of any section and language, by whoever reads; it changes nothing."""
    async with panel.signed_in(Role.TRANSLATOR) as reader:
        given = {
            "language": "fr",
            "shown": "cost",
            "title": "T",
            "section-cost": f"Prix {SCRIPT} 12345",
        }
        response = await reader.post(f"{A}/preview", given)
        page = await response.text()
        assert "<html" not in page
        assert page.count(ESCAPED) >= 3
        assert SCRIPT not in page
        assert "12345" in page
        assert (await reader.post(f"{A}/preview", {"language": "xx"})).status == 400
        assert (await reader.post("/panel/articles/no/where/preview", given)).status == 404
    assert await logged(panel) == []


async def test_a_text_without_a_title(panel: Running) -> None:
    """It is not saved, and nothing typed is lost."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/edit")
        given = {**fields, "title": " ", "section-time": "Un plazo raro."}
        response = await author.post(f"{A}/edit", given)
        page = await response.text()
    assert response.status == 422
    assert "Un plazo raro." in page
    assert 'data-guard="changed"' in page
    assert 'aria-invalid="true"' in page


async def test_a_text_without_end(panel: Running) -> None:
    """Is refused before it is stored or looked through."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/edit")
        given = {**fields, "section-answer": "a " * 15_000}
        assert (await author.post(f"{A}/edit", given)).status == 422
        assert (await author.post(f"{A}/preview", given)).status == 413


async def test_two_editors(panel: Running) -> None:
    """The second is told, sees both, keeps hers, and can save it in full knowledge."""
    async with panel.signed_in(Role.AUTHOR, "ana@example.org") as ana:
        opened = await form(ana, f"{A}/edit")
        async with panel.signed_in(Role.AUTHOR, "bea@example.org") as bea:
            await bea.post(f"{A}/edit", {**opened, "section-answer": "Palabras de Bea."})
        mine = {**opened, "section-answer": "Palabras de Ana."}
        response = await ana.post(f"{A}/edit", mine)
        page = await response.text()
        assert response.status == 409
        assert "Guardado por bea@example.org" in page
        assert "<del>Bea</del>" in page
        assert "<ins>Ana</ins>" in page
        assert ">\nPalabras de Ana.</textarea>" in page
        again = dict(filled(page))
        assert again["section-answer"] == "Palabras de Ana."
        assert (await ana.post(f"{A}/edit", again)).status == 303
    row = await draft(panel)
    assert row.sections["answer"] == "Palabras de Ana."
    assert row.editors == ["bea@example.org", "ana@example.org"]


async def test_what_waits_for_review_is_not_overwritten(panel: Running) -> None:
    """Whoever still has the form open keeps her words, and is told where it stands."""
    async with panel.signed_in(Role.AUTHOR) as author:
        await written(panel)
        opened = await form(author, f"{A}/edit")
        await sent(author, "submit", await draft(panel))
        response = await author.post(f"{A}/edit", {**opened, "section-answer": "Tarde."})
        page = await response.text()
        assert response.status == 409
        assert ">\nTarde.</textarea>" in page
        assert "Está en revisión" in page
        assert "Guardar borrador" not in page


async def test_unsaved_text_survives_the_end_of_a_session(panel: Running) -> None:
    """She signs in again, sends what was kept, and it is the draft."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/edit")
        panel.clock.passes(timedelta(hours=3))
        long = 'Primera línea.\n\n- «Uno» & "dos" <b>'
        response = await author.post(f"{A}/edit", {**fields, "section-answer": long, "act": "save"})
        kept = response.headers["Location"].partition("next=")[2]
        assert kept.startswith("/panel/kept/")
        async with panel.panel.sessions.begin() as session:
            author.token = await sessions.begin(
                session, "author@example.org", panel.clock(), complete=True
            )
        page = await author.text(kept)
        target = re.search(r'action="(/panel/articles/[^"]*)"', page)
        assert target
        response = await author.post(unescape(target[1]), filled(page))
        assert response.status == 303
    assert (await draft(panel)).sections["answer"] == long
