"""The words of the web chat's page and of its refusals, as Spanish message ids."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from bot.messages import Label, Phrase
from content.catalogue import LANGUAGES, SOURCE_LANGUAGE
from locales import translate

PAGE: Mapping[str, Phrase | Label] = MappingProxyType(
    {
        "subtitle": Phrase("Información gratuita sobre derechos y deberes en el Perú"),
        "privacy": Phrase(
            "No le pedimos su nombre ni sus documentos: no los escriba aquí, y use «Salir rápido» "
            "si alguien se acerca."
        ),
        "skip": Phrase("Ir al cuadro para escribir"),
        "language": Phrase("Idioma"),
        "leave": Label("Salir rápido"),
        "leave_hint": Phrase("Borra esta conversación y abre otra página."),
        "log": Phrase("Conversación"),
        "you": Phrase("Usted"),
        "input": Phrase("Escriba su pregunta"),
        "send": Label("Enviar"),
        "menu": Label("Menú"),
        "options": Phrase("Opciones para responder"),
        "urgent": Phrase("Urgente"),
        "typing": Phrase("Orienta está escribiendo…"),
        "slow": Phrase("Su mensaje llegó. La respuesta demora un poco y aparecerá aquí."),
        "offline": Phrase("No hay conexión. Lo que escriba se enviará cuando vuelva."),
        "queued": Phrase("Se enviará cuando vuelva la conexión"),
        "failed": Phrase("No se envió"),
        "too_long": Phrase("El mensaje es muy largo. Escriba lo más importante en pocas líneas."),
        "share": Label("Enviar mi ubicación"),
        "located": Phrase("Mi ubicación"),
        "locating": Phrase("Buscando su ubicación…"),
        "no_location": Phrase("No pudimos leer su ubicación. Escriba su distrito o su ciudad."),
        "close": Label("Cerrar"),
        "renewed": Phrase("Esta conversación se cerró. Puede empezar otra."),
    }
)

NEEDS_JAVASCRIPT = Phrase(
    "Este chat necesita JavaScript. Si hay peligro, llame gratis al 105 (Policía), al 106 "
    "(ambulancia, SAMU) o a la Línea 100 (violencia)."
)

TOPICS = Label("Ver los temas")
ASK = Phrase("Preguntar a Orienta")

FOREIGN = Phrase("Este mensaje no viene de la página de Orienta. Abra la página otra vez.")
NO_SESSION = Phrase("La conversación se cerró. Abra la página otra vez.")
NOT_READ = Phrase("No pudimos leer este mensaje. Escríbalo otra vez.")
TOO_MANY = Phrase("Son muchos mensajes seguidos. Espere un momento: se enviará por sí solo.")
TOO_MANY_PAGES = Phrase("Esta página está abierta muchas veces. Cierre las que no usa.")
UNAVAILABLE = Phrase("El servicio no responde ahora. Lo intentaremos otra vez.")
TOO_LONG = PAGE["too_long"]


def page_texts(language: str) -> dict[str, str]:
    """Return the page's own texts in a language, by their keys."""
    return {key: translate(text.text, language) for key, text in PAGE.items()}


def negotiate(accepted: str) -> str:
    """Return the language of ours that an `Accept-Language` header likes best, else Spanish."""
    ranked: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:20]):
        tag, *parameters = part.split(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and (quality := _quality(parameters)) > 0:
            ranked.append((-quality, place, language))
    return min(ranked)[2] if ranked else SOURCE_LANGUAGE


def _quality(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.strip().partition("=")
        if name == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
