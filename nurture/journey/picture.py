"""What answering questions about one contact needs: the picture, the plan, what was decided before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from nurture.core.campaign import Campaign
from nurture.core.model import Snapshot
from nurture.core.obstacles import Mail
from nurture.core.plan import Plan
from nurture.core.schedule import find_zone
from nurture.core.telling import Kept
from nurture.errors import NurtureError
from nurture.journey.advance import gather
from nurture.journey.plans import PlanBook
from nurture.store import campaigns, records, stories
from nurture.tokens import Signer


@dataclass(frozen=True, slots=True)
class Picture:
    """One contact, with what was decided on them. `known` are all campaigns that can be asked after.

    `due` is when they are looked at again; `stuck` why they are not any more.
    """

    snapshot: Snapshot
    plan: Plan
    known: tuple[Campaign, ...]
    kept: tuple[Kept, ...]
    mails: tuple[Mail, ...]
    due: datetime | None
    stuck: str | None

    def zone(self) -> tuple[ZoneInfo, str]:
        """The clock that times are told by, and whose it is: the contact's, else that of a campaign."""
        own = self.snapshot.contact.timezone
        if own and find_zone(own).key == own:
            return find_zone(own), "the contact's zone"
        campaign = next(iter(self.plan.live_campaigns), None)
        if campaign is None:
            return ZoneInfo("UTC"), "no other is known"
        return find_zone(campaign.timezone), f"the zone of {campaign.name}"


def find_contact(connection: sa.Connection, wanted: str) -> int:
    """The contact that `wanted` names: their id. Raised when there is none, or several: NurtureError."""
    found = stories.find_contacts(connection, wanted)
    if not found:
        raise NurtureError(
            f"no contact is known as {wanted!r}", hint="give an id, an e-mail address, a number or a name"
        )
    if len(found) > 1:
        several = "\n".join(f"  {row.id}  {row.name or '(no name)'}  {row.email or ''}" for row in found)
        raise NurtureError(f"{wanted!r} may be any of these:\n{several}", hint="give the id")
    contact_id: int = found[0].id
    return contact_id


def picture_of(connection: sa.Connection, contact_id: int, plans: PlanBook, signer: Signer) -> Picture:
    """The contact as they stand now: a fixed number of queries, one a subject."""
    (snapshot,), plan = gather(connection, [contact_id], plans, signer)
    alarm = stories.journey_of(connection, contact_id)
    return Picture(
        snapshot=snapshot,
        plan=plan,
        known=tuple(_known(connection, snapshot, plan, plans)),
        kept=kept_of(connection, contact_id),
        mails=mails_of(connection, stories.mails_of(connection, contact_id)),
        due=alarm.due_at,
        stuck=alarm.stuck,
    )


def _known(connection: sa.Connection, snapshot: Snapshot, plan: Plan, plans: PlanBook) -> Iterator[Campaign]:
    """What is live comes first, then the versions that the contact runs, then what was stopped."""
    yield from plan.live_campaigns
    seen = {campaign.version_id for campaign in plan.live_campaigns}
    pinned = [place.version_id for place in snapshot.enrolments]
    for version_id in [*pinned, *campaigns.last_versions(connection).values()]:
        if version_id not in seen:
            seen.add(version_id)
            yield plan.campaigns.get(version_id) or plans.version(connection, version_id)


def kept_of(connection: sa.Connection, contact_id: int) -> tuple[Kept, ...]:
    """What was decided on one contact, the oldest first."""
    return tuple(Kept(told.at, told.record) for told in records.told(connection, [contact_id]))


def mails_of(connection: sa.Connection, rows: Sequence[Any]) -> tuple[Mail, ...]:
    """Stored messages, with the versions that sent them by their hashes; whatever became of them."""
    hashes = campaigns.hashes_of(connection, {row.version_id for row in rows})
    return tuple(
        Mail(
            campaign=row.campaign,
            step=row.step,
            occurrence=row.occurrence,
            at=row.created_at,
            state=row.state,
            version=hashes.get(row.version_id, ""),
            reply=row.reply or "",
            done_at=row.done_at,
            lap=row.lap,
            subject=row.subject or "",
        )
        for row in rows
    )
