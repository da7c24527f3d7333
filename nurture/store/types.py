"""Column types that behave alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

_json = msgspec.json.Encoder(enc_hook=str)
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)


def encode_json(value: object) -> str:
    """JSON text for a column; what JSON does not know (a date, say) becomes its string."""
    return _json.encode(value).decode()


Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
"""JSON text in SQLite, jsonb in PostgreSQL."""

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""A 64-bit key; in SQLite it must be called INTEGER to be the row's own id."""


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment in UTC, always aware on the Python side. Refuses a naive datetime with ValueError.

    SQLite has no type for times: there they are ISO texts of one length, which sort as the moments do. The
    processors are our own, since every row of every batch passes through them.
    """

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], Any]:
        def utc(value: datetime | None) -> datetime | None:
            if value is None or value.tzinfo is UTC:
                return value
            if value.tzinfo is None:
                raise ValueError(f"a time without a zone cannot be stored: {value!r}")
            return value.astimezone(UTC)

        def utc_text(value: datetime | None) -> str | None:
            moment = utc(value)
            return None if moment is None else moment.replace(tzinfo=None).isoformat(" ", "microseconds")

        return utc_text if dialect.name == "sqlite" else utc

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        def from_text(value: str | None) -> datetime | None:
            return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)

        def from_moment(value: datetime | None) -> datetime | None:
            return None if value is None else value.astimezone(UTC)

        return from_text if dialect.name == "sqlite" else from_moment


class Moment(Instant):
    """The same in a third of the bytes, where there are very many: microseconds since 1970 on SQLite."""

    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        return dialect.type_descriptor(sa.BigInteger() if dialect.name == "sqlite" else self.impl_instance)

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], Any]:
        if dialect.name != "sqlite":
            return super().bind_processor(dialect)

        def microseconds(value: datetime | None) -> int | None:
            if value is not None and value.tzinfo is None:
                raise ValueError(f"a time without a zone cannot be stored: {value!r}")
            return None if value is None else (value - _EPOCH) // _MICROSECOND

        return microseconds

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        if dialect.name != "sqlite":
            return super().result_processor(dialect, coltype)

        def from_microseconds(value: int | None) -> datetime | None:
            return None if value is None else _EPOCH + value * _MICROSECOND

        return from_microseconds
