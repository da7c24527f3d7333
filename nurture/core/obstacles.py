"""What can stand between a contact and what was asked for: one value an obstacle, and the case that has them.

The checks themselves are in `core.entering` (into a campaign), `core.passing` (along its steps),
`core.outbound` (a message's way out) and `core.advancing` (stage and promotion).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any

from nurture.core.assess import Measure, measure
from nurture.core.campaign import Campaign
from nurture.core.consent import WHY_NOT
from nurture.core.facts import SnapshotFacts
from nurture.core.model import Enrolment, EnrolmentState, Lifecycle, Result, Snapshot
from nurture.core.plan import Plan
from nurture.core.qualify import data_standard, explain_disqualifier
from nurture.core.telling import Kept
from nurture.core.words import moment


class Lift(StrEnum):
    """What takes an obstacle away."""

    TIME = "time"
    SOMETHING = "something"
    NOTHING = "nothing"


CODES = {
    "stuck": "Deciding on the person failed again and again; they are set aside.",
    "lifecycle": "The person is no contact: with sales, junk, disqualified, put off until a date.",
    "disqualified": "A disqualifier holds; the next look applies it.",
    "not_live": "The campaign is not live.",
    "reentry": "They have been in the campaign, and may not come again, or not yet.",
    "audience": "They are not in the campaign's audience.",
    "exit": "The campaign's exit condition holds.",
    "entry": "None of the campaign's ways in, a signal or a date, has come.",
    "version": "The version of the campaign that they run lacks the step.",
    "unreachable": "No track of the campaign leads to the step.",
    "stage": "The evidence for a stage, or for that of the step's track, does not suffice.",
    "stage_holds": "The evidence for the present stage has not faded yet, or it was told by hand.",
    "waiting": "They are at a step that waits.",
    "before": "Other steps come first.",
    "choose": "A choice went, or would go, another way.",
    "split": "A split has put them into another group.",
    "wait_for": "Something did not happen in time, or must still happen on the way.",
    "goal": "A goal was reached, or is now, and skips the step.",
    "hand_over": "A step on the way gives them to sales.",
    "behind": "They are past the place where the step stands.",
    "consent": "There is no consent for the campaign's purpose.",
    "suppressed": "The address is on the suppression list.",
    "no_address": "There is no e-mail address.",
    "no_phone": "There is no telephone number for a text message.",
    "paused": "They asked for no mail for a while.",
    "window": "The send window is closed.",
    "cap": "The cap, or how often they want mail, leaves no room.",
    "priority": "A campaign that goes first takes the room under the cap.",
    "with_sales": "Sales has them already and has not answered.",
    "buying_signal": "There is no buying signal, or too little fit for it to count.",
    "promote": "The promote condition does not hold.",
    "news": "Nothing has happened since sales gave them back.",
    "no_handover": "No campaign has a handover.",
    "comes_between": "Nothing but time stands before it, but something else will come first.",
    "never": "Nothing that is planned leads to it.",
}
"""Every kind of obstacle, with its meaning."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One thing in the way. `code` is stable; `words` is a sentence with the values seen.

    `lift` is what takes it away: `time` by itself, `something` that is needed, or `nothing`. `lifts_at` is
    when time does, where that is known. `needs` is what else does: new data, a signal, somebody's answer.
    Those with `either` are ways of which one is enough.
    """

    code: str
    words: str
    lift: Lift = Lift.SOMETHING
    lifts_at: datetime | None = None
    needs: str = ""
    campaign: str | None = None
    version: str | None = None
    step: str | None = None
    rule: str | None = None
    either: bool = False
    evidence: tuple[Kept, ...] = ()


def within(campaign: Campaign, step: str | None = None) -> dict[str, Any]:
    """Where an obstacle stands, as fields of it: campaign, version, and step."""
    return {"campaign": campaign.name, "version": campaign.version, "step": step}


@dataclass(frozen=True, slots=True)
class Mail:
    """A message that was decided on, whatever became of it; `at` is when it was decided on."""

    campaign: str
    step: str
    occurrence: int
    at: datetime
    state: str
    version: str = ""
    reply: str = ""
    done_at: datetime | None = None
    lap: int = 0
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One contact at `now`: the picture, what is measured on it, and what was decided before.

    `due` is when they are looked at again; None where only something new will do that. `stuck` says why they
    are not looked at any more. `zone` is the clock that times are told by.
    """

    snapshot: Snapshot
    plan: Plan
    now: datetime
    due: datetime | None
    zone: tzinfo
    kept: Sequence[Kept] = ()
    mails: Sequence[Mail] = ()
    stuck: str | None = None
    found: Measure = field(init=False)

    def __post_init__(self) -> None:
        plan = self.plan
        found = measure(self.snapshot, plan.profile, plan.signal_rules, plan.rules, self.now)
        object.__setattr__(self, "found", found)

    @property
    def settled(self) -> Snapshot:
        """The picture as it counts: without what has only just happened and may be a scanner's."""
        return self.found.facts.snapshot

    def facts(self, campaign: Campaign, enrolment: Enrolment | None) -> SnapshotFacts:
        """What the campaign's conditions may ask, within an enrolment or before one."""
        return self.found.facts.within(campaign, None if enrolment is None else enrolment.entered_at)

    def latest(self, campaign: str) -> Enrolment | None:
        """The contact's last time in a campaign."""
        times = [one for one in self.snapshot.enrolments if one.campaign == campaign]
        return max(times, key=lambda one: one.occurrence, default=None)

    def running(self, campaign: str) -> Enrolment | None:
        """The same, where they are in it now."""
        latest = self.latest(campaign)
        return latest if latest is not None and latest.state is EnrolmentState.ACTIVE else None

    def records(
        self, whats: Collection[str], *, campaign: str | None = None, step: str | None = None
    ) -> Iterator[Kept]:
        """The records of these kinds, the newest first."""
        for kept in reversed(self.kept):
            record = kept.record
            if record.what not in whats or (campaign is not None and record.campaign != campaign):
                continue
            if step is None or record.step == step:
                yield kept

    def occurrence_at(self, campaign: str, at: datetime) -> int:
        """Which time in a campaign it was at a moment; 1 where nothing is known of it."""
        times = [one for one in self.snapshot.enrolments if one.campaign == campaign and one.entered_at <= at]
        return max((one.occurrence for one in times), default=1)

    def of_this_time(self, kept: Kept, enrolment: Enrolment) -> bool:
        """Whether a record is of this time in its campaign."""
        return self.occurrence_at(enrolment.campaign, kept.at) == enrolment.occurrence

    def told(self, at: datetime) -> str:
        """A moment on the clock that times are told by."""
        return moment(at, self.zone)


