"""What strangers, careless colleagues and two people at a time try with the panel."""

import asyncio
import gzip
import time
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from yarl import URL

from content import comments, drafts, editing
from content.editing import Act, Fields, Seen
from content.exchange import importing
from content.exchange.importing import Change, Plan
from content.models import RevisionRow
from content.panel.tables import AuditRow, ReleaseRow, SessionRow
from content.release.releases import Stage
from content.staff import Role
from content.workflow import Action, Status
from tests.fakes import content as fake
from tests.fakes.panel import Running, running_panel
from tests.fakes.panel_people import (
    PASSWORD,
    cheap,
    enrol,
    give_code,
    give_password,
    take_cookie,
)

ARTICLE = "health/access"
ONCE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
BEYOND = "2147483648"  # one more than what PostgreSQL takes for an integer
PARTS = "multipart/form-data; boundary=X"


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A running panel."""
    async with running_panel(engine) as running:
        yield running


async def spanish_draft(panel: Running) -> RevisionRow:
    """Save a Spanish draft of an author."""
    async with panel.panel.sessions.begin() as session:
        published = await drafts.published_text(session, ARTICLE, "es")
        assert published is not None
        fields = Fields("Otro título", "Otro", dict(fake.SECTIONS))
        act = Act("author@example.org", panel.clock())
        return await editing.save_text(
            session, act, ARTICLE, "es", fields, Seen(base=published.id)
        )  # fmt: skip


async def status_of(panel: Running, row: RevisionRow) -> Status:
    """Return where a text stands now."""
    async with panel.panel.reads() as session:
        found = await session.get_one(RevisionRow, row.id)
        return found.status


# --- roles ---------------------------------------------------------------------------------------


@ONCE
@pytest.mark.parametrize("step", ["submit", "discard", "save"])
async def test_a_translator_does_nothing_with_spanish_texts(panel: Running, step: str) -> None:
    """The pages of translations are no second way to them."""
    row = await spanish_draft(panel)
    seen = {"revision": str(row.id), "edits": str(row.edits), "title": "x"}
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        response = await browser.post(f"/panel/translations/es/{ARTICLE}/{step}", seen)
    assert response.status == 404
    assert await status_of(panel, row) is Status.DRAFT


@ONCE
@pytest.mark.parametrize("step", ["approve", "return", "confirm", "comment"])
async def test_spanish_is_reviewed_on_its_own_pages(panel: Running, step: str) -> None:
    """They show the sources; those of translations do not."""
    row = await spanish_draft(panel)
    async with panel.panel.sessions.begin() as session:
        act = Act("author@example.org", panel.clock())
        await editing.step(session, act, await session.get_one(RevisionRow, row.id), Action.SUBMIT)
    form = {"revision": str(row.id), "edits": "1", "note": "x", "read": "1", "comment": "x"}
    async with panel.signed_in(Role.REVIEWER) as browser:
        response = await browser.post(f"/panel/translations/es/{ARTICLE}/{step}", form)
    assert response.status == 404
    assert await status_of(panel, row) is Status.IN_REVIEW


@ONCE
async def test_a_remark_is_settled_where_it_stands_alone(panel: Running) -> None:
    """Its number on the page of another text leads to nothing."""
    async with panel.panel.sessions.begin() as session:
        act = Act("author@example.org", panel.clock())
        mine = await comments.comment(session, act, f"text:{ARTICLE}:en", "Un comentario")
        other = await comments.comment(session, act, "card:medical", "Otro comentario")
    here = f"/panel/translations/en/{ARTICLE}/settle"
    async with panel.signed_in(Role.DESK) as browser:
        for number in (str(other.id), BEYOND, "9" * 6000, "²"):
            assert (await browser.post(here, {"comment": number})).status == 404
            at_card = "/panel/documents/card/medical/settle"
            if number != str(other.id):
                assert (await browser.post(at_card, {"comment": number})).status == 404
        assert (await browser.post(here, {"comment": str(mine.id)})).status == 303


@ONCE
async def test_nobody_fills_the_database_with_remarks(panel: Running) -> None:
    """A remark has an end, and stands at a text that there is."""
    async with panel.signed_in(Role.DESK) as browser:
        long = {"comment": "x" * 5000, "text": "x" * 5000}
        there = f"/panel/translations/en/{ARTICLE}/comment"
        assert (await browser.post(there, long)).status == 413
        assert (await browser.post("/panel/documents/card/medical/comment", long)).status == 413
        nowhere = "/panel/translations/en/health/nothing/comment"
        assert (await browser.post(nowhere, {"comment": "x"})).status == 404


# --- addresses and forms that no page of ours sends ----------------------------------------------


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.PUBLISHER, "/panel/audit?staff=%00&action=%00&subject=a%00b&before=" + BEYOND, 200),
        (Role.PUBLISHER, "/panel/audit.csv?subject=%00", 200),
        (Role.AUTHOR, "/panel/articles?q=%00&topic=%00", 200),
        (Role.AUTHOR, "/panel/articles/health/a%00b", 404),
        (Role.AUTHOR, "/panel/translations/en/health/%00", 404),
        (Role.AUTHOR, "/panel/kept/%00", 404),
        (Role.AUTHOR, f"/panel/releases/{BEYOND}", 404),
        (Role.AUTHOR, f"/panel/releases/texts/{BEYOND}", 404),
        (Role.PUBLISHER, f"/panel/releases/{BEYOND}/return", 404),
        (Role.AUTHOR, f"/panel/documents/card/medical/compare/0/{BEYOND}", 404),
        (Role.DESK, f"/panel/desk/{BEYOND}", 404),
        (Role.PUBLISHER, "/panel/transfer/%00", 404),
    ],
)
async def test_no_address_breaks_a_page(panel: Running, role: Role, path: str, status: int) -> None:
    """PostgreSQL takes neither NUL nor numbers beyond 32 bits: they never get there."""
    async with panel.signed_in(role) as browser:
        address = URL(panel.address.rstrip("/") + path, encoded=True)
        headers = {"Cookie": f"{browser.cookie}={browser.token}"}
        async with browser.client.get(address, headers=headers, allow_redirects=False) as answer:
            assert answer.status == status
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@ONCE
@pytest.mark.parametrize(
    ("body", "kind", "more"),
    [
        (b"abc", PARTS, {}),
        (b'--X\r\nContent-Disposition: form-data; name="a"\r\n'
         b"Content-Transfer-Encoding: zorg\r\n\r\nx\r\n--X--\r\n", PARTS, {}),
        (b"--X\r\nfoo\r\n\r\nx\r\n--X--\r\n", PARTS, {}),
        (b'--X\r\nContent-Disposition: form-data; name="' + b"a" * 20000, PARTS, {}),
        (b"a=b", "application/x-www-form-urlencoded; charset=zorg", {}),
        (gzip.compress(b"a=" + b"0" * 2_000_000), "application/x-www-form-urlencoded",
         {"Content-Encoding": "gzip"}),
    ],
)  # fmt: skip
async def test_what_is_no_form_is_refused(
    panel: Running, body: bytes, kind: str, more: Mapping[str, str]
) -> None:
    """With a sentence, not as a failure of ours; a packed body is not even unpacked."""
    async with panel.browser() as browser:
        headers = {"Content-Type": kind, "Sec-Fetch-Site": "same-origin", **more}
        async with browser.client.post("/panel/sign-in", data=body, headers=headers) as answer:
            assert answer.status == 400
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@ONCE
@pytest.mark.parametrize(
    "wish", ["add:questions.²", "drop:questions.²", "up:questions." + "9" * 5000]
)
async def test_no_button_of_a_form_breaks_it(panel: Running, wish: str) -> None:
    """A wish that names no row does nothing."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        response = await browser.post("/panel/documents/path/otro/edit", {"op": wish})
    assert response.status == 200


