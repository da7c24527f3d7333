"""Decision records in a few bytes: what many have in common stands once, in `ground`.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

from nurture.store.bulk import insert_rows
from nurture.store.types import Id, Instant, Json, Moment, encode_json

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SHARED_BY = 20
AT_ONCE = 10_000
NAMES = ("what", "campaign", "version", "step", "rule", "reason", "evidence")

Key = tuple[str | None, ...]


def upgrade() -> None:
    connection = op.get_bind()
    op.execute("CREATE TEMPORARY TABLE before AS SELECT * FROM decision")
    op.drop_table("decision")
    ground, decision = _make_tables()
    grounds = _shared_grounds(connection, ground)
    for rows in _rows_before(connection):
        insert_rows(
            connection,
            decision,
            ("contact_id", "at", "next_at", "ground_id", "said"),
            [_converted(row, lambda key: _ground(connection, ground, grounds, key), grounds) for row in rows],
        )
    op.execute("DROP TABLE before")
    # Along with the rows, so that a large table gets it in one go.
    op.create_index("ix_decision_contact_id", "decision", ["contact_id"], unique=False)


def _make_tables() -> tuple[sa.Table, sa.Table]:
    ground = op.create_table(
        "ground",
        sa.Column("id", Id, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("evidence", Json, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ground")),
        sa.UniqueConstraint("digest", name=op.f("uq_ground_digest")),
    )
    decision = op.create_table(
        "decision",
        sa.Column("id", Id, nullable=False),
        sa.Column("contact_id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("next_at", Moment(), nullable=True),
        sa.Column("ground_id", sa.Integer(), nullable=False),
        sa.Column("said", Json, nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_decision_contact_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    return ground, decision


def _before() -> sa.TableClause:
    columns: list[sa.ColumnClause[Any]] = [sa.column("id", Id), sa.column("contact_id", Id)]
    columns += [sa.column("at", Instant()), sa.column("next_at", Instant()), sa.column("evidence", Json)]
    return sa.table("before", *columns, *(sa.column(name, sa.Text) for name in NAMES[:-1]))


def _shared_grounds(connection: sa.Connection, ground: sa.Table) -> dict[Key, int]:
    """The reasons that many people were given, each with all that goes with it: counted in the database."""
    before = _before()
    columns = [before.c[name] for name in NAMES]
    many = sa.func.count(before.c.contact_id.distinct()) >= SHARED_BY
    grounds: dict[Key, int] = {}
    for row in connection.execute(sa.select(*columns).group_by(*columns).having(many)).all():
        _ground(connection, ground, grounds, _key(row))
    return grounds


def _rows_before(connection: sa.Connection) -> Iterator[list[Any]]:
    before = _before()
    op.execute("CREATE INDEX ix_before ON before (id)")
    last = 0
    while rows := connection.execute(
        sa.select(before).where(before.c.id > last).order_by(before.c.id).limit(AT_ONCE)
    ).all():
        yield list(rows)
        last = rows[-1].id


def _converted(row: Any, ground_of: Callable[[Key], int], grounds: dict[Key, int]) -> tuple[Any, ...]:
    whole = _key(row)
    if whole in grounds:
        return row.contact_id, row.at, row.next_at, grounds[whole], None
    said = [row.reason, row.evidence]
    return row.contact_id, row.at, row.next_at, ground_of((*whole[:-2], None, None)), said


def _key(row: Any) -> Key:
    *texts, evidence = (getattr(row, name) for name in NAMES)
    return *texts, None if evidence is None else encode_json(evidence)


def _ground(connection: sa.Connection, table: sa.Table, grounds: dict[Key, int], key: Key) -> int:
    if key not in grounds:
        names: dict[str, Any] = dict(zip(NAMES, key, strict=True))
        if names["evidence"] is not None:
            names["evidence"] = msgspec.json.decode(names["evidence"])
        digest = sha256(encode_json(key).encode()).digest()[:16]
        made = connection.execute(sa.insert(table).values(digest=digest, **names).returning(table.c.id))
        grounds[key] = made.scalar_one()
    return grounds[key]
