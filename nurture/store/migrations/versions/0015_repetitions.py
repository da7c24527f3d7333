"""Messages that may be repeated, over the same relay, though they may have arrived.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SET = sa.text("repeat_until IS NOT NULL")


def upgrade() -> None:
    op.add_column("outbox", sa.Column("repeat_until", Instant))
    op.create_index("ix_outbox_repeated", "outbox", ["repeat_until"], sqlite_where=SET, postgresql_where=SET)


def downgrade() -> None:
    op.drop_index("ix_outbox_repeated", "outbox")
    op.drop_column("outbox", "repeat_until")
