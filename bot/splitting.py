"""How long a text is to a platform, and how one that is too long becomes several messages."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from bot.markup import Block, Document, Span, merged, separator

_TOKEN = re.compile(r"\S+\s*|\s+")
_SENTENCE_END = re.compile(r"[.!?…][)\"'»”’]*\s+$")
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Measure:
    """A platform's way of counting. `bold`: what it counts for the markers of one bold run."""

    unit: str = "code points"  # or "utf-16"
    bold: int = 0

    def text(self, text: str) -> int:
        """Return the length of a text."""
        return len(text.encode("utf-16-le")) // 2 if self.unit == "utf-16" else len(text)

    def spans(self, spans: Iterable[Span]) -> int:
        """Return the length of spans with their markers."""
        return sum(self.text(span.text) + self.bold * span.bold for span in spans)

    def block(self, block: Block) -> int:
        """Return the length of a block with its marker and the space after that."""
        return self.spans(block.spans) + (len(block.marker) + 1 if block.marker else 0)

    def document(self, document: Document) -> int:
        """Return the length of a whole document."""
        breaks = sum(len(separator(a, b)) for a, b in pairwise(document))
        return breaks + sum(map(self.block, document))

    def head(self, text: str, limit: int) -> str:
        """Return the longest beginning within a limit that cuts no character that shows as one.

        A cluster longer than the limit itself is cut all the same.
        """
        end = used = 0
        for character in text:
            used += self.text(character)
            if used > limit:
                break
            end += 1
        whole = end
        while 0 < whole < len(text) and _belongs_together(text[whole - 1], text[whole]):
            whole -= 1
        return text[: whole or end]


def split(document: Document, limit: int, measure: Measure) -> tuple[Document, ...]:
    """Share a document out over messages of at most `limit` each.

    It is cut between blocks if possible, else between sentences, else words, else characters;
    a bold run that is cut is bold in both messages, and a link is cut only if it alone is longer
    than the limit.
    """
    messages: list[Document] = []
    current: list[Block] = []
    used = 0
    for block in document:
        for piece in _pieces(block, limit, measure):
            length = measure.block(piece)
            gap = len(separator(current[-1], piece)) if current else 0
            if current and used + gap + length > limit:
                messages.append(tuple(current))
                current, used, gap = [], 0, 0
            current.append(piece)
            used += gap + length
    if current:
        messages.append(tuple(current))
    return tuple(messages)


def _pieces(block: Block, limit: int, measure: Measure) -> Iterator[Block]:
    """Yield a block whole if it fits a message, else in pieces that do; the marker comes once."""
    if measure.block(block) <= limit:
        yield block
        return
    marker = block.marker
    room = limit - (len(marker) + 1 if marker else 0)
    current: list[Span] = []
    used = 0
    for atom in _atoms(block.spans, room, measure):
        length = measure.spans(atom)
        if current and used + length > room:
            yield from _trimmed(current, marker)
            marker, room, current, used = "", limit, [], 0
        current.extend(atom)
        used += length
    yield from _trimmed(current, marker)


def _trimmed(spans: list[Span], marker: str) -> Iterator[Block]:
    """Yield the block of some spans without white space at its ends, or nothing if none is left."""
    whole = list(merged(spans))
    while whole and not whole[0].text.strip():
        del whole[0]
    while whole and not whole[-1].text.strip():
        del whole[-1]
    if whole:
        whole[0] = replace(whole[0], text=whole[0].text.lstrip())
        whole[-1] = replace(whole[-1], text=whole[-1].text.rstrip())
        yield Block(tuple(whole), marker)


def _atoms(spans: tuple[Span, ...], limit: int, measure: Measure) -> Iterator[tuple[Span, ...]]:
    """Yield sentences where they fit the limit, else their words, else parts of a word."""
    for sentence in _sentences(list(_words(spans))):
        if measure.spans(span for word in sentence for span in word) <= limit:
            yield merged(span for word in sentence for span in word)
            continue
        for word in sentence:
            if measure.spans(word) <= limit:
                yield word
            else:
                yield from _parts(word, limit, measure)


def _words(spans: tuple[Span, ...]) -> Iterator[tuple[Span, ...]]:
    """Yield words with the white space after them; a word may run over several spans."""
    word: list[Span] = []
    for span in spans:
        for token in _TOKEN.findall(span.text):
            if word and word[-1].text[-1].isspace() and not token.isspace():
                yield tuple(word)
                word = []
            word.append(replace(span, text=token))
    if word:
        yield tuple(word)


def _sentences(words: list[tuple[Span, ...]]) -> Iterator[list[tuple[Span, ...]]]:
    """Yield the words of each sentence. Before a small letter or a digit no sentence begins."""
    sentence: list[tuple[Span, ...]] = []
    for place, word in enumerate(words):
        sentence.append(word)
        following = words[place + 1][0].text[0] if place + 1 < len(words) else ""
        ends = _SENTENCE_END.search("".join(span.text for span in word))
        if ends and not (following.islower() or following.isdigit()):
            yield sentence
            sentence = []
    if sentence:
        yield sentence


def _parts(word: tuple[Span, ...], limit: int, measure: Measure) -> Iterator[tuple[Span, ...]]:
    """Yield a word that is longer than a message in parts that fit; a cut link is plain text."""
    for span in word:
        if measure.spans((span,)) <= limit:
            yield (span,)
            continue
        rest = span.text
        while rest:
            head = measure.head(rest, limit - measure.bold * span.bold) or rest[0]
            yield (replace(span, text=head, link=False),)
            rest = rest[len(head) :]


def _belongs_together(before: str, after: str) -> bool:
    """Tell whether two characters show as one: combining marks, joined emoji, skin tones."""
    return (
        _JOINER in (before, after)
        or unicodedata.category(after) in {"Mn", "Me"}
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )
