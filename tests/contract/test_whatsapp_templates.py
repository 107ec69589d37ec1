"""Templates are data with their state at Meta, and only approved ones are used."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import yaml

from bot import handover, reminders, replies
from bot.core import Core
from bot.database import open_engine
from bot.keys import Keys
from bot.messages import Template
from bot.settings import Settings
from bot.whatsapp.account import WhatsAppAccount
from bot.whatsapp.channel import WhatsAppChannel
from bot.whatsapp.graph import Graph
from bot.whatsapp.templates import DATA, STATES, Templates, TemplatesError, read_wordings
from content.catalogue import LANGUAGES
from locales import translate
from tests.contract.test_whatsapp_receive import WhatsAppHarness, harness  # noqa: F401
from tests.contract.whatsapp_harness import PERSON
from tests.fakes.program import run
from tests.fakes.whatsapp_description import faults
from tests.fakes.whatsapp_server import ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, FakeWhatsApp

TEXT = {"code": "es", "body": "El {{date}} vence.", "buttons": ["a", "b", "c"]}


@pytest.fixture
async def server() -> AsyncIterator[FakeWhatsApp]:
    async with FakeWhatsApp() as server:
        yield server


@pytest.fixture
async def graph(server: FakeWhatsApp) -> AsyncIterator[Graph]:
    graph = Graph(server.base_url, "v25.0", ACCESS_TOKEN, 5.0)
    yield graph
    await graph.aclose()


def approve(templates: Templates, *codes: str) -> None:
    """Let Meta have approved some languages."""
    known = [w for languages in templates.wordings.values() for w in languages.values()]
    templates.keep({(w.name, w.code): "approved" for w in known if not codes or w.code in codes})


def test_what_is_shipped_can_be_submitted() -> None:
    """Both purposes have words for every language; nothing counts as approved from the start."""
    wordings = read_wordings()
    assert set(wordings) == {reminders.TEMPLATE, handover.TEMPLATE}
    for languages in wordings.values():
        assert set(languages) == set(LANGUAGES)
    assert wordings["reminder"]["qu"] is wordings["reminder"]["es"]


def test_the_reminder_says_what_it_says_elsewhere() -> None:
    """Its words are those of the reminder on the other channels, the warning with them."""
    for language, wording in read_wordings()["reminder"].items():
        if language in ("ht", "qu"):
            continue
        reply = reminders.due("2027-12-31", language)
        said = [
            translate(part.text, language, {"date": "{{date}}"})
            for part in reply.parts  # type: ignore[union-attr]
        ]
        assert wording.body.split("\n\n") == said
        assert reply.parts[-1] == replies.ENTRY_WARNING
        assert reply.template == Template("reminder", {"date": "31/12/2027"})
        assert wording.numbered.count("{{1}}") == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": "With Spaces"}, "name"),
        ({"choices": []}, "one button for each"),
        ({"examples": {}}, "gaps"),
        ({"instead": {"qu": "it"}}, "qu"),
        ({"instead": {"en": "es"}}, "en"),
        ({"colour": "red"}, "colour"),
        ({"texts": {"es": {**TEXT, "body": "{{date}} vence."}}},
         "begins or ends"),
        ({"texts": {"xx": TEXT}},
         "none of the languages"),
        ({"texts": {"es": {**TEXT, "buttons": ["a", "b", "c" * 26]}}},
         "buttons"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told(tmp_path: Path, change: dict[str, object], told: str) -> None:
    """In one sentence, with the place."""
    data = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    data["reminder"] |= {"instead": {}, **change}
    file = tmp_path / "whatsapp.yml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    with pytest.raises(TemplatesError, match=told):
        read_wordings(file)


def test_a_missing_or_broken_file_is_told(tmp_path: Path) -> None:
    """And what is no YAML as well."""
    with pytest.raises(TemplatesError, match=r"whatsapp\.yml"):
        read_wordings(tmp_path / "whatsapp.yml")
    (tmp_path / "whatsapp.yml").write_text("a: [")
    with pytest.raises(TemplatesError, match=r"whatsapp\.yml"):
        read_wordings(tmp_path / "whatsapp.yml")


def test_only_what_is_approved_is_used(tmp_path: Path) -> None:
    """A state that changes counts at once; a damaged file approves nothing."""
    running, command = Templates(tmp_path), Templates(tmp_path)
    assert running.languages("reminder") == frozenset()
    approve(command, "es")
    assert running.languages("reminder") == {"es", "qu"}
    assert running.approved("reminder", "fr") is None
    assert running.approved("unheard of", "es") is None
    (tmp_path / STATES).write_text("{")
    assert running.approved("reminder", "es") is None


async def test_a_template_is_a_proper_body(tmp_path: Path) -> None:
    """Meta's description accepts both, in each language, with what fills the gap on one line."""
    templates = Templates(tmp_path)
    approve(templates)
    channel = WhatsAppChannel("1", ACCESS_TOKEN, APP_SECRET, VERIFY_TOKEN, templates=templates)
    for language in LANGUAGES:
        for template in (Template("reminder", {"date": "31/\n12 "}), Template("answered")):
            payload = channel.render_template(template, language)
            assert payload is not None
            head = {"messaging_product": "whatsapp", "recipient_type": "individual", "to": "5100"}
            assert faults({**head, **payload}) == []
    assert payload["template"]["components"][0]["parameters"] == [
        {"type": "payload", "payload": "read"}
    ]
    reminder = channel.render_template(Template("reminder", {"date": "31/\n12 "}), "pt")
    assert reminder is not None
    assert reminder["template"]["language"]["code"] == "pt_BR"
    assert reminder["template"]["components"][0]["parameters"][0]["text"] == "31/ 12"


