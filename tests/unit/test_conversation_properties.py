"""Whatever a person, the staff and time do, in any order: the engine holds."""

import json
from datetime import UTC, datetime, time, timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.channel import Limits
from bot.engine import respond
from bot.markup import to_plain
from bot.messages import (
    Asked,
    Chose,
    Commanded,
    Flooded,
    Input,
    Located,
    Released,
    Reply,
    StaffWrote,
    Unsupported,
)
from bot.policy import Policy
from bot.shaping import Menu, shape
from bot.splitting import Measure
from bot.state import Conversation, from_json, to_json
from bot.telegram import channel as telegram
from bot.webchat import channel as webchat
from bot.whatsapp import channel as whatsapp
from content import FOLDER
from content.catalogue import LANGUAGES, Catalogue, Desk
from content.files import read_tree
from locales import translate
from nlu.understanding import Candidate, LanguageGuess, Source, Understanding

START = datetime(2026, 11, 23, 15, tzinfo=UTC)
PLATFORMS: dict[str, Limits] = {
    "telegram": telegram.LIMITS,
    "whatsapp": whatsapp.LIMITS,
    "web": webchat.LIMITS,
}


@cache
def catalogue() -> Catalogue:
    """Return the repository's own content."""
    return read_tree(FOLDER).catalogue


TEXTS = st.one_of(
    st.sampled_from(
        (
            "hola", "1", "2", "0", "borrar", "stop", "menu", "atrás", "salir", "sí", "no",
            "compartir", "¿y cuánto cuesta?", "and for my kids?", "avísame antes de que venza",
            "31/12/2027", "30/02/2027", "kreyòl", "in English please", "Lima", "mis avisos",
            "mi DNI es 45612378 y mi número 999888777", "idiota", "", "\x00", "🙂" * 50,
            "seguir con orienta", "x" * 20_000,
        )
    ),
    st.text(max_size=60),
)  # fmt: skip
INTENTS = st.deferred(
    lambda: st.sampled_from((*catalogue().articles, *catalogue().intents, "no/such-article"))
)
CANDIDATES = st.lists(st.tuples(INTENTS, st.floats(0, 1)), max_size=4)
KINDS = st.deferred(lambda: st.sampled_from((None, None, None, *catalogue().cards, "unknown")))
UNDERSTOOD = st.builds(
    lambda language, clear, ranked, danger, source: Understanding(
        LanguageGuess(language, clear),
        tuple(Candidate(*c) for c in sorted(ranked, key=lambda c: -c[1])),
        danger,
        source,
    ),
    st.sampled_from((*LANGUAGES, "de")),
    st.floats(0, 1),
    CANDIDATES,
    KINDS,
    st.sampled_from(Source),
)
PRESSED = st.integers(0, 12)  # the number of a button among those offered last
CHOICES = (
    "p:x", "q:a:b:c", "a:", "path:back", "s:cost:health/birth", "sh:health/birth", "r:health/birth",
)  # fmt: skip
COMMANDS = st.sampled_from(("start", "stop", "menu", "borrar", "x"))
EVENTS = st.one_of(
    st.builds(Asked, TEXTS, UNDERSTOOD),
    PRESSED,
    st.builds(Chose, st.one_of(st.text(max_size=20), st.sampled_from(CHOICES))),
    st.builds(Commanded, COMMANDS, st.text(max_size=9)),
    st.builds(Located, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(Unsupported, st.sampled_from(("voice", "photo", "sticker", "reaction", "poll"))),
    st.builds(StaffWrote, st.text(min_size=1, max_size=60)),
    st.just(Released()),
    st.just(Flooded()),
)
STEPS = st.lists(st.tuples(EVENTS, st.sampled_from((0, 1, 60, 86_400, 40 * 86_400))), max_size=15)


def pressed(now: Conversation, number: int) -> Chose:
    """Return the pressing of a button offered last, or of one that is gone."""
    return Chose(now.offered[number].id if number < len(now.offered) else "gone")


def may_be_silent(before: Conversation, event: Input, at: datetime) -> bool:
    """Say whether no word is a stated silence here."""
    silent = before.silent_until is not None and at < before.silent_until
    if silent or isinstance(event, Released | Flooded):
        return True
    return isinstance(event, Unsupported) and event.kind == "reaction"


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(STEPS, st.booleans(), st.booleans())
def test_any_sequence_is_answered_and_stays_json(
    steps: list[tuple[Input | int, int]], staffed: bool, can_remind: bool
) -> None:
    """Always a reply or a stated silence; the state is JSON; each platform can carry the reply."""
    policy = Policy(desk_staffed=staffed, can_remind=can_remind, public_url="https://o.example")
    now, at = Conversation(), START
    for step, seconds in steps:
        at += timedelta(seconds=seconds)
        event = pressed(now, step) if isinstance(step, int) else step
        before = from_json(json.loads(json.dumps(to_json(now))))
        assert before == now
        turn = respond(before, event, catalogue(), policy, at)
        assert turn.replies or may_be_silent(before, event, at)
        for reply in turn.replies:
            assert reply.parts
            assert len(reply.choices) <= 10
            for limits in PLATFORMS.values():
                assert_carried(limits, reply)
        now = turn.conversation


def assert_carried(limits: Limits, reply: Reply) -> None:
    """Check that a platform can carry a reply within its limits, and all of its choices."""
    shaped = shape(reply, limits, translate, bold=2)
    assert shaped
    measure = Measure(limits.unit, 2)
    for one in shaped:
        plain = one.menu in (Menu.NONE, Menu.NUMBERS)
        assert measure.document(one.text) <= (limits.text if plain else limits.text_with_options)
        assert to_plain(one.text).strip()
    if shaped[-1].menu is Menu.BUTTONS:
        assert len(shaped[-1].options) <= limits.buttons


@pytest.mark.parametrize("day", range(14))
def test_the_desk_opens_when_it_says(day: int) -> None:
    """The next opening of any hours is a moment at which it is open, and later than now."""
    monday_to_friday = {d: (hours(8, 13), hours(14, 17)) for d in range(5)}
    desk = Desk(monday_to_friday, frozenset({(START + timedelta(days=3)).date()}))
    now = START + timedelta(days=day, hours=day)
    opens = desk.next_opening(now)
    assert opens is not None
    assert opens > now
    assert desk.open_at(opens)
    assert not desk.open_at(opens - timedelta(minutes=1))


def hours(first: int, last: int) -> tuple[time, time]:
    """Return a span of whole hours."""
    return time(first), time(last)
