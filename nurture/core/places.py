"""A contact's places in campaigns: which they keep, which they leave, and which they enter.

Leaving the audience is not leaving the campaign; only its `exit_when` lets go. A stage other than that of
the enrolment's track means the track of that stage, from its beginning: what was done there is passed over.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from nurture.core.campaign import Campaign
from nurture.core.draft import Draft
from nurture.core.entries import entered_by, next_entry
from nurture.core.facts import SnapshotFacts
from nurture.core.model import Enrol, Enrolment, EnrolmentState, Move, Snapshot, Stage
from nurture.core.plan import Plan, precedence


class Place:
    """An active enrolment during the decision: as it was (None: it is new), and as it is by now.

    `arrived`: the contact has only now come to stand on its step.
    """

    __slots__ = ("arrived", "before", "campaign", "enrolment")

    def __init__(
        self, campaign: Campaign, before: Enrolment | None, enrolment: Enrolment, arrived: bool
    ) -> None:
        self.campaign = campaign
        self.before = before
        self.enrolment = enrolment
        self.arrived = arrived


class Places:
    """All places of one contact, in the order of the campaigns' precedence once they are `found`."""

    def __init__(
        self, snapshot: Snapshot, plan: Plan, facts: SnapshotFacts, stage: Stage, now: datetime, draft: Draft
    ) -> None:
        self.all: list[Place] = []
        self._snapshot = snapshot
        self._plan = plan
        self._facts = facts
        self._stage = stage
        self._now = now
        self._draft = draft
        self._latest: dict[str, Enrolment] = {}

    def leave_all(self) -> None:
        """Ends every active enrolment."""
        for enrolment in self._snapshot.enrolments:
            if enrolment.state is EnrolmentState.ACTIVE:
                self._leave(enrolment, EnrolmentState.EXITED)

    def find(self) -> None:
        """Keeps, leaves and enters, by what the campaigns say."""
        for enrolment in self._snapshot.enrolments:
            known = self._latest.get(enrolment.campaign)
            if known is None or known.occurrence < enrolment.occurrence:
                self._latest[enrolment.campaign] = enrolment
            campaign = self._plan.campaigns.get(enrolment.version_id)
            if campaign is not None and enrolment.state is EnrolmentState.ACTIVE:
                self._keep(campaign, enrolment)
        for campaign in self._plan.live_campaigns:
            self._enter_if_wanted(campaign)
        self.all.sort(key=lambda place: precedence(place.campaign))

    def settle(self, place: Place, enrolment: Enrolment) -> None:
        """Where the contact stands in a campaign after this decision, so far."""
        self._latest[enrolment.campaign] = enrolment
        place.enrolment = enrolment

    def write(self) -> None:
        """Puts every place that is new or another one into the draft: once, at the end."""
        for place in self.all:
            if place.before is None:
                self._draft.effects.append(Enrol(place.enrolment))
            elif place.enrolment is not place.before:
                self._draft.effects.append(Move(place.enrolment))

    def add_to(self, name: str, by: Campaign) -> None:
        """Enters a live campaign because a step of another one says so, whatever its audience."""
        campaign = next((each for each in self._plan.live_campaigns if each.name == name), None)
        latest = self._latest.get(name)
        if campaign is None:
            self._draft.record("not_enrolled", f"the campaign {name} is not live", by)
        elif latest is not None and latest.state is EnrolmentState.ACTIVE and latest.step is not None:
            self._draft.record("not_enrolled", f"is in {name} already", by)
        elif latest is not None and not self._may_return(campaign, latest):
            self._draft.record("not_enrolled", f"has been in {name}, and may not come again yet", by)
        else:
            self._end_latest(latest)
            self._enter(campaign, 1 if latest is None else latest.occurrence + 1)
            self._draft.record("enrolled", f"added by {by.name}", campaign)

    def remove_from(self, name: str, by: Campaign) -> None:
        """Leaves a campaign because a step of another one says so."""
        active = [each for each in self.all if each.enrolment.state is EnrolmentState.ACTIVE]
        place = next((each for each in active if each.campaign.name == name), None)
        if place is not None:
            left = replace(place.enrolment, state=EnrolmentState.EXITED, ended_at=self._now)
            self.settle(place, left)
            self._draft.record("exited", f"removed by {by.name}", place.campaign)

    def await_reentry(self) -> None:
        """Sees to it that who may come again into a campaign is looked at when they may."""
        for campaign in self._plan.live_campaigns:
            latest = self._latest.get(campaign.name)
            free_at = None if latest is None else reentry_at(campaign, latest)
            if free_at is None or free_at <= self._now:
                continue
            if campaign.audience.test(self._facts.within(campaign, None)):
                self._draft.times.append(free_at)

    def await_dates(self) -> None:
        """Sees to it that who may enter by a date is looked at on that date."""
        for campaign in self._plan.live_campaigns:
            moment = (
                next_entry(campaign, self._snapshot, self._facts, self._now) if campaign.entries else None
            )
            if moment is not None:
                self._draft.times.append(moment)

    def _keep(self, campaign: Campaign, enrolment: Enrolment) -> None:
        if campaign.exit_when is not None:
            facts = self._facts.within(campaign, enrolment.entered_at)
            if campaign.exit_when.test(facts):
                reason = campaign.exit_when.evaluate(facts).reason
                self._latest[campaign.name] = self._leave(enrolment, EnrolmentState.EXITED)
                self._draft.record("exited", reason, campaign, rule=campaign.exit_when.source)
                return
        if enrolment.track is self._stage:
            self.all.append(Place(campaign, enrolment, enrolment, arrived=False))
            return
        first = campaign.tracks.get(self._stage)
        moved = replace(enrolment, track=self._stage, step=first, since=self._now)
        self._latest[campaign.name] = moved
        self.all.append(Place(campaign, enrolment, moved, arrived=True))

    def _enter_if_wanted(self, campaign: Campaign) -> None:
        latest = self._latest.get(campaign.name)
        if latest is not None and not self._may_return(campaign, latest):
            return
        facts = self._facts.within(campaign, None)
        if not campaign.audience.test(facts) or (campaign.exit_when and campaign.exit_when.test(facts)):
            return
        reason = campaign.audience.evaluate(facts).reason
        if campaign.entries:
            since = None if latest is None else latest.entered_at
            entry = entered_by(campaign, self._snapshot, self._facts, since, self._now)
            if entry is None:
                return
            reason = f"{entry}; {reason}"
        self._end_latest(latest)
        self._enter(campaign, 1 if latest is None else latest.occurrence + 1)
        self._draft.record("enrolled", reason, campaign, rule=campaign.audience.source)

    def _may_return(self, campaign: Campaign, latest: Enrolment) -> bool:
        free_at = reentry_at(campaign, latest)
        return free_at is not None and free_at <= self._now

    def _end_latest(self, latest: Enrolment | None) -> None:
        """Who rests at the end of a track when they enter anew is through with that time."""
        if latest is not None and latest.state is EnrolmentState.ACTIVE:
            left = self._leave(latest, EnrolmentState.FINISHED)
            for place in self.all:
                if place.enrolment is latest:
                    place.before = place.enrolment = left

    def _enter(self, campaign: Campaign, occurrence: int) -> None:
        enrolment = Enrolment(
            id=0,
            contact_id=self._snapshot.contact.id,
            campaign=campaign.name,
            version_id=campaign.version_id,
            occurrence=occurrence,
            track=self._stage,
            step=campaign.tracks.get(self._stage),
            since=self._now,
            entered_at=self._now,
        )
        self._latest[campaign.name] = enrolment
        self.all.append(Place(campaign, None, enrolment, arrived=True))

    def _leave(self, enrolment: Enrolment, state: EnrolmentState) -> Enrolment:
        left = replace(enrolment, state=state, ended_at=self._now)
        self._draft.effects.append(Move(left))
        return left


def reentry_at(campaign: Campaign, latest: Enrolment) -> datetime | None:
    """From when on somebody who has been in a campaign may come again; None: not by the passing of time.

    Who rests at the end of a track counts as having been there; who is on the way does not.
    """
    resting = latest.state is EnrolmentState.ACTIVE
    if campaign.reenter is None or (resting and latest.step is not None):
        return None
    return (latest.since if resting else latest.ended_at or latest.entered_at) + campaign.reenter
