"""The picture of one contact at some moment: as it had been recorded by then, with the versions of then."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from nurture.core.assess import measure
from nurture.core.campaign import Campaign, FormerNames
from nurture.core.model import DecisionRecord, Enrolment, EnrolmentState, Lifecycle, Snapshot, Stage
from nurture.core.moving import backwards, relocated
from nurture.core.obstacles import Mail
from nurture.core.past import (
    Answered,
    Merge,
    handovers_then,
    mails_then,
    person_then,
    sent_then,
    standing_then,
)
from nurture.core.plan import Plan
from nurture.core.retrace import Happening, Moved, retrace
from nurture.core.telling import Kept
from nurture.errors import NurtureError
from nurture.journey.picture import Picture, kept_of, mails_of
from nurture.journey.plans import PlanBook
from nurture.store import campaigns, consents, firms, signals, snapshots, stories
from nurture.tokens import Signer

_NOT_YET = (Lifecycle.LEAD, Lifecycle.JUNK)


@dataclass(frozen=True, slots=True)
class Then:
    """The picture, and in plain words what of it is not kept, and so is as it is today."""

    picture: Picture
    caveats: tuple[str, ...]


def picture_then(
    connection: sa.Connection, contact_id: int, at: datetime, plans: PlanBook, signer: Signer
) -> Then:
    """The contact as they were known at `at`: a fixed number of queries, one a subject.

    Raised when they were not known yet: NurtureError.
    """
    return _Looking(connection, contact_id, at, plans, signer).back()


class _Looking:
    """One look back; what is found out on the way is kept here."""

    def __init__(
        self, connection: sa.Connection, contact_id: int, at: datetime, plans: PlanBook, signer: Signer
    ) -> None:
        self.connection = connection
        self.id = contact_id
        self.at = at
        self.plans = plans
        self.signer = signer
        self.versions: set[int] = set()
        self.caveats: list[str] = []

    def back(self) -> Then:
        connection, at = self.connection, self.at
        dates = stories.dates_of(connection, self.id)
        ((today, account),) = snapshots.contacts_of(connection, [self.id])
        if dates.created_at > at:
            name = today.name or today.email or f"contact {self.id}"
            raise NurtureError(
                f"{name} was not known yet on {at:%Y-%m-%d %H:%M} UTC: they came in on "
                f"{dates.created_at:%Y-%m-%d %H:%M} UTC",
                hint="ask for a later --at",
            )
        kept = tuple(one for one in kept_of(connection, self.id) if one.at <= at)
        mails = mails_then(mails_of(connection, stories.mails_of(connection, self.id)), at)
        merges = [Merge(row.at, row.changes or {}) for row in stories.merges_of(connection, self.id)]
        person, firm = person_then(today, account, merges, at)
        if dates.account_created_at is not None and dates.account_created_at > at:
            firm = None
        self._say_what_is_of_today(dates, merges)
        began, began_at = self._began(kept, today.lifecycle, dates.created_at)
        standing = standing_then(began, began_at, kept)
        person = replace(
            person,
            lifecycle=standing.lifecycle,
            recycle_at=standing.recycle_at,
            stage=standing.stage,
            stage_since=standing.stage_since,
            stage_told_at=standing.told_at,
            stage_told_until=standing.told_until,
        )
        answered = [
            Answered(row.created_at, row.answer, row.answered_at, row.returned_at)
            for row in stories.handovers_of(connection, self.id)
        ]
        waiting, said_no = handovers_then(answered, at)
        said = consents.said_then(connection, self.id, at)
        snapshot = Snapshot(
            contact=person,
            account=firm,
            signals=signals.signals_of(connection, [self.id], received_by=at).get(self.id, ()),
            sent=sent_then(mails),
            consents=frozenset(purpose for purpose, granted in said.items() if granted),
            assumed=frozenset(name for name in self.plans.assumed if said.get(name, True)),
            suppressed=self._suppressed(person.email),
            open_handover=waiting,
            rejected_at=said_no,
        )
        snapshot, plan = self._placed(snapshot, kept, mails)
        return Then(
            Picture(
                snapshot=snapshot,
                plan=plan,
                known=self._known(plan, snapshot),
                kept=kept,
                mails=mails,
                due=None if standing.lifecycle in _NOT_YET else at,
                stuck=None,
            ),
            tuple(self.caveats),
        )

    # --- who they were ---------------------------------------------------------------------------------

    def _say_what_is_of_today(self, dates: Any, merges: Iterable[Merge]) -> None:
        merged = {merge.at for merge in merges}
        if dates.updated_at > self.at and dates.updated_at not in merged:
            self.caveats.append("tags, and fields and answers that campaigns have set since, are as of today")
        changed = dates.account_updated_at
        if changed is not None and changed > self.at and changed not in merged:
            self.caveats.append("what is known of the company is as of today")

    def _began(
        self, kept: Sequence[Kept], today: Lifecycle, created_at: datetime
    ) -> tuple[Lifecycle, datetime]:
        """Whether they were a contact by then, and since when."""
        items = stories.inbox_items_of(self.connection, self.id)
        sorted_as = [row.sorted_at for row in items if row.state == "contact" and row.sorted_at is not None]
        since = min([*sorted_as, *(one.at for one in kept)], default=None)
        if since is not None and since <= self.at:
            return Lifecycle.CONTACT, since
        if sorted_as or today not in _NOT_YET:
            self.caveats.append("when they met the data standard is not kept: taken as not by then")
        return Lifecycle.JUNK, created_at

    def _suppressed(self, email: str | None) -> bool:
        since = (
            None if not email else consents.suppressed_since(self.connection, self.signer.address_hash(email))
        )
        return since is not None and since <= self.at

    # --- what ran, and where they stood ----------------------------------------------------------------

    def _placed(
        self, snapshot: Snapshot, kept: Sequence[Kept], mails: Sequence[Mail]
    ) -> tuple[Snapshot, Plan]:
        published = [row for row in campaigns.history_of(self.connection) if row.at <= self.at]
        live: dict[str, int] = {}
        former: dict[str, FormerNames] = {}
        for row in published:
            live.pop(row.campaign, None)
            if row.version_id is not None:
                live[row.campaign] = row.version_id
            names = row.former or {}
            former[row.campaign] = {step: frozenset(names[step]) for step in names}
        entered = snapshots.enrolments_of(self.connection, [self.id]).get(self.id, ())
        entered = tuple(one for one in entered if one.entered_at <= self.at)
        self.versions = {row.version_id for row in published if row.version_id is not None}
        plan = self._plan(kept, live, former, {*self.versions, *(one.version_id for one in entered)})
        shared, firm = plan.signal_rules.shared, snapshot.account
        if shared is not None and firm is not None:
            did = firms.signals_of_firms(self.connection, [firm.id], shared.kinds, received_by=self.at)
            snapshot = replace(snapshot, firm=did.get(firm.id, ()))
        found = measure(snapshot, plan.profile, plan.signal_rules, plan.rules, self.at)
        person = replace(snapshot.contact, fit=found.fit, engagement=found.engagement)
        snapshot = replace(snapshot, contact=person)
        places = tuple(self._place(one, snapshot, published, kept, mails) for one in entered)
        return replace(snapshot, enrolments=places), plan

    def _plan(
        self,
        kept: Sequence[Kept],
        live: Mapping[str, int],
        former: Mapping[str, FormerNames],
        pinned: Iterable[int],
    ) -> Plan:
        """By the profile that the last decision names, else by the one published last by then."""
        found = campaigns.profile_at(self.connection, self.at)
        if found is None:
            raise NurtureError("no profile has been published", hint="run: nurture check, then nurture run")
        text, published_at = found
        named = [one.record.version for one in kept if one.record.campaign is None and one.record.version]
        if published_at > self.at:
            by_hash = campaigns.profile_by_hash(self.connection, named[-1]) if named else None
            if by_hash is None:
                self.caveats.append(
                    f"the profile is that of {published_at:%Y-%m-%d}; what held before is not kept"
                )
            text = by_hash or text
        return self.plans.plan_of(self.connection, text, live, former, pinned)

    def _known(self, plan: Plan, snapshot: Snapshot) -> tuple[Campaign, ...]:
        pinned = [plan.campaigns.get(one.version_id) for one in snapshot.enrolments]
        every = [*plan.live_campaigns, *(one for one in pinned if one is not None), *plan.campaigns.values()]
        every += [self.plans.version(self.connection, id) for id in sorted(self.versions, reverse=True)]
        return tuple({one.version_id: one for one in every}.values())

    def _place(
        self,
        today: Enrolment,
        snapshot: Snapshot,
        published: Sequence[Any],
        kept: Sequence[Kept],
        mails: Sequence[Mail],
    ) -> Enrolment:
        if (
            today.state is not EnrolmentState.ACTIVE
            and today.ended_at is not None
            and today.ended_at <= self.at
        ):
            return today
        changes = [row for row in published if row.campaign == today.campaign and row.version_id is not None]
        first = [row for row in changes if row.at <= today.entered_at]
        begun = first[-1].version_id if first else today.version_id
        campaign = self.plans.version(self.connection, begun)
        mine, stage = _of_this_time(today, kept, mails)
        moved = [
            Moved(
                row.at,
                self.plans.version(self.connection, row.version_id),
                relocated if row.undoes is None else backwards,
            )
            for row in changes
            if row.at > today.entered_at
        ]
        entered = replace(
            today,
            version_id=begun,
            track=stage,
            step=campaign.tracks.get(stage),
            since=today.entered_at,
            done=(),
            state=EnrolmentState.ACTIVE,
            ended_at=None,
            lap=0,
        )
        # What was published at a moment was so before the decisions of that moment.
        happenings: list[Happening] = sorted([*moved, *mine], key=lambda one: (one.at, isinstance(one, Kept)))
        found = retrace(entered, campaign, happenings, snapshot, self.at)
        if not found.exact:
            told = f"where they stood in {today.campaign} is pieced together: not every decision is kept"
            self.caveats.append(told)
        return found.place


def _of_this_time(place: Enrolment, kept: Sequence[Kept], mails: Sequence[Mail]) -> tuple[list[Kept], Stage]:
    """The decisions of one time in a campaign, with the changes of stage since; and the stage it began in."""
    begun, ended = len(kept), len(kept)
    for number, (at, record) in enumerate(kept):
        if record.what == "enrolled" and record.campaign == place.campaign:
            if at == place.entered_at and begun == len(kept):
                begun = number
            elif at > place.entered_at:
                ended = min(ended, number)
    if begun == len(kept):
        begun = next((number for number, one in enumerate(kept) if one.at >= place.entered_at), len(kept))
    mine = [one for one in kept[begun:ended] if one.record.campaign in (place.campaign, None)]
    told = {(one.at, one.record.step) for one in mine if one.record.what == "sent"}
    # A message outlives the record of its decision.
    mine += [
        Kept(mail.at, DecisionRecord("sent", "", mail.campaign, None, mail.step))
        for mail in mails
        if (mail.campaign, mail.occurrence) == (place.campaign, place.occurrence)
        and (mail.at, mail.step) not in told
    ]
    stages = [one.record for one in kept[:begun] if one.record.what == "stage_changed"]
    stage = Stage(str(stages[-1].evidence["to"])) if stages else Stage.ORIENTATION
    return sorted(mine, key=lambda one: one.at), stage
