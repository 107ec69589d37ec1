"""Questions that got no sure answer, scrubbed of what could tell who asked."""

import re

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


def scrub(text: str) -> str:
    """Return a question without links, addresses, numbers and introduced names, 500 long at most.

    Runs before anything of a text is stored; what is left of a name that nobody introduced is the
    reason why scrubbed questions expire all the same.
    """
    clean = " ".join(text[: 4 * LONGEST].split())
    for pattern in _PATTERNS:
        keeps_lead = "lead" in pattern.groupindex
        clean = pattern.sub(rf"\g<lead>{MARK} " if keeps_lead else MARK, clean)
    return " ".join(clean.split())[:LONGEST]
