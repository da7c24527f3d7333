"""S.L. and S.n.c. are legal forms: the keys by which accounts are found do without them.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("account", "former_account"):
        table = sa.table(name, sa.column("name_key", sa.Text))
        spaced = sa.literal(" ") + table.c.name_key + " "
        for form in ("sl", "snc"):
            without = sa.func.trim(sa.func.replace(spaced, f" {form} ", " "))
            wanted = sa.and_(spaced.like(f"% {form} %"), without != "")
            op.execute(sa.update(table).where(wanted).values(name_key=without))


def downgrade() -> None:
    """Nothing: which keys had them is not known any more, and they find their accounts without."""