@ONCE
async def test_rows_within_rows_do_not_multiply(panel: Running) -> None:
    """A small form that asks for 160,000 rows would keep everybody waiting for minutes."""
    form = {"op": "look", "questions.count": "400"}
    form |= {f"questions.{number}.options.count": "400" for number in range(400)}
    async with panel.signed_in(Role.AUTHOR) as browser:
        began = time.process_time()
        response = await browser.post("/panel/documents/path/otro/edit", form)
        assert response.status == 200
    assert time.process_time() - began < 15


@ONCE
async def test_texts_of_the_same_few_words_are_compared_in_no_time(panel: Running) -> None:
    """What an author saves cannot keep the assistant from answering."""
    async with panel.panel.sessions.begin() as session:
        published = await drafts.published_text(session, ARTICLE, "es")
        assert published is not None
        act = Act("author@example.org", panel.clock())
        sections = {"answer": "a\n" * 5000, "steps": "a b " * 700}
        draft = await editing.save_text(
            session, act, ARTICLE, "es", Fields("Título", "T", sections), Seen(base=published.id)
        )
        sections = {"answer": "b\na\n" * 2500, "steps": "a c " * 700}
        session.add(
            RevisionRow(
                article_id=ARTICLE, language="es", number=draft.number + 1, title="T", label="T",
                status=Status.ARCHIVED, translates=1, pending_review=False, sections=sections,
                author="a", created_at=panel.clock(), editors=[], edits=1, note="",
            )
        )  # fmt: skip
    async with panel.signed_in(Role.AUTHOR) as browser:
        began = time.process_time()
        assert "<ins" in await browser.text(f"/panel/articles/{ARTICLE}/history")
    assert time.process_time() - began < 10


