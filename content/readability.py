"""How easy a text is to read, by a formula validated for its language; easy texts score high.

All four are of Flesch's form: a constant, minus so much per word of a sentence, minus so much per
syllable of a word. The scales of different languages are alike, but not the same.

- es: Szigriszt-Pazos (1993) on the INFLESZ scale: Barrio-Cantalejo et al., "Validación de la
  Escala INFLESZ para evaluar la legibilidad de los textos dirigidos a pacientes", Anales del
  Sistema Sanitario de Navarra 31 (2008).
- en: reading ease: Flesch, "A new readability yardstick", J. Appl. Psychol. 32 (1948).
- pt: Flesch for Brazilian Portuguese: Martins et al., "Readability formulas applied to textbooks in
  Brazilian Portuguese", Notas do ICMC 28, São Carlos (1996).
- fr: Kandel and Moles, "Application de l'indice de Flesch à la langue française", Cahiers d'Études
  de Radio-Télévision 19 (1958).

For Haitian Creole and Quechua no validated formula is known, so there is no score.

Syllables are counted by rules on the spelling, which err in some words and little over a text.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

FEWEST_WORDS = 30
"""Below this the measure says little."""

_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_SPANISH_WORD = re.compile(r"[a-záéíóúüñ]+")
_SENTENCE_END = re.compile(r"[.!?:;…]+(?=\s|$)|\n+")
_NOT_PROSE = re.compile(r"https?://\S+|\*\*|^\s*(?:-|\d+\.)\s", re.M)

_SPANISH_VOWELS = re.compile(r"[aeiouáéíóúü]+")
_SPANISH_NUCLEI = re.compile(r"[aeoáéóíú]")
_ENGLISH_NUCLEI = re.compile(r"[aeiouy]+")
_ENGLISH_MUTE = re.compile(r"(?<=[^aeiouy])(?<![^aeiouy]l)(?<![td](?=ed$))(?:e|es|ed)$")
_ENGLISH_SOUNDED_ES = re.compile(r"(?:s|x|z|ch|sh|c|g)es$")
_PORTUGUESE_NUCLEI = re.compile(
    r"ã[oe]|õe|[aeoáéóâêô][iu](?![a-zç]*[áéíóúâêôãõ]$|r$|z$|l$)|[aeiouáéíóúâêôãõàü]"
)
_FRENCH_NUCLEI = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+")
_FRENCH_MUTE = re.compile(r"(?<=[^aeiouyàâäéèêëîïôöùûüœæ])(?:es?|(?<!m)ent)$")


def syllables(word: str) -> int:
    """Count the syllables of a Spanish word in lower case; at least one.

    Strong vowels and accented ones each make a syllable, weak ones only among themselves.
    """
    spelled = re.sub(r"qu(?=[eiéí])|gu(?=[eiéí])", "g", word).replace("h", "")
    spelled = re.sub(r"y(?=$|[^aeiouáéíóúü])", "i", spelled)
    runs = _SPANISH_VOWELS.findall(spelled)
    return max(1, sum(max(1, len(_SPANISH_NUCLEI.findall(run))) for run in runs))


def english_syllables(word: str) -> int:
    """Count the syllables of an English word in lower case: groups of vowels, less a mute e."""
    spelled = word if _ENGLISH_SOUNDED_ES.search(word) else _ENGLISH_MUTE.sub("", word)
    return max(1, len(_ENGLISH_NUCLEI.findall(spelled)))


def portuguese_syllables(word: str) -> int:
    """Count the syllables of a Portuguese word in lower case: vowels, falling diphthongs as one."""
    spelled = re.sub(r"qu(?=[aeiéíêo])|gu(?=[eiéíê])", "g", word)
    return max(1, len(_PORTUGUESE_NUCLEI.findall(spelled)))


def french_syllables(word: str) -> int:
    """Count the syllables of a French word in lower case: groups of vowels, less a mute ending."""
    parts = re.split(r"[-'’]", word)
    return max(1, sum(len(_FRENCH_NUCLEI.findall(_FRENCH_MUTE.sub("", part))) for part in parts))


@dataclass(frozen=True, slots=True)
class Formula:
    """`constant - per_word * words / sentences - per_syllable * syllables / words`."""

    name: str
    constant: float
    per_word: float
    per_syllable: float
    syllables: Callable[[str], int]
    word: re.Pattern[str] = _WORD

    def of_counts(self, words: int, sentences: int, syllables: int) -> float:
        """Return the score of a text with so many words, sentences and syllables."""
        per_sentence, per_word = words / sentences, syllables / words
        return self.constant - self.per_word * per_sentence - self.per_syllable * per_word


FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        "es": Formula("INFLESZ", 206.835, 1.0, 62.3, syllables, _SPANISH_WORD),
        "en": Formula("Flesch reading ease", 206.835, 1.015, 84.6, english_syllables),
        "pt": Formula("Flesch (Martins)", 248.835, 1.015, 84.6, portuguese_syllables),
        "fr": Formula("Flesch (Kandel-Moles)", 207.0, 1.015, 73.6, french_syllables),
    }
)


@lru_cache(maxsize=8192)
def score(text: str, language: str) -> float | None:
    """Return how easy a text is; None below 30 words or without a formula for the language."""
    formula = FORMULAS.get(language)
    if formula is None:
        return None
    prose = _NOT_PROSE.sub(" ", unicodedata.normalize("NFC", text).lower())
    words = formula.word.findall(prose)
    if len(words) < FEWEST_WORDS:
        return None
    sentences = [part for part in _SENTENCE_END.split(prose) if formula.word.search(part)]
    return formula.of_counts(len(words), len(sentences), sum(map(formula.syllables, words)))


def perspicuity(text: str) -> float | None:
    """Return the INFLESZ score of a Spanish text; None below 30 words."""
    return score(text, "es")
