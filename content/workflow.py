"""The life of a revision: its statuses and who may move it from one to the next."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from content.faults import ContentError


class Status(StrEnum):
    """Where a revision stands between the first word and the reader."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    ARCHIVED = "archived"


class Action(StrEnum):
    """What staff do to a revision."""

    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    PUBLISH = "publish"
    ARCHIVE = "archive"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Transition:
    """Where an action leads. `second_person` bars whoever wrote in the text from taking it."""

    to: Status
    second_person: bool = False


TRANSITIONS: dict[tuple[Status, Action], Transition] = {
    (Status.DRAFT, Action.DISCARD): Transition(Status.ARCHIVED),
    (Status.DRAFT, Action.SUBMIT): Transition(Status.IN_REVIEW),
    (Status.IN_REVIEW, Action.RETURN): Transition(Status.DRAFT),
    (Status.IN_REVIEW, Action.APPROVE): Transition(Status.APPROVED, second_person=True),
    (Status.APPROVED, Action.RETURN): Transition(Status.DRAFT),
    (Status.APPROVED, Action.PUBLISH): Transition(Status.PUBLISHED),
    (Status.PUBLISHED, Action.ARCHIVE): Transition(Status.ARCHIVED),
}


class NotPossible(ContentError):
    """The revision's status has no such way on."""

    def __init__(self, status: Status, action: Action) -> None:
        super().__init__(f"A revision that is {status} cannot be moved by '{action}'.")
        self.status, self.action = status, action


class SecondPersonNeeded(ContentError):
    """Who wrote in a text may not approve it: ask a colleague."""

    def __init__(self, action: Action) -> None:
        super().__init__(f"Somebody who did not write in it must take the step '{action}'.")
        self.action = action


def advance(status: Status, action: Action, *, authors: Collection[str], actor: str) -> Status:
    """Return the status after an action; raise `NotPossible` or `SecondPersonNeeded`."""
    transition = TRANSITIONS.get((status, action))
    if transition is None:
        raise NotPossible(status, action)
    if transition.second_person and actor in authors:
        raise SecondPersonNeeded(action)
    return transition.to


def open_to(status: Status, *, authors: Collection[str], actor: str) -> tuple[Action, ...]:
    """Return the actions that this person may take now, in the order of the table."""
    return tuple(
        action
        for (at, action), transition in TRANSITIONS.items()
        if at is status and not (transition.second_person and actor in authors)
    )
