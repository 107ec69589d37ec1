"""The desk in the panel."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.desk.cases import Desk
from bot.panel.desk import PanelDesk
from content.answers import LONGEST, standard_answers
from content.catalogue import LANGUAGES
from content.panel.ports import CannotDo, Case, CaseLine, Why
from content.panel.tables import AuditRow
from content.staff import Role
from tests.fakes.bench import ANA, EVA, KEYS, Bench
from tests.fakes.panel import NOW, Running, running_panel
from tests.integration.test_desk import waiting

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SCRIPT = "<script>alert(1)</script>"
ME, OTHER = "desk@example.org", "otra@example.org"


def case(number: int, status: str = "open", staff: str | None = None, **more: object) -> Case:
    """Return a case on WhatsApp whose window is open for five hours."""
    plain = Case(
        number, "whatsapp", "es", f"mi pregunta {number} {SCRIPT}", status, staff,
        NOW - timedelta(hours=3), NOW, NOW + timedelta(hours=5), True,
        (CaseLine(None, f"sigo aquí {SCRIPT}", NOW), CaseLine(staff or ME, SCRIPT, NOW)),
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A panel with four cases."""
    async with running_panel(engine) as running:
        running.desk.given = {
            1: case(1), 2: case(2, "taken", ME), 3: case(3, "taken", OTHER),
            4: case(4, "closed", ME, writable_until=NOW - timedelta(hours=1)),
        }  # fmt: skip
        await running.hire(OTHER, Role.DESK, f"Otra {SCRIPT}")
        yield running


async def acts(panel: Running) -> list[tuple[str, str]]:
    """Return what the audit log holds of the desk."""
    async with panel.panel.reads() as session:
        rows = await session.execute(
            select(AuditRow.action, AuditRow.subject).where(AuditRow.action.like("case_%"))
        )
        return [(row.action, row.subject) for row in rows]


async def test_cases_are_listed_by_who_answers(panel: Running) -> None:
    """Waiting first, then hers, then those of others; what people wrote is no markup."""
    async with panel.signed_in(Role.DESK) as browser:
        page = await browser.text("/panel/desk")
        assert page.index("Esperan respuesta") < page.index("Los atiende usted")
        assert page.index("Los atiende usted") < page.index("Los atienden otras")
        assert "Quedan 5 h 0 min" in page
        assert "mi pregunta 4" not in page
        assert "mi pregunta 4" in await browser.text("/panel/desk?show=closed")
        assert "mi pregunta 1" in await browser.text("/panel/desk/list")
        assert SCRIPT not in page


async def test_a_case_shows_what_was_written_and_what_may_be(panel: Running) -> None:
    """With the retention, the window, and no markup of anybody's."""
    async with panel.signed_in(Role.DESK) as browser:
        page = await browser.text("/panel/desk/2")
        assert "quedan 5 h 0 min" in page
        assert "Se borra el" in page
        assert "23/12/2026" in page
        assert "sigo aquí" in await browser.text("/panel/desk/2/lines")
        assert SCRIPT not in page
        assert (await browser.get("/panel/desk/99")).status == 404


async def test_staff_answer_take_pass_on_and_close(panel: Running) -> None:
    """Each act reaches the desk and the audit log, which holds no word of it."""
    async with panel.signed_in(Role.DESK) as browser:
        assert (await browser.post("/panel/desk/2/reply", {"text": " Buenos días "})).status == 303
        assert (await browser.post("/panel/desk/1/take")).status == 303
        assert (await browser.post("/panel/desk/1/transfer", {"to": OTHER})).status == 303
        assert (await browser.post("/panel/desk/2/close")).status == 303
    assert panel.desk.done == [
        ("reply", 2, ME, "Buenos días"), ("take", 1, ME, False), ("transfer", 1, ME, OTHER),
        ("close", 2, ME),
    ]  # fmt: skip
    assert await acts(panel) == [
        ("case_answered", "case 2"), ("case_taken", "case 1"), ("case_transferred", "case 1"),
        ("case_closed", "case 2"),
    ]  # fmt: skip


