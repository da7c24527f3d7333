"""Contacts that were merged into another one.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Id, Instant, Json

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "former_contact",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("matched_by", sa.Text(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("reasons", Json, nullable=False),
        sa.Column("kept", Json, nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_former_contact_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_contact")),
    )
    op.create_index("ix_former_contact_contact_id", "former_contact", ["contact_id"])


def downgrade() -> None:
    op.drop_table("former_contact")
