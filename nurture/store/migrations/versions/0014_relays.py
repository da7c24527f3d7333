"""Several relays, with limits, rests and pauses.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, server_default="0")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("relay", sa.Text))
    op.create_table(
        "throttle",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("day", Instant),
        _number("day_used"),
        sa.Column("minute", Instant),
        _number("minute_used"),
        sa.Column("rest_until", Instant),
        _number("strikes"),
        sa.Column("paused_at", Instant),
        sa.Column("paused_why", sa.Text),
    )
    op.create_table(
        "relay_hour",
        sa.Column("relay", sa.Text, primary_key=True),
        sa.Column("hour", Instant, primary_key=True),
        _number("tried"),
        _number("blocked"),
        _number("complained"),
    )


def downgrade() -> None:
    op.drop_table("relay_hour")
    op.drop_table("throttle")
    op.drop_column("outbox", "relay")
