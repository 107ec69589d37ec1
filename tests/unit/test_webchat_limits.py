"""How often one may ask, from which address, and in which language the page speaks."""

import pytest

from bot.webchat.limits import Buckets, Rate, address_of
from bot.webchat.texts import negotiate, page_texts
from content.catalogue import LANGUAGES


def test_a_bucket_empties_and_fills_again() -> None:
    """A burst passes, then the wait until the next is told; other keys are not held up."""
    now = [0.0]
    buckets = Buckets(Rate(burst=2, per_minute=30), clock=lambda: now[0])
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 2.0]
    assert buckets.take("b") == 0
    now[0] = 1.5
    assert buckets.take("a") == pytest.approx(0.5)
    now[0] = 2.0
    assert buckets.take("a") == 0
    now[0] = 1000.0
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 2.0]


def test_the_number_of_buckets_is_bounded() -> None:
    """The key that was silent longest is forgotten."""
    buckets = Buckets(Rate(burst=1, per_minute=1), clock=lambda: 0.0, most=2)
    assert [buckets.take(key) for key in "abcb"] == [0, 0, 0, 60.0]
    assert buckets.take("a") == 0


@pytest.mark.parametrize(
    ("forwarded", "proxies", "address"),
    [
        ([], 0, "10.0.0.1"),
        (["6.6.6.6"], 0, "10.0.0.1"),
        (["6.6.6.6, 8.8.8.8"], 1, "8.8.8.8"),
        (["6.6.6.6, 7.7.7.7", "8.8.8.8"], 2, "7.7.7.7"),
        (["8.8.8.8"], 2, "10.0.0.1"),
        ([], 1, "10.0.0.1"),
    ],
)
def test_only_our_own_proxies_are_believed(
    forwarded: list[str], proxies: int, address: str
) -> None:
    """What anybody can write into X-Forwarded-For does not count."""
    assert address_of("10.0.0.1", forwarded, proxies) == address


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "es"),
        ("fr", "fr"),
        ("ht-HT,fr;q=0.9", "ht"),
        ("de,en;q=0.5,pt-BR;q=0.8", "pt"),
        ("en;q=0,qu", "qu"),
        ("de,ja", "es"),
        ("en;q=x, ,;;;,fr;q=0.1", "fr"),
    ],
)
def test_the_page_speaks_the_language_that_the_browser_likes_best(
    accepted: str, language: str
) -> None:
    """Of our six, the best liked; Spanish for all others."""
    assert negotiate(accepted) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_all_its_words_in_every_language(language: str) -> None:
    """No text of the page is empty, and all languages have the same."""
    words = page_texts(language)
    assert words.keys() == page_texts("es").keys()
    assert all(words.values())
