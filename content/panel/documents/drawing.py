"""A guided path as an outline and as a drawing of its tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

_MOST_LINES = 400
_WIDE, _HIGH, _GAP = 440, 46, 10
_STEP = 44
_LONGEST = 56


@dataclass(frozen=True, slots=True)
class Node:
    """A question or an end on a way through a path.

    `option` is what leads there; `again`: it stands, with what follows, further above.
    `end`: '' for a question, else 'end' or 'missing'.
    """

    id: str
    level: int
    option: str
    text: str
    end: str
    again: bool
    parent: int


def outline(body: Mapping[str, Any]) -> list[Node]:
    """Return the questions and ends in the order of the ways through a path, each with its level.

    Any draft can be drawn: circles and missing targets too.
    """
    questions = {q.get("id", ""): q for q in body.get("questions") or ()}
    ends = {e.get("id", ""): e for e in body.get("ends") or ()}
    found: list[Node] = []
    opened: set[str] = set()
    ahead: list[tuple[str, int, str, int]] = [(str(body.get("first", "")), 0, "", -1)]
    while ahead and len(found) < _MOST_LINES:
        name, level, option, parent = ahead.pop()
        question, end = questions.get(name), ends.get(name)
        again = name in opened and question is not None
        if question is not None:
            words, kind = question.get("text", {}).get("es", ""), ""
        else:
            words, kind = _end_words(end), "end" if end is not None else "missing"
        found.append(Node(name, level, option, words or name, kind, again, parent))
        if question is None or again:
            continue
        opened.add(name)
        here = len(found) - 1
        for one in reversed(question.get("options") or []):
            label = one.get("label", {}).get("es", "") or one.get("id", "")
            ahead.append((one.get("to", ""), level + 1, label, here))
    return found


def _end_words(end: Mapping[str, Any] | None) -> str:
    if end is None:
        return ""
    verdict = str(end.get("verdict", {}).get("es", "")).replace("**", "").replace("\n", " ")
    parts = (end.get("emergency"), verdict, end.get("article"))
    return " · ".join(str(part) for part in parts if part)


def tree_picture(body: Mapping[str, Any]) -> Markup:
    """Draw the tree as SVG, one line for each question and end; hidden from screen readers.

    The nested list beside it says the same.
    """
    nodes = outline(body)
    if not nodes:
        return Markup("")
    high = len(nodes) * (_HIGH + _GAP) + _GAP
    wide = (max(node.level for node in nodes) + 1) * _STEP - (_STEP - _WIDE) + 2 * _GAP
    parts = [
        Markup('<svg class="tree" viewBox="0 0 {} {}" width="{}" height="{}" aria-hidden="true">')
        .format(wide, high, wide, high)
    ]  # fmt: skip
    parts += [_line(nodes, index) for index, node in enumerate(nodes) if node.parent >= 0]
    parts += [_box(node, index) for index, node in enumerate(nodes)]
    return Markup("").join((*parts, Markup("</svg>")))


def _place(node: Node, index: int) -> tuple[int, int]:
    return _GAP + node.level * _STEP, _GAP + index * (_HIGH + _GAP)


def _line(nodes: list[Node], index: int) -> Markup:
    node = nodes[index]
    left, top = _place(nodes[node.parent], node.parent)
    right, down = _place(node, index)
    start = left + 20
    return Markup('<path d="M{} {}V{}H{}"/>').format(
        start, top + _HIGH, down + _HIGH // 2, right
    )  # fmt: skip


def _box(node: Node, index: int) -> Markup:
    left, top = _place(node, index)
    kind = "again" if node.again else node.end or "question"
    box = Markup('<g class="{}"><rect x="{}" y="{}" width="{}" height="{}" rx="6"/>').format(
        kind, left, top, _WIDE, _HIGH
    )
    first = Markup('<text class="by" x="{}" y="{}">{}</text>').format(
        left + 8, top + 17, _short(node.option or "▶")
    )
    second = Markup('<text x="{}" y="{}">{}</text></g>').format(
        left + 8, top + 35, _short(("↑ " if node.again else "") + node.text)
    )
    return box + first + second


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
