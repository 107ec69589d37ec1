"""The Markdown subset of the content, parsed once and written for each platform.

The subset is that of docs/content-format.md: paragraphs, `**bold**`, `- ` and `1. ` lists and
bare addresses. A line break inside a paragraph stays one. Everything else is plain text, so
nothing that a text holds can become formatting of a platform by accident.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby, pairwise
from typing import TypeAlias

BULLET = "•"

_ITEM = re.compile(r" {0,3}(?:-|(\d{1,3})\.) +(\S.*)")
_BOLD = re.compile(r"\*\*(?=[^\s*])((?:[^*\n]|\*(?!\*))+)(?<=[^\s*])\*\*")
_LINK = re.compile(r"https?://[^\s<>\"«»“”*]+")
_AFTER_LINK = ".,;:!?)]'…"
# WhatsApp's markers where they have an effect, that is not between letters or digits.
_MARKERS = {
    marker: (
        re.compile(rf"(?<![^\W_]){re.escape(marker)}|{re.escape(marker)}(?![^\W_])"),
        look_alike,
    )
    for marker, look_alike in (("*", "∗"), ("_", "＿"), ("~", "∼"), ("`", "ˋ"))
}


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text of one look. A link is never bold: a marker beside it would break it."""

    text: str
    bold: bool = False
    link: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or an item of a list when `marker` is '•' or a number such as '1.'."""

    spans: tuple[Span, ...]
    marker: str = ""

    @property
    def text(self) -> str:
        """The block's text without its marker."""
        return "".join(span.text for span in self.spans)


Document: TypeAlias = tuple[Block, ...]


def parse(markdown: str) -> Document:
    """Read a text of the subset. Every text can be read; what is not markup is plain text."""
    found: list[tuple[str, str]] = []  # marker and text
    open_ = False
    for line in markdown.split("\n"):
        if not line.strip():
            open_ = False
        elif item := _ITEM.fullmatch(line):
            found.append((f"{item[1]}." if item[1] else BULLET, item[2].strip()))
            open_ = True
        elif open_ and found[-1][0] and line.startswith(" "):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        elif open_ and not found[-1][0]:
            found[-1] = ("", f"{found[-1][1]}\n{line.strip()}")
        else:
            found.append(("", line.strip()))
            open_ = True
    return tuple(Block(tuple(_spans(text)), marker) for marker, text in found)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Join neighbouring spans of the same look; links stay apart."""
    result: list[Span] = []
    for span in spans:
        if result and not span.link and not result[-1].link and result[-1].bold == span.bold:
            result[-1] = replace(span, text=result[-1].text + span.text)
        else:
            result.append(span)
    return tuple(result)


def separator(before: Block, after: Block) -> str:
    """Return what stands between two blocks: a list is close to the text above it."""
    if not after.marker:
        return "\n\n"
    if not before.marker or before.marker == after.marker == BULLET:
        return "\n"
    if BULLET in (before.marker, after.marker) or after.marker == "1.":
        return "\n\n"
    return "\n"


def to_plain(document: Document) -> str:
    """Write plain text: for terminals, and as the last resort of every platform."""
    return _join(document, lambda block: block.text)


def to_telegram(document: Document) -> str:
    """Write Telegram's HTML. Telegram itself makes bare addresses touchable."""
    return _join(document, lambda block: "".join(map(_telegram_span, block.spans)))


def to_whatsapp(document: Document) -> str:
    """Write WhatsApp's formatting, which has no escape: see `_disarmed`."""
    return _join(document, _whatsapp_block)


def to_html(document: Document) -> str:
    """Write HTML for a page: p, ul, ol, li, strong, br and a, all else escaped."""
    return "".join(
        _html_group(kind, tuple(blocks)) for kind, blocks in groupby(_numbered(document), _kind)
    )


