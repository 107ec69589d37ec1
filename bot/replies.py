"""The replies of the bot, composed from approved texts and interface phrases. Pure."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from bot.languages import OWN_NAMES
from bot.messages import Choice, Label, Passage, Phrase, Reply
from content.catalogue import SOURCE_LANGUAGE, Article, Catalogue, Status

MOST_CHOICES = 10  # WhatsApp's list holds ten rows, and more would not be read

SECTION_LABELS = {
    "answer": Label("Respuesta"),
    "requirements": Label("Requisitos"),
    "steps": Label("Pasos"),
    "cost": Label("Costo"),
    "where": Label("Dónde"),
    "time": Label("Cuánto demora"),
    "rights": Label("Mis derechos"),
    "exposure": Label("¿Me expone?"),
    "refused": Label("¿Y si me rechazan?"),
}
TOPICS = Choice("topics", Label("Ver los temas"))
EMERGENCY = Choice("emergency", Label("Emergencia"))
LANGUAGES = Choice("languages", Label("Idioma"))
PATHS = Choice("paths", Label("Guía con preguntas"))
HUMAN = Choice("human", Label("Hablar con alguien"))
OFFICE = Choice("office", Label("Oficina cercana"))
MENU = Choice("menu", Label("Menú"))
DESK = Choice("desk", Label("Escribir a alguien"))
NONE_OF_THESE = Choice("none", Label("Ninguno de estos"))

PENDING = Phrase("Esta traducción aún no la revisó una persona que habla el idioma.")
CHANGED = Phrase("Esto puede haber cambiado. Antes de actuar, confirme aquí:")
SOURCES = Phrase("Fuentes de esta respuesta:")
ENTRY_WARNING = Phrase(
    "Cuidado: si usted entró al Perú sin pasar por control migratorio, la ley prevé la expulsión. "
    "Antes de ir a MIGRACIONES, hable gratis con la Defensa Pública o con la Defensoría del Pueblo "
    "(0800-15-170)."
)


# Articles about a document that ends, and one where people start who do not know what is theirs.
ENDING_DOCUMENTS = ("regularization/cpp-expiring", "regularization/ce-renewal")
GUIDED = {"regularization/irregular-what-can-i-do": "which-procedure"}
REMIND = Choice("remind", Label("Avisarme antes"))


def human_date(day: str) -> str:
    """Return YYYY, YYYY-MM or YYYY-MM-DD as YYYY, MM/YYYY or DD/MM/YYYY, alike in all languages."""
    return "/".join(reversed(day.split("-")))


def is_withheld(article: Article, today: date) -> bool:
    """Say whether the article's text may not leave: unwritten, or past its last valid day."""
    expired = article.valid_until is not None and today > article.valid_until
    return article.status is Status.UNWRITTEN or expired


def welcome(language: str) -> Reply:
    """Say who speaks, what is not asked, and the ways on."""
    text = Phrase(
        "Hola. Soy Orienta, un programa que informa sobre derechos y trámites en el Perú. "
        "No le pido su nombre ni sus documentos, y guardo poco: escriba «borrar» y lo borro. "
        "Escriba su pregunta con sus palabras, o elija:"
    )
    return Reply(language, (text,), (TOPICS, EMERGENCY, LANGUAGES))


def menu(language: str) -> Reply:
    """Show what can be done here."""
    text = Phrase(
        "Puedo responder preguntas sobre papeles, salud, denuncias, trabajo, escuela y vivienda "
        "en el Perú. Escriba su pregunta o elija:"
    )
    return Reply(language, (text,), (TOPICS, EMERGENCY, PATHS, OFFICE, HUMAN, LANGUAGES))


def with_notice(reply: Reply, catalogue: Catalogue, today: date) -> Reply:
    """Return a reply with the notice of these days beneath it, if there is one."""
    notice = catalogue.notice
    if notice is None or not notice.on(today):
        return reply
    text = notice.texts.get(reply.language) or notice.texts.get(SOURCE_LANGUAGE)
    return replace(reply, parts=(*reply.parts, Passage(text))) if text else reply


