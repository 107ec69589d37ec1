"""The texts of the repository themselves."""

from pathlib import Path

from content.catalogue import Status
from content.checks import check
from content.faults import errors, format_faults
from content.files import read_tree

CONTENT = Path(__file__).parents[2] / "content"


def test_the_content_has_no_errors() -> None:
    """What `orienta content check` says of the repository's own texts."""
    faults = errors(check(read_tree(CONTENT)))
    assert not faults, "\n" + format_faults(faults)


def test_no_published_text_is_stale_or_lacks_a_language() -> None:
    """What is shipped is complete in all six languages."""
    for article in read_tree(CONTENT).catalogue.articles.values():
        if article.status is Status.PUBLISHED:
            source = article.texts["es"]
            stale = {lang for lang, t in article.texts.items() if t.translates != source.revision}
            assert (article.id, stale, len(article.texts)) == (article.id, set(), 6)
