"""The replies about offices: kinds, places, what was found and what the directory lacks. Pure."""

import unicodedata
from collections.abc import Sequence
from urllib.parse import urlencode

from actions.gazetteer import Level, Spot
from actions.nearest import Found
from bot.messages import Choice, Label, Passage, Phrase, Reply
from bot.office_words import COUNTRIES
from bot.replies import EMERGENCY, ENTRY_WARNING, MENU, OFFICE, PENDING, article_choice, human_date
from content.catalogue import Catalogue, Office

OFFICE_KINDS = {
    "cem": Label("Violencia: CEM"),
    "alegra": Label("Abogado gratis"),
    "defensoria": Label("Defensoría"),
    "migraciones": Label("MIGRACIONES"),
    "health": Label("Centro de salud"),
    "consulate": Label("Consulado"),
    "ngo": Label("Organización social"),
}
ELSEWHERE = Label("Otro lugar")
CONSULATES = "services/consulates"
MOST_PLACES = 8  # of one name; with the menu they are less than WhatsApp's ten rows
EXACT = ("address", "street")  # what a point on a map may stand for
MAP = "https://www.google.com/maps/search/?"

CALL_FIRST = Phrase("Llame antes de ir: los horarios y las direcciones cambian.")


def office_kinds(language: str) -> Reply:
    """Ask which kind of office is looked for."""
    choices = tuple(Choice(f"o:{kind}", label) for kind, label in OFFICE_KINDS.items())
    return Reply(language, (Phrase("¿Qué oficina busca?"),), (*choices, MENU))


def ask_place(language: str) -> Reply:
    """Ask where the person is."""
    text = Phrase(
        "Escriba su distrito o ciudad, o comparta su ubicación. Solo la uso para buscar; no la "
        "guardo."
    )
    return Reply(language, (text,), (MENU,), asks_location=True)


def unknown_place(language: str) -> Reply:
    """Say that no such place is known, and ask again."""
    text = Phrase("No conozco ese lugar. Escriba el distrito, la provincia o la región.")
    return Reply(language, (text,), (MENU,), asks_location=True)


def which_place(language: str, kind: str, spots: Sequence[Spot]) -> Reply:
    """Ask which of several places is meant; `spots` come with the likeliest first."""
    shown = spots[:MOST_PLACES]
    text = Phrase(
        "Hay más de un lugar con ese nombre. ¿Cuál es? Si no está aquí, escriba también la "
        "provincia o la región."
    )
    labels = _told_apart(shown)
    choices = tuple(
        Choice(f"o:{kind}:{spot.code}", label, ", ".join((spot.name, spot.province, spot.region)))
        for spot, label in zip(shown, labels, strict=True)
    )
    return Reply(language, (text,), (*choices, MENU))


def ask_country(language: str) -> Reply:
    """Ask whose consulate is looked for: that of another country is of no use, however near."""
    choices = tuple(Choice(f"o:consulate:{code}", label) for code, label in COUNTRIES.items())
    text = Phrase("¿De qué país es el consulado que busca? Elija, o escriba el país.")
    return Reply(language, (text,), (*choices, MENU))


def consulates(language: str, found: Sequence[Found], catalogue: Catalogue) -> Reply:
    """List the consulates of one country, or say who has the list."""
    parts: list[Phrase | Passage] = [
        Phrase(
            "¿Huye de su gobierno o va a pedir refugio? Antes de llamar a su consulado, hable "
            "gratis con la Defensa Pública o con la Defensoría del Pueblo (0800-15-170)."
        )
    ]
    parts += _listed(found)
    parts.append(
        Phrase("Confirme antes de ir. La Cancillería tiene la lista: https://www.gob.pe/rree")
        if found
        else Phrase(
            "No tengo la dirección de ese consulado. La Cancillería tiene la lista: "
            "https://www.gob.pe/rree"
        )
    )
    more = catalogue.articles.get(CONSULATES)
    choices = (article_choice(more, language),) if more else ()
    return Reply(language, tuple(parts), (*choices, OFFICE, MENU))


def health(language: str, catalogue: Catalogue) -> Reply:
    """Say that the directory has no list of health centres, and who knows."""
    text = Phrase("No tengo las direcciones de los centros de salud. Aquí le informan:")
    return _channel(language, catalogue, text, "health", "health/access-without-ce")


