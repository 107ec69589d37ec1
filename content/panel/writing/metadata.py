"""What an answer says in no language, as a form: its sources, dates, owner and relations."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from content.catalogue import SECTIONS, Catalogue
from content.catalogue import Status as Written
from content.checks.grounds import first_day
from content.contacts import host
from content.decoding import AUDIENCES
from content.panel.visit import Visit
from content.sheets import writable

MOST_SOURCES = 30
MOST_RELATED = 4
LONGEST_LINE = 500

_DAY = re.compile(r"(?:(\d{1,2})[/.-])?(\d{1,2})[/.-](\d{4})", re.ASCII)
_IN_BRACKETS = re.compile(r"\(([a-z0-9-]+/[a-z0-9-]+)\)\s*$", re.ASCII)


@dataclass(slots=True)
class Source:
    """One source as it was typed."""

    norm: str = ""
    source: str = ""
    verified_on: str = ""
    supports: tuple[str, ...] = ()


@dataclass(slots=True)
class Metadata:
    """The whole form as it was typed."""

    ask: str = ""
    audience: str = "migrant"
    owner: str = "uim"
    emergency: str = ""
    review_due: str = ""
    valid_until: str = ""
    related: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)


def of_body(body: Mapping[str, Any], catalogue: Catalogue) -> Metadata:
    """Return what the form shows of a stored body."""
    return Metadata(
        ask=str(body.get("ask") or ""),
        audience=str(body.get("audience") or "migrant"),
        owner=str(body.get("owner") or "uim"),
        emergency=str(body.get("emergency") or ""),
        review_due=str(body.get("review_due") or ""),
        valid_until=str(body.get("valid_until") or ""),
        related=[named(str(one), catalogue) for one in body.get("related") or ()],
        sources=[
            Source(
                str(one.get("norm") or ""),
                str(one.get("source") or ""),
                written_day(str(one.get("verified_on") or "")),
                tuple(one.get("supports") or ()),
            )
            for one in body.get("ground") or ()
        ],
    )


def of_form(visit: Visit) -> Metadata:
    """Read the form of `articles/sources.html`; rows that are wholly empty are left out."""
    rows = min(_number(visit.field("rows")), MOST_SOURCES)
    sources = [
        Source(
            _line(visit.field(f"norm-{row}")),
            _line(visit.field(f"source-{row}")),
            _line(visit.field(f"verified_on-{row}")),
            tuple(name for name in SECTIONS if name in visit.fields(f"supports-{row}")),
        )
        for row in range(rows)
    ]
    given = {
        name: _line(visit.field(name))
        for name in ("ask", "audience", "owner", "emergency", "review_due", "valid_until")
    }
    related = [_line(visit.field(f"related-{row}")) for row in range(MOST_RELATED)]
    return Metadata(**given, related=[one for one in related if one], sources=sources)


def changed_rows(form: Metadata, act: str) -> bool:
    """Add, remove or lift a source as a button says; False where no such button was pressed."""
    name, _, given = act.partition("-")
    row = _number(given)
    if name == "add" and len(form.sources) < MOST_SOURCES:
        form.sources.append(Source())
    elif name == "remove" and row < len(form.sources):
        del form.sources[row]
    elif name == "up" and 0 < row < len(form.sources):
        form.sources[row - 1 : row + 1] = form.sources[row - 1 : row + 1][::-1]
    return name in ("add", "remove", "up")


def named(article: str, catalogue: Catalogue) -> str:
    """Write an article for a field with suggestions: its title, and its id in brackets."""
    known = catalogue.articles.get(article)
    return f"{known.texts['es'].title} ({article})" if known else article


def article_of(written: str, catalogue: Catalogue) -> str | None:
    """Return the id that a field with suggestions names, by itself, in brackets or by its title."""
    if match := _IN_BRACKETS.search(written):
        written = match[1]
    if written in catalogue.articles:
        return written
    titles = (a.id for a in catalogue.articles.values() if a.texts["es"].title == written)
    return next(titles, None)


def written_day(stored: str) -> str:
    """Write a stored date as people in Peru do: 21/12/2025, 12/2025 or 2025."""
    return "/".join(reversed(stored.split("-")))


def stored_day(written: str) -> str | None:
    """Return 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD' of a date as typed; None if it is none."""
    if match := _DAY.fullmatch(written):
        day, month, year = match.groups()
        written = f"{year}-{int(month):02}" + (f"-{int(day):02}" if day else "")
    return written if first_day(written) else None


