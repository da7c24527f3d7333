"""How often people want mail, and what can be shown of each consent.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Id, Instant, Json

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("consent", "former_consent"):
        op.add_column(table, sa.Column("proof", Json, nullable=True))
    op.create_table(
        "preference",
        sa.Column("contact_id", Id, autoincrement=False, nullable=False),
        sa.Column("days_apart", sa.Integer(), nullable=True),
        sa.Column("paused_until", Instant(timezone=True), nullable=True),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_preference_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", name=op.f("pk_preference")),
    )


def downgrade() -> None:
    op.drop_table("preference")
    for table in ("consent", "former_consent"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("proof")
