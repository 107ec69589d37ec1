"""Contents besides articles in the panel: forms, review, history, rules."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from content.models import DocumentRow
from content.panel.tables import DocumentRevisionRow
from content.staff import Role
from content.workflow import Status
from tests.fakes.forms import filled
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_documents import changed, draft, form, seen

CARD = "/panel/documents/card/medical"
PATH = "/panel/documents/path/which-way"
OFFICES = "/panel/documents/offices/offices"
SCRIPT = "<script>alert('x')</script>"


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty SQLite database: what differs between databases is tested below."""
    return f"sqlite+aiosqlite:///{tmp_path / 'orienta.db'}"


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


async def test_every_kind_has_a_page(panel: Running) -> None:
    """The list leads to a page for each kind, and each document of it has one."""
    from content.panel.documents.kinds import KINDS

    async with panel.signed_in(Role.AUTHOR) as browser:
        shown = await browser.text("/panel/documents")
        for kind in KINDS.values():
            assert f'href="/panel/documents/{kind.name}"' in shown
            response = await browser.get(f"/panel/documents/{kind.name}")
            assert response.status == (303 if kind.single else 200)
            if kind.single:
                assert (await browser.get(response.headers["Location"])).status == 200


@pytest.mark.parametrize(
    "address",
    [CARD, PATH, "/panel/documents/desk/desk", "/panel/documents/notice/notice",
     "/panel/documents/topic/health", "/panel/documents/help/help",
     "/panel/documents/intent/greet", "/panel/documents/whatsapp/reminder",
     "/panel/documents/phrases/due", "/panel/documents/scrub/scrub",
     "/panel/documents/glossary/glossary"],
)  # fmt: skip
async def test_an_untouched_form_changes_nothing(panel: Running, address: str) -> None:
    """What a form shows and sends back is what it was made of."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = await form(browser, f"{address}/edit")
        response = await browser.post(f"{address}/edit", fields)
        assert response.status == 303
        async with panel.panel.reads() as session:
            rows = list(await session.scalars(select(DocumentRevisionRow)))
    # A notice and a list of words that do not exist yet begin as empty ones.
    assert [row.document for row in rows] in ([], ["notice"], ["scrub"])


async def test_a_change_goes_through_review(panel: Running) -> None:
    """Who wrote it cannot approve it; each step is in the audit log; nothing is published."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = changed(await form(author, f"{CARD}/edit"), title__es="Otra emergencia")
        assert (await author.post(f"{CARD}/edit", [*fields, ("op", "submit")])).status == 303
        page = await author.text(CARD)
        assert "en revisión" in page
        assert "Otra emergencia" in page
        assert "Aprobar" not in page
        assert (await author.post(f"{CARD}/approve", await seen(panel, "card"))).status == 403
    async with panel.signed_in(Role.REVIEWER) as reviewer:
        returned = await reviewer.post(f"{CARD}/return", await seen(panel, "card"))
        assert returned.status == 303  # without a note
        assert (await draft(panel, "card")).status is Status.IN_REVIEW
        assert (await reviewer.post(f"{CARD}/approve", await seen(panel, "card"))).status == 303
    row = await draft(panel, "card")
    assert (row.status, row.approved_by) == (Status.APPROVED, "reviewer@example.org")
    assert row.body["title"]["es"] == "Otra emergencia"
    async with panel.panel.reads() as session:
        acts = list(await session.scalars(text("SELECT action FROM audit ORDER BY id")))
        stored = await session.scalar(text("SELECT body FROM documents WHERE kind = 'card'"))
    assert acts == ["document_saved", "sent_to_review", "approved"]
    assert "Otra emergencia" not in str(stored)


async def test_a_change_is_returned_with_a_note(panel: Running) -> None:
    """Then its author sees what to do and goes on writing."""
    async with panel.signed_in(Role.AUTHOR) as author:
        fields = changed(await form(author, f"{CARD}/edit"), title__es="Otra emergencia")
        await author.post(f"{CARD}/edit", [*fields, ("op", "submit")])
        async with panel.signed_in(Role.REVIEWER) as reviewer:
            note = {**await seen(panel, "card"), "note": f"Falta la hora {SCRIPT}"}
            assert (await reviewer.post(f"{CARD}/return", note)).status == 303
        page = await author.text(CARD)
        assert "Falta la hora" in page
        assert SCRIPT not in page
        discarded = await author.post(f"{CARD}/discard", await seen(panel, "card"))
        assert discarded.status == 303
    assert (await draft(panel, "card")).status is Status.ARCHIVED


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.DESK, Role.ANALYST])
async def test_only_some_may_write(panel: Running, role: Role) -> None:
    """Others read; what they send is refused."""
    async with panel.signed_in(role) as browser:
        assert (await browser.get(CARD)).status == 200
        for address in (f"{CARD}/edit", f"{OFFICES}/row/0", f"{OFFICES}/import",
                        "/panel/documents/rules/es/edit"):  # fmt: skip
            assert (await browser.get(address)).status == 403
            assert (await browser.post(address, {"op": "save"})).status == 403
        assert (await browser.post("/panel/documents/path/new", {"title": "x"})).status == 403


