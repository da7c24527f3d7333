"""What sales asks for before it answers: a tag of the contact meanwhile, and known in the end, or not.

While it is asked the contact is nurtured again. `"ask-budget" in contact.tags` is a condition like any other,
with which a campaign can put the question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.core.model import Contact, Lifecycle, Revise, Signal, SignalClass, SignalKind
from nurture.handover.dossier import from_json
from nurture.handover.render import as_json
from nurture.store import handovers, revisions, signals, snapshots
from nurture.store.handovers import HandoverRow

PATIENCE = timedelta(days=30)
"""How long sales' question is left open; then the hand-over waits for an answer all the same."""

_TELLING = (SignalKind.SUBMITTED, SignalKind.REPLIED)
_FIELD = re.compile(r"[a-z][a-z0-9_]{0,40}")


def field_of(asked_for: str | None) -> str | None:
    """The answer that is asked for, `budget`; None where the question is in words."""
    return asked_for if asked_for and _FIELD.fullmatch(asked_for) else None


def tag_of(asked_for: str | None) -> str | None:
    """The tag that the contact has meanwhile: `ask-budget`."""
    field = field_of(asked_for)
    return f"ask-{field}" if field else None


def put_question(connection: sa.Connection, contact_id: int, asked_for: str | None, now: datetime) -> None:
    """Tags the contact with what is asked for, where that is a field."""
    tag = tag_of(asked_for)
    if tag is not None:
        people = [person for person, _ in snapshots.contacts_of(connection, [contact_id])]
        tagged = [(person, (*person.tags, tag)) for person in people if tag not in person.tags]
        _retag(connection, tagged, now)


def resume(
    connection: sa.Connection, paused: Sequence[HandoverRow], now: datetime
) -> Iterator[tuple[HandoverRow, str | None]]:
    """Each with why it waits for an answer again: what is known now, or that nothing came; None: not yet.

    Who waits for an answer again is a prospect again, and the dossier says what is known of them today.
    """
    if not paused:
        return
    ids = [row.contact_id for row in paused]
    people = {person.id: (person, account) for person, account in snapshots.contacts_of(connection, ids)}
    happened = signals.signals_of(connection, ids)
    again: list[tuple[HandoverRow, Contact]] = []
    for row in paused:
        person, account = people[row.contact_id]
        why = _known(row, person, happened.get(person.id, ()), now)
        if why is None:
            yield replace(row, next_look=_until(row)), None
            continue
        again.append((row, person))
        dossier = replace(from_json(row.dossier), contact=person, account=account)
        yield replace(row, dossier=as_json(dossier)), why
    settle(connection, again, now)


def settle(connection: sa.Connection, rows: Sequence[tuple[HandoverRow, Contact]], now: datetime) -> None:
    """The question is over: nothing is asked of these contacts, and they are prospects again."""
    handovers.move_contacts(
        connection, [row.contact_id for row, _ in rows], Lifecycle.CONTACT, Lifecycle.PROSPECT
    )
    # Contacts that were merged may have been asked about twice.
    people = {person.id: person for _, person in rows}
    over = {(person.id, tag_of(row.asked_for)) for row, person in rows}
    left = [(one, tuple(tag for tag in one.tags if (one.id, tag) not in over)) for one in people.values()]
    _retag(connection, [(person, tags) for person, tags in left if tags != person.tags], now)


def _retag(
    connection: sa.Connection, tagged: Sequence[tuple[Contact, tuple[str, ...]]], now: datetime
) -> None:
    revisions.revise(connection, [(person, Revise(tags)) for person, tags in tagged], now)


def _known(row: HandoverRow, person: Contact, happened: Sequence[Signal], now: datetime) -> str | None:
    field = field_of(row.asked_for)
    if field is not None:
        value = person.answers.get(field)
        if value not in (None, "", ()):
            return f"Known now: {field} is {value}."
    elif told := [one for one in happened if _tells(one, row.asked_at)]:
        form = told[-1].data.get("form")
        return f"They {told[-1].kind} {f'the form {form}' if form else 'since you asked'}."
    if now >= _until(row):
        return f"Nothing came within {PATIENCE.days} days."
    return None


def _tells(signal: Signal, asked_at: datetime | None) -> bool:
    return (
        asked_at is not None
        and signal.kind in _TELLING
        and signal.classed is SignalClass.HUMAN
        and signal.at > asked_at
    )


def _until(row: HandoverRow) -> datetime:
    assert row.asked_at is not None, f"hand-over {row.id} is not paused"
    return row.asked_at + PATIENCE
