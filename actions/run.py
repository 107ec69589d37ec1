"""Carrying out an effect."""

from datetime import date
from typing import Protocol, assert_never

from actions.effects import (
    CloseCase,
    DropReminders,
    Effect,
    ForgetPerson,
    OpenCase,
    RecordFeedback,
    RecordMiss,
    RecordUnhelpful,
    SetReminder,
    WriteToCase,
)


class Records(Protocol):
    """What effects write to. `conversation` is the key of the person's conversation."""

    async def record_miss(self, conversation: str, miss: RecordMiss) -> None:
        """Keep a scrubbed question."""

    async def record_feedback(self, conversation: str, feedback: RecordFeedback) -> None:
        """Keep an opinion."""

    async def record_unhelpful(self, conversation: str, unhelpful: RecordUnhelpful) -> None:
        """Keep a scrubbed question whose answer did not help."""

    async def forget(self, conversation: str, upto: int) -> None:
        """Erase all that is kept about a person up to a row of the outbox."""

    async def open_case(self, conversation: str, question: str, language: str) -> None:
        """Open a case for the desk, or go on with the one that is open."""

    async def write_to_case(self, conversation: str, text: str) -> None:
        """Add to the open case; without one, nothing is kept."""

    async def close_case(self, conversation: str) -> None:
        """Close the open case, if there is one."""

    async def set_reminder(self, conversation: str, due: date, language: str) -> None:
        """Keep a date to remind her of; the same date twice is one reminder."""

    async def drop_reminders(self, conversation: str) -> None:
        """Delete all her reminders."""


async def run(effect: Effect, conversation: str, row: int, records: Records) -> None:
    """Carry out an effect of a conversation (its key) that stood in a row of the outbox."""
    match effect:
        case RecordMiss():
            await records.record_miss(conversation, effect)
        case RecordFeedback():
            await records.record_feedback(conversation, effect)
        case RecordUnhelpful():
            await records.record_unhelpful(conversation, effect)
        case ForgetPerson():
            await records.forget(conversation, row)
        case OpenCase(question, language):
            await records.open_case(conversation, question, language)
        case WriteToCase(text):
            await records.write_to_case(conversation, text)
        case CloseCase():
            await records.close_case(conversation)
        case SetReminder(due, language):
            await records.set_reminder(conversation, date.fromisoformat(due), language)
        case DropReminders():
            await records.drop_reminders(conversation)
        case _:
            assert_never(effect)