async def test_a_colleagues_case_is_taken_only_with_her_word(panel: Running) -> None:
    """The box says that they have agreed."""
    async with panel.signed_in(Role.DESK) as browser:
        refused = await browser.post("/panel/desk/3/take")
        assert refused.status == 422
        assert "Otra persona atiende este caso" in await refused.text()
        assert (await browser.post("/panel/desk/3/take", {"over": "yes"})).status == 303
    assert panel.desk.done == [("take", 3, ME, True)]


async def test_a_standard_answer_is_added_and_not_sent(panel: Running) -> None:
    """It stands behind what she had written, in the person's language."""
    panel.desk.given[2] = case(2, "taken", ME, language="en")
    async with panel.signed_in(Role.DESK) as browser:
        form = {"text": "Hola <b>", "template": "hello"}
        page = await (await browser.post("/panel/desk/2/insert", form)).text()
    assert "Hola &lt;b&gt;\n\nGood day. I am a person" in page
    assert panel.desk.done == []


@pytest.mark.parametrize("why", list(Why))
async def test_a_refusal_is_told_and_what_she_wrote_stays(panel: Running, why: Why) -> None:
    """Every reason has its sentence."""

    async def refuse(*_: object) -> None:
        raise CannotDo(why)

    panel.desk.reply = refuse  # type: ignore[method-assign]
    async with panel.signed_in(Role.DESK) as browser:
        response = await browser.post("/panel/desk/2/reply", {"text": "Le cuento que no"})
        page = await response.text()
    assert response.status in (409, 422)
    assert "Le cuento que no" in page
    assert 'id="text-wrong"' in page
    assert await acts(panel) == []


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DESK])
async def test_only_the_desk_reads_cases(panel: Running, role: Role) -> None:
    """Not even an administrator does."""
    async with panel.signed_in(role) as browser:
        for path in ("/panel/desk", "/panel/desk/list", "/panel/desk/1", "/panel/desk/1/lines"):
            assert (await browser.get(path)).status == 403
        for act in ("reply", "take", "transfer", "close", "insert"):
            assert (await browser.post(f"/panel/desk/1/{act}")).status == 403
    assert panel.desk.done == []


def test_standard_answers_are_short_and_in_all_languages(database_url: str) -> None:
    """Eight of them; they say nothing that a law could change."""
    answers = standard_answers()
    assert len(answers) == 8
    for answer in answers.values():
        assert set(answer.texts) == set(LANGUAGES)
        assert all(0 < len(text) <= LONGEST for text in answer.texts.values())
        assert answer.pending == {"ht", "qu"}


async def test_the_real_desk_passes_a_case_on(engine: AsyncEngine) -> None:
    """To an active colleague of the desk, by whoever answers it; reasons come through."""
    bench = Bench(engine)
    async with running_panel(engine) as running:
        await running.hire(EVA, Role.DESK)
        await running.hire("autor@example.org", Role.AUTHOR)
    desk = PanelDesk(Desk(bench.store, KEYS), 30)
    number = (await waiting(bench)).id
    assert [(c.id, c.status) for c in await desk.cases()] == [(number, "open")]
    await desk.take(number, ANA, bench.clock())
    for to in ("autor@example.org", "nadie@example.org", ""):
        with pytest.raises(CannotDo) as refused:
            await desk.transfer(number, ANA, to, bench.clock())
        assert refused.value.why is Why.NOT_DESK
    with pytest.raises(CannotDo) as refused:
        await desk.transfer(number, EVA, EVA, bench.clock())
    assert refused.value.why is Why.COLLEAGUE
    await desk.transfer(number, ANA, EVA, bench.clock())
    await desk.reply(number, EVA, "Buenos días", bench.clock())
    assert [line.staff for line in (await desk.case(number)).lines] == [EVA]
    await desk.close(number, EVA, bench.clock())
    with pytest.raises(CannotDo) as refused:
        await desk.reply(number, EVA, "¿Sigue ahí?", bench.clock())
    assert refused.value.why is Why.CLOSED
    with pytest.raises(CannotDo) as refused:
        await desk.case(number + 1)
    assert refused.value.why is Why.MISSING
