"""What conditions may ask, answered from a snapshot (`SnapshotFacts`) or from one signal (`SignalFacts`).

Nothing is prepared: each question is answered when it is asked, since most conditions ask two or three.
What is not known is UNKNOWN, never None.

Signals made by machines never count in a history; probable ones do, except where only humans are asked for.
`active` and `active_days` count only what a person surely did, and `contact.dormant` is true of whom we have
known for the profile's `dormant_after` without any such signal in that time. Bounces, complaints and
withdrawals are no activity.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import TypeAlias

from nurture.core.campaign import NO_FORMER_NAMES, Campaign, FormerNames
from nurture.core.expression import ACTIVITY_KINDS, UNKNOWN, Known, Unknown
from nurture.core.model import Account, Contact, Sent, Signal, SignalClass, SignalKind, Snapshot, Stage, Value
from nurture.core.profile import DORMANT_AFTER
from nurture.core.words import url_parts, visited_path

Rules: TypeAlias = Mapping[str, Callable[..., bool | None]]
"""Plugin rules by the name that conditions call them by."""

NO_RULES: Rules = MappingProxyType({})
NOT_SENT = frozenset({"failed", "withheld"})
"""The states of a message that never reached anybody: neither histories nor caps count it."""
UNDER_WAY = frozenset({"ready", "claimed", "transmitting"})
"""The states of a message that has been decided on and is not known to have gone."""

NO_ACTIVITY = frozenset(
    {SignalKind.BOUNCED.value, SignalKind.COMPLAINED.value, SignalKind.UNSUBSCRIBED.value}
)
"""Kinds of signals that say nothing of an interest, whoever made them."""

DORMANT = "dormant"
"""The fact about a contact that time alone makes true."""

_MEASURED = {"fit", "engagement", "stage", "lifecycle"}
_NO_VALUES = {"id", "answers", "created_at", "stage_since", "recycle_at", "stage_told_at", "stage_told_until"}
_CONTACT_FIELDS = frozenset(field.name for field in fields(Contact)) - _MEASURED - _NO_VALUES
_ACCOUNT_FIELDS = frozenset(field.name for field in fields(Account)) - {"id", "facts"}


class SnapshotFacts:
    """The facts of one contact at `now`, in the light of one `campaign`.

    `fit`, `engagement` and `stage` are those just measured; None while they are not known yet. Step names in
    `sent`, `opened`, `clicked` and `replied` are those of `campaign`, counted from `since` on: a second
    occurrence does not take the first one's clicks for its own. What happened under a `former` name of a step
    counts as the step's own. Without a step, all campaigns count.
    """

    __slots__ = (
        "campaign",
        "dormant_after",
        "engagement",
        "fit",
        "former",
        "human_only",
        "now",
        "rules",
        "sent",
        "since",
        "snapshot",
        "stage",
    )

    def __init__(
        self,
        snapshot: Snapshot,
        fit: int | None,
        engagement: float | None,
        stage: Stage | None,
        now: datetime,
        campaign: str | None = None,
        rules: Rules = NO_RULES,
        *,
        since: datetime | None = None,
        sent: Sequence[Sent] | None = None,
        human_only: bool = False,
        former: FormerNames = NO_FORMER_NAMES,
        dormant_after: timedelta = DORMANT_AFTER,
    ) -> None:
        self.snapshot = snapshot
        self.fit = fit
        self.engagement = engagement
        self.stage = stage
        self.now = now
        self.campaign = campaign
        self.rules = rules
        self.since = since
        self.sent = snapshot.sent if sent is None else sent
        self.human_only = human_only
        self.former = former
        self.dormant_after = dormant_after

    def within(self, campaign: Campaign, since: datetime | None) -> SnapshotFacts:
        """The same facts in the light of another campaign."""
        return SnapshotFacts(
            self.snapshot,
            self.fit,
            self.engagement,
            self.stage,
            self.now,
            campaign.name,
            self.rules,
            since=since,
            sent=self.sent,
            human_only=self.human_only,
            former=campaign.former,
            dormant_after=self.dormant_after,
        )

    def of(self, snapshot: Snapshot) -> SnapshotFacts:
        """The same facts of a picture that has changed."""
        return SnapshotFacts(
            snapshot,
            self.fit,
            self.engagement,
            self.stage,
            self.now,
            self.campaign,
            self.rules,
            since=self.since,
            sent=self.sent,
            human_only=self.human_only,
            former=self.former,
            dormant_after=self.dormant_after,
        )

    def of_humans(self, engagement: float) -> SnapshotFacts:
        """The same facts where only what humans surely did counts; of that, `engagement`."""
        return SnapshotFacts(
            self.snapshot,
            self.fit,
            engagement,
            self.stage,
            self.now,
            self.campaign,
            self.rules,
            since=self.since,
            sent=self.sent,
            human_only=True,
            former=self.former,
            dormant_after=self.dormant_after,
        )

    def lookup(self, path: tuple[str, ...]) -> Known:
        """The value of a dotted name, or UNKNOWN."""
        if len(path) == 1:
            return self._standing(path[0])
        reader = _READERS.get(path[0])
        return UNKNOWN if reader is None else reader(self, _below(path))

    def history(self, kind: str, what: str | None, within: timedelta | None) -> int:
        """How often `kind` happened (to `what`) in the last `within`."""
        after = None if within is None else self.now - within
        if kind == "sent":
            return self._times_sent(what, after)
        if kind in ACTIVITY_KINDS:
            moments = [at for at in self.active_at() if after is None or at >= after]
            return len(moments) if kind == "active" else len({day_of(at) for at in moments})
        return self._times_signalled(kind, what, after)

    def rule(self, name: str, arguments: tuple[Known, ...]) -> Known:
        """What a plugin's rule answers; UNKNOWN where an argument is, or no such rule is loaded."""
        return _ask(self.rules, name, arguments)

    def active_at(self) -> Iterator[datetime]:
        """When they surely did something, the newest first."""
        for signal in reversed(self.snapshot.signals):
            if signal.classed is SignalClass.HUMAN and signal.kind not in NO_ACTIVITY:
                yield signal.at

    def dormant_from(self) -> datetime:
        """From when on they are dormant if nothing happens, or have been."""
        last, known = next(self.active_at(), None), self.snapshot.contact.created_at
        return (known if last is None else max(last, known)) + self.dormant_after

    def _standing(self, name: str) -> Known:
        if name == "fit":
            return UNKNOWN if self.fit is None else self.fit
        if name == "engagement":
            return UNKNOWN if self.engagement is None else self.engagement
        if name == "stage":
            return UNKNOWN if self.stage is None else self.stage.value
        if name == "lifecycle":
            return self.snapshot.contact.lifecycle.value
        if name == "source":
            return _known(self.snapshot.contact.source)
        return UNKNOWN

    def _times_sent(self, step: str | None, after: datetime | None) -> int:
        if step is not None and self.since is not None and (after is None or after < self.since):
            after = self.since
        names = self._names(step)
        return sum(
            1
            for sent in self.sent
            if (names is None or (sent.step in names and sent.campaign == self.campaign))
            and (after is None or sent.at >= after)
            and sent.state not in NOT_SENT
        )

    def _times_signalled(self, kind: str, what: str | None, after: datetime | None) -> int:
        of_campaign = what is not None and kind in _OF_A_STEP
        if of_campaign and self.since is not None and (after is None or after < self.since):
            after = self.since
        names = self._names(what) if of_campaign else None
        count = 0
        for signal in self.snapshot.signals:
            if signal.kind != kind or signal.classed is SignalClass.MACHINE:
                continue
            if self.human_only and signal.classed is not SignalClass.HUMAN:
                continue
            if after is not None and signal.at < after:
                continue
            if what is None or self._is_about(signal, what, names):
                count += 1
        return count

    def _is_about(self, signal: Signal, what: str, names: Collection[str] | None) -> bool:
        data = signal.data
        if names is not None:
            return data.get("step") in names and data.get("campaign") == self.campaign
        path = visited_path(signal.kind, data)
        if path is not None:
            return _is_beneath(path, what)
        return signal.kind == SignalKind.SUBMITTED and data.get("form") == what

    def _names(self, step: str | None) -> Collection[str] | None:
        """All the ids that the step has had."""
        if step is None:
            return None
        former = self.former.get(step)
        return (step,) if former is None else former | {step}


