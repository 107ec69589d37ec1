"""The state of the content in plain text, for the staff who keep it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from statistics import median

from content.catalogue import LANGUAGES, Article, Catalogue, Status
from content.checks.findings import stale_languages
from content.checks.grounds import first_day
from content.doubts import doubts
from content.readability import FEWEST_WORDS, FORMULAS, score

SOON = timedelta(days=60)
MOST_DOUBTFUL = 20


def report(catalogue: Catalogue, today: date) -> str:
    """Return the whole report: coverage, age of the facts, doubts, readability."""
    parts = (_coverage(catalogue), _age(catalogue, today), _doubtful(catalogue, today))
    return "\n".join("\n".join(part) + "\n" for part in (*parts, _readability(catalogue)))


def _published(catalogue: Catalogue) -> list[Article]:
    return [a for a in catalogue.articles.values() if a.status is Status.PUBLISHED]


# --- coverage ------------------------------------------------------------------------------------


def _coverage(catalogue: Catalogue) -> Iterator[str]:
    written = _published(catalogue)
    yield "COVERAGE"
    yield f"{len(written)} of {len(catalogue.articles)} articles are published."
    yield from _table(
        ("language", "articles", "sections", "examples", "pending review", "stale"),
        [(lang, *_counts(catalogue, written, lang)) for lang in LANGUAGES],
    )


def _counts(catalogue: Catalogue, written: list[Article], language: str) -> tuple[str, ...]:
    texts = [a.texts[language] for a in written if language in a.texts]
    spoken = [a.texts[language] for a in catalogue.articles.values() if language in a.texts]
    examples = sum(len(text.examples) for text in spoken)
    examples += sum(len(i.examples.get(language, ())) for i in catalogue.intents.values())
    whole = sum(bool(text.sections) for text in texts)
    sections = sum(len(text.sections) for text in texts)
    pending = sum(text.pending_review for text in texts)
    stale = sum(language in stale_languages(article) for article in written)
    return tuple(map(str, (whole, sections, examples, pending, stale)))


# --- age -----------------------------------------------------------------------------------------


def _age(catalogue: Catalogue, today: date) -> Iterator[str]:
    written = _published(catalogue)
    years: Counter[str] = Counter()
    for article in written:
        for ground in article.ground:
            day = first_day(ground.verified_on) if ground.verified_on else None
            years[str(day.year) if day else "undated"] += 1
    yield "AGE OF THE FACTS"
    yield "Sources by the year of their own date:"
    yield from _table(("year", "sources"), [(year, str(years[year])) for year in sorted(years)])
    due = sorted((a.review_due, a.id) for a in written if a.review_due)
    past = [(day, name) for day, name in due if day <= today]
    soon = [(day, name) for day, name in due if today < day <= today + SOON]
    ended = [(a.valid_until, a.id) for a in written if a.valid_until and a.valid_until < today]
    yield from _listed("Review past due", past)
    yield from _listed(f"Review due within {SOON.days} days", soon)
    yield from _listed("Withheld, past `valid_until`", sorted(ended))


def _listed(title: str, dated: Sequence[tuple[date, str]]) -> Iterator[str]:
    yield f"{title}: {len(dated) or 'none'}."
    for day, name in dated:
        yield f"  {day.isoformat()}  {name}"


# --- doubts --------------------------------------------------------------------------------------


def _doubtful(catalogue: Catalogue, today: date) -> Iterator[str]:
    yield f"THE {MOST_DOUBTFUL} MOST DOUBTFUL FACTS"
    yield "Points for old or undated sources, press alone, one source, hedged wording."
    for doubt in doubts(catalogue, today)[:MOST_DOUBTFUL]:
        reasons = "; ".join(doubt.reasons)
        yield f"  {doubt.points:>2}  {doubt.article}, {doubt.section}: {reasons}."


# --- readability ---------------------------------------------------------------------------------


def _readability(catalogue: Catalogue) -> Iterator[str]:
    scores = {topic: _scores(catalogue.of_topic(topic)) for topic in catalogue.topics}
    everything = {
        lang: [each for per_topic in scores.values() for each in per_topic[lang]]
        for lang in FORMULAS
    }
    yield "READABILITY"
    yield f"Median / minimum of sections of {FEWEST_WORDS} words or more; higher is easier."
    header = ("topic", *(f"{lang} {formula.name}" for lang, formula in FORMULAS.items()))
    rows = [(topic, *map(_summary, found.values())) for topic, found in scores.items()]
    yield from _table(header, [*rows, ("all", *map(_summary, everything.values()))])
    without = [lang for lang in LANGUAGES if lang not in FORMULAS]
    yield f"No score for {' and '.join(without)}: no validated formula is known."


def _scores(articles: Iterable[Article]) -> Mapping[str, list[float]]:
    found: dict[str, list[float]] = {lang: [] for lang in FORMULAS}
    for article in articles:
        for lang, scores in found.items():
            text = article.texts.get(lang)
            for words in text.sections.values() if text else ():
                if (each := score(words, lang)) is not None:
                    scores.append(each)
    return found


def _summary(scores: list[float]) -> str:
    return f"{median(scores):.1f} / {min(scores):.1f}" if scores else "-"


def _table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    """Write rows under a header; the first column stands to the left, numbers to the right."""
    widths = [max(len(row[at]) for row in (header, *rows)) for at in range(len(header))]
    for first, *others in (header, *rows):
        cells = [f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True)]
        yield "  ".join([f"  {first:<{widths[0]}}", *cells])
