"""Typing in place of pressing: a digit, a keycap, a number word or the label of an option."""

import re

from bot.state import Offered
from nlu.normalise import plain

_KEYCAP = "\N{COMBINING ENCLOSING KEYCAP}"
_VARIATION = "\N{VARIATION SELECTOR-16}"
_KEYCAP_TEN = "\N{KEYCAP TEN}"

# One to ten in the six languages, accents folded.
_WORDS = (
    "uno una one um uma un une youn en huk",
    "dos two dois duas deux de iskay",
    "tres three trois twa kimsa",
    "cuatro four quatro quatre tawa",  # not Creole "kat": it also means card
    "cinco five cinq senk pichqa",
    "seis six suqta",  # not Creole "sis": it is the public insurance
    "siete seven sete sept set qanchis",
    "ocho eight oito huit uit pusaq",
    "nueve nine nove neuf nef isqun",
    "diez ten dez dix dis chunka",
)
_NUMBER_OF = {word: n for n, words in enumerate(_WORDS, 1) for word in words.split()}


# What must work whatever the model makes of it, accents folded, "_" for a blank. Only words that
# nobody writes alone to mean something else: "salir" and "sair" ask how to leave the country.
_COMMANDS = {
    "forget": "borrar borra delete erase apagar apague effacer efface efase chinkachiy",
    "stop": "stop baja darme_de_baja dar_de_baja parar no_mas_mensajes unsubscribe desuscribir "
    "descadastrar pare_de_enviar arret arreter arretez desabonner desinscrire sispann "
    "pa_voye_mesaj_anko sayachiy ama_apachimuychu",
    "resume": "seguir_con_orienta go_on_with_orienta seguir_com_orienta suivre_avec_orienta "
    "kontinye_ak_orienta orientawan_qatipay",
    "share": "compartir compartilhar share partager pataje",
    "human": "persona humano asesor agente human agent pessoa humain conseiller moun",
    "emergency": "auxilio socorro sos sekou",
    "menu": "menu meni inicio start ayuda help ajuda aide ed yanapay",
}
_COMMAND_OF = {
    word.replace("_", " "): choice for choice, words in _COMMANDS.items() for word in words.split()
}


def command_of(text: str) -> str | None:
    """Return the choice that a command stands for which is all of a text, or None."""
    return _COMMAND_OF.get(" ".join(plain(text).strip(' .!?¿¡/«»"').split()))


def number_of(text: str) -> int | None:
    """Return the number that is all of a text ("2", "2.", "2️⃣", "dos"), or None."""
    bare = text.replace(_KEYCAP_TEN, "10").replace(_KEYCAP, "").replace(_VARIATION, "").strip()
    if match := re.fullmatch(r"\(?(\d{1,2})\s*[.)°º]?", bare):
        return int(match[1])
    return _NUMBER_OF.get(plain(bare).strip(" .!"))


def chosen_by(text: str, offered: tuple[Offered, ...]) -> str | None:
    """Return the id of the offered option that a typed text picks, 'menu' for a zero, or None."""
    number = number_of(text)
    if number == 0:
        return "menu"
    if number is not None and number <= len(offered):
        return offered[number - 1].id
    wanted = _words(text)
    for option in offered:
        if wanted and _words(option.label) == wanted:
            return option.id
    return None


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", plain(text))
