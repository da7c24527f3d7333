"""The sales desk: shares and absences of members, deadlines that are kept, questions, what is handed back.

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Id, Instant, Json

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

UNANSWERED = sa.text("answer IS NULL")
LOOKED_AT = sa.text("next_look IS NOT NULL")
TEXTS = ("assigned_because", "escalated_to", "asked_for", "returned_reason", "returned_note", "returned_by")
TIMES = ("assigned_at", "next_look", "reminded_at", "escalated_at", "asked_at", "returned_at")


def upgrade() -> None:
    for name in TEXTS:
        op.add_column("handover", sa.Column(name, sa.Text()))
    for name in TIMES:
        op.add_column("handover", sa.Column(name, Instant(timezone=True)))
    op.add_column("handover", sa.Column("turn", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("handover", sa.Column("had", Json))
    op.create_index(
        "ix_handover_waiting",
        "handover",
        ["assignee_email"],
        sqlite_where=UNANSWERED,
        postgresql_where=UNANSWERED,
    )
    op.create_index(
        "ix_handover_next_look", "handover", ["next_look"], sqlite_where=LOOKED_AT, postgresql_where=LOOKED_AT
    )
    with op.batch_alter_table("notice") as batch:
        batch.alter_column("handover_id", existing_type=Id, nullable=True)
        batch.add_column(sa.Column("kind", sa.Text(), nullable=False, server_default="opened"))
        batch.add_column(sa.Column("created_at", Instant(timezone=True)))
    op.create_index("ix_notice_handover_id", "notice", ["handover_id"])
    op.create_table(
        "team_share",
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("passed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("team", "email", name=op.f("pk_team_share")),
    )
    op.create_table(
        "absence",
        sa.Column("id", Id, nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence")),
    )


def downgrade() -> None:
    op.drop_table("absence")
    op.drop_table("team_share")
    op.execute("DELETE FROM notice WHERE handover_id IS NULL")
    op.drop_index("ix_notice_handover_id", "notice")
    with op.batch_alter_table("notice") as batch:
        batch.drop_column("created_at")
        batch.drop_column("kind")
        batch.alter_column("handover_id", existing_type=Id, nullable=False)
    op.drop_index("ix_handover_next_look", "handover")
    op.drop_index("ix_handover_waiting", "handover")
    # One by one: a table made anew on SQLite would take the notices of its hand-overs with it.
    for name in (*TIMES, *TEXTS, "turn", "had"):
        op.drop_column("handover", name)
