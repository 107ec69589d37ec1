"""Telephone numbers in approved text become links that a phone can call."""

import re

_TAG = re.compile(r"(<[^>]*>)")
_SHORT = r"(?:100|105|106|110|111|113|115|116|117|119|1810|1818|1884)"
# A short number is also an amount, an article or a length of time. It is one to call after the
# word "Línea" (kept in all six languages), and in bold where it ends a phrase or is followed by
# "or", "and", a bracket or a Quechua ending, and not preceded by the word for a norm or a price.
_LINE = re.compile(rf"(?<=\bl[íi]nea )({_SHORT})(?![\d.,/-]*\d)", re.IGNORECASE)
_BOLD = re.compile(
    rf"""(?<![\w.,/$€-])(?<!S/[ ])(?<!art\.[ ])(?<!culo[ ])(?<!icle[ ])(?<!igo[ ])(?<!atik[ ])
    (?<!ley[ ])(?<!law[ ])(?<!loi[ ])(?<!lei[ ])(?<!lwa[ ])(?<!n\.[º°][ ])(?<!no\.[ ])(?<!soles[ ])
    ({_SHORT})
    (?=(?:man|ta|pi)?\s*(?:$|[.,:;!?](?!\d)|\(|(?:o|u|y|e|or|and|ou|et|oswa|ak|utaq|icha)\s))""",
    re.IGNORECASE | re.VERBOSE,
)
_LONG = re.compile(
    r"""(?<![\w+./-])(?:
        0800[ -]?\d{2}[ -]?\d{3}                     # free of charge
      | \(0\d{1,2}\)\ ?\d{2,3}[ -]?\d{3,4}           # with the code of a region: (01) 200-1000
      | \+\d{2}[ ]?\d{1,3}[ -]?\d{3}[ -]?\d{3,4}     # with the code of a country
      | 9\d{2}[ -]?\d{3}[ -]?\d{3}                   # mobile
    )(?![\w/]|[.-]\d)""",
    re.VERBOSE,
)


def link_phones(html: str) -> str:
    """Return safe HTML with its telephone numbers as `tel:` links; nothing else changes.

    Links and tags stay as they are: only text between tags is read.
    """
    pieces = _TAG.split(html)
    open_tags: list[str] = []
    for n, piece in enumerate(pieces):
        if n % 2:
            _follow(open_tags, piece)
        elif piece and "a" not in open_tags and "code" not in open_tags:
            pieces[n] = _linked(piece, bold="strong" in open_tags or "b" in open_tags)
    return "".join(pieces)


def _follow(open_tags: list[str], tag: str) -> None:
    name = re.match(r"</?([a-z0-9]*)", tag, re.IGNORECASE)
    if name is None or tag.endswith("/>"):
        return
    if tag.startswith("</"):
        if name[1].lower() in open_tags:
            open_tags.remove(name[1].lower())
    else:
        open_tags.append(name[1].lower())


def _linked(text: str, *, bold: bool) -> str:
    found = {m.start(): m for pattern in (_LONG, _LINE) for m in pattern.finditer(text)}
    if bold:
        found.update((m.start(), m) for m in _BOLD.finditer(text))
    parts: list[str] = []
    position = 0
    for start, match in sorted(found.items()):
        if start >= position:
            parts += [text[position:start], _link(match[0])]
            position = match.end()
    return "".join([*parts, text[position:]])


def _link(number: str) -> str:
    digits = re.sub(r"[^\d+]", "", number)
    if number.startswith("(0"):
        digits = "+51" + digits[1:]  # so that it also works from a foreign SIM card
    elif digits.startswith("9") and len(digits) == 9:
        digits = "+51" + digits
    return f'<a href="tel:{digits}">{number}</a>'
