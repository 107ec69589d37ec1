"""What staff call the parts of the content. All are Spanish message ids of the panel."""

from collections.abc import Mapping
from types import MappingProxyType

from content.panel.writing.sections import HEADINGS

FIELD_NAMES: Mapping[str, str] = MappingProxyType(
    {
        **HEADINGS,
        "sections": "secciones",
        "examples": "formas de preguntar",
        "revision": "versión",
        "translates": "versión del español que traduce",
        "review": "lectura por alguien que habla la lengua",
        "status": "estado",
        "audience": "a quién se dirige",
        "ask": "pregunta en palabras simples",
        "related": "respuestas relacionadas",
        "emergency": "tarjeta de emergencia",
        "ground": "fuentes",
        "norm": "norma o nota",
        "source": "dirección de la fuente",
        "source_url": "dirección de la fuente",
        "source_date": "fecha de la fuente",
        "verified_on": "fecha de verificación",
        "supports": "secciones que respalda",
        "review_due": "fecha de revisión",
        "valid_until": "fecha de vencimiento",
        "owner": "responsable",
        "id": "nombre interno",
        "icon": "símbolo",
        "name": "nombre",
        "description": "descripción",
        "channel": "canal oficial",
        "help": "texto de ayuda",
        "hours": "horario",
        "closed": "días sin atención",
        "kind": "clase",
        "article": "respuesta",
        "numbers": "números para llamar",
        "number": "número",
        "service": "servicio",
        "card": "texto de la tarjeta",
        "first": "primera pregunta",
        "questions": "preguntas",
        "question": "pregunta",
        "options": "opciones",
        "ends": "finales",
        "text": "texto",
        "to": "a dónde lleva",
        "entry": "cómo entró al país",
        "verdict": "texto del final",
        "intent": "nombre de las frases",
        "terms": "términos",
        "means": "explicación",
        "use": "palabra que se usa",
        "also": "palabras que también valen",
        "avoid": "palabras a evitar",
        "region": "región",
        "province": "provincia",
        "district": "distrito",
        "address": "dirección",
        "latitude": "latitud",
        "longitude": "longitud",
        "precision": "precisión",
        "phone": "teléfono",
        "ubigeo": "código del INEI",
        "the file": "el archivo",
        "monday": "lunes",
        "tuesday": "martes",
        "wednesday": "miércoles",
        "thursday": "jueves",
        "friday": "viernes",
        "saturday": "sábado",
        "sunday": "domingo",
        "city": "ciudad",
        "street": "calle",
    }
)

FILE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "topics.yml": "Temas",
        "help.yml": "Texto de ayuda",
        "offices.csv": "Directorio de oficinas",
        "places.csv": "Distritos",
        "desk.yml": "Horario de la mesa de atención",
        "glossary.yml": "Glosario",
        "whatsapp.yml": "Plantillas de WhatsApp",
        "notices.yml": "Avisos",
        "articles": "Todas las respuestas",
        "database": "Contenidos guardados",
    }
)

FOLDER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "emergency": "Tarjeta de emergencia «{name}»",
        "emergency/rules": "Reglas de emergencia, {name}",
        "paths": "Guía con preguntas «{name}»",
        "intents": "Frases «{name}»",
    }
)
