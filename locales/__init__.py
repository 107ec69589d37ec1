"""The interface texts: Spanish message ids and their translations.

The translations stand in `locales/<language>/LC_MESSAGES/orienta.po` and are read at first use, so
no compiled .mo file is kept. Texts are collected with

    pybabel extract -F locales/babel.cfg -k Phrase -k Label -o locales/orienta.pot .

because they stand in the code as `Phrase("…")` and `Label("…")`. A text holds its values as
`{name}`; nothing else in braces has a meaning, so a translation can run no code.
"""

import re
from collections.abc import Mapping
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from types import MappingProxyType

from babel.messages.mofile import write_mo
from babel.messages.pofile import PoFileError, read_po

SOURCE_LANGUAGE = "es"
DOMAIN = "orienta"

_LANGUAGE = re.compile(r"([a-z]{2,3})(?:[-_][A-Za-z0-9]{2,8})*")
_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LINE = re.compile(
    r"\s*(?:#.*|(?:(?:msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?)\s+)?\"(?:[^\"\\]|\\.)*\"\s*)?"
)
_NOTHING: Mapping[str, str] = MappingProxyType({})
_NOTHING_INSTEAD: Mapping[tuple[str, str], str] = MappingProxyType({})


class BadCatalogue(Exception):
    """A .po file cannot be read. The message says which one, where and what to do."""


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the values that a text holds as `{name}`."""
    return frozenset(_PLACEHOLDER.findall(text))


def read_catalogue(path: Path) -> NullTranslations:
    """Read a .po file; one that does not exist translates nothing. Raise `BadCatalogue`."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        # Babel leaves out an entry with a missing quotation mark without a word.
        for number, line in enumerate(lines, 1):
            if not _LINE.fullmatch(line):
                raise BadCatalogue(_remedy(path, number, "the quotation marks are not in order"))
        catalogue = read_po(lines, abort_invalid=True, ignore_obsolete=True)
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        return GNUTranslations(compiled)
    except FileNotFoundError:
        return NullTranslations()
    except PoFileError as error:
        reason = str(error).removesuffix(f" on {error.lineno}")
        raise BadCatalogue(_remedy(path, error.lineno + 1, reason)) from error
    except (OSError, ValueError, LookupError) as error:
        raise BadCatalogue(_remedy(path, 1, str(error))) from error


def _remedy(path: Path, line: int, reason: str) -> str:
    return f"{path}, line {line}: {reason}. Correct it, or take back the last good version."


class Translator:
    """Translates interface texts from the .po files under one directory, each read once."""

    def __init__(self, directory: Path, domain: str = DOMAIN) -> None:
        self._directory = directory
        self._domain = domain
        self._catalogues: dict[str, NullTranslations] = {}
        self._instead: Mapping[tuple[str, str], str] = _NOTHING_INSTEAD

    def __call__(self, phrase: str, language: str, values: Mapping[str, str] = _NOTHING) -> str:
        """Return a text in a language with its values in place.

        The Spanish message id is the answer where there is no translation, where the translation
        names a value that is not given, and for every unknown language. Raise `BadCatalogue`.
        """
        instead = self._instead and self._instead.get((phrase, language))
        translated = instead or self.own(phrase, language)
        if not placeholders(translated) <= values.keys() and instead:
            translated = self.own(phrase, language)
        if not placeholders(translated) <= values.keys():
            translated = phrase
        return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), translated)

    def own(self, phrase: str, language: str) -> str:
        """Return a text as the .po files have it, its places still empty."""
        return self._catalogue(language).gettext(phrase) if phrase else ""

    def overlay(self, instead: Mapping[tuple[str, str], str]) -> None:
        """Say from now on other words for some texts, by message id and language."""
        self._instead = instead

    def _catalogue(self, language: str) -> NullTranslations:
        match = _LANGUAGE.fullmatch(language)
        base = match[1] if match else SOURCE_LANGUAGE
        if base not in self._catalogues:
            path = self._directory / base / "LC_MESSAGES" / f"{self._domain}.po"
            self._catalogues[base] = read_catalogue(path)
        return self._catalogues[base]


translate = Translator(Path(__file__).parent)
"""The translator of the product's own texts: `translate(phrase, language, values)`."""

translate_panel = Translator(Path(__file__).parent, "panel")
"""The translator of the panel, which speaks Spanish and English."""
