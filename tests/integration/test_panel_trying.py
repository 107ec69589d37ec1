"""The "try it" box, and replies as the platforms show them."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.panel.previews import ShapedPreviews, preview
from bot.panel.trying import RealTrying
from bot.policy import Policy
from bot.tables import ConversationRow, InboxRow, MissRow, OutboxRow
from content.catalogue import Article, Text
from content.panel.ports import Trial
from content.staff import Role
from nlu.understanding import Candidate, LanguageGuess, Source, Understanding
from tests.fakes.bench import CATALOGUE, Bench
from tests.fakes.catalogue import article
from tests.fakes.panel import NOW, Running, running_panel

ARTICLE = next(iter(CATALOGUE.articles))
SCRIPT = "<script>alert(1)</script>"
ONLY_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Reads:
    """Reads every text as the test says."""

    def __init__(
        self, *ranked: tuple[str, float], danger: str | None = None, source: Source = Source.RASA
    ) -> None:
        self._understanding = Understanding(
            LanguageGuess("es", 0.9), tuple(Candidate(*one) for one in ranked), danger, source
        )

    async def read(self, text: str, prior: str | None) -> Understanding:
        """Return it."""
        return self._understanding


async def ask(reads: Reads, text: str = "una pregunta", language: str = "") -> Trial:
    """Try a text."""
    trying = RealTrying(lambda: reads, lambda: CATALOGUE, lambda _: Policy(), lambda: NOW)
    return await trying.ask(text, language, "es")


async def test_a_sure_answer_is_shown_on_each_channel_with_the_reason() -> None:
    """The numbers of the reason are those of the decision."""
    trial = await ask(Reads((ARTICLE, 0.93)))
    assert trial.decision == "sure"
    assert trial.why == ("El modelo está 93 % seguro; hace falta 70 %.",)
    assert [p.channel for p in trial.previews] == ["telegram", "whatsapp", "web"]
    title = CATALOGUE.articles[ARTICLE].texts["es"].title
    assert all(title in p.bubbles[0].html for p in trial.previews)
    assert (trial.guesses[0].title, trial.guesses[0].confidence) == (title, 0.93)
    assert (trial.sure, trial.possible) == (0.7, 0.2)


@pytest.mark.parametrize(
    ("reads", "text", "decision", "reason"),
    [
        (Reads((ARTICLE, 0.4)), "x y", "offer", "40 % seguro; para responder hace falta 70 %"),
        (Reads((ARTICLE, 0.1)), "x y", "unknown", "solo 10 % seguro"),
        (Reads(("out_of_scope", 0.6)), "x y", "outside", "con 60 % que la pregunta no es"),
        (Reads((ARTICLE, 0.9), source=Source.KEYWORDS), "x y", "offer", "no respondió"),
        (Reads(source=Source.NOTHING), "x y", "unknown", "no respondió"),
        (Reads((ARTICLE, 0.9)), "menú", "rule", "sigue tal cual"),
        (Reads((ARTICLE, 0.9), danger="partner-family-violence"), "x", "emergency", "peligro"),
        (Reads(("greet", 0.9)), "hola", "sure", "90 % seguro"),
    ],
)
async def test_every_decision_has_its_reason(
    reads: Reads, text: str, decision: str, reason: str
) -> None:
    """As the engine decides."""
    trial = await ask(reads, text)
    assert trial.decision == decision
    assert any(reason in why for why in trial.why)
    assert all(p.bubbles for p in trial.previews)


async def test_a_chosen_language_is_that_of_the_answer() -> None:
    """Whatever the text looks like."""
    trial = await ask(Reads((ARTICLE, 0.93)), language="fr")
    assert trial.language == "fr"
    assert CATALOGUE.articles[ARTICLE].texts["fr"].title in trial.previews[0].bubbles[0].html


@pytest.fixture
async def panel(engine: AsyncEngine) -> AsyncIterator[Running]:
    """A panel around the real engine."""
    trying = RealTrying(
        lambda: Reads((ARTICLE, 0.5)), lambda: CATALOGUE, lambda _: Policy(), lambda: NOW
    )
    async with running_panel(engine, trying=trying) as running:
        yield running


@ONLY_SQLITE
async def test_the_box_stores_nothing(panel: Running, engine: AsyncEngine) -> None:
    """Neither a conversation nor a question; what is typed is no markup."""
    async with panel.signed_in(Role.TRANSLATOR) as browser:
        assert "Aquí verá el resultado" in await browser.text("/panel/try")
        response = await browser.post("/panel/try", {"text": f"¿Qué? {SCRIPT}", "language": "es"})
        page = await response.text()
    assert response.status == 200
    assert "Pregunta cuál de estos temas es." in page
    assert "50 %" in page
    assert SCRIPT not in page
    bench = Bench(engine)
    for table in (MissRow, ConversationRow, InboxRow, OutboxRow):
        assert await bench.count(table) == 0


@ONLY_SQLITE
@pytest.mark.parametrize("text", ["", "   ", "x" * 1001])
async def test_nothing_and_too_much_are_refused(panel: Running, text: str) -> None:
    """Beside the field, with what she wrote."""
    async with panel.signed_in(Role.AUTHOR) as browser:
        response = await browser.post("/panel/try", {"text": text})
    assert response.status == 422
    assert 'aria-invalid="true"' in await response.text()


def draft(answer: str) -> Article:
    """Return an article that is not in the catalogue."""
    new = article("nowhere/new")
    texts = {"es": Text("Título", "Título", {"answer": answer})}
    return replace(new, texts=texts, review_due=date(2020, 1, 1))


PREVIEWS = ShapedPreviews(lambda: date(2026, 11, 23))


def test_a_draft_outside_of_the_catalogue_is_shown() -> None:
    """Markup of people is text; only ours is HTML."""
    shown = PREVIEWS.article(CATALOGUE, draft(f"**Sí** {SCRIPT} https://e.pe"), "answer", "es")
    for one in shown:
        assert SCRIPT not in one.bubbles[0].html
        assert "<strong>Sí</strong>" in one.bubbles[0].html
        assert one.bubbles[0].length <= one.bubbles[0].limit


def test_an_empty_part_says_so() -> None:
    """In the panel's language, and so does a language that is not there."""
    for section, language in (("answer", "es"), ("steps", "es"), ("answer", "fr")):
        for one in PREVIEWS.article(CATALOGUE, draft(""), section, language):
            assert one.bubbles == ()
            assert one.problems == ("Esta parte todavía está vacía.",)


def test_what_a_platform_does_to_a_long_text_is_told() -> None:
    """It is split where it must be, each part within the limit, emoji counting as two."""
    by_channel = {
        one.channel: one
        for one in PREVIEWS.article(CATALOGUE, draft("🙂 sí. " * 1200), "answer", "es")
    }
    whatsapp = by_channel["whatsapp"]
    count = len(whatsapp.bubbles)
    assert count > 2
    assert f"Este texto se partirá en {count} mensajes en WhatsApp." in whatsapp.problems
    assert any("lista numerada" in problem for problem in whatsapp.problems)
    assert sum(b.length for b in whatsapp.bubbles) > 1200 * 7
    assert all(b.length <= b.limit for one in by_channel.values() for b in one.bubbles)
    assert len(by_channel["web"].bubbles) == 1


def test_every_published_part_fits_every_platform() -> None:
    """The lengths are those that are sent."""
    for one in CATALOGUE.articles.values():
        for section in one.texts["es"].sections:
            for shown in PREVIEWS.article(CATALOGUE, one, section, "es"):
                assert shown.bubbles
                assert all(0 < b.length <= b.limit for b in shown.bubbles)
    assert preview("web", ()).bubbles == ()
