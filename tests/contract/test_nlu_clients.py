"""The readers that need no NLU service keep the contract, and what is their own."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from nlu.client import NluClient, NluUnavailable
from nlu.fallback import FallbackReader
from nlu.keywords import MOST_CONFIDENCE, KeywordReader
from nlu.rasa import RasaClient, Server
from nlu.understanding import Candidate, Source
from tests.contract.nlu_contract import EXAMPLES, NluClientContract
from tests.fakes.nlu import Clock, ScriptedReader
from tests.fakes.rasa_server import RANKING, TOKEN, RasaServer, running_rasa_server

ANSWER = (Candidate("greet", 0.8),)


class TestKeywordReader(NluClientContract):
    """The reader by keywords."""

    @pytest.fixture
    def client(self) -> NluClient:
        """A reader that knows the examples."""
        return KeywordReader(EXAMPLES)

    async def test_it_is_never_sure(self) -> None:
        """Not even an example word for word gets more than one half."""
        reader = KeywordReader(EXAMPLES)
        ranked = await reader.parse(EXAMPLES["greet"][0])
        assert 0 < ranked[0].confidence <= MOST_CONFIDENCE
        assert reader.source is Source.KEYWORDS

    async def test_it_sees_through_chat_spelling(self) -> None:
        """Missing accents, k for qu and v for b do not hide a word."""
        ranked = await KeywordReader(EXAMPLES).parse("kiero ir al ospital sin papeles")
        assert ranked[0].intent == "health/access-without-ce"

    async def test_unknown_words_give_nothing(self) -> None:
        """A text that shares no word with any example has no candidate."""
        assert await KeywordReader(EXAMPLES).parse("zzzz qqqq") == ()

    async def test_no_examples_give_nothing(self) -> None:
        """A reader without examples answers, with nothing."""
        assert await KeywordReader({}).parse("hola") == ()


class TestFallbackReader(NluClientContract):
    """The reader with a second one behind it, its first one dead."""

    @pytest.fixture
    def client(self) -> NluClient:
        """A reader whose primary never answers."""
        dead = ScriptedReader()
        dead.down = True
        return FallbackReader(dead, KeywordReader(EXAMPLES))


def _pair() -> tuple[ScriptedReader, ScriptedReader, Clock, FallbackReader]:
    primary, second, clock = ScriptedReader(ANSWER), ScriptedReader((), Source.KEYWORDS), Clock()
    return primary, second, clock, FallbackReader(primary, second, clock)


async def test_the_primary_answers_while_it_can() -> None:
    """The fallback is not asked, and the reading names the primary."""
    _, second, _, reader = _pair()
    reading = await reader.read("hola")
    assert (reading.candidates, reading.source, second.asked) == (ANSWER, Source.RASA, 0)


async def test_a_failure_is_answered_by_the_fallback_and_explained() -> None:
    """Nothing is raised; the reading names the fallback; the reason is kept."""
    primary, _, _, reader = _pair()
    primary.down = True
    assert (await reader.read("hola")).source is Source.KEYWORDS
    assert reader.last_failure == "The stand-in is down."


async def test_a_dead_primary_is_left_alone_after_two_failures() -> None:
    """Of ten questions two reach it, until five seconds have passed; then one tries."""
    primary, _, clock, reader = _pair()
    primary.down = True
    for _ in range(10):
        await reader.parse("hola")
    assert primary.asked == 2
    assert reader.source is Source.KEYWORDS
    clock.now += 5.1
    for _ in range(10):
        await reader.parse("hola")
    assert primary.asked == 3


async def test_the_pause_doubles_up_to_a_minute() -> None:
    """Each further failure doubles the pause; a minute is the longest."""
    primary, _, clock, reader = _pair()
    primary.down = True
    for _ in range(12):
        clock.now += 60.1
        await reader.parse("hola")
    assert primary.asked == 12
    clock.now += 59
    await reader.parse("hola")
    assert primary.asked == 12


async def test_a_recovered_primary_is_used_again() -> None:
    """One good answer closes the breaker."""
    primary, _, clock, reader = _pair()
    primary.down = True
    for _ in range(3):
        await reader.parse("hola")
    primary.down = False
    clock.now += 6
    assert (await reader.read("hola")).source is Source.RASA
    assert (await reader.read("hola")).source is Source.RASA
    assert reader.last_failure is None


async def test_when_both_fail_the_caller_is_told() -> None:
    """With the fallback unavailable too, `NluUnavailable` comes through."""
    primary, second, _, reader = _pair()
    primary.down = second.down = True
    with pytest.raises(NluUnavailable):
        await reader.parse("hola")


async def test_closing_closes_both() -> None:
    """Both readers are closed."""
    primary, second, _, reader = _pair()
    await reader.aclose()
    assert primary.closed
    assert second.closed


class TestRasaClientOnTheStandIn(NluClientContract):
    """The HTTP client against the hand-written server."""

    @pytest.fixture
    async def client(self, server: RasaServer) -> AsyncIterator[NluClient]:
        """A client with the right token."""
        client = RasaClient(server.url, TOKEN)
        yield client
        await client.aclose()


@pytest.fixture
async def server() -> AsyncIterator[RasaServer]:
    """A running stand-in."""
    async with running_rasa_server() as running:
        yield running


@pytest.fixture
async def rasa(server: RasaServer) -> AsyncIterator[RasaClient]:
    """A client of the stand-in."""
    client = RasaClient(server.url, TOKEN)
    yield client
    await client.aclose()


async def test_the_ranking_comes_through(server: RasaServer, rasa: RasaClient) -> None:
    """Names get their '/' back and nothing else changes."""
    ranked = await rasa.parse("hola")
    assert ranked == tuple(
        Candidate(str(entry["name"]).replace(".", "/"), float(str(entry["confidence"])))
        for entry in RANKING
    )


async def test_long_texts_are_clipped_and_slashes_taken_off(
    server: RasaServer, rasa: RasaClient
) -> None:
    """The service gets at most 2000 characters, both ends of the text, and no command."""
    await rasa.parse("/empieza " + "x" * 20_000 + " termina")
    sent = server.texts[0]
    assert len(sent) <= 2000
    assert sent.startswith("empieza")
    assert sent.endswith("termina")


async def test_one_connection_serves_many_questions(server: RasaServer, rasa: RasaClient) -> None:
    """Five questions in a row use one connection."""
    for _ in range(5):
        await rasa.parse("hola")
    assert len(server.connections) == 1


@pytest.mark.parametrize(
    "answer",
    [
        None,
        [],
        {},
        {"intent_ranking": None},
        {"intent_ranking": []},
        {"intent_ranking": ["greet"]},
        {"intent_ranking": [{"name": "greet"}]},
        {"intent_ranking": [{"name": "", "confidence": 0.5}]},
        {"intent_ranking": [{"name": "greet", "confidence": "high"}]},
        {"intent_ranking": [{"name": "greet", "confidence": True}]},
        {"intent_ranking": [{"name": "greet", "confidence": 1.5}]},
        {"intent_ranking": [{"name": "greet", "confidence": -0.1}]},
        {"intent_ranking": [{"name": 7, "confidence": 0.5}]},
    ],
    ids=str,
)
async def test_nonsense_is_unavailability(
    server: RasaServer, rasa: RasaClient, answer: Any
) -> None:
    """Whatever is not a ranking raises, with a sentence that says what to do."""
    server.answer = lambda text: answer
    with pytest.raises(NluUnavailable, match=r"orienta check|train the model"):
        await rasa.parse("hola")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"not json",
        b"\xff\xfe",
        b'{"intent_ranking": [{"name": "a", "confidence": NaN}]}',
        b"[" * 100_000,
        b" " * 2_000_000,
    ],
)
async def test_broken_bodies_are_unavailability(
    server: RasaServer, rasa: RasaClient, raw: bytes
) -> None:
    """No JSON, too deep, too long or not a number: the same clear failure."""
    server.raw = raw
    with pytest.raises(NluUnavailable):
        await rasa.parse("hola")


@pytest.mark.parametrize(
    ("status", "remedy"), [(401, "token"), (409, "train"), (500, "500"), (503, "503"), (302, "302")]
)
async def test_other_statuses_are_unavailability(
    server: RasaServer, rasa: RasaClient, status: int, remedy: str
) -> None:
    """Each status that is not 200 raises with its own remedy."""
    server.status = status
    with pytest.raises(NluUnavailable, match=remedy):
        await rasa.parse("hola")


async def test_a_wrong_token_is_said_to_be_wrong(server: RasaServer) -> None:
    """The service's 401 is told as a wrong token, and the token itself is not told."""
    client = RasaClient(server.url, "another-token")
    with pytest.raises(NluUnavailable, match="refuses the token") as caught:
        await client.parse("hola")
    await client.aclose()
    assert "another-token" not in str(caught.value)


