"""The engine: what follows from each input."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actions.effects import ForgetPerson, RecordFeedback, RecordMiss
from bot.engine import respond
from bot.messages import (
    Asked,
    Chose,
    Commanded,
    Input,
    Located,
    Passage,
    Phrase,
    Released,
    Reply,
    Unsupported,
)
from bot.policy import Policy
from bot.scene import Turn
from bot.state import Conversation, from_json, to_json
from content.catalogue import LANGUAGES
from nlu.understanding import Candidate, LanguageGuess, Source, Understanding
from tests.fakes.catalogue import catalogue, office

TODAY = datetime(2026, 11, 23, 15, tzinfo=UTC)
KNOWN = Conversation(welcomed=True)
OFFICES = (
    office("migraciones", "Sede Breña", "Breña", -12.06, -77.05),
    office("cem", "CEM Ate", "Ate", -12.03, -76.92),
    office("cem", "CEM Comas", "Comas", -11.93, -77.05),
    office("defensoria", "Defensoría Lima", "Lima", -12.04, -77.03),
)
CATALOGUE = catalogue(offices=OFFICES)


def asked(
    text: str,
    *candidates: tuple[str, float],
    language: str = "es",
    clear: float = 0.0,
    emergency: str | None = None,
    source: Source = Source.RASA,
) -> Asked:
    ranked = tuple(Candidate(*c) for c in candidates)
    guess = LanguageGuess(language, clear)
    return Asked(text, Understanding(guess, ranked, emergency, source))


def take(now: Conversation, event: Input, today: datetime = TODAY) -> Turn:
    """Respond, with the state through JSON before and after."""
    before = from_json(json.loads(json.dumps(to_json(now))))
    turn = respond(before, event, CATALOGUE, Policy(), today)
    assert from_json(json.loads(json.dumps(to_json(turn.conversation)))) == turn.conversation
    return turn


def words(reply: Reply) -> str:
    """Return everything a reply says, message ids and approved texts alike."""
    said = [p.markdown if isinstance(p, Passage) else p.text for p in reply.parts]
    return "\n".join(said)


def choice_ids(reply: Reply) -> list[str]:
    return [c.id for c in reply.choices]


def test_a_sure_question_gets_the_article_with_source_and_date() -> None:
    """A sure question is answered in one message, with its source and the source's date."""
    turn = take(KNOWN, asked("estoy embarazada", ("health/pregnancy", 0.9)))
    assert turn.label == "health/pregnancy"
    (reply,) = turn.replies
    assert "pregnancy answer es." in words(reply)
    source = next(p for p in reply.parts if isinstance(p, Phrase) and "Fuente" in p.text)
    assert source.values == {"norm": "Ley 1, art. 2", "date": "21/12/2025"}
    assert choice_ids(reply)[:2] == ["s:cost:health/pregnancy", "s:exposure:health/pregnancy"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_answer_is_in_her_language(language: str) -> None:
    """A clear language is answered in that language; ht and qu say that review is pending."""
    turn = take(Conversation(), asked("x", ("health/pregnancy", 0.9), language=language, clear=1))
    assert turn.replies[0].language == language
    assert f"pregnancy answer {language}." in words(turn.replies[0])
    pending = "no la revisó" in words(turn.replies[0])
    assert pending == (language in ("ht", "qu"))


def test_a_chosen_language_survives_a_borrowed_word() -> None:
    """Only a very clear sign changes a language that she chose."""
    chosen = take(KNOWN, Chose("lang:ht")).conversation
    assert chosen.language == "ht"
    kept = take(chosen, asked("ok gracias", ("greet", 0.9), language="es", clear=0.8))
    assert kept.conversation.language == "ht"
    changed = take(chosen, asked("no entiendo nada", ("greet", 0.9), language="es", clear=0.99))
    assert changed.conversation.language == "es"


def test_in_english_please() -> None:
    """Naming a language changes it at once."""
    turn = take(KNOWN, asked("in english please", ("change_language", 0.9)))
    assert turn.conversation.language == "en"
    assert turn.replies[0].language == "en"


def test_unsure_offers_topics_and_picking_one_is_learnt() -> None:
    """An unsure question is met with choices; the pick goes to the staff with the question."""
    turn = take(
        KNOWN,
        asked("lo del carnet 45612378", ("regularization/cpp", 0.3), ("health/sis", 0.2)),
    )
    assert (turn.label, turn.offered) == ("choice", ("regularization/cpp", "health/sis"))
    assert choice_ids(turn.replies[0])[-1] == "none"
    assert turn.effects == (RecordMiss("lo del carnet …", "es", turn.offered),)
    picked = take(turn.conversation, asked("1"))
    assert picked.label == "regularization/cpp"
    assert picked.effects == (RecordMiss("lo del carnet …", "es", chosen="regularization/cpp"),)


def test_not_understood_twice_names_persons() -> None:
    """The first miss offers all topics, the second names human channels."""
    first = take(KNOWN, asked("asdf"))
    assert first.label == "out_of_scope"
    assert choice_ids(first.replies[0]) == ["t:health", "t:complaints", "t:regularization"]
    second = take(first.conversation, asked("qwer"))
    assert "help es" in words(second.replies[0])


def test_keywords_never_assert() -> None:
    """Without the model topics are offered, however sure the keyword reader is."""
    turn = take(KNOWN, asked("cpp", ("regularization/cpp", 0.99), source=Source.KEYWORDS))
    assert turn.label == "choice"
    assert turn.offered == ("regularization/cpp",)


def test_out_of_scope_is_refused_even_beside_a_likely_article() -> None:
    """What lies outside gets no neighbouring article."""
    turn = take(KNOWN, asked("dni peruano", ("out_of_scope", 0.7), ("regularization/cpp", 0.3)))
    assert turn.label == "out_of_scope"
    assert "No puedo" not in words(turn.replies[0])
    assert "Sobre eso no puedo informar" in words(turn.replies[0])


@pytest.mark.parametrize("awaiting", [None, "forget", "place", "which"])
def test_danger_comes_first_in_any_flow(awaiting: str | None) -> None:
    """An emergency card precedes everything, whatever was open, then comes the article."""
    now = KNOWN.with_(awaiting=awaiting)
    event = asked("mi marido me pega", ("greet", 0.9), emergency="partner-family-violence")
    turn = take(now, event)
    assert turn.emergency == "partner-family-violence"
    assert turn.replies[0].urgent
    assert "Call **100** es." in words(turn.replies[0])
    assert turn.label == "complaints/violence"


def test_after_a_card_comes_what_she_asked_about() -> None:
    """A card that a calm question brought by mistake does not cost her the answer."""
    text = "mi marido me pega y no tengo cpp"
    kind = "partner-family-violence"
    turn = take(KNOWN, asked(text, ("regularization/cpp", 0.9), emergency=kind))
    assert turn.replies[0].urgent
    assert turn.label == "regularization/cpp"


def test_after_a_card_the_bot_asks_where_it_wavers() -> None:
    """The card's own article stands first among what is offered."""
    unsure = (("regularization/cpp", 0.4), ("health/pregnancy", 0.3))
    event = asked("no sé qué hacer", *unsure, emergency="partner-family-violence")
    turn = take(KNOWN, event)
    assert turn.replies[0].urgent
    assert turn.offered == ("complaints/violence", "regularization/cpp", "health/pregnancy")


def test_a_borrowed_word_does_not_change_the_language() -> None:
    """A place's name, or one word in the middle of a talk; a whole sentence does."""
    spanish = KNOWN.with_(language="es")
    assert (
        take(
            spanish.with_(awaiting="place"), asked("santa rosa", language="pt", clear=0.99)
        ).conversation.language
        == "es"
    )
    assert take(spanish, asked("ok", language="en", clear=0.8)).conversation.language == "es"
    assert (
        take(spanish, asked("i lost my card", language="en", clear=0.8)).conversation.language
        == "en"
    )


def test_the_card_is_one_button_away_from_its_article() -> None:
    """Whoever reads about violence in general finds the way to help first among the buttons."""
    turn = take(KNOWN, asked("que es violencia", ("complaints/violence", 0.9)))
    assert turn.emergency is None
    assert choice_ids(turn.replies[0])[0] == "e:partner-family-violence"
    assert take(turn.conversation, asked("1")).replies[0].urgent


def test_danger_with_the_model_down_still_shows_the_card() -> None:
    """The card needs no candidates at all."""
    event = asked("me pega", emergency="partner-family-violence", source=Source.NOTHING)
    assert take(Conversation(), event).replies[0].urgent


def test_an_unwritten_article_names_the_official_channel() -> None:
    """An article without an approved text says so and says who knows."""
    turn = take(KNOWN, asked("sis", ("health/sis", 0.9)))
    assert turn.label == "health/sis"
    assert "channel of health es" in words(turn.replies[0])
    assert "sis answer" not in words(turn.replies[0])


def test_an_expired_text_is_withheld_by_itself() -> None:
    """After its last day a text does not leave, in no section."""
    last_day = take(KNOWN, Chose("a:regularization/cpp"), datetime(2026, 12, 31, 15, tzinfo=UTC))
    assert "cpp answer es." in words(last_day.replies[0])
    for choice in ("a:regularization/cpp", "s:answer:regularization/cpp", "r:regularization/cpp"):
        after = take(KNOWN, Chose(choice), datetime(2027, 1, 1, 15, tzinfo=UTC))
        assert "cpp answer" not in words(after.replies[0])
        assert "channel of regularization es" in words(after.replies[0])


def test_past_review_due_says_that_it_may_have_changed() -> None:
    """From the review day on readers are told where to confirm."""
    turn = take(KNOWN, Chose("a:health/pregnancy"), datetime(2027, 2, 28, 15, tzinfo=UTC))
    assert "puede haber cambiado" in words(turn.replies[0])
    assert "channel of health es" in words(turn.replies[0])
    assert "puede haber cambiado" not in words(take(KNOWN, Chose("a:health/pregnancy")).replies[0])


def test_sections_and_sources_are_one_choice_away() -> None:
    """A section replaces the answer, and the answer stays one choice away."""
    turn = take(KNOWN, Chose("s:cost:health/pregnancy"))
    assert "pregnancy cost es." in words(turn.replies[0])
    assert "s:answer:health/pregnancy" in choice_ids(turn.replies[0])
    sources = take(KNOWN, Chose("r:health/pregnancy"))
    assert "https://example.org/ley" in words(sources.replies[0])
    assert "a:health/sis" in choice_ids(sources.replies[0])


def test_an_option_can_be_typed() -> None:
    """A digit, its keycap, its word or the label picks an option; zero leads to the menu."""
    now = take(KNOWN, Chose("emergency")).conversation
    assert [o.id for o in now.offered] == ["e:partner-family-violence"]
    for typed in ("1", "1.", "1️⃣", "uno", "VIOLENCE ES"):
        assert take(now, asked(typed)).emergency == "partner-family-violence", typed
    assert take(now, asked("0")).label == "menu"


def test_the_first_reply_says_who_speaks_once() -> None:
    """A newcomer is told that a program speaks and asks no names; later she is not."""
    first = take(Conversation(), asked("embarazo", ("health/pregnancy", 0.9)))
    assert "Soy Orienta" in words(first.replies[-1])
    later = take(first.conversation, asked("embarazo", ("health/pregnancy", 0.9)))
    assert "Soy Orienta" not in words(later.replies[-1])


def test_forgetting_needs_one_confirmation() -> None:
    """Erasing is asked once; yes erases, no keeps, a question is answered."""
    ask = take(KNOWN, asked("borrar", ("delete_my_data", 0.9)))
    assert ask.effects == ()
    yes = take(ask.conversation, asked("sí", ("affirm", 0.9)))
    assert yes.effects == (ForgetPerson(),)
    assert yes.conversation == Conversation(welcomed=True)
    assert take(ask.conversation, asked("no", ("deny", 0.9))).effects == ()
    other = take(ask.conversation, asked("embarazo", ("health/pregnancy", 0.9)))
    assert other.label == "health/pregnancy"


@pytest.mark.parametrize(
    "word", ["borrar", "Delete", "APAGAR", "effacer.", "efase", "chinkachiy", " borrar! "]
)
def test_one_word_asks_to_forget_without_the_model(word: str) -> None:
    """One word in each language leads to the confirmation, whatever the model understood."""
    turn = take(KNOWN, asked(word, ("regularization/cpp", 0.9)))
    assert turn.label == "delete_my_data"
    assert choice_ids(turn.replies[0]) == ["forget:yes", "forget:no"]
    assert take(turn.conversation, asked("1")).effects == (ForgetPerson(),)


def test_feedback_is_counted() -> None:
    """Both thumbs are recorded; a bad one names persons."""
    good = take(KNOWN, Chose("fb+:health/pregnancy"))
    assert good.effects == (RecordFeedback("health/pregnancy", "es", helped=True),)
    bad = take(KNOWN, Chose("fb-:health/pregnancy"))
    assert bad.effects == (RecordFeedback("health/pregnancy", "es", helped=False),)
    assert "help es" in words(bad.replies[0])


def test_an_office_of_migraciones_comes_with_the_warning() -> None:
    """Whoever looks for MIGRACIONES reads the warning about entry without control first."""
    now = take(KNOWN, Chose("o:migraciones")).conversation
    for event in (asked("estoy en breña"), Located(-12.0, -77.0)):
        shown = words(take(now, event).replies[0])
        assert "Sede Breña" in shown
        assert shown.index("expulsión") < shown.index("Sede Breña")


def test_the_nearest_office_and_nothing_kept_of_the_place() -> None:
    """A shared place gives the nearest office; the state keeps nothing of it."""
    now = take(KNOWN, Chose("o:cem")).conversation
    turn = take(now, Located(-11.9312, -77.0512))
    shown = words(turn.replies[0])
    assert shown.index("CEM Comas") < shown.index("CEM Ate")
    assert "11.93" not in json.dumps(to_json(turn.conversation))
    assert "CEM Ate" in words(take(now, asked("vivo por ate vitarte")).replies[0])


@pytest.mark.parametrize(
    ("text", "section"),
    [
        ("¿y cuánto cuesta?", "cost"),
        ("how much does it cost", "cost"),
        ("e quanto custa?", "cost"),
        ("combien ça coûte ?", "cost"),
        ("konbyen sa koute", "cost"),
        ("hayka qullqi", "cost"),
    ],
)
def test_a_follow_up_asks_about_the_last_article(text: str, section: str) -> None:
    """A question without a subject is answered from the last article, whatever the model says."""
    now = KNOWN.with_(article="health/pregnancy")
    turn = take(now, asked(text, ("regularization/cpp", 0.9)))
    assert turn.label == "health/pregnancy"
    assert f"pregnancy {section} es." in words(turn.replies[0])
    assert take(KNOWN, asked(text, ("regularization/cpp", 0.9))).label == "choice"


@pytest.mark.parametrize("text", ["cuanto cuesta el cpp", "donde me atiendo", "ki papye pou refij"])
def test_a_question_with_a_subject_is_no_follow_up(text: str) -> None:
    """What names its own subject goes to the model."""
    now = KNOWN.with_(article="health/pregnancy")
    assert take(now, asked(text, ("regularization/cpp", 0.9))).label == "regularization/cpp"


def test_a_missing_section_shows_the_answer() -> None:
    """Asked for a section that the article has not, the bot shows what it has."""
    turn = take(KNOWN.with_(article="health/pregnancy"), asked("e onde fica?"))
    assert "pregnancy answer es." in words(turn.replies[0])


def test_an_unknown_place_is_asked_again_and_a_question_is_answered() -> None:
    """While a place is awaited, an unknown one is said to be so, and a question stays one."""
    now = take(KNOWN, Chose("o:cem")).conversation
    unknown = take(now, asked("xyzzy"))
    assert "No conozco ese lugar" in words(unknown.replies[0])
    assert unknown.conversation.awaiting == "place"
    question = asked("me pueden decir algo del cpp si vivo en ate", ("regularization/cpp", 0.9))
    assert take(now, question).label == "regularization/cpp"


def test_a_deep_link_leads_to_its_article() -> None:
    """A poster's link opens its article or topic; any other start is a welcome."""
    assert take(Conversation(), Commanded("start", "health_pregnancy")).label == "health/pregnancy"
    topic = take(Conversation(), Commanded("start", "health")).replies[0]
    assert "a:health/pregnancy" in [c.id for c in topic.choices]
    assert take(Conversation(), Commanded("start", "../../etc")).label == "greet"


@pytest.mark.parametrize(
    "choice", ["", "a:", "a:gone/article", "s:answer:x", "t:none", "lang:xx", "x:y", "o:", "e:no"]
)
def test_an_old_button_says_so(choice: str) -> None:
    """A choice that leads nowhere any more is met with the topics."""
    turn = take(KNOWN, Chose(choice))
    assert turn.label == "choice"
    assert "ya no está" in words(turn.replies[0])


def test_released_is_a_stated_silence() -> None:
    """Handing back needs no words."""
    turn = take(KNOWN, Released())
    assert (turn.replies, turn.label) == ((), "")


INTENT_NAMES = (
    *CATALOGUE.articles, "greet", "thanks", "goodbye", "menu", "change_language", "human_agent",
    "nearest_office", "guided_path", "delete_my_data", "affirm", "deny", "not_helpful",
    "bot_challenge", "abuse", "out_of_scope", "unheard_of",
)  # fmt: skip
CHOICE_IDS = (
    "menu", "topics", "emergency", "languages", "human", "office", "none", "forget:yes", "forget",
    *(f"{k}:{a}" for k in ("a", "s:cost", "r", "fb", "fb+", "fb-") for a in CATALOGUE.articles),
    "t:health", "t:regularization:9", "o:cem", "o:migraciones", "e:partner-family-violence",
    "lang:qu", "lang:fr", "\x00", "t:health:٣",
)  # fmt: skip
EVENTS = st.one_of(
    st.builds(
        asked,
        st.text(max_size=40) | st.sampled_from(["1", "9", "0", "ate", "sí"]),
        st.tuples(st.sampled_from(INTENT_NAMES), st.floats(0, 1)),
        language=st.sampled_from([*LANGUAGES, "xx"]),
        clear=st.floats(0, 1),
        emergency=st.sampled_from([None, "partner-family-violence", "unknown-kind"]),
        source=st.sampled_from(Source),
    ),
    st.builds(Chose, st.sampled_from(CHOICE_IDS) | st.text(max_size=20)),
    st.builds(Located, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(Commanded, st.sampled_from(["start", "menu", "borrar", "x"]), st.text(max_size=9)),
    st.builds(Unsupported, st.sampled_from(["voice", "image", "sticker", "poll"])),
    st.just(Released()),
)


@given(st.lists(EVENTS, max_size=12))
def test_any_sequence_of_events_gets_replies(events: list[Input]) -> None:
    """Whatever comes, there is a reply or a stated silence, and the state stays JSON."""
    now = Conversation()
    for event in events:
        turn = take(now, event)
        assert turn.replies or isinstance(event, Released)
        for reply in turn.replies:
            assert reply.parts
            assert len(reply.choices) <= 10
            assert all(len(c.id.encode()) <= 64 for c in reply.choices)
        now = turn.conversation