class SignalFacts:
    """The facts of one signal, for the `where` of a signal rule.

    Names: url.path, url.host, url.query, form, step, campaign, message, answers.NAME and data.NAME.
    """

    __slots__ = ("rules", "signal")

    def __init__(self, signal: Signal, rules: Rules = NO_RULES) -> None:
        self.signal = signal
        self.rules = rules

    def lookup(self, path: tuple[str, ...]) -> Known:
        """The value of a dotted name, or UNKNOWN."""
        data = self.signal.data
        if len(path) == 1:
            return self.signal.kind if path[0] == "kind" else _known(data.get(path[0]))
        head, name = path[0], _below(path)
        if head == "url":
            url = data.get("url")
            return _known(getattr(url_parts(url), name, None)) if isinstance(url, str) and url else UNKNOWN
        if head == "answers":
            answers = data.get("answers")
            return _known(answers.get(name)) if isinstance(answers, Mapping) else UNKNOWN
        return _known(data.get(name)) if head == "data" else UNKNOWN

    def history(self, kind: str, what: str | None, within: timedelta | None) -> int:
        """Always 0: a signal knows nothing of others."""
        return 0

    def rule(self, name: str, arguments: tuple[Known, ...]) -> Known:
        """What a plugin's rule answers."""
        return _ask(self.rules, name, arguments)


