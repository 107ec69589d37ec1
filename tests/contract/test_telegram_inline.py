"""Inline mode: approved answers, and only those, may be handed on in any chat."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.channel import Search, Shareable
from bot.knowledge import Knowledge
from bot.messages import Passage, Reply
from bot.sharing import LONGEST_DETAIL, MOST, Sharing
from bot.telegram.inline import deep_link
from content.catalogue import LANGUAGES, Catalogue, Status
from nlu.keywords import KeywordReader
from nlu.understanding import LanguageGuess
from tests.contract.channel_contract import request
from tests.contract.telegram_harness import TelegramHarness, read_html, telegram_harness
from tests.fakes.assistant import ROOT
from tests.fakes.catalogue import article, catalogue
from tests.fakes.telegram_server import search_update

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
async def harness() -> AsyncIterator[TelegramHarness]:
    async with telegram_harness() as harness:
        yield harness


class PhoneSays:
    """Takes each text to be in the language of the phone."""

    def detect(self, text: str) -> str | None:
        return None

    def identify(self, text: str, prior: str | None) -> LanguageGuess:
        return LanguageGuess(prior if prior in LANGUAGES else "es", 0.0)


def sharing(shown: Catalogue, **examples: tuple[str, ...]) -> Sharing:
    """Return a search over a catalogue; examples by the article's id, `_` for its slash."""
    by_id = {id_.replace("_", "/"): texts for id_, texts in examples.items()}
    says = PhoneSays()
    knowledge = Knowledge(
        shown,
        lambda: says,  # type: ignore[arg-type,return-value]
        lambda: says,  # type: ignore[arg-type,return-value]
        lambda: KeywordReader(by_id),
    )
    return Sharing(lambda: knowledge, "https://orienta.example", lambda: NOW)


def test_a_search_is_read(harness: TelegramHarness) -> None:
    """The words and the language of the phone; no message, so no conversation."""
    got = harness.channel.receive(request(harness, search_update(3, " multa\x00 ")))
    assert got.searches == (Search("i3", "multa", "pt-br"),)
    assert got.messages == ()


async def test_answers_are_offered_to_hand_on(harness: TelegramHarness) -> None:
    """Title, beginning, the whole text with its source, and the way to ask in private."""
    found = await sharing(catalogue()).find(Search("7", "pregnancy", "en"))
    await harness.channel.offer(Search("7", "pregnancy", "en"), found)
    call = harness.server.calls[-1]
    assert call.method == "answerInlineQuery"
    assert call.fields["inline_query_id"] == "7"
    assert call.fields["is_personal"] == "true"
    (result,) = call.fields["results"]
    assert (result["type"], result["id"]) == ("article", "health/pregnancy")
    assert result["title"] == "pregnancy title en"
    assert result["description"] == "pregnancy answer en."
    text = read_html(result["input_message_content"]["message_text"])
    for part in ("pregnancy title en", "pregnancy answer en.", "Ley 1, art. 2", "21/12/2025"):
        assert part in text
    assert "https://orienta.example/en/health/pregnancy" in text
    (button,) = result["reply_markup"]["inline_keyboard"][0]
    assert button["url"] == "https://t.me/orienta_bot?start=health_pregnancy"
    assert call.fields["button"]["start_parameter"] == "inline"


async def test_nothing_found_leaves_the_way_to_ask(harness: TelegramHarness) -> None:
    """Where nothing fits, the private chat is one touch away."""
    assert await sharing(catalogue()).find(Search("7", "ceviche", "es")) == ()
    await harness.channel.offer(Search("7", "ceviche", "es"), ())
    call = harness.server.calls[-1]
    assert call.fields["results"] == []
    assert call.fields["button"]["text"]


@pytest.mark.parametrize("words", ["sis", "cpp", "", "sis title es"])
async def test_what_is_withheld_is_never_found(words: str) -> None:
    """Neither an unwritten article nor one past its last day, whatever is asked."""
    shown = catalogue(
        article("health/sis", status=Status.UNWRITTEN, ground=()),
        article("regularization/cpp", valid_until=date(2026, 11, 22)),
        article("work/contract"),
    )
    examples = {"health_sis": ("sis",), "regularization_cpp": ("cpp",)}
    found = await sharing(shown, **examples).find(Search("1", words, "es"))
    assert {one.id for one in found} <= {"work/contract"}