async def test_a_slow_service_costs_no_more_than_the_timeout(server: RasaServer) -> None:
    """A service that never answers is given up; neither text nor token is in the message."""
    server.hold = asyncio.Event()
    client = RasaClient(server.url, TOKEN, timeout=0.05)
    with pytest.raises(NluUnavailable, match="does not answer within") as caught:
        await client.parse("mi secreto")
    server.hold.set()
    await client.aclose()
    assert "secreto" not in str(caught.value)
    assert TOKEN not in str(caught.value)


async def test_a_dead_service_is_unreachable_without_its_address(server: RasaServer) -> None:
    """A refused connection names neither the token nor the text."""
    client = RasaClient("http://127.0.0.1:9", TOKEN)
    with pytest.raises(NluUnavailable, match="cannot be reached") as caught:
        await client.parse("mi secreto")
    await client.aclose()
    assert TOKEN not in str(caught.value)
    assert "secreto" not in str(caught.value)


async def test_a_broken_connection_is_tried_once_more(server: RasaServer) -> None:
    """A server that ended between two questions costs no answer while another one serves."""
    client = RasaClient("http://127.0.0.1:9", TOKEN)
    await client.ask_from_now([*client.servers, Server(server.url, TOKEN)])
    for _ in range(5):
        assert (await client.parse("hola"))[0].intent == "health/access-without-ce"
    assert len(server.texts) == 5
    await client.aclose()


