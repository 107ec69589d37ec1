"""The panel on a real server and a real database, with an assistant of plain values around it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import TestServer
from markupsafe import escape
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker

from bot.keys import Keys
from content import publishing, staff, storing
from content.catalogue import Article, Catalogue
from content.panel import sessions
from content.panel.app import Panel, PanelSettings, build
from content.panel.ports import (
    Asked,
    Assistant,
    Bubble,
    CannotDo,
    Case,
    Examined,
    Guess,
    Helped,
    Preview,
    ProgramPhrase,
    Progress,
    Sign,
    Trial,
    Why,
)
from content.panel.routes import ROUTES
from content.staff import Role
from tests.fakes import content as fake_content

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)


@dataclass
class Clock:
    """A clock that tests move."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        """Return the present moment."""
        return self.at

    def passes(self, span: timedelta) -> None:
        """Let time pass."""
        self.at += span


class FakePreviews:
    """Shows a section as one bubble on each channel."""

    def article(
        self,
        catalogue: Catalogue,
        article: Article,
        section: str,
        language: str,
        panel_language: str = "es",
    ) -> Sequence[Preview]:
        """Return the raw text, escaped."""
        words = article.texts[language].sections.get(section, "")
        return [
            Preview(channel, (Bubble(str(escape(words)), (), len(words), 4096),))
            for channel in ("telegram", "whatsapp", "web")
        ]


class FakeTrying:
    """Understands every text as the first article."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    async def ask(self, text: str, language: str, panel_language: str) -> Trial:
        """Return the first article with a confidence of 0.9."""
        first = next(iter(self._catalogue.articles.values()))
        guess = Guess(first.id, first.texts["es"].title, 0.9)
        return Trial(language or "es", "", "model", "sure", (guess,), ("0.9 > 0.5",), ())


class FakeTraining:
    """Every model knows the golden questions, but for those whose text is in `unknown`."""

    def __init__(self) -> None:
        self.unknown: set[str] = set()
        self.promoted: list[str] = []
        self.examined: list[Catalogue] = []

    async def examine(
        self, catalogue: Catalogue, golden: Sequence[Mapping[str, str]], progress: Progress
    ) -> tuple[Examined, Examined | None]:
        """Count the known questions by language."""
        progress("Entrenando…")
        self.examined.append(catalogue)
        name = f"model-{len(self.examined)}"
        right: dict[str, tuple[int, int]] = {}
        wrong = []
        for question in golden:
            known = question["text"] not in self.unknown
            had = right.get(question["language"], (0, 0))
            right[question["language"]] = (had[0] + known, had[1] + 1)
            if not known:
                wrong.append({**question, "expected": question["article"], "got": "nothing"})
        before = Examined("model-0", {lang: (asked, asked) for lang, (_, asked) in right.items()})
        return Examined(name, right, tuple(wrong)), before

    async def promote(self, model: str) -> None:
        """Remember it."""
        self.promoted.append(model)

    def serving(self) -> str | None:
        """Return the last promoted model."""
        return self.promoted[-1] if self.promoted else "model-0"


@dataclass
class FakeDesk:
    """The cases that a test gives."""

    given: dict[int, Case] = field(default_factory=dict)
    done: list[tuple[object, ...]] = field(default_factory=list)
    longest: int = 1500
    retention_days: int = 30

    async def cases(self, *, closed: bool = False) -> Sequence[Case]:
        """Return the given cases of that kind."""
        return [c for c in self.given.values() if (c.status == "closed") is closed]

    async def case(self, case_id: int) -> Case:
        """Return a given case."""
        if case_id not in self.given:
            raise CannotDo(Why.MISSING)
        return self.given[case_id]

    async def take(self, case_id: int, staff: str, now: datetime, *, over: bool = False) -> None:
        """Remember it."""
        self.done.append(("take", (await self.case(case_id)).id, staff, over))

    async def reply(self, case_id: int, staff: str, text: str, now: datetime) -> None:
        """Remember it."""
        self.done.append(("reply", (await self.case(case_id)).id, staff, text))

    async def transfer(self, case_id: int, staff: str, to: str, now: datetime) -> None:
        """Remember it."""
        self.done.append(("transfer", (await self.case(case_id)).id, staff, to))

    async def close(self, case_id: int, staff: str, now: datetime) -> None:
        """Remember it."""
        self.done.append(("close", (await self.case(case_id)).id, staff))


@dataclass
class FakeQuestions:
    """The questions that a test gives."""

    asked: list[Asked] = field(default_factory=list)
    thumbs: list[Helped] = field(default_factory=list)

    async def unanswered(self, *, most: int = 2000) -> Sequence[Asked]:
        """Return the given questions."""
        return self.asked[:most]

    async def helped(self) -> Sequence[Helped]:
        """Return the given thumbs."""
        return self.thumbs

    async def forget(self, ids: Sequence[str]) -> None:
        """Forget them."""
        self.asked = [one for one in self.asked if one.id not in ids]


