"""What the page of an article shows, from approved text alone. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot import replies
from bot.markup import parse, to_plain
from bot.messages import Label, Phrase
from bot.pages.site import Head, Place, says
from bot.pages.texts import UNREAD
from content.catalogue import Article, Catalogue, Ground

DESCRIPTION = 200  # characters: what search engines and messengers show at most
QUOTED = 5000  # characters of an answer in the data for search engines


@dataclass(frozen=True, slots=True)
class Section:
    """One part of an answer. `heading` is None for the answer itself, which needs none."""

    id: str
    heading: Label | None
    markdown: str
    source: Phrase | None


@dataclass(frozen=True, slots=True)
class Shown:
    """A page of an article. `withheld` says why there are no sections; `channel` is approved text.

    `channel` is '' where nobody needs to be asked again. `card` is the emergency card that stands
    before all else; the two `pending`s say that no speaker has read it, or the answer, yet.
    """

    title: str
    sections: tuple[Section, ...]
    withheld: Phrase | None
    changed: bool
    channel: str
    card: str
    card_pending: bool
    pending: bool
    sources: tuple[Ground, ...]
    related: tuple[Article, ...]


def shown(article: Article, language: str, catalogue: Catalogue, today: date) -> Shown:
    """Return what may be shown of an article today."""
    text = article.texts[language]
    withheld = replies.why_withheld(article) if replies.is_withheld(article, today) else None
    changed = withheld is None and article.review_due is not None and today >= article.review_due
    asked = withheld is not None or changed
    card = catalogue.cards.get(article.emergency or "")
    return Shown(
        title=text.title,
        sections=() if withheld else _sections(article, language),
        withheld=withheld,
        changed=changed,
        channel=catalogue.topics[article.topic].channel.text[language] if asked else "",
        card=card.texts[language] if card else "",
        card_pending=card is not None and language in card.pending_review,
        pending=language in UNREAD if withheld else text.pending_review,
        sources=() if withheld else article.ground,
        related=tuple(catalogue.articles[i] for i in article.related if i in catalogue.articles),
    )


def _sections(article: Article, language: str) -> tuple[Section, ...]:
    return tuple(
        Section(
            name,
            None if name == "answer" else replies.SECTION_LABELS[name],
            markdown,
            replies.source_line(article, name),
        )
        for name, markdown in article.texts[language].sections.items()
    )


def head_of(page: Shown, place: Place) -> Head:
    """Return what search engines and messengers read of an article."""
    answer = page.sections[0].markdown if page.sections else ""
    return Head(
        title=page.title,
        description=_shortened(to_plain(parse(answer))),
        # A page that has no answer helps nobody who comes by a search.
        indexed=page.withheld is None,
        linked=_linked(page, place) if page.sections else None,
    )


def _linked(page: Shown, place: Place) -> Mapping[str, object]:
    """Return the page as schema.org describes it.

    A machine that quotes single answers drops the warnings around them. So they are offered as
    questions and answers only where the page has none: read by a speaker, and not due for review.
    """
    data: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "WebPage",
        "url": place.url,
        "name": page.title,
        "inLanguage": place.language,
        "isAccessibleForFree": True,
        "citation": [ground.source for ground in page.sources],
    }
    if page.pending or page.changed:
        return data
    return data | {
        "@type": "FAQPage",
        "mainEntity": [
            {
                "@type": "Question",
                "name": _question(page.title, section, place.language),
                "acceptedAnswer": {
                    "@type": "Answer",
                    "text": to_plain(parse(section.markdown))[:QUOTED],
                },
            }
            for section in page.sections
        ],
    }


def _question(title: str, section: Section, language: str) -> str:
    return f"{title}: {says(section.heading, language)}" if section.heading else title


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= DESCRIPTION:
        return line
    return line[: DESCRIPTION - 1].rpartition(" ")[0].rstrip(",;:") + "…"
