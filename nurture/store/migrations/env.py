"""Alembic's entry: runs migrations on the connection that `nurture.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from nurture.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    # SQLite cannot alter most things in place; Alembic then copies the table.
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
