"""The demo's numbers, as the summary tells them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from nurture.core.model import SignalClass, SignalKind
from nurture.store import overview, records


@dataclass(frozen=True, slots=True)
class Figures:
    """How many of everything. Opens, clicks and visits are those of people; `machine` those of programs."""

    inbox: Mapping[str, int]
    junk: Mapping[str, int]
    people: Mapping[str, int]
    stages: Mapping[str, int]
    mails: Mapping[str, int]
    opens: int
    clicks: int
    machine: int
    visits: int
    forms: int
    unsubscribes: int
    prospects: int
    handovers: int
    accepted: int
    rejected: Mapping[str, int]
    unanswered: int


def count_figures(connection: sa.Connection) -> Figures:
    """The figures of the whole database."""
    signals = overview.signals_by_class(connection)
    answers = overview.handovers_by_answer(connection)
    return Figures(
        inbox=overview.inbox_by_state(connection),
        junk=overview.junk_by_reason(connection),
        people=overview.people_by_lifecycle(connection),
        stages=overview.contacts_by_stage(connection),
        mails=overview.mails_by_state(connection),
        opens=_of_people(signals, SignalKind.OPENED),
        clicks=_of_people(signals, SignalKind.CLICKED),
        machine=sum(n for (_, classed), n in signals.items() if classed == SignalClass.MACHINE),
        visits=_of_people(signals, SignalKind.VISITED),
        forms=_of_people(signals, SignalKind.SUBMITTED),
        unsubscribes=_of_people(signals, SignalKind.UNSUBSCRIBED),
        prospects=records.people_by_what(connection).get("promoted", 0),
        handovers=sum(answers.values()),
        accepted=sum(n for (answer, _), n in answers.items() if answer == "accepted"),
        rejected={reason: n for (answer, reason), n in answers.items() if answer == "rejected"},
        unanswered=sum(n for (answer, _), n in answers.items() if not answer),
    )


def _of_people(signals: Mapping[tuple[str, str], int], kind: SignalKind) -> int:
    return sum(n for (k, classed), n in signals.items() if k == kind and classed != SignalClass.MACHINE)
