"""The panel on the seed content, with an office at work in it: invented people, drafts and cases.

It shows every kind of page filled: for pictures, and for tests that look at all pages.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from bot.panel.previews import ShapedPreviews
from bot.panel.workshop import RealWorkshop
from bot.whatsapp.templates import Templates
from content import FOLDER, comments, drafts, editing, files, switching
from content.catalogue import Catalogue
from content.editing import Act, Fields, Seen
from content.models import RevisionRow
from content.panel.ports import Asked, Case, CaseLine, Guess, Helped, Trial
from content.release.draft_checks import Files, Found, faults_of, told_apart
from content.release.golden import from_file
from content.release.releasing import Releaser
from content.staff import Role
from content.workflow import Action
from tests.fakes.panel import NOW, Browser, Running, running_panel

PEOPLE: Mapping[Role, tuple[str, str]] = {
    Role.AUTHOR: ("luz@example.org", "Luz Flores"),
    Role.TRANSLATOR: ("marie@example.org", "Marie Joseph"),
    Role.REVIEWER: ("ana@example.org", "Ana Quispe"),
    Role.PUBLISHER: ("jorge@example.org", "Jorge Salas"),
    Role.DESK: ("rosa@example.org", "Rosa Mamani"),
    Role.ANALYST: ("elena@example.org", "Elena Ruiz"),
    Role.ADMINISTRATOR: ("pedro@example.org", "Pedro Vega"),
}
WRITER = ("carmen@example.org", "Carmen Díaz")
"""The author of the drafts: the other one has her first hour before her."""
DRAFT = "health/access-without-ce"
"""Its Spanish text is a draft, with a remark."""
IN_REVIEW = "health/sis-enroll"
APPROVED = "health/pregnancy"
SWITCHED_OFF = "health/birth"
QUESTION = "¿Puedo renovar mi carné si estoy fuera de Lima? En la oficina me dijeron que no."


@dataclass(frozen=True, slots=True)
class Trying:
    """Understands every text as one article, and shows its real answer."""

    catalogue: Catalogue

    async def ask(self, text: str, language: str, panel_language: str) -> Trial:
        """Return a sure answer."""
        article = self.catalogue.articles["regularization/ce-renewal"]
        guesses = tuple(
            Guess(name, self.catalogue.articles[name].texts["es"].title, confidence)
            for name, confidence in ((article.id, 0.93), ("regularization/carne-extranjeria", 0.04))
        )
        shown = ShapedPreviews(NOW.date).article(self.catalogue, article, "answer", "es")
        return Trial(
            "es", "", "model", "sure", guesses, (), tuple(shown), sure=0.65, possible=0.25
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Office:
    """A running panel, and what was prepared in it."""

    panel: Running
    catalogue: Catalogue
    releases: Mapping[str, str]
    """Addresses of a release that is 'ready', one that was 'refused', and the text in one."""

    @asynccontextmanager
    async def somebody(self, role: Role, language: str = "es") -> AsyncIterator[Browser]:
        """Sign in the member of staff with a role."""
        async with self.panel.signed_in(role, PEOPLE[role][0]) as browser:
            await browser.post("/panel/language", {"language": language, "back": "/panel/"})
            yield browser


@asynccontextmanager
async def running_office(engine: AsyncEngine, folder: Path) -> AsyncIterator[Office]:
    """Serve the panel; `folder` may hold files meanwhile."""
    catalogue = files.read_tree(FOLDER).catalogue
    async with running_panel(
        engine,
        catalogue,
        previews=ShapedPreviews(NOW.date),
        workshop=RealWorkshop(Templates(folder)),
        trying=Trying(catalogue),
    ) as panel:
        for role, (email, name) in PEOPLE.items():
            await panel.hire(email, role, name)
        await panel.hire(WRITER[0], Role.AUTHOR, WRITER[1])
        async with panel.panel.sessions.begin() as session:
            await _texts(session, panel, catalogue)
        _cases(panel)
        _questions(panel)
        yield Office(panel, catalogue, await _releases(panel))


async def _texts(session: AsyncSession, panel: Running, catalogue: Catalogue) -> None:
    carmen = Act(WRITER[0], panel.clock())
    ana = Act(PEOPLE[Role.REVIEWER][0], panel.clock())
    for article, cost, actions in (
        (DRAFT, "La atención de emergencia no se cobra por adelantado.", ()),
        (IN_REVIEW, "Afiliarse es gratis.", (Action.SUBMIT,)),
        (APPROVED, "Los controles son gratis con el SIS.", (Action.SUBMIT, Action.APPROVE)),
        ("work/contract", "Pedir una copia no cuesta nada.", (Action.SUBMIT, Action.APPROVE)),
    ):
        if article not in catalogue.articles:
            continue
        text = catalogue.articles[article].texts["es"]
        published = await drafts.published_text(session, article, "es")
        fields = Fields(
            text.title,
            text.label,
            {**text.sections, "cost": f"{text.sections.get('cost', '')}\n- {cost}".strip()},
        )
        seen = Seen(base=published.id if published else 0)
        row = await editing.save_text(session, carmen, article, "es", fields, seen)
        for action in actions:
            await editing.step(session, carmen if action is Action.SUBMIT else ana, row, action)
    await editing.add_examples(session, carmen, DRAFT, "es", ["me atienden si no tengo carné"])
    remark = "¿Sigue vigente este dato? Lo pregunto a la Defensoría."
    await comments.comment(session, ana, f"text:{DRAFT}:es", remark)
    await switching.switch_off(session, ana, SWITCHED_OFF, "La norma cambió el 20 de noviembre.")


def _cases(panel: Running) -> None:
    now, rosa = panel.clock(), PEOPLE[Role.DESK][0]
    lines = (
        CaseLine(None, "Tengo cita el lunes.", now - timedelta(minutes=50)),
        CaseLine(rosa, "Buenos días. ¿En qué ciudad está?", now - timedelta(minutes=40)),
        CaseLine(None, "En Trujillo.", now - timedelta(minutes=30)),
    )
    for number, channel, language, status, staff, hours in (
        (1, "whatsapp", "es", "taken", rosa, 3),
        (2, "web", "fr", "open", None, 2),
        (3, "telegram", "es", "open", None, 26),
        (4, "telegram", "en", "closed", rosa, 60),
    ):
        since = now - timedelta(hours=hours)
        panel.desk.given[number] = Case(
            id=number, channel=channel, language=language, status=status, staff=staff,
            question=QUESTION if language == "es" else "Comment inscrire mon fils à l'école ?",
            opened_at=since, updated_at=now - timedelta(minutes=30), reachable=True,
            writable_until=now + timedelta(hours=21) if channel == "whatsapp" else None,
            lines=lines if number == 1 else (), waiting=1 if number == 1 else 0,
        )  # fmt: skip


def _questions(panel: Running) -> None:
    asked = (
        ("cuanto cuesta renovar el carné de extranjería", "regularization/ce-renewal"),
        ("cuánto cuesta la renovación del carné", "regularization/ce-renewal"),
        ("me piden prueba de embarazo para el trabajo", "health/pregnancy"),
        ("mi casero no devuelve la garantía", "housing/rent"),
        ("puedo estudiar sin papeles en la universidad", "education/university"),
    )
    known = panel.panel.assistant.catalogue().articles
    for number in range(40):
        text, article = asked[number % len(asked)]
        offered = tuple(one for one in (article, DRAFT) if one in known)
        panel.questions.asked.append(
            Asked(
                id=str(number + 1), text=text, language="es",
                channel=("web", "telegram", "whatsapp")[number % 3], offered=offered,
                chosen=DRAFT if number % 4 == 0 else None,
                at=panel.clock() - timedelta(hours=number), unhelpful=number % 7 == 0,
            )
        )  # fmt: skip
    panel.questions.thumbs += [
        Helped(DRAFT, "es", "web", 12, 3),
        Helped(IN_REVIEW, "es", "telegram", 5, 6),
    ]


async def _checked(draft: Files, published: Files, today: object) -> Found:
    """Check in this process: it is one thing less to start."""
    del today
    return told_apart(faults_of(draft, NOW.date()), faults_of(published, NOW.date()))


async def _releases(panel: Running) -> Mapping[str, str]:
    """Prepare two releases: the first does worse on a question, the second is ready."""
    maker, found = panel.panel.sessions, {}
    async with panel.panel.reads() as session:
        query = select(RevisionRow.id).where(RevisionRow.status == "approved")
        ids = list(await session.scalars(query.order_by(RevisionRow.id)))
    worse = {question["text"] for question in from_file()[:40]}
    worker = Releaser(maker, maker, panel.training, panel.clock, checked=_checked)
    async with panel.signed_in(Role.PUBLISHER, PEOPLE[Role.PUBLISHER][0]) as jorge:
        for name, title in (("refused", "Embarazo: costo"), ("ready", "Embarazo: controles")):
            form = {"title": title, "change": f"t{ids[0]}"}
            answer = await jorge.post("/panel/releases", form)
            found[name] = answer.headers["Location"]
            panel.training.unknown = worse if name == "refused" else set()
            await worker.examine_next("office")
    return {**found, "text": f"/panel/releases/texts/{ids[0]}"}
