"""Stages that somebody has set by hand, and until when that holds.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("journey", sa.Column("stage_told_at", Instant(timezone=True), nullable=True))
    op.add_column("journey", sa.Column("stage_told_until", Instant(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("journey", "stage_told_until")
    op.drop_column("journey", "stage_told_at")
