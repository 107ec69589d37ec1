"""The tables of conversations, inbox, outbox and what was learnt."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column

from content.models import Base, JsonValue, UtcDateTime

# SQLite counts only an INTEGER key by itself.
_Id = BigInteger().with_variant(Integer, "sqlite")
# Platforms and pages remember ids of deleted rows: SQLite must not give one out again.
HELD = "held"
"""The status of a reply that waits until she writes. It does not block what comes after it."""
_NO_ID_TWICE = {"sqlite_autoincrement": True}


class ConversationRow(Base):
    """One person on one channel.

    `key` is a keyed hash of her id; `person` is the id and `state` the conversation, both sealed.
    """

    __tablename__ = "conversations"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    channel: Mapped[str] = mapped_column(String(16))
    person: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(Text)
    gone: Mapped[bool] = mapped_column(Boolean, default=False)
    last_inbound_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class InboxRow(Base):
    """One message that came. `message` is a keyed hash of the platform's id of it.

    `body` is sealed and emptied once the message is answered.
    """

    __tablename__ = "inbox"
    __table_args__ = (Index("ix_inbox_open", "status", "due_at"), _NO_ID_TWICE)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    message: Mapped[str] = mapped_column(String(64), unique=True)
    conversation: Mapped[str] = mapped_column(String(64), index=True)
    body: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(8), default="open")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class OutboxRow(Base):
    """One reply to send or one effect to carry out. `body` is sealed and emptied when done.

    `sent` counts the payloads of the reply that went out, so that a crash repeats one at most.
    An `urgent` reply, an emergency card, does not wait behind those that came before it.
    `error` is the platform's code of the last failure.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_open", "status", "due_at"), _NO_ID_TWICE)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    conversation: Mapped[str] = mapped_column(String(64), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(8))
    body: Mapped[str | None] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(8), default="open")
    sent: Mapped[int] = mapped_column(Integer, default=0)
    urgent: Mapped[bool] = mapped_column(Boolean, default=False)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    error: Mapped[str] = mapped_column(String(64), default="")
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class MissRow(Base):
    """A scrubbed question that got no sure answer, for the staff; it expires.

    Where an answer was `unhelpful`, it is the one in `offered`.
    """

    __tablename__ = "misses"

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    question: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(16))
    offered: Mapped[list[str]] = mapped_column(JsonValue)
    chosen: Mapped[str | None] = mapped_column(String(64))
    unhelpful: Mapped[bool] = mapped_column(Boolean, default=False, server_default=false())
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class FeedbackRow(Base):
    """Whether an answer helped. Nothing tells whose opinion it was."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    article: Mapped[str] = mapped_column(String(64), index=True)
    language: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(16))
    helped: Mapped[bool] = mapped_column(Boolean)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CaseRow(Base):
    """A person who asked for a human. She has at most one that is not closed.

    `question` is her last question, scrubbed and sealed. `staff` is who took it.
    """

    __tablename__ = "cases"
    __table_args__ = (_NO_ID_TWICE,)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    conversation: Mapped[str] = mapped_column(String(64), index=True)
    channel: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(8))
    question: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(String(8), default="open", index=True)
    staff: Mapped[str | None] = mapped_column(String(254))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class CaseMessageRow(Base):
    """What she or a member of staff wrote in a case, sealed; hers is scrubbed as well."""

    __tablename__ = "case_messages"

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id", ondelete="CASCADE"), index=True)
    staff: Mapped[str | None] = mapped_column(String(254))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReminderRow(Base):
    """A message to send on `send_on`, some days before the date `due` that she gave."""

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("conversation", "due", "send_on"),)

    id: Mapped[int] = mapped_column(_Id, primary_key=True, autoincrement=True)
    conversation: Mapped[str] = mapped_column(String(64), index=True)
    due: Mapped[date] = mapped_column(Date)
    send_on: Mapped[date] = mapped_column(Date, index=True)
    language: Mapped[str] = mapped_column(String(8))
