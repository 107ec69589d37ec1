"""A catalogue as the files of a content folder, in one stable form."""

import csv
import io
from typing import Any

import yaml

from content import encoding
from content.catalogue import Catalogue, Desk
from content.decoding import OFFICE_COLUMNS, PLACE_COLUMNS
from content.files import (
    DESK,
    HELP,
    NOTICES,
    OFFICES,
    PHRASES,
    PLACES,
    SCRUB,
    TOPICS,
    article_file,
    path_file,
)


class _Dumper(yaml.SafeDumper):
    """Writes blocks as blocks, short lists on one line. Pure Python: the same bytes everywhere."""

    def ignore_aliases(self, data: Any) -> bool:
        """Write equal values out each time."""
        return True


def _block(dumper: _Dumper, value: encoding.Block) -> yaml.Node:
    return dumper.represent_scalar("tag:yaml.org,2002:str", f"{value}\n", style="|")


def _row(dumper: _Dumper, value: encoding.Row) -> yaml.Node:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


_Dumper.add_representer(encoding.Block, _block)
_Dumper.add_representer(encoding.Row, _row)


def as_yaml(data: Any) -> bytes:
    """Return data as a YAML file."""
    text = yaml.dump(
        data, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1 << 20, indent=2
    )
    return text.encode()


def render_tree(catalogue: Catalogue) -> dict[str, bytes]:
    """Return the bytes of every file of a content folder, by its path."""
    files: dict[str, bytes] = {
        TOPICS: as_yaml([encoding.topic(t) for t in catalogue.topics.values()]),
        HELP: as_yaml(encoding.help_(catalogue.help)),
        OFFICES: _csv(OFFICE_COLUMNS, [encoding.office(o) for o in catalogue.offices]),
    }
    if catalogue.places:
        files[PLACES] = _csv(PLACE_COLUMNS, [encoding.district(d) for d in catalogue.places])
    if catalogue.desk != Desk():
        files[DESK] = as_yaml(encoding.roster(catalogue.desk))
    if catalogue.notice:
        files[NOTICES] = as_yaml(encoding.notice(catalogue.notice))
    if catalogue.phrases:
        files[PHRASES] = as_yaml([encoding.phrasing(p) for p in catalogue.phrases])
    if catalogue.scrub:
        files[SCRUB] = as_yaml(encoding.scrub(catalogue.scrub))
    for article in catalogue.articles.values():
        files[article_file(article.id)] = as_yaml(encoding.article(article))
        for lang, text in article.texts.items():
            files[article_file(article.id, lang)] = as_yaml(encoding.text(text, lang))
    for intent in catalogue.intents.values():
        files[f"intents/{intent.name}.yml"] = as_yaml(encoding.intent(intent))
    for card in catalogue.cards.values():
        files[f"emergency/{card.kind}.yml"] = as_yaml(encoding.card(card))
    for path in catalogue.paths.values():
        files[path_file(path.id)] = as_yaml(encoding.path(path))
    for lang, rules in catalogue.emergency_rules.items():
        files[f"emergency/rules/{lang}.yml"] = as_yaml(rules)
    return files


def _csv(columns: tuple[str, ...], rows: list[dict[str, str]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()
