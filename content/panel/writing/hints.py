"""What a writer is told beside a section while she writes. Hints stop nobody: the release does."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from content import contacts
from content.catalogue import SOURCE_LANGUAGE
from content.checks import parity, safety, shape
from content.contacts import Known
from content.editing import Fields
from content.panel.writing.sections import HEADINGS, LIMITS, whole

FOREIGN_MARKS: Mapping[str, str] = MappingProxyType(
    {
        "a heading (#)": "un título con #",
        "a link in brackets": "un enlace entre corchetes",
        "an HTML tag": "una etiqueta HTML",
        "a backquote": "una comilla invertida (`)",
        "a quotation (>)": "una cita con >",
        "a table": "una tabla",
        "a nested list": "una lista dentro de otra",
        "a list with * or +": "una lista con * o +",
        "an address without https": "una dirección sin https",
    }
)
"""In the panel's words what `content.checks.shape` finds; each a msgid."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One remark: a msgid with its values. `tone`: 'bad' keeps it from being published."""

    tone: str
    text: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))


_TOO_LONG = "Sobran {over} caracteres: caben {limit}."
_MARK = (
    "Hay {mark}, que las aplicaciones no muestran bien. Use solo párrafos, **negrita**, listas "
    "con «- » o «1. » y direcciones https://."
)
_BOLD = "Una **negrita** no se cierra en su línea. Ponga ** antes y después de las palabras."
_NO_RISK = (
    "Parece prometer que no hay riesgo. Diga qué dice la norma y dónde hay ayuda legal gratuita."
)
_DIRECTION = (
    "Manda a MIGRACIONES sin avisar. Diga en esta respuesta que entrar sin control puede llevar a "
    "expulsión, y nombre antes la ayuda legal gratuita."
)
_YEAR = "Hay un monto sin año. Diga desde cuándo vale."
_PHONE = "El número {number} no está en ninguna ficha, oficina ni respuesta aprobada. Verifíquelo."
_HOST = "La página {host} no figura entre las fuentes de ninguna respuesta. Verifíquela."
_ADDRESS = "La dirección {address} no está completa. Escríbala desde https://."
_MISSING = "Falta lo que el texto en español dice: {figures}."
_TAKEN = "Ese texto de botón ya lo usa «{title}». Cada respuesta necesita el suyo."
_EXTRA = "Dice algo que el texto en español no dice: {figures}."


def of_text(language: str, fields: Fields, known: Known) -> dict[str, list[Hint]]:
    """Return the hints by the name of the part that they belong to."""
    found = {
        name: [*_of_length(name, text), *_of_marks(name, text), *_of_contacts(text, known)]
        for name, text in whole(fields).items()
    }
    for name, text in fields.sections.items():
        if safety.promises_safety(language, text):
            found[name].append(Hint("bad", _NO_RISK))
        if language == SOURCE_LANGUAGE and safety.amounts_without_year(text):
            found[name].append(Hint("bad", _YEAR))
    if language == SOURCE_LANGUAGE:
        for name in safety.unwarned_directions(fields.sections):
            found[name].append(Hint("bad", _DIRECTION))
    return {name: hints for name, hints in found.items() if hints}


def of_translation(source: Fields, fields: Fields) -> dict[str, list[Hint]]:
    """Return where a translation states other figures than the Spanish text that it renders."""
    found: dict[str, list[Hint]] = {}
    for name, text in fields.sections.items():
        missing, extra = parity.differences(source.sections.get(name, ""), text)
        for sentence, figures in ((_MISSING, missing), (_EXTRA, extra)):
            if figures:
                values = MappingProxyType({"figures": ", ".join(sorted(figures))})
                found.setdefault(name, []).append(Hint("warn", sentence, values))
    return found


def observed(hints: Mapping[str, list[Hint]]) -> list[tuple[str, list[Hint]]]:
    """Return hints in the order of reading, each with the heading of its part."""
    return [(heading, hints[name]) for name, heading in HEADINGS.items() if hints.get(name)]


def _of_length(name: str, text: str) -> list[Hint]:
    limit = LIMITS.get(name, len(text))
    if len(text) <= limit:
        return []
    return [Hint("bad", _TOO_LONG, {"over": len(text) - limit, "limit": limit})]


def _of_marks(name: str, text: str) -> list[Hint]:
    if name in ("title", "label"):
        return []
    found = [
        Hint("bad", _MARK, {"mark": FOREIGN_MARKS[mark]}) for mark in shape.foreign_marks(text)
    ]
    return [*found, Hint("bad", _BOLD)] if shape.has_open_bold(text) else found


def _of_contacts(text: str, known: Known) -> list[Hint]:
    found: list[Hint] = []
    for number in contacts.phones(text):
        if not known.has_phone(number):
            found.append(Hint("warn", _PHONE, {"number": number}))
    for address in contacts.addresses(text):
        name = contacts.host(address)
        if not name:
            found.append(Hint("bad", _ADDRESS, {"address": address[:60]}))
        elif not known.has_host(name):
            found.append(Hint("warn", _HOST, {"host": name}))
    return found


def taken_label(title: str) -> Hint:
    """Return that another answer's button says the same."""
    return Hint("bad", _TAKEN, {"title": title})
