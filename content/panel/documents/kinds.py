"""The contents besides articles: what each kind is for, and the form in which it is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from content.catalogue import LANGUAGES, WEEKDAYS
from content.checks.glossary import EXPLANATION_LIMIT
from content.checks.notice import NOTICE_TEXT
from content.checks.paths import QUESTION, VERDICT
from content.checks.shape import (
    CARD as CARD_TEXT,
)
from content.checks.shape import (
    CHANNEL,
    HELP_TEXT,
    LABEL,
    TITLE,
    TOPIC_DESCRIPTION,
    TOPIC_NAME,
)
from content.panel.documents.forms import (
    NULL,
    OMITTED,
    Field,
    Group,
    Lines,
    Rows,
    Tongues,
    Unread,
    Words,
)
from content.panel.rendering import LANGUAGE_HEADINGS
from content.publishing import (
    CARD,
    DESK,
    HELP,
    INTENT,
    NOTICE,
    OFFICES,
    PATH,
    PHRASES,
    PLACES,
    RULES,
    SCRUB,
    TOPIC,
)  # fmt: skip

GLOSSARY, WHATSAPP = "glossary", "whatsapp"

_UNREAD = Unread(
    "review",
    "Traducciones que todavía no leyó una persona que habla el idioma",
    "Mientras un idioma esté marcado, la gente ve un aviso de que la traducción se está revisando.",
    OMITTED,
)
_SOURCE = (
    Words("source", "Fuente", "La dirección https:// donde se comprobó el dato.", type="url"),
    Words("verified_on", "Comprobado el", "Año, año-mes o año-mes-día: 2026-11-23.", empty=NULL),
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of content. Texts are msgids of the panel.

    `single`: there is one document, named like the kind. `new`: staff may add more of them.
    `fields` is empty where the page has no form of this sort.
    """

    name: str
    title: str
    purpose: str
    fields: tuple[Field, ...] = ()
    single: bool = False
    new: bool = False


_CARD = Kind(
    CARD,
    "Tarjetas de emergencia",
    "Lo primero que recibe quien está en peligro: qué hacer y a qué número llamar.",
    (
        Tongues("title", "Título", "Lo que se lee en la lista de tarjetas.", TITLE),
        Tongues("card", "Texto de la tarjeta",
                "Primero a quién llamar; luego frases cortas. **Así** se marca lo importante.",
                CARD_TEXT, long=True),
        Tongues("label", "Botón", "Lo que dice el botón que abre la tarjeta.", LABEL),
        Rows("numbers", "Números de teléfono", "Número", (
            Words("number", "Número", "Como se marca: 105, o 113, opción 5."),
            Words("service", "Quién contesta"),
            Words("cost", "Costo", "Por ejemplo: gratis.", empty=NULL),
            Words("hours", "Horario", "Por ejemplo: 24 horas.", empty=NULL),
            *_SOURCE,
        ), "Una tarjeta siempre tiene al menos un número.", fewest=1),
        Words("article", "Respuesta que sigue a la tarjeta", source="articles"),
        _UNREAD,
    ),
)  # fmt: skip

_PATH = Kind(
    PATH,
    "Guías con preguntas",
    "Preguntas con opciones que llevan, paso a paso, a lo que le toca a cada persona.",
    (
        Tongues("title", "Título", "", TITLE),
        Tongues("label", "Botón", "Lo que dice el botón que empieza la guía.", LABEL),
        Words("first", "Primera pregunta", source="questions"),
        Rows("questions", "Preguntas", "Pregunta", (
            Words("id", "Nombre corto", "Solo para el equipo: minúsculas, números y guiones."),
            Tongues("text", "Lo que se pregunta", "", QUESTION, long=True),
            Rows("options", "Opciones", "Opción", (
                Words("id", "Nombre corto"),
                Tongues("label", "Botón", "", LABEL),
                Words("to", "Lleva a", source="targets"),
                Words("entry", "Qué dice de su entrada al Perú",
                      "Decide a quién se le advierte del riesgo de expulsión.",
                      empty=OMITTED, source="entries"),
            ), "De 2 a 9 opciones.", prefix="opcion"),
        ), "", prefix="pregunta"),
        Rows("ends", "Finales", "Final", (
            Words("id", "Nombre corto"),
            Words("emergency", "Tarjeta de emergencia", empty=OMITTED, source="cards"),
            Tongues("verdict", "Lo que se le dice", "", VERDICT, long=True, empty=OMITTED),
            Words("article", "Respuesta que se muestra", empty=OMITTED, source="articles"),
        ), "Cada final muestra una tarjeta, un texto, una respuesta, o varios de los tres.",
             prefix="final"),
        _UNREAD,
    ),
    new=True,
)  # fmt: skip

