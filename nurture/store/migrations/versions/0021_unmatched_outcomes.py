"""Outcomes of people whom nobody knows yet.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Id, Instant, Json

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unmatched_outcome",
        sa.Column("id", Id, nullable=False),
        sa.Column("told", Json, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("received_at", Instant(timezone=True), nullable=False),
        sa.Column("dedupe_key", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unmatched_outcome")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_unmatched_outcome_dedupe_key")),
    )


def downgrade() -> None:
    op.drop_table("unmatched_outcome")