def topics(language: str, catalogue: Catalogue, *lead: Phrase) -> Reply:
    """Offer all topics."""
    choices = tuple(
        Choice(f"t:{t.id}", f"{t.icon} {t.names[language]}", t.descriptions[language])
        for t in catalogue.topics.values()
    )
    parts = lead or (Phrase("Elija un tema, o escriba su pregunta con sus palabras."),)
    return Reply(language, parts, choices)


def topic(language: str, catalogue: Catalogue, topic_id: str, page: int) -> Reply:
    """Offer the articles of a topic, a page at a time."""
    articles = catalogue.of_topic(topic_id)
    room = MOST_CHOICES - 2
    pages = max(1, -(-len(articles) // room))
    page = min(max(page, 1), pages)
    shown = articles[(page - 1) * room : page * room]
    more = [Choice(f"t:{topic_id}:{page % pages + 1}", Label("Más temas"))] if pages > 1 else []
    title = Passage(f"**{catalogue.topics[topic_id].names[language]}**")
    ask = Phrase("¿Qué necesita saber?")
    choices = (*(article_choice(a, language) for a in shown), *more, MENU)
    return Reply(language, (title, ask), choices)


def article_choice(article: Article, language: str) -> Choice:
    """Return the button that leads to an article."""
    text = article.texts[language]
    return Choice(f"a:{article.id}", text.label, text.title)


def answer(
    article: Article, section: str, language: str, catalogue: Catalogue, today: date
) -> Reply:
    """Show one section of an article with its source and date, or say why it cannot be shown."""
    if is_withheld(article, today):
        return _withheld(article, language, catalogue)
    text = article.texts[language]
    body = text.sections.get(section) or text.sections["answer"]
    parts: list[Phrase | Passage] = [Passage(f"**{text.title}**"), Passage(body)]
    if source := source_line(article, section):
        parts.append(source)
    if article.review_due is not None and today >= article.review_due:
        parts.append(CHANGED)
        parts.append(Passage(catalogue.topics[article.topic].channel.text[language]))
    if text.pending_review:
        parts.append(PENDING)
    sections = [s for s in text.sections if s != section]
    choices = [Choice(f"s:{s}:{article.id}", SECTION_LABELS[s]) for s in sections]
    if article.emergency in catalogue.cards:
        choices.insert(0, Choice(f"e:{article.emergency}", Label("Estoy en peligro")))
    if (path := GUIDED.get(article.id)) and path in catalogue.paths:
        choices.append(Choice(f"p:{path}", PATHS.label))
    if article.id in ENDING_DOCUMENTS:
        choices.append(REMIND)
    choices = choices[: MOST_CHOICES - 1]
    choices.append(Choice(f"r:{article.id}", Label("Fuentes y más temas")))
    # Where there is no room for both thumbs, they stand on the page of the sources.
    if len(choices) <= MOST_CHOICES - 2:
        choices += thumbs(article.id)
    return Reply(language, tuple(parts), tuple(choices))


def thumbs(article_id: str) -> tuple[Choice, Choice]:
    """Return the two buttons that say whether an answer helped."""
    return (
        Choice(f"fb+:{article_id}", Label("👍 Me sirvió")),
        Choice(f"fb-:{article_id}", Label("👎 No me sirvió")),
    )


def share(article: Article, language: str, today: date, page: str) -> Reply | None:
    """Return an answer as short text to hand on, with its source; None if it may not leave."""
    if is_withheld(article, today):
        return None
    text = article.texts[language]
    parts: list[Phrase | Passage] = [Passage(f"**{text.title}**"), Passage(text.sections["answer"])]
    if source := source_line(article, "answer"):
        parts.append(source)
    if article.review_due is not None and today >= article.review_due:
        parts.append(Phrase("Esto puede haber cambiado: confirme antes de actuar."))
    if text.pending_review:
        parts.append(PENDING)
    if page:
        parts.append(Passage(page))
    parts.append(Phrase("Información gratuita de Orienta."))
    return Reply(language, tuple(parts))


def source_line(article: Article, section: str) -> Phrase | None:
    """Return the line that names the source of a section and its date, or that it shows none."""
    own = [g for g in article.ground if section in g.supports] or list(article.ground)
    source = next((g for g in own if g.verified_on), own[0] if own else None)
    if source is None:
        return None
    if source.verified_on is None:
        return Phrase("Fuente: {norm}. La fuente no muestra su fecha.", {"norm": source.norm})
    values = {"norm": source.norm, "date": human_date(source.verified_on)}
    return Phrase("Fuente: {norm}. Fecha de la fuente: {date}.", values)


def why_withheld(article: Article) -> Phrase:
    """Return the sentence that stands in place of an article that may not leave."""
    if article.status is Status.UNWRITTEN:
        return Phrase("Todavía no tenemos una respuesta aprobada para este tema. Aquí le informan:")
    return Phrase("Estamos revisando esta respuesta porque pudo cambiar. Aquí le informan:")


def _withheld(article: Article, language: str, catalogue: Catalogue) -> Reply:
    text = article.texts[language]
    title = Passage(f"**{text.title}**")
    official = Passage(catalogue.topics[article.topic].channel.text[language])
    parts: tuple[Phrase | Passage, ...] = (title, why_withheld(article), official)
    if language in ("ht", "qu"):
        parts = (*parts, PENDING)
    return Reply(language, parts, (TOPICS, HUMAN, MENU))


def sources_and_related(article: Article, language: str, catalogue: Catalogue) -> Reply:
    """List all sources of an article and the articles beside it."""
    lines = [
        f"- {g.norm}"
        + (f" ({human_date(g.verified_on)})" if g.verified_on else "")
        + f" {g.source}"
        for g in article.ground
    ]
    parts = (SOURCES, Passage("\n".join(lines)))
    related = [catalogue.articles[i] for i in article.related if i in catalogue.articles]
    share_ = Choice(f"sh:{article.id}", Label("Compartir"))
    choices = (
        *(article_choice(a, language) for a in related),
        share_,
        *thumbs(article.id),
        TOPICS,
        MENU,
    )
    return Reply(language, parts if lines else parts[:1], choices)


def card(kind: str, language: str, catalogue: Catalogue) -> Reply:
    """Show an emergency card."""
    this = catalogue.cards[kind]
    parts: tuple[Phrase | Passage, ...] = (Passage(this.texts[language]),)
    if language in this.pending_review:
        parts = (*parts, PENDING)
    return Reply(language, parts, urgent=True)


def emergency_kinds(language: str, catalogue: Catalogue) -> Reply:
    """Name the two numbers that always hold and offer the emergency cards."""
    text = Phrase(
        "Si hay peligro ahora, llame: **105** Policía, **106** ambulancia (SAMU), "
        "**116** Bomberos, **100** violencia en la familia o sexual. ¿Qué pasa?"
    )
    cards = tuple(
        Choice(f"e:{c.kind}", c.labels[language], c.titles[language])
        for c in catalogue.cards.values()
    )
    return Reply(language, (text,), cards, urgent=True)


def unsure(ids: Iterable[str], language: str, catalogue: Catalogue) -> Reply:
    """Ask which of a few articles was meant."""
    offered = tuple(article_choice(catalogue.articles[i], language) for i in ids)
    lead = Phrase("No estoy seguro de haber entendido. ¿Su pregunta es sobre esto?")
    return Reply(language, (lead,), (*offered, NONE_OF_THESE))


def human_channels(language: str, catalogue: Catalogue, *lead: Phrase, desk: bool = False) -> Reply:
    """Name the persons who can be spoken to; `desk` offers to write to the staff."""
    parts: tuple[Phrase | Passage, ...] = (*lead, Passage(catalogue.help.text[language]))
    if language in ("ht", "qu"):
        parts = (*parts, PENDING)
    return Reply(language, parts, (*((DESK,) if desk else ()), TOPICS, OFFICE, MENU))


def languages(language: str) -> Reply:
    """Offer the languages, each by its own name."""
    choices = tuple(Choice(f"lang:{code}", name) for code, name in OWN_NAMES.items())
    return Reply(language, (Phrase("¿En qué idioma le escribo?"),), choices)
