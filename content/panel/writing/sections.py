"""The parts of an answer as forms show them: what each is for, how long, and how easy to read."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from content.catalogue import (
    LANGUAGES,
    SECTIONS,
    SOURCE_LANGUAGE,
    Article,
    Catalogue,
    Status,
    Text,
)
from content.checks.shape import ANSWER, LABEL, SECTION, TITLE
from content.editing import Fields, Seen
from content.models import RevisionRow
from content.panel.tables import DocumentRevisionRow
from content.panel.visit import Visit
from content.readability import score

EASY, NORMAL = 65.0, 55.0
"""From here on a text is easy, or readable with some effort (INFLESZ)."""

WHOLE_TEXT = ("title", "label", *SECTIONS)
"""Everything that is written of an article in one language, in the order of reading."""


@dataclass(frozen=True, slots=True)
class SectionKind:
    """One field of the form. `title` and `purpose` are msgids, `limit` counts characters."""

    name: str
    title: str
    purpose: str
    limit: int


KINDS: tuple[SectionKind, ...] = (
    SectionKind(
        "answer", "Respuesta",
        "Lo más útil primero, en pocas líneas. Muchas personas leerán solo esto.", ANSWER,
    ),
    SectionKind(
        "requirements", "Requisitos",
        "Qué papeles o condiciones piden. Una línea por requisito, cada una empieza con «- ».",
        SECTION,
    ),
    SectionKind(
        "steps", "Pasos",
        "Qué hacer y en qué orden. Una línea por paso, cada una empieza con «1. », «2. »…",
        SECTION,
    ),
    SectionKind(
        "cost", "Costo",
        "Cuánto cuesta, con el año desde el que vale el monto; o que es gratis.", SECTION,
    ),
    SectionKind(
        "where", "Dónde",
        "A qué oficina, página o teléfono acudir, con su horario si se conoce.", SECTION,
    ),
    SectionKind("time", "Plazo", "Cuánto demora y qué pasa si el plazo se vence.", SECTION),
    SectionKind(
        "rights", "Sus derechos", "Qué le deben respetar, y qué norma lo dice.", SECTION,
    ),
    SectionKind(
        "exposure", "Qué la expone",
        "Si este paso muestra a una autoridad la situación migratoria de la persona. "
        "No prometa que «no hay riesgo».",
        SECTION,
    ),
    SectionKind(
        "refused", "Si le dicen que no",
        "Qué decir en la ventanilla, qué norma citar y dónde reclamar sin carné de extranjería.",
        SECTION,
    ),
)  # fmt: skip

HEADINGS: Mapping[str, str] = MappingProxyType(
    {"title": "Título", "label": "Texto del botón", **{kind.name: kind.title for kind in KINDS}}
)

LIMITS: Mapping[str, int] = MappingProxyType(
    {"title": TITLE, "label": LABEL, **{kind.name: kind.limit for kind in KINDS}}
)


@dataclass(frozen=True, slots=True)
class Ease:
    """How easy a text is to read: a msgid, the tone of its mark, and the index."""

    word: str
    tone: str
    index: int


def ease(text: str, language: str) -> Ease | None:
    """Return how easy a text is; None where it is too short or has no formula."""
    found = score(text, language)
    if found is None:
        return None
    if found >= EASY:
        return Ease("fácil", "good", round(found))
    if found >= NORMAL:
        return Ease("algo difícil", "warn", round(found))
    return Ease("difícil", "bad", round(found))


def section_field(name: str) -> str:
    """Return the name of a section's field in forms."""
    return f"section-{name}"


def read_fields(visit: Visit) -> Fields:
    """Read what was written in a form of `articles/_fields.html`."""
    sections = {name: visit.field(section_field(name)) for name in SECTIONS}
    return Fields(
        visit.field("title"),
        visit.field("label"),
        {name: text for name, text in sections.items() if text},
    )


def fields_of(row: RevisionRow | None) -> Fields:
    """Return what a revision says, as a form shows it."""
    return Fields(row.title, row.label, dict(row.sections)) if row else Fields("", "", {})


def whole(fields: Fields) -> dict[str, str]:
    """Return title, label and sections by name, for comparing."""
    return {"title": fields.title, "label": fields.label, **fields.sections}


def read_seen(visit: Visit, prefix: str = "") -> Seen:
    """Read the hidden fields that `seen` of `articles/_fields.html` wrote."""
    given = (visit.field(f"{prefix}{name}") for name in ("revision", "edits", "base"))
    return Seen(
        *(int(one) if one.isascii() and one.isdigit() and len(one) < 16 else 0 for one in given)
    )


def seen_of(
    draft: RevisionRow | DocumentRevisionRow | None, published: RevisionRow | None = None
) -> Seen:
    """Return the state that a form is filled in from."""
    base = published.id if published else 0
    return Seen(draft.id, draft.edits, base) if draft else Seen(base=base)


def preview_article(
    catalogue: Catalogue, article: str, language: str, fields: Fields, body: Mapping[str, Any]
) -> Article:
    """Return the article as it would be with these words; `body` as in its file."""
    known = catalogue.articles.get(article)
    text = Text(
        title=fields.title or article,
        label=fields.label or fields.title[:LABEL] or article[:LABEL],
        sections=MappingProxyType(
            {name: fields.sections[name] for name in SECTIONS if fields.sections.get(name)}
        ),
    )
    if known is None:
        texts = {SOURCE_LANGUAGE: text, language: text}
        return Article(
            id=article,
            status=Status.PUBLISHED,
            audience=str(body.get("audience") or "migrant"),
            ask=str(body.get("ask") or ""),
            texts=MappingProxyType(texts),
        )
    had = known.texts.get(language)
    if had is not None:
        text = replace(had, title=text.title, label=text.label, sections=text.sections)
    changed = {**known.texts, language: text}
    ordered = {code: changed[code] for code in LANGUAGES if code in changed}
    return replace(known, status=Status.PUBLISHED, texts=MappingProxyType(ordered))
