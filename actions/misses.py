"""Questions that got no sure answer, scrubbed of what could tell who asked."""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

MARK = "…"
LONGEST = 500

_PATTERNS = (
    # What could name a person or reach one goes; what she asked stays.
    re.compile(r"(?i)\b(?:https?://|www\.)\S+"),
    re.compile(r"\S+@\S+"),
    re.compile(r"(?<!\w)@\w{3,}"),
    # Any run of five or more digits, however they are grouped: phones, documents, accounts.
    re.compile(r"\+?\d(?:[\s.\-()/]{0,2}\d){4,}"),
    # Letters and digits mixed: passports, case numbers, licence plates.
    re.compile(r"\b(?=\w*\d\w*\d)(?=\w*[^\W\d_])\w{5,}\b"),
    # Names after the words that introduce them, in the six languages.
    re.compile(
        r"(?i)(?P<lead>\b(?:me llamo|mi nombre es|soy el se[ñn]or|soy la se[ñn]ora|my name is|"
        r"meu nome [ée]|me chamo|je m['’]?appelle|mon nom est|mwen rele|non mwen se|m rele|"
        r"sutiymi|sutiyqa)\s+)(?:[^\W\d_]+\s*){1,4}"
    ),
)


def scrub(text: str, words: Sequence[str] = ()) -> str:
    """Return a question without links, addresses, numbers and introduced names, 500 long at most.

    `words` are words and phrases that the staff let nobody keep, whatever their case and accents.

    Runs before anything of a text is stored; what is left of a name that nobody introduced is the
    reason why scrubbed questions expire all the same.
    """
    clean = " ".join(text[: 4 * LONGEST].split())
    for pattern in _PATTERNS:
        keeps_lead = "lead" in pattern.groupindex
        clean = pattern.sub(rf"\g<lead>{MARK} " if keeps_lead else MARK, clean)
    if words:
        clean = _without(clean, tuple(words))
    return " ".join(clean.split())[:LONGEST]


def _without(text: str, words: tuple[str, ...]) -> str:
    pattern = _any_of(words)
    if pattern is None:
        return text
    letters = [_bare(letter) for letter in text]
    # One sign of the folded text may be none or several: where each came from is kept.
    origins = [at for at, bare in enumerate(letters) for _ in bare]
    kept, start = [], 0
    for found in pattern.finditer("".join(letters)):
        first, last = origins[found.start()], origins[found.end() - 1] + 1
        kept += [text[start:first], MARK]
        start = last
    return "".join((*kept, text[start:]))


@lru_cache(maxsize=8)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str] | None:
    parts = {_bare(" ".join(one.split())) for one in words} - {""}
    longest_first = sorted(parts, key=lambda part: (-len(part), part))
    joined = "|".join(map(re.escape, longest_first))
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)") if joined else None


def _bare(text: str) -> str:
    split = unicodedata.normalize("NFD", text.lower())
    return "".join(sign for sign in split if unicodedata.category(sign) != "Mn")
