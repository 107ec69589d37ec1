"""Are all the parts there, do they name each other rightly, and do they fit on a screen?"""

import re
from collections import defaultdict
from collections.abc import Mapping

from content.catalogue import LANGUAGES, SOURCE_LANGUAGE, Article, Status
from content.checks.findings import Findings, stale_languages
from content.faults import Severity
from content.files import DESK, HELP, TOPICS, article_file
from content.sheets import Place

TITLE, LABEL, ANSWER, SECTION, CARD = 72, 20, 600, 900, 500
TOPIC_NAME, TOPIC_DESCRIPTION, CHANNEL, HELP_TEXT = 24, 72, 500, 400

NEED_SPEAKER = ("ht", "qu")
_MARKDOWN = (
    (re.compile(r"^\s*#{1,6} ", re.M), "a heading (#)"),
    (re.compile(r"!?\[[^\]]*\]\([^)]*\)"), "a link in brackets"),
    (re.compile(r"</?[a-zA-Z][^>]*>"), "an HTML tag"),
    (re.compile(r"`"), "a backquote"),
    (re.compile(r"^\s*>", re.M), "a quotation (>)"),
    (re.compile(r"^\s*\|.*\|", re.M), "a table"),
    (re.compile(r"^ +(-|\d+\.) ", re.M), "a nested list"),
    (re.compile(r"^\s*[*+] ", re.M), "a list with * or +"),
    (re.compile(r"http://"), "an address without https"),
)


def examine(findings: Findings) -> None:
    """Check names, references, languages, lengths and Markdown."""
    for article in findings.catalogue.articles.values():
        _references(findings, article)
        _texts(findings, article)
    _labels(findings)
    topics(findings)
    cards(findings)
    per_language(findings, HELP, ("help",), findings.catalogue.help.text, HELP_TEXT)
    if not findings.catalogue.desk.hours:
        what = "The desk is never open: no hours are given."
        findings.warn(
            DESK, ("hours",), what, "Write when your staff answer; leave it if nobody does."
        )
    marks(findings)


def marks(findings: Findings) -> None:
    """Check that texts hold only the marks that every channel shows."""
    for prose in findings.prose():
        for language, text in prose.texts.items():
            _markdown(findings, *prose.places[language], text)


def _references(findings: Findings, article: Article) -> None:
    catalogue, file = findings.catalogue, article_file(article.id)
    if article.topic not in catalogue.topics:
        what = f"The topic `{article.topic}` is unknown."
        findings.error(file, ("id",), what, f"Add it to {TOPICS} or move the folder.")
    if not 2 <= len(article.related) <= 4:
        what = f"{len(article.related)} related articles are named."
        findings.error(file, ("related",), what, "Name 2 to 4 of them.")
    for index, other in enumerate(article.related):
        place: Place = ("related", index)
        if other == article.id or other in article.related[:index]:
            what = f"`{other}` is the article itself or named twice."
            findings.error(file, place, what, "Name another article.")
        elif other not in catalogue.articles:
            what = f"The related article `{other}` is unknown."
            findings.error(file, place, what, "Name an article that has a folder.")
    if article.emergency is not None and article.emergency not in catalogue.cards:
        kinds = ", ".join(catalogue.cards) or "none"
        what = f"The emergency card `{article.emergency}` is unknown."
        findings.error(file, ("emergency",), what, f"Use null or one of: {kinds}.")


def _texts(findings: Findings, article: Article) -> None:
    source = article.texts.get(SOURCE_LANGUAGE)
    if source is None:
        file = article_file(article.id)
        findings.error(file, (), "The Spanish text is missing.", "Add es.yml to the folder.")
        return
    for language in LANGUAGES:
        text, file = article.texts.get(language), article_file(article.id, language)
        if text is None:
            what = f"The text in `{language}` is missing."
            findings.error(article_file(article.id), (), what, f"Add {language}.yml.")
            continue
        length(findings, file, ("title",), text.title, TITLE)
        length(findings, file, ("label",), text.label, LABEL)
        for name, words in text.sections.items():
            limit = ANSWER if name == "answer" else SECTION
            length(findings, file, ("sections", name), words, limit)
        if article.status is Status.UNWRITTEN and text.sections:
            what = "An unwritten article has sections."
            findings.error(file, ("sections",), what, "Set `status: published` or remove them.")
        if article.status is Status.PUBLISHED and "answer" not in text.sections:
            what = "The section `answer` of a published article is missing."
            findings.error(file, ("sections",), what, "Write it or set `status: unwritten`.")
        if language in NEED_SPEAKER and not text.pending_review:
            what = "The text says that a speaker has read it."
            findings.warn(file, (), what, "If nobody has, add `review: pending`.")
    _translations(findings, article)


