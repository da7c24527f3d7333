"""Which accounts may be one company, and what somebody says about it: one, or two after all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.errors import NurtureError
from nurture.journey.firm import find_firm
from nurture.store import former_accounts, schema
from nurture.store.engine import Store
from nurture.store.merging_accounts import BY_HAND, Joined, merge_one_account
from nurture.store.merging_rounds import Merging
from nurture.store.pairs import ACCOUNTS, Pair
from nurture.store.unmerging_accounts import Parted, unmerge_account


@dataclass(frozen=True, slots=True)
class SameFirm:
    """Two accounts that may be one company; `people` are known at the one, `other_people` at the other."""

    account_id: int
    other_id: int
    name: str | None
    other_name: str | None
    domain: str | None
    other_domain: str | None
    people: int
    other_people: int
    score: float
    reasons: tuple[str, ...]
    state: str


class SameFirms:
    """Answers `review accounts` and `accounts merge`. Raised when an account is not there: NurtureError."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def listed(self, state: str, limit: int) -> tuple[int, Sequence[SameFirm]]:
        """How many pairs are in a state, and the likeliest of them."""
        with self._store.read() as connection:
            rows = connection.execute(_shown(state).limit(limit))
            found = [SameFirm(**{**row._mapping, "reasons": tuple(row.reasons)}) for row in rows]
            return ACCOUNTS.count(connection, state), found

    def merge(self, kept: str, gone: str, by: str) -> Joined:
        """`gone` becomes part of `kept`; each is named as `accounts show` takes it."""
        with self._store.write() as connection:
            ids = (find_firm(connection, gone).id, find_firm(connection, kept).id)
            reasons = (f"said by {by}" if by else "said by hand", *_reasons(connection, ids))
            return merge_one_account(connection, Merging(*ids, BY_HAND, reasons), self._clock.now())

    def keep_apart(self, one: str, other: str, by: str) -> Pair:
        """The two are two companies: they are never merged by likeness, and not asked about again."""
        with self._store.write() as connection:
            first, second = sorted(find_firm(connection, each).id for each in (one, other))
            if first == second:
                raise NurtureError(f"{one!r} and {other!r} are one account", hint="give two of them")
            ACCOUNTS.keep_apart(connection, (first, second), by, self._clock.now())
        return first, second

    def unmerge(self, number: int) -> Parted:
        """The account that had this number before it was merged is one of its own again."""
        with self._store.write() as connection:
            merged = former_accounts.merged_into(connection, number)
            if merged:
                listed = ", ".join(str(one.id) for one in merged)
                raise NurtureError(
                    f"account {number} is there; merged into it: {listed}",
                    hint=f"say which one is to be an account of its own again: "
                    f"nurture accounts unmerge {merged[-1].id}",
                )
            return unmerge_account(connection, number, self._clock.now())


def _reasons(connection: sa.Connection, ids: tuple[int, int]) -> Sequence[str]:
    """Why the two stood on the list, if they did."""
    rows = ACCOUNTS.involving(connection, ids)
    return next((row["reasons"] for row in rows if {*ACCOUNTS.of(row)} == {*ids}), ())


def _shown(state: str) -> sa.Select[Any]:
    review, contact = schema.account_review, schema.contact
    one, other = schema.account.alias("one"), schema.account.alias("other")

    def people(account: sa.FromClause) -> sa.ScalarSelect[int]:
        # Along the index by account, for the few that are shown.
        known = sa.select(sa.func.count()).where(contact.c.account_id == account.c.id)
        return known.correlate(account).scalar_subquery()

    columns = (
        *(review.c.account_id, review.c.other_id, one.c.name, other.c.name.label("other_name")),
        *(one.c.domain, other.c.domain.label("other_domain")),
        *(people(one).label("people"), people(other).label("other_people")),
        *(review.c.score, review.c.reasons, review.c.state),
    )
    both = review.join(one, one.c.id == review.c.account_id).join(other, other.c.id == review.c.other_id)
    query = sa.select(*columns).select_from(both).where(review.c.state == state)
    return query.order_by(review.c.score.desc(), review.c.id)