async def test_the_least_busy_server_is_asked(server: RasaServer) -> None:
    """While one server holds ten questions, the next one goes to the other."""
    async with running_rasa_server() as other:
        client = RasaClient(server.url, TOKEN, timeout=20)
        server.hold = asyncio.Event()
        asking = [asyncio.create_task(client.parse("hola")) for _ in range(10)]
        while len(server.texts) < 10:  # noqa: ASYNC110 - the server is watched
            await asyncio.sleep(0.001)
        await client.ask_from_now([*client.servers, Server(other.url, TOKEN)])
        await client.parse("otra")
        assert other.texts == ["otra"]
        server.hold.set()
        await asyncio.gather(*asking)
        await client.aclose()


async def test_a_change_waits_for_what_is_under_way(server: RasaServer) -> None:
    """New questions go to the new server at once; the old one is left when it has answered."""
    async with running_rasa_server() as other:
        client = RasaClient(server.url, TOKEN, timeout=20)
        server.hold = asyncio.Event()
        asking = asyncio.create_task(client.parse("antes"))
        while not server.texts:  # noqa: ASYNC110 - the server is watched
            await asyncio.sleep(0.001)
        changing = asyncio.create_task(client.ask_from_now([Server(other.url, TOKEN)]))
        await asyncio.sleep(0)
        await client.parse("después")
        assert other.texts == ["después"]
        assert not changing.done()
        server.hold.set()
        await changing
        assert asking.done()
        assert server.texts == ["antes"]
        await client.aclose()
