"""One contact's history gone through again under a profile: when it would have promoted them, and why. Pure.

Each moment at which a worker would have looked is looked at again, with what was known then, by `decide`
itself: there is no second arithmetic that could say something else. Such moments are what happened, what
became known, and the times that `decide` names itself (a stage that fades, say). Only those at which nothing
can have changed are passed over (`core.replay_asks`).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from nurture.core.assess import measure, promote_finding
from nurture.core.decide import decide
from nurture.core.engagement import SignalRules
from nurture.core.facts import Rules
from nurture.core.fixed import Fixed, FixedPlans
from nurture.core.model import Account, Contact, Decision, Lifecycle, Signal, Snapshot, Stage, Value
from nurture.core.obstacles import Mail
from nurture.core.past import Standing, mails_then, sent_then
from nurture.core.profile import Profile
from nurture.core.qualify import data_standard, explain_disqualifier
from nurture.core.replay_asks import (
    asked_of,
    asks_what_happened,
    counting_moments,
    is_steady,
    kinds_of_firms,
)

_UNREACHED = 2**62


class Known(NamedTuple):
    """What was known of a person and their company from a moment on."""

    since: datetime
    contact: Contact
    account: Account | None


class Said(NamedTuple):
    """A yes or no to a purpose."""

    at: datetime
    purpose: str
    granted: bool


class Told(NamedTuple):
    """A stage that somebody set by hand, and how long that holds at most."""

    at: datetime
    stage: Stage
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Past:
    """All that is kept of one contact, as far as a replay goes by it; every list is oldest first.

    They are looked at from `begins` on, and stood as in `standing` then: a contact, a recycled one, or not
    yet a contact. From `ends` on no rule has a say any more: sales had them some other way, or it was over.
    `firm` is what all people of their account did, as far as rules about several people ask for it.
    """

    begins: datetime
    standing: Standing
    known: tuple[Known, ...]
    signals: tuple[Signal, ...] = ()
    mails: tuple[Mail, ...] = ()
    said: tuple[Said, ...] = ()
    rejected_at: datetime | None = None
    ends: datetime | None = None
    firm: tuple[Signal, ...] = ()
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Promoted:
    """When the rules would have promoted somebody, by which of them, and why, in words."""

    at: datetime
    rule: str
    because: str
    fit: int
    engagement: float
    stage: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What the rules would have made of somebody: promoted, or disqualified at a moment, or neither."""

    promoted: Promoted | None = None
    disqualified_at: datetime | None = None


class Replayer:
    """Replays pasts under one profile, from `since` until `until`; of each only the `newest` signals count.

    What lies before `since` only says in which stage somebody was: nobody is promoted before.
    """

    def __init__(self, profile: Profile, rules: Rules, since: datetime, until: datetime, newest: int) -> None:
        self.profile = profile
        self.since = since
        self.until = until
        self.newest = newest
        self.rules = rules
        self.plans = FixedPlans(profile, rules)
        self.plans_before = FixedPlans(replace(profile, prospect_at=_UNREACHED, promote=None), rules)
        self.asks_sent, self.asks_consent = asked_of(profile)
        self.asks_firm = kinds_of_firms(profile, rules)
        self.is_steady = is_steady(profile)
        self._signal_rules = SignalRules(profile.signals, rules)
        self._only_points = not asks_what_happened(profile)

    def replay(self, past: Past) -> Replayed:
        """What would have become of them."""
        return _Replay(self, past).run(self.until)

    def why_not(self, past: Past, at: datetime) -> str:
        """Why the rules would not have promoted them at a moment, in words."""
        replay = _Replay(self, past)
        found = replay.run(at)
        if found.disqualified_at is not None:
            return f"disqualified: {replay.last_words}"
        return replay.why_not_yet(at)

    def counted(self, past: Past) -> tuple[Signal, ...]:
        """The signals that can matter for an answer: all of them, or those to which a rule gives points."""
        # After a no of sales anything that a human does is news.
        any_is_news = past.rejected_at is not None or past.standing.recycle_at is not None
        if any_is_news or not (self._only_points and self.passes_over(past)):
            return past.signals
        return tuple([signal for signal in past.signals if self._signal_rules.matching(signal)])

    def passes_over(self, past: Past) -> bool:
        """Whether what has not settled need not be looked at: it moves nothing, nor pushes out older ones."""
        return self.is_steady and len(past.signals) <= self.newest


