"""One contact's story in order: what came in, what happened, what was decided and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from nurture.journey import chapters, outward
from nurture.journey.entry import Entry, rank
from nurture.store import lookups, pairs, personal, records, signals, stories

AddressHash = Callable[[str], bytes]


def chronicle(
    connection: sa.Connection,
    contact_id: int,
    until: datetime | None = None,
    address_hash: AddressHash | None = None,
) -> list[Entry]:
    """Everything that is kept about one contact, oldest first; with `until` as it was recorded by then.

    With `address_hash` also why no mail goes to their addresses.
    """

    def known(
        rows: Sequence[Any], begun: str = "at", before: Mapping[str, Any] | None = None
    ) -> Sequence[Any]:
        return rows if until is None else _by(until, rows, begun, before or {})

    received = signals.signals_of(connection, [contact_id], received_by=until).get(contact_id, ())
    told = [one for one in records.told(connection, [contact_id]) if until is None or one.at <= until]
    never = [] if address_hash is None else _suppressions(connection, contact_id, address_hash)
    handed_over = known(stories.handovers_of(connection, contact_id), "created_at", _OPEN)
    entries = [
        *chapters.of_inbox(known(stories.inbox_items_of(connection, contact_id), "received_at", _NEW)),
        *chapters.of_merges(known(stories.merges_of(connection, contact_id))),
        *chapters.of_doubts(known(stories.doubts_of(connection, contact_id), "at", _IN_DOUBT)),
        *chapters.of_consents(known(stories.consent_rows_of(connection, contact_id))),
        *chapters.of_opt_ins(known(stories.opt_ins_of(connection, contact_id), "asked_at", _UNCONFIRMED)),
        *chapters.of_suppressions(known(never)),
        *chapters.of_profiles(known(stories.profiles_since(connection, contact_id))),
        *chapters.of_publications(known(stories.publications_of(connection, contact_id))),
        *chapters.of_signals(received, stories.doubted_signals_of(connection, contact_id)),
        *chapters.of_decisions(told),
        *outward.of_mails(known(stories.mails_of(connection, contact_id), "created_at", _WAITING)),
        *outward.of_errands(known(stories.errands_of(connection, contact_id), "created_at", _WAITING)),
        *outward.of_lookups(known(lookups.of_contact(connection, contact_id), "created_at", _WAITING)),
        *outward.of_handovers(handed_over, told),
        *outward.of_notices(known(stories.notices_of(connection, contact_id), "created_at", _WAITING)),
        *outward.of_outcomes(known(stories.outcomes_of(connection, contact_id), "recorded_at")),
    ]
    return sorted(entries, key=lambda entry: (entry.at, rank(entry.kind)))


_NEW = {"sorted_at": None, "state": "new", "reason": None}
_IN_DOUBT = {"decided_at": None, "state": pairs.OPEN, "decided_by": None}
_UNCONFIRMED = {"confirmed_at": None}
_WAITING = {"done_at": None, "state": "ready", "reply": None, "subject": None}
_OPEN = {"answered_at": None, "answer": None, "reason": None, "answered_by": None}
"""What a row was before it was finished; the first name is that of the time at which it was."""


def _by(until: datetime, rows: Sequence[Any], begun: str, before: Mapping[str, Any]) -> Sequence[Any]:
    """The rows that had begun by then; what was finished later is not yet."""
    found = [SimpleNamespace(**row._mapping) for row in rows if getattr(row, begun) <= until]
    for row in found if before else ():
        ended = getattr(row, next(iter(before)))
        if ended is None or ended > until:
            vars(row).update(before)
        returned = getattr(row, "returned_at", None)
        if returned is not None and returned > until:
            row.returned_at = None
    return found


def _suppressions(connection: sa.Connection, contact_id: int, address_hash: AddressHash) -> list[Any]:
    addresses = personal.addresses_of(connection, [contact_id])
    return stories.suppressions_of(connection, [address_hash(one) for one in addresses])
