"""The page that a visit was to, in a column of its own.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from nurture.core.words import visited_path
from nurture.store.bulk import update_rows
from nurture.store.types import Id, Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

AT_ONCE = 5_000

signal = sa.Table(
    "signal",
    sa.MetaData(),
    sa.Column("id", Id),
    sa.Column("kind", sa.Text),
    sa.Column("data", Json),
    sa.Column("path", sa.Text),
)


def upgrade() -> None:
    op.add_column("signal", sa.Column("path", sa.Text(), nullable=True))
    connection = op.get_bind()
    last = 0
    # By the key and in Python: addresses are taken apart by the very function that fills new rows.
    while rows := connection.execute(_visits(last)).all():
        paths = [(row.id, visited_path("visited", row.data)) for row in rows]
        update_rows(connection, signal, "id", ["path"], paths)
        last = rows[-1].id


def _visits(after: int) -> sa.Select[Any]:
    visits = sa.select(signal.c.id, signal.c.data).where(signal.c.kind == "visited", signal.c.id > after)
    return visits.order_by(signal.c.id).limit(AT_ONCE)
