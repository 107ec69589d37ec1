"""The content folder as one value, read whole with every fault and where each value stands."""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from content import decoding, encoding
from content.catalogue import (
    LANGUAGES,
    Article,
    Catalogue,
    Channel,
    Desk,
    District,
    Intent,
    Notice,
    Phrasing,
    Text,
    Topic,
)
from content.cursor import Cursor
from content.decoding import NAME, OFFICE_COLUMNS, PLACE_COLUMNS, SLUG
from content.faults import Fault
from content.folder import Folder
from content.glossary import Glossary, decoded
from content.sheets import Place, Sheet, parse

TOPICS, HELP, OFFICES, PLACES = "topics.yml", "help.yml", "offices.csv", "places.csv"
DESK = "desk.yml"
GLOSSARY = "glossary.yml"
NOTICES, PHRASES, SCRUB = "notices.yml", "phrases.yml", "scrub.yml"


@dataclass(frozen=True, slots=True)
class Tree:
    """What a content folder holds, as far as it can be read, and what is wrong with its form.

    `lines` gives, per file, the line of each value, for whoever checks the meaning. The glossary is
    empty where the folder has none.
    """

    catalogue: Catalogue
    faults: tuple[Fault, ...]
    lines: Mapping[str, Mapping[Place, int]]
    glossary: Glossary = field(default_factory=Glossary)

    def line(self, file: str, *path: str | int) -> int:
        """Return the line of a value, or of what is around it, or 1."""
        return Sheet(file, lines=self.lines.get(file, {})).line(path)


def article_file(article: str, name: str = "article") -> str:
    """Return the path of an article's file; `name` is 'article' or a language."""
    return f"articles/{article}/{name}.yml"


def path_file(path: str) -> str:
    """Return the file of a guided path."""
    return f"paths/{path}.yml"


def read_tree(root: Path) -> Tree:
    """Read a content folder; whatever is wrong becomes a fault of the tree."""
    return _Reader(Folder(root)).tree()


