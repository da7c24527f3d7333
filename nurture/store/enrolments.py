"""Writes enrolments and decision records, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from nurture.core.model import DecisionRecord, Enrolment
from nurture.store import schema
from nurture.store.bulk import insert_rows, update_rows

_PLACE = ("version_id", "track", "step", "since", "done", "state", "ended_at", "lap")
_RECORD = ("contact_id", "at", "what", "reason", "campaign", "version", "step", "rule", "evidence", "next_at")


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


def add_records(
    connection: sa.Connection, records: Sequence[tuple[int, DecisionRecord]], at: datetime
) -> None:
    """Keeps why things were decided; each record goes with its contact's id."""
    rows = [
        (
            contact_id,
            at,
            record.what,
            record.reason,
            record.campaign,
            record.version,
            record.step,
            record.rule,
            dict(record.evidence) or None,
            record.next_at,
        )
        for contact_id, record in records
    ]
    if rows:
        insert_rows(connection, schema.decision, _RECORD, rows)
