"""What each single decision must hold, seen from outside: who goes first, what waits, what is late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from nurture.core.model import Decision, Enrol, Enrolment, Lifecycle, Move, Order, Send, Snapshot
from tests.properties.oracle import Mail, Oracle, Rules

QUARTER = timedelta(minutes=15)
AHEAD = timedelta(days=3)
MAILED = {Lifecycle.CONTACT, Lifecycle.RECYCLED}
"""Who may get mail; a recycled one is a contact again before anything is sent."""
UNDER_WAY = {"ready", "claimed", "transmitting"}
NEVER_GONE = {"failed", "withheld"}


class Looks:
    """Watches decisions as they are taken. `wrongs` are those that were not as they must be."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.wrongs: list[str] = []
        self.seen: Counter[str] = Counter()
        self.arms: dict[tuple[int, str, str], str] = {}

    def take(self, before: Snapshot, decision: Decision, now: datetime) -> None:
        """Judges one decision on the picture that it was taken on."""
        self._count(decision)
        sends = [effect for effect in decision.effects if isinstance(effect, Send)]
        with_sales = before.open_handover or before.contact.lifecycle not in MAILED
        if sends and with_sales:
            self._wrong("sends to somebody who is with sales", before, now)
        if decision.next_at is not None and decision.next_at <= now:
            self._wrong("asks to be looked at again at once", before, now)
        for record in decision.records:
            if record.what == "split":
                self._in_one_arm(before, str(record.campaign), str(record.step), str(record.evidence["arm"]))
        if decision.lifecycle is Lifecycle.CONTACT:
            self._stand(before, decision, sends, now)

    def end(self, mails: Sequence[Mail]) -> list[str]:
        """What was wrong, over all: single decisions, and mails of an arm to somebody who is not in it."""
        got = {(mail.contact, mail.campaign, mail.step) for mail in mails}
        strays = [
            f"contact {contact} is in the arm {assigned} of {split} in {campaign}, and got {step} of {arm}"
            for (contact, campaign, split), assigned in self.arms.items()
            for arm, steps in self.oracle.rules[campaign].arms[split].items()
            for step in steps
            if arm != assigned and (contact, campaign, step) in got
        ]
        return self.wrongs + strays

    def _count(self, decision: Decision) -> None:
        for record in decision.records:
            self.seen[record.what if record.what != "not_sent" else f"not_sent: {record.rule}"] += 1
        for effect in decision.effects:
            if isinstance(effect, Order):
                self.seen["ordered"] += 1
            elif isinstance(effect, Send) and effect.lap:
                self.seen["sent in a later lap"] += 1
            elif isinstance(effect, Enrol) and effect.enrolment.occurrence > 1:
                self.seen["came again"] += 1

    def _in_one_arm(self, of: Snapshot, campaign: str, split: str, arm: str) -> None:
        key = (of.contact.id, campaign, split)
        if self.arms.setdefault(key, arm) != arm:
            self.wrongs.append(f"contact {of.contact.id} is in two arms of {split} of {campaign}")

    def _stand(self, before: Snapshot, decision: Decision, sends: Sequence[Send], now: datetime) -> None:
        """Whoever stands at a mail when a decision is over stands there for a reason, and not too long."""
        places = {each.campaign: each for each in before.enrolments if each.state == "active"}
        added = {
            r.campaign for r in decision.records if r.what == "enrolled" and r.reason.startswith("added")
        }
        for effect in decision.effects:
            if isinstance(effect, Enrol | Move):
                places[effect.enrolment.campaign] = effect.enrolment
        for place in places.values():
            rules = self.oracle.rules.get(place.campaign)
            step = rules.steps.get(place.step or "") if rules else None
            if rules is None or step is None or "send" not in step or place.state != "active":
                continue
            if place.campaign not in added:
                self._goes_first(rules, before, sends, now)
            self._waits_for_a_reason(rules, place, before, decision, sends, now)

    def _goes_first(self, rules: Rules, before: Snapshot, sends: Sequence[Send], now: datetime) -> None:
        if not rules.hours(before.contact.timezone).open(now):
            return
        for send in sends:
            other = self.oracle.rules[send.campaign]
            if other.priority < rules.priority and other.cap == rules.cap:
                self._wrong(f"{send.campaign} sends {send.step} while {rules.name} must wait", before, now)

    def _waits_for_a_reason(
        self,
        rules: Rules,
        place: Enrolment,
        before: Snapshot,
        decision: Decision,
        sends: Sequence[Send],
        now: datetime,
    ) -> None:
        """The mail may not go now, and it is looked at again no later than when it may."""
        waiting = any(sent.state in UNDER_WAY for sent in before.sent)
        if waiting or before.suppressed or "marketing" not in before.consents:
            return
        times = [sent.at for sent in before.sent if sent.state not in NEVER_GONE] + [now for _ in sends]
        hours = rules.hours(before.contact.timezone)
        until = min(decision.next_at or now + AHEAD, now + AHEAD)
        moment = now
        while moment == now or moment < until:
            if hours.open(moment) and has_room(rules, times, moment):
                late = "late" if moment > now else "for no reason"
                self._wrong(
                    f"{place.step} of {rules.name} waits {late}: "
                    f"it may go at {moment}, and is looked at again at {decision.next_at}",
                    before,
                    now,
                )
                return
            moment = moment + QUARTER - (moment - datetime.min.replace(tzinfo=moment.tzinfo)) % QUARTER

    def _wrong(self, what: str, of: Snapshot, now: datetime) -> None:
        self.wrongs.append(f"contact {of.contact.id} at {now}: {what}")


def has_room(rules: Rules, times: Sequence[datetime], at: datetime) -> bool:
    """Whether one more mail at `at` keeps within the cap."""
    return rules.cap is None or sum(at - rules.cap[1] < time <= at for time in times) < rules.cap[0]
