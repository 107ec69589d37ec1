"""What people ask, in the panel: reading it, and deciding about it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from actions.effects import RecordFeedback, RecordMiss, RecordUnhelpful
from bot.panel.questions import StoredQuestions
from bot.tables import MissRow
from content import drafts
from content.models import ArticleRow
from content.panel.ports import Asked, Helped
from content.panel.tables import AuditRow, QuestionDecisionRow
from content.staff import Role
from tests.fakes.bench import Bench
from tests.fakes.content import catalogue, intent
from tests.fakes.panel import NOW, Browser, Running, running_panel

SCRIPT = "<script>alert(1)</script>"
FIRST, SECOND = list(catalogue().articles)[:2]
TITLE = catalogue().articles[FIRST].texts["es"].title
ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def asked(number: int, text: str, **more: object) -> Asked:
    """Return a question of some hours ago."""
    one = Asked(f"{number}.1", text, "es", "web", (FIRST,), None, NOW - timedelta(hours=number))
    return replace(one, **more)  # type: ignore[arg-type]


QUESTIONS = [
    asked(1, f"renovar mi carné {SCRIPT}"),
    asked(2, "renew my card", language="en", channel="telegram"),
    asked(3, f"Renovar mi carne {SCRIPT}", at=NOW - timedelta(days=20)),
    asked(4, "la receta del ceviche", offered=(), channel="whatsapp"),
    asked(5, "no me sirvió lo del refugio", unhelpful=True),
    asked(6, "otra cosa distinta", offered=(FIRST, SECOND), chosen=SECOND),
]


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A panel with six questions."""
    shown = catalogue()
    known = {**shown.intents, "out_of_scope": intent("out_of_scope")}
    async with running_panel(engine, replace(shown, intents=known)) as running:
        running.questions.asked = list(QUESTIONS)
        running.questions.thumbs = [
            Helped(FIRST, "es", "web", 1, 9), Helped(SECOND, "en", "web", 9, 1),
        ]  # fmt: skip
        yield running


async def send(browser: Browser, do: str, about: str, *pick: str, **more: str) -> int:
    """Decide about questions and return the status."""
    form = [("do", do), ("about", about), *(("pick", one) for one in pick), *more.items()]
    return (await browser.post("/panel/questions", form)).status


async def decisions(panel: Running) -> dict[str, tuple[str, str | None]]:
    """Return what was decided, by question."""
    async with panel.panel.reads() as session:
        rows = await session.scalars(select(QuestionDecisionRow))
        return {row.question: (row.decision, row.article) for row in rows}


async def examples(panel: Running, kind: str, document: str) -> object:
    """Return the draft of some examples."""
    async with panel.panel.reads() as session:
        draft = await drafts.document_in_work(session, kind, document)
        return draft.body if draft else None


@ONLY_SQLITE
async def test_questions_stand_in_groups_and_can_be_filtered(panel: Running) -> None:
    """By likeness, with counts; what people wrote is no markup."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        page = await browser.text("/panel/questions")
        assert "6 preguntas en 5 grupos" in page
        assert "2 veces" in page
        assert "Se borra a los 30 días" in page
        assert SCRIPT not in page
        for query, count in (
            ("language=en", 1), ("channel=whatsapp", 1), ("days=14", 5), ("kind=unhelpful", 1),
            ("language=fr", 0), ("days=x&language=zz", 0), ("page=99999", 6),
        ):  # fmt: skip
            page = await browser.text(f"/panel/questions?{query}")
            assert f"{count} preguntas" in page if count else "Ninguna pregunta" in page


@ONLY_SQLITE
async def test_phrases_become_examples(panel: Running) -> None:
    """Those that were picked, in their language; the whole group is done with and forgotten."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        given = {"article": f"{TITLE} ({FIRST})"}
        assert await send(browser, "example", "1.1 3.1 2.1", "1.1", "2.1", **given) == 303
        assert "Agregado a los ejemplos" in await browser.text("/panel/questions")
    body = await examples(panel, "examples", FIRST)
    assert isinstance(body, dict)
    assert body["es"][-1] == f"renovar mi carné {SCRIPT}"
    assert body["en"][-1] == "renew my card"
    assert await decisions(panel) == dict.fromkeys(("1.1", "2.1", "3.1"), ("example", FIRST))
    assert {one.id for one in panel.questions.asked} == {"4.1", "5.1", "6.1"}
    async with panel.panel.reads() as session:
        line = await session.scalar(select(AuditRow).where(AuditRow.action == "questions_example"))
        assert line is not None
        assert (line.subject, line.detail) == (f"questions {FIRST}", {"count": 3})


