"""Can a person with little schooling read the Spanish text?

The measure is Szigriszt-Pazos' perspicuity on the INFLESZ scale (Barrio-Cantalejo et al., 2008):
206.835 - 62.3 * syllables / words - words / sentences. 55 to 65 is 'normal', above it 'easy'.
"""

import re

from content.catalogue import SOURCE_LANGUAGE
from content.checks.findings import Findings
from content.files import article_file, path_file
from content.sheets import Place

NORMAL = 55.0
_FEWEST_WORDS = 30
"""Below this the measure says little."""

_WORD = re.compile(r"[a-záéíóúüñ]+")
_VOWELS = re.compile(r"[aeiouáéíóúü]+")
_NUCLEI = re.compile(r"[aeoáéóíú]")
_SENTENCE_END = re.compile(r"[.!?:;…]+(?=\s|$)|\n+")
_NOT_PROSE = re.compile(r"https?://\S+|\*\*|^\s*(?:-|\d+\.)\s", re.M)


def syllables(word: str) -> int:
    """Count the syllables of a Spanish word in lower case; at least one.

    Strong vowels and accented ones each make a syllable, weak ones only among themselves.
    """
    spelled = re.sub(r"qu(?=[eiéí])|gu(?=[eiéí])", "g", word).replace("h", "")
    spelled = re.sub(r"y(?=$|[^aeiouáéíóúü])", "i", spelled)
    runs = _VOWELS.findall(spelled)
    return max(1, sum(max(1, len(_NUCLEI.findall(run))) for run in runs))


def perspicuity(text: str) -> float | None:
    """Return the perspicuity of a text; None below 30 words."""
    prose = _NOT_PROSE.sub(" ", text.lower())
    words = _WORD.findall(prose)
    if len(words) < _FEWEST_WORDS:
        return None
    sentences = [part for part in _SENTENCE_END.split(prose) if _WORD.search(part)]
    per_word = sum(map(syllables, words)) / len(words)
    return 206.835 - 62.3 * per_word - len(words) / len(sentences)


def examine(findings: Findings) -> None:
    """Warn of each Spanish section and verdict that is hard to read."""
    for article in findings.catalogue.articles.values():
        text = article.texts.get(SOURCE_LANGUAGE)
        for name, words in text.sections.items() if text else ():
            file = article_file(article.id, SOURCE_LANGUAGE)
            _judge(findings, file, ("sections", name), words)
    for path in findings.catalogue.paths.values():
        for index, end in enumerate(path.ends.values()):
            words = end.verdicts.get(SOURCE_LANGUAGE, "")
            _judge(findings, path_file(path.id), ("ends", index, "verdict"), words)


def _judge(findings: Findings, file: str, place: Place, words: str) -> None:
    score = perspicuity(words)
    if score is not None and score < NORMAL:
        what = f"`{place[-1]}` is hard to read (INFLESZ {score:.0f}; 55 or more is wanted)."
        findings.warn(file, place, what, "Use shorter words and sentences.")
