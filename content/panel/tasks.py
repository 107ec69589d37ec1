"""What waits for a member of staff: the first page's list."""

from dataclasses import dataclass

from sqlalchemy import and_, func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession

from content.catalogue import SOURCE_LANGUAGE
from content.models import RevisionRow
from content.panel.permissions import Permission
from content.panel.tables import (
    AuditRow,
    DocumentRevisionRow,
    ReleaseRow,
    SwitchedOffRow,
)
from content.panel.visit import Visit
from content.publishing import ARTICLE, EXAMPLES, GOLDEN
from content.release.golden import GLOBAL
from content.workflow import Status

_OF_ANSWERS = (ARTICLE, EXAMPLES, GOLDEN)


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do: how many, what, and where. `tone` is '', 'warn' or 'bad'."""

    count: int
    text: str
    href: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step of the guided first hour."""

    text: str
    href: str
    done: bool


async def tasks(visit: Visit, session: AsyncSession) -> list[Task]:
    """Return what waits for her role, the most pressing first."""
    found: list[Task] = []
    if visit.may(Permission.DESK):
        cases = await visit.assistant.desk.cases()
        waiting = sum(case.staff is None for case in cases)
        text = visit.say("personas esperan que alguien les responda")
        found.append(Task(waiting, text, "/panel/desk", "bad"))
    found += await _about_texts(visit, session)
    if visit.may(Permission.READ_QUESTIONS):
        asked = await visit.assistant.questions.unanswered(most=1000)
        text = visit.say("preguntas de la gente sin una respuesta segura")
        found.append(Task(len(asked), text, "/panel/questions"))
    off = await session.scalar(select(func.count()).select_from(SwitchedOffRow)) or 0
    text = visit.say("respuestas apagadas: nadie las recibe")
    found.append(Task(off, text, "/panel/articles?state=off", "warn"))
    return [task for task in found if task.count]


async def _about_texts(visit: Visit, session: AsyncSession) -> list[Task]:
    me = visit.member.email
    found: list[Task] = []
    if visit.may(Permission.REVIEW):
        theirs = await _reviews(session, me, of_answers=True)
        text = visit.say("textos esperan su revisión")
        found.append(Task(theirs, text, "/panel/articles?state=in_review", "warn"))
        others = await _reviews(session, me, of_answers=False)
        text = visit.say("cambios de otros contenidos esperan su revisión")
        found.append(Task(others, text, "/panel/documents", "warn"))
    if visit.may(Permission.PUBLISH):
        approved = await _count(session, Status.APPROVED)
        text = visit.say("cambios aprobados esperan ser publicados")
        found.append(Task(approved, text, "/panel/releases/new"))
        ready = await session.scalar(
            select(func.count()).select_from(ReleaseRow).where(ReleaseRow.status == "ready")
        )
        text = visit.say("publicaciones revisadas, listas para salir")
        found.append(Task(ready or 0, text, "/panel/releases", "warn"))
    if visit.may(Permission.WRITE) or visit.may(Permission.TRANSLATE):
        returned = await session.scalar(
            select(func.count())
            .select_from(RevisionRow)
            .where(
                RevisionRow.status == Status.DRAFT,
                RevisionRow.note != "",
                RevisionRow.author == me,
            )
        )
        text = visit.say("textos suyos volvieron con una nota")
        found.append(Task(returned or 0, text, "/panel/articles?state=draft", "warn"))
    if visit.may(Permission.TRANSLATE):
        text = visit.say("traducciones dicen algo anterior al texto en español")
        found.append(Task(await _stale(session), text, "/panel/translations"))
    return found


async def _reviews(session: AsyncSession, me: str, *, of_answers: bool) -> int:
    """Count what waits for a review by somebody who did not write in it.

    What belongs to an answer (texts, sources, examples) is found in the list of answers, all else
    among the other contents.
    """
    belongs = and_(
        DocumentRevisionRow.kind.in_(_OF_ANSWERS), DocumentRevisionRow.document != GLOBAL
    )
    query = select(DocumentRevisionRow.editors).where(
        DocumentRevisionRow.status == Status.IN_REVIEW, belongs if of_answers else not_(belongs)
    )
    editors = list(await session.scalars(query))
    if of_answers:
        texts = select(RevisionRow.editors).where(RevisionRow.status == Status.IN_REVIEW)
        editors += await session.scalars(texts)
    return sum(me not in some for some in editors)


async def _count(session: AsyncSession, status: Status) -> int:
    total = 0
    for row in (RevisionRow, DocumentRevisionRow):
        query = select(func.count()).select_from(row).where(row.status == status)
        total += await session.scalar(query) or 0
    return total


async def _stale(session: AsyncSession) -> int:
    """Count the published translations that render another Spanish text than the published one."""
    source = (
        select(RevisionRow.article_id, RevisionRow.number)
        .where(RevisionRow.status == Status.PUBLISHED, RevisionRow.language == SOURCE_LANGUAGE)
        .subquery()
    )
    query = (
        select(func.count())
        .select_from(RevisionRow)
        .join(source, source.c.article_id == RevisionRow.article_id)
        .where(
            RevisionRow.status == Status.PUBLISHED,
            RevisionRow.language != SOURCE_LANGUAGE,
            RevisionRow.translates != source.c.number,
        )
    )
    return await session.scalar(query) or 0


async def first_hour(visit: Visit, session: AsyncSession) -> list[FirstStep]:
    """Return the guided first hour of who writes; empty for others and once she has done it."""
    if not visit.may(Permission.WRITE):
        return []
    query = select(AuditRow.action).where(AuditRow.staff == visit.member.email).distinct()
    done = set(await session.scalars(query))
    if "sent_to_review" in done:
        return []
    return [
        FirstStep(
            visit.say("Pruebe el asistente: escriba una pregunta como la haría una persona."),
            "/panel/try",
            False,
        ),
        FirstStep(
            visit.say("Abra una respuesta y pulse «Texto». Lo que escriba no sale todavía."),
            "/panel/articles",
            "text_saved" in done,
        ),
        FirstStep(
            visit.say("Mire al costado cómo se verá en Telegram, WhatsApp y la web, y guarde."),
            "/panel/articles?state=draft",
            "text_saved" in done,
        ),
        FirstStep(
            visit.say("Pulse «Enviar a revisión». Otra persona lo leerá y otra lo publicará."),
            "/panel/articles?state=draft",
            False,
        ),
    ]
