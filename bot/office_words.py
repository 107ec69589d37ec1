"""Which kind of office, and which country's consulate, a text names in the six languages."""

import re

from bot.messages import Label
from nlu.normalise import words

CONSULATE, POLICE, HEALTH = "consulate", "police", "health"

# Matched on plain words with single blanks. Where two kinds are named, the first in the text
# counts; where they begin together, the first here: "defensoria publica" is legal aid.
_KINDS = {
    "alegra": (
        r"alegra|defens\w* publi\w*|defans piblik|public defen\w+|"
        r"(?:ayuda|asesoria|ajuda|aide|assistencia) (?:legal|juridi\w+|legale)|legal (?:aid|help)|"
        r"ed legal|abogad\w*|abugad\w*|advogad\w*|avocat\w*|avoka\w*|lawyer\w*"
    ),
    "cem": (
        r"cem|centro (?:de )?emergencias? (?:de la )?mujer\w*|women'?s (?:emergency )?cent\w+|"
        r"centro (?:de emergencia )?d[ae] mulher\w*|centre (?:d'urgence )?(?:des |pour )?femmes?|"
        r"sant (?:ijans )?(?:pou )?fanm"
    ),
    "defensoria": r"defensor\w*|ombuds\w*|ouvidoria|defenseurs?",
    CONSULATE: r"(?:consul[aeosr]\w*|consulat|embaj\w*|embass\w*|embaix\w*|ambass\w*|konsil\w*|"
    r"anbasad\w*|kunsul\w*|imbaj\w*)",
    "migraciones": r"inmigra\w*|i?migracion\w*|immigra\w*|imigra\w*|i?migrasyon\w*",
    POLICE: r"comisari\w*|kumisari\w*|komisarya|policia\w*|police|polis|delegacia|commissariat",
    HEALTH: (
        r"hospital\w*|lopital|hopital|ospital|centros? (?:de )?salud|postas?|pusta\w*|clini\w*|"
        r"health (?:cent\w+|posts?)|postos? de saude|centre de sante|dispensaire|"
        r"sant (?:de )?sante|h?ampina wasi\w*|pronto socorro"
    ),
    "ngo": r"ongs?|ngos?|organizacion\w* social\w*|acnur|unhcr|hcr|encuentros",
}
_PATTERNS = {kind: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for kind, pattern in _KINDS.items()}

# Streets and squares bear the names of far places: "avenida Arequipa" lies in Lima.
_STREET = re.compile(
    r"(?<!\w)(?:avenida|av|jiron|jr|calle|plaza|pasaje|avenue|street|rue) "
    r"(?:(?:de|del|la|las|el|los|san|santa) )*\w+"
)

COUNTRIES = {
    "ve": Label("Venezuela"),
    "co": Label("Colombia"),
    "ec": Label("Ecuador"),
    "ht": Label("Haití"),
    "cu": Label("Cuba"),
    "bo": Label("Bolivia"),
    "br": Label("Brasil"),
    "ar": Label("Argentina"),
}
"""The countries that are offered as buttons; the others are understood when typed."""

_COUNTRY_WORDS = {
    "ve": r"[vbw][ei]n[ei][sz]\w*|winisu\w*",
    "co": r"[ck][ou]l[ou]m[bv][iy]\w*|kolonbi\w*",
    "ec": r"ecuador\w*|ecuatorian\w*|equador\w*|equatorian\w*|equateur\w*|ekwat\w*|ikwadur\w*",
    "ht": r"h?ait[iy]\w*|ayiti\w*|ayisyen\w*",
    "cu": r"cub[ae]\w*|kuba\w*|kiba\w*|kiben\w*",
    "bo": r"boliv\w*|buliw\w*|bolivi\w*",
    "br": r"bra[sz]il\w*|bresil\w*|brezil\w*",
    "ar": r"argentin\w*|ajantin\w*|arhintin\w*",
    "cl": r"chile\w*|chili\w*",
    "es": r"espan\w*|espay\w*|spain|spanish|espagn\w*|ispana\w*|panyol\w*",
    "us": r"estados? unidos?|ee ?uu|usa|united states|american\w*|etats unis|etazini|"
    r"estadunid\w*",
    "de": r"alem\w*|german\w*|allemagne|allemand\w*|alman\w*|almay",
    "mx": r"mexic\w*|mexiq\w*|meksik\w*",
    "do": r"dominican\w*|dominicain\w*|dominiken\w*",
    "py": r"paragua\w*|pawagwe",
    "uy": r"urugua\w*|irigwe",
    "pa": r"panam\w*",
    "cr": r"costa ?ric\w*",
    "hn": r"hondur\w*|ondiras",
    "sv": r"salvadoren\w*|republica de el salvador",
    "gt": r"guatemal\w*|gwatemala",
    "ni": r"nicarag\w*|nikaragwa",
    "it": r"ital\w*",
    "fr": r"franc[eia]\w*|frans\w*",
    "pt": r"portug\w*|potigal",
    "gb": r"inglat\w*|ingles\w*|reino unido|united kingdom|england|british|royaume uni|anglete|uk",
    "ca": r"canad\w*|kanada\w*",
    "cn": r"china|chino\w*|chines\w*|chine|chinois\w*|lachin",
    "jp": r"japo\w*|japan\w*|japon\w*",
}
_COUNTRY_PATTERNS = {
    code: re.compile(rf"(?<!\w)(?:{pattern})(?!\w)") for code, pattern in _COUNTRY_WORDS.items()
}


def kind_in(text: str) -> str | None:
    """Return the kind of office that a text names first, or None."""
    return _first(_PATTERNS, _line(text))


def without_kinds(text: str) -> str:
    """Return the plain words of a text without those that name a kind of office or a street."""
    line = _STREET.sub(" ", _line(text))
    for pattern in _PATTERNS.values():
        line = pattern.sub(" ", line)
    return line


def country_in(text: str) -> str | None:
    """Return the code (ISO 3166) of the country that a text names first, or None."""
    return _first(_COUNTRY_PATTERNS, _line(text))


def _line(text: str) -> str:
    return " ".join(words(text))


def _first(patterns: dict[str, re.Pattern[str]], line: str) -> str | None:
    found = [(match.start(), key) for key, p in patterns.items() if (match := p.search(line))]
    return min(found, key=lambda one: one[0])[1] if found else None
