"""How many mails a plan means in the first day and week: the core is run on a copy of the contacts.

Once under the plan that is live and once under the one to come. Of a long list it takes every so manyth
contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.core.campaign import Campaign
from nurture.core.decide import decide
from nurture.core.fold import apply
from nurture.core.model import EnrolmentState, Send, Snapshot
from nurture.core.moving import Mover
from nurture.core.plan import Plan
from nurture.errors import CampaignError
from nurture.journey.advance import gather
from nurture.journey.plans import PlanBook
from nurture.store.schema import journey
from nurture.tokens import Signer

SAMPLE = 2_000
"""So many contacts are looked at for the forecast."""

AT_ONCE = 500
DAY, WEEK = timedelta(days=1), timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Forecast:
    """Mails in the first day and week: as it would be, and as it is now. Scaled from `sample` of `people`."""

    people: int
    sample: int
    first_day: int
    first_week: int
    first_day_now: int
    first_week_now: int

    @property
    def more_in_a_day(self) -> int:
        return max(0, self.first_day - self.first_day_now)


def forecast(
    connection: sa.Connection, draft: Plan, plans: PlanBook, signer: Signer, now: datetime, mover: Mover
) -> Forecast:
    """The mails if `draft` were the plan from `now` on, and `mover` had moved those under way into it.

    Where nothing has been published yet nobody is looked at.
    """
    followed = journey.c.lifecycle.in_(["contact", "recycled"])
    people = connection.scalar(sa.select(sa.func.count()).where(followed)) or 0
    every = max(1, people // SAMPLE)
    # Every so manyth contact by id, so that the same list gives the same forecast.
    number = sa.func.row_number().over(order_by=journey.c.contact_id)
    numbered = sa.select(journey.c.contact_id, number.label("n")).where(followed).subquery()
    ids = list(connection.scalars(sa.select(numbered.c.contact_id).where(numbered.c.n % every == 0)))
    counts = [0, 0, 0, 0]
    by_name = {campaign.name: campaign for campaign in draft.campaigns.values()}
    for start in range(0, len(ids), AT_ONCE):
        found, present = gather(connection, ids[start : start + AT_ONCE], plans, signer)
        for snapshot in found:
            _add(counts, 0, _mails(_moved(snapshot, present, by_name, mover), draft, now))
            _add(counts, 2, _mails(snapshot, present, now))
    scaled = [round(count * people / len(ids)) if ids else 0 for count in counts]
    return Forecast(people, len(ids), *scaled)


def refuse_flood(found: Forecast | None, limit: int, allowed: int) -> None:
    """Raised when more mails would go in the first day than now, by more than both numbers: CampaignError."""
    if found is None or found.more_in_a_day <= max(limit, allowed):
        return
    raise CampaignError(
        f"this would send {found.more_in_a_day} more mails in the first day than now; "
        f"publish.flood_limit is {limit}",
        hint=f"if that is what you want: nurture publish --allow-mails {found.more_in_a_day}",
    )


def _moved(
    snapshot: Snapshot, present: Plan, campaigns_by_name: Mapping[str, Campaign], mover: Mover
) -> Snapshot:
    """The contact as they would stand after publishing; where they would be stranded, out of the campaign."""
    enrolments = []
    for enrolment in snapshot.enrolments:
        new = campaigns_by_name.get(enrolment.campaign)
        # Of a campaign that had been stopped, the plan of now has no version.
        old = present.campaigns.get(enrolment.version_id, new)
        if new is None or old is None or enrolment.state is not EnrolmentState.ACTIVE:
            enrolments.append(enrolment)
        elif (found := mover(enrolment, old, new)) is not None:
            enrolments.append(found)
    return replace(snapshot, enrolments=tuple(enrolments))


def _mails(snapshot: Snapshot, plan: Plan, start: datetime) -> tuple[int, int]:
    """How many mails the contact gets in the first day and in the first week, if nothing happens."""
    now, day, week = start, 0, 0
    while True:
        decision = decide(snapshot, plan, now)
        snapshot = apply(snapshot, decision, now)
        sends = sum(isinstance(effect, Send) for effect in decision.effects)
        week += sends
        day += sends if now <= start + DAY else 0
        if decision.next_at is None or decision.next_at > start + WEEK:
            return day, week
        now = decision.next_at


def _add(counts: list[int], at: int, mails: tuple[int, int]) -> None:
    counts[at] += mails[0]
    counts[at + 1] += mails[1]
