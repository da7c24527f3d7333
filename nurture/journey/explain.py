"""Explains one contact: their story so far, how they stand and why, and what happens next and when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.clock import Clock
from nurture.core.ahead import look_ahead
from nurture.core.assess import Assessment, assess, measure
from nurture.core.campaign import SendStep
from nurture.core.channels import channel_of
from nurture.core.consent import may_send, why_not
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
from nurture.ingest.unusable import unusable_words
from nurture.journey.entry import Entry
from nurture.journey.firm import FirmPicture, told_pictures
from nurture.journey.origins import FieldOrigin, field_origins
from nurture.journey.picture import Picture
from nurture.journey.plans import PlanBook
from nurture.journey.seeing import AsOf, PictureOf, Seen, see
from nurture.journey.story import chronicle
from nurture.journey.with_sales import sales_words
from nurture.store import handovers, pasts, stories
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
    of every campaign: where they stand in it, or why they are not in it. `as_of` is the moment that all of it
    is of; `origins` tells where each value came from, and is empty for a moment in the past.
    `would_help` says what would make a contact of junk, where the caller knows. `firm` is what several people
    of their firm did together, with their names. `unusable` is what they gave in vain, and why; `sales`
    what sales is to do about them, and until when. `external_id` is what another system calls them.
    """

    contact: Contact
    account: Account | None
    as_of: AsOf
    story: Sequence[Entry]
    standing: Assessment | None
    places: Sequence[str]
    upcoming: Upcoming | None
    stuck: str | None
    junk_reason: str | None = None
    origins: Sequence[FieldOrigin] = ()
    would_help: Sequence[str] = ()
    firm: Sequence[FirmPicture] = ()
    unusable: Sequence[str] = ()
    sales: Sequence[str] = ()
    external_id: str | None = None


class Explainer:
    """Answers `explain`. It only reads: looking changes nothing."""

    def __init__(self, store: Store, clock: Clock, plans: PlanBook, signer: Signer) -> None:
        self._store = store
        self._clock = clock
        self._plans = plans
        self._signer = signer

    def explain(self, wanted: str, *, at: str | None = None) -> Explanation:
        """The contact that `wanted` names, as they are known now, or were at `at`.

        Raised when there is none, or more than one, or when they were not known yet: NurtureError; when `at`
        is no date: QuestionError.
        """
        now = self._clock.now()
        with self._store.read() as connection:
            seen = see(connection, wanted, at, now, self._plans, self._signer)
            then = seen.as_of.picture is PictureOf.THEN
            until = seen.as_of.at if then else None
            story = chronicle(connection, seen.contact_id, until, self._signer.address_hash)
            person, account = seen.picture.snapshot.contact, seen.picture.snapshot.account
            origins = [] if then else field_origins(connection, person, account)
            picture = seen.picture
            firm = told_pictures(connection, picture.snapshot.firm, picture.plan, seen.as_of.at)
            quality = stories.quality_of(connection, seen.contact_id)
            sales = [] if then else self._sales(connection, seen)
            external_id = pasts.external_ids(connection, [seen.contact_id]).get(seen.contact_id)
        picture, now = seen.picture, seen.as_of.at
        snapshot, plan = picture.snapshot, picture.plan
        followed = snapshot.contact.lifecycle not in ("lead", "junk")
        return Explanation(
            contact=snapshot.contact,
            account=snapshot.account,
            as_of=seen.as_of,
            story=story,
            standing=assess(snapshot, plan.profile, plan.rules, now) if followed else None,
            places=list(_places(snapshot, plan, now)) if followed else [],
            upcoming=_upcoming(picture, now, then=then) if followed else None,
            stuck=picture.stuck,
            junk_reason=quality.junk_reason if snapshot.contact.lifecycle is Lifecycle.JUNK else None,
            origins=origins,
            firm=firm,
            unusable=[] if then else list(unusable_words(quality.problems or {})),
            sales=sales,
            external_id=external_id,
        )

    def _sales(self, connection: sa.Connection, seen: Seen) -> list[str]:
        rows = handovers.of_contact(connection, seen.contact_id)
        return list(sales_words(rows, lambda id: self._plans.version(connection, id)))


def _upcoming(picture: Picture, now: datetime, *, then: bool) -> Upcoming:
    """The decision of the next alarm: the core decides on the picture of today, as it would then.

    Of a day in the past no alarm is kept: it is the next decision of which something comes.
    """
    if picture.due is None:
        return Upcoming(None)
    if not then:
        return _decided(picture.due, decide(picture.snapshot, picture.plan, max(picture.due, now)))
    ahead = look_ahead(picture.snapshot, picture.plan, picture.due, lambda look: bool(look.decision.records))
    return Upcoming(None) if ahead.reached is None else _decided(ahead.reached, ahead.looks[-1].decision)


def _decided(at: datetime, decision: Decision) -> Upcoming:
    moves = [
        f"goes on in {effect.enrolment.campaign} to {effect.enrolment.step or 'the end of this stage'}"
        for effect in decision.effects
        if isinstance(effect, Move) and effect.enrolment.state is EnrolmentState.ACTIVE
    ]
    return Upcoming(at, decision.records, tuple(moves))


def _places(snapshot: Snapshot, plan: Plan, now: datetime) -> Iterator[str]:
    for enrolment in snapshot.enrolments:
        time = f" (time {enrolment.occurrence})" if enrolment.occurrence > 1 else ""
        yield f"{enrolment.campaign}{time}: {_place(enrolment, plan, snapshot, now)}"
    if snapshot.contact.lifecycle is not Lifecycle.CONTACT:
        return
    if not plan.live_campaigns:
        yield "no campaign is live: nurture tick publishes those of the workspace"
    entered = {enrolment.campaign for enrolment in snapshot.enrolments}
    facts = measure(snapshot, plan.profile, plan.signal_rules, plan.rules, now).facts
    for campaign in plan.live_campaigns:
        if campaign.name in entered:
            continue
        finding = campaign.audience.evaluate(facts.within(campaign, None))
        inside = "will be enrolled" if finding.matched else "not in the audience"
        yield f"{campaign.name}: {inside}: {finding.reason}"


def _place(enrolment: Enrolment, plan: Plan, snapshot: Snapshot, now: datetime) -> str:
    campaign, lifecycle = plan.campaigns.get(enrolment.version_id), snapshot.contact.lifecycle
    if enrolment.state is not EnrolmentState.ACTIVE:
        how = "was through with it" if enrolment.state is EnrolmentState.FINISHED else "left it"
        return f"{how} on {enrolment.ended_at:%Y-%m-%d}"
    if campaign is None:
        return "rests, because the campaign is not live"
    if lifecycle is not Lifecycle.CONTACT:
        return f"rests, because the person {why_not(snapshot.contact, now)}"
    if enrolment.step is None:
        return f"has had everything of {enrolment.track}; rests until the stage changes"
    step = campaign.steps.get(enrolment.step)
    does = "a step that is gone" if step is None else step_words(step)
    if isinstance(step, SendStep):
        permission = may_send(snapshot, campaign.purpose, lifecycle, channel_of(step.template))
        if not permission.allowed:
            does += f", but is held back: {permission.reason}"
    since = f"{enrolment.since:%Y-%m-%d %H:%M} UTC"
    return f"in {enrolment.track}, at {enrolment.step} since {since}: {does}"
