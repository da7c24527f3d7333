"""Ten people whose stories are told whole: chosen to differ, and the same ones for the same seed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from nurture.core.model import EnrolmentState, Lifecycle, SignalKind
from nurture.errors import NurtureError
from nurture.journey.story import chronicle
from nurture.simulate.post import Mailed
from nurture.simulate.result import Sample, SampleEvent, SampleMail
from nurture.simulate.shard import ShardRun
from nurture.store import outbox, schema, stories

WANTED = 10

KINDS = (
    "promoted",
    "most mails",
    "disqualified",
    "unsubscribed",
    "longest silence",
    "nothing",
    "left the campaign",
    "decision",
    "comparison",
    "bounced",
    "orientation",
)
"""What makes somebody worth showing, the first first; who is none of it fills up."""

ORDINARY = "ordinary"

Candidates = dict[str, list[tuple[str, Sample]]]
"""Kind → (rank, sample), the lowest rank first."""

_NOTHING = Mailed()


def candidates(run: ShardRun, reasons: Mapping[int, str]) -> Candidates:
    """The best of the shard for each kind, and some ordinary ones."""
    told: dict[int, Sample] = {}
    found: Candidates = {}
    for kind, ranked in _ranked(run, reasons).items():
        most = WANTED if kind == ORDINARY else 1
        for rank, person in sorted(ranked)[:most]:
            if person not in told:
                told[person] = _sample(run, person, reasons.get(person, ""))
            found.setdefault(kind, []).append((rank, told[person]))
    return found


def choose(shards: Sequence[Candidates]) -> tuple[Sample, ...]:
    """Ten of what all shards offer, nobody twice."""
    chosen: dict[str, Sample] = {}
    for kind in (*KINDS, ORDINARY):
        offered = sorted(
            (entry for shard in shards for entry in shard.get(kind, ())), key=lambda entry: entry[0]
        )
        new = [sample for _, sample in offered if sample.contact not in chosen]
        for sample in new[: WANTED if kind == ORDINARY else 1]:
            if len(chosen) < WANTED:
                chosen[sample.contact] = sample
    return tuple(chosen.values())


def _ranked(run: ShardRun, reasons: Mapping[int, str]) -> Mapping[str, list[tuple[str, int]]]:
    """Kind → (rank, contact id) of everybody of that kind."""
    ranked: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
    for person, kinds, email in _everybody(run, reasons):
        lot = hashlib.sha256(f"{run.task.seed} {email or person}".encode()).hexdigest()
        mailed = run.post.mailed.get(person, _NOTHING)
        for kind in (*kinds, ORDINARY):
            # Of the extremes the most extreme one, else by lot.
            extreme = {"most mails": mailed.mails, "longest silence": int(mailed.silence)}.get(kind, 0)
            ranked[kind].append((f"{10**12 - extreme:013d} {lot}", person))
    return ranked


def _everybody(run: ShardRun, reasons: Mapping[int, str]) -> Iterator[tuple[int, set[str], str | None]]:
    contact, journey, signal = schema.contact, schema.journey, schema.signal
    with run.app.store.read() as connection:
        # Three passes over the shard, at its end.
        left = set(
            connection.scalars(
                sa.select(schema.enrolment.c.contact_id).where(
                    schema.enrolment.c.state != EnrolmentState.ACTIVE
                )
            )
        )
        said = connection.execute(
            sa.select(signal.c.contact_id, signal.c.kind)
            .where(signal.c.kind.in_([SignalKind.UNSUBSCRIBED, SignalKind.BOUNCED]))
            .distinct()
        ).all()
        people = connection.execute(
            sa.select(contact.c.id, contact.c.email, journey.c.lifecycle, journey.c.stage)
            .join(journey, journey.c.contact_id == contact.c.id)
            .order_by(contact.c.id)
        ).all()
    signalled: defaultdict[int, set[str]] = defaultdict(set)
    for person, kind in said:
        signalled[person].add(kind)
    for person, email, lifecycle, stage in people:
        kinds = set(signalled.get(person, ()))
        if lifecycle == Lifecycle.CONTACT and person in run.post.mailed:
            kinds |= {stage, "most mails", "longest silence"}
        elif lifecycle in (Lifecycle.PROSPECT, Lifecycle.ACCEPTED):
            kinds.add("promoted")
        elif lifecycle == Lifecycle.DISQUALIFIED:
            kinds.add("disqualified")
        if person in left and lifecycle == Lifecycle.CONTACT:
            kinds.add("left the campaign")
        if person in reasons:
            kinds.add("nothing")
        yield person, kinds, email


def _sample(run: ShardRun, person: int, reason: str) -> Sample:
    with run.app.store.read() as connection:
        entries = chronicle(connection, person)
        rows = [row for row in stories.mails_of(connection, person) if row.state == outbox.State.SENT]
        recipient = outbox.recipients(connection, [person])[person]
        standing = stories.journey_of(connection, person)
    mails: list[SampleMail] = []
    numbers: dict[int, int] = {}
    for row in rows:
        mail = _rendered(run, row, recipient)
        if mail is not None:
            numbers[row.id] = len(mails)
            mails.append(mail)
    events = tuple(
        SampleEvent(entry.at, entry.kind, entry.words, numbers.get(entry.details.get("outbox_id", 0)))
        for entry in entries
    )
    known = recipient.contact
    label = known.email or known.name or known.phone or f"contact {person}"
    return Sample(label, _outcome(standing, len(mails), reason), events, tuple(mails))


def _rendered(run: ShardRun, row: Any, recipient: outbox.Recipient) -> SampleMail | None:
    message = outbox.Message(*(getattr(row, name) for name in outbox.Message._fields))
    try:
        words = run.sender.writer.preview(message, recipient)
    except NurtureError:
        return None
    return SampleMail(
        row.done_at, row.campaign, row.step, row.subject or words.subject, words.html, words.text
    )


def _outcome(standing: Any, mails: int, reason: str) -> str:
    number = f"{mails} mail{'' if mails == 1 else 's'}"
    if standing.lifecycle == Lifecycle.CONTACT:
        return f"a contact in {standing.stage}, {number}" + (f" ({reason})" if reason else "")
    return f"{standing.lifecycle}, {number}" + (f" ({reason})" if reason else "")
