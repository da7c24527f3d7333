"""Who may be the same person, and what somebody says about it: one, or two after all."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.errors import NurtureError
from nurture.journey.picture import find_contact
from nurture.store import former, pairs, reviews, schema
from nurture.store.engine import Store
from nurture.store.merging import BY_HAND, BY_REVIEW, merge_one
from nurture.store.merging_rounds import Merging
from nurture.store.reviews import Reviewed
from nurture.store.unmerging import Unmerged, unmerge

Hash = Callable[[str], bytes]

SHOWN = (
    *("name", "email", "phone", "company", "job_title", "city", "country", "source", "created_at"),
    *("lifecycle", "stage"),
)
"""What is shown of the two of a pair, so that somebody can tell."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A pair with what is known of both, field by field: name → (the one, the other)."""

    pair: Reviewed
    fields: Mapping[str, tuple[Any, Any]]


class Duplicates:
    """Answers what `review` and `contacts` ask. Raised when somebody or a pair is not there: NurtureError."""

    def __init__(self, store: Store, clock: Clock, address_hash: Hash) -> None:
        self._store = store
        self._clock = clock
        self._address_hash = address_hash

    def listed(self, state: str, limit: int) -> tuple[int, Sequence[Reviewed]]:
        """How many pairs are in a state, and the likeliest of them."""
        with self._store.read() as connection:
            return pairs.PEOPLE.count(connection, state), reviews.listed(connection, state=state, limit=limit)

    def show(self, review_id: int) -> Compared:
        """One pair, side by side."""
        with self._store.read() as connection:
            pair = reviews.find(connection, review_id)
            return Compared(pair, _side_by_side(connection, pair.contact_id, pair.other_id))

    def merge_pair(self, review_id: int, by: str) -> Merging:
        """The two of a pair are one person: the newer contact becomes part of the older one."""
        with self._store.write() as connection:
            pair = reviews.find(connection, review_id)
            reasons = (_said(by), *pair.reasons)
            one = Merging(pair.other_id, pair.contact_id, BY_REVIEW, reasons, pair.score)
            merge_one(connection, one, self._address_hash, self._clock.now())
        return one

    def keep_apart(self, review_id: int, by: str) -> Reviewed:
        """The two of a pair are two people, and are not asked about again."""
        now = self._clock.now()
        with self._store.write() as connection:
            pair = reviews.find(connection, review_id)
            pairs.PEOPLE.keep_apart(connection, (pair.contact_id, pair.other_id), by, now)
            return reviews.find(connection, review_id)

    def merge(self, kept: str, gone: str, by: str) -> Merging:
        """`gone` becomes part of `kept`; each is named as `explain` takes it."""
        with self._store.write() as connection:
            ids = (find_contact(connection, kept), find_contact(connection, gone))
            one = Merging(ids[1], ids[0], BY_HAND, (_said(by),))
            merge_one(connection, one, self._address_hash, self._clock.now())
        return one

    def unmerge(self, number: int) -> Unmerged:
        """The contact that had this number before it was merged is one of its own again.

        Raised also where several were merged into this one, and it must be said which: NurtureError.
        """
        with self._store.write() as connection:
            if not former.now_known_as(connection, [number]):
                _refuse(connection, number)
            return unmerge(connection, number, self._clock.now())


def _said(by: str) -> str:
    return f"said by {by}" if by else "said by hand"


def _refuse(connection: sa.Connection, number: int) -> None:
    table = schema.former_contact
    merged = list(connection.scalars(sa.select(table.c.id).where(table.c.contact_id == number)))
    if merged:
        listed = ", ".join(str(each) for each in sorted(merged))
        raise NurtureError(
            f"contact {number} is there; merged into it: {listed}",
            hint=f"say which one is to be a contact of its own again: nurture contacts unmerge {merged[0]}",
        )


def _side_by_side(connection: sa.Connection, one: int, other: int) -> dict[str, tuple[Any, Any]]:
    contact, journey = schema.contact, schema.journey
    both = contact.join(journey, journey.c.contact_id == contact.c.id)
    query = sa.select(contact, journey.c.lifecycle, journey.c.stage).select_from(both)
    rows = {
        row["id"]: row for row in connection.execute(query.where(contact.c.id.in_((one, other)))).mappings()
    }
    return {name: (rows[one][name], rows[other][name]) for name in SHOWN}
