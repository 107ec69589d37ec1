"""From values to plain data in the shape of the files, which the database keeps as well."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from itertools import chain, repeat
from types import MappingProxyType
from typing import Any

from content.catalogue import (
    LANGUAGES,
    SECTIONS,
    SOURCE_LANGUAGE,
    WEEKDAYS,
    Article,
    Card,
    Catalogue,
    Channel,
    Desk,
    District,
    End,
    Ground,
    Intent,
    Notice,
    Number,
    Office,
    Option,
    Path,
    Phrasing,
    Question,
    Text,
    Topic,
)


class Block(str):
    """A text of several lines, which files show as a block."""

    __slots__ = ()


class Row(list[Any]):
    """A short list, which files show on one line."""


def article(value: Article) -> dict[str, Any]:
    """Return an `article.yml`."""
    return {
        "id": value.id,
        "status": value.status.value,
        "audience": value.audience,
        "ask": value.ask,
        "related": Row(value.related),
        "emergency": value.emergency,
        "ground": [ground(g) for g in value.ground],
        "review_due": value.review_due.isoformat() if value.review_due else None,
        "valid_until": value.valid_until.isoformat() if value.valid_until else None,
        "owner": value.owner,
    }


def ground(value: Ground) -> dict[str, Any]:
    """Return an entry of `ground`."""
    return {
        "norm": value.norm,
        "source": value.source,
        "verified_on": value.verified_on,
        "supports": Row(value.supports),
    }


def text(value: Text, language: str) -> dict[str, Any]:
    """Return a `<language>.yml`."""
    data: dict[str, Any] = {"title": value.title, "label": value.label}
    if language == SOURCE_LANGUAGE:
        data["revision"] = value.revision
    else:
        data["translates"] = value.translates
    if value.pending_review:
        data["review"] = "pending"
    if value.sections:
        data["sections"] = {s: Block(value.sections[s]) for s in SECTIONS if s in value.sections}
    data["examples"] = list(value.examples)
    return data


def topic(value: Topic) -> dict[str, Any]:
    """Return an entry of `topics.yml`."""
    return {
        "id": value.id,
        "icon": value.icon,
        "name": _per_language(value.names),
        "description": _per_language(value.descriptions),
        "channel": _blocks(value.channel.text),
        "source": value.channel.source,
        "verified_on": value.channel.verified_on,
    }


def help_(value: Channel) -> dict[str, Any]:
    """Return `help.yml`."""
    return {
        "source": value.source,
        "verified_on": value.verified_on,
        "help": _blocks(value.text),
    }


def roster(value: Desk) -> dict[str, Any]:
    """Return `desk.yml`."""
    hours = {
        WEEKDAYS[day]: Row(f"{first:%H:%M}-{last:%H:%M}" for first, last in value.hours[day])
        for day in sorted(value.hours)
    }
    return {
        "source": value.source,
        "hours": hours,
        "closed": [day.isoformat() for day in sorted(value.closed)],
    }


def notice(value: Notice) -> dict[str, Any]:
    """Return `notices.yml`."""
    return {
        "text": _blocks(value.texts),
        "from": value.first.isoformat() if value.first else None,
        "until": value.last.isoformat() if value.last else None,
    }


def phrasing(value: Phrasing) -> dict[str, Any]:
    """Return an entry of `phrases.yml`."""
    return {"id": value.id, "msgid": value.msgid, "texts": _per_language(value.texts)}


def scrub(words: Iterable[str]) -> dict[str, Any]:
    """Return `scrub.yml`."""
    return {"words": list(words)}


def intent(value: Intent) -> dict[str, Any]:
    """Return an `intents/<name>.yml`."""
    examples = {lang: list(value.examples[lang]) for lang in _in_order(value.examples)}
    return {"intent": value.name, "examples": examples}


def card(value: Card) -> dict[str, Any]:
    """Return an `emergency/<kind>.yml`."""
    data: dict[str, Any] = {
        "kind": value.kind,
        "article": value.article,
        "label": _per_language(value.labels),
        "numbers": [number(n) for n in value.numbers],
        "title": _per_language(value.titles),
        "card": _blocks(value.texts),
    }
    if value.pending_review:
        data["review"] = dict.fromkeys(_in_order(value.pending_review), "pending")
    return data


def number(value: Number) -> dict[str, Any]:
    """Return an entry of a card's `numbers`."""
    return {
        "number": value.number,
        "service": value.service,
        "cost": value.cost or None,
        "hours": value.hours or None,
        "source": value.source,
        "verified_on": value.verified_on,
    }


def path(value: Path) -> dict[str, Any]:
    """Return a `paths/<id>.yml`."""
    data: dict[str, Any] = {
        "id": value.id,
        "title": _per_language(value.titles),
        "label": _per_language(value.labels),
        "first": value.first,
        "questions": [question(q) for q in value.questions.values()],
        "ends": [end(e) for e in value.ends.values()],
    }
    if value.pending_review:
        data["review"] = dict.fromkeys(_in_order(value.pending_review), "pending")
    return data


def question(value: Question) -> dict[str, Any]:
    """Return an entry of a path's `questions`."""
    options = [option(o) for o in value.options]
    return {"id": value.id, "text": _blocks(value.texts), "options": options}


def option(value: Option) -> dict[str, Any]:
    """Return an entry of a question's `options`."""
    data: dict[str, Any] = {"id": value.id, "label": _per_language(value.labels), "to": value.to}
    if value.entry is not None:
        data["entry"] = value.entry.value
    return data


