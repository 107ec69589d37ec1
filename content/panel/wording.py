"""How the panel names what the program calls by a word: roles, and acts of the audit log."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from content.staff import Role


@dataclass(frozen=True, slots=True)
class Called:
    """A name, and in a sentence what it may do."""

    name: str
    may: str


ROLES: Mapping[Role, Called] = MappingProxyType(
    {
        Role.AUTHOR: Called("Redacción", "Escribe las respuestas en español y sus ejemplos."),
        Role.TRANSLATOR: Called("Traducción", "Traduce las respuestas y los otros contenidos."),
        Role.REVIEWER: Called(
            "Revisión legal", "Aprueba o devuelve lo que otras personas escribieron."
        ),
        Role.PUBLISHER: Called(
            "Publicación y versiones",
            "Aprueba, publica lo aprobado y puede volver a una versión anterior.",
        ),
        Role.DESK: Called("Mesa de atención", "Responde a quienes piden hablar con una persona."),
        Role.ANALYST: Called(
            "Análisis", "Lee qué pregunta la gente y el registro; no cambia nada."
        ),
        Role.ADMINISTRATOR: Called(
            "Administración", "Agrega y retira personas del equipo; no escribe ni publica."
        ),
    }
)

# By the act's name in `visit.record` or `audit.record`.
ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "signed_in": "Entró al panel",
        "signed_in_by_provider": "Entró con la cuenta de su institución",
        "link_used": "Usó un enlace de un solo uso y puso una contraseña",
        "link_made": "Creó un enlace de un solo uso",
        "second_factor_set": "Configuró su segundo paso",
        "recovery_codes_renewed": "Pidió nuevos códigos de respaldo",
        "password_changed": "Cambió su contraseña",
        "session_ended": "Cerró sesiones en otros equipos",
        "staff_added": "Agregó a una persona al equipo",
        "staff_role_changed": "Cambió el rol de una persona",
        "staff_deactivated": "Retiró a una persona del equipo",
        "provider_bound": "Unió su cuenta a la de su institución",
        "article_made": "Creó una respuesta",
        "text_saved": "Guardó un texto",
        "document_saved": "Guardó un contenido",
        "sent_to_review": "Envió a revisión",
        "returned": "Devolvió con una observación",
        "approved": "Aprobó un texto o contenido",
        "discarded": "Descartó un borrador",
        "read_by_speaker": "Confirmó una traducción leída por un hablante",
        "commented": "Comentó",
        "comment_settled": "Dio por resuelto un comentario",
        "switched_off": "Retiró una respuesta de inmediato",
        "switched_on": "Devolvió una respuesta retirada",
        "exported": "Descargó una copia de todo el contenido",
        "import_sent_to_review": "Cargó archivos y los envió a revisión",
        "questions_example": "Hizo ejemplos de preguntas de la gente",
        "questions_outside": "Marcó preguntas como ajenas al servicio",
        "questions_draft": "Empezó una respuesta con preguntas de la gente",
        "questions_dismissed": "Descartó preguntas de la gente",
        "case_taken": "Tomó un caso de la mesa",
        "case_answered": "Respondió un caso de la mesa",
        "case_transferred": "Pasó un caso a otra persona",
        "case_closed": "Cerró un caso de la mesa",
        "release_prepared": "Preparó una publicación",
        "release_queued": "Pidió examinar otra vez una publicación",
        "release_cancelled": "Canceló una publicación",
        "release_scheduled": "Programó una publicación",
        "release_published": "Publicó los cambios",
        "release_failed": "Una publicación programada no salió",
        "rolled_back": "Volvió a una publicación anterior",
    }
)


# What the detail of an act is about, by its name there.
_DETAILS: Mapping[str, str] = MappingProxyType(
    {
        "role": "rol",
        "before": "antes",
        "after": "después",
        "by": "con",
        "reason": "motivo",
        "why": "motivo",
        "count": "cuántas",
        "texts": "textos",
        "documents": "contenidos",
        "not_before": "desde",
        "as_": "como",
        "to": "a",
        "note": "nota",
    }
)
_VALUES: Mapping[str, str] = MappingProxyType(
    {
        "totp": "código del teléfono",
        "recovery": "código de respaldo",
        **{role.value: called.name for role, called in ROLES.items()},
    }
)


def detail(given: object, say: Callable[[str], str]) -> str:
    """Write what changed in one line: "antes: Redacción; después: Análisis"."""
    if not isinstance(given, dict):
        return json.dumps(given, ensure_ascii=False)
    return "; ".join(
        f"{say(_DETAILS[name]) if name in _DETAILS else name}: {_value(value, say)}"
        for name, value in given.items()
        if value not in ("", [], None)
    )


def _value(value: object, say: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return say(_VALUES[value]) if value in _VALUES else value
    if isinstance(value, list):
        return ", ".join(_value(one, say) for one in value)
    return json.dumps(value, ensure_ascii=False)


def subject(name: str, say: Callable[..., str]) -> str:
    """Write what an act was about as people say it: 'release 3' is "publicación 3"."""
    kind, _, number = name.partition(" ")
    if kind == "release" and number.isdigit():
        return say("publicación {number}", number=number)
    if kind == "case" and number.isdigit():
        return say("caso {number}", number=number)
    return name


def action(name: str) -> str:
    """Return what an act is called; one without a name here is shown as the program calls it."""
    return ACTIONS.get(name, name.replace("_", " "))
