"""A small content folder without any fault, as a value, and ways to write and spoil it."""

import pathlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, time
from types import MappingProxyType

from content import encoding
from content.catalogue import (
    LANGUAGES,
    Article,
    Card,
    Catalogue,
    Channel,
    Desk,
    District,
    End,
    Entry,
    Ground,
    Intent,
    Number,
    Office,
    Option,
    Path,
    Question,
    Status,
    Text,
    Topic,
)
from content.rendering import render_tree

TODAY = date(2026, 11, 23)
SOURCE = "https://example.org/ley"


def everywhere(words: str) -> Mapping[str, str]:
    """Return words that differ per language, in all six."""
    return MappingProxyType({lang: f"{words} {lang}" for lang in LANGUAGES})


def text(name: str, language: str, sections: Mapping[str, str], *, revision: int = 1) -> Text:
    """Return a text with enough examples; ht and qu wait for a speaker."""
    return Text(
        title=f"Título de {name} ({language})",
        label=f"{name[:14]} {language}",
        sections=MappingProxyType(dict(sections)),
        examples=tuple(f"{name} pregunta {language} {number}" for number in range(20)),
        revision=revision if language == "es" else 1,
        translates=revision,
        pending_review=language in ("ht", "qu"),
    )


def article(
    article_id: str,
    related: tuple[str, ...],
    sections: Mapping[str, str] | None = None,
    *,
    revision: int = 1,
) -> Article:
    """Return a published article, or an unwritten one if it has no sections."""
    name = article_id.partition("/")[2]
    written = sections or {}
    return Article(
        id=article_id,
        status=Status.PUBLISHED if written else Status.UNWRITTEN,
        audience="migrant",
        ask=f"¿{name}?",
        texts=MappingProxyType(
            {lang: text(name, lang, written, revision=revision) for lang in LANGUAGES}
        ),
        related=related,
        emergency="medical" if written else None,
        ground=(Ground("Ley 1, art. 2", SOURCE, "2025-12-21", tuple(written)),) if written else (),
        review_due=date(2027, 2, 28) if written else None,
    )


def topic(topic_id: str) -> Topic:
    """Return a topic."""
    channel = Channel(everywhere("Llame al **113**.\n\nGratis"), SOURCE, "2025")
    return Topic(topic_id, "🏥", everywhere(topic_id), everywhere(f"De {topic_id}"), channel)


def intent(name: str) -> Intent:
    """Return an intent with enough examples, some of which are words of YAML."""
    said = {
        lang: ("no", "null", "106", *(f"{name} {lang} {number}" for number in range(20)))
        if name == "deny"
        else tuple(f"{name} {lang} {number}" for number in range(20))
        for lang in LANGUAGES
    }
    return Intent(name, MappingProxyType(said))


CARD = Card(
    kind="medical",
    article="health/access",
    labels=everywhere("Emergencia"),
    numbers=(
        Number("106", "SAMU: ambulancia", "gratis", "24 horas", SOURCE, "2025-12"),
        Number("0800-15-170", "Defensoría", "", "", SOURCE, None),
    ),
    titles=everywhere("Emergencia"),
    texts=everywhere("**Llame al 106.**\n\n- Diga dónde está."),
    pending_review=frozenset({"ht", "qu"}),
)

WARNING = {
    "es": "Puede haber expulsión. Antes: Defensa Pública, 0800-15-170.",
    "en": "It can lead to expulsion. First: Defensa Pública, 0800-15-170.",
    "pt": "Pode haver expulsão. Antes: Defensa Pública, 0800-15-170.",
    "fr": "Il peut y avoir expulsion. Avant : Defensa Pública, 0800-15-170.",
    "ht": "Sa ka mennen nan ekspilsyon. Anvan: Defensa Pública, 0800-15-170.",
    "qu": "Qarqusqa kawaq. Ñawpaqta: Defensa Pública, 0800-15-170.",
}

QUESTIONS = (
    Question(
        "entry",
        everywhere("¿Pasó por control?"),
        (
            Option("yes", everywhere("Sí"), "danger", Entry.CONTROLLED),
            Option("no", everywhere("No"), "warned", Entry.OPEN),
            Option("unsaid", everywhere("No digo"), "warned", Entry.OPEN),
        ),
    ),
    Question(
        "danger",
        everywhere("¿Hay peligro?"),
        (
            Option("yes", everywhere("Sí"), "card"),
            Option("no", everywhere("No"), "overview"),
        ),
    ),
)

