"""Where each value of a contact or an account came from, how sure it is, and what may replace it.

What a person said is never replaced by what an enricher finds; what one enricher found is replaced by what a
surer one finds. A value without an origin of its own came with the first record, under `ALL_ELSE`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

ALL_ELSE = "*"
"""The key of the origin that holds for all fields that have none of their own."""

BY_CAMPAIGN = 0
"""As `record`: a step of a campaign has set the value."""


class Origin(NamedTuple):
    """Where a value came from: `record` is the inbox item that said so; else an enricher found it.

    An enricher's value has `by` (its name), `confidence` (0 to 1), `at`, and `why` in words.
    """

    record: int | None = None
    by: str = ""
    confidence: float = 1.0
    at: datetime | None = None
    why: str = ""

    @property
    def is_found(self) -> bool:
        """Whether an enricher found it: nobody said so."""
        return self.record is None and bool(self.by)


Origins = dict[str, Origin]
"""Field → where its value came from; facts of a company and answers as `account.KEY` and `answers.KEY`."""


def origin_of(field: str, origins: Mapping[str, Origin]) -> Origin:
    """Where a field's value came from; what is not known is taken to have been said."""
    return origins.get(field) or origins.get(ALL_ELSE) or Origin()


def may_replace(present: object, origin: Origin, found: Origin) -> bool:
    """Whether what an enricher found may stand in place of a present value.

    An enricher may correct itself, as long as it is no less sure than it was.
    """
    if present is None:
        return True
    if not origin.is_found:
        return False
    own = found.by == origin.by and found.confidence >= origin.confidence
    return own or found.confidence > origin.confidence


def as_document(origins: Mapping[str, Origin]) -> dict[str, Any] | None:
    """For the database: a record's number, or what an enricher said of itself; None for nothing."""
    return {
        field: [one.by, one.confidence, _seconds(one.at), one.why] if one.is_found else one.record
        for field, one in origins.items()
    } or None


def from_document(document: Mapping[str, Any] | None) -> Origins:
    """What `as_document` made."""
    return {field: _origin(said) for field, said in (document or {}).items()}


def _origin(said: Any) -> Origin:
    if not isinstance(said, list):
        return Origin(record=said)
    by, confidence, at, why = said
    return Origin(None, by, confidence, None if at is None else datetime.fromtimestamp(at, UTC), why)


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())