_OF_A_STEP = frozenset({"opened", "clicked", "replied"})


def day_of(at: datetime) -> date:
    """The day (UTC) on which something was."""
    return at.astimezone(UTC).date()


def _below(path: tuple[str, ...]) -> str:
    """The name under the root; one that itself has dots is one name."""
    return path[1] if len(path) == 2 else ".".join(path[1:])


def _known(value: Value) -> Known:
    return UNKNOWN if value is None else value


def _contact(facts: SnapshotFacts, name: str) -> Known:
    if name in _CONTACT_FIELDS:
        return _known(getattr(facts.snapshot.contact, name))
    if name == DORMANT:
        return facts.dormant_from() <= facts.now
    return facts._standing(name)


def _account(facts: SnapshotFacts, name: str) -> Known:
    account = facts.snapshot.account
    if account is None:
        return UNKNOWN
    return _known(getattr(account, name) if name in _ACCOUNT_FIELDS else account.facts.get(name))


def _answer(facts: SnapshotFacts, name: str) -> Known:
    return _known(facts.snapshot.contact.answers.get(name))


def _consent(facts: SnapshotFacts, name: str) -> Known:
    return name in facts.snapshot.consents


_READERS: Mapping[str, Callable[[SnapshotFacts, str], Known]] = {
    "contact": _contact,
    "account": _account,
    "answers": _answer,
    "consent": _consent,
}


def _ask(rules: Rules, name: str, arguments: tuple[Known, ...]) -> Known:
    rule = rules.get(name)
    if rule is None or any(isinstance(argument, Unknown) for argument in arguments):
        return UNKNOWN
    return _known(rule(*arguments))


def _is_beneath(path: str, what: str) -> bool:
    """Whether `path` is the page `what` or one beneath it; `/` is the home page alone."""
    return path == what or (what != "/" and path.startswith(what if what.endswith("/") else what + "/"))