def _translations(findings: Findings, article: Article) -> None:
    source, stale = article.texts[SOURCE_LANGUAGE], stale_languages(article)
    for language, text in article.texts.items():
        file = article_file(article.id, language)
        if language in stale:
            what = f"It translates revision {text.translates} of {source.revision} in Spanish."
            findings.warn(file, ("translates",), what, "Translate anew and set `translates`.")
        severity = Severity.WARNING if language in stale else Severity.ERROR
        for name in source.sections:
            if name not in text.sections:
                what = f"The section `{name}`, which the Spanish text has, is missing."
                findings.note(severity, file, ("sections",), what, "Translate it.")
        for name in text.sections:
            if name not in source.sections:
                what = f"The section `{name}` is not in the Spanish text."
                remedy = "Remove it or add it to es.yml."
                findings.note(severity, file, ("sections", name), what, remedy)


def _labels(findings: Findings) -> None:
    users: dict[tuple[str, str], list[str]] = defaultdict(list)
    for article in findings.catalogue.articles.values():
        for language, text in article.texts.items():
            users[language, text.label.casefold()].append(article.id)
    for (language, label), ids in users.items():
        for article_id in ids if label and len(ids) > 1 else ():
            others = ", ".join(other for other in ids if other != article_id)
            file = article_file(article_id, language)
            what = f"The label is also that of {others}."
            findings.error(file, ("label",), what, "Give each article a label of its own.")


def topics(findings: Findings) -> None:
    """Check the names, descriptions and channels of topics."""
    for index, topic in enumerate(findings.catalogue.topics.values()):
        per_language(findings, TOPICS, (index, "name"), topic.names, TOPIC_NAME)
        described = topic.descriptions
        per_language(findings, TOPICS, (index, "description"), described, TOPIC_DESCRIPTION)
        per_language(findings, TOPICS, (index, "channel"), topic.channel.text, CHANNEL)


def cards(findings: Findings) -> None:
    """Check the texts and the numbers of emergency cards."""
    for card in findings.catalogue.cards.values():
        file = f"emergency/{card.kind}.yml"
        per_language(findings, file, ("title",), card.titles, TITLE)
        per_language(findings, file, ("label",), card.labels, LABEL)
        if card.article not in findings.catalogue.articles:
            what = f"The article `{card.article}` is unknown."
            findings.error(file, ("article",), what, "Name the answer that follows the card.")
        per_language(findings, file, ("card",), card.texts, CARD)
        if not card.numbers:
            findings.error(file, ("numbers",), "No number to call.", "Add at least one.")
        for language in NEED_SPEAKER:
            if language in card.texts and language not in card.pending_review:
                what = f"The card in `{language}` says that a speaker has read it."
                findings.warn(file, ("card", language), what, "If not, add it to `review`.")


def per_language(
    findings: Findings, file: str, place: Place, texts: Mapping[str, str], limit: int
) -> None:
    """Check that a text is there in every language and has at most `limit` characters."""
    for language in LANGUAGES:
        if language in texts:
            length(findings, file, (*place, language), texts[language], limit)
        else:
            what = f"`{place[-1]}` is missing in `{language}`."
            findings.error(file, place, what, "Write it in all six languages.")


def length(findings: Findings, file: str, place: Place, text: str, limit: int) -> None:
    """Check that a text has at most `limit` characters."""
    if len(text) > limit:
        what = f"`{place[-1]}` has {len(text)} characters; at most {limit} fit."
        findings.error(file, place, what, f"Shorten it by {len(text) - limit}.")


def _markdown(findings: Findings, file: str, place: Place, text: str) -> None:
    for name in foreign_marks(text):
        what = f"The text holds {name}."
        remedy = "Use only paragraphs, **bold**, lists and bare https:// addresses."
        findings.error(file, place, what, remedy)
    if has_open_bold(text):
        what = "A mark of **bold** is not closed on its line, or stands alone."
        findings.error(file, place, what, "Put ** before and after the words.")


def foreign_marks(text: str) -> list[str]:
    """Return the names of the marks in a text that the platforms would not show as meant."""
    return [name for pattern, name in _MARKDOWN if pattern.search(text)]


def has_open_bold(text: str) -> bool:
    """Tell whether a mark of bold is not closed on its line, or an asterisk stands alone."""
    return any(line.count("**") % 2 or "*" in line.replace("**", "") for line in text.split("\n"))