async def test_the_last_day_counts_in_peru() -> None:
    """An article may be handed on until midnight in Lima."""
    shown = catalogue(article("regularization/cpp", valid_until=date(2026, 11, 22)))
    search = sharing(shown)
    search._clock = lambda: datetime(2026, 11, 23, 4, 59, tzinfo=UTC)
    assert await search.find(Search("1", "cpp", "es"))
    search._clock = lambda: datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
    assert await search.find(Search("1", "cpp", "es")) == ()


async def test_without_words_it_shows_where_to_begin() -> None:
    """The first article of each topic, in the language of the phone or in Spanish."""
    found = await sharing(catalogue()).find(Search("1", "", "ht"))
    assert [one.id for one in found] == [
        "health/pregnancy", "complaints/violence", "regularization/cpp",
    ]  # fmt: skip
    assert {one.reply.language for one in found} == {"ht"}
    (first, *_) = await sharing(catalogue()).find(Search("1", "", "de"))
    assert first.reply.language == "es"


@pytest.mark.parametrize("words", ["preg", "PREGNANCY", "pregnency", "my pregnancy"])
async def test_words_need_not_be_whole_or_right(words: str) -> None:
    """A beginning, capitals, a slip, and words around it find the same answer."""
    found = await sharing(catalogue()).find(Search("1", words, "es"))
    assert found[0].id == "health/pregnancy"


async def test_examples_are_searched_too() -> None:
    """What people say finds the answer although no title says it."""
    search = sharing(catalogue(), health_pregnancy=("espero un bebe",))
    found = await search.find(Search("1", "espero un bebe", "es"))
    assert [one.id for one in found] == ["health/pregnancy"]


async def test_a_new_catalogue_is_searched_at_once() -> None:
    """What staff publish is found without a restart."""
    search = sharing(catalogue())
    assert await search.find(Search("1", "curfew", "es")) == ()
    newer = replace(catalogue(article("rights/curfew")), version="newer")
    search._knowledge = sharing(newer)._knowledge
    assert [one.id for one in await search.find(Search("1", "curfew", "es"))] == ["rights/curfew"]


@pytest.mark.parametrize("words", ["x" * 256, "🏥" * 100, "\n\n", "a " * 128, "(.*)[", "%s"])
async def test_any_words_can_be_searched(words: str) -> None:
    """Nothing that is typed ends the search."""
    assert isinstance(await sharing(catalogue()).find(Search("1", words, None)), tuple)


async def test_few_results_with_short_lines() -> None:
    """At most eight are offered, and what stands beside a title is one short line."""
    many = [article(f"work/rule-{number}") for number in range(20)]
    long = many[0].texts["es"]
    texts = {**many[0].texts, "es": replace(long, sections={"answer": "**Sí**\n\n- " + "ab " * 99})}
    found = await sharing(catalogue(replace(many[0], texts=texts), *many[1:])).find(
        Search("1", "rule", "es")
    )
    assert len(found) == MOST
    for one in found:
        assert len(one.detail) <= LONGEST_DETAIL
        assert "\n" not in one.detail
        assert "**" not in one.detail


async def test_what_needs_two_messages_is_not_offered(harness: TelegramHarness) -> None:
    """Half an answer would be handed on without its source."""
    long = Reply("es", (Passage("x" * 5000),))
    short = Reply("es", (Passage("x <b> & y"),))
    found = (Shareable("work/a", "A", "a", long), Shareable("work/b", "B", "b", short))
    await harness.channel.offer(Search("1", "a", "es"), found)
    (result,) = harness.server.calls[-1].fields["results"]
    assert result["id"] == "work/b"
    assert result["input_message_content"]["message_text"] == "x &lt;b&gt; &amp; y"


@pytest.mark.parametrize("id_", ["a/b", "regularization/irregular-what-can-i-do"])
def test_a_deep_link_holds_one_slash(id_: str) -> None:
    """The first underscore stands for it."""
    assert (
        deep_link("orienta_bot", id_) == f"https://t.me/orienta_bot?start={id_.replace('/', '_')}"
    )
    assert deep_link("", id_) == ""
    assert deep_link("orienta_bot", "a/" + "x" * 63) == ""


def test_every_answer_has_a_deep_link() -> None:
    """Each published id fits Telegram's 64 characters and is read back as itself."""
    ids = [f"{f.parent.name}/{f.name}" for f in (ROOT / "content" / "articles").glob("*/*")]
    assert len(ids) > 50
    for id_ in ids:
        start = deep_link("orienta_bot", id_).partition("?start=")[2]
        assert start.replace("_", "/", 1) == id_
