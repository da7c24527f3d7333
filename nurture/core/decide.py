"""What is to be done for one contact, over all their campaigns: the heart of the engine.

One decision a look, in this order: how the contact stands (stage and scores); who is disqualified leaves
all campaigns; exits and entries; promotion; and only for somebody who stays a contact the walk along each
campaign's steps, the campaign of the highest priority first, so that it gets the room that the cap leaves.

Only contacts, and recycled ones whose date has come, are decided on: all others rest.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from nurture.core import lifecycle
from nurture.core.assess import (
    Measure,
    Promotion,
    asked_since,
    buying_signal,
    find_promotion,
    measure,
    stage_words,
)
from nurture.core.campaign import Campaign, HandOverStep
from nurture.core.draft import Draft
from nurture.core.engagement import evidence
from nurture.core.model import (
    AddTo,
    Contact,
    Decision,
    EnrolmentState,
    Evidence,
    HandOver,
    Lifecycle,
    Snapshot,
    Value,
)
from nurture.core.outgoing import Ledger, Look
from nurture.core.places import Place, Places
from nurture.core.plan import Plan
from nurture.core.profile import Disqualifier
from nurture.core.qualify import explain_disqualifier
from nurture.core.settling import settled, settles_at
from nurture.core.stage import hold_that_ran_out
from nurture.core.turning import next_turn
from nurture.core.walk import walk

__all__ = ["Plan", "decide"]

EVIDENCE_HANDED_OVER = 20
"""So many signals, the strongest, go with a hand-over."""

_SOONEST = timedelta(seconds=1)


def decide(snapshot: Snapshot, plan: Plan, now: datetime) -> Decision:
    """The decision for one contact at `now`. The same input always gives the same decision."""
    contact, settle = snapshot.contact, plan.profile.settle
    of_firm = settles_at(snapshot.firm, settle, now)
    if contact.lifecycle is not Lifecycle.CONTACT and contact.lifecycle is not Lifecycle.RECYCLED:
        # Nothing is decided on them, but what they did may complete the picture of their firm.
        return _rest(contact, of_firm)
    counts_at = _earliest(settles_at(snapshot.signals, settle, now), of_firm)
    snapshot = settled(snapshot, settle, now)
    ledger = Ledger(snapshot)
    found = measure(snapshot, plan.profile, plan.signal_rules, plan.rules, now, ledger.sent)
    if contact.lifecycle is Lifecycle.RECYCLED and not _returns(snapshot, plan, found, now):
        return _rest(contact, _earliest(contact.recycle_at, counts_at))
    return _Deciding(snapshot, plan, now, found, ledger).run(counts_at)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _rest(contact: Contact, next_at: datetime | None = None) -> Decision:
    return Decision(
        contact_id=contact.id,
        lifecycle=contact.lifecycle,
        stage=contact.stage,
        stage_since=contact.stage_since,
        fit=contact.fit,
        engagement=contact.engagement,
        next_at=next_at,
    )


def _returns(snapshot: Snapshot, plan: Plan, found: Measure, now: datetime) -> bool:
    """Whether a recycled contact is a contact again: the date has come (none was set: now), or since sales
    said no they have given a buying signal of their own accord."""
    recycle_at = snapshot.contact.recycle_at
    if recycle_at is None or recycle_at <= now:
        return True
    if snapshot.rejected_at is None or found.fit < plan.profile.prospect_at:
        return False
    return buying_signal(found, asked_since(snapshot)) is not None


class _Deciding:
    """One decision being made; every method adds to the draft."""

    def __init__(self, snapshot: Snapshot, plan: Plan, now: datetime, found: Measure, ledger: Ledger) -> None:
        self.snapshot = snapshot
        self.plan = plan
        self.now = now
        self.found = found
        self.ledger = ledger
        self.lifecycle = snapshot.contact.lifecycle
        self.draft = Draft(plan.profile.version)
        self.places = Places(snapshot, plan, found.facts, found.stage.stage, now, self.draft)

    def run(self, counts_at: datetime | None) -> Decision:
        """`counts_at` is when the next signal will have settled that does not count yet."""
        self._return()
        self._change_stage()
        if self.found.disqualifier is not None:
            self._disqualify(self.found.disqualifier)
            return self._decision()
        self.places.find()
        promotion = None
        if not self.snapshot.open_handover:
            promotion = find_promotion(self.found, self.plan.profile, self.snapshot)
        if promotion is not None:
            self._promote(promotion, self._handing_over())
            self.places.write()
            return self._decision()
        handed_over = self._walk()
        self.places.write()
        if handed_over:
            return self._decision()
        self.places.await_reentry()
        self.places.await_dates()
        turn = next_turn(self.plan.turning, self.found.facts)
        moments = (self.found.stage.falls_at, counts_at, turn)
        self.draft.times += [moment for moment in moments if moment is not None]
        return self._decision()

    # --- how they stand ------------------------------------------------------------------------------

    def _return(self) -> None:
        if self.lifecycle is Lifecycle.RECYCLED:
            self._go_to(Lifecycle.CONTACT)
            self.draft.record("returned", f"a contact again: {self._why_back()}")

    def _why_back(self) -> str:
        date, said_no = self.snapshot.contact.recycle_at, self.snapshot.rejected_at
        if date is not None and date > self.now:
            return "a new buying signal, before the date until which they were to be left alone"
        if date is None or (said_no is not None and date <= said_no):
            return "sales gave them back without a date to wait for"
        return "the date until which they were left alone has come"

    def _change_stage(self) -> None:
        contact, finding = self.snapshot.contact, self.found.stage
        before = contact.stage
        if finding.stage is before:
            return
        because = evidence(finding.because, self.now)
        faded = "faded" if hold_that_ran_out(contact, self.now) is None else "told_until"
        self.draft.record(
            "stage_changed",
            stage_words(contact, finding, self.plan.profile, self.now),
            rule=because[0].rule if because else faded,
            evidence={"from": before.value, "to": finding.stage.value, "signals": _told(because)},
        )

    def _disqualify(self, disqualifier: Disqualifier) -> None:
        finding = explain_disqualifier(disqualifier, self.found.facts)
        self._go_to(Lifecycle.DISQUALIFIED)
        self.draft.record("disqualified", finding.reason, rule=disqualifier.id)
        self.places.leave_all()

    # --- what is done --------------------------------------------------------------------------------

    def _promote(self, promotion: Promotion, campaign: Campaign | None, team: str | None = None) -> None:
        """A prospect is sent nothing; the enrolments stay where they are, should sales hand them back."""
        found, profile = self.found, self.plan.profile
        self._go_to(Lifecycle.PROSPECT)
        because = evidence((match for match in found.matches if match.human), self.now)
        facts: dict[str, Value] = {
            "fit": found.fit,
            "prospect_at": profile.prospect_at,
            "engagement": round(found.engagement, 1),
            "stage": found.stage.stage.value,
            "signals": _told(because),
        }
        self.draft.record("promoted", promotion.because, rule=promotion.rule, evidence=facts)
        self._hand_over(promotion, because[:EVIDENCE_HANDED_OVER], campaign, team)

    def _hand_over(
        self,
        promotion: Promotion,
        because: tuple[Evidence, ...],
        campaign: Campaign | None,
        team: str | None,
    ) -> None:
        if campaign is None or (campaign.handover is None and team is None):
            self.draft.record("not_handed_over", "no campaign has a handover, so sales is not told")
            return
        team = team or (campaign.handover.team if campaign.handover else "")
        self.draft.effects.append(
            HandOver(campaign.name, campaign.version_id, team, promotion.because, because)
        )
        self.draft.record("handed_over", f"to {team}: {promotion.because}", campaign, rule=promotion.rule)

    def _handing_over(self) -> Campaign | None:
        """The campaign by whose policy sales gets them: of those they are in, else of the live ones."""
        choice = [*(place.campaign for place in self.places.all), *self.plan.live_campaigns]
        return next((campaign for campaign in choice if campaign.handover is not None), None)

    def _walk(self) -> bool:
        """Along every campaign in turn; True where a step has handed the contact over."""
        look = Look(self.snapshot, self.found.facts, self.ledger, self.lifecycle, self.now, self.plan.actions)
        handover = None
        # The list may grow on the way: a step can add the contact to another campaign.
        for place in self.places.all:
            if place.enrolment.state is not EnrolmentState.ACTIVE:
                continue
            handover = self._walk_one(look, place)
            if handover is not None:
                self._promote(_by_step(handover), place.campaign, handover.team)
                break
        if look.revision is not None:
            self.draft.effects.append(look.revision)
            if look.snapshot.contact != self.snapshot.contact:
                # Audiences, exits and goals were asked before this: they are asked again at once.
                self.draft.times.append(self.now)
        return handover is not None

    def _walk_one(self, look: Look, place: Place) -> HandOverStep | None:
        walked = walk(look, place.campaign, place.enrolment, arrived=place.arrived)
        self.places.settle(place, walked.enrolment)
        self.draft.effects.extend(walked.effects)
        self.draft.records.extend(walked.records)
        if walked.passed:
            self.draft.passed[place.campaign.name] = walked.passed
        if walked.next_at is not None:
            self.draft.times.append(walked.next_at)
        for change in walked.memberships:
            act = self.places.add_to if isinstance(change, AddTo) else self.places.remove_from
            act(change.campaign, place.campaign)
        return walked.handover

    # --- the end -------------------------------------------------------------------------------------

    def _go_to(self, state: Lifecycle) -> None:
        self.lifecycle = lifecycle.transition(self.lifecycle, state)

    def _decision(self) -> Decision:
        contact, stage = self.snapshot.contact, self.found.stage.stage
        same, times = stage is contact.stage and contact.stage_since is not None, self.draft.times
        return Decision(
            contact_id=contact.id,
            lifecycle=self.lifecycle,
            stage=stage,
            stage_since=contact.stage_since if same else self.now,
            fit=self.found.fit,
            engagement=self.found.engagement,
            effects=tuple(self.draft.effects),
            records=tuple(self.draft.records),
            # Strictly later than now, whatever a plan says: a worker must not spin on one contact.
            next_at=max(min(times), self.now + _SOONEST) if times else None,
            passed=self.draft.passed,
        )


def _by_step(step: HandOverStep) -> Promotion:
    return Promotion(step.id, step.because or f"the campaign hands everybody over at {step.id}")


def _told(because: tuple[Evidence, ...]) -> tuple[str, ...]:
    return tuple(one.words for one in because[:EVIDENCE_HANDED_OVER])
