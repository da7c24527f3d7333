"""Accounts that are one company: merged ones, the keys by which they are found, and those in doubt.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Id, Instant, Json

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def _account(column: str, table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}")
    return sa.ForeignKeyConstraint([column], ["account.id"], name=name, ondelete="CASCADE")


def upgrade() -> None:
    op.create_table(
        "former_account",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("name_key", sa.Text(), nullable=True),
        sa.Column("domain", sa.Text(), nullable=True),
        sa.Column("matched_by", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("kept", Json, nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        _account("account_id", "former_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_account")),
    )
    for column in ("account_id", "domain", "name_key"):
        op.create_index(f"ix_former_account_{column}", "former_account", [column])
    op.create_table(
        "account_key",
        sa.Column("key", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("account_id", Id, autoincrement=False, nullable=False),
        _account("account_id", "account_key"),
        sa.PrimaryKeyConstraint("key", "account_id", name=op.f("pk_account_key")),
    )
    op.create_index("ix_account_key_account_id", "account_key", ["account_id"])
    op.create_table(
        "account_review",
        sa.Column("id", Id, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("other_id", Id, nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("decided_at", Instant(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        _account("account_id", "account_review"),
        _account("other_id", "account_review"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_review")),
        sa.UniqueConstraint("account_id", "other_id", name=op.f("uq_account_review_account_id_other_id")),
    )
    op.create_index("ix_account_review_other_id", "account_review", ["other_id"])


def downgrade() -> None:
    for table in ("account_review", "account_key", "former_account"):
        op.drop_table(table)
