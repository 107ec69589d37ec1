"""Questions that are alike come together."""

from datetime import UTC, datetime, timedelta

from content.likeness import grouped
from content.panel.pages.questions import slug
from content.panel.ports import Asked, Helped
from content.questions import confusions, groups_of, worst_first

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def asked(number: int, text: str, *offered: str, chosen: str | None = None) -> Asked:
    """Return a question of that many minutes ago."""
    at = NOW - timedelta(minutes=number)
    return Asked(str(number), text, "es", "web", offered, chosen, at)


def test_spelling_order_and_inflection_do_not_part_questions() -> None:
    """Accents, case, the order of words and their endings count for nothing or little."""
    texts = [
        "¿Cuánto cuesta renovar el carné?", "adónde voy por una denuncia",
        "cuanto CUESTA renovar carne", "renovar el carné cuánto cuesta", "renovación carnet costo",
        "Denuncias: ¿adónde voy?",
    ]  # fmt: skip
    groups = grouped(texts)
    assert groups[0] == [0, 2, 3]
    assert [1, 5] in groups


def test_nothing_is_lost_or_doubled() -> None:
    """Texts without a word, empty ones, and equal ones stand in exactly one group."""
    texts = ["", "???", "👍", "hola", "hola", "¡Hola!", "x" * 500, "", "qué qué qué"] * 3
    groups = grouped(texts)
    assert sorted(place for group in groups for place in group) == list(range(len(texts)))
    assert grouped([]) == []
    assert len(groups[0]) == 9


def test_the_picked_article_leads_and_unhelpful_ones_do_not() -> None:
    """What a person chose weighs more than what was offered."""
    (group,) = groups_of(
        (asked(1, "renovar carne", "a", "b"), asked(2, "renovar carné", "a", "b", chosen="b"))
    )
    assert group.articles == ("b", "a")
    assert group.count("language") == [("es", 2)]
    assert [one.id for one in group.phrases] == ["1", "2"]


def test_confusions_are_what_was_offered_first_and_not_meant() -> None:
    """The most frequent pair first."""
    found = confusions(
        [
            asked(1, "uno", "a", "b", chosen="b"), asked(2, "dos", "a", "c", chosen="c"),
            asked(3, "tres", "a", "b", chosen="b"), asked(4, "cuatro", "a", chosen="a"),
            asked(5, "cinco", "a"), asked(6, "seis", chosen="b"),
        ]
    )  # fmt: skip
    assert [(c.offered, c.chosen, len(c.phrases)) for c in found] == [("a", "b", 2), ("a", "c", 1)]


def test_what_certainly_helps_least_comes_first() -> None:
    """Forty noes of fifty weigh more than one of one; channels are added up."""
    order = worst_first(
        [
            Helped("once", "es", "web", 0, 1), Helped("often", "es", "web", 5, 20),
            Helped("often", "es", "telegram", 5, 20), Helped("good", "es", "web", 30, 1),
            Helped("never", "es", "web", 0, 0),
        ]
    )  # fmt: skip
    assert [(h.article, h.yes, h.no) for h in order[:3]] == [
        ("often", 10, 40), ("once", 0, 1), ("good", 30, 1),
    ]  # fmt: skip


def test_a_name_for_an_address_is_made_of_the_question() -> None:
    """Letters, digits and hyphens, of at most forty characters."""
    assert slug("¿Cómo renuevo mi carné?") == "como-renuevo-mi-carne"
    assert slug("¿¡…!?") == ""
    assert len(slug("palabra " * 30)) <= 40
