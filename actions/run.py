"""Carrying out an effect."""

from typing import Protocol, assert_never

from actions.effects import Effect, ForgetPerson, RecordFeedback, RecordMiss


class Records(Protocol):
    """What effects write to."""

    async def record_miss(self, conversation: str, miss: RecordMiss) -> None:
        """Keep a scrubbed question."""

    async def record_feedback(self, conversation: str, feedback: RecordFeedback) -> None:
        """Keep an opinion."""

    async def forget(self, conversation: str, upto: int) -> None:
        """Erase all that is kept about a person up to a row of the outbox."""


async def run(effect: Effect, conversation: str, row: int, records: Records) -> None:
    """Carry out an effect of a conversation (its key) that stood in a row of the outbox."""
    match effect:
        case RecordMiss():
            await records.record_miss(conversation, effect)
        case RecordFeedback():
            await records.record_feedback(conversation, effect)
        case ForgetPerson():
            await records.forget(conversation, row)
        case _:
            assert_never(effect)
