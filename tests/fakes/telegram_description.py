"""A checker of every outgoing Telegram call against the description in tests/payloads."""

import contextlib
import html
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from telegram.request import RequestData

from bot.telegram.http import TelegramRequest

_FILE = Path(__file__).parent.parent / "payloads" / "telegram-bot-api.json"
_LENGTH = re.compile(r"(\d+)-(\d+) (characters|bytes)", re.IGNORECASE)
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_CONSTANT = re.compile(r"must be \W?(\w+)")
_TAG = re.compile(r"<[^>]*>")


@cache
def description() -> dict[str, Any]:
    """Return the description, its methods by their names in small letters."""
    spec: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return {**spec, "methods": {name.lower(): m for name, m in spec["methods"].items()}}


def faults(method: str, given: dict[str, Any]) -> list[str]:
    """Return what is wrong with a call: names of fields and reasons, no values."""
    known = description()["methods"].get(method.lower())
    if known is None:
        return [f"{method}: unknown method"]
    plain = dict(given)
    if "parse_mode" in plain and "text" in plain:
        # Lengths count "after entities parsing".
        plain["text"] = html.unescape(_TAG.sub("", plain["text"]))
    if method.lower() == "setmycommands":
        names = [str(command.get("command")) for command in given["commands"]]
        if wrong := [name for name in names if not _COMMAND.fullmatch(name)]:
            return [f"{method}: {len(wrong)} names are not of a-z, 0-9 and _"]
    return _object_faults(method, known.get("fields", []), plain)


def wire_faults(method: str, given: dict[str, str]) -> list[str]:
    """Return what is wrong with a call as it goes over the line, where every value is a text."""
    known = description()["methods"].get(method.lower(), {})
    kinds = {field["name"]: field["types"] for field in known.get("fields", [])}
    decoded: dict[str, Any] = {}
    for name, value in given.items():
        decoded[name] = value
        if "String" not in kinds.get(name, ["String"]):
            with contextlib.suppress(ValueError):
                decoded[name] = json.loads(value)
    return faults(method, decoded)


class CheckedRequest(TelegramRequest):
    """The HTTP side of a `Bot`; adds what the description says against a call to `found`."""

    def __init__(self, found: list[str], **options: Any) -> None:
        super().__init__(**options)
        self._found = found

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, **options: Any
    ) -> tuple[int, bytes]:
        if "/file/bot" in url:  # a file, no method
            return await super().do_request(url, method, request_data, **options)
        name, _, query = url.rpartition("/")[2].partition("?")
        given = {field: json.loads(value) for field, value in parse_qsl(query)}
        self._found += faults(name, given | (request_data.parameters if request_data else {}))
        return await super().do_request(url, method, request_data, **options)


def _object_faults(where: str, fields: list[dict[str, Any]], given: dict[str, Any]) -> list[str]:
    by_name = {field["name"]: field for field in fields}
    wrong = [f"{where}.{name}: unknown field" for name in given.keys() - by_name.keys()]
    for name, field in by_name.items():
        if name not in given:
            wrong += [f"{where}.{name}: missing"] if field["required"] else []
            continue
        value = given[name]
        if not any(_is_of(value, kind) for kind in field["types"]):
            wrong.append(f"{where}.{name}: none of {field['types']}")
        wrong += _length_faults(f"{where}.{name}", field["description"], value)
        for kind in field["types"]:
            wrong += _nested_faults(f"{where}.{name}", kind, value)
    return wrong


def _nested_faults(where: str, kind: str, value: object) -> list[str]:
    if kind.startswith("Array of "):
        items = value if isinstance(value, list) else []
        inner = kind.removeprefix("Array of ")
        return [fault for item in items for fault in _nested_faults(where, inner, item)]
    known = description()["types"].get(kind, {})
    if isinstance(value, dict) and "subtypes" in known:
        # It is that of the subtypes which has least against it.
        return min((_subtype_faults(where, one, value) for one in known["subtypes"]), key=len)
    fields = known.get("fields")
    if fields is None or not isinstance(value, dict):
        return []
    # One field may take any of several types; only that whose required fields are there applies.
    required = {field["name"] for field in fields if field["required"]}
    return _object_faults(where, fields, value) if required <= value.keys() else []


def _subtype_faults(where: str, kind: str, value: dict[str, Any]) -> list[str]:
    """Return what is wrong with an object of exactly this type, its constant `type` included."""
    fields = description()["types"][kind].get("fields", [])
    constant = next(
        (_CONSTANT.search(f["description"]) for f in fields if f["name"] == "type"), None
    )
    if constant and value.get("type") != constant[1]:
        return [f"{where}.type: not {constant[1]}"] * 100
    return _object_faults(where, fields, value)


def _length_faults(where: str, text: str, value: object) -> list[str]:
    found = _LENGTH.search(text)
    if found is None or not isinstance(value, str):
        return []
    encoded = value.encode("utf-8" if found[3].lower() == "bytes" else "utf-16-le")
    length = len(encoded) if found[3].lower() == "bytes" else len(encoded) // 2
    if int(found[1]) <= length <= int(found[2]):
        return []
    return [f"{where}: {length} {found[3]}, not {found[1]}-{found[2]}"]


def _is_of(value: object, kind: str) -> bool:
    match kind:
        case "Integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "Float":
            return isinstance(value, int | float)
        case "String":
            return isinstance(value, str)
        case "Boolean" | "True":
            return isinstance(value, bool)
        case _ if kind.startswith("Array of "):
            inner = kind.removeprefix("Array of ")
            return isinstance(value, list) and all(_is_of(item, inner) for item in value)
        case _:
            return isinstance(value, dict)