DAY_NAMES: Mapping[str, str] = MappingProxyType(
    dict(
        zip(
            WEEKDAYS,
            ("Lunes", "Martes", "Miércoles", "Jueves", "Viernes", "Sábado", "Domingo"),
            strict=True,
        )
    )
)

_DESK = Kind(
    DESK,
    "Horario de la mesa de atención",
    "Cuándo responden personas del equipo a quien pide hablar con alguien. Hora del Perú.",
    (
        Words("source", "De quién es este horario", "Por ejemplo: Rol de turnos de la UIM."),
        Group("hours", "Horas por día", tuple(
            Lines(day, name, "", commas=True, empty=OMITTED) for day, name in DAY_NAMES.items()
        ), "Escriba 08:30-13:00, 14:00-16:30. Deje vacío el día en que nadie atiende."),
        Lines("closed", "Días sin atención",
              "Uno por línea: 2026-12-25. Los feriados nacionales están en el DL 713, artículo 6, "
              "y en las leyes que lo cambiaron: compruebe la lista cada año.", empty=OMITTED),
    ),
    single=True,
)  # fmt: skip

_NOTICE = Kind(
    NOTICE,
    "Aviso al empezar",
    "Un mensaje corto que la gente ve al empezar y con el menú, entre dos días.",
    (
        Tongues("text", "Aviso", "Por ejemplo: El lunes 8 no se atiende.", NOTICE_TEXT, long=True),
        Words("from", "Desde el día", "Ese día incluido.", type="date"),
        Words("until", "Hasta el día", "Ese día incluido.", type="date"),
    ),
    single=True,
)

_TOPIC = Kind(
    TOPIC,
    "Temas",
    "Los grupos del menú, con el canal oficial de cada uno.",
    (
        Words("icon", "Dibujo", "Un emoji."),
        Tongues("name", "Nombre", "", TOPIC_NAME),
        Tongues("description", "Descripción", "", TOPIC_DESCRIPTION),
        Tongues("channel", "Canal oficial",
                "Quién responde oficialmente de este tema, con su número.", CHANNEL, long=True),
        *_SOURCE,
    ),
)  # fmt: skip

_HELP = Kind(
    HELP,
    "Texto de ayuda",
    "Lo que recibe quien pide ayuda o no encuentra respuesta.",
    (Tongues("help", "Texto", "", HELP_TEXT, long=True), *_SOURCE),
    single=True,
)

_INTENT = Kind(
    INTENT,
    "Cosas que se dicen al asistente",
    "Ejemplos de lo que la gente dice sin preguntar por un derecho: saludar, pedir el menú.",
    (
        Group("examples", "Ejemplos", tuple(
            Lines(language, LANGUAGE_HEADINGS[language], "Uno por línea.", empty=OMITTED)
            for language in LANGUAGES
        )),
    ),
)  # fmt: skip

_RULES = Kind(
    RULES,
    "Reglas de emergencia",
    "Cómo se reconoce que alguien está en peligro. Solo para quien conoce estas reglas.",
)

_OFFICES = Kind(
    OFFICES,
    "Directorio de oficinas",
    "Adónde ir: dirección, horario, teléfono y punto en el mapa de cada oficina.",
    single=True,
)

_PLACES = Kind(
    PLACES,
    "Distritos del Perú",
    "Los nombres de lugares que entiende el asistente. Solo para consultar.",
    single=True,
)

