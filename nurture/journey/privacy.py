"""What is kept of one person, shown to them or removed for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nurture.clock import Clock
from nurture.journey.picture import find_contact
from nurture.store import erasure, notices, personal, unmatched
from nurture.store.engine import Store
from nurture.tokens import Signer


@dataclass(frozen=True, slots=True)
class Kept:
    """Every row that is kept of a contact, by table; `known_as` are the addresses and numbers that are theirs
    alone, and `name` is what to call them."""

    contact_id: int
    name: str
    known_as: tuple[str, ...]
    tables: Mapping[str, Sequence[Mapping[str, Any]]]


class Privacy:
    """Answers a person who asks what is kept of them, or wants it gone.

    Raised when nobody is known by what was given, or several are: NurtureError.
    """

    def __init__(self, store: Store, clock: Clock, signer: Signer) -> None:
        self._store = store
        self._clock = clock
        self._signer = signer

    def kept(self, wanted: str) -> Kept:
        """Everything that is kept of the contact that `wanted` names."""
        with self._store.read() as connection:
            contact_id = find_contact(connection, wanted)
            tables = personal.kept_of(connection, contact_id, self._signer.address_hash)
        (person,) = tables["contact"]
        # A name may be anybody's: it is not searched for.
        own = {person[name] for name in ("email", "phone") if person[name]}
        known_as = own | {row["value"] for row in tables.get("identity", ())}
        called = ", ".join(person[name] for name in ("name", "email", "phone") if person[name])
        return Kept(contact_id, called or f"contact {contact_id}", tuple(sorted(known_as)), tables)

    def would_go(self, kept: Kept) -> Counter[str]:
        """How many rows of each table an erasure removes, or empties (those of the inbox)."""
        with self._store.read() as connection:
            found = erasure.count(connection, [kept.contact_id])
            found["inbox"] += len(erasure.traces(connection, kept.known_as))
            found["unmatched_outcome"] = len(unmatched.naming(connection, kept.known_as))
        return +found

    def erase(self, kept: Kept) -> Counter[str]:
        """Removes them, in one transaction; keyed hashes of their addresses stay, which never get mail.

        Sales is told of each hand-over that it ever had of them (GDPR, article 19).
        """
        now = self._clock.now()
        with self._store.write() as connection:
            # Sales holds copies that we cannot reach: whoever was told of them hears that they go, too.
            notices.withdraw(connection, [kept.contact_id], now)
            addresses = personal.addresses_of(connection, [kept.contact_id])
            hashes = {self._signer.address_hash(address): erasure.ERASED_ON_REQUEST for address in addresses}
            gone = erasure.erase(connection, [kept.contact_id], hashes, now)
            gone["inbox"] += erasure.empty(connection, erasure.traces(connection, kept.known_as))
            traces = unmatched.naming(connection, kept.known_as)
            gone["unmatched_outcome"] = unmatched.delete(connection, traces)
            erasure.forget_names(connection, kept.known_as)
            erasure.forget_domains(connection, addresses)
        return +gone
