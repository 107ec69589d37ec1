"""The pages of publishing."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from content import drafts, editing
from content.editing import Act, Fields, Seen
from content.panel.tables import AuditRow, DocumentRevisionRow, ReleaseRow
from content.release import releases
from content.release.draft_checks import Files, Found, faults_of, told_apart
from content.release.releasing import Releaser
from content.staff import Role
from content.workflow import Action, Status
from tests.fakes import content as fake
from tests.fakes.panel import Browser, Running, running_panel

ARTICLE = "health/access"
NASTY = "<script>alert(1)</script>"
PUBLISHER = "publisher@example.org"


async def _checked(draft: Files, published: Files, today: Any) -> Found:
    return told_apart(faults_of(draft, fake.TODAY), faults_of(published, fake.TODAY))


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        for role in (Role.AUTHOR, Role.REVIEWER):
            await running.hire(f"{role.value}@example.org", role)
        yield running


async def approved(panel: Running, title: str = "Nuevo título", **sections: str) -> int:
    """Write, submit and approve a text; return its id."""
    author, reviewer = (Act(f"{who}@example.org", panel.clock()) for who in ("author", "reviewer"))
    async with panel.panel.sessions.begin() as session:
        published = await drafts.published_text(session, ARTICLE, "es")
        assert published is not None
        row = await editing.save_text(
            session, author, ARTICLE, "es",
            Fields(title, title[:20], {**fake.SECTIONS, **sections}), Seen(base=published.id),
        )  # fmt: skip
        await editing.step(session, author, row, Action.SUBMIT)
        await editing.step(session, reviewer, row, Action.APPROVE)
        return row.id


def worker(panel: Running) -> Releaser:
    """Return the worker behind the pages."""
    maker = panel.panel.sessions
    return Releaser(maker, maker, panel.training, panel.clock, checked=_checked)


async def prepared(panel: Running, browser: Browser, **text: str) -> str:
    """Prepare a release by the form, let it be examined, and return its address."""
    chosen = await approved(panel, **text)
    answer = await browser.post("/panel/releases", {"title": "Prueba", "change": f"t{chosen}"})
    assert answer.status == 303
    await worker(panel).examine_next("w")
    return answer.headers["Location"]


@pytest.fixture
async def publisher(panel: Running) -> AsyncIterator[Browser]:
    """A publisher's browser."""
    async with panel.signed_in(Role.PUBLISHER) as browser:
        yield browser


async def test_empty_pages_say_what_to_do(panel: Running, publisher: Browser) -> None:
    """Nothing waits: the page says how something comes to wait."""
    for path in ("/panel/releases", "/panel/releases/new"):
        page = await publisher.text(path)
        assert "No hay cambios aprobados que esperen." in page
        assert page.count("<h1") == 1
    assert "Todavía no se publicó nada" in await publisher.text("/panel/releases")


async def test_from_an_approved_text_to_the_readers_and_back(
    panel: Running, publisher: Browser
) -> None:
    """Prepare, see it examined, publish, and go back with a confirmation."""
    await approved(panel)
    page = await publisher.text("/panel/releases")
    assert "Nuevo título" in page
    assert "author@example.org" in page
    assert "checked" in await publisher.text("/panel/releases/new")
    answer = await publisher.post("/panel/releases", {"change": "t" + _id(page)})
    address = answer.headers["Location"]
    page = await publisher.text(address)
    assert "data-follow" in page
    assert "Espera su turno" in page
    progress = await publisher.get(f"{address}/progress")
    assert "X-Reload" not in progress.headers
    await worker(panel).examine_next("w")
    progress = await publisher.get(f"{address}/progress")
    assert progress.headers["X-Reload"] == "1"
    page = await publisher.text(address)
    assert "Publicar ahora" in page
    panel.clock.passes(timedelta(minutes=1))
    answer = await publisher.post(f"{address}/publish", {"when": "now"})
    assert answer.status == 303
    page = await publisher.text(address)
    assert "Publicado." in page
    assert "responde ahora" in page
    await worker(panel).publish_next()
    panel.clock.passes(timedelta(minutes=1))
    async with panel.panel.reads() as session:
        first = await session.scalar(select(ReleaseRow).order_by(ReleaseRow.id.desc()).limit(1))
    assert first is not None
    assert first.report["before"]
    page = await publisher.text(f"/panel/releases/{first.id}")
    assert "Volver a esta publicación" in page
    assert "Sí, volver ahora" in await publisher.text(f"/panel/releases/{first.id}/return")
    answer = await publisher.post(f"/panel/releases/{first.id}/return")
    assert answer.status == 303
    assert "Regreso a la publicación" in await publisher.text(answer.headers["Location"])
    async with panel.panel.reads() as session:
        now = await drafts.published_text(session, ARTICLE, "es")
        acts = [one.action for one in await session.scalars(select(AuditRow))]
    assert now is not None
    assert now.title != "Nuevo título"
    assert acts[-3:] == ["release_prepared", "release_published", "rolled_back"]
    page = await publisher.text("/panel/releases")
    assert "lo que había antes" in page


