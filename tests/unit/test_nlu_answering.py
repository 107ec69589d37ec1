"""The service's request handling: batches, a bounded queue, and no input that breaks it."""

import asyncio
import json
import threading
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nlu.answering import LARGEST_BODY, MOST_CANDIDATES, Answer, Answerer, Limits, Ranking

TOKEN = "a-token-for-tests"
WHOLE = [("health.access", 0.9), *((f"work.{n}", 0.01) for n in range(30))]


class Ranker:
    """Ranks every text alike and keeps the batches; waits for `open_` when it is closed."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.open_ = threading.Event()
        self.open_.set()

    def __call__(self, texts: list[str]) -> Sequence[Ranking]:
        self.batches.append(texts)
        self.open_.wait(20)
        if any("poison" in text for text in texts):
            raise ValueError(texts)
        return [WHOLE for _ in texts]


def body(text: object) -> bytes:
    return json.dumps({"text": text}).encode()


def reason(answer: Answer) -> str:
    said = json.loads(answer.body)["reason"]
    assert isinstance(said, str)
    return said


async def test_an_answer_is_as_large_as_the_client_needs() -> None:
    """At most ten candidates, the best first, and the text is not sent back."""
    answerer = Answerer(Ranker(), TOKEN)
    answer = await answerer.parse(TOKEN, body("mi secreto"))
    known = json.loads(answer.body)
    assert answer.status == 200
    assert len(known["intent_ranking"]) == MOST_CANDIDATES
    assert known["intent"] == {"name": "health.access", "confidence": 0.9}
    assert b"secreto" not in answer.body
    answerer.close()


async def test_what_waits_is_ranked_together() -> None:
    """While one batch is ranked the next gathers; each question gets its own answer."""
    ranker = Ranker()
    answerer = Answerer(ranker, TOKEN, Limits(batch=32, patience=20, batch_seconds=20))
    ranker.open_.clear()
    asking = [asyncio.create_task(answerer.parse(TOKEN, body(f"q{n}"))) for n in range(50)]
    async with asyncio.timeout(20):
        while not ranker.batches:  # noqa: ASYNC110 - a thread is watched
            await asyncio.sleep(0.001)
    ranker.open_.set()
    answers = await asyncio.gather(*asking)
    assert {answer.status for answer in answers} == {200}
    assert 16 <= max(map(len, ranker.batches)) <= 32
    assert sorted(t for batch in ranker.batches for t in batch) == sorted(
        f"q{n}" for n in range(50)
    )
    answerer.close()


async def test_a_batch_of_long_texts_is_short() -> None:
    """Stories do not make everybody behind them wait for all of them at once."""
    ranker = Ranker()
    answerer = Answerer(ranker, TOKEN, Limits(batch_characters=4000, patience=20))
    await asyncio.gather(*(answerer.parse(TOKEN, body("x" * 1900)) for _ in range(8)))
    assert max(map(len, ranker.batches)) == 2
    answerer.close()


async def test_a_thousand_at_once_are_answered_or_refused() -> None:
    """With the model stuck, the queue stays bounded and everybody hears within the patience."""
    ranker = Ranker()
    ranker.open_.clear()
    answerer = Answerer(ranker, TOKEN, Limits(waiting=100, patience=0.2))
    loop = asyncio.get_running_loop()
    began = loop.time()
    answers = await asyncio.gather(*(answerer.parse(TOKEN, body("hola")) for _ in range(1000)))
    assert loop.time() - began < 1
    assert {answer.status for answer in answers} == {503}
    assert "ask again" in reason(answers[0])
    ranker.open_.set()
    async with asyncio.timeout(20):
        while (await answerer.parse(TOKEN, body("hola"))).status != 200:
            pass
    assert len([t for batch in ranker.batches for t in batch]) <= 140
    answerer.close()


async def test_a_slow_model_gets_small_batches() -> None:
    """When questions take long, a batch is no longer than people wait, so some are answered."""

    class Slow(Ranker):
        def __call__(self, texts: list[str]) -> Sequence[Ranking]:
            threading.Event().wait(0.05 * len(texts))
            return super().__call__(texts)

    ranker = Slow()
    answerer = Answerer(ranker, TOKEN, Limits(patience=0.5))
    await answerer.parse(TOKEN, body("primera"))
    answers = await asyncio.gather(*(answerer.parse(TOKEN, body("hola")) for _ in range(100)))
    statuses = [answer.status for answer in answers]
    assert statuses.count(200) >= 3
    assert set(statuses) == {200, 503}
    assert max(map(len, ranker.batches)) <= 20
    answerer.close()


async def test_one_question_that_breaks_the_model_breaks_no_other() -> None:
    """The guilty one gets a 500 with a sentence that holds no text; its neighbours an answer."""
    ranker = Ranker()
    answerer = Answerer(ranker, TOKEN, Limits(patience=20))
    texts = ["hola", "poison secreto", "gracias"]
    answers = await asyncio.gather(*(answerer.parse(TOKEN, body(text)) for text in texts))
    assert [answer.status for answer in answers] == [200, 500, 200]
    assert "secreto" not in reason(answers[1])
    answerer.close()


@pytest.mark.parametrize(
    "bad",
    [b"", b"no json", b"\xff\xfe", b"[]", b"7", b"null", b"{}", b'{"text": null}', b'{"text": 7}',
     b'{"text": ["a"]}', b'{"texts": "a"}', b"[" * 100_000, b'{"text": "a"', b'"text"'],
    ids=lambda bad: repr(bad[:16]),
)  # fmt: skip
async def test_what_is_no_question_is_refused(bad: bytes) -> None:
    """A 400 with one sentence that says what is wanted."""
    answerer = Answerer(Ranker(), TOKEN)
    answer = await answerer.parse(TOKEN, bad)
    assert answer.status == 400
    assert '"text"' in reason(answer)
    answerer.close()


@pytest.mark.parametrize("token", ["", "other", TOKEN + "x", "ñ", "\ud83d"])
async def test_only_the_token_opens(token: str) -> None:
    """Any other one gets a 401, for questions as for the state."""
    answerer = Answerer(Ranker(), TOKEN)
    assert (await answerer.parse(token, body("hola"))).status == 401
    assert answerer.status(token).status == 401
    assert answerer.status(TOKEN).status == 200
    answerer.close()


async def test_a_body_that_is_too_large_is_refused() -> None:
    """A 413, whatever is in it."""
    answerer = Answerer(Ranker(), TOKEN)
    assert (await answerer.parse(TOKEN, b" " * (LARGEST_BODY + 1))).status == 413
    answerer.close()


values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
any_character = st.characters(exclude_categories=())  # lone surrogates too


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=200)
    | values.map(lambda value: json.dumps(value).encode())
    | values.map(lambda value: json.dumps({"text": value}).encode())
    | st.text(any_character, max_size=300).map(body)
    | st.integers(0, 20_000).map(lambda n: body("a" * n))
)
def test_any_body_gets_an_answer_or_a_clear_refusal(given_: bytes) -> None:
    """200 with a ranking, or 4xx with one sentence; never anything else, never an exception."""
    ranker = Ranker()

    async def ask() -> Answer:
        answerer = Answerer(ranker, TOKEN)
        try:
            return await answerer.parse(TOKEN, given_)
        finally:
            answerer.close()

    answer = asyncio.run(ask())
    if answer.status == 200:
        assert json.loads(answer.body)["intent_ranking"]
        ((text,),) = ranker.batches
        assert len(text) <= 2000
        assert not text.startswith("/")
    else:
        assert 400 <= answer.status < 500
        assert reason(answer).endswith(".")