# --- who is followed at all -------------------------------------------------------------------------

_ENDED_BY = (
    "promoted",
    "handed_over",
    "disqualified",
    "handover_accepted",
    "handover_rejected",
    "handover_handed_back",
    *Result,
)
_BACK = {
    Lifecycle.LEAD: "data that meets the standard",
    Lifecycle.JUNK: "data that meets the standard",
    Lifecycle.PROSPECT: "an answer of sales that gives the person back",
}


def of_lifecycle(case: Case) -> Iterator[Obstacle]:
    """Whether the engine follows the person at all."""
    contact = case.snapshot.contact
    if case.stuck is not None:
        yield Obstacle(
            "stuck",
            f"deciding failed again and again, so the person is set aside: {case.stuck}",
            needs="putting right what fails",
        )
    if contact.lifecycle is Lifecycle.CONTACT:
        yield from _disqualified(case)
        return
    because = tuple(case.records(_ENDED_BY))[:1]
    if contact.lifecycle is not Lifecycle.RECYCLED:
        needs = _BACK.get(contact.lifecycle, "")
        words = f"the person {WHY_NOT[contact.lifecycle]}"
        if contact.lifecycle in (Lifecycle.LEAD, Lifecycle.JUNK):
            missing = data_standard(contact, case.plan.profile.require)
            words += f": {', '.join(missing)}" if missing else ""
        lift = Lift.SOMETHING if needs else Lift.NOTHING
        yield Obstacle("lifecycle", words, lift, needs=needs, evidence=because)
    elif contact.recycle_at is not None and contact.recycle_at > case.now:
        until = f"the person is left alone until {case.told(contact.recycle_at)}"
        fits = case.snapshot.rejected_at is not None and case.found.fit >= case.plan.profile.prospect_at
        needs = "a new buying signal" if fits else ""
        yield Obstacle("lifecycle", until, Lift.TIME, contact.recycle_at, needs, evidence=because)


def _disqualified(case: Case) -> Iterator[Obstacle]:
    disqualifier = case.found.disqualifier
    if disqualifier is not None:
        reason = explain_disqualifier(disqualifier, case.found.facts).reason
        yield Obstacle(
            "disqualified",
            f"the next look disqualifies the person: {reason}",
            needs="other data",
            version=case.plan.profile.version,
            rule=disqualifier.id,
        )
