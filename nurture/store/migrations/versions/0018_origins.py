"""Where each value of a contact and of an account came from.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Json

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("account", "contact"):
        op.add_column(table, sa.Column("origins", Json, nullable=True))


def downgrade() -> None:
    for table in ("account", "contact"):
        with op.batch_alter_table(table) as batch:
            batch.drop_column("origins")
