"""The languages by their own names, and how people ask for one."""

import re

from content.catalogue import LANGUAGES
from nlu.normalise import plain

OWN_NAMES = {
    "es": "Español",
    "en": "English",
    "pt": "Português",
    "fr": "Français",
    "ht": "Kreyòl ayisyen",
    "qu": "Runasimi",
}

# How each language is called in the six, accents folded.
_NAMES = {
    "es": "espanol spanish espagnol espanhol panyol castellano castilla kastilla ispanyul "
    "espanyol kastellanu",
    "en": "english ingles anglais angle inglis inlis ingris inglisch",
    "pt": "portugues portuguese portugais pottige portuges brasileno brasileiro purtugis",
    "fr": "frances french francais franse fransesa fransis fransi",
    "ht": "kreyol creole criollo creol kreol haitiano haitian haitien ayisyen",
    "qu": "quechua runasimi qichwa kichwa runasimipi quichua kechua",
}
_LANGUAGE_OF = {name: language for language, names in _NAMES.items() for name in names.split()}


# What may stand around a language's name where somebody asks for it, accents folded.
_AROUND_WORDS = (
    "en in em an por favor please pls plz souple silvouple tanpri sil te vous plait svp s il "
    "puede puedes podria habla hablas hablar hable hablame escriba escribe escribeme escribir "
    "responda responde quiero quisiera prefiero cambiar cambia cambie a al idioma lengua el mi "
    "can could you u speak write reply answer to me i want would like prefer change switch "
    "language do does fala falar falas pode podes voce vc escreva responda quero prefiro mudar "
    "para o pra idioma lingua parle parlez parler tu vous pouvez peux ecrivez repondez je veux "
    "voudrais prefere changer langue le la les eske ou ka pale ekri m mwen vle pito chanje lang "
    "nan rimay rimayta rimaq munani simipi simiman atinkichu qillqay kutichiway no yo si oui yes "
    "wi ari entiendo solo hablo only seulement selman"
)
_AROUND = frozenset(_AROUND_WORDS.split())
_MOST_WORDS = 7


def wished_language(text: str) -> str | None:
    """Return the language that a text asks for and nothing else, or None.

    "kreyòl", "in English please", "puede hablar en portugués"; not "clases de inglés".
    """
    words = re.findall(r"[^\W\d_]+", plain(text))
    if not words or len(words) > _MOST_WORDS:
        return None
    named = [_LANGUAGE_OF[word] for word in words if word in _LANGUAGE_OF]
    if not named or any(w not in _LANGUAGE_OF and w not in _AROUND for w in words):
        return None
    # "I don't speak Spanish, English please": the wish comes last.
    return named[-1]


def named_language(text: str) -> str | None:
    """Return the language that a text names ("in English please", "kreyòl"), or None."""
    for word in re.findall(r"\w+", plain(text)):
        if word in _LANGUAGE_OF:
            return _LANGUAGE_OF[word]
    return None


assert set(OWN_NAMES) == set(_NAMES) == set(LANGUAGES)  # noqa: S101 - a slip here is ours
