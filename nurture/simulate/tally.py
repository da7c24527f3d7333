"""What one shard came to, as plain values that travel between processes; and the tally of all of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

import sqlalchemy as sa

from nurture.simulate.flows import Passage, standing
from nurture.simulate.nothing import reasons_of
from nurture.simulate.result import MostMails, Silence
from nurture.simulate.samples import Candidates, candidates
from nurture.simulate.shard import ShardRun
from nurture.store import schema


@dataclass(slots=True)
class Tally:
    """Figures of one shard. `handovers` are (when, contact id, team); `nothing` is reason → (people, one)."""

    mails_by_day: Counter[date] = field(default_factory=Counter)
    mails_by_step: Counter[Passage] = field(default_factory=Counter)
    stages: list[dict[str, int]] = field(default_factory=list)
    promotions: Counter[date] = field(default_factory=Counter)
    signals: Counter[str] = field(default_factory=Counter)
    handovers: list[tuple[datetime, int, str]] = field(default_factory=list)
    enrolled: int = 0
    entered: Counter[Passage] = field(default_factory=Counter)
    standing: Counter[Passage] = field(default_factory=Counter)
    left: dict[Passage, Counter[str]] = field(default_factory=dict)
    gone: Counter[Passage] = field(default_factory=Counter)
    began: Counter[Passage] = field(default_factory=Counter)
    nothing: dict[str, tuple[int, str]] = field(default_factory=dict)
    silence: Silence | None = None
    most: MostMails | None = None
    samples: Candidates = field(default_factory=dict)
    problems: set[str] = field(default_factory=set)


def tally_of(run: ShardRun) -> Tally:
    """Counts what a finished shard holds."""
    tally = Tally(stages=run.stages, mails_by_step=run.post.by_step, began=run.began, problems=run.problems)
    for moment, number in run.post.moments.items():
        tally.mails_by_day[run.days.date_of(moment)] += number
    for moment, number in run.flows.promoted.items():
        if number:
            tally.promotions[run.days.date_of(moment)] += number
    tally.entered, tally.left, tally.gone = run.flows.entered, dict(run.flows.left), run.flows.gone
    names = _names(run)
    _count(run, tally)
    reasons = reasons_of(run, [person for person in names if person not in run.post.mailed])
    for person, reason in reasons.items():
        number, example = tally.nothing.get(reason, (0, names[person]))
        tally.nothing[reason] = (number + 1, example)
    _extremes(run, tally, names)
    tally.samples = candidates(run, reasons)
    return tally


def _names(run: ShardRun) -> dict[int, str]:
    contact = schema.contact
    with run.app.store.read() as connection:
        rows = connection.execute(
            sa.select(contact.c.id, contact.c.email, contact.c.name, contact.c.phone).order_by(contact.c.id)
        ).all()
    return {row.id: row.email or row.name or row.phone or f"contact {row.id}" for row in rows}


def _count(run: ShardRun, tally: Tally) -> None:
    signal, handover, enrolment = schema.signal, schema.handover, schema.enrolment
    start = run.task.start
    with run.app.store.read() as connection:
        # Each is one pass over the shard, at its end; what was there before it began does not count.
        counted = sa.select(signal.c.kind, sa.func.count()).group_by(signal.c.kind)
        for kind, number in connection.execute(counted.where(signal.c.received_at >= start)):
            tally.signals[kind] = number
        opened = sa.select(handover.c.created_at, handover.c.contact_id, handover.c.team).where(
            handover.c.created_at >= start
        )
        tally.handovers = [(at, person, team) for at, person, team in connection.execute(opened)]
        tally.enrolled = (
            connection.scalar(
                sa.select(sa.func.count(enrolment.c.contact_id.distinct())).where(
                    enrolment.c.campaign == run.task.campaign
                )
            )
            or 0
        )
        tally.standing = standing(connection)


def _extremes(run: ShardRun, tally: Tally, names: dict[int, str]) -> None:
    for person, mailed in sorted(run.post.mailed.items()):
        if tally.most is None or mailed.mails > tally.most.mails:
            tally.most = MostMails(names[person], mailed.mails)
        if mailed.since is None or mailed.until is None:
            continue
        days = round(mailed.silence / 86_400, 2)
        if tally.silence is None or days > tally.silence.days:
            tally.silence = Silence(names[person], days, mailed.since, mailed.until)
