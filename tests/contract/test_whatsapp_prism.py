"""Every outgoing WhatsApp call is what Meta's own description says, by Prism as the referee."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot import replies
from bot.channel import RequestRefused, Unreachable
from bot.messages import Choice, Inbound, Passage, Reply, Said, Template
from bot.whatsapp.account import WhatsAppAccount
from bot.whatsapp.channel import WhatsAppChannel
from bot.whatsapp.graph import Graph
from bot.whatsapp.templates import Templates
from content import FOLDER
from content.catalogue import LANGUAGES, Catalogue
from content.files import read_tree
from tests.contract.whatsapp_harness import NOW, PERSON
from tests.fakes.prism import GAPS, Prism, running_prism
from tests.fakes.whatsapp_server import ACCESS_TOKEN, APP_SECRET, PHONE_NUMBER_ID, VERIFY_TOKEN

pytestmark = pytest.mark.asyncio(loop_scope="module")
MESSAGES = f"/v25.0/{PHONE_NUMBER_ID}/messages"
HEAD = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "51000000001"}
TEXT = {**HEAD, "type": "text", "text": {"body": "Hola"}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def prism() -> AsyncIterator[Prism]:
    """One Prism for all tests of this file."""
    async with running_prism() as prism:
        yield prism


@pytest.fixture
def templates(tmp_path: Path) -> Templates:
    """Templates that are all approved."""
    templates = Templates(tmp_path)
    known = (w for languages in templates.wordings.values() for w in languages.values())
    templates.keep({(w.name, w.code): "approved" for w in known})
    return templates


@pytest_asyncio.fixture(loop_scope="module")
async def channel(prism: Prism, templates: Templates) -> AsyncIterator[WhatsAppChannel]:
    """The channel as it runs, with Prism in Meta's place."""
    prism.refused.clear()
    channel = WhatsAppChannel(
        PHONE_NUMBER_ID, ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN,
        base_url=prism.base_url, timeout=30.0, templates=templates,
    )  # fmt: skip
    yield channel
    await channel.aclose()
    assert prism.refused == []


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """What is shipped."""
    return read_tree(FOLDER).catalogue


async def _send(channel: WhatsAppChannel, reply: Reply, person: str = "51000000001") -> int:
    payloads = channel.render(reply)
    for number, payload in enumerate(payloads):
        assert await channel.send(person, payload, outbox_id=str(number + 1))
    return len(payloads)


def _choices(count: int) -> tuple[Choice, ...]:
    return tuple(Choice(f"a:{n}", f"Opción {n}", "Una línea más larga") for n in range(count))


@pytest.mark.parametrize("person", [PERSON, "51000000001"])
@pytest.mark.parametrize("count", [0, 1, 3, 4, 10, 11])
async def test_every_kind_of_message(channel: WhatsAppChannel, person: str, count: int) -> None:
    """Text, buttons, lists and numbered lines, to a number and to an id."""
    reply = Reply("es", (Passage("**Hola**, ¿qué necesita?"),), _choices(count))
    assert await _send(channel, reply, person) == 1


async def test_asking_for_a_place(channel: WhatsAppChannel) -> None:
    """The message with WhatsApp's own button."""
    assert await _send(channel, Reply("es", (Passage("¿Dónde?"),), (), asks_location=True)) == 1


async def test_read_mark(channel: WhatsAppChannel) -> None:
    """With the typing indicator."""
    await channel.acknowledge(Inbound("whatsapp", "wamid.A1", PERSON, Said("hola"), NOW))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_templates(channel: WhatsAppChannel, language: str) -> None:
    """Both templates, in each language."""
    for template in (Template("reminder", {"date": "31/12/2027"}), Template("answered")):
        payload = channel.render_template(template, language)
        assert payload is not None
        assert await channel.send(PERSON, payload, outbox_id="7")


async def test_templates_are_submitted_and_asked_for(prism: Prism, templates: Templates) -> None:
    """What an operator asks of the business account."""
    prism.refused.clear()
    graph = Graph(prism.base_url, "v25.0", ACCESS_TOKEN, 30.0)
    account = WhatsAppAccount(graph, "2002", templates)
    try:
        assert len(await account.status()) == len(await account.submit()) == 8
    finally:
        await graph.aclose()
    assert prism.refused == []


async def test_recordings_are_asked_for(channel: WhatsAppChannel, prism: Prism) -> None:
    """The address of a recording; what Prism makes up for it is none of Meta's and not fetched."""
    before = prism.passed
    inbound = Inbound("whatsapp", "wamid.A1", PERSON, Said(""), NOW, reply_to={"voice": "777"})
    with pytest.raises(RequestRefused):
        await channel.fetch_voice(inbound)
    assert prism.passed == before + 1


