"""Writes enrolments, many at once."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from nurture.core.model import Enrolment
from nurture.store import schema
from nurture.store.bulk import insert_rows, update_rows

_PLACE = ("version_id", "track", "step", "since", "done", "state", "ended_at", "lap")


def add_enrolments(connection: sa.Connection, enrolments: Sequence[Enrolment]) -> None:
    """Stores new enrolments; the database gives them their ids."""
    columns = ("contact_id", "campaign", "occurrence", "entered_at", *_PLACE)
    rows = [tuple(getattr(enrolment, name) for name in columns) for enrolment in enrolments]
    if rows:
        insert_rows(connection, schema.enrolment, columns, rows)


def move_enrolments(connection: sa.Connection, enrolments: Sequence[Enrolment]) -> None:
    """Stores where existing enrolments stand now."""
    rows = [tuple(getattr(enrolment, name) for name in ("id", *_PLACE)) for enrolment in enrolments]
    update_rows(connection, schema.enrolment, "id", _PLACE, rows)