def _id(page: str) -> str:
    return page.partition("/panel/releases/texts/")[2].partition('"')[0]


async def test_the_change_is_shown_before_it_is_published(
    panel: Running, publisher: Browser
) -> None:
    """Word by word, beside what is published."""
    chosen = await approved(panel, cost="Cuesta S/ 99.00.")
    page = await publisher.text(f"/panel/releases/texts/{chosen}")
    assert "<ins>" in page
    assert "<del>" in page
    assert (await publisher.get("/panel/releases/texts/99999")).status == 404


async def test_roles_that_may_not_publish_are_refused(panel: Running, publisher: Browser) -> None:
    """They see the pages, without the buttons."""
    address = await prepared(panel, publisher)
    for role in (Role.AUTHOR, Role.REVIEWER, Role.TRANSLATOR, Role.ADMINISTRATOR):
        async with panel.signed_in(role) as browser:
            page = await browser.text(address)
            assert "Publicar ahora" not in page
            assert "Cancelar" not in page
            for path in ("publish", "cancel", "examine", "return"):
                assert (await browser.post(f"{address}/{path}")).status == 403
            assert (await browser.post("/panel/releases")).status == 403
            assert (await browser.get("/panel/releases/new")).status == 403
    async with panel.browser() as browser:
        assert (await browser.get(address)).status == 303


async def test_who_wrote_is_told_to_ask_a_colleague(panel: Running, publisher: Browser) -> None:
    """The page shows no button, and the act is refused with the same words."""
    address = await prepared(panel, publisher)
    async with panel.panel.sessions.begin() as session:
        release = await releases.found(session, int(address.rpartition("/")[2]))
        for row in await releases.changes_of(session, release):
            row.editors = [*row.editors, PUBLISHER]
    assert "Pida a otra persona" in await publisher.text(address)
    answer = await publisher.post(f"{address}/publish", {"when": "now"})
    assert answer.status == 409
    assert "Pida a otra persona" in await answer.text()


async def test_what_changed_since_must_be_examined_again(
    panel: Running, publisher: Browser
) -> None:
    """One sentence says so, and a button does it."""
    address = await prepared(panel, publisher)
    async with panel.panel.sessions.begin() as session:
        release = await releases.found(session, int(address.rpartition("/")[2]))
        (row,) = await releases.changes_of(session, release)
        row.title = "Otro"  # type: ignore[union-attr]
    answer = await publisher.post(f"{address}/publish", {"when": "now"})
    assert answer.status == 409
    assert "Algo cambió desde el examen" in await answer.text()
    assert (await publisher.post(f"{address}/examine")).status == 303
    assert "Se examina otra vez" in await publisher.text(address)


@pytest.mark.parametrize(
    "at", ["", "x", "2026-11-23T09:59", "2030-01-01T00:00", "9999-12-31T23:59", "0001-01-01T00:00"]
)
async def test_a_moment_that_is_none_is_refused(
    panel: Running, publisher: Browser, at: str
) -> None:
    """Past, far away or no moment at all; what was written stays."""
    address = await prepared(panel, publisher)
    answer = await publisher.post(f"{address}/publish", {"when": "later", "at": at})
    assert answer.status == 422
    page = await answer.text()
    assert "Elija un día y una hora" in page
    assert f'value="{at}"' in page


async def test_a_release_can_be_scheduled_and_cancelled(panel: Running, publisher: Browser) -> None:
    """The time is that of Peru."""
    address = await prepared(panel, publisher)
    await publisher.post(f"{address}/publish", {"when": "later", "at": "2026-11-24T08:00"})
    page = await publisher.text(address)
    assert "Sale el 24/11/2026 08:00" in page
    assert (await publisher.post(f"{address}/cancel")).status == 303
    assert "cancelada" in await publisher.text(address)
    assert (await publisher.post(f"{address}/cancel")).status == 409
    panel.clock.passes(timedelta(hours=1))
    page = await publisher.text("/panel/releases")
    assert "Preparar una publicación" in page  # the text waits again


