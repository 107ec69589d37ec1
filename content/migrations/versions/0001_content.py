"""The tables of the content."""

import sqlalchemy as sa
from alembic import op

from content.models import JsonValue, UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_STATUSES = ("draft", "in_review", "approved", "published", "archived")
_PUBLISHED = sa.text("status = 'published'")


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "articles",
        sa.Column("id", sa.String(128), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("audience", sa.String(16), nullable=False),
        sa.Column("ask", sa.Text(), nullable=False),
        sa.Column("related", JsonValue, nullable=False),
        sa.Column("emergency", sa.String(64), nullable=True),
        sa.Column("ground", JsonValue, nullable=False),
        sa.Column("review_due", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("owner", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_articles"),
    )
    status = sa.Enum(
        *_STATUSES, name="status", native_enum=False, create_constraint=True, length=16
    )
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.String(128), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("translates", sa.Integer(), nullable=False),
        sa.Column("pending_review", sa.Boolean(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("sections", JsonValue, nullable=False),
        sa.Column("author", sa.String(128), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_revisions"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_revisions_article_id_articles"
        ),
        sa.UniqueConstraint("article_id", "language", "number", name="uq_revisions_article_id"),
    )
    op.create_index(
        "ix_revisions_published",
        "revisions",
        ["article_id", "language"],
        unique=True,
        postgresql_where=_PUBLISHED,
        sqlite_where=_PUBLISHED,
    )
    op.create_table(
        "examples",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.String(128), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_examples"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_examples_article_id_articles"
        ),
    )
    op.create_index("ix_examples_article_id", "examples", ["article_id", "language", "position"])
    op.create_table(
        "documents",
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("body", JsonValue, nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name="pk_documents"),
    )
    op.create_table(
        "catalogue_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.Column("origin", sa.String(16), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_catalogue_versions"),
    )


def downgrade() -> None:
    """Remove the tables."""
    op.drop_table("catalogue_versions")
    op.drop_table("documents")
    op.drop_index("ix_examples_article_id", table_name="examples")
    op.drop_table("examples")
    op.drop_index("ix_revisions_published", table_name="revisions")
    op.drop_table("revisions")
    op.drop_table("articles")
