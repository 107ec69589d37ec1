"""The tables of the panel: sign-in, drafts, releases, audit."""

import sqlalchemy as sa
from alembic import op

from content.models import JsonValue, UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATUS = sa.Enum(
    "draft", "in_review", "approved", "published", "archived",
    name="status", native_enum=False, create_constraint=True, length=16,
)  # fmt: skip
_TABLES = (
    "told", "question_decisions", "releases", "switched_off", "comments", "document_revisions",
    "audit", "staff_kept_forms", "staff_sessions", "staff_links", "staff_attempts",
    "staff_credentials",
)  # fmt: skip
_ADDED = ("updated_at", "edits", "editors", "approved_by", "note")


def upgrade() -> None:
    """Create the tables; let revisions know who approved them."""
    op.add_column("revisions", sa.Column("updated_at", UtcDateTime(), nullable=True))
    op.add_column("revisions", sa.Column("edits", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("revisions", sa.Column("editors", JsonValue, nullable=False, server_default="[]"))
    op.add_column("revisions", sa.Column("approved_by", sa.String(254), nullable=True))
    op.add_column("revisions", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.add_column(
        "misses",
        sa.Column("unhelpful", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    _let_ids_be_as_long_as(128, 64)
    op.create_table(
        "staff_credentials",
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("password", sa.String(255), nullable=True),
        sa.Column("totp", sa.Text(), nullable=True),
        sa.Column("totp_step", sa.Integer(), nullable=False),
        sa.Column("recovery", JsonValue, nullable=False),
        sa.Column("subject", sa.String(512), nullable=True),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("email", name="pk_staff_credentials"),
        sa.UniqueConstraint("subject", name="uq_staff_credentials_subject"),
        sa.ForeignKeyConstraint(
            ["email"], ["staff.email"], name="fk_staff_credentials_email_staff"
        ),
    )
    op.create_table(
        "staff_attempts",
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("locked_until", UtcDateTime(), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_staff_attempts"),
    )
    op.create_index("ix_staff_attempts_updated_at", "staff_attempts", ["updated_at"])
    op.create_table(
        "staff_links",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("token", name="pk_staff_links"),
        sa.ForeignKeyConstraint(["email"], ["staff.email"], name="fk_staff_links_email_staff"),
    )
    op.create_index("ix_staff_links_email", "staff_links", ["email"])
    op.create_table(
        "staff_sessions",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("browser", sa.String(200), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_staff_sessions"),
        sa.ForeignKeyConstraint(["email"], ["staff.email"], name="fk_staff_sessions_email_staff"),
        sa.UniqueConstraint("id", name="uq_staff_sessions_id"),
    )
    op.create_index("ix_staff_sessions_email", "staff_sessions", ["email"])
    op.create_table(
        "staff_kept_forms",
        sa.Column("token", sa.String(64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token", name="pk_staff_kept_forms"),
    )
    op.create_index("ix_staff_kept_forms_created_at", "staff_kept_forms", ["created_at"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("staff", sa.String(254), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("detail", JsonValue, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_action", "audit", ["action"])
    op.create_index("ix_audit_at", "audit", ["at"])
    op.create_index("ix_audit_staff", "audit", ["staff"])
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_table(
        "document_revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("document", sa.String(128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", _STATUS, nullable=False),
        sa.Column("body", JsonValue, nullable=True),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.Column("editors", JsonValue, nullable=False),
        sa.Column("author", sa.String(254), nullable=False),
        sa.Column("approved_by", sa.String(254), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_document_revisions"),
        sa.UniqueConstraint("kind", "document", "number", name="uq_document_revisions_kind"),
    )
    op.create_index("ix_document_revisions_status", "document_revisions", ["status"])
    op.create_table(
        "comments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("staff", sa.String(254), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("resolved_at", UtcDateTime(), nullable=True),
        sa.Column("resolved_by", sa.String(254), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_comments"),
    )
    op.create_index("ix_comments_subject", "comments", ["subject"])
    op.create_table(
        "switched_off",
        sa.Column("article_id", sa.String(128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("staff", sa.String(254), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("article_id", name="pk_switched_off"),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name="fk_switched_off_article_id_articles"
        ),
    )
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("texts", JsonValue, nullable=False),
        sa.Column("documents", JsonValue, nullable=False),
        sa.Column("created_by", sa.String(254), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("progress", sa.Text(), nullable=False),
        sa.Column("worked_at", UtcDateTime(), nullable=True),
        sa.Column("report", JsonValue, nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("version", sa.String(64), nullable=True),
        sa.Column("model", sa.String(128), nullable=True),
        sa.Column("published_by", sa.String(254), nullable=True),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("snapshot", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
    )
    op.create_index("ix_releases_status", "releases", ["status"])
    op.create_table(
        "question_decisions",
        sa.Column("question", sa.String(40), nullable=False),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("article", sa.String(128), nullable=True),
        sa.Column("staff", sa.String(254), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("question", name="pk_question_decisions"),
    )
    op.create_index("ix_question_decisions_at", "question_decisions", ["at"])
    op.create_table(
        "told",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_told"),
    )
    _refuse_changes()


def _let_ids_be_as_long_as(new: int, old: int) -> None:
    """Let documents be named like articles."""
    with op.batch_alter_table("documents") as documents:
        documents.alter_column(
            "id", type_=sa.String(new), existing_type=sa.String(old), existing_nullable=False
        )


def _refuse_changes() -> None:
    """Let the database itself refuse to change or delete a line of the audit log."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION audit_is_final() RETURNS trigger LANGUAGE plpgsql AS $$ "
            "BEGIN RAISE EXCEPTION 'lines of the audit log are final'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_is_final BEFORE UPDATE OR DELETE ON audit "
            "FOR EACH ROW EXECUTE FUNCTION audit_is_final()"
        )
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_is_final_{act.lower()} BEFORE {act} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'lines of the audit log are final'); END"
        )


def downgrade() -> None:
    """Remove the tables and columns."""
    for name in _TABLES:
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_is_final()")
    op.drop_column("misses", "unhelpful")
    _let_ids_be_as_long_as(64, 128)
    for name in _ADDED:
        op.drop_column("revisions", name)
