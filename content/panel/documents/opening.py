"""One content besides articles as its pages show it: what is published, what is in work."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from content.decoding import NAME
from content.documents import published_body
from content.drafts import document_in_work, fingerprint
from content.editing import Seen
from content.panel.documents.document_checks import Problem, problems
from content.panel.documents.forms import Change, Field, Group, Rows, Step, changes
from content.panel.documents.kinds import KINDS, Kind, name_of
from content.panel.fault_words import in_spanish
from content.panel.ports import Preview
from content.panel.rendering import LANGUAGE_NAMES, PERU
from content.panel.tables import DocumentRevisionRow
from content.panel.visit import Visit
from content.publishing import CARD, NOTICE, PHRASES, SCRUB

_BLANK: Mapping[str, Any] = {
    NOTICE: {"text": {}, "from": None, "until": None},
    SCRUB: {"words": []},
}


@dataclass(frozen=True, slots=True)
class Opened:
    """A document. `published` and `body` are None where there is nothing, or it is to go.

    `base` is the `drafts.fingerprint` of what is published.
    """

    kind: Kind
    document: str
    draft: DocumentRevisionRow | None
    published: Any
    base: int = 0

    @property
    def seen(self) -> Seen:
        """The state from which its form is filled in."""
        draft = self.draft
        return Seen(draft.id, draft.edits, self.base) if draft else Seen(base=self.base)

    @property
    def body(self) -> Any:
        """What it will say: the change in work, or what is published."""
        return self.draft.body if self.draft else self.published

    @property
    def start(self) -> dict[str, Any]:
        """What its form begins with."""
        known = self.body or self.published or _BLANK.get(self.kind.name, {})
        if self.kind.name == "path" and not known:
            return {"id": self.document, "questions": [], "ends": []}
        return dict(known) if isinstance(known, dict) else {}

    @property
    def name(self) -> str:
        """The msgid of what it is called."""
        return name_of(self.kind.name, self.document, self.body or self.published)

    @property
    def address(self) -> str:
        """Where its page is."""
        return f"/panel/documents/{self.kind.name}/{self.document}"

    @property
    def subject(self) -> str:
        """What remarks on it are kept under."""
        return f"{self.kind.name}:{self.document}"

    @property
    def removable(self) -> bool:
        """Say whether staff may take it away."""
        return self.published is not None and (self.kind.new or self.kind.name == NOTICE)


def kind_of(visit: Visit) -> Kind:
    """Return the kind that the address names; raise `HTTPNotFound`."""
    if (kind := KINDS.get(visit.arg("kind"))) is None:
        raise web.HTTPNotFound
    return kind


async def open_document(visit: Visit, session: AsyncSession) -> Opened:
    """Return the document that the address names; raise `HTTPNotFound`."""
    kind, document = kind_of(visit), visit.arg("document")
    return await opened(visit, session, kind, document)


async def opened(visit: Visit, session: AsyncSession, kind: Kind, document: str) -> Opened:
    """Return a document; raise `HTTPNotFound` where none can have this name."""
    if not NAME.fullmatch(document) or len(document) > 64:
        raise web.HTTPNotFound
    draft = await document_in_work(session, kind.name, document)
    published = await published_body(session, kind.name, document)
    base = fingerprint(published)
    if kind.name == PHRASES and published is None:
        published = program_phrases(visit).get(document)
    single = kind.single and document == kind.name
    if draft is None and published is None and not single and not kind.new:
        raise web.HTTPNotFound
    return Opened(kind, document, draft, published, base)


def program_phrases(visit: Visit) -> dict[str, dict[str, Any]]:
    """Return the texts of the program that staff may word otherwise, by id."""
    return {
        one.id: {"id": one.id, "msgid": one.msgid, "texts": dict(one.texts)}
        for one in visit.assistant.workshop.phrases()
    }


@dataclass(frozen=True, slots=True)
class Wrong:
    """A problem as its page shows it. `where` names its field for people."""

    field: str
    where: str
    what: str
    remedy: str
    is_error: bool


def wrongs(visit: Visit, kind: Kind, document: str, body: Any) -> list[Wrong]:
    """Return what is wrong with a body, in the words of the panel."""
    if body is None:
        return []
    today = visit.now.astimezone(PERU).date()
    found = problems(kind.name, document, body, visit.assistant.catalogue(), today)
    return [_wrong(visit, kind, body, one) for one in found] + [
        Wrong("", "", what, "", True)
        for what in visit.assistant.workshop.problems(kind.name, document, body, visit.language)
    ]


def _wrong(visit: Visit, kind: Kind, body: Any, problem: Problem) -> Wrong:
    what, remedy = problem.fault.what, problem.fault.remedy
    if visit.language != "en":
        what, remedy = in_spanish(what), in_spanish(remedy)
    return Wrong(problem.field, _where(visit, kind, body, problem.field), what, remedy,
                 problem.is_error)  # fmt: skip


def _where(visit: Visit, kind: Kind, body: Any, name: str) -> str:
    """Return where a field is in the words of its form: 'Pregunta 2 › Botón › quechua'."""
    first, *rest = parts = name.split(".")
    if isinstance(body, list):  # the directory: a row is known by its office
        known = first.isdigit() and int(first) < len(body)
        return str(body[int(first)].get("name", "")) if known else ""
    fields: tuple[Field, ...] = kind.fields
    where: list[Step] = []
    for part in parts:
        one = next((field for field in fields if field.key == part), None)
        if one is not None:
            where.append(one.one if isinstance(one, Rows) and rest else one.label)
            fields = one.fields if isinstance(one, Rows | Group) else ()
        elif part.isdigit() and where:
            where.append(int(part) + 1)
        elif part in LANGUAGE_NAMES:
            where.append(part)
    return place(visit, tuple(where))


def by_field(found: list[Wrong]) -> dict[str, list[Wrong]]:
    """Return problems by the field that they stand beside."""
    table: dict[str, list[Wrong]] = {}
    for one in found:
        table.setdefault(one.field, []).append(one)
    return table


def shown_changes(visit: Visit, kind: Kind, before: Any, after: Any) -> list[tuple[str, Change]]:
    """Return what differs between two bodies, each with where it stands in words."""
    return [(place(visit, one.where), one) for one in changes(kind.fields, before, after)]


def place(visit: Visit, where: tuple[Step, ...]) -> str:
    """Write where a text stands: 'Pregunta 2 › Botón › quechua'."""
    parts: list[str] = []
    for step in where:
        if isinstance(step, int):
            parts[-1] += f" {step}"
        else:
            parts.append(visit.say(LANGUAGE_NAMES.get(step, step)))
    return " › ".join(parts)


@dataclass(frozen=True, slots=True)
class Look:
    """How a card looks in a language, on each channel."""

    language: str
    channels: tuple[Preview, ...]


def card_previews(visit: Visit, kind: Kind, body: Any, language: str) -> Look | None:
    """Return how a card looks; None for other kinds and for cards without any text."""
    texts = (body or {}).get("card") if kind.name == CARD else None
    if not texts:
        return None
    shown = language if language in texts else next(iter(texts))
    found = visit.assistant.workshop.card(visit.assistant.catalogue(), body, shown)
    return Look(shown, tuple(found))
