"""Explains one contact: their story so far, how they stand and why, and what happens next and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from nurture.clock import Clock
from nurture.core.assess import Assessment, assess
from nurture.core.campaign import ChooseStep, SendStep, SplitStep, Step, WaitForStep, WaitStep
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
)
from nurture.core.plan import Plan
from nurture.core.words import length
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
    """Everything that can be said about one contact. `standing` is None for people who are no contacts."""

    contact: Contact
    account: Account | None
    story: Sequence[Entry]
    standing: Assessment | None
    places: Sequence[str]
    upcoming: Upcoming | None
    stuck: str | None


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
            contact_id = _only(stories.find_contacts(connection, wanted), wanted)
            (snapshot,), plan = gather(connection, [contact_id], self._plans, self._signer)
            story = chronicle(connection, contact_id)
            alarm = stories.journey_of(connection, contact_id)
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
            places=[_place(enrolment, plan, snapshot.contact.lifecycle) for enrolment in snapshot.enrolments],
            upcoming=upcoming,
            stuck=alarm.stuck,
        )


def _upcoming(at: datetime, decision: Decision) -> Upcoming:
    moves = [
        f"{effect.enrolment.campaign}: goes on to {effect.enrolment.step or 'the end of its track'}"
        for effect in decision.effects
        if isinstance(effect, Move) and effect.enrolment.state is EnrolmentState.ACTIVE
    ]
    return Upcoming(at, decision.records, tuple(moves))


def _only(found: Sequence[Any], wanted: str) -> int:
    if not found:
        raise NurtureError(
            f"no contact is known as {wanted!r}", hint="give an id, an e-mail address, a number or a name"
        )
    if len(found) > 1:
        several = "\n".join(f"  {row.id}  {row.name or '(no name)'}  {row.email or ''}" for row in found)
        raise NurtureError(f"{wanted!r} may be any of these:\n{several}", hint="give the id")
    contact_id: int = found[0].id
    return contact_id


def _place(enrolment: Enrolment, plan: Plan, lifecycle: Lifecycle) -> str:
    campaign = plan.campaigns.get(enrolment.version_id)
    where = f"{enrolment.campaign} (time {enrolment.occurrence})"
    if enrolment.state is not EnrolmentState.ACTIVE:
        return f"{where}: {enrolment.state} on {enrolment.ended_at:%Y-%m-%d}"
    if campaign is None:
        return f"{where}: rests, because the campaign is not live"
    if lifecycle is not Lifecycle.CONTACT:
        return f"{where}: rests, because nothing is sent to a person who is {lifecycle}"
    if enrolment.step is None:
        return f"{where}: has had everything of {enrolment.track}; rests until the stage changes"
    step = campaign.steps.get(enrolment.step)
    does = "a step that is gone" if step is None else _step_words(step)
    return (
        f"{where}: in {enrolment.track}, at {enrolment.step} since {enrolment.since:%Y-%m-%d %H:%M}: {does}"
    )


def _step_words(step: Step) -> str:
    match step:
        case SendStep(template=template):
            return f"sends {template}"
        case WaitStep(duration=duration):
            return f"waits {length(duration)}"
        case WaitForStep(condition=condition, up_to=up_to):
            return f"waits for {condition.source}, up to {length(up_to)}"
        case ChooseStep():
            return "chooses"
        case SplitStep():
            return "splits"
