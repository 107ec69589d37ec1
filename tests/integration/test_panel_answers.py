"""Answers in the panel: sources, examples, review, history, remarks, switching off."""

from collections.abc import AsyncIterator
from html import unescape

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from content.editing import Act, add_examples
from content.models import RevisionRow
from content.panel.tables import CommentRow
from content.publishing import ARTICLE, EXAMPLES, GOLDEN, Changes, load_catalogue
from content.staff import Role
from content.workflow import Status
from tests.fakes.forms import filled
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_articles import A, document, draft, form, logged, sent, written

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SCRIPT = "<script>alert('x')</script>"
ESCAPED = "&lt;script&gt;alert("
PAGES = ("", "/edit", "/sources", "/examples", "/review", "/history", "/archive")


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


# --- sources ---


async def test_sources(panel: Running) -> None:
    """Saved with dates as people write them, in the shape of the file."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/sources")
        fields |= {"norm-0": "Ley 9", "verified_on-0": "05/11/2025", "source-0": "https://x.pe/a",
                   "valid_until": "2027-01-31",
                   "related-1": "Título de overview (es) (rights/overview)"}  # fmt: skip
        response = await author.post(f"{A}/sources", {**fields, "act": "save"})
        assert response.status == 303, await response.text()
    row = await document(panel, ARTICLE)
    assert row.body["ground"][0]["verified_on"] == "2025-11-05"
    assert row.body["related"] == ["health/birth", "rights/overview"]
    async with panel.panel.reads() as session:
        tried = await load_catalogue(session, Changes(documents=[row.id]))
    article = tried.articles["health/access"]
    assert (article.ground[0].norm, str(article.valid_until)) == ("Ley 9", "2027-01-31")


async def test_rows_of_sources_without_javascript(panel: Running) -> None:
    """A button adds, lifts or removes one; what was typed stays, nothing is saved."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = {**(await form(author, f"{A}/sources")), "norm-0": "Ley A"}
        page = await (await author.post(f"{A}/sources", {**fields, "act": "add"})).text()
        fields = {**dict(filled(page)), "norm-1": "Ley B"}
        assert fields["rows"] == "2"
        page = await (await author.post(f"{A}/sources", {**fields, "act": "up-1"})).text()
        fields = dict(filled(page))
        assert (fields["norm-0"], fields["norm-1"]) == ("Ley B", "Ley A")
        page = await (await author.post(f"{A}/sources", {**fields, "act": "remove-0"})).text()
        fields = dict(filled(page))
        assert (fields["rows"], fields["norm-0"]) == ("1", "Ley A")
    assert await logged(panel) == []


@pytest.mark.parametrize(
    "bad",
    [{"norm-0": ""}, {"source-0": "javascript:alert(1)"}, {"source-0": "https://"},
     {"verified_on-0": "ayer"}, {"verified_on-0": "2099"}, {"review_due": "2027"}, {"owner": "x@y"},
     {"related-0": "nada"}, {"related-0": "health/access"}, {"related-0": "rights/overview"},
     {"emergency": "none"}, {"audience": "x"}, {"ask": ""}],
)  # fmt: skip
async def test_sources_with_faults(panel: Running, bad: dict[str, str]) -> None:
    """The fault stands at its field, and nothing is saved."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/sources")
        response = await author.post(f"{A}/sources", {**fields, **bad, "act": "save"})
        page = await response.text()
    assert response.status == 422
    assert 'aria-invalid="true"' in page
    assert await logged(panel) == []


async def test_two_editors_of_sources(panel: Running) -> None:
    """The second sees what is stored and keeps hers."""
    async with panel.signed_in(Role.AUTHOR) as author:
        opened = await form(author, f"{A}/sources")
        await author.post(f"{A}/sources", {**opened, "norm-0": "De Bea", "act": "save"})
        response = await author.post(f"{A}/sources", {**opened, "norm-0": "De Ana", "act": "save"})
        page = await response.text()
        assert response.status == 409
        assert "De Bea" in page
        assert 'value="De Ana"' in page
        assert (await author.post(f"{A}/sources", dict(filled(page)))).status == 303
    assert (await document(panel, ARTICLE)).body["ground"][0]["norm"] == "De Ana"


# --- examples ---


async def test_examples_and_golden_questions(panel: Running) -> None:
    """Each list is a document of its own, and is saved only where it changed."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/examples")
        fields["golden-fr"] = "une question\n  autre   question \n\n"
        assert (await author.post(f"{A}/examples", fields)).status == 303
        assert await logged(panel) == ["document_saved"]
        golden = await document(panel, GOLDEN)
        assert golden.body == [
            {"text": "une question", "language": "fr", "article": "health/access"},
            {"text": "autre question", "language": "fr", "article": "health/access"},
        ]
        fields = await form(author, f"{A}/examples")
        fields["examples-es"] = "overview pregunta es 3\nuna\nUna.\n"
        assert (await author.post(f"{A}/examples", fields)).status == 303
        assert (await document(panel, EXAMPLES)).body["es"] == [
            "overview pregunta es 3",
            "una",
            "Una.",
        ]
        page = unescape(await author.text(f"{A}/examples"))
    assert "ya es un ejemplo de «Título de overview (es)»" in page
    assert "«Una.» está dos veces" in page
    assert "Hay 3; hacen falta 20" in page


