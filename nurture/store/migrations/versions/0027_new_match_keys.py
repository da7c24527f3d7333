"""People are found by other keys now: the old ones go, and `nurture review search` makes the new ones.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM match_key")


def downgrade() -> None:
    op.execute("DELETE FROM match_key")
