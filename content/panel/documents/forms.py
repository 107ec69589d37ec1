"""Forms of structured contents, described once: read, rearranged and compared by the description.

The fields of a body are named by where they stand: `questions.0.options.2.label.es`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from multidict import MultiDict, MultiMapping

from content.catalogue import LANGUAGES
from content.sheets import tidy

KEPT, NULL, OMITTED = "kept", "null", "omitted"
"""What an empty field becomes: '', null, or nothing at all."""

MOST_ROWS = 400
MOST_IN_ALL = 1000


@dataclass(frozen=True, slots=True)
class Words:
    """One text. `source` names the list of choices of a select; `limit` 0 is none."""

    key: str
    label: str
    hint: str = ""
    limit: int = 0
    long: bool = False
    empty: str = KEPT
    source: str = ""
    type: str = "text"
    shape: str = field(default="words", init=False)


@dataclass(frozen=True, slots=True)
class Tongues:
    """One text in every language."""

    key: str
    label: str
    hint: str = ""
    limit: int = 0
    long: bool = False
    empty: str = KEPT
    shape: str = field(default="tongues", init=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """The translations that no speaker has read."""

    key: str
    label: str
    hint: str = ""
    empty: str = OMITTED
    shape: str = field(default="unread", init=False)


@dataclass(frozen=True, slots=True)
class Lines:
    """Several texts: one a line or, where they are short, with commas between."""

    key: str
    label: str
    hint: str = ""
    commas: bool = False
    empty: str = KEPT
    shape: str = field(default="lines", init=False)


@dataclass(frozen=True, slots=True)
class Group:
    """Fields that belong together."""

    key: str
    label: str
    fields: "tuple[Field, ...]"
    hint: str = ""
    empty: str = KEPT
    shape: str = field(default="group", init=False)


@dataclass(frozen=True, slots=True)
class Rows:
    """Entries of one kind, in an order. `prefix` begins the id of a new one, '' if it has none."""

    key: str
    label: str
    one: str
    fields: "tuple[Field, ...]"
    hint: str = ""
    fewest: int = 0
    prefix: str = ""
    empty: str = KEPT
    shape: str = field(default="rows", init=False)


Field: TypeAlias = Words | Tongues | Unread | Lines | Group | Rows
Body: TypeAlias = dict[str, Any]


def read(
    fields: Sequence[Field],
    sent: MultiMapping[str],
    base: Mapping[str, Any],
    prefix: str = "",
    left: list[int] | None = None,
) -> Body:
    """Return the body that a form says; what no field shows stays as in `base`.

    `left` holds how many rows may still be made: rows within rows would multiply.
    """
    body, left = dict(base), [MOST_IN_ALL] if left is None else left
    for one in fields:
        value = _value(one, sent, base.get(one.key), f"{prefix}{one.key}", left)
        if value or one.empty == KEPT:
            body[one.key] = value
        elif one.empty == NULL:
            body[one.key] = None
        else:
            body.pop(one.key, None)
    return body


def _value(one: Field, sent: MultiMapping[str], base: Any, name: str, left: list[int]) -> Any:
    match one:
        case Words():
            text = tidy(sent.get(name, ""))
            return text if one.long else " ".join(text.split())
        case Tongues():
            texts = {lang: tidy(sent.get(f"{name}.{lang}", "")) for lang in LANGUAGES}
            if not one.long:
                texts = {lang: " ".join(text.split()) for lang, text in texts.items()}
            return {lang: text for lang, text in texts.items() if text}
        case Unread():
            return {lang: "pending" for lang in LANGUAGES if sent.get(f"{name}.{lang}")}
        case Lines():
            text = tidy(sent.get(name, ""))
            parts = text.replace(",", "\n").split("\n") if one.commas else text.split("\n")
            return [clean for part in parts if (clean := " ".join(part.split()))]
        case Group():
            inner = base if isinstance(base, dict) else {}
            return read(one.fields, sent, inner, f"{name}.", left)
        case Rows():
            count = sent.get(f"{name}.count", "0")
            rows = int(count) if count.isascii() and count.isdigit() and len(count) < 5 else 0
            rows = min(rows, MOST_ROWS, left[0])
            left[0] -= rows
            return [read(one.fields, sent, {}, f"{name}.{index}.", left) for index in range(rows)]


def rearrange(fields: Sequence[Field], body: Body, wish: str) -> str:
    """Add, delete or move a row: 'add:<rows>', 'drop:<row>', 'up:<row>', 'down:<row>'.

    Return the name of the row to look at next; '' where the wish names nothing that can be done.
    """
    act, _, name = wish.partition(":")
    parts = name.split(".")
    index = -1
    if act in ("drop", "up", "down"):
        if not (parts[-1].isascii() and parts[-1].isdigit()):
            return ""
        index = int(parts.pop()[:4])
    found = _rows(fields, body, parts)
    if found is None:
        return ""
    kind, rows = found
    where = ".".join(parts)
    if act == "add" and len(rows) < MOST_ROWS:
        blank = read(kind.fields, MultiDict(), {})
        rows.append(blank | ({"id": _free(kind.prefix, body)} if kind.prefix else {}))
        return f"{where}.{len(rows) - 1}"
    if not 0 <= index < len(rows):
        return ""
    if act == "drop" and len(rows) > kind.fewest:
        del rows[index]
        return f"{where}.{max(0, index - 1)}"
    other = index + {"up": -1, "down": 1}.get(act, 0)
    if act in ("up", "down") and 0 <= other < len(rows):
        rows[index], rows[other] = rows[other], rows[index]
        return f"{where}.{other}"
    return ""


def _rows(
    fields: Sequence[Field], body: Any, parts: Sequence[str]
) -> tuple[Rows, list[Any]] | None:
    ahead = list(parts)
    while ahead and isinstance(body, dict):
        one = next((f for f in fields if f.key == ahead[0]), None)
        ahead.pop(0)
        if isinstance(one, Group):
            fields, body = one.fields, body.get(one.key)
        elif isinstance(one, Rows):
            rows = body.setdefault(one.key, [])
            if not ahead:
                return one, rows
            index = ahead.pop(0)
            if not (index.isascii() and index.isdigit()) or int(index[:4]) >= len(rows):
                return None
            fields, body = one.fields, rows[int(index[:4])]
        else:
            return None
    return None


def _free(prefix: str, body: Any) -> str:
    taken = set(_ids(body))
    return next(name for n in range(1, len(taken) + 2) if (name := f"{prefix}-{n}") not in taken)


def _ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("id"), str):
            yield value["id"]
        for inner in value.values():
            yield from _ids(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids(inner)


Step: TypeAlias = str | int
"""One part of where a text stands: a label, a language code, or the number of a row from 1."""


@dataclass(frozen=True, slots=True)
class Said:
    """One text of a body. `key` is the same in two versions; `where` is for people."""

    key: str
    where: tuple[Step, ...]
    text: str


def said(fields: Sequence[Field], body: Any) -> Iterator[Said]:
    """Go through all texts of a body, in the order of its form."""
    yield from _said(fields, body if isinstance(body, dict) else {}, "", ())


def _said(
    fields: Sequence[Field], body: Mapping[str, Any], key: str, where: tuple[Step, ...]
) -> Iterator[Said]:
    for one in fields:
        value, inner, named = body.get(one.key), f"{key}{one.key}", (*where, one.label)
        if not value:
            continue
        match one:
            case Words():
                yield Said(inner, named, str(value))
            case Tongues():
                for language in LANGUAGES:
                    if value.get(language):
                        yield Said(f"{inner}.{language}", (*named, language), value[language])
            case Unread():
                yield Said(inner, named, ", ".join(lang for lang in LANGUAGES if lang in value))
            case Lines():
                yield Said(inner, named, "\n".join(map(str, value)))
            case Group():
                yield from _said(one.fields, value, f"{inner}.", named)
            case Rows():
                for index, row in enumerate(value):
                    own = row.get("id") or index
                    yield from _said(
                        one.fields, row, f"{inner}.{own}.", (*where, one.one, index + 1)
                    )


@dataclass(frozen=True, slots=True)
class Change:
    """A text that two versions say differently; '' where one does not have it."""

    where: tuple[Step, ...]
    before: str
    after: str


def changes(fields: Sequence[Field], before: Any, after: Any) -> list[Change]:
    """Return what differs between two bodies, in the order of the newer one."""
    old = {one.key: one for one in said(fields, before)}
    new = {one.key: one for one in said(fields, after)}
    found = [
        Change(one.where, old[key].text if key in old else "", one.text)
        for key, one in new.items()
        if key not in old or old[key].text != one.text
    ]
    return found + [Change(one.where, one.text, "") for key, one in old.items() if key not in new]