async def test_a_refused_release_says_what_to_mend(panel: Running, publisher: Browser) -> None:
    """In plain Spanish, without names of files."""
    address = await prepared(panel, publisher, answer="Vea [aquí](http://x.pe)")
    page = await publisher.text(address)
    assert "no pasó el examen" in page
    assert "errores nuevos" in page
    assert "Publicar ahora" not in page
    assert "es.yml" not in page


async def test_what_got_worse_is_shown_with_its_phrase(panel: Running, publisher: Browser) -> None:
    """The phrase, what it should lead to, and figures per language."""
    from content.models import DocumentRow

    async with panel.panel.sessions.begin() as session:
        asked = [{"text": f"{NASTY} {n}", "language": "qu", "article": ARTICLE} for n in range(9)]
        session.add(DocumentRow(kind="golden", id="global", position=0, body=asked))
    panel.training.unknown = {f"{NASTY} 3"}
    page = await publisher.text(await prepared(panel, publisher))
    assert "Lo que empeoró" in page
    assert "&lt;script&gt;" in page
    assert NASTY not in page
    assert "antes acertaba 9 de 9" in page


async def test_no_stored_text_becomes_a_script(panel: Running, publisher: Browser) -> None:
    """In titles of releases and of texts."""
    chosen = await approved(panel, title=NASTY)
    answer = await publisher.post("/panel/releases", {"title": NASTY, "change": f"t{chosen}"})
    address = answer.headers["Location"]
    await worker(panel).examine_next("w")
    for path in ("/panel/releases", address, f"/panel/releases/texts/{chosen}"):
        assert NASTY not in await publisher.text(path), path
    await publisher.post(f"{address}/publish", {"when": "now"})
    for path in ("/panel/releases", f"{address}/return"):
        assert NASTY not in await publisher.text(path), path


@pytest.mark.parametrize(
    "change", ["", "t", "t99999", "x1", "t1'; DROP", "t²", "d1", "t99999999999999999"]
)
async def test_a_forged_choice_is_refused(panel: Running, publisher: Browser, change: str) -> None:
    """With the form again and a sentence."""
    await approved(panel)
    answer = await publisher.post("/panel/releases", {"change": change, "title": "Mío"})
    assert answer.status in (409, 422)
    assert 'value="Mío"' in await answer.text()


async def test_very_many_changes_go_out_together(panel: Running, publisher: Browser) -> None:
    """As after an import: nobody ticks them one by one."""
    async with panel.panel.sessions.begin() as session:
        session.add_all(
            DocumentRevisionRow(
                kind="golden", document=f"a/{n}", number=1, status=Status.APPROVED, body=[],
                edits=1, editors=[], author="a@example.org", note="", created_at=panel.clock(),
                updated_at=panel.clock(),
            )
            for n in range(501)
        )  # fmt: skip
    page = await publisher.text("/panel/releases/new")
    assert "Son muchos: 501" in page
    assert 'type="checkbox"' not in page
    answer = await publisher.post("/panel/releases", {"all": "1", "title": "Todo"})
    page = await publisher.text(answer.headers["Location"])
    assert "Y otros 301." in page


async def test_unknown_releases_are_not_there(panel: Running, publisher: Browser) -> None:
    """Whatever stands in the address."""
    for name in ("0", "99", "x", "²", "1e3", "99999999999999999999"):
        for path in ("", "/progress", "/return"):
            assert (await publisher.get(f"/panel/releases/{name}{path}")).status == 404, (
                name,
                path,
            )
        for path in ("publish", "cancel", "examine", "return"):
            answer = await publisher.post(f"/panel/releases/{name}/{path}", {"when": "now"})
            assert answer.status in (404, 409), (name, path)


async def test_the_page_says_when_nobody_works(panel: Running, publisher: Browser) -> None:
    """After a minute without a worker it names what must run."""
    chosen = await approved(panel)
    answer = await publisher.post("/panel/releases", {"change": f"t{chosen}"})
    address = answer.headers["Location"]
    assert "nadie trabaja" not in await publisher.text(address)
    panel.clock.passes(timedelta(minutes=2))
    assert "nadie trabaja" in await publisher.text(address)