class _Reader:
    """Reads file after file and gathers lines and faults."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._faults: list[Fault] = []
        self._lines: dict[str, Mapping[Place, int]] = {}

    def tree(self) -> Tree:
        topics = self._topics()
        order = {topic.id: index for index, topic in enumerate(topics)}
        articles = sorted(
            self._articles(), key=lambda a: (order.get(a.topic, len(order)), a.topic, a.id)
        )
        help_ = self._cursor(HELP)
        catalogue = encoding.catalogue(
            articles=articles,
            topics=topics,
            intents=self._intents(),
            cards=[
                decoding.card(cursor)
                for name in self._named("emergency", but=("rules",))
                if (cursor := self._named_cursor("emergency", name, "kind"))
            ],
            paths=[
                decoding.path(cursor)
                for name in self._named("paths")
                if (cursor := self._named_cursor("paths", name, "id"))
            ],
            offices=[decoding.office(row) for row in self._rows(OFFICES, OFFICE_COLUMNS)],
            places=self._places(),
            help=decoding.help_(help_) if help_ else Channel(MappingProxyType({}), "", None),
            emergency_rules=self._rules(),
            desk=self._desk(),
            notice=self._notice(),
            phrases=self._phrases(),
            scrubbed=self._scrub(),
        )
        glossary = self._glossary()
        faults = tuple(self._folder.faults + self._faults)
        return Tree(catalogue, faults, self._lines, glossary)

    def _cursor(self, file: str, *, typed: bool = False) -> Cursor | None:
        data = self._folder.read(file)
        return None if data is None else self._keep(parse(file, data, typed=typed))

    def _keep(self, sheet: Sheet) -> Cursor | None:
        self._lines[sheet.file] = sheet.lines
        unreadable = sheet.value is None and bool(sheet.faults)
        self._faults_of(sheet)
        return None if unreadable else Cursor(sheet, sheet.value)

    def _faults_of(self, sheet: Sheet) -> None:
        # The sheet goes on writing into the tree's own list while it is decoded.
        self._faults.extend(sheet.faults)
        sheet.faults = self._faults

    def _named(self, folder: str, but: tuple[str, ...] = ()) -> list[str]:
        """Return the stems of the YAML files of a folder."""
        stems = []
        for name in self._folder.names(folder):
            stem, dot, ending = name.rpartition(".")
            if dot and ending == "yml" and NAME.fullmatch(stem):
                stems.append(stem)
            elif name not in but:
                self._folder.unknown(f"{folder}/{name}")
        return stems

    def _named_cursor(self, folder: str, name: str, key: str) -> Cursor | None:
        """Open a file that says its own name in one of its keys."""
        cursor = self._cursor(f"{folder}/{name}.yml")
        return cursor and _renamed(cursor, key, name)

    def _glossary(self) -> Glossary:
        # For writers, not for readers: what is published does without, and so does an export.
        cursor = self._cursor(GLOSSARY) if self._folder.has(GLOSSARY) else None
        return decoded(cursor) if cursor else Glossary()

    def _desk(self) -> Desk:
        # A folder may do without, as those of older versions do: then nobody answers.
        cursor = self._cursor(DESK) if self._folder.has(DESK) else None
        return decoding.roster(cursor) if cursor else Desk()

    def _optional(self, file: str) -> Cursor | None:
        return self._cursor(file) if self._folder.has(file) else None

    def _notice(self) -> Notice | None:
        cursor = self._optional(NOTICES)
        return decoding.notice(cursor) if cursor else None

    def _phrases(self) -> list[Phrasing]:
        cursor = self._optional(PHRASES)
        return [decoding.phrasing(item) for item in cursor.items()] if cursor else []

    def _scrub(self) -> tuple[str, ...]:
        cursor = self._optional(SCRUB)
        return decoding.scrub(cursor) if cursor else ()

    def _topics(self) -> list[Topic]:
        cursor = self._cursor(TOPICS)
        topics: dict[str, Topic] = {}
        for item in cursor.items() if cursor else ():
            topic = decoding.topic(item)
            if topic.id and not SLUG.fullmatch(topic.id):
                what = f"`{topic.id[:40]}` cannot be a topic."
                item.at("id").fault(what, "Use lower-case letters, digits and single hyphens.")
            elif topic.id in topics:
                item.at("id").fault(f"The topic `{topic.id}` appears twice.", "Remove one.")
            elif topic.id:
                topics[topic.id] = topic
        return list(topics.values())

    def _articles(self) -> Iterable[Article]:
        for topic in self._folder.names("articles"):
            for slug in self._sub_folders(f"articles/{topic}"):
                identity = f"{topic}/{slug}"
                if not (SLUG.fullmatch(topic) and SLUG.fullmatch(slug)):
                    what = "The folder's name cannot be part of an id."
                    remedy = "Use lower-case letters, digits and single hyphens."
                    self._folder.fault(f"articles/{identity}", what, remedy)
                    continue
                texts = self._texts(identity)
                if cursor := self._cursor(article_file(identity)):
                    yield decoding.article(_renamed(cursor, "id", identity), texts)

    def _sub_folders(self, relative: str) -> Iterable[str]:
        if not self._folder.is_folder(relative):
            self._folder.unknown(relative)
            return
        for name in self._folder.names(relative):
            if self._folder.is_folder(f"{relative}/{name}"):
                yield name
            else:
                self._folder.unknown(f"{relative}/{name}")

    def _texts(self, article: str) -> dict[str, Text]:
        texts: dict[str, Text] = {}
        for name in self._named(f"articles/{article}"):
            if name in LANGUAGES:
                if cursor := self._cursor(article_file(article, name)):
                    texts[name] = decoding.text(cursor, name)
            elif name != "article":
                self._folder.unknown(article_file(article, name))
        return texts

    def _intents(self) -> Iterable[Intent]:
        for name in self._named("intents"):
            if cursor := self._named_cursor("intents", name, "intent"):
                yield decoding.intent(cursor)

    def _rules(self) -> dict[str, Mapping[str, object]]:
        rules: dict[str, Mapping[str, object]] = {}
        for name in self._named("emergency/rules"):
            file = f"emergency/rules/{name}.yml"
            if name not in LANGUAGES:
                self._folder.unknown(file)
            elif cursor := self._cursor(file, typed=True):
                if isinstance(cursor.value, dict):
                    rules[name] = cursor.value
                else:
                    cursor.fault("The rules are not `key: value` lines.", "Follow another file.")
        return rules

    def _places(self) -> Iterable[District]:
        # A folder may do without: places are then those that the directory of offices names.
        rows = self._rows(PLACES, PLACE_COLUMNS) if self._folder.has(PLACES) else ()
        return [decoding.district(row) for row in rows]

    def _rows(self, file: str, columns: tuple[str, ...]) -> Iterable[Cursor]:
        data = self._folder.read(file)
        cursor = None if data is None else self._keep(_read_csv(file, data, columns))
        return cursor.items() if cursor else ()


def _renamed(cursor: Cursor, key: str, name: str) -> Cursor:
    """Return the cursor with the name that its file has, with a fault if it says another."""
    if isinstance(cursor.value, dict) and cursor.value.get(key, name) != name:
        cursor.at(key).fault(f"`{key}` is not the file's own name.", f"Write `{key}: {name}`.")
    return Cursor(cursor.sheet, {**cursor.value, key: name}) if cursor.has(key) else cursor


def _read_csv(file: str, data: bytes, columns: tuple[str, ...]) -> Sheet:
    """Read a table with a header; each row becomes a mapping of texts."""
    sheet = Sheet(file)
    rows: list[dict[str, str]] = []
    lines: dict[Place, int] = {(): 1}
    sheet.lines = lines
    try:
        reader = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True)
        header = next(reader, [])
        if sorted(header) != sorted(columns):
            what = "The columns are not those of this table."
            sheet.fault((), what, f"The first line must be: {','.join(columns)}")
            return sheet
        for row in reader:
            lines[(len(rows),)] = reader.line_num
            if len(row) == len(header):
                rows.append(dict(zip(header, row, strict=True)))
            elif row:
                what = f"The row has {len(row)} columns in place of {len(header)}."
                sheet.fault((len(rows),), what, "Put texts that hold commas in double quotes.")
    except (UnicodeDecodeError, csv.Error) as error:
        kind = "UTF-8" if isinstance(error, UnicodeDecodeError) else "valid CSV"
        sheet.fault((len(rows) - 1,), f"The file is not {kind} after this row.", "Save it anew.")
        return sheet
    sheet.value = rows
    return sheet
