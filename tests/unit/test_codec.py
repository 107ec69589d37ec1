"""What waits in the database comes back as it was."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from actions.effects import Effect, ForgetPerson, RecordFeedback, RecordMiss, dumps, loads
from bot.codec import dump_inbound, dump_reply, load_inbound, load_reply
from bot.messages import Chose, Commanded, Inbound, Located, Released, Reply, Said, Unsupported
from tests.contract.replies import REPLIES

EVENTS = st.one_of(
    st.builds(Said, st.text()),
    st.builds(Chose, st.text()),
    st.builds(Located, st.floats(-90, 90), st.floats(-180, 180)),
    st.builds(Commanded, st.text(), st.text()),
    st.builds(Unsupported, st.text()),
    st.just(Released()),
)
INBOUND = st.builds(
    Inbound,
    st.sampled_from(["telegram", "web"]),
    st.text(),
    st.text(),
    EVENTS,
    st.just(datetime(2026, 11, 23, tzinfo=UTC)),
    st.none() | st.text(),
    st.dictionaries(st.text(), st.text(), max_size=2),
)
EFFECTS = st.one_of(
    st.builds(RecordMiss, st.text(), st.text(), st.tuples(st.text()), st.none() | st.text()),
    st.builds(RecordFeedback, st.text(), st.text(), st.booleans()),
    st.just(ForgetPerson()),
)


@given(INBOUND)
def test_messages_come_back(inbound: Inbound) -> None:
    """Every kind of event survives the way through the inbox."""
    assert load_inbound(dump_inbound(inbound)) == inbound


@given(REPLIES)
def test_replies_come_back(reply: Reply) -> None:
    """Every reply survives the way through the outbox."""
    assert load_reply(dump_reply(reply)) == reply


@given(EFFECTS)
def test_effects_come_back(effect: Effect) -> None:
    """Every effect survives the way through the outbox."""
    assert loads(dumps(effect)) == effect