@dataclass
class FakeWorkshop:
    """Knows one phrase, one template, and takes rules that hold 'strong' words."""

    wrong: list[str] = field(default_factory=list)

    def card(
        self, catalogue: Catalogue, body: Mapping[str, Any], language: str
    ) -> Sequence[Preview]:
        """Return the raw text, escaped."""
        words = str(body["card"].get(language, ""))
        bubble = Bubble(str(escape(words)), (), len(words), 4096)
        return [Preview(channel, (bubble,)) for channel in ("telegram", "whatsapp", "web")]

    def phrases(self) -> Sequence[ProgramPhrase]:
        """Return one text with a place for a date."""
        return [ProgramPhrase("due", "Vence el {date}.", {"es": "Vence el {date}."})]

    def problems(self, kind: str, document: str, body: Any, panel_language: str) -> Sequence[str]:
        """Return what the test gives."""
        return self.wrong if kind == "rules" else ()

    def states(self, purpose: str) -> Sequence[tuple[str, str, str]]:
        """Return one approved wording."""
        return [("es", f"orienta_{purpose}_1", "approved")]

    def scrubbed(self, text: str, words: Sequence[str]) -> str:
        """Take out the words."""
        for word in words:
            text = text.replace(word, "…")
        return text

    def sign(
        self, catalogue: Catalogue, language: str, rules: Mapping[str, Any], text: str
    ) -> Sign:
        """Find the strong words of the draft."""
        found = "medical" if any(str(word) in text for word in rules.get("strong", ())) else ""
        return Sign(found, found)


@dataclass
class Running:
    """A running panel, and ways to be somebody in it."""

    panel: Panel
    address: str
    clock: Clock
    training: FakeTraining
    desk: FakeDesk
    questions: FakeQuestions

    async def hire(self, email: str, role: Role, name: str = "") -> None:
        """Add a member of staff."""
        async with self.panel.sessions.begin() as session:
            await staff.add(session, email, name or email.partition("@")[0], role, self.clock())

    @asynccontextmanager
    async def signed_in(self, role: Role, email: str = "") -> AsyncIterator["Browser"]:
        """Give a browser in which somebody of this role is signed in."""
        address = email or f"{role.value}@example.org"
        async with self.panel.reads() as session:
            known = await session.get(staff.StaffRow, address)
        if known is None:
            await self.hire(address, role)
        async with self.panel.sessions.begin() as session:
            token = await sessions.begin(session, address, self.clock(), complete=True)
        async with self.browser() as browser:
            browser.token = token
            yield browser

    @asynccontextmanager
    async def browser(self) -> AsyncIterator["Browser"]:
        """Give a browser in which nobody is signed in."""
        async with ClientSession(self.address) as client:
            yield Browser(client, self.panel.settings.cookie)


@dataclass
class Browser:
    """Sends what a browser on the panel's own pages would send; follows no redirect."""

    client: ClientSession
    cookie: str
    token: str = ""

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"{self.cookie}={self.token}"} if self.token else {}

    async def get(self, path: str) -> ClientResponse:
        """Open a page; its text can be read from the response."""
        response = await self.client.get(path, headers=self._headers(), allow_redirects=False)
        await response.read()
        return response

    async def post(
        self,
        path: str,
        form: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> ClientResponse:
        """Send a form."""
        sent = {**self._headers(), "Sec-Fetch-Site": "same-origin", **(headers or {})}
        response = await self.client.post(
            path, data=form or {}, headers=sent, allow_redirects=False
        )
        await response.read()
        return response  # fmt: skip

    async def text(self, path: str) -> str:
        """Open a page that must be there."""
        response = await self.get(path)
        assert response.status == 200, (path, response.status)
        return await response.text()


@asynccontextmanager
async def running_panel(
    engine: AsyncEngine,
    catalogue: Catalogue | None = None,
    *,
    settings: PanelSettings | None = None,
    **parts: object,
) -> AsyncIterator[Running]:
    """Serve the panel on a database with a catalogue; `parts` replace those of `Assistant`."""
    published = catalogue or fake_content.catalogue()
    maker = async_sessionmaker(engine, expire_on_commit=False)
    clock = Clock()
    async with maker.begin() as session:
        await publishing.lock_content(session)
        await storing.store_catalogue(
            session, published, author=storing.FILES_AUTHOR, origin="seed", now=clock()
        )
    training, desk, questions = FakeTraining(), FakeDesk(), FakeQuestions()
    given: dict[str, object] = {
        "catalogue": lambda: published, "previews": FakePreviews(),
        "trying": FakeTrying(published), "training": training, "desk": desk,
        "questions": questions, "workshop": FakeWorkshop(), **parts,
    }  # fmt: skip
    panel = Panel(
        maker, maker, Keys("a secret of the tests, long enough"), clock,
        Assistant(**given), settings or PanelSettings(),  # type: ignore[arg-type]
    )  # fmt: skip
    app = web.Application()
    app.add_subapp("/panel", build(panel, ROUTES))
    async with TestServer(app, host="127.0.0.1") as server:
        address = str(server.make_url("/"))
        yield Running(panel, address, clock, training, desk, questions)
