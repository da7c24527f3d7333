"""Reads what others post to us as JSON, checked against a pydantic model: nothing odd gets through."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar, cast

from pydantic import AfterValidator, AwareDatetime, TypeAdapter, ValidationError

from nurture.errors import FeedbackError

T = TypeVar("T")


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no such time") from error


UtcTime = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A time in a posted document: ISO 8601 with a zone, or Unix seconds; read as UTC."""


def parse_json(shape: type[T], document: bytes | str) -> T:
    """`document` as `shape`: a pydantic model, or a list of them.

    Raised when it is no JSON, or does not fit: FeedbackError, with the first thing that is wrong.
    """
    try:
        read: T = _adapter(cast("Hashable", shape)).validate_json(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise FeedbackError(f"{where}: {first['msg']}" if where else first["msg"]) from error
    return read


@lru_cache(maxsize=64)
def _adapter(shape: Any) -> TypeAdapter[Any]:
    return TypeAdapter(shape)
