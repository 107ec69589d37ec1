"""The life of a revision."""

import pytest

from content.workflow import (
    TRANSITIONS,
    Action,
    NotPossible,
    SecondPersonNeeded,
    Status,
    advance,
    open_to,
)


def test_a_text_reaches_its_readers_through_two_people() -> None:
    """The whole way, from draft to archive."""
    status = Status.DRAFT
    for action, actor in (
        (Action.SUBMIT, "ana"),
        (Action.APPROVE, "luz"),
        (Action.PUBLISH, "ana"),
        (Action.ARCHIVE, "ana"),
    ):
        status = advance(status, action, authors=["ana"], actor=actor)
    assert status is Status.ARCHIVED


def test_nobody_approves_her_own_text() -> None:
    """Two people see every text before a reader does."""
    with pytest.raises(SecondPersonNeeded) as barred:
        advance(Status.IN_REVIEW, Action.APPROVE, authors=["ana"], actor="ana")
    assert barred.value.action is Action.APPROVE


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("action", list(Action))
def test_only_the_ways_of_the_table_exist(status: Status, action: Action) -> None:
    """Whatever is not in the table is refused, for everybody."""
    if (status, action) in TRANSITIONS:
        expected = TRANSITIONS[status, action].to
        assert advance(status, action, authors=["ana"], actor="luz") is expected
    else:
        with pytest.raises(NotPossible):
            advance(status, action, authors=["ana"], actor="luz")


def test_no_way_to_publication_avoids_the_second_person() -> None:
    """Alone, an author cannot get a text from draft to published by any way."""
    reached = {Status.DRAFT}
    for _ in Status:
        reached |= {
            advance(status, action, authors=["ana"], actor="ana")
            for status in reached
            for action in open_to(status, authors=["ana"], actor="ana")
        }
    assert reached == {Status.DRAFT, Status.IN_REVIEW, Status.ARCHIVED}


def test_only_what_is_possible_is_offered() -> None:
    """The panel shows these buttons and no others."""
    assert open_to(Status.IN_REVIEW, authors=["ana"], actor="ana") == (Action.RETURN,)
    assert open_to(Status.IN_REVIEW, authors=["ana"], actor="luz") == (
        Action.RETURN,
        Action.APPROVE,
    )
    assert open_to(Status.ARCHIVED, authors=["ana"], actor="luz") == ()
