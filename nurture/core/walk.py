"""Walks one enrolment from step to step until it must wait, send nothing, or has come to its track's end.

A wait that ended while nobody looked ended when it was due: the next step's clock starts then, so that a
plan does not drift by how busy the workers are. A message goes out now, and what follows it counts from now,
so that a long outage does not make up for itself in one burst.

A step already done is passed over without effect. A choose that was taken before is taken the same way
where a step of that branch has been done, so that nobody gets the steps of two branches.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

from nurture.core.campaign import (
    Arm,
    Branch,
    Campaign,
    ChooseStep,
    DoStep,
    ExitStep,
    GoalStep,
    GoToStep,
    HandOverStep,
    SendStep,
    SplitStep,
    Step,
    WaitForStep,
    WaitStep,
    WaitUntilStep,
)
from nurture.core.changes import changed
from nurture.core.channels import channel_of
from nurture.core.model import (
    AddTo,
    Enrolment,
    Order,
    RemoveFrom,
    Send,
)
from nurture.core.moments import moment_of
from nurture.core.outgoing import Look, refuse
from nurture.core.plan import ActionPart
from nurture.core.progress import Progress, Walked
from nurture.core.schedule import find_zone
from nurture.core.steps import until_words
from nurture.core.words import length

_SOON = timedelta(minutes=1)
STEP_LIMIT = 1_000
"""So many steps in one decision are a loop in which no time passes."""


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


class _Walker(Progress):
    """One walk. Each handler takes one step, and answers whether there is a next one to take."""

    __slots__ = ()

    def run(self) -> Walked:
        self._jump_to_goal()
        for _ in range(STEP_LIMIT):
            if self.step is None:
                self.end()
                break
            step = self.campaign.steps.get(self.step)
            # A step that this version lacks: whoever stands there rests until another version has it.
            if step is None or not self._take(step):
                break
        else:
            # Perhaps a loop that has much to make up for after an outage: it goes on from here.
            self.next_at = self.look.now + _SOON
            self.note("stopped", f"{STEP_LIMIT} steps without a wait: the campaign runs in a circle")
        return Walked(
            self.place(),
            self.effects,
            self.records(),
            self.next_at,
            self.memberships,
            self.handover,
            tuple(self.passed),
        )

    def _take(self, step: Step) -> bool:
        new = step.id not in self.done
        going = _HANDLERS[type(step)](self, step)
        if new and (going or self.left or self.step != step.id):
            self.passed.append(step.id)
        return going

    def _jump_to_goal(self) -> None:
        """Whoever stands before a goal and has reached it goes on there; of several, at the last.

        A loop leads back before a goal that may hold for ever: it then goes round at its own pace.
        """
        for goal in self.campaign.goals:
            if self.step not in goal.skips or (self.lap > 0 and goal.id in self.done):
                continue
            if goal.condition.test(self.facts()):
                reason = goal.condition.evaluate(self.facts()).reason
                self.note("goal_reached", reason, step=goal.id, rule=goal.condition.source)
                self.step, self.since, self.arrived = goal.id, self.look.now, True
                return

    # --- one method a kind of step -------------------------------------------------------------------

    def _send(self, step: SendStep) -> bool:
        key = (self.campaign.name, step.id, self.enrolment.occurrence, self.lap)
        if step.id in self.done or key in self.look.ledger.keys:
            return self.go(step, step.next)
        channel = channel_of(step.template)
        refusal = refuse(self.look, self.campaign, self.look.now, channel)
        if refusal is not None:
            self.next_at = refusal.next_at
            # Standing here since an earlier look: tell it again only if that look gave another answer.
            if self.arrived or refusal != refuse(self.look, self.campaign, self.since, channel):
                self.note("not_sent", refusal.reason, step=step.id, rule=refusal.rule)
            return False
        contact = self.look.snapshot.contact
        send = Send(
            campaign=self.campaign.name,
            version_id=self.enrolment.version_id,
            step=step.id,
            occurrence=self.enrolment.occurrence,
            lap=self.lap,
            template=step.template,
            purpose=self.campaign.purpose,
            locale=contact.locale or self.campaign.locale,
        )
        self.effects.append(send)
        self.look.ledger.add(send, self.look.now)
        self.note("sent", step.template, step=step.id, rule=step.id)
        return self.go(step, step.next, self.look.now)

    def _wait(self, step: WaitStep) -> bool:
        if step.id in self.done:
            return self.go(step, step.next)
        return self.wait_until(step, step.next, self.since + step.duration)

    def _wait_for_moment(self, step: WaitUntilStep) -> bool:
        if step.id in self.done:
            return self.go(step, step.next)
        zone = find_zone(self.look.snapshot.contact.timezone, self.campaign.timezone)
        moment = moment_of(step.until, self.since, zone, self.facts(), again=self.lap > 0)
        if moment is None:
            self.note("not_waited", f"there is no date to wait for: {until_words(step.until)}", step=step.id)
            return self.go(step, step.next)
        return self.wait_until(step, step.next, max(moment, self.since))

    def _wait_for(self, step: WaitForStep) -> bool:
        if step.id in self.done:
            timed_out = step.on_timeout in self.done and step.next not in self.done
            return self.go(step, step.on_timeout if timed_out else step.next)
        if step.condition.test(self.facts()):
            reason = step.condition.evaluate(self.facts()).reason
            self.note("went_on", reason, step=step.id, rule=step.condition.source)
            return self.go(step, step.next, self.look.now)
        if not self.wait_until(step, step.on_timeout, self.since + step.up_to):
            return False
        reason = f"waited {length(step.up_to)} in vain"
        self.note("timed_out", reason, step=step.id, rule=step.condition.source)
        return True

    def _choose(self, step: ChooseStep) -> bool:
        if step.id in self.done:
            taken = next((branch for branch in step.branches if branch.first in self.done), None)
            if taken is not None:
                return self.go(step, taken.first)
        branch = self._matching(step)
        if step.id not in self.done:
            self._note_choice(step, branch)
        return self.go(step, step.next if branch is None or branch.first is None else branch.first)

    def _split(self, step: SplitStep) -> bool:
        arm = choose_arm(self.enrolment.contact_id, self.campaign.name, step)
        if arm is not None and step.id not in self.done:
            self.note("split", f"group {arm.name}", step=step.id, rule=step.id, evidence={"arm": arm.name})
        return self.go(step, step.next if arm is None or arm.first is None else arm.first)

    def _do(self, step: DoStep) -> bool:
        if step.id in self.done:
            return self.go(step, step.next)
        action = self.look.actions.get(step.action)
        if action is None:
            self.note("not_done", f"no plugin has an action {step.action}", step=step.id, rule=step.id)
            return self.go(step, step.next)
        self._change(step, action)
        if action.runs:
            enrolment = self.enrolment
            self.effects.append(
                Order(
                    campaign=self.campaign.name,
                    version_id=enrolment.version_id,
                    step=step.id,
                    occurrence=enrolment.occurrence,
                    lap=self.lap,
                    action=step.action,
                    parameters=step.parameters,
                )
            )
        self.note("done", step.action, step=step.id, rule=step.id)
        return self.go(step, step.next)

    def _change(self, step: DoStep, action: ActionPart) -> None:
        """What follows sees what was changed."""
        look = self.look
        changes = action.changes(step.parameters, look.snapshot.contact)
        self.memberships += [each for each in changes if isinstance(each, AddTo | RemoveFrom)]
        data = [each for each in changes if not isinstance(each, AddTo | RemoveFrom)]
        if data:
            contact, look.revision = changed(look.snapshot.contact, data, look.revision)
            look.see(replace(look.snapshot, contact=contact))
            self.facts_here = None

    def _goal(self, step: GoalStep) -> bool:
        return self.go(step, step.next)

    def _exit(self, step: ExitStep) -> bool:
        self.note("exited", step.reason, step=step.id, rule=step.id)
        self.left = True
        self.go(step, None, self.look.now)
        return False

    def _go_to(self, step: GoToStep) -> bool:
        if not step.repeats:
            return self.go(step, step.target)
        self.lap += 1
        self.done = [each for each in self.done if each not in step.repeats or self._is_reached(each)]
        self.step, self.arrived = step.target, True
        return True

    def _is_reached(self, id: str) -> bool:
        step = self.campaign.steps.get(id)
        return isinstance(step, GoalStep) and step.condition.test(self.facts()) is True

    def _hand_over(self, step: HandOverStep) -> bool:
        if step.id in self.done:
            return self.go(step, step.next)
        if self.look.snapshot.open_handover:
            self.note("not_handed_over", "sales has the contact already", step=step.id, rule=step.id)
            return self.go(step, step.next)
        self.handover = step
        self.go(step, step.next, self.look.now)
        return False

    def _matching(self, step: ChooseStep) -> Branch | None:
        for branch in step.branches:
            if branch.when is None or branch.when.test(self.facts()):
                return branch
        return None

    def _note_choice(self, step: ChooseStep, branch: Branch | None) -> None:
        if branch is None:
            self.note("chosen", "none of its conditions holds", step=step.id, rule=step.id)
        elif branch.when is None:
            self.note("chosen", "none of the other conditions holds", step=step.id, rule="else")
        else:
            reason = branch.when.evaluate(self.facts()).reason
            self.note("chosen", reason, step=step.id, rule=branch.when.source)


_HANDLERS: dict[type, Callable[[_Walker, Any], bool]] = {
    SendStep: _Walker._send,
    WaitStep: _Walker._wait,
    WaitForStep: _Walker._wait_for,
    ChooseStep: _Walker._choose,
    SplitStep: _Walker._split,
    WaitUntilStep: _Walker._wait_for_moment,
    DoStep: _Walker._do,
    GoalStep: _Walker._goal,
    ExitStep: _Walker._exit,
    GoToStep: _Walker._go_to,
    HandOverStep: _Walker._hand_over,
}
