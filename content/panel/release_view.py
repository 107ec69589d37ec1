"""A release as its pages show it: what it changes, what the examination found, what can be done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from content.catalogue import LANGUAGES, SOURCE_LANGUAGE
from content.faults import Fault, Severity
from content.files import Tree
from content.models import RevisionRow
from content.panel.documents import kinds
from content.panel.fault_words import Told, told
from content.panel.rendering import LANGUAGE_NAMES, PERU
from content.panel.tables import DocumentRevisionRow, ReleaseRow
from content.panel.visit import Visit
from content.publishing import ARTICLE, EXAMPLES, GOLDEN
from content.release.releases import MODEL_WAITS, Stage

NOBODY_WORKS = timedelta(minutes=1)
"""After so long without a sign of work, the page says what may be wrong."""

STAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        Stage.QUEUED: ("en espera de examen", "soft"),
        Stage.EXAMINING: ("en examen", "warn"),
        Stage.READY: ("lista para publicar", "good"),
        Stage.REFUSED: ("no pasó el examen", "bad"),
        Stage.SCHEDULED: ("programada", "good"),
        Stage.PUBLISHED: ("publicada", "good"),
        Stage.FAILED: ("no se pudo", "bad"),
        Stage.CANCELLED: ("cancelada", "soft"),
    }
)

_ABOUT = {
    ARTICLE: "Datos de la respuesta",
    EXAMPLES: "Formas de preguntar",
    GOLDEN: "Preguntas de control",
}

FAILURES: Mapping[str, str] = MappingProxyType(
    {
        "changed": "Algo cambió desde el examen: otra publicación, o uno de los textos.",
        "may_no_longer": "Quien la programó ya no puede publicar. Publíquela otra persona.",
        "own_work": "Quien la programó escribió en uno de los textos. Publíquela otra persona.",
        "faulty": "El contenido no se puede armar con estos cambios. Abajo dice qué corregir.",
        "training": "No hay modelo para estos cambios.",
        "content": "El contenido no se puede leer. Avise a quien administra el servidor.",
        "unknown": "Algo falló durante el examen. Vuelva a examinarla; si se repite, avise a "
        "quien administra el servidor.",
    }
)


@dataclass(frozen=True, slots=True)
class Line:
    """One change. `field` is its name in the form: 't12' for a text, 'd7' for a document."""

    field: str
    what: str
    about: str
    href: str
    authors: tuple[str, ...]
    approved_by: str
    status: str


class Row(NamedTuple):
    """How the questions of one language were answered: before (None: not known) and after."""

    name: str
    asked: int
    before: int | None
    after: int


def lines(visit: Visit, changes: Iterable[RevisionRow | DocumentRevisionRow]) -> list[Line]:
    """Return changes with their names and where they can be read."""
    return [_line(visit, one) for one in changes]


def _line(visit: Visit, one: RevisionRow | DocumentRevisionRow) -> Line:
    authors = tuple(dict.fromkeys([*one.editors, one.author]))
    if isinstance(one, RevisionRow):
        language = visit.say(LANGUAGE_NAMES[one.language])
        about = visit.say("Texto en {language}", language=language)
        href = f"/panel/releases/texts/{one.id}"
        known = one.article_id in visit.assistant.catalogue().articles
        here = one.language == SOURCE_LANGUAGE or not known
        field, what = f"t{one.id}", one.title if here else title_of(visit, one.article_id)
    elif one.kind in _ABOUT:
        about = visit.say(_ABOUT[one.kind])
        href = f"/panel/articles/{one.document}"
        field, what = f"d{one.id}", title_of(visit, one.document)
        if one.document == "global":
            href, what = "", visit.say("Todas las respuestas")
    else:
        kind = kinds.KINDS.get(one.kind)
        about = visit.say(kind.title) if kind else one.kind
        href = f"/panel/documents/{one.kind}/{one.document}"
        named = kinds.name_of(one.kind, one.document, one.body) if kind else one.document
        field, what = f"d{one.id}", visit.say(named)
    if not isinstance(one, RevisionRow) and one.body is None:
        about = visit.say("{what}: se retira", what=about)
    return Line(field, what, about, href, authors, one.approved_by or "", one.status.value)


def title_of(visit: Visit, article: str) -> str:
    """Return the title of an article, the id where it has none, or what an intent is called."""
    catalogue = visit.assistant.catalogue()
    if known := catalogue.articles.get(article):
        text = known.texts.get(SOURCE_LANGUAGE)
        return text.title if text else article
    if article in catalogue.intents:
        return visit.say(kinds.INTENT_NAMES.get(article, article))
    return article or visit.say("nada")


def faults(visit: Visit, found: Sequence[Mapping[str, Any]]) -> list[Told]:
    """Return what the checks found, in the language of the panel."""
    tree = Tree(visit.assistant.catalogue(), (), {})
    return [
        told(
            Fault(one["file"], one["line"], one["what"], one["remedy"], Severity(one["severity"])),
            visit.language,
            tree,
        )
        for one in found
    ]


def rows(visit: Visit, report: Mapping[str, Any]) -> list[Row]:
    """Return the figures of the questions, the total last."""
    figures = report.get("questions", {}).get("languages", {})
    named = {**LANGUAGE_NAMES, "all": "todos los idiomas"}
    return [
        Row(visit.say(named[name]), *figures[name])
        for name in (*LANGUAGES, "all")
        if name in figures and figures[name][0]
    ]


def refusals(visit: Visit, report: Mapping[str, Any]) -> list[str]:
    """Return why a release was refused, as sentences."""
    figures = report.get("questions", {}).get("languages", {})
    said = []
    for name in report.get("refused", ()):
        if name == "faults":
            count = report.get("errors_count", 0)
            said.append(
                visit.say("Las revisiones automáticas encontraron errores nuevos: {n}.", n=count)
            )
        elif name == "own":
            said.append(
                visit.say(
                    "Una respuesta dejó de reconocer una de sus preguntas de control, que antes "
                    "reconocía."
                )
            )
        else:
            asked, before, after = figures[name]
            where = "todos los idiomas" if name == "all" else LANGUAGE_NAMES[name]
            said.append(
                visit.say(
                    "En {language} el asistente entiende peor: antes acertaba {before} de {asked} "
                    "preguntas de control y ahora {after}.",
                    language=visit.say(where),
                    before=before,
                    after=after,
                    asked=asked,
                )
            )
    return said


def moved(visit: Visit, found: Iterable[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return questions whose answer changed, with titles in place of ids."""
    return [
        {
            "text": one["text"],
            "language": visit.say(LANGUAGE_NAMES.get(one["language"], one["language"])),
            "expected": title_of(visit, one["article"]),
            "got": title_of(visit, one.get("got", "")),
            "own": visit.say("pregunta de esta respuesta") if one.get("own") else "",
        }
        for one in found
    ]


def at_work(release: ReleaseRow) -> bool:
    """Say whether a worker has something to do for it, so that its page should be followed."""
    waits = release.status == Stage.PUBLISHED and release.progress == MODEL_WAITS
    return release.status in (Stage.QUEUED, Stage.EXAMINING) or waits


def nobody_works(release: ReleaseRow, now: datetime) -> bool:
    """Say whether it waits for longer than it should where a worker runs."""
    since = release.worked_at or release.created_at
    if release.status == Stage.PUBLISHED and release.published_at:
        since = release.published_at
    return now - since > NOBODY_WORKS


def moment_of(written: str, now: datetime) -> datetime | None:
    """Read a day and hour of Peru; None if it is none, past, or more than a year away."""
    try:
        at = datetime.fromisoformat(written)
        at = at.replace(tzinfo=PERU) if at.tzinfo is None else at
    except (ValueError, OverflowError):
        return None
    return at if now < at <= now + timedelta(days=366) else None