def _spans(text: str) -> Iterator[Span]:
    position = 0
    for bold in _BOLD.finditer(text):
        yield from _linked(text[position : bold.start()], bold=False)
        yield from _linked(bold[1], bold=True)
        position = bold.end()
    yield from _linked(text[position:], bold=False)


def _linked(text: str, *, bold: bool) -> Iterator[Span]:
    position = 0
    for found in _LINK.finditer(text):
        address = found[0].rstrip(_AFTER_LINK)
        if address.endswith("//"):
            continue
        if text[position : found.start()]:
            yield Span(text[position : found.start()], bold)
        yield Span(address, link=True)
        position = found.start() + len(address)
    if text[position:]:
        yield Span(text[position:], bold)


def _join(document: Document, write: Callable[[Block], str]) -> str:
    parts = [_marked(document[0], write)] if document else []
    for before, after in pairwise(document):
        parts += [separator(before, after), _marked(after, write)]
    return "".join(parts)


def _marked(block: Block, write: Callable[[Block], str]) -> str:
    return f"{block.marker} {write(block)}" if block.marker else write(block)


def _telegram_span(span: Span) -> str:
    text = escape(span.text, quote=False)
    return f"<b>{text}</b>" if span.bold else text


def _whatsapp_block(block: Block) -> str:
    texts = _disarmed(block)
    parts: list[str] = []
    for place, span in enumerate(block.spans):
        core = texts[place].strip()
        before = block.spans[place - 1].text[-1:] if place else ""
        after = block.spans[place + 1].text[:1] if place + 1 < len(block.spans) else ""
        start = texts[place][: len(texts[place]) - len(texts[place].lstrip())]
        end = texts[place][len(texts[place].rstrip()) :]
        # A marker works only between a word and what is no word: "S/*20*" yes, "x*20*" no.
        apart = (start or not before.isalnum()) and (end or not after.isalnum())
        bold = span.bold and core and "\n" not in core and apart
        parts.append(f"{start}*{core}*{end}" if bold else texts[place])
    return "".join(parts)


def _disarmed(block: Block) -> list[str]:
    """Return the spans' texts with look-alikes for markers that would pair up as formatting.

    Markers between letters or digits, as in an e-mail address, and single ones have no effect
    and stay, so that they can be copied.
    """
    texts = [span.text for span in block.spans]
    free = [place for place, span in enumerate(block.spans) if not span.link]
    for marker, (active, look_alike) in _MARKERS.items():
        count = sum(len(active.findall(texts[place])) for place in free)
        ours = 2 * sum(span.bold for span in block.spans) if marker == "*" else 0
        if count and count + ours > 1:
            for place in free:
                texts[place] = active.sub(look_alike, texts[place])
    return texts


def _numbered(document: Document) -> Iterator[tuple[int, Block]]:
    """Number the lists, so that blocks of one list have one number and paragraphs their own."""
    number = 0
    for place, block in enumerate(document):
        before = document[place - 1] if place else None
        if not (before and before.marker and block.marker and separator(before, block) == "\n"):
            number += 1
        yield number, block


def _kind(numbered: tuple[int, Block]) -> int:
    return numbered[0]


def _html_group(_: int, blocks: tuple[tuple[int, Block], ...]) -> str:
    marker = blocks[0][1].marker
    if not marker:
        return f"<p>{_html_spans(blocks[0][1])}</p>"
    items = "".join(f"<li>{_html_spans(block)}</li>" for _, block in blocks)
    if marker == BULLET:
        return f"<ul>{items}</ul>"
    start = "" if marker == "1." else f' start="{int(marker[:-1])}"'
    return f"<ol{start}>{items}</ol>"


def _html_spans(block: Block) -> str:
    return "".join(map(_html_span, block.spans))


def _html_span(span: Span) -> str:
    text = escape(span.text).replace("\n", "<br>")
    if span.link:
        return f'<a href="{text}" rel="noopener noreferrer">{text}</a>'
    return f"<strong>{text}</strong>" if span.bold else text
