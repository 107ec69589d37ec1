"""A small catalogue for tests, in all six languages."""

from datetime import date

from content.catalogue import (
    LANGUAGES,
    Article,
    Card,
    Catalogue,
    Channel,
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

GROUND = Ground("Ley 1, art. 2", "https://example.org/ley", "2025-12-21", ("answer",))


def text(name: str, language: str, sections: tuple[str, ...] = ("answer",)) -> Text:
    """Return a text whose sections say what they are."""
    return Text(
        title=f"{name} title {language}",
        label=f"{name[:12]} {language}",
        sections={s: f"{name} {s} {language}." for s in sections},
        pending_review=language in ("ht", "qu"),
    )


def article(article_id: str, sections: tuple[str, ...] = ("answer",), **changes: object) -> Article:
    """Return a published article."""
    name = article_id.partition("/")[2]
    values: dict[str, object] = {
        "id": article_id,
        "status": Status.PUBLISHED,
        "audience": "migrant",
        "ask": f"¿{name}?",
        "texts": {code: text(name, code, sections) for code in LANGUAGES},
        "ground": (GROUND,),
        "review_due": date(2027, 2, 28),
        **changes,
    }
    return Article(**values)  # type: ignore[arg-type]


def topic(topic_id: str) -> Topic:
    """Return a topic."""
    return Topic(
        topic_id,
        "📄",
        {code: f"{topic_id} {code}" for code in LANGUAGES},
        {code: f"about {topic_id} {code}" for code in LANGUAGES},
        Channel(
            {code: f"channel of {topic_id} {code}" for code in LANGUAGES}, "https://x.pe", "2025"
        ),
    )


def path() -> Path:
    """Return a guided path of two questions; its ends are a card, a verdict and an article."""

    def each(words: str) -> dict[str, str]:
        return {code: f"{words} {code}" for code in LANGUAGES}

    entry = Question(
        "entry",
        each("How did you enter?"),
        (
            Option("control", each("control"), "danger", Entry.CONTROLLED),
            Option("none", each("no control"), "warned", Entry.OPEN),
            Option("unsaid", each("unsaid"), "warned", Entry.OPEN),
        ),
    )
    danger = Question(
        "danger",
        each("Danger now?"),
        (
            Option("yes", each("danger"), "card"),
            Option("no", each("no danger"), "pregnancy"),
        ),
    )
    warned = End("warned", each("Expulsion: Defensa Pública, 0800-15-170"), "regularization/cpp")
    card = End("card", emergency="partner-family-violence")
    plain = End("pregnancy", article="health/pregnancy")
    return Path(
        "which-procedure",
        each("which procedure"),
        each("procedure"),
        "entry",
        {q.id: q for q in (entry, danger)},
        {e.id: e for e in (warned, card, plain)},
        frozenset({"ht", "qu"}),
    )


def catalogue(*articles: Article, offices: tuple[Office, ...] = ()) -> Catalogue:
    """Return a catalogue of the given articles, or of a standard five."""
    shown = articles or (
        article("health/pregnancy", ("answer", "cost", "exposure"), related=("health/sis",)),
        article("health/sis", status=Status.UNWRITTEN, ground=()),
        article("complaints/violence", emergency="partner-family-violence"),
        article("regularization/cpp", valid_until=date(2026, 12, 31)),
        article("regularization/irregular-what-can-i-do"),
    )
    topics = dict.fromkeys(a.topic for a in shown)
    card = Card(
        "partner-family-violence",
        "complaints/violence",
        {code: f"violence {code}" for code in LANGUAGES},
        (Number("100", "Línea 100", "gratis", "24 horas", "https://x.pe", "2024-03"),),
        {code: f"violence {code}" for code in LANGUAGES},
        {code: f"Call **100** {code}." for code in LANGUAGES},
        frozenset({"ht", "qu"}),
    )
    return Catalogue(
        version="test",
        articles={a.id: a for a in shown},
        topics={name: topic(name) for name in topics},
        intents={"greet": Intent("greet", dict.fromkeys(LANGUAGES, ("hola",)))},
        cards={card.kind: card},
        paths={"which-procedure": path()},
        offices=offices,
        help=Channel({code: f"help {code}" for code in LANGUAGES}, "https://x.pe", "2025"),
        emergency_rules={},
    )


def office(kind: str, name: str, district: str, lat: float, lon: float) -> Office:
    """Return an office in Lima unless the district says otherwise."""
    return Office(
        kind, name, "Lima", "Lima", district, "Av. Uno 1", lat, lon, "address", "100", "24 h",
        "https://x.pe", "2025-01",
    )  # fmt: skip