@ONLY_SQLITE
async def test_questions_are_dismissed_or_out_of_scope(panel: Running) -> None:
    """The second becomes an example of what is not answered."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert await send(browser, "outside", "4.1", "4.1") == 303
        assert await send(browser, "dismiss", "5.1") == 303
        assert await send(browser, "dismiss", "5.1") == 303  # somebody was faster
    assert await decisions(panel) == {"4.1": ("outside", None), "5.1": ("dismissed", None)}
    body = await examples(panel, "intent", "out_of_scope")
    assert isinstance(body, dict)
    assert body["examples"]["es"][-1] == "la receta del ceviche"


@ONLY_SQLITE
async def test_an_article_is_started_with_phrases(panel: Running) -> None:
    """After its question and topic are given; what is wrong is told and the rest kept."""
    topic = FIRST.partition("/")[0]
    async with panel.signed_in(Role.AUTHOR) as browser:
        form = [("do", "draft"), ("about", "4.1"), ("pick", "4.1")]
        page = await (await browser.post("/panel/questions", form)).text()
        assert "la receta del ceviche" in page
        wrongs: list[dict[str, str]] = [
            {"topic": "nowhere", "ask": "¿Cómo es?"}, {"topic": topic, "ask": "¿?"},
            {"topic": topic, "ask": f"¿Qué? {SCRIPT}", "name": "../x"},
        ]  # fmt: skip
        for wrong in wrongs:
            sent = [("about", "4.1"), ("pick", "4.1"), *wrong.items()]
            refused = await browser.post("/panel/questions/new", sent)
            assert refused.status == 422
            assert SCRIPT not in await refused.text()
        sent = [("about", "4.1"), ("pick", "4.1"), ("topic", topic), ("ask", "¿Cómo hago ceviche?")]
        made = await browser.post("/panel/questions/new", sent)
        assert made.headers["Location"] == f"/panel/articles/{topic}/como-hago-ceviche"
        sent[1:2] = [("pick", "5.1"), ("about", "5.1")]
        again = [("about", "5.1"), ("pick", "5.1"), *sent[-2:]]
        assert (await browser.post("/panel/questions/new", again)).status == 409
    async with panel.panel.reads() as session:
        row = await session.get(ArticleRow, f"{topic}/como-hago-ceviche")
        assert row is not None
        assert row.ask == "¿Cómo hago ceviche?"
    assert await examples(panel, "examples", row.id) == {"es": ["la receta del ceviche"]}


@ONLY_SQLITE
async def test_a_form_can_only_name_questions_that_are_open(panel: Running) -> None:
    """Neither words nor ids of its own make it into examples; nothing picked is told."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert await send(browser, "example", "77.1", "77.1", article=FIRST) == 303
        assert await send(browser, "example", "1.1", article=FIRST) == 422
        assert await send(browser, "example", "1.1", "1.1", article=SCRIPT) == 422
        assert await send(browser, "nonsense", "1.1", "1.1") == 400
    assert await decisions(panel) == {}


