"""Why a message may not go out now: permission, the send window, the cap, a campaign that goes first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from nurture.core.ahead import Foreseen
from nurture.core.campaign import Campaign, Cap, SendStep
from nurture.core.channels import channel_of
from nurture.core.consent import may_send
from nurture.core.facts import NOT_SENT
from nurture.core.model import Lifecycle, Send
from nurture.core.obstacles import Case, Lift, Obstacle, within
from nurture.core.outgoing import Ledger, caps_on, window_words
from nurture.core.plan import precedence
from nurture.core.schedule import cap_frees_at, find_zone, next_allowed

_NEEDED = {
    "suppressed": "",
    "no_address": "an e-mail address",
    "no_phone": "a telephone number",
    "consent": "consent for {purpose}",
}


def of_permission(case: Case, campaign: Campaign, step: SendStep) -> Iterator[Obstacle]:
    """Consent, suppression and the address; the lifecycle is told of apart."""
    channel = channel_of(step.template)
    permission = may_send(case.snapshot, campaign.purpose, Lifecycle.CONTACT, channel)
    if permission.allowed:
        return
    needs = _NEEDED[permission.rule].format(purpose=campaign.purpose)
    held = case.records({"not_sent"}, campaign=campaign.name)
    yield Obstacle(
        permission.rule,
        permission.reason,
        Lift.SOMETHING if needs else Lift.NOTHING,
        needs=needs,
        **within(campaign, step.id),
        rule=permission.rule,
        evidence=tuple(kept for kept in held if kept.record.rule == permission.rule)[:1],
    )


def of_room(case: Case, campaign: Campaign, step: SendStep) -> Iterator[Obstacle]:
    """Pause, window and caps as they are now, for somebody who stands at the step."""
    policy, now, wishes = campaign.policy, case.now, case.snapshot.wishes
    zone = find_zone(case.snapshot.contact.timezone, campaign.timezone)
    opens = next_allowed(now, policy.window, zone)
    place = within(campaign, step.id)
    if wishes.paused_until is not None and wishes.paused_until > now:
        words = f"they asked for no mail until {case.told(wishes.paused_until)}"
        yield Obstacle("paused", words, Lift.TIME, wishes.paused_until, rule="paused", **place)
    if opens > now:
        words = f"mail goes out {window_words(policy.window)} ({zone.key}); next on {case.told(opens)}"
        yield Obstacle("window", words, Lift.TIME, opens, rule="window", **place)
    for cap, most in caps_on(policy.cap, wishes):
        yield from _of_cap(case, cap, most, place)


def _of_cap(case: Case, cap: Cap, most: str, place: dict[str, Any]) -> Iterator[Obstacle]:
    now = case.now
    times = Ledger(case.snapshot).times(now)
    frees = cap_frees_at(times, cap, now)
    if frees == now:
        return
    if frees is None:
        yield Obstacle("cap", most, Lift.NOTHING, rule="cap", **place)
        return
    counted = [
        f"{sent.campaign}/{sent.step} on {case.told(sent.at)}"
        for sent in sorted(case.snapshot.sent, key=lambda one: one.at)
        if now - cap.per < sent.at and sent.state not in NOT_SENT
    ]
    # Of more than that, from before there was a cap, the last ones are those that have to grow old.
    last = ", ".join(counted[-cap.messages :])
    words = f"{most}, over all campaigns: {last}; room again on {case.told(frees)}"
    yield Obstacle("cap", words, Lift.TIME, frees, rule="cap", **place)


def of_priority(
    case: Case, campaign: Campaign, step: SendStep, looks: Sequence[Foreseen]
) -> Iterator[Obstacle]:
    """A message of another campaign that will take the room under the cap first."""
    if not caps_on(campaign.policy.cap, case.snapshot.wishes):
        return
    for look in looks:
        if not _stands_at(look, campaign, step):
            continue
        for effect in look.decision.effects:
            if not isinstance(effect, Send) or effect.campaign == campaign.name:
                continue
            other = case.plan.campaigns[effect.version_id]
            if precedence(other) < precedence(campaign):
                words = (
                    f"{other.name} goes first (priority {other.policy.priority} before "
                    f"{campaign.policy.priority}): {effect.step} on {case.told(look.at)}"
                )
                yield Obstacle(
                    "priority",
                    words,
                    Lift.TIME,
                    **within(other, effect.step),
                    rule="policy.priority",
                )


def _stands_at(look: Foreseen, campaign: Campaign, step: SendStep) -> bool:
    return any(one.campaign == campaign.name and one.step == step.id for one in look.after.enrolments)
