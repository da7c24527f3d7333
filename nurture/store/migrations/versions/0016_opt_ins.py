"""Consents that a mail asks to confirm, and where forms were posted from.

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Id, Instant, Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbox", sa.Column("origin", Json, nullable=True))
    op.create_table(
        "opt_in",
        sa.Column("id", Id, nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("proof", Json, nullable=True),
        sa.Column("asked_at", Instant(timezone=True), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.Column("confirmed_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_opt_in_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opt_in")),
    )
    op.create_index("ix_opt_in_contact_id", "opt_in", ["contact_id"])


def downgrade() -> None:
    op.drop_table("opt_in")
    with op.batch_alter_table("inbox") as batch:
        batch.drop_column("origin")