@ONLY_SQLITE
async def test_examples_in_review_are_not_changed(panel: Running) -> None:
    """She is told, and the questions stay."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        assert await send(browser, "example", "1.1", "1.1", article=FIRST) == 303
        async with panel.panel.sessions.begin() as session:
            draft = await drafts.document_in_work(session, "examples", FIRST)
            assert draft is not None
            draft.status = drafts.Status.IN_REVIEW
        assert await send(browser, "example", "2.1", "2.1", article=FIRST) == 409
    assert "2.1" not in await decisions(panel)
    assert "2.1" in {one.id for one in panel.questions.asked}


@ONLY_SQLITE
async def test_confusions_and_opinions_are_shown(panel: Running) -> None:
    """The pair with its phrase; what helps least first."""
    second = catalogue().articles[SECOND].texts["es"].title
    async with panel.signed_in(Role.ANALYST) as browser:
        page = await browser.text("/panel/questions/confusions")
        assert f"{TITLE} → {second}" in page
        assert "otra cosa distinta" in page
        page = await browser.text("/panel/questions/answers")
        assert page.index(FIRST) < page.index(SECOND)
        assert "10 %" in page
        assert SECOND not in await browser.text("/panel/questions/answers?language=es")


@ONLY_SQLITE
@pytest.mark.parametrize("role", [Role.ANALYST, Role.REVIEWER, Role.DESK, Role.TRANSLATOR])
async def test_only_authors_decide(panel: Running, role: Role) -> None:
    """Who may read sees no form; the desk and translators do not read."""
    async with panel.signed_in(role) as browser:
        reads = role in (Role.ANALYST, Role.REVIEWER)
        response = await browser.get("/panel/questions")
        assert response.status == (200 if reads else 403)
        assert 'name="do"' not in await response.text()
        assert await send(browser, "dismiss", "1.1") == 403
    assert await decisions(panel) == {}


@ONLY_SQLITE
async def test_five_thousand_questions_are_shown_soon(panel: Running) -> None:
    """A page shows twenty groups of them."""
    panel.questions.asked = [
        asked(1, f"{n % 900}palabra sobre {n % 31}cosa y {n % 7}tema", id=f"{n}.1")
        for n in range(5000)
    ]
    async with panel.signed_in(Role.AUTHOR) as browser:
        page = await browser.text("/panel/questions")
    assert "5000 preguntas" in page
    assert page.count('name="about"') == 20


async def test_what_is_stored_is_read(engine: AsyncEngine) -> None:
    """A choice is joined with its question; what is forgotten is deleted with both its rows."""
    bench = Bench(engine)
    await bench.records.record_miss("c", RecordMiss("renovar", "es", ("a", "b")))
    bench.clock.move(minutes=1)
    await bench.records.record_miss("c", RecordMiss("renovar", "es", (), "b"))
    await bench.records.record_miss("c", RecordMiss("renovar", "es", ("a", "b")))
    await bench.records.record_unhelpful("c", RecordUnhelpful("el refugio", "pt", "c"))
    for helped in (True, False, False):
        await bench.records.record_feedback("c", RecordFeedback("c", "pt", helped))
    sessions = async_sessionmaker(engine, expire_on_commit=False)
    stored = StoredQuestions(sessions, sessions)
    unhelpful, open_, joined = await stored.unanswered()
    assert (unhelpful.unhelpful, unhelpful.offered, unhelpful.language) == (True, ("c",), "pt")
    assert (open_.offered, open_.chosen) == (("a", "b"), None)
    assert (joined.offered, joined.chosen) == (("a", "b"), "b")
    assert len({unhelpful.id, open_.id, joined.id}) == 3
    assert [(h.article, h.yes, h.no) for h in await stored.helped()] == [("c", 1, 2)]
    await stored.forget([joined.id, "nonsense", "1; DROP TABLE misses"])
    assert [one.id for one in await stored.unanswered()] == [unhelpful.id, open_.id]
    assert await bench.count(MissRow) == 2
    assert len(await stored.unanswered(most=1)) == 1
