"""One contact lives through a campaign on a virtual clock: decided by the core, kept in memory.

It is what production does to one person, without a database: `decide` and `apply` in turn, at every moment at
which something happens or time alone moves the contact on. Mails count as sent when they are decided on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import (
    Decision,
    DecisionRecord,
    Enrol,
    Enrolment,
    EnrolmentState,
    HandOver,
    Move,
    Order,
    Revise,
    Send,
    Snapshot,
)
from nurture.core.plan import Plan

MOST_LOOKS = 10_000
"""So many looks at one contact are a campaign that never rests."""

Change = Callable[[Snapshot], Snapshot]


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something that happens to the contact at `at`, whatever the campaign does; `words` say what."""

    at: datetime
    words: str
    change: Change


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. `kind` is one of happened, sent, stage, lifecycle, handed_over, enrolled,
    exited, tagged, errand, note; `what` the step, stage, team, campaign or tag that it is about.
    """

    at: datetime
    kind: str
    what: str
    words: str
    campaign: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the contact stood from `at` on."""

    at: datetime
    snapshot: Snapshot


@dataclass(frozen=True, slots=True)
class Life:
    """What came of it: the lines in order, and the standing after every look."""

    lines: tuple[Line, ...]
    standings: tuple[Standing, ...]

    def standing_at(self, moment: datetime) -> Snapshot:
        """Where the contact stood at a moment, everything of that moment included."""
        known = [standing for standing in self.standings if standing.at <= moment]
        return (known or self.standings[:1])[-1].snapshot


def rehearse(
    snapshot: Snapshot, plan: Plan, start: datetime, until: datetime, occasions: Sequence[Occasion] = ()
) -> Life:
    """Everything that happens to the contact from `start` until `until`, the end included."""
    lines: list[Line] = []
    standings: list[Standing] = []
    waiting = sorted(occasions, key=lambda occasion: occasion.at)
    now = start
    for _ in range(MOST_LOOKS):
        while waiting and waiting[0].at <= now:
            occasion = waiting.pop(0)
            snapshot = occasion.change(snapshot)
            lines.append(Line(occasion.at, "happened", "", occasion.words))
        decision = decide(snapshot, plan, now)
        after = apply(snapshot, decision, now)
        lines += _lines(snapshot, after, decision, now)
        snapshot = after
        standings.append(Standing(now, snapshot))
        moments = [decision.next_at, waiting[0].at if waiting else None]
        upcoming = [moment for moment in moments if moment is not None and moment <= until]
        if not upcoming:
            break
        now = max(now, min(upcoming))
    return Life(tuple(lines), tuple(standings))


def _lines(before: Snapshot, after: Snapshot, decision: Decision, now: datetime) -> Iterator[Line]:
    """What one decision did, told by its effects; its records tell what it did not do, and why."""
    if decision.stage is not before.contact.stage:
        reason = _reason(decision, "stage_changed")
        yield Line(now, "stage", decision.stage.value, f"stage {decision.stage}: {reason}")
    if decision.lifecycle is not before.contact.lifecycle:
        reason = _reason(decision, "promoted", "disqualified", "returned", "handed_over")
        yield Line(now, "lifecycle", decision.lifecycle.value, f"now {decision.lifecycle}: {reason}")
    for effect in decision.effects:
        match effect:
            case Send(campaign=campaign, step=step, template=template):
                yield Line(now, "sent", step, f"sent {step} ({template})", campaign)
            case HandOver(campaign=campaign, team=team, because=because):
                yield Line(now, "handed_over", team, f"handed over to {team}: {because}", campaign)
            case Enrol(enrolment=enrolment) | Move(enrolment=enrolment):
                yield from _placed(before, enrolment, now)
            case Revise(tags=tags):
                for tag in sorted(set(tags) ^ set(before.contact.tags)):
                    done = "tagged" if tag in tags else "untagged"
                    yield Line(now, done, tag, f"{done} {tag}")
            case Order(campaign=campaign, step=step, action=action):
                yield Line(now, "errand", step, f"does {action} ({step})", campaign)
    yield from (_note(record, now) for record in decision.records if record.what not in _TOLD)


_TOLD = frozenset(
    {"sent", "stage_changed", "promoted", "disqualified", "returned", "handed_over", "enrolled", "exited"}
)
"""Records that only repeat what an effect says."""


def _placed(before: Snapshot, enrolment: Enrolment, now: datetime) -> Iterator[Line]:
    known = any(each.id == enrolment.id for each in before.enrolments)
    name = enrolment.campaign
    if not known:
        yield Line(now, "enrolled", name, f"enrolled in {name}", name)
    if enrolment.state is not EnrolmentState.ACTIVE:
        yield Line(now, "exited", name, f"left {name} ({enrolment.state})", name)


def _note(record: DecisionRecord, now: datetime) -> Line:
    what = record.what.replace("_", " ")
    where = f" ({record.step})" if record.step else ""
    return Line(now, "note", record.step or "", f"{what}{where}: {record.reason}", record.campaign or "")


def _reason(decision: Decision, *whats: str) -> str:
    return next((record.reason for record in decision.records if record.what in whats), "")
