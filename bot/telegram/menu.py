"""What Telegram shows around the chat: commands and descriptions, in the language of the phone.

https://core.telegram.org/bots/features#commands
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.messages import Label, Phrase


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its Spanish name, which the engine knows, and by its other names.

    A name has at most 32 of a-z, 0-9 and _; a description at most 256 characters.
    """

    name: str
    description: Phrase | Label
    names: Mapping[str, str]


def _command(name: str, description: Phrase | Label, en_pt_fr_ht_qu: str) -> Command:
    names = dict(zip(("en", "pt", "fr", "ht", "qu"), en_pt_fr_ht_qu.split(), strict=True))
    return Command(name, description, {"es": name, **names})


COMMANDS = (
    _command("temas", Label("Ver los temas"), "topics temas themes sije temakuna"),
    _command("emergencia", Label("Emergencia"), "emergency emergencia urgence ijans usqhay"),
    _command("oficina", Label("Oficina cercana"), "office escritorio bureau biwo oficina"),
    _command("guia", Label("Guía con preguntas"), "guide guia guide gid tapukuy"),
    _command("persona", Label("Hablar con alguien"), "human pessoa personne moun runa"),
    _command("idioma", Label("Idioma"), "language idioma langue lang simi"),
    _command("avisos", Label("Mis avisos"), "reminders avisos rappels avi willaykuna"),
    _command(
        "borrar", Phrase("Borrar lo que guardo de usted"), "delete apagar effacer efase chinkachiy"
    ),
    _command("baja", Phrase("No recibir más mensajes"), "stop parar arreter sispann saqiy"),
    _command("menu", Label("Menú"), "menu menu menu meni menu"),
)

# Shown in the empty chat before she presses Start; at most 512 characters in every language.
DESCRIPTION = Phrase(
    "Respondo preguntas sobre derechos y trámites en el Perú: papeles, salud, denuncias, trabajo, "
    "escuela y vivienda. Es gratis. No le pido su nombre ni sus documentos. Cada respuesta dice su "
    "fuente y su fecha. Soy un programa, no una persona; también le digo con quién hablar. "
    "Si hay peligro ahora, llame al 105 (Policía) o al 106 (ambulancia)."
)
# Shown on the profile and where the bot is shared; at most 120 characters in every language.
SHORT_DESCRIPTION = Phrase(
    "Derechos y trámites en el Perú: papeles, salud, denuncias, trabajo. Gratis, sin dar su nombre."
)

_SPANISH = {name: command.name for command in COMMANDS for name in command.names.values()}


def engine_name(name: str) -> str:
    """Return the name by which the engine knows a command; an unknown one stays as it is."""
    return _SPANISH.get(name, name)
