"""Merges contacts: everything of the one goes to the other, and what it was is kept, to undo it by.

`merge_contacts` is the way in. The number of statements depends on the number of tables, not of people.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from nurture.core import merging
from nurture.core.consent import CONFIRMATION_VERSION
from nurture.errors import NurtureError
from nurture.store import consents, schema, settling, turns
from nurture.store.bulk import among
from nurture.store.former import now_known_as
from nurture.store.keeping import dumped
from nurture.store.merging_rounds import Merging, take_round
from nurture.store.merging_rows import Both, Hash, Row, Work, gather, suppress, write

BY_LIKENESS, BY_REVIEW, BY_SALES, BY_HAND = "likeness", "review", "sales", "hand"
"""Why two contacts were merged: sorting was sure, a person said so in the review, sales did, or anybody."""


def merge_contacts(
    connection: sa.Connection, wanted: Sequence[Merging], address_hash: Hash, now: datetime
) -> list[Merging]:
    """Merges each `gone` into its `kept`, in this transaction; answers with what was done.

    A contact that was merged before counts as the one that it is now. Two that are one already, and contacts
    that are not there, are passed over. `unmerging.unmerge` takes it back.
    """
    turns.publishing(connection)
    done = []
    waiting = list(wanted)
    while waiting:
        known = now_known_as(connection, {id_ for one in waiting for id_ in (one.gone, one.kept)})
        there = _held(connection, {known.get(id_, id_) for one in waiting for id_ in (one.gone, one.kept)})
        taking, left = take_round(waiting, known, there)
        if taking:
            _merge(connection, taking, address_hash, now)
        done += taking
        waiting = left
    return done


def merge_one(connection: sa.Connection, one: Merging, address_hash: Hash, now: datetime) -> None:
    """Merges two contacts. Raised when they are one already, or one is not there: NurtureError."""
    known = now_known_as(connection, [one.gone, one.kept])
    gone, kept = (known.get(id_, id_) for id_ in (one.gone, one.kept))
    if gone == kept:
        raise NurtureError(f"contacts {one.gone} and {one.kept} are one and the same already")
    if not merge_contacts(connection, [one], address_hash, now):
        raise NurtureError(
            f"contacts {one.gone} and {one.kept} cannot be merged: one of them is not there",
            hint="nurture explain NAME finds the id of a contact",
        )


def _held(connection: sa.Connection, contact_ids: Collection[int]) -> frozenset[int]:
    """Those that are there. Nobody writes of them meanwhile: who does takes hold of the contact first."""
    if contact_ids:
        settling.hold_handovers(connection, contact_ids)
    column = schema.contact.c.id
    query = sa.select(column).where(among(connection, column, sorted(contact_ids))).order_by(column)
    found = frozenset(connection.scalars(query.with_for_update()))
    consents.hold(connection, found)
    return found


# --- deciding ---------------------------------------------------------------------------------------


def _merge(connection: sa.Connection, taking: Sequence[Merging], address_hash: Hash, now: datetime) -> None:
    ids = sorted({id_ for one in taking for id_ in (one.gone, one.kept)})
    both = gather(connection, ids)
    work = Work()
    for one in taking:
        _decide(one, both, work, now)
    suppress(connection, work, both, address_hash, now)
    write(connection, work, both, now)


def _decide(one: Merging, both: Both, work: Work, now: datetime) -> None:
    gone, kept = one.gone, one.kept
    contact = merging.merged_contact(both.contact[kept], both.contact[gone])
    journey = merging.merged_journey(both.journey[kept], both.journey[gone], now)
    said = merging.merged_consents(both.consent[kept], both.consent[gone], kept)
    wishes = merging.merged_preference(_first(both.preference[kept]), _first(both.preference[gone]), kept)
    work.contacts.append({**contact, "updated_at": now})
    work.journeys.append(journey)
    work.consents += said.holds
    work.preferences += [wishes] if wishes else []
    moved = {name: rows[gone] for name, rows in both.others.items()}
    moved |= {name: [row["id"] for row in rows[gone]] for name, rows in both.numbered.items()}
    document: Row = {
        "gone": _state_of(gone, both),
        "kept": _state_of(kept, both),
        "merged": {
            "contact": dumped([contact])[0],
            "journey": dumped([journey])[0],
            "consent": dumped(said.holds),
            "preference": dumped([wishes] if wishes else []),
        },
        "moved": {name: ids for name, ids in moved.items() if ids},
        "changed": _renumbered(one, both, work, now),
        "former_consents": [],
        "suppressed": [],
    }
    work.former_consents += [(document, row) for row in said.former]
    work.kept.append((one, document))


def _first(rows: Sequence[Row]) -> Row | None:
    return rows[0] if rows else None


def _state_of(contact_id: int, both: Both) -> Row:
    """What a contact is, but for the rows that are only moved."""
    return {
        "contact": dumped([both.contact[contact_id]])[0],
        "journey": dumped([both.journey[contact_id]])[0],
        "consent": dumped(both.consent[contact_id]),
        "preference": dumped(both.preference[contact_id]),
        "identity": dumped(both.identity[contact_id]),
    }


def _renumbered(one: Merging, both: Both, work: Work, now: datetime) -> Row:
    """Gives the times in the campaigns that both were in their new numbers; answers with what was before."""
    enrolments = both.numbered["enrolment"]
    before = [*enrolments[one.kept], *enrolments[one.gone]]
    after = merging.merged_enrolments(enrolments[one.kept], enrolments[one.gone], now)
    new = {row["id"]: row for row in after}
    numbers = {_time(row): new[row["id"]]["occurrence"] for row in before}
    changes: Row = {}
    shared = {row["campaign"] for row in before if new[row["id"]] != row}
    for row in before:
        if row["campaign"] in shared:
            changes.setdefault("enrolment", []).extend(dumped([row]))
            work.enrolments.append(new[row["id"]])
    for name in ("outbox", "errand"):
        kept, gone = both.numbered[name][one.kept], both.numbered[name][one.gone]
        repeats = _repeats(name, kept, gone)
        work.withheld[name] += sorted(repeats)
        taken = max([*numbers.values(), *(row["occurrence"] for row in (*kept, *gone))], default=0)
        theirs = {row["campaign"] for row in kept}
        for row in (*kept, *gone):
            # What no enrolment tells of must not take the number of one.
            apart = taken if row["contact_id"] == one.gone and row["campaign"] in theirs else 0
            number = numbers.get(_time(row), row["occurrence"] + apart)
            if row["version_id"] == CONFIRMATION_VERSION:
                # A mail that asks for a consent is numbered by what it asks, not by a time in a campaign.
                number = row["occurrence"]
            if number != row["occurrence"]:
                work.times[name].append((row["id"], number))
            if row["id"] in repeats or number != row["occurrence"]:
                changes.setdefault(name, []).extend(dumped([row]))
    return changes


def _time(row: Row) -> tuple[int, str, int]:
    return row["contact_id"], row["campaign"], row["occurrence"]


def _repeats(name: str, kept: Sequence[Row], gone: Sequence[Row]) -> set[int]:
    """What waits and must not go, since the other of the two has had it, or gets it."""
    key = ("campaign", "step", "template" if name == "outbox" else "action")
    ended = ("failed", "withheld")
    twice = {*merging.repeated(gone, kept, key, ended)}
    others = [row for row in gone if row["id"] not in twice]
    return twice | {*merging.repeated(kept, others, key, ended)}