def wrong_in(
    form: Metadata, article: str, catalogue: Catalogue, owners: Sequence[str], today: date
) -> dict[str, str]:
    """Return a msgid by the name of each field that cannot be stored as it is."""
    wrong = _wrong_sources(form.sources, today)
    if not form.ask:
        wrong["ask"] = "Escriba la pregunta como la haría una persona."
    if form.audience not in AUDIENCES:
        wrong["audience"] = "Elija para quién es."
    if form.owner not in owners:
        wrong["owner"] = "Elija a alguien de la lista."
    if form.emergency and form.emergency not in catalogue.cards:
        wrong["emergency"] = "Elija una ficha de la lista."
    for name in ("review_due", "valid_until"):
        given = getattr(form, name)
        if given and (len(stored_day(given) or "") != len("2027-02-28")):
            wrong[name] = "Escriba el día completo: 28/02/2027."
    seen: set[str] = set()
    for row, written in enumerate(form.related):
        other = article_of(written, catalogue)
        if other is None:
            wrong[f"related-{row}"] = "No hay una respuesta publicada así. Elija una de la lista."
        elif other == article or other in seen:
            wrong[f"related-{row}"] = "Es esta misma respuesta o está repetida. Elija otra."
        seen.add(other or "")
    return wrong


def _wrong_sources(sources: Sequence[Source], today: date) -> dict[str, str]:
    wrong: dict[str, str] = {}
    for row, one in enumerate(sources):
        if one == Source():
            continue
        if not one.norm:
            wrong[f"norm-{row}"] = "Escriba la norma y su artículo, o el nombre de la nota."
        if not host(one.source) or not one.source.lower().startswith(("https://", "http://")):
            wrong[f"source-{row}"] = "Copie la dirección completa de la página, desde https://."
        stored = stored_day(one.verified_on)
        if one.verified_on and stored is None:
            wrong[f"verified_on-{row}"] = "Escriba la fecha como 21/12/2025, 12/2025 o 2025."
        elif stored and (first := first_day(stored)) and first > today:
            wrong[f"verified_on-{row}"] = "La fecha está en el futuro. Escriba la de la fuente."
    return wrong


def body_of(form: Metadata, article: str, catalogue: Catalogue, written: bool) -> dict[str, Any]:
    """Return the body to store of a form without faults; `written`: it has a text of its own."""
    sources = [one for one in form.sources if one != Source()]
    status = Written.PUBLISHED if written or sources else Written.UNWRITTEN
    related = [article_of(one, catalogue) for one in form.related]
    return {
        "id": article,
        "status": status.value,
        "audience": form.audience,
        "ask": form.ask,
        "related": [one for one in related if one],
        "emergency": form.emergency or None,
        "ground": [
            {
                "norm": one.norm,
                "source": one.source,
                "verified_on": stored_day(one.verified_on) if one.verified_on else None,
                "supports": list(one.supports),
            }
            for one in sources
        ],
        "review_due": stored_day(form.review_due) if form.review_due else None,
        "valid_until": stored_day(form.valid_until) if form.valid_until else None,
        "owner": form.owner,
    }


def missing_in(form: Metadata, sections: Sequence[str]) -> list[str]:
    """Return as msgids what keeps the answer from being published, though it can be saved."""
    sources = [one for one in form.sources if one != Source()]
    found = []
    if not sources:
        found.append("Falta una fuente: sin ella no se puede publicar.")
    elif not sources[0].verified_on:
        found.append("La primera fuente no tiene fecha; la gente la ve bajo la respuesta.")
    if not form.review_due:
        found.append("Falta el día desde el que hay que revisar la respuesta.")
    if len(form.related) < 2:
        found.append("Nombre de 2 a 4 respuestas relacionadas.")
    supported = {name for one in sources for name in one.supports}
    if sources and any(name not in supported for name in sections):
        found.append("Hay partes del texto que ninguna fuente respalda: márquelas en su fuente.")
    return found


def _line(text: str) -> str:
    return " ".join(writable(text[:LONGEST_LINE]).split())


def _number(written: str) -> int:
    return int(written) if written.isascii() and written.isdigit() and len(written) < 4 else 0
