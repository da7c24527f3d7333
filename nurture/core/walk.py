"""Walks one enrolment from step to step until it must wait, send nothing, or has come to its track's end.

A wait that ended while nobody looked ended when it was due: the next step's clock starts then, so that a
plan does not drift by how busy the workers are. A message goes out now, and what follows it counts from now,
so that a long outage does not make up for itself in one burst.

A step already done is passed over without effect. A choose that was taken before is taken the same way
where a step of that branch has been done, so that nobody gets the steps of two branches.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple

from nurture.core.campaign import (
    Arm,
    Branch,
    Campaign,
    ChooseStep,
    SendStep,
    SplitStep,
    Step,
    WaitForStep,
    WaitStep,
)
from nurture.core.facts import SnapshotFacts
from nurture.core.model import DecisionRecord, Enrolment, Send, Value
from nurture.core.outgoing import Look, refuse
from nurture.core.words import length

STEP_LIMIT = 1_000
"""So many steps in one decision are a loop in which no time passes."""


class Walked(NamedTuple):
    """Where an enrolment came to. `next_at` is when time alone moves it on; None: never."""

    enrolment: Enrolment
    sends: list[Send]
    records: list[DecisionRecord]
    next_at: datetime | None


def walk(look: Look, campaign: Campaign, enrolment: Enrolment, *, arrived: bool) -> Walked:
    """Takes every step that can be taken now. `arrived`: the contact has only now come to stand there."""
    return _Walker(look, campaign, enrolment, arrived).run()


def choose_arm(contact_id: int, campaign: str, step: SplitStep) -> Arm | None:
    """The arm of a split that a contact is in, for ever: by SHA-256 of contact, campaign and step."""
    total = sum(arm.weight for arm in step.arms)
    digest = sha256(f"{contact_id}:{campaign}:{step.id}".encode()).digest()
    place = int.from_bytes(digest[:8], "big") * total >> 64
    for arm in step.arms:
        place -= arm.weight
        if place < 0:
            return arm
    return None


class _Walker:
    """One walk. Each handler takes one step, and answers whether there is a next one to take."""

    __slots__ = (
        "arrived",
        "campaign",
        "done",
        "enrolment",
        "facts_here",
        "look",
        "next_at",
        "notes",
        "sends",
        "since",
        "step",
    )

    def __init__(self, look: Look, campaign: Campaign, enrolment: Enrolment, arrived: bool) -> None:
        self.look = look
        self.campaign = campaign
        self.enrolment = enrolment
        self.arrived = arrived
        self.step = enrolment.step
        self.since = enrolment.since
        self.done = list(enrolment.done)
        self.sends: list[Send] = []
        self.notes: list[dict[str, Any]] = []
        self.next_at: datetime | None = None
        self.facts_here: SnapshotFacts | None = None

    def run(self) -> Walked:
        for _ in range(STEP_LIMIT):
            if self.step is None:
                self._end()
                break
            step = self.campaign.steps[self.step]
            if not _HANDLERS[type(step)](self, step):
                break
        else:
            self._note("stopped", f"{STEP_LIMIT} steps without a wait: the campaign runs in a circle")
        return Walked(self._enrolment(), self.sends, self._records(), self.next_at)

    # --- one method a kind of step -------------------------------------------------------------------

    def _send(self, step: SendStep) -> bool:
        key = (self.campaign.name, step.id, self.enrolment.occurrence, self.enrolment.lap)
        if step.id in self.done or key in self.look.ledger.keys:
            return self._go(step, step.next)
        refusal = refuse(self.look, self.campaign, self.look.now)
        if refusal is not None:
            self.next_at = refusal.next_at
            # Standing here since an earlier look: tell it again only if that look gave another answer.
            if self.arrived or refusal != refuse(self.look, self.campaign, self.since):
                self._note("not_sent", refusal.reason, step=step.id, rule=refusal.rule)
            return False
        contact = self.look.snapshot.contact
        send = Send(
            campaign=self.campaign.name,
            version_id=self.enrolment.version_id,
            step=step.id,
            occurrence=self.enrolment.occurrence,
            lap=self.enrolment.lap,
            template=step.template,
            purpose=self.campaign.purpose,
            locale=contact.locale or self.campaign.locale,
        )
        self.sends.append(send)
        self.look.ledger.add(send, self.look.now)
        self._note("sent", step.template, step=step.id, rule=step.id)
        return self._go(step, step.next, self.look.now)

    def _wait(self, step: WaitStep) -> bool:
        if step.id in self.done:
            return self._go(step, step.next)
        return self._wait_until(step, step.next, self.since + step.duration)

    def _wait_for(self, step: WaitForStep) -> bool:
        if step.id in self.done:
            timed_out = step.on_timeout in self.done and step.next not in self.done
            return self._go(step, step.on_timeout if timed_out else step.next)
        if step.condition.test(self._facts()):
            reason = step.condition.evaluate(self._facts()).reason
            self._note("went_on", reason, step=step.id, rule=step.condition.source)
            return self._go(step, step.next, self.look.now)
        if not self._wait_until(step, step.on_timeout, self.since + step.up_to):
            return False
        reason = f"waited {length(step.up_to)} in vain"
        self._note("timed_out", reason, step=step.id, rule=step.condition.source)
        return True

    def _choose(self, step: ChooseStep) -> bool:
        if step.id in self.done:
            taken = next((branch for branch in step.branches if branch.first in self.done), None)
            if taken is not None:
                return self._go(step, taken.first)
        branch = self._matching(step)
        if step.id not in self.done:
            self._note_choice(step, branch)
        return self._go(step, step.next if branch is None or branch.first is None else branch.first)

    def _split(self, step: SplitStep) -> bool:
        arm = choose_arm(self.enrolment.contact_id, self.campaign.name, step)
        if arm is not None and step.id not in self.done:
            self._note("split", f"arm {arm.name}", step=step.id, rule=step.id, evidence={"arm": arm.name})
        return self._go(step, step.next if arm is None or arm.first is None else arm.first)

    # --- helpers -------------------------------------------------------------------------------------

    def _go(self, step: Step, following: str | None, since: datetime | None = None) -> bool:
        """On to the `following` step, whose clock starts at `since` (where not given, as this one's)."""
        if step.id not in self.done:
            self.done.append(step.id)
        self.step = following
        self.since = self.since if since is None else since
        self.arrived = True
        return True

    def _wait_until(self, step: Step, following: str | None, ends: datetime) -> bool:
        if ends > self.look.now:
            self.next_at = ends
            return False
        return self._go(step, following, ends)

    def _end(self) -> None:
        if self.arrived:
            self.since = self.look.now
            track = self.enrolment.track.value
            self._note("track_ended", f"nothing more to do in {track}; rests until the stage changes")

    def _matching(self, step: ChooseStep) -> Branch | None:
        for branch in step.branches:
            if branch.when is None or branch.when.test(self._facts()):
                return branch
        return None

    def _note_choice(self, step: ChooseStep, branch: Branch | None) -> None:
        if branch is None:
            self._note("chosen", "no branch matched", step=step.id, rule=step.id)
        elif branch.when is None:
            self._note("chosen", "no other branch matched", step=step.id, rule="else")
        else:
            reason = branch.when.evaluate(self._facts()).reason
            self._note("chosen", reason, step=step.id, rule=branch.when.source)

    def _facts(self) -> SnapshotFacts:
        if self.facts_here is None:
            self.facts_here = self.look.facts.within(self.campaign.name, self.enrolment.entered_at)
        return self.facts_here

    def _note(self, what: str, reason: str, **more: str | dict[str, Value]) -> None:
        self.notes.append({"what": what, "reason": reason, **more})

    def _records(self) -> list[DecisionRecord]:
        return [
            DecisionRecord(
                campaign=self.campaign.name, version=self.campaign.version, next_at=self.next_at, **note
            )
            for note in self.notes
        ]

    def _enrolment(self) -> Enrolment:
        before = self.enrolment
        if self.step == before.step and len(self.done) == len(before.done):
            return before
        return Enrolment(
            id=before.id,
            contact_id=before.contact_id,
            campaign=before.campaign,
            version_id=before.version_id,
            occurrence=before.occurrence,
            track=before.track,
            step=self.step,
            since=self.since,
            entered_at=before.entered_at,
            done=tuple(self.done),
            lap=before.lap,
        )


_HANDLERS: dict[type, Callable[[_Walker, Any], bool]] = {
    SendStep: _Walker._send,
    WaitStep: _Walker._wait,
    WaitForStep: _Walker._wait_for,
    ChooseStep: _Walker._choose,
    SplitStep: _Walker._split,
}
