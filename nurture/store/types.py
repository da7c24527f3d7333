"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

_json = msgspec.json.Encoder(enc_hook=str)


def encode_json(value: object) -> str:
    """JSON text for a column; what JSON does not know (a date, say) becomes its string."""
    return _json.encode(value).decode()


Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON text in SQLite, jsonb in PostgreSQL."""

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A 64-bit key; in SQLite it must be called INTEGER to be the row's own id."""


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, always aware on the Python side. Refuses a naive datetime with ValueError."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value!r}")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