def police(language: str, catalogue: Catalogue) -> Reply:
    """Say that the directory has no list of police stations, and what to do."""
    text = Phrase(
        "No tengo las direcciones de las comisarías. Si hay peligro ahora, llame al **105**."
    )
    return _channel(language, catalogue, text, "complaints", "complaints/how-to-report")


def offices(
    language: str, found: Sequence[Found], kind: str = "", spot: Spot | None = None
) -> Reply:
    """List offices; the directory's own gaps are said, not hidden."""
    parts: list[Phrase | Passage] = []
    # Some offices of other kinds are shared with MIGRACIONES; their names say so.
    if any("migraciones" in f"{o.office.kind} {o.office.name}".lower() for o in found):
        parts.append(ENTRY_WARNING)
    if spot is not None:
        values = {"place": _place_name(spot), "centre": spot.centre}
        parts.append(Phrase("Cerca de {place} (distancias en línea recta desde {centre}):", values))
    parts += _listed(found)
    parts.append(CALL_FIRST)
    again = (Choice(f"o:{kind}", ELSEWHERE),) if kind else ()
    return Reply(language, tuple(parts), (*again, OFFICE, MENU))


def _channel(language: str, catalogue: Catalogue, lead: Phrase, topic: str, article: str) -> Reply:
    parts: tuple[Phrase | Passage, ...] = (lead,)
    if topic in catalogue.topics:
        parts = (lead, Passage(catalogue.topics[topic].channel.text[language]))
        if language in ("ht", "qu"):
            parts = (*parts, PENDING)
    more = catalogue.articles.get(article)
    choices = (article_choice(more, language),) if more else ()
    return Reply(language, parts, (EMERGENCY, *choices, OFFICE, MENU))


def _told_apart(spots: Sequence[Spot]) -> list[str]:
    """Return what tells places apart: the region, else the province, else name and region."""
    names = {spot.name for spot in spots}
    for level in ("region", "province") if len(names) == 1 else ("name",):
        labels = [str(getattr(spot, level)) for spot in spots]
        if len(set(labels)) == len(labels):
            return labels
    if len(names) == 1:
        return [f"{spot.region}, {spot.province}" for spot in spots]
    return [f"{spot.name}, {spot.region}" for spot in spots]


def _place_name(spot: Spot) -> str:
    if spot.level is Level.REGION or spot.name == spot.region:
        return spot.name
    return f"{spot.name}, {spot.region}"


def _listed(found: Sequence[Found]) -> list[Phrase | Passage]:
    """Return the lines of offices, and the date of the data once where all have the same."""
    dates = [_date(one.office) for one in found]
    parts: list[Phrase | Passage] = []
    for one, date in zip(found, dates, strict=True):
        parts += _office(one)
        if date and len(set(dates)) > 1:
            parts.append(Phrase("Dato de: {date}.", {"date": date}))
    if len(set(dates)) == 1 and dates[0]:
        parts.append(Phrase("Dato de: {date}.", {"date": dates[0]}))
    return parts


def _date(office: Office) -> str:
    """Return the date of a row for readers; '' where the source shows none ("s/f")."""
    return human_date(office.source_date) if office.source_date[:1].isdigit() else ""


def _office(one: Found) -> list[Phrase | Passage]:
    office = one.office
    parts = dict.fromkeys((office.address, office.district, office.region))
    place = ", ".join(part for part in parts if part)
    lines = [f"**{office.name}**{_distance(one)}", place, office.phone, office.hours, _map(office)]
    shown: list[Phrase | Passage] = [Passage("\n".join(f"- {line}" for line in lines if line))]
    if not office.address:
        shown.append(Phrase("No tenemos la calle exacta de esta oficina."))
    return shown


def _distance(one: Found) -> str:
    """Return the distance; none where the point is that of a town and says nothing."""
    if one.km is None or (one.km < 1 and one.office.precision not in EXACT):
        return ""
    return " (< 1 km)" if one.km < 1 else f" ({one.km:.0f} km)"


def _map(office: Office) -> str:
    """Return a link to a map: of the point if it is the office's own, else of the address."""
    if office.precision in EXACT and office.lat is not None and office.lon is not None:
        return MAP + urlencode({"api": 1, "query": f"{office.lat},{office.lon}"}, safe=",")
    if not office.address or "cerrado" in office.hours.lower():
        return ""
    address = ", ".join((office.address, office.district, office.region, "Peru"))
    split = unicodedata.normalize("NFD", address)
    # Without accents, whose codes would fill the message.
    bare = "".join(char for char in split if char.isascii())
    return MAP + urlencode({"api": 1, "query": bare}, safe=",")
