"""Whether one more message may go out to a contact at some time, and if not, why and when.

Permission comes first, then the reader's hours, then the cap over all campaigns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from nurture.core.campaign import Campaign, Cap, Window
from nurture.core.channels import Channel
from nurture.core.consent import may_send
from nurture.core.facts import NOT_SENT, UNDER_WAY, SnapshotFacts
from nurture.core.model import Lifecycle, Revise, Send, Sent, Snapshot, Wishes
from nurture.core.plan import ActionPart
from nurture.core.schedule import cap_frees_at, find_zone, next_allowed
from nurture.core.words import WEEKDAYS, counted, length


class Ledger:
    """What the contact has been sent, and what this very decision adds: caps and histories count both."""

    __slots__ = ("keys", "sent")

    def __init__(self, snapshot: Snapshot) -> None:
        self.sent = list(snapshot.sent)
        self.keys = {(sent.campaign, sent.step, sent.occurrence, sent.lap) for sent in self.sent}

    def add(self, send: Send, now: datetime) -> None:
        self.sent.append(Sent(send.campaign, send.step, send.occurrence, now, "ready", lap=send.lap))
        self.keys.add((send.campaign, send.step, send.occurrence, send.lap))

    def times(self, now: datetime) -> list[datetime]:
        """When each message went, for caps. One that has not left yet may go at any time from `now` on."""
        return [
            now if sent.state in UNDER_WAY else sent.at for sent in self.sent if sent.state not in NOT_SENT
        ]


@dataclass(slots=True)
class Look:
    """One look at one contact: what all of their enrolments have in common."""

    snapshot: Snapshot
    facts: SnapshotFacts
    ledger: Ledger
    lifecycle: Lifecycle
    now: datetime
    actions: Mapping[str, ActionPart] = field(default_factory=dict)
    revision: Revise | None = None

    def see(self, snapshot: Snapshot) -> None:
        """The picture has changed: what is asked from now on is asked of this one."""
        self.snapshot = snapshot
        self.facts = self.facts.of(snapshot)


class Refusal(NamedTuple):
    """Why a message may not go out, and when it may; `next_at` None: not by the passing of time."""

    rule: str
    reason: str
    next_at: datetime | None


def refuse(look: Look, campaign: Campaign, at: datetime, channel: Channel = Channel.MAIL) -> Refusal | None:
    """Why a message of `campaign` may not go out at `at`; None if it may."""
    permission = may_send(look.snapshot, campaign.purpose, look.lifecycle, channel)
    if not permission.allowed:
        return Refusal(permission.rule, permission.reason, None)
    policy, wishes = campaign.policy, look.snapshot.wishes
    zone = find_zone(look.snapshot.contact.timezone, campaign.timezone)
    if wishes.paused_until is not None and wishes.paused_until > at:
        return Refusal(
            "paused", "they asked for a pause", next_allowed(wishes.paused_until, policy.window, zone)
        )
    opens = next_allowed(at, policy.window, zone)
    in_window = opens == at
    limits = caps_on(policy.cap, wishes)
    if limits:
        times = look.ledger.times(look.now)
        frees, words = _room(limits, times, opens)
        refusal = words
        while frees is not None and frees > opens:
            opens = next_allowed(frees, policy.window, zone)
            frees, words = _room(limits, times, opens)
        if frees is None or (in_window and opens > at):
            return Refusal("cap", refusal, frees and opens)
    if opens == at:
        return None
    return Refusal("window", f"mail goes out {window_words(policy.window)} ({zone.key})", opens)


def caps_on(cap: Cap | None, wishes: Wishes) -> list[tuple[Cap, str]]:
    """What limits the number of messages, over all campaigns: the campaign's cap and the contact's own."""
    limits = []
    if cap is not None:
        limits.append((cap, f"no more than {counted(cap.messages, 'message')} in {length(cap.per)}"))
    if wishes.apart is not None:
        words = f"they asked for no more than 1 message in {length(wishes.apart)}"
        limits.append((Cap(1, wishes.apart), words))
    return limits


def _room(
    limits: Sequence[tuple[Cap, str]], times: Sequence[datetime], at: datetime
) -> tuple[datetime | None, str]:
    """When one more message keeps within all limits, None: never; and the words of what holds it longest."""
    found = [(cap_frees_at(times, cap, at), words) for cap, words in limits]
    for frees, words in found:
        if frees is None:
            return None, words
    return max(((frees, words) for frees, words in found if frees is not None), key=lambda one: one[0])


def window_words(window: Window) -> str:
    """When a window is open: `Mon, Tue 09:00-17:30, not on holidays (NL)`."""
    days = ", ".join(WEEKDAYS[day - 1] for day in sorted(window.days))
    but = f", not on holidays ({window.holidays})" if window.holidays else ""
    return f"{days} {window.start:%H:%M}-{window.end:%H:%M}{but}"