class _Replay:
    """One past being gone through; where they stand is kept here, from look to look."""

    def __init__(self, rules: Replayer, past: Past) -> None:
        self.rules = rules
        self.past = past
        self.signals = rules.counted(past)
        self.happened = [signal.at for signal in self.signals]
        self.learnt = [known.since for known in past.known]
        self.firm_happened = [signal.at for signal in past.firm]
        self.standing = past.standing
        self.next_at: datetime | None = None
        self.last_words = ""
        self.contact: Contact | None = None
        self.seen = -1
        self.told = list(past.told)
        self.fixed: dict[tuple[int, bool], Fixed] = {}

    def run(self, until: datetime) -> Replayed:
        moments = self._moments(until)
        position = 0
        while True:
            planned = moments[position] if position < len(moments) else None
            now = _earlier(planned, self.next_at)
            if now is None or not self._is_within(now, until):
                return Replayed()
            if now == planned:
                position += 1
            decision = self._look(now)
            if decision is None:
                continue
            if decision.lifecycle is Lifecycle.DISQUALIFIED:
                self.last_words = decision.records[-1].reason
                return Replayed(disqualified_at=now)
            if decision.lifecycle is Lifecycle.PROSPECT:
                return Replayed(promoted=_promoted(decision, now))
            if self._is_in_vain():
                return Replayed()

    def why_not_yet(self, at: datetime) -> str:
        snapshot = self._snapshot(at)
        if missing := self._missing():
            return f"no contact yet: {', '.join(missing)}"
        profile, rules = self.rules.profile, self.rules.rules
        found = measure(snapshot, profile, SignalRules(profile.signals, rules), rules, at)
        if found.disqualifier is not None:
            return f"disqualified: {explain_disqualifier(found.disqualifier, found.facts).reason}"
        return promote_finding(found, profile).reason

    def _moments(self, until: datetime) -> list[datetime]:
        """When something happened or became known, from the beginning on."""
        begins = self.past.begins
        said = [one.at for one in self.past.said] if self.rules.asks_consent else []
        did = [*self.signals, *(self.past.firm if self.rules.asks_firm else ())]
        counts = counting_moments(did, self.rules.profile)
        told = [one.at for one in self.past.told]
        every = (*counts, *self.learnt, *said, *told, self.rules.since)
        if not self.rules.passes_over(self.past):
            every += tuple(signal.at for signal in did)
        moments = {at for at in every if begins < at <= until}
        return sorted({begins, *moments})

    def _is_within(self, now: datetime, until: datetime) -> bool:
        return now <= until and (self.past.ends is None or now < self.past.ends)

    def _is_in_vain(self) -> bool:
        """Whether nothing can promote them any more: no more becomes known, and what is known excludes it."""
        fixed = self.fixed.get((self.seen, False))
        return fixed is not None and fixed.hopeless and self.seen == len(self.learnt) - 1

    def _look(self, now: datetime) -> Decision | None:
        """What would have been decided; None while they miss the data that makes a contact."""
        snapshot = self._snapshot(now)
        if self._missing():
            return None
        if self.standing.lifecycle in (Lifecycle.LEAD, Lifecycle.JUNK):
            self._stand(self.standing._replace(lifecycle=Lifecycle.CONTACT, stage_since=now))
            snapshot = self._snapshot(now)
        decision = decide(snapshot, self._fixed(snapshot, now).plan, now)
        self.next_at = decision.next_at
        self._stand(
            self.standing._replace(
                lifecycle=decision.lifecycle, stage=decision.stage, stage_since=decision.stage_since
            )
        )
        return decision

    def _fixed(self, snapshot: Snapshot, now: datetime) -> Fixed:
        """The plan for what is known of them at the moment; found once for each change of it."""
        before = now < self.rules.since
        key = (self.seen, before)
        if key not in self.fixed:
            plans = self.rules.plans_before if before else self.rules.plans
            self.fixed[key] = plans.of(snapshot, now)
        return self.fixed[key]

    def _missing(self) -> tuple[str, ...]:
        """What of the data standard is not known: only of somebody who is not a contact yet."""
        if self.standing.lifecycle not in (Lifecycle.LEAD, Lifecycle.JUNK):
            return ()
        return data_standard(self.past.known[self.seen].contact, self.rules.profile.require)

    def _stand(self, standing: Standing) -> None:
        if standing != self.standing:
            self.standing = standing
            self.contact = None

    def _snapshot(self, now: datetime) -> Snapshot:
        past, rules = self.past, self.rules
        while self.told and self.told[0].at <= now:
            at, stage, until = self.told.pop(0)
            self._stand(self.standing._replace(stage=stage, stage_since=at, told_at=at, told_until=until))
        seen = max(0, bisect_right(self.learnt, now) - 1)
        if self.contact is None or seen != self.seen:
            self.seen = seen
            self.contact = standing_as(self.standing, past.known[seen].contact)
        upto = bisect_right(self.happened, now)
        return Snapshot(
            contact=self.contact,
            account=past.known[seen].account,
            signals=self.signals[max(0, upto - rules.newest) : upto],
            sent=sent_then(mails_then(past.mails, now)) if rules.asks_sent else (),
            consents=_granted(past.said, now) if rules.asks_consent else frozenset(),
            rejected_at=past.rejected_at,
            firm=self._firm(now) if rules.asks_firm and past.known[seen].account else (),
        )

    def _firm(self, now: datetime) -> tuple[Signal, ...]:
        return self.past.firm[: bisect_right(self.firm_happened, now)]


def standing_as(standing: Standing, contact: Contact) -> Contact:
    """The contact with that standing."""
    return replace(
        contact,
        lifecycle=standing.lifecycle,
        recycle_at=standing.recycle_at,
        stage=standing.stage,
        stage_since=standing.stage_since,
        stage_told_at=standing.told_at,
        stage_told_until=standing.told_until,
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def _promoted(decision: Decision, at: datetime) -> Promoted:
    record = next(one for one in decision.records if one.what == "promoted")
    return Promoted(
        at=at,
        rule=record.rule or "",
        because=record.reason,
        fit=decision.fit,
        engagement=_number(record.evidence["engagement"]),
        stage=decision.stage.value,
    )


def _number(value: Value) -> float:
    assert isinstance(value, int | float)
    return float(value)


def _granted(said: Sequence[Said], now: datetime) -> frozenset[str]:
    last = {one.purpose: one.granted for one in said if one.at <= now}
    return frozenset(purpose for purpose, granted in last.items() if granted)