async def test_the_button_of_a_template_comes_back(harness: WhatsAppHarness) -> None:  # noqa: F811
    """What its button says is what a template's quick reply brings."""
    from tests.contract.whatsapp_harness import received
    from tests.fakes.whatsapp_server import message

    part = {"payload": "read", "text": "Leer la respuesta"}
    (inbound,) = received(harness, {"messages": [message("wamid.1", "button", part)]}).messages
    assert (inbound.person, getattr(inbound.event, "choice", "")) == (PERSON, "read")


async def test_the_command_compares_and_keeps(
    tmp_path: Path, server: FakeWhatsApp, graph: Graph
) -> None:
    """Submitting, waiting, approval, other words and a refusal, over several pages of Meta's."""
    templates = Templates(tmp_path)
    account = WhatsAppAccount(graph, "2002", templates)
    assert {f.state for f in await account.status()} == {"PROBLEM"}
    assert {f.state for f in await account.submit()} == {"ok"}
    assert len(server.templates) == 8
    assert all("pending" in f.text for f in await account.submit())
    assert len(server.templates) == 8
    approved, other, rejected, odd, *_ = server.templates
    approved["status"] = "APPROVED"
    other["status"], other["components"] = "APPROVED", [{"type": "BODY", "text": "Compre ya"}]
    rejected["status"] = "REJECTED"
    odd["status"] = "51999 999"
    told = [str(f) for f in await account.status()]
    assert [line.split()[0] for line in told] == ["ok"] + ["PROBLEM"] * 7
    for line, state in zip(told, ("approved", "differs", "rejected", "unknown"), strict=False):
        assert f": {state}" in line
    assert templates.languages("reminder") == {"es", "qu"}
    assert server.paths[-1] == "/v25.0/2002/message_templates"


async def test_a_refused_submission_is_told(
    tmp_path: Path, server: FakeWhatsApp, graph: Graph
) -> None:
    """The others are submitted all the same."""
    account = WhatsAppAccount(graph, "2002", Templates(tmp_path))
    await account.status()
    server.templates = []
    findings = []

    class Refusing:
        """Refuses the first submission."""

        read = graph.read

        async def post(self, path: str, body: dict[str, object]) -> dict[str, object]:
            if not findings:
                findings.append(1)
                server.fail(100)
            return await graph.post(path, body)

    told = await WhatsAppAccount(Refusing(), "2002", Templates(tmp_path)).submit()  # type: ignore[arg-type]
    assert [f.state for f in told] == ["PROBLEM"] + ["ok"] * 7
    assert "(100)" in told[0].text


async def test_whatsapp_reminds_in_approved_languages_only(tmp_path: Path) -> None:
    """Whoever reads another is told at the start that she cannot be reminded here."""
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'orienta.db'}")
    core = Core(Settings(data_dir=tmp_path), engine, Keys("a key for tests that is long enough"))
    assert not core.policy_for("whatsapp").reminds_in("es")
    assert core.policy_for("telegram").reminds_in("es")
    approve(core.templates, "fr")
    policy = core.policy_for("whatsapp")
    assert {language for language in LANGUAGES if policy.reminds_in(language)} == {"fr", "ht"}
    assert core.policy_for("web").reminds_in("es")
    await engine.dispose()


def test_the_command_says_what_it_needs(tmp_path: Path) -> None:
    """Without the id of the business account, in one sentence."""
    code, out, err = run(tmp_path, "channel", "whatsapp", "templates")
    assert (code, out) == (1, "")
    assert "ORIENTA_WHATSAPP_ACCOUNT_ID" in err
    assert len(err.strip().splitlines()) == 1