def _shipped(catalogue: Catalogue) -> Iterator[Reply]:
    """Yield all answers in Spanish, one of each topic in the others, and the fixed replies."""
    today = NOW.date()
    for language in LANGUAGES:
        topics: set[str] = set()
        for article in catalogue.articles.values():
            if language == "es" or article.topic not in topics:
                topics.add(article.topic)
                yield replies.answer(article, "answer", language, catalogue, today)
                yield replies.sources_and_related(article, language, catalogue)
        yield from (replies.menu(language), replies.topics(language, catalogue))
        yield from (replies.welcome(language), replies.emergency_kinds(language, catalogue))
        yield from (replies.card(kind, language, catalogue) for kind in catalogue.cards)


async def test_what_is_shipped(channel: WhatsAppChannel, catalogue: Catalogue) -> None:
    """The real texts, as one message each."""
    for reply in _shipped(catalogue):
        assert await _send(channel, reply) == 1


WRONG = {
    "no body": {**HEAD, "type": "text"},
    "four buttons": {"buttons": 4},
    "title of 21": {"title": 21},
    "body of 1025": {"body": 1025},
}


@pytest.mark.parametrize("name", WRONG)
async def test_prism_refuses_what_is_wrong(prism: Prism, name: str) -> None:
    """Else its silence would prove nothing."""
    wrong = WRONG[name]
    buttons = [
        {"type": "reply", "reply": {"id": f"a:{n}", "title": "x" * wrong.get("title", 1)}}
        for n in range(wrong.get("buttons", 1))
    ]
    interactive = {
        "type": "button",
        "body": {"text": "x" * wrong.get("body", 1)},
        "action": {"buttons": buttons},
    }
    body = wrong if "type" in wrong else {**HEAD, "type": "interactive", "interactive": interactive}
    assert (await prism.asked("POST", MESSAGES, body))[0] == 422
    good = {"type": "button", "body": {"text": "x"}, "action": {"buttons": buttons[:1]}}
    good["action"]["buttons"][0]["reply"]["title"] = "x"
    whole = {**HEAD, "type": "interactive", "interactive": good}
    assert (await prism.asked("POST", MESSAGES, whole))[0] == 200


KNOWN = {
    "biz_opaque": {**TEXT, "biz_opaque_callback_data": "81"},
    "recipient": {**{k: v for k, v in TEXT.items() if k != "to"}, "recipient": "PE.1"},
    "location_request": {
        **HEAD, "type": "interactive",
        "interactive": {"type": "location_request_message", "body": {"text": "¿Dónde?"},
                        "action": {"name": "send_location"}}},
    "index of": {
        **HEAD, "type": "template",
        "template": {"name": "x", "language": {"code": "es", "policy": "deterministic"},
                     "components": [{"type": "button", "sub_type": "quick_reply", "index": "0",
                                     "parameters": [{"type": "payload", "payload": "read"}]}]}},
    "read marks": {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.A1",
                   "typing_indicator": {"type": "text"}},
}  # fmt: skip
BROKEN = {
    "biz_opaque": {"biz_opaque_callback_data": "x" * 513},
    "recipient": {"recipient": "51000000001"},
    "location_request": {
        "interactive": {
            "type": "location_request_message",
            "body": {"text": "¿Dónde?"},
            "action": {},
        }
    },
    "index of": {
        "template": {"components": [{"type": "button", "index": "1"}]},
    },
    "read marks": {"typing_indicator": {"type": "voice"}},
}


@pytest.mark.parametrize("known", KNOWN)
async def test_gaps_are_gaps(prism: Prism, known: str) -> None:
    """Each known wrong refusal happens, passes with our check, and that check finds faults."""
    assert (await prism.asked("POST", MESSAGES, KNOWN[known]))[0] == 422
    graph = Graph(prism.base_url, "v25.0", ACCESS_TOKEN, 30.0)
    path = f"{PHONE_NUMBER_ID}/messages"
    try:
        assert await graph.post(path, KNOWN[known])
        with pytest.raises(Unreachable):  # our check fails, so the server in front does
            await graph.post(path, {**KNOWN[known], **BROKEN[known]})
    finally:
        await graph.aclose()


async def test_each_gap_is_tested() -> None:
    """No gap without its test."""
    assert len(GAPS) == len(KNOWN) == len(BROKEN)
    assert all(any(name.startswith(known) for name in GAPS) for known in KNOWN)
