"""Explains one contact: their story so far, how they stand and why, and what happens next and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.assess import Assessment, assess, measure
from nurture.core.campaign import SendStep
from nurture.core.consent import may_send
from nurture.core.decide import decide
from nurture.core.model import (
    Account,
    Contact,
    Decision,
    DecisionRecord,
    Enrolment,
    EnrolmentState,
    Lifecycle,
    Move,
    Snapshot,
)
from nurture.core.plan import Plan
from nurture.core.steps import step_words
from nurture.errors import NurtureError
from nurture.journey.advance import gather
from nurture.journey.plans import PlanBook
from nurture.journey.story import Entry, chronicle
from nurture.store import stories
from nurture.store.engine import Store
from nurture.tokens import Signer


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What would be decided at `at` if nothing happened before; None: only something new matters."""

    at: datetime | None
    records: tuple[DecisionRecord, ...] = ()
    moves: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that can be said about one contact.

    `standing` is None for people who are no contacts, and `junk_reason` says why they are not. `places` tells
    of every campaign: where they stand in it, or why they are not in it.
    """

    contact: Contact
    account: Account | None
    story: Sequence[Entry]
    standing: Assessment | None
    places: Sequence[str]
    upcoming: Upcoming | None
    stuck: str | None
    junk_reason: str | None = None


class Explainer:
    """Answers `explain`. It only reads: looking changes nothing."""

    def __init__(self, store: Store, clock: Clock, plans: PlanBook, signer: Signer) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans
        self._signer = signer

    def explain(self, wanted: str) -> Explanation:
        """The contact that `wanted` names: an id, an address, a number, an external id or a name.

        Raised when there is none, or more than one: NurtureError.
        """
        now = self._clock.now()
        with self._store.read() as connection:
            contact_id = find_contact(connection, wanted)
            (snapshot,), plan = gather(connection, [contact_id], self._plans, self._signer)
            story = chronicle(connection, contact_id)
            alarm = stories.journey_of(connection, contact_id)
            junk_reason = stories.junk_reason_of(connection, contact_id)
        followed = snapshot.contact.lifecycle not in ("lead", "junk")
        upcoming = None
        if followed:
            at = alarm.due_at
            # The core decides on the picture of today at the time of the alarm: that is what would happen.
            upcoming = _upcoming(at, decide(snapshot, plan, max(at, now))) if at else Upcoming(None)
        return Explanation(
            contact=snapshot.contact,
            account=snapshot.account,
            story=story,
            standing=assess(snapshot, plan.profile, plan.rules, now) if followed else None,
            places=list(_places(snapshot, plan, now)) if followed else [],
            upcoming=upcoming,
            stuck=alarm.stuck,
            junk_reason=junk_reason,
        )


def _upcoming(at: datetime, decision: Decision) -> Upcoming:
    moves = [
        f"{effect.enrolment.campaign}: goes on to {effect.enrolment.step or 'the end of its track'}"
        for effect in decision.effects
        if isinstance(effect, Move) and effect.enrolment.state is EnrolmentState.ACTIVE
    ]
    return Upcoming(at, decision.records, tuple(moves))


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


def _places(snapshot: Snapshot, plan: Plan, now: datetime) -> Iterator[str]:
    for enrolment in snapshot.enrolments:
        yield f"{enrolment.campaign} (time {enrolment.occurrence}): {_place(enrolment, plan, snapshot)}"
    if snapshot.contact.lifecycle is not Lifecycle.CONTACT:
        return
    if not plan.live_campaigns:
        yield "no campaign is live: `nurture run` or `nurture tick` publishes them"
    entered = {enrolment.campaign for enrolment in snapshot.enrolments}
    facts = measure(snapshot, plan.profile, plan.signal_rules, plan.rules, now).facts
    for campaign in plan.live_campaigns:
        if campaign.name in entered:
            continue
        finding = campaign.audience.evaluate(facts.within(campaign, None))
        inside = "will be enrolled" if finding.matched else "not in the audience"
        yield f"{campaign.name}: {inside}: {finding.reason}"


def _place(enrolment: Enrolment, plan: Plan, snapshot: Snapshot) -> str:
    campaign, lifecycle = plan.campaigns.get(enrolment.version_id), snapshot.contact.lifecycle
    if enrolment.state is not EnrolmentState.ACTIVE:
        return f"{enrolment.state} on {enrolment.ended_at:%Y-%m-%d}"
    if campaign is None:
        return "rests, because the campaign is not live"
    if lifecycle is not Lifecycle.CONTACT:
        return f"rests, because nothing is sent to a person who is {lifecycle}"
    if enrolment.step is None:
        return f"has had everything of {enrolment.track}; rests until the stage changes"
    step = campaign.steps.get(enrolment.step)
    does = "a step that is gone" if step is None else step_words(step)
    permission = may_send(snapshot, campaign.purpose, lifecycle)
    if isinstance(step, SendStep) and not permission.allowed:
        does += f", but is held back: {permission.reason}"
    since = f"{enrolment.since:%Y-%m-%d %H:%M} UTC"
    return f"in {enrolment.track}, at {enrolment.step} since {since}: {does}"
