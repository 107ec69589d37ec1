"""Make texts comparable: what chat spelling hides, these functions take away.

Shared by the app (Python 3.11) and by the component inside Rasa (Python 3.10): standard library
only, nothing newer than 3.10.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_BREAKS = frozenset("\n\r\t\v\f\x85\u2028\u2029")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LONG_RUN = re.compile(r"(.)\1{2,}")
_SENTENCE_END = re.compile(r"[.!?¿¡;\n]+")

_FOLDS = (
    (re.compile(r"['’]"), ""),
    (re.compile(r"q(?:u(?=[ei])|ue?\b|(?!u))"), "k"),
    (re.compile(r"g(?:u)(?=[ei])"), "g"),
    (re.compile(r"c(?=[eiy])"), "s"),
    (re.compile(r"ch"), "x"),
    (re.compile(r"[cq]"), "k"),
    (re.compile(r"z"), "s"),
    (re.compile(r"ph"), "f"),
    (re.compile(r"sh"), "x"),
    (re.compile(r"ll"), "y"),
    (re.compile(r"[wv]"), "b"),
    (re.compile(r"h"), ""),
    (re.compile(r"(.)\1+"), r"\1"),
)


def tidy(text: str) -> str:
    """Return the text without control and invisible characters; breaks become one newline.

    Compatibility forms (full width, mathematical letters) become plain letters (NFKC).
    """
    kept: list[str] = []
    for char in unicodedata.normalize("NFKC", text):
        if char in _BREAKS:
            kept.append("\n")
        elif unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}:
            kept.append(char)
    lines = (" ".join(line.split()) for line in "".join(kept).split("\n"))
    return "\n".join(line for line in lines if line)


def plain(text: str) -> str:
    """Return lower case letters without accents; three or more of the same letter become one."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    bare = "".join(char for char in decomposed if unicodedata.category(char) != "Mn")
    return _LONG_RUN.sub(r"\1", bare.replace("’", "'").replace("`", "'"))


def fold(text: str) -> str:
    """Return a rough sound of the text, equal for 'vacuna' and 'bakuna', 'ke' and 'que'."""
    sounds = plain(text)
    for pattern, replacement in _FOLDS:
        sounds = pattern.sub(replacement, sounds)
    return sounds


@lru_cache(maxsize=50_000)
def fold_word(word: str) -> str:
    """Return `fold` of a single word, remembering the words that come again and again."""
    return fold(word)


def words(text: str) -> list[str]:
    """Return the plain words of a text, in order; an apostrophe between letters stays inside."""
    return _WORD.findall(plain(text))


def excerpt(text: str, limit: int) -> str:
    """Return at most `limit` characters: the beginning and the end, where the question often is."""
    if len(text) <= limit:
        return text
    half = (limit - 1) // 2
    return text[:half] + "\n" + text[-(limit - 1 - half) :]


def passages(text: str, size: int) -> Iterator[str]:
    """Cut a text into passages of at most `size` words, at the ends of sentences if possible."""
    gathered: list[str] = []
    for sentence in _SENTENCE_END.split(text):
        parts = sentence.split()
        if gathered and len(gathered) + len(parts) > size:
            yield " ".join(gathered)
            gathered = []
        while len(parts) > size:
            yield " ".join(parts[:size])
            parts = parts[size:]
        gathered += parts
    if gathered:
        yield " ".join(gathered)


def deletions(word: str) -> Iterator[str]:
    """Yield the word and what is left of it without one letter: equal keys mean near words."""
    yield word
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


def is_one_edit(one: str, other: str) -> bool:
    """Say whether one letter more, less or changed, or two swapped, make the words equal."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    return one[start + 1 :] == other[start + 1 :] or (
        one[start : start + 2] == other[start : start + 2][::-1]
        and one[start + 2 :] == other[start + 2 :]
    )
