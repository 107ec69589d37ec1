"""WhatsApp's templates: their words in content/whatsapp.yml, their states in the data folder.

What staff publish in the panel takes the place of the file's (`Templates.reword`).

Meta approves each wording by name and language, and sends nothing else to somebody who has not
written for a day. What is not known as approved is not used.
https://developers.facebook.com/documentation/business-messaging/whatsapp/templates/overview
"""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.channel import Payload
from bot.messages import Template
from content import FOLDER
from content.catalogue import LANGUAGES

DATA = FOLDER / "whatsapp.yml"
STATES = "whatsapp-templates.json"
APPROVED = "approved"

_GAP = re.compile(r"\{\{(\w+)\}\}")


class TemplatesError(Exception):
    """The templates cannot be read. The message says where and what to do."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One template in one of Meta's languages (`code`).

    `gaps` are the names of what fills it, in order; `examples` what Meta is shown in their place.
    `buttons` are pairs of words and the id of the choice that they stand for.
    """

    name: str
    code: str
    body: str
    gaps: tuple[str, ...]
    examples: tuple[str, ...]
    buttons: tuple[tuple[str, str], ...]

    @property
    def numbered(self) -> str:
        """The body as Meta keeps it, its gaps numbered."""
        numbers = {gap: str(number) for number, gap in enumerate(self.gaps, 1)}
        return _GAP.sub(lambda found: "{{" + numbers[found[1]] + "}}", self.body)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Text(_Strict):
    code: str = Field(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$")
    body: str = Field(min_length=1, max_length=1024)
    buttons: tuple[Annotated[str, Field(min_length=1, max_length=25)], ...] = ()


class _Entry(_Strict):
    name: str = Field(pattern=r"^[a-z0-9_]{1,512}$")
    examples: dict[str, str] = {}
    choices: tuple[Annotated[str, Field(min_length=1, max_length=128)], ...] = ()
    instead: dict[str, str] = {}
    texts: dict[str, _Text]


_FILE = TypeAdapter(dict[str, _Entry])

Wordings = Mapping[str, Mapping[str, Wording]]
"""What a template is for -> our language -> its wording."""


def read_wordings(path: Path = DATA) -> Wordings:
    """Read the file; raise `TemplatesError`."""
    try:
        entries = yaml.safe_load(path.read_bytes())
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise TemplatesError(f"{path.name} cannot be read: {error}. Correct it.") from None
    return wordings_of(entries, path.name)


def wordings_of(entries: object, name: str) -> Wordings:
    """Return the wordings that plain data in the shape of the file says; raise `TemplatesError`."""
    try:
        checked = _FILE.validate_python(entries)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        what = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise TemplatesError(f"{name} cannot be read: {what}. Correct it.") from None
    return {
        purpose: dict(_wordings(f"{name}, {purpose}", entry)) for purpose, entry in checked.items()
    }


def _wordings(where: str, entry: _Entry) -> Iterator[tuple[str, Wording]]:
    found = {}
    for language, text in entry.texts.items():
        gaps = tuple(dict.fromkeys(_GAP.findall(text.body)))
        for wrong, what in (
            (language not in LANGUAGES, "is none of the languages"),
            (set(gaps) != set(entry.examples), "does not have the gaps that `examples` names"),
            (text.body.startswith("{{") or text.body.endswith("}}"),
             "begins or ends with a gap, which Meta refuses"),
            (len(text.buttons) != len(entry.choices), "has not one button for each of `choices`"),
        ):  # fmt: skip
            if wrong:
                raise TemplatesError(f"{where}: the text in {language} {what}. Correct it.")
        found[language] = Wording(
            entry.name, text.code, text.body, gaps, tuple(entry.examples[gap] for gap in gaps),
            tuple(zip(text.buttons, entry.choices, strict=True)),
        )  # fmt: skip
    yield from found.items()
    for language, other in entry.instead.items():
        if other not in found or language not in LANGUAGES or language in found:
            raise TemplatesError(f"{where}: `instead` has no use for {language}. Correct it.")
        yield language, found[other]


class Templates:
    """The wordings, and which of them Meta has approved as far as this machine was told.

    The file of the states is looked at again whenever it has changed.
    """

    def __init__(self, folder: Path, wordings: Wordings | None = None) -> None:
        self._own = wordings if wordings is not None else read_wordings()
        self._published: Mapping[str, object] = {}
        self.wordings: Wordings = self._own
        self._file = folder / STATES
        self._stamp = -1
        self._states: dict[str, dict[str, str]] = {}

    def reword(self, published: Mapping[str, object]) -> None:
        """Use what staff have published of some templates; the others stay as they are.

        What cannot be used is left out: nothing goes out that Meta would refuse.
        """
        if published == self._published:
            return
        self._published = dict(published)
        found: dict[str, Mapping[str, Wording]] = dict(self._own)
        for purpose, entry in published.items():
            with suppress(TemplatesError):
                found |= wordings_of({purpose: entry}, "the database")
        self.wordings = found

    def approved(self, purpose: str, language: str) -> Wording | None:
        """Return the wording that may go out to whoever reads a language, or None."""
        wording = self.wordings.get(purpose, {}).get(language)
        if wording is None or self.state(wording) != APPROVED:
            return None
        return wording

    def languages(self, purpose: str) -> frozenset[str]:
        """Return the languages in which something may go out."""
        known = self.wordings.get(purpose, {})
        return frozenset(language for language in known if self.approved(purpose, language))

    def keep(self, states: Mapping[tuple[str, str], str]) -> None:
        """Keep what Meta says of each name and language."""
        kept: dict[str, dict[str, str]] = {}
        for (name, code), state in states.items():
            kept.setdefault(name, {})[code] = state
        new = self._file.with_suffix(".new")
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        new.write_text(json.dumps(kept, indent=2) + "\n", encoding="utf-8")
        new.replace(self._file)

    def state(self, wording: Wording) -> str:
        """Return what Meta said last of a wording; '' where nothing is known."""
        try:
            stamp = self._file.stat().st_mtime_ns
            if stamp != self._stamp:
                self._states, self._stamp = _states(self._file), stamp
        except OSError:
            return ""
        return self._states.get(wording.name, {}).get(wording.code, "")


def _states(file: Path) -> dict[str, dict[str, str]]:
    """Return the states in a file; none where it is damaged: then nothing counts as approved."""
    try:
        return TypeAdapter(dict[str, dict[str, str]]).validate_json(file.read_bytes())
    except ValueError:
        return {}


def payload(wording: Wording, template: Template) -> Payload:
    """Return the request body, without the recipient."""
    components: list[dict[str, Any]] = []
    if wording.gaps:
        # Meta refuses line breaks, tabs and runs of spaces in what fills a gap.
        values = [" ".join(template.values[gap].split()) for gap in wording.gaps]
        filled = [{"type": "text", "text": value} for value in values]
        components.append({"type": "body", "parameters": filled})
    components += [
        {
            "type": "button",
            "sub_type": "quick_reply",
            "index": str(index),
            "parameters": [{"type": "payload", "payload": choice}],
        }
        for index, (_, choice) in enumerate(wording.buttons)
    ]
    language = {"code": wording.code, "policy": "deterministic"}
    named = {"name": wording.name, "language": language, "components": components}
    return {"type": "template", "template": named}


def submission(wording: Wording) -> dict[str, Any]:
    """Return the body with which Meta is asked to approve a wording."""
    body: dict[str, Any] = {"type": "BODY", "text": wording.numbered}
    if wording.examples:
        body["example"] = {"body_text": [list(wording.examples)]}
    components = [body]
    if wording.buttons:
        buttons = [{"type": "QUICK_REPLY", "text": words} for words, _ in wording.buttons]
        components.append({"type": "BUTTONS", "buttons": buttons})
    named = {"name": wording.name, "language": wording.code}
    return {**named, "category": "UTILITY", "components": components}