async def test_a_colleagues_example_is_not_lost(panel: Running) -> None:
    """What she lacks is shown beside the field."""
    async with panel.signed_in(Role.AUTHOR) as author:
        opened = await form(author, f"{A}/examples")
        async with panel.panel.sessions.begin() as session:
            act = Act("bea@example.org", panel.clock())
            await add_examples(session, act, "health/access", "es", ["la de Bea"])
        opened["examples-es"] += "\nla de Ana"
        response = await author.post(f"{A}/examples", opened)
        page = await response.text()
        assert response.status == 409
        assert "<li>la de Bea</li>" in page
        assert "la de Ana</textarea>" in page


async def test_examples_without_end(panel: Running) -> None:
    """Too long and too many are refused, with the fault at the field."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/examples")
        for bad in ("a" * 400, "\n".join(f"frase {n}" for n in range(600))):
            response = await author.post(f"{A}/examples", {**fields, "examples-en": bad})
            assert response.status == 422
            assert 'id="examples-en-wrong"' in await response.text()
    assert await logged(panel) == []


# --- review ---


async def test_two_persons_and_one_step_each(panel: Running) -> None:
    """Written, sent, returned with a note, sent again, read beside what is published, approved."""
    await written(panel)
    async with panel.signed_in(Role.AUTHOR) as author, panel.signed_in(Role.REVIEWER) as reviewer:
        assert await sent(author, "approve", await draft(panel)) == 403
        assert await sent(author, "submit", await draft(panel)) == 303
        assert await sent(reviewer, "return", await draft(panel)) == 422
        assert await sent(reviewer, "return", await draft(panel), note="Falta la norma.") == 303
        assert "Falta la norma." in await author.text(f"{A}/edit")
        await sent(author, "submit", await draft(panel))
        page = await reviewer.text(f"{A}/review")
        assert "<ins>Una respuesta nueva" in page
        assert "Ley 1, art. 2" in page
        assert await sent(reviewer, "approve", await draft(panel)) == 303
    row = await draft(panel)
    assert (row.status, row.approved_by) == (Status.APPROVED, "reviewer@example.org")
    assert await logged(panel) == [
        "text_saved", "sent_to_review", "returned", "sent_to_review", "approved",
    ]  # fmt: skip


async def test_a_writer_does_not_approve(panel: Running) -> None:
    """Also not after she became a reviewer."""
    await written(panel)
    async with panel.signed_in(Role.AUTHOR) as author:
        await sent(author, "submit", await draft(panel))
    async with panel.panel.sessions.begin() as session:
        row = await session.get_one(RevisionRow, (await draft(panel)).id)
        row.editors = [*row.editors, "reviewer@example.org"]
    async with panel.signed_in(Role.REVIEWER) as reviewer:
        assert "usted escribió en esto" in await reviewer.text(f"{A}/review")
        assert await sent(reviewer, "approve", await draft(panel)) == 422
    assert (await draft(panel)).status is Status.IN_REVIEW


async def test_an_old_page_approves_nothing(panel: Running) -> None:
    """Neither what changed since, nor what is no longer in review."""
    await written(panel)
    async with panel.signed_in(Role.AUTHOR) as author, panel.signed_in(Role.REVIEWER) as reviewer:
        await sent(author, "submit", await draft(panel))
        old = await draft(panel)
        assert await sent(author, "withdraw", old) == 303
        assert await sent(reviewer, "approve", old) == 409
        await written(panel, "Muy otra cosa.")
        await sent(author, "submit", await draft(panel))
        assert await sent(reviewer, "approve", old, note="Mi nota") == 409
    assert (await draft(panel)).status is Status.IN_REVIEW


async def test_only_a_writer_withdraws(panel: Running) -> None:
    """And only what is in review; a draft can be discarded."""
    await written(panel)
    async with panel.signed_in(Role.AUTHOR) as author:
        assert await sent(author, "withdraw", await draft(panel)) == 409
        await sent(author, "submit", await draft(panel))
        async with panel.signed_in(Role.AUTHOR, "otra@example.org") as other:
            assert await sent(other, "withdraw", await draft(panel)) == 409
        assert await sent(author, "withdraw", await draft(panel)) == 303
        assert await sent(author, "discard", await draft(panel)) == 303
        assert "No hay cambios en español" in await author.text(f"{A}/review")
        assert "descartado" in await author.text(
            f"{A}/history"
        ) or "archivado" in await author.text(f"{A}/history")


@pytest.mark.parametrize(
    "part", ["", "text-x-1", "text-1-", "text-999-1", "document-1", "text-²-1"]
)
async def test_parts_that_are_none(panel: Running, part: str) -> None:
    """No revision of another answer is reached through this one, and nothing fails."""
    async with panel.signed_in(Role.AUTHOR) as author:
        response = await author.post(f"{A}/review/submit", {"part": part})
        assert response.status in (400, 404)
        assert (await author.post(f"{A}/review/submit", {})).status == 422
    await written(panel)
    row = await draft(panel)
    async with panel.signed_in(Role.AUTHOR) as author:
        response = await author.post(
            "/panel/articles/rights/overview/review/submit", {"part": f"text-{row.id}-{row.edits}"}
        )
        assert response.status == 404


async def test_archiving_goes_through_review(panel: Running) -> None:
    """It says who leads to the answer, and until a release nothing changes."""
    async with panel.signed_in(Role.AUTHOR) as author:
        page = await author.text(f"{A}/archive")
        assert "Título de birth (es)" in page
        assert (await author.post(f"{A}/archive")).status == 303
        assert "Se archivará" in await author.text(f"{A}/review")
        assert (await author.get(A)).status == 200
        assert (await author.get(f"{A}/sources")).status == 200
        assert (await author.post(f"{A}/archive")).status == 409
    row = await document(panel, ARTICLE)
    assert (row.body, row.status) == (None, Status.IN_REVIEW)


async def test_history(panel: Running) -> None:
    """Any two revisions of a text or a document are compared."""
    await written(panel, "Uno.")
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/sources")
        await author.post(f"{A}/sources", {**fields, "norm-0": "Ley 9", "act": "save"})
        assert "<ins>Uno" in await author.text(f"{A}/history")
        assert "<del>Uno" not in await author.text(f"{A}/history?part=es&from=2&to=1")
        page = await author.text(f"{A}/history?part=article")
        assert "Ley 9" in page
        assert "no se ha guardado" in await author.text(f"{A}/history?part=golden")
        assert (await author.get(f"{A}/history?part=nothing")).status == 404
        assert (await author.get(f"{A}/history?from=x&to=99999999999999")).status == 200


# --- the overview ---


async def test_remarks(panel: Running) -> None:
    """Everybody may remark and settle; the log has no word of it."""
    async with panel.signed_in(Role.DESK) as desk:
        assert (await desk.post(f"{A}/comments", {"text": f"¿Vale? {SCRIPT}"})).status == 303
        page = await desk.text(A)
        assert ESCAPED in page
        assert SCRIPT not in page
        for bad in ({"text": " "}, {"text": "a" * 5000}):
            assert (await desk.post(f"{A}/comments", bad)).status == 422
        assert (await desk.post(f"{A}/comments", {"text": "a", "language": "xx"})).status == 400
        async with panel.panel.reads() as session:
            row = (await session.scalars(select(CommentRow))).one()
        for other in ("999", "x", "99999999999999999999"):
            assert (await desk.post(f"{A}/comments/{other}/settle")).status == 404
        wrong = f"/panel/articles/rights/overview/comments/{row.id}/settle"
        assert (await desk.post(wrong)).status == 404
        assert "Dar por resuelto" in await desk.text(A)
        assert (await desk.post(f"{A}/comments/{row.id}/settle")).status == 303
        assert "resuelto por desk@example.org" in await desk.text(A)
    assert await logged(panel) == ["commented", "comment_settled"]


async def test_switching_off(panel: Running) -> None:
    """With a page that asks, a reason, and a way back."""
    async with panel.signed_in(Role.REVIEWER) as reviewer:
        assert "Motivo" in await reviewer.text(f"{A}/switch-off")
        for bad in ("", "a" * 600):
            assert (await reviewer.post(f"{A}/switch-off", {"reason": bad})).status == 422
        response = await reviewer.post(f"{A}/switch-off", {"reason": f"Falso. {SCRIPT}"})
        assert response.status == 303
        page = await reviewer.text(A)
        assert f"Falso. {ESCAPED}" in page
        assert "apagada" in await reviewer.text("/panel/articles")
        async with panel.panel.reads() as session:
            assert (await load_catalogue(session)).articles["health/access"].valid_until is not None
        assert (await reviewer.post(f"{A}/switch-on")).status == 303
        assert "Encender" not in await reviewer.text(A)
        assert (await reviewer.post(f"{A}/switch-on")).status == 303
        nowhere = "/panel/articles/no/where/switch-off"
        assert (await reviewer.get(nowhere)).status == 404
        assert (await reviewer.post(nowhere, {"reason": "x"})).status == 404


@pytest.mark.parametrize(
    ("role", "refused"),
    [
        (Role.TRANSLATOR, ("edit", "sources", "examples", "switch-off", "archive")),
        (Role.REVIEWER, ("edit", "sources", "examples", "archive")),
        (Role.AUTHOR, ("switch-off",)),
        (Role.DESK, ("edit", "switch-off", "archive")),
    ],
)
async def test_who_may_not(panel: Running, role: Role, refused: tuple[str, ...]) -> None:
    """Pages and acts alike; buttons that lead there are not shown."""
    async with panel.signed_in(role) as browser:
        page = await browser.text(A)
        for name in refused:
            assert (await browser.get(f"{A}/{name}")).status == 403, name
            assert (await browser.post(f"{A}/{name}")).status == 403, name
            assert f'href="{A}/{name}"' not in page


async def test_scripts_in_every_field(panel: Running) -> None:
    """What is stored is shown as text on every page, in every language."""
    everything = {f"section-{name}": f"{name} {SCRIPT}" for name in ("answer", "cost", "exposure")}
    await written(panel, **{**everything, "title": f"T {SCRIPT}", "label": SCRIPT[:20]})
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = await form(author, f"{A}/sources")
        fields |= {
            "norm-0": SCRIPT,
            "source-0": "https://x.pe/" + SCRIPT.replace(" ", ""),
            "ask": SCRIPT,
        }
        assert (await author.post(f"{A}/sources", {**fields, "act": "save"})).status == 303
        fields = await form(author, f"{A}/examples")
        fields |= {
            f"{kind}-{code}": SCRIPT
            for kind in ("examples", "golden")
            for code in ("es", "ht", "qu")
        }
        assert (await author.post(f"{A}/examples", fields)).status == 303
        pages = [*PAGES, *(f"/history?part={part}" for part in ("article", "examples", "golden"))]
        for page in pages:
            text = await author.text(f"{A}{page}")
            assert "<script>alert" not in text, page
            assert "&lt;script&gt;" in text, page
        assert "<script>alert" not in await author.text("/panel/articles")
        assert "<script>alert" not in await author.text("/panel/articles?q=script")


@pytest.mark.parametrize("page", PAGES)
async def test_pages_of_what_does_not_exist(panel: Running, page: str) -> None:
    """One sentence says so."""
    async with panel.signed_in(Role.AUTHOR) as author:
        assert (await author.get(f"/panel/articles/no/where{page}")).status == 404


async def test_the_pages_speak_english(panel: Running) -> None:
    """Every page renders in both languages."""
    await written(panel)
    async with panel.signed_in(Role.AUTHOR) as author:
        await author.post("/panel/language", {"language": "en"})
        for page in PAGES:
            assert '<html lang="en">' in await author.text(f"{A}{page}")
