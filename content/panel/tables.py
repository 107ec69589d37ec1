"""The tables of the panel: sign-in, drafts, releases, and the record of what staff did."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Enum,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from content.models import Base, JsonValue, UtcDateTime
from content.workflow import Status

_STATUS = Enum(
    Status,
    name="status",
    native_enum=False,
    create_constraint=True,
    length=16,
    values_callable=lambda kinds: [kind.value for kind in kinds],
)


class CredentialsRow(Base):
    """How a member of staff proves who she is.

    `password` is an argon2 hash; `totp` is the sealed secret of her second factor, `totp_step` the
    last 30-second step that was used; `recovery` holds hashes of recovery codes, each used once.
    `subject` is her id at the identity provider ("issuer subject"), if she signs in by one.
    """

    __tablename__ = "staff_credentials"

    email: Mapped[str] = mapped_column(ForeignKey("staff.email"), primary_key=True)
    password: Mapped[str | None] = mapped_column(String(255))
    totp: Mapped[str | None] = mapped_column(Text)
    totp_step: Mapped[int] = mapped_column(Integer, default=0)
    recovery: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    subject: Mapped[str | None] = mapped_column(String(512), unique=True)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AttemptsRow(Base):
    """Failed sign-ins in a row for a hash of an address, whether somebody has it or not."""

    __tablename__ = "staff_attempts"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failed: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class LinkRow(Base):
    """A one-time link by which a member of staff sets her password. `token` is a SHA-256."""

    __tablename__ = "staff_links"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    email: Mapped[str] = mapped_column(ForeignKey("staff.email"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SessionRow(Base):
    """One signed-in browser. `token` is the SHA-256 of the cookie's value.

    `id` names it in lists without the token. `complete` is false until the second factor was given.
    `notice` is what the next page tells her.
    """

    __tablename__ = "staff_sessions"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    id: Mapped[str] = mapped_column(String(16), unique=True)
    email: Mapped[str] = mapped_column(ForeignKey("staff.email"), index=True)
    complete: Mapped[bool] = mapped_column(Boolean)
    browser: Mapped[str] = mapped_column(String(200), default="")
    notice: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(8), default="es")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class KeptFormRow(Base):
    """What somebody wrote whose session had ended, sealed, so that she loses nothing."""

    __tablename__ = "staff_kept_forms"

    token: Mapped[str] = mapped_column(String(64), primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AuditRow(Base):
    """One act of a member of staff. Rows are only ever added: triggers refuse anything else.

    `subject` names what it was done to, `detail` what changed; neither holds words of people.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    staff: Mapped[str] = mapped_column(String(254), index=True)
    action: Mapped[str] = mapped_column(String(40), index=True)
    subject: Mapped[str] = mapped_column(String(200), index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)


class DocumentRevisionRow(Base):
    """A change to anything that is no text of an article, as in `DocumentRow.body`.

    `kind` is one of `content.publishing`, or 'article' (what it says in no language), 'examples'
    (its examples by language), or 'golden' (questions that must stay answered); `document` is the
    id within the kind; no `body` takes it away. `edits` counts the savings: a form sent from an
    older state is refused; `editors` are all who wrote in it, none of whom may approve it.
    """

    __tablename__ = "document_revisions"
    __table_args__ = (UniqueConstraint("kind", "document", "number"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    document: Mapped[str] = mapped_column(String(128))
    number: Mapped[int] = mapped_column(Integer)
    status: Mapped[Status] = mapped_column(_STATUS, index=True)
    body: Mapped[Any] = mapped_column(JsonValue, nullable=True)
    edits: Mapped[int] = mapped_column(Integer, default=0)
    editors: Mapped[list[str]] = mapped_column(JsonValue, default=list)
    author: Mapped[str] = mapped_column(String(254))
    approved_by: Mapped[str | None] = mapped_column(String(254))
    note: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class CommentRow(Base):
    """A remark of a member of staff. `subject` is 'text:<article>:<language>' or 'kind:<id>'."""

    __tablename__ = "comments"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    subject: Mapped[str] = mapped_column(String(200), index=True)
    staff: Mapped[str] = mapped_column(String(254))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str | None] = mapped_column(String(254))


class SwitchedOffRow(Base):
    """An article whose answer was taken back at once, until it is switched on again."""

    __tablename__ = "switched_off"

    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id"), primary_key=True)
    reason: Mapped[str] = mapped_column(Text)
    staff: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class ReleaseRow(Base):
    """A set of approved changes on its way to the readers, and then what was published.

    `status`: queued, examining, ready, refused, scheduled, published, failed or cancelled.
    `texts` and `documents` are ids of revisions; `report` is what the examination found;
    `model` is the file name of the model that serves it; `snapshot` is the whole catalogue as
    compressed JSON, kept for going back to it.
    """

    __tablename__ = "releases"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    status: Mapped[str] = mapped_column(String(12), index=True)
    title: Mapped[str] = mapped_column(String(200), default="")
    texts: Mapped[list[int]] = mapped_column(JsonValue, default=list)
    documents: Mapped[list[int]] = mapped_column(JsonValue, default=list)
    created_by: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    progress: Mapped[str] = mapped_column(Text, default="")
    worked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    report: Mapped[dict[str, Any]] = mapped_column(JsonValue, default=dict)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[str | None] = mapped_column(String(64))
    model: Mapped[str | None] = mapped_column(String(128))
    published_by: Mapped[str | None] = mapped_column(String(254))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    snapshot: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class QuestionDecisionRow(Base):
    """What staff decided about a group of unanswered questions, by the id of each question."""

    __tablename__ = "question_decisions"

    question: Mapped[str] = mapped_column(String(40), primary_key=True)
    decision: Mapped[str] = mapped_column(String(16))
    article: Mapped[str | None] = mapped_column(String(128))
    staff: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ToldRow(Base):
    """A notice about a date that an owner has been sent, so that she gets it once."""

    __tablename__ = "told"

    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
