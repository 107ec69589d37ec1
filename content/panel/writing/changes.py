"""The changes to an answer that are in work, each beside what it would replace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from content import diff
from content.catalogue import LANGUAGES, SECTIONS, SOURCE_LANGUAGE
from content.diff import Compared
from content.drafts import published_document
from content.models import RevisionRow
from content.panel.rendering import LANGUAGE_NAMES
from content.panel.tables import DocumentRevisionRow
from content.panel.visit import Visit
from content.panel.writing import sections
from content.panel.writing.answers import Answer
from content.panel.writing.metadata import written_day
from content.panel.writing.phrasing import golden_by_language
from content.panel.writing.sections import HEADINGS, WHOLE_TEXT
from content.publishing import ARTICLE, EXAMPLES, GOLDEN

Revision: TypeAlias = RevisionRow | DocumentRevisionRow

PART_NAMES: Mapping[str, str] = {
    "text": "Texto",
    ARTICLE: "Fuentes y fechas",
    EXAMPLES: "Ejemplos de preguntas",
    GOLDEN: "Preguntas que deben seguir bien respondidas",
}
"""What the parts of an answer are called; msgids."""

_HEADINGS: Mapping[str, str] = {
    **HEADINGS,
    "ask": "Pregunta",
    "audience": "Para quién es",
    "owner": "A cargo de",
    "emergency": "Ficha de emergencia",
    "review_due": "Revisar desde",
    "valid_until": "Vale hasta",
    "related": "Respuestas relacionadas",
    "status": "Estado",
}

_STATUSES = {"published": "escrita", "unwritten": "sin escribir"}
_AUDIENCES = {"migrant": "Personas migrantes", "host": "Quienes acogen"}


@dataclass(frozen=True, slots=True)
class Part:
    """One change: `kind` is 'text' or that of a document; `gone`: the answer would be archived."""

    kind: str
    row: Revision
    compared: tuple[Compared, ...]
    gone: bool = False

    @property
    def key(self) -> str:
        """What a form sends: which revision, as it was read."""
        return f"{'text' if self.kind == 'text' else 'document'}-{self.row.id}-{self.row.edits}"


async def parts(visit: Visit, session: AsyncSession, answer: Answer) -> list[Part]:
    """Return the changes to the Spanish text and the documents of an answer."""
    found = []
    for row in answer.own_drafts():
        if isinstance(row, RevisionRow):
            before = of_text(answer.published.get(SOURCE_LANGUAGE))
            compared = diff.parts(before, of_text(row), WHOLE_TEXT)
            found.append(Part("text", row, tuple(compared)))
        else:
            old = await published_document(session, row.kind, row.document)
            compared = compare(visit, row.kind, old, row.body)
            found.append(Part(row.kind, row, tuple(compared), row.body is None))
    return found


def compare(visit: Visit, kind: str, before: Any, after: Any) -> list[Compared]:
    """Compare two bodies of a document in words that people read."""
    old, new = described(visit, kind, before), described(visit, kind, after)
    return diff.parts(old, new, list(old))


def of_text(row: RevisionRow | None) -> dict[str, str]:
    """Return what a revision says by the name of its part."""
    return sections.whole(sections.fields_of(row)) if row else {}


def described(visit: Visit, kind: str, body: Any) -> dict[str, str]:
    """Return a document's body as texts by name."""
    if not body:
        return {}
    if kind == ARTICLE:
        return _metadata(visit, body)
    by_language: Mapping[str, Sequence[str]] = golden_by_language(body) if kind == GOLDEN else body
    return {code: "\n".join(by_language.get(code, ())) for code in LANGUAGES}


def _metadata(visit: Visit, body: Mapping[str, Any]) -> dict[str, str]:
    said = {
        "ask": str(body.get("ask") or ""),
        "status": visit.say(_STATUSES.get(str(body.get("status")), "escrita")),
        "audience": visit.say(_AUDIENCES.get(str(body.get("audience")), "Personas migrantes")),
        "owner": str(body.get("owner") or ""),
        "review_due": written_day(str(body.get("review_due") or "")),
        "valid_until": written_day(str(body.get("valid_until") or "")),
        "emergency": str(body.get("emergency") or ""),
        "related": "\n".join(str(one) for one in body.get("related") or ()),
    }
    for number, one in enumerate(body.get("ground") or (), 1):
        supports = [visit.say(HEADINGS[name]) for name in SECTIONS if name in one["supports"]]
        said[f"ground-{number}"] = "\n".join(
            (
                str(one.get("norm") or ""),
                str(one.get("source") or ""),
                written_day(str(one.get("verified_on") or "")) or visit.say("sin fecha"),
                ", ".join(supports),
            )
        )
    return said


def heading(visit: Visit, name: str) -> str:
    """Return what a compared part is called."""
    if name.startswith("ground-"):
        return visit.say("Fuente {number}", number=name.removeprefix("ground-"))
    if name in LANGUAGES:
        return visit.say(LANGUAGE_NAMES[name])
    return visit.say(_HEADINGS.get(name, name))