_GLOSSARY = Kind(
    GLOSSARY,
    "Glosario",
    "Las palabras que se usan, y las que no, en cada idioma. Sirve a quien escribe y traduce.",
    (
        Rows("terms", "Términos", "Término", (
            Words("id", "Nombre corto", "Minúsculas, números y guiones."),
            Words("means", "Qué significa", "Una línea.", EXPLANATION_LIMIT),
            *(
                Group(language, LANGUAGE_HEADINGS[language], (
                    Words("use", "Se usa", "Déjelo vacío si el término no hace falta aquí.",
                          empty=OMITTED),
                    Lines("also", "También vale", "Con comas.", commas=True, empty=OMITTED),
                    Lines("avoid", "No se usa", "Con comas.", commas=True, empty=OMITTED),
                ), empty=OMITTED)
                for language in LANGUAGES
            ),
        ), "Una palabra que termina en * vale con cualquier terminación.", prefix="termino"),
        _UNREAD,
    ),
    single=True,
)  # fmt: skip

_WHATSAPP = Kind(
    WHATSAPP,
    "Plantillas de WhatsApp",
    "Lo único que WhatsApp deja enviar cuando pasó un día desde el último mensaje. "
    "Meta aprueba cada texto.",
    (
        Words("name", "Nombre ante Meta",
              "Si cambia un texto, cambie también el nombre: Meta envía el texto que aprobó."),
        Group("texts", "Textos", tuple(
            Group(language, LANGUAGE_HEADINGS[language], (
                Words("body", "Texto",
                      "Lo que está entre llaves dobles se llena solo: déjelo tal cual.",
                      1024, long=True, empty=OMITTED),
                Lines("buttons", "Botones", "Uno por línea, en el mismo orden en cada idioma.",
                      empty=OMITTED),
            ), empty=OMITTED)
            for language in ("es", "en", "pt", "fr")
        ), "Meta no ofrece criollo haitiano ni quechua: esas personas reciben el francés y "
           "el español."),
    ),
)  # fmt: skip

_PHRASES = Kind(
    PHRASES,
    "Textos de los recordatorios",
    "Lo que dice el asistente a quien pide que se le avise de una fecha.",
    (
        Tongues("texts", "Texto", "Lo que está entre llaves se llena solo: déjelo tal cual. "
                "Un idioma vacío usa el texto del programa.", long=True),
    ),
)  # fmt: skip

_SCRUB = Kind(
    SCRUB,
    "Palabras que no se guardan",
    "Palabras y frases que se borran de toda pregunta antes de guardarla, además de números, "
    "correos y nombres.",
    (
        Lines("words", "Palabras o frases", "Una por línea, tal como se escriben. "
              "Se reconocen con y sin tildes, en mayúsculas o minúsculas."),
    ),
    single=True,
)  # fmt: skip

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            _CARD, _PATH, _OFFICES, _DESK, _NOTICE, _TOPIC, _HELP, _INTENT, _WHATSAPP, _PHRASES,
            _SCRUB, _GLOSSARY, _RULES, _PLACES,
        )
    }
)  # fmt: skip

INTENT_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "abuse": "Insultos", "affirm": "Sí", "bot_challenge": "Preguntar si es una persona",
        "change_language": "Cambiar de idioma", "delete_my_data": "Borrar mis datos",
        "deny": "No", "goodbye": "Despedirse", "greet": "Saludar",
        "guided_path": "Pedir una guía con preguntas", "human_agent": "Hablar con una persona",
        "menu": "Pedir el menú", "nearest_office": "La oficina más cercana",
        "not_helpful": "No me sirvió", "out_of_scope": "Fuera de tema", "thanks": "Dar gracias",
    }
)  # fmt: skip


def name_of(kind: str, document: str, body: Any) -> str:
    """Return the msgid of what people call a document, or its own Spanish title."""
    texts = body if isinstance(body, dict) else {}
    match kind:
        case "card" | "path":
            return str(texts.get("title", {}).get("es") or document)
        case "topic":
            return str(texts.get("name", {}).get("es") or document)
        case "phrases":
            return str(texts.get("msgid") or document)
        case "intent":
            return INTENT_NAMES.get(document, document)
        case "rules":
            return LANGUAGE_HEADINGS.get(document, document)
        case "whatsapp":
            return {"reminder": "Aviso de vencimiento", "answered": "El equipo respondió"}.get(
                document, document
            )
    return KINDS[kind].title if KINDS[kind].single else document