# --- two at once ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["totp", "recovery"])
async def test_of_two_at_once_one_comes_in_with_a_code(panel: Running, kind: str) -> None:
    """Whoever read it over her shoulder sends it at the same moment."""
    cheap(panel)
    async with panel.browser() as browser, panel.browser() as thief:
        person = await enrol(panel, browser, Role.AUTHOR)
        panel.clock.passes(timedelta(minutes=2))
        for who in (browser, thief):
            take_cookie(who, await give_password(who, person.email, PASSWORD))
        code = person.code(panel) if kind == "totp" else person.codes[0]
        answers = await asyncio.gather(give_code(browser, code), give_code(thief, code))
        assert sorted(answer.status for answer in answers) == [303, 422]
    async with panel.panel.reads() as session:
        complete = await session.scalar(
            select(func.count()).select_from(SessionRow).where(SessionRow.complete)
        )
    assert complete == 1


async def test_of_two_who_approve_one_is_told(panel: Running) -> None:
    """A text is approved once, by the one who was first."""
    row = await spanish_draft(panel)
    async with panel.panel.sessions.begin() as session:
        act = Act("author@example.org", panel.clock())
        await editing.step(session, act, await session.get_one(RevisionRow, row.id), Action.SUBMIT)
    path = f"/panel/articles/{ARTICLE}/review"
    form = {"part": f"text-{row.id}-{row.edits}", "note": "Falta algo"}
    async with (
        panel.signed_in(Role.REVIEWER) as one,
        panel.signed_in(Role.PUBLISHER) as other,
    ):
        answers = await asyncio.gather(
            one.post(f"{path}/approve", form), other.post(f"{path}/approve", form)
        )
    assert sorted(answer.status for answer in answers) == [303, 409]
    async with panel.panel.reads() as session:
        approved = await session.scalar(
            select(func.count()).select_from(AuditRow).where(AuditRow.action == "approved")
        )
    assert approved == 1


async def test_an_import_that_is_confirmed_twice_counts_once(panel: Running) -> None:
    """Also where both confirmations come at the same moment."""
    body = {"title": "Un autre titre", "label": "Autre", "sections": fake.SECTIONS, "stale": False}
    plan = Plan((Change("text", ARTICLE, "Un autre titre", dict(body), "fr"),), 0)

    async def confirm(who: str) -> int:
        async with panel.panel.sessions.begin() as session:
            done = await importing.submit(session, Act(who, panel.clock()), plan)
            return len(done.sent)

    sent = await asyncio.gather(*(confirm(f"{number}@example.org") for number in range(4)))
    assert sorted(sent) == [0, 0, 0, 1]
    async with panel.panel.reads() as session:
        waiting = await session.scalars(
            select(RevisionRow).where(
                RevisionRow.article_id == ARTICLE, RevisionRow.status == Status.IN_REVIEW
            )
        )
        assert len(list(waiting)) == 1


@pytest.mark.parametrize("stage", [Stage.QUEUED, Stage.READY, Stage.CANCELLED])
async def test_what_was_not_published_is_not_gone_back_to(panel: Running, stage: Stage) -> None:
    """Not even the question whether to go back is asked."""
    async with panel.panel.sessions.begin() as session:
        row = ReleaseRow(
            status=stage, title="x", texts=[], documents=[], created_by="a",
            created_at=panel.clock(), progress="", report={},
        )  # fmt: skip
        session.add(row)
    async with panel.signed_in(Role.PUBLISHER) as browser:
        assert (await browser.get(f"/panel/releases/{row.id}/return")).status == 404
        assert (await browser.post(f"/panel/releases/{row.id}/return")).status in (404, 409)


# --- sessions ------------------------------------------------------------------------------------


@ONCE
async def test_reading_takes_no_lock_of_the_database(panel: Running) -> None:
    """A page opens while somebody else writes: the session in use is noted once a minute."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        await browser.text("/panel/account")
        async with panel.panel.sessions.begin():
            async with asyncio.timeout(3):
                await browser.text("/panel/account")
        panel.clock.passes(timedelta(minutes=2))
        await browser.text("/panel/account")
        async with panel.panel.reads() as session:
            seen = await session.scalar(select(SessionRow.seen_at))
    assert seen == panel.clock()
