"""What actions of campaigns change of contacts: tags, fields and answers, many contacts at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from nurture.core.changes import CHANGEABLE
from nurture.core.model import Contact, Revise
from nurture.core.provenance import BY_CAMPAIGN
from nurture.store import schema
from nurture.store.bulk import update_rows

_FIELDS = tuple(sorted(CHANGEABLE))


def revise(connection: sa.Connection, revisions: Sequence[tuple[Contact, Revise]], now: datetime) -> None:
    """Writes what the decisions changed; an answer that becomes None is forgotten.

    Answers are merged in the database, since sorting may have added others since the contact was looked at.
    """
    rows = [
        (
            contact.id,
            list(revision.tags),
            dict(revision.answers),
            now,
            dict.fromkeys([*revision.fields, *(f"answers.{key}" for key in revision.answers)], BY_CAMPAIGN),
            *(revision.fields.get(name) for name in _FIELDS),
        )
        for contact, revision in revisions
    ]
    if connection.dialect.name == "postgresql":
        merged = "jsonb_strip_nulls(COALESCE(t.answers, '{}'::jsonb) || v.answers)"
        origins = "COALESCE(t.origins, '{}'::jsonb) || v.origins"
    else:
        merged = "json_patch(COALESCE(t.answers, '{}'), v.answers)"
        origins = "json_patch(COALESCE(t.origins, '{}'), v.origins)"
    kept = {name: f"COALESCE(v.{name}, t.{name})" for name in _FIELDS}
    columns = ("tags", "answers", "updated_at", "origins", *_FIELDS)
    overrides = {"answers": merged, "origins": origins, **kept}
    update_rows(connection, schema.contact, "id", columns, rows, overrides=overrides)