async def test_the_second_of_two_editors_loses_nothing(panel: Running) -> None:
    """She sees what is stored beside hers, and saving once more keeps hers."""
    async with (
        panel.signed_in(Role.AUTHOR) as first,
        panel.signed_in(Role.AUTHOR, "second@example.org") as second,
    ):
        fields = await form(first, f"{CARD}/edit")
        others = changed(fields, title__es="De la primera")
        assert (await first.post(f"{CARD}/edit", others)).status == 303
        late = await second.post(f"{CARD}/edit", changed(fields, title__es="De la segunda"))
        page = await late.text()
        assert late.status == 409
        assert "De la <del>primera" in page.replace("</ins>", "") or "primera" in page
        again = filled(page)
        assert ("title.es", "De la segunda") in again
        assert (await second.post(f"{CARD}/edit", again)).status == 303
    row = await draft(panel, "card")
    assert row.body["title"]["es"] == "De la segunda"
    assert row.editors == ["author@example.org", "second@example.org"]


@pytest.mark.parametrize("address", [f"{CARD}/edit", f"{OFFICES}/row/0"])
async def test_a_release_in_between_is_told(panel: Running, address: str) -> None:
    """Her page shows what was published before: saved, it would take the new words back."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = [*await form(browser, address), ("op", "save")]
        kind = address.split("/")[3]
        async with panel.panel.sessions.begin() as session:
            found = await session.scalars(select(DocumentRow).where(DocumentRow.kind == kind))
            for row in found:
                row.body = (
                    [*row.body, row.body[0]]
                    if kind == "offices"
                    else {
                        **row.body,
                        "label": {**row.body["label"], "es": "Otro botón"},
                    }
                )
        assert (await browser.post(address, fields)).status == 409


async def test_rows_move_without_a_script(panel: Running) -> None:
    """Buttons add, move and take away rows; nothing is saved by them, nothing typed is lost."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = changed(await form(browser, f"{CARD}/edit"), numbers__0__service="Escrito")
        added = filled(
            await (await browser.post(f"{CARD}/edit", [*fields, ("op", "add:numbers")])).text()
        )
        assert ("numbers.count", "3") in added
        assert ("numbers.0.service", "Escrito") in added
        assert ("numbers.2.service", "") in added
        moved = filled(
            await (await browser.post(f"{CARD}/edit", [*added, ("op", "down:numbers.0")])).text()
        )
        assert ("numbers.1.service", "Escrito") in moved
        gone = filled(
            await (await browser.post(f"{CARD}/edit", [*moved, ("op", "drop:numbers.0")])).text()
        )
        assert ("numbers.0.service", "Escrito") in gone
        assert ("numbers.count", "2") in gone
    async with panel.panel.reads() as session:
        assert await session.scalar(text("SELECT count(*) FROM document_revisions")) == 0


async def test_a_card_never_loses_its_last_number(panel: Running) -> None:
    """Neither by the button nor by a form that somebody has tampered with."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = changed(await form(browser, f"{CARD}/edit"), numbers__count="1")
        kept = filled(
            await (await browser.post(f"{CARD}/edit", [*fields, ("op", "drop:numbers.0")])).text()
        )
        assert ("numbers.count", "1") in kept
        none = changed(fields, numbers__count="0")
        response = await browser.post(f"{CARD}/edit", none)
        assert response.status == 422
        assert (await browser.post(f"{CARD}/edit", [*fields, ("op", "remove")])).status == 303
    row = await draft(panel, "card")
    assert len(row.body["numbers"]) == 1  # 'remove' is no wish that a card knows


async def test_what_is_wrong_stands_beside_its_field_and_keeps_it_from_review(
    panel: Running,
) -> None:
    """A faulty draft is saved, so that nothing is lost, but goes nowhere."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        wrong = changed(await form(browser, f"{CARD}/edit"), title__es="x" * 80)
        assert (await browser.post(f"{CARD}/edit", [*wrong, ("op", "submit")])).status == 303
        row = await draft(panel, "card")
        assert row.status is Status.DRAFT
        page = await browser.text(f"{CARD}/edit")
        assert 'id="title.es-wrong1"' in page
        assert "Título › español" in page
        assert (await browser.post(f"{CARD}/submit", await seen(panel, "card"))).status == 303
    assert (await draft(panel, "card")).status is Status.DRAFT