ENDS = (
    End("warned", MappingProxyType(WARNING), "health/access"),
    End("card", emergency="medical"),
    End("overview", everywhere("**Lea** sus derechos.\n\n- Uno"), "rights/overview"),
)


def path(
    *, questions: tuple[Question, ...] = QUESTIONS, ends: tuple[End, ...] = ENDS, **changes: object
) -> Path:
    """Return a guided path with a question on her entry, without any fault."""
    values: dict[str, object] = {
        "id": "which-way",
        "titles": everywhere("¿Qué me toca?"),
        "labels": everywhere("Camino"),
        "first": "entry",
        "questions": MappingProxyType({q.id: q for q in questions}),
        "ends": MappingProxyType({e.id: e for e in ends}),
        "pending_review": frozenset({"ht", "qu"}),
        **changes,
    }
    return Path(**values)  # type: ignore[arg-type]


OFFICES = (
    Office(
        "cem", 'CEM "Centro", Lima', "Lima", "Lima", "Lima", "Av. Uno 1, piso 2", -12.0464,
        -77.0428, "address", "(01) 200-1000", "L-V", SOURCE, "2025-10",
    ),
    Office(
        "ngo", "Casa", "Tacna", "Tacna", "Tacna", "", None, None, "city", "", "", SOURCE, "2024",
    ),
)  # fmt: skip

DESK = Desk(
    MappingProxyType(
        {0: ((time(8, 30), time(13)), (time(14), time(16, 30))), 4: ((time(0), time(23, 59)),)}
    ),
    frozenset({date(2026, 12, 25), date(2027, 1, 1)}),
    "Rol de turnos",
)

PLACES = (
    District("150101", "Lima", "Lima", "Lima", -12.0464, -77.0428, "district", ("Cercado", "C.")),
    District("230101", "Tacna", "Tacna", "Tacna", -18.0066, -70.2463, "province"),
)

SECTIONS = {
    "answer": "**Sí.** Llame al 0800-15-170.\n\n- Uno\n- Dos",
    "steps": "1. Vaya al centro de salud.\n2. Pida su cita.",
    "cost": "Cuesta S/ 40.60 en 2025.",
}


def catalogue(
    *,
    articles: tuple[Article, ...] | None = None,
    paths: tuple[Path, ...] | None = None,
    offices: tuple[Office, ...] = OFFICES,
    places: tuple[District, ...] = PLACES,
    desk: Desk = DESK,
) -> Catalogue:
    """Return a small catalogue: two topics, three articles of which one is unwritten."""
    given = articles or (
        article("health/access", ("health/birth", "rights/overview"), SECTIONS),
        article("health/birth", ("health/access", "rights/overview")),
        article(
            "rights/overview", ("health/access", "health/birth"), {"answer": "Tiene derechos."}
        ),
    )
    return encoding.catalogue(
        articles=given,
        topics=(topic("health"), topic("rights")),
        intents=(intent("deny"), intent("greet")),
        cards=(CARD,),
        paths=(path(),) if paths is None else paths,
        offices=offices,
        places=places,
        help=Channel(everywhere("Llame a la Defensoría: 0800-15-170."), SOURCE, "2025-12-21"),
        emergency_rules={
            "es": {
                "weight": 0.5,
                "strong": ["no", "me muero", "106"],
                "deep": {"a": [1, True, None]},
            },
            "en": {"strong": ["I am dying"]},
        },
        desk=desk,
    )


def changed(old: Catalogue, article_id: str, language: str, **changes: object) -> Catalogue:
    """Return a catalogue in which one text is another."""
    was = old.articles[article_id]
    new = replace(was.texts[language], **changes)  # type: ignore[arg-type]
    texts = MappingProxyType({**was.texts, language: new})
    articles = {**old.articles, article_id: replace(was, texts=texts)}
    return encoding.catalogue(
        articles=articles.values(),
        topics=old.topics.values(),
        intents=old.intents.values(),
        cards=old.cards.values(),
        paths=old.paths.values(),
        offices=old.offices,
        places=old.places,
        help=old.help,
        emergency_rules=old.emergency_rules,
        desk=old.desk,
    )


def write(catalogue: Catalogue, root: pathlib.Path) -> pathlib.Path:
    """Write a catalogue as a content folder."""
    for name, data in render_tree(catalogue).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def files_of(root: pathlib.Path) -> dict[str, bytes]:
    """Return the bytes of all files of a folder, by their path in it."""
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}