def end(value: End) -> dict[str, Any]:
    """Return an entry of a path's `ends`."""
    data: dict[str, Any] = {"id": value.id}
    if value.emergency is not None:
        data["emergency"] = value.emergency
    if value.verdicts:
        data["verdict"] = _blocks(value.verdicts)
    if value.article is not None:
        data["article"] = value.article
    return data


def office(value: Office) -> dict[str, str]:
    """Return a row of `offices.csv`."""
    return {
        "kind": value.kind,
        "name": value.name,
        "region": value.region,
        "province": value.province,
        "district": value.district,
        "address": value.address,
        "latitude": "" if value.lat is None else repr(value.lat),
        "longitude": "" if value.lon is None else repr(value.lon),
        "precision": value.precision,
        "phone": value.phone,
        "hours": value.hours,
        "source_url": value.source,
        "source_date": value.source_date,
    }


def district(value: District) -> dict[str, str]:
    """Return a row of `places.csv`."""
    return {
        "ubigeo": value.ubigeo,
        "district": value.name,
        "province": value.province,
        "region": value.region,
        "latitude": repr(value.lat),
        "longitude": repr(value.lon),
        "precision": value.precision,
        "also": ";".join(value.also),
    }


def catalogue(  # noqa: PLR0913 - everything that is published has its own name
    *,
    articles: Iterable[Article],
    topics: Iterable[Topic],
    intents: Iterable[Intent],
    cards: Iterable[Card],
    paths: Iterable[Path],
    offices: Iterable[Office],
    help: Channel,
    emergency_rules: Mapping[str, Mapping[str, object]],
    places: Iterable[District] = (),
    desk: Desk = Desk(),  # noqa: B008 - a frozen value
    notice: Notice | None = None,
    phrases: Iterable[Phrasing] = (),
    scrubbed: Iterable[str] = (),
) -> Catalogue:
    """Put a catalogue together; its version is the SHA-256 of all of it as JSON."""
    by_id = MappingProxyType({a.id: a for a in articles})
    by_topic = MappingProxyType({t.id: t for t in topics})
    by_name = MappingProxyType({i.name: i for i in intents})
    by_kind = MappingProxyType({c.kind: c for c in cards})
    guided = MappingProxyType({p.id: p for p in paths})
    rows, districts = tuple(offices), tuple(places)
    rules = MappingProxyType({lang: emergency_rules[lang] for lang in _in_order(emergency_rules)})
    reworded, words = tuple(phrases), tuple(scrubbed)
    whole = {
        "articles": [
            [article(a), {lang: text(a.texts[lang], lang) for lang in _in_order(a.texts)}]
            for a in by_id.values()
        ],
        "topics": [topic(t) for t in by_topic.values()],
        "intents": [intent(i) for i in by_name.values()],
        "cards": [card(c) for c in by_kind.values()],
        "paths": [path(p) for p in guided.values()],
        "offices": [office(o) for o in rows],
        "help": help_(help),
        "rules": dict(rules),
        "places": [district(d) for d in districts],
        "desk": roster(desk),
        # What most have none of leaves no trace: their version is that of older programs.
        **({"notice": _notice(notice)} if notice else {}),
        **({"phrases": [phrasing(p) for p in reworded]} if reworded else {}),
        **({"scrub": list(words)} if words else {}),
    }
    return Catalogue(
        _version(whole), by_id, by_topic, by_name, by_kind, guided, rows, help, rules, desk,
        districts, notice, reworded, words,
    )  # fmt: skip


def _version(whole: Mapping[str, Any]) -> str:
    """Return the SHA-256 of all of it as JSON.

    It is written piece by piece: while one long text is written, no other thread works.
    """
    digest = hashlib.sha256()
    for first, (name, value) in zip(chain("{", repeat(", ")), whole.items(), strict=False):
        digest.update(f"{first}{json.dumps(name)}: ".encode())
        if isinstance(value, list):
            for comma, piece in zip(chain("[", repeat(", ")), value, strict=False):
                digest.update(f"{comma}{json.dumps(piece)}".encode())
            digest.update(b"]" if value else b"[]")
        else:
            digest.update(json.dumps(value).encode())
    digest.update(b"}")
    return digest.hexdigest()


def with_articles(value: Catalogue, articles: Iterable[Article]) -> Catalogue:
    """Return a catalogue with other articles, under a version of its own."""
    return catalogue(
        articles=articles,
        topics=value.topics.values(),
        intents=value.intents.values(),
        cards=value.cards.values(),
        paths=value.paths.values(),
        offices=value.offices,
        help=value.help,
        emergency_rules=value.emergency_rules,
        places=value.places,
        desk=value.desk,
        notice=value.notice,
        phrases=value.phrases,
        scrubbed=value.scrub,
    )


_notice = notice  # `catalogue` has a parameter of that name


def _in_order(languages: Iterable[str]) -> list[str]:
    """Sort languages as everywhere, unknown ones last."""
    known = {lang: index for index, lang in enumerate(LANGUAGES)}
    return sorted(languages, key=lambda lang: (known.get(lang, len(known)), lang))


def _per_language(texts: Mapping[str, str]) -> dict[str, str]:
    return {lang: texts[lang] for lang in _in_order(texts)}


def _blocks(texts: Mapping[str, str]) -> dict[str, Block]:
    return {lang: Block(texts[lang]) for lang in _in_order(texts)}