async def test_stored_text_is_never_markup(panel: Running) -> None:
    """In no field of a path, on none of its pages, in none of the languages."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = [
            (name, f"{SCRIPT}{index}" if ".es" in name or ".qu" in name else value)
            for index, (name, value) in enumerate(await form(browser, f"{PATH}/edit"))
        ]
        assert (await browser.post(f"{PATH}/edit", fields)).status == 303
        await browser.post(f"{PATH}/comment", {"text": SCRIPT})
        pages = ("", "/edit", "/walk", "/walk?language=qu&way=1", "/compare/0/1")
        for address in (*(PATH + page for page in pages), "/panel/documents/path"):
            assert "<script>alert" not in await browser.text(address), address


async def test_a_path_is_walked_to_its_ends(panel: Running) -> None:
    """As a person would, with the draft's words."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = changed(await form(browser, f"{PATH}/edit"), ends__2__verdict__es="Lea esto.")
        await browser.post(f"{PATH}/edit", fields)
        first = await browser.text(f"{PATH}/walk")
        assert "¿Pasó por control? es" in first
        assert "Lea esto." in await browser.text(f"{PATH}/walk?way=0-1")
        assert "Llame al 106." in await browser.text(f"{PATH}/walk?way=0-0")
        shown = await browser.text(PATH)
        assert "<svg" in shown
        assert "Como lista" in shown
        assert (await browser.get(f"{PATH}/walk?way=9-x-99999")).status == 200


async def test_a_new_path_begins_with_a_name(panel: Running) -> None:
    """It gets an id of its own and is stored once it is saved."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        made = await browser.post("/panel/documents/path/new", {"title": "¿Qué hago si... ñandú?"})
        address = made.headers["Location"]
        assert address == "/panel/documents/path/que-hago-si-nandu/edit"
        fields = changed(await form(browser, address), title__es="¿Qué hago?")
        assert (await browser.post(address, [*fields, ("op", "submit")])).status == 303
    row = await draft(panel, "path")
    assert (row.document, row.status, row.body["id"]) == (
        "que-hago-si-nandu", Status.DRAFT, "que-hago-si-nandu",
    )  # fmt: skip


@pytest.mark.parametrize(
    "address",
    ["/panel/documents/nothing", "/panel/documents/nothing/x", "/panel/documents/card/none",
     "/panel/documents/card/..%2f", f"{CARD}/compare/1/2", f"{CARD}/compare/x/2",
     f"{OFFICES}/row/99", f"{OFFICES}/row/-1", "/panel/documents/path/none/walk",
     "/panel/documents/path/UPPER/edit", "/panel/documents/rules/xx",
     "/panel/documents/desk/other"],
)  # fmt: skip
async def test_what_is_not_there_is_not_found(panel: Running, address: str) -> None:
    """Whatever the address says."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert (await browser.get(address)).status == 404


async def test_comments_are_settled(panel: Running) -> None:
    """Everybody who reads may remark; one remark belongs to one content."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        assert (await browser.post(f"{CARD}/comment", {"text": "¿Y el 105?"})).status == 303
        assert "¿Y el 105?" in await browser.text(CARD)
        assert (await browser.post(f"{PATH}/settle", {"comment": "1"})).status == 404
        assert (await browser.post(f"{CARD}/settle", {"comment": "1"})).status == 303
        assert "resuelto" in await browser.text(CARD)
        assert (await browser.post(f"{CARD}/settle", {"comment": "x"})).status == 404


async def test_the_desk_shows_when_it_opens_next(panel: Running) -> None:
    """From the hours of the draft."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        address = "/panel/documents/desk/desk"
        hours = {"hours__tuesday": "09:00-10:00", "hours__monday": ""}
        fields = changed(await form(browser, f"{address}/edit"), **hours)
        assert (await browser.post(f"{address}/edit", fields)).status == 303
        assert "24/11/2026 09:00" in await browser.text(address)
        wrong = changed(await form(browser, f"{address}/edit"), hours__tuesday="de 9 a 10")
        await browser.post(f"{address}/edit", [*wrong, ("op", "submit")])
        page = await browser.text(f"{address}/edit")
        assert "hours.tuesday-wrong1" in page or "Martes" in page
    assert (await draft(panel, "desk")).status is Status.DRAFT


