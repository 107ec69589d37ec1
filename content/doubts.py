"""Which facts should somebody verify first?

A fact is one section of a published article in Spanish, with the entries of `ground` that support
it. Its points add up, the most doubtful first:

- age: 4 if no source that supports it has a date, otherwise 1 for each full year since the newest
  of them, at most 4;
- press: 2 if all its sources are newspapers, broadcasters or copies of documents on sharing sites;
- alone: 1 if a single source supports it, 3 if none does;
- wording: 1 for each different phrase with which the text itself keeps its distance ("según",
  "no está confirmado", "dato de"…), at most 3.

The points order the work of verifying; they do not say that a fact is wrong.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

from content.catalogue import SOURCE_LANGUAGE, Article, Catalogue, Ground, Status
from content.checks.findings import plain
from content.checks.grounds import first_day

UNDATED = OLDEST = 4
ALL_PRESS = 2
SINGLE, NONE_AT_ALL = 1, 3
MOST_HEDGES = 3

PRESS = (
    "aldiapucallpa.com", "arc-cdn.net", "arcpublishing.com", "arequipamistipress.com", "caretas.pe",
    "cronicaviva.com.pe", "diariocorreo.pe", "diarioelpueblo.com.pe", "diariolaverdad.pe",
    "diariouno.pe", "elcomercio.pe", "elpopular.pe", "elregionalpiura.com.pe", "eltiempo.com",
    "eltiempo.pe", "enlinea.pe", "exitosanoticias.pe", "gestion.pe", "infobae.com",
    "infopangea.com", "ipsnoticias.net", "lamula.pe", "lapatria.pe", "larazon.pe", "larepublica.pe",
    "latinanoticias.pe", "limaaldia.pe", "ojo.pe", "ojopublico.jerre-dev.xyz", "panamericana.pe",
    "peru21.pe", "peru24horas.com", "peruinforma.com", "prensaregional.pe", "radiomatucana.com",
    "radiouno.pe", "radiovictoriaaqp.com", "rpp.pe", "ru24.net", "scribd.com",
    "semanaeconomica.com", "studylib.es", "trome.com", "trome.pe", "wapa.pe", "wayka.pe",
    "yumpu.com",
)  # fmt: skip

# Matched on texts in lower case without accents.
_HEDGES = {
    "según": re.compile(r"\bsegun\b"),
    "no confirmado": re.compile(r"\bno \w+ confirmad|\bno \w+ \w+ confirmad|\bno confirmad"),
    "dato de": re.compile(r"\b(datos?|nota|correo|texto|opciones) de(l)? \d|: dato"),
    "confirme": re.compile(r"\bconfirm(e|elo)\b"),
    "no encontramos": re.compile(r"\bno (encontramos|hallamos|sabemos)\b"),
    "sin fecha": re.compile(r"\b(sin|no tiene) fecha\b"),
    "otra fuente": re.compile(r"\botra (fuente|nota|norma)\b"),
}


@dataclass(frozen=True, slots=True)
class Doubt:
    """How doubtful a fact is. `reasons` say where the points come from, in English."""

    article: str
    section: str
    points: int
    reasons: tuple[str, ...]


def doubts(catalogue: Catalogue, today: date) -> list[Doubt]:
    """Return all facts that have points, the most doubtful first, then in catalogue order."""
    found = (doubt for a in catalogue.articles.values() for doubt in _of(a, today))
    return sorted((doubt for doubt in found if doubt.points), key=lambda doubt: -doubt.points)


def is_press(source: str) -> bool:
    """Tell whether an address is of the press or of a site where anybody uploads documents."""
    try:
        host = urlsplit(source).hostname or ""
    except ValueError:
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in PRESS)


def hedges(text: str) -> list[str]:
    """Return the kinds of phrases with which a Spanish text keeps its distance from a fact."""
    words = plain(text)
    return [name for name, pattern in _HEDGES.items() if pattern.search(words)]


def _of(article: Article, today: date) -> Iterator[Doubt]:
    spanish = article.texts.get(SOURCE_LANGUAGE)
    if article.status is not Status.PUBLISHED or spanish is None:
        return
    for section, text in spanish.sections.items():
        sources = [entry for entry in article.ground if section in entry.supports]
        weighed = [_age(sources, today), _press(sources), _alone(sources), _wording(text)]
        points = sum(points for points, _ in weighed)
        yield Doubt(article.id, section, points, tuple(why for given, why in weighed if given))


def _age(sources: list[Ground], today: date) -> tuple[int, str]:
    dates = [day for s in sources if s.verified_on and (day := first_day(s.verified_on))]
    if not dates:
        return UNDATED, "no dated source"
    newest = max(dates)
    years = today.year - newest.year - ((today.month, today.day) < (newest.month, newest.day))
    return min(max(years, 0), OLDEST), f"newest source of {newest.year}"


def _press(sources: list[Ground]) -> tuple[int, str]:
    all_press = bool(sources) and all(is_press(source.source) for source in sources)
    return (ALL_PRESS if all_press else 0), "only press or copies"


def _alone(sources: list[Ground]) -> tuple[int, str]:
    if not sources:
        return NONE_AT_ALL, "no source named"
    return (SINGLE if len(sources) == 1 else 0), "a single source"


def _wording(text: str) -> tuple[int, str]:
    found = hedges(text)
    return min(len(found), MOST_HEDGES), "says " + ", ".join(f"'{each}'" for each in found)
