"""The tables of the content, and the base, JSON and time types that every table shares."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Date,
    DateTime,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from content.workflow import Status


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, kept in UTC. SQLite has no zones: there the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, for nobody can tell later which zone was meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A time without a zone cannot be stored; give an aware datetime.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the time in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Not JSONB: it would forget the order of keys, and exports must not depend on the database.
JsonValue = JSON(none_as_null=True)


class Base(DeclarativeBase):
    """The one set of tables. Named constraints can be altered by migrations on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ArticleRow(Base):
    """What an article says in no language. It is shown if its Spanish text is published.

    `status` is that of `content.catalogue.Status`; `position` gives the order of the catalogue.
    """

    __tablename__ = "articles"

    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    status: Mapped[str] = mapped_column(String(16))
    audience: Mapped[str] = mapped_column(String(16))
    ask: Mapped[str] = mapped_column(Text)
    related: Mapped[list[str]] = mapped_column(JsonValue)
    emergency: Mapped[str | None] = mapped_column(String(64))
    ground: Mapped[list[dict[str, Any]]] = mapped_column(JsonValue)
    review_due: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    owner: Mapped[str] = mapped_column(String(64))


class RevisionRow(Base):
    """One version of one article in one language. At most one per language is published.

    `number` counts within article and language; for Spanish it is the `revision` of the files.
    `translates` is the Spanish number that a translation renders; `author` the address of a member
    of staff, or who imported it. `edits` counts the savings of a draft: a form that was sent from
    an older state is refused; `editors` are all who wrote in it, none of whom may approve it.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("article_id", "language", "number"),
        Index(
            "ix_revisions_published",
            "article_id",
            "language",
            unique=True,
            postgresql_where=text("status = 'published'"),
            sqlite_where=text("status = 'published'"),
        ),
    )

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id"))
    language: Mapped[str] = mapped_column(String(8))
    number: Mapped[int] = mapped_column(Integer)
    status: Mapped[Status] = mapped_column(
        Enum(
            Status,
            name="status",
            native_enum=False,
            create_constraint=True,
            length=16,
            values_callable=lambda kinds: [kind.value for kind in kinds],
        )
    )
    translates: Mapped[int] = mapped_column(Integer)
    pending_review: Mapped[bool] = mapped_column(Boolean)
    title: Mapped[str] = mapped_column(Text)
    label: Mapped[str] = mapped_column(Text)
    sections: Mapped[dict[str, str]] = mapped_column(JsonValue)
    author: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    edits: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    editors: Mapped[list[str]] = mapped_column(JsonValue, default=list, server_default="[]")
    approved_by: Mapped[str | None] = mapped_column(String(254))
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ExampleRow(Base):
    """One way in which people ask for an article."""

    __tablename__ = "examples"
    __table_args__ = (Index("ix_examples_article_id", "article_id", "language", "position"),)

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id"))
    language: Mapped[str] = mapped_column(String(8))
    position: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)


class DocumentRow(Base):
    """One topic, intent, card, path, set of rules, the directory or the help, as in its file."""

    __tablename__ = "documents"

    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    id: Mapped[str] = mapped_column(String(128), primary_key=True)
    position: Mapped[int] = mapped_column(Integer)
    body: Mapped[Any] = mapped_column(JsonValue)


class CatalogueVersionRow(Base):
    """One version of what is published; the newest row is the current one.

    `origin` says what made it: 'seed' (files of the program), 'import' or 'staff'.
    """

    __tablename__ = "catalogue_versions"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    version: Mapped[str] = mapped_column(String(64))
    origin: Mapped[str] = mapped_column(String(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
