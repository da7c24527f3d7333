"""Campaigns as code: laps of loops, tags, errands of actions, and the history of what was published.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from nurture.store.types import Id, Instant, Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("contact", sa.Column("tags", Json, nullable=True))
    op.add_column("enrolment", sa.Column("lap", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("outbox") as outbox:
        outbox.add_column(sa.Column("lap", sa.Integer(), server_default="0", nullable=False))
        outbox.drop_constraint("uq_outbox_contact_id_campaign_step_occurrence", type_="unique")
        outbox.create_unique_constraint(
            "uq_outbox_contact_id_campaign_step_occurrence_lap",
            ["contact_id", "campaign", "step", "occurrence", "lap"],
        )
    op.create_table(
        "publication",
        sa.Column("id", Id, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("version_id", Id, nullable=True),
        sa.Column("before_id", Id, nullable=True),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["campaign_version.id"], name=op.f("fk_publication_version_id")
        ),
        sa.ForeignKeyConstraint(
            ["before_id"], ["campaign_version.id"], name=op.f("fk_publication_before_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publication")),
    )
    op.create_index("ix_publication_campaign", "publication", ["campaign"], unique=False)
    op.create_table(
        "errand",
        sa.Column("id", Id, nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("version_id", Id, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column("lap", sa.Integer(), server_default="0", nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("parameters", Json, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("token", Id, nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_errand_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_errand")),
        sa.UniqueConstraint(
            "contact_id",
            "campaign",
            "step",
            "occurrence",
            "lap",
            name=op.f("uq_errand_contact_id_campaign_step_occurrence_lap"),
        ),
    )
    op.create_index(
        "ix_errand_open",
        "errand",
        ["not_before"],
        unique=False,
        sqlite_where=sa.text("state IN ('ready', 'claimed')"),
        postgresql_where=sa.text("state IN ('ready', 'claimed')"),
    )
