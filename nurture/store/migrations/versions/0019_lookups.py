"""What remote enrichers are to be asked, and what they answered.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Id, Instant, Json

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_OPEN = sa.text("state IN ('ready', 'claimed')")


def upgrade() -> None:
    op.create_table(
        "lookup",
        sa.Column("id", Id, nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("enricher", sa.Text(), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("not_before", Instant(timezone=True), nullable=False),
        sa.Column("token", Id, nullable=True),
        sa.Column("lease_until", Instant(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("done_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_lookup_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lookup")),
        sa.UniqueConstraint("contact_id", "enricher", name=op.f("uq_lookup_contact_id_enricher")),
    )
    op.create_index(
        "ix_lookup_open", "lookup", ["enricher", "not_before"], sqlite_where=_OPEN, postgresql_where=_OPEN
    )
    op.create_table(
        "lookup_answer",
        sa.Column("enricher", sa.Text(), nullable=False),
        sa.Column("question", sa.LargeBinary(), nullable=False),
        sa.Column("answer", Json, nullable=True),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("enricher", "question", name=op.f("pk_lookup_answer")),
    )
    op.create_index("ix_lookup_answer_expires_at", "lookup_answer", ["expires_at"])


def downgrade() -> None:
    op.drop_table("lookup_answer")
    op.drop_table("lookup")