async def test_a_notice_can_be_proposed_and_taken_back(panel: Running) -> None:
    """It needs both days."""
    address = "/panel/documents/notice/notice"
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = changed(await form(browser, f"{address}/edit"), text__es="El lunes no se atiende.")
        await browser.post(f"{address}/edit", [*fields, ("op", "submit")])
        assert (await draft(panel, "notice")).status is Status.DRAFT
        assert "El aviso no dice desde qué día" in await browser.text(address)


async def test_words_that_are_not_kept_are_tried(panel: Running) -> None:
    """The box shows what would be stored; trying stores nothing."""
    address = "/panel/documents/scrub/scrub/edit"
    async with panel.signed_in(Role.AUTHOR) as browser:
        sent = {"words": "Acme\nCerro Azul", "trial": "trabajo en Acme", "op": "try"}
        page = await (await browser.post(address, sent)).text()
        assert "trabajo en …" in page
    async with panel.panel.reads() as session:
        assert await session.scalar(text("SELECT count(*) FROM document_revisions")) == 0


async def test_a_reminder_keeps_its_places(panel: Running) -> None:
    """A text without the place of the date goes to no review."""
    address = "/panel/documents/phrases/due"
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = changed(await form(browser, f"{address}/edit"), texts__es="Vence pronto.")
        await browser.post(f"{address}/edit", [*fields, ("op", "submit")])
        row = await draft(panel, "phrases")
        assert row.status is Status.DRAFT
        assert "{date}" in await browser.text(address)
        right = changed(await form(browser, f"{address}/edit"), texts__es="El {date} vence.")
        await browser.post(f"{address}/edit", [*right, ("op", "submit")])
    row = await draft(panel, "phrases")
    assert row.status is Status.IN_REVIEW
    assert row.body == {
        "id": "due",
        "msgid": "Vence el {date}.",
        "texts": {"es": "El {date} vence."},
    }


async def test_a_template_is_checked_as_meta_would(panel: Running) -> None:
    """Its states are shown, never written; what no field shows stays."""
    address = "/panel/documents/whatsapp/reminder"
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert "aprobado por Meta" in await browser.text(address)
        fields = changed(await form(browser, f"{address}/edit"), texts__es__body="Sin fecha.")
        await browser.post(f"{address}/edit", fields)
        assert "los de esta plantilla" in await browser.text(address)
    body = (await draft(panel, "whatsapp")).body
    assert body["texts"]["es"]["code"] == "es"
    assert body["choices"]


async def test_rules_are_refused_with_their_line(panel: Running) -> None:
    """Nothing of them is saved, and what was typed stays."""
    address = "/panel/documents/rules/es"
    async with panel.signed_in(Role.AUTHOR) as browser:
        response = await browser.post(f"{address}/edit", {"text": "strong: [a]\nstrong: [b"})
        page = await response.text()
        assert response.status == 422
        assert "línea 2" in page or "línea 3" in page
        assert "strong: [b" in page
        tried = await browser.post(
            f"{address}/edit", {"text": "strong: [ayuda]", "trial": "ayuda ya", "op": "try"}
        )
        assert "reconocen un peligro: Emergencia es" in await tried.text()
        saved = await browser.post(f"{address}/edit", {"text": "strong: [ayuda, 106]"})
        assert saved.status == 303
        assert "<ins>" in await browser.text(address)
    assert (await draft(panel, "rules")).body == {"strong": ["ayuda", 106]}


async def test_a_card_is_seen_while_it_is_written(panel: Running) -> None:
    """By the script and by a button; nothing is saved, and nothing in it is markup."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        fields = changed(await form(browser, f"{CARD}/edit"), card__fr=f"Appelez {SCRIPT}")
        fields = [(n, "fr" if n == "look-language" else v) for n, v in fields]
        part = await (await browser.post(f"{CARD}/preview", fields)).text()
        assert "Appelez &lt;script&gt;" in part
        assert "<html" not in part
        whole = await (await browser.post(f"{CARD}/edit", [*fields, ("op", "look")])).text()
        assert "Appelez &lt;script&gt;" in whole
        assert (await browser.post(f"{PATH}/preview", {})).status == 200
    async with panel.panel.reads() as session:
        assert await session.scalar(text("SELECT count(*) FROM document_revisions")) == 0


async def test_whoever_reads_sees_every_text(panel: Running) -> None:
    """Also those who may change nothing."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        assert "Llame a la Defensoría: 0800-15-170. qu" in await browser.text(
            "/panel/documents/help/help"
        )
