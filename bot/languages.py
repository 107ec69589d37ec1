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


def named_language(text: str) -> str | None:
    """Return the language that a text names ("in English please", "kreyòl"), or None."""
    for word in re.findall(r"\w+", plain(text)):
        if word in _LANGUAGE_OF:
            return _LANGUAGE_OF[word]
    return None


assert set(OWN_NAMES) == set(_NAMES) == set(LANGUAGES)  # noqa: S101 - a slip here is ours
