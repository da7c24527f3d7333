"""The compiled campaign: what `language` makes of YAML and `decide` walks.

A campaign is a flat graph of steps. Every step knows the id of the step that follows (`next`; None is the
end of its track), so that a contact's place is one id, and moving to another version is a look-up by id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import TypeAlias

from nurture.core.model import Stage, Value
from nurture.core.predicate import Condition

# --- steps ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SendStep:
    id: str
    template: str
    next: str | None = None


@dataclass(frozen=True, slots=True)
class WaitStep:
    id: str
    duration: timedelta
    next: str | None = None


@dataclass(frozen=True, slots=True)
class OnDate:
    """A moment on the contact's own wall clock; `at` is naive."""

    at: datetime


@dataclass(frozen=True, slots=True)
class OnWeekday:
    """The next of `days` (ISO weekdays, 1 is Monday) at `at`, on the contact's own wall clock."""

    days: frozenset[int]
    at: time


@dataclass(frozen=True, slots=True)
class OnField:
    """The date that stands in a field of the contact (`answers.renewal`), moved by `offset`, at `at`.

    A field that is unknown or no date is no moment: who waits for it goes on at once.
    """

    path: tuple[str, ...]
    offset: timedelta = timedelta()
    at: time = time(0, 0)


Until: TypeAlias = OnDate | OnWeekday | OnField


@dataclass(frozen=True, slots=True)
class WaitUntilStep:
    """Waits until a moment; one that has passed is not waited for."""

    id: str
    until: Until
    next: str | None = None


@dataclass(frozen=True, slots=True)
class WaitForStep:
    """Waits until `condition` matches, at most `up_to`; then goes on to `next`, or to `on_timeout`.

    Without an `on_timeout` in the text, it is the same step as `next`.
    """

    id: str
    condition: Condition
    up_to: timedelta
    next: str | None = None
    on_timeout: str | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """One way out of a choose; `when` is None for `else`. `first` None goes on behind the choose."""

    when: Condition | None
    first: str | None


@dataclass(frozen=True, slots=True)
class ChooseStep:
    """The first branch whose condition matches is taken; none: on to `next`. Unknown does not match."""

    id: str
    branches: tuple[Branch, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a split. `first` None (a hold-out) goes on behind the split."""

    name: str
    weight: int
    first: str | None


@dataclass(frozen=True, slots=True)
class SplitStep:
    """Assigns by a stable hash of contact and step, so that it never changes."""

    id: str
    arms: tuple[Arm, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class DoStep:
    """Does what the action plugin of that name does, with `parameters` as its model has checked them."""

    id: str
    action: str
    parameters: Mapping[str, Value]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class GoalStep:
    """Whoever meets `condition` anywhere before this step in its track comes here at once.

    `skips` are the steps before it, from which one jumps. Who comes here by walking goes on as well.
    """

    id: str
    condition: Condition
    skips: frozenset[str] = frozenset()
    next: str | None = None


@dataclass(frozen=True, slots=True)
class ExitStep:
    """Ends the enrolment, for `reason`."""

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class GoToStep:
    """Goes on at `target`, in the same track. Going back begins a new lap of the enrolment.

    `repeats` are the steps of the loop, which may then be done once more; empty on the way forward.
    """

    id: str
    target: str
    repeats: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HandOverStep:
    """Gives the contact to sales, whatever their points. `team` None: that of the campaign's handover."""

    id: str
    team: str | None
    because: str
    next: str | None = None


Step: TypeAlias = (
    SendStep
    | WaitStep
    | WaitUntilStep
    | WaitForStep
    | ChooseStep
    | SplitStep
    | DoStep
    | GoalStep
    | ExitStep
    | GoToStep
    | HandOverStep
)


@dataclass(frozen=True, slots=True)
class Window:
    """When messages may go out, in the contact's own zone. `days` are ISO weekdays, 1 is Monday.

    `end` is the first moment that is too late; at or before `start` it means the next day. `holidays` is a
    country (`NL`) or one of its regions (`DE-BY`). `quiet` are days of the firm's own, from and up to and
    including, on which nothing goes out.
    """

    days: frozenset[int] = frozenset(range(1, 8))
    start: time = time(0, 0)
    end: time = time(23, 59, 59)
    holidays: str | None = None
    quiet: tuple[tuple[date, date], ...] = ()


@dataclass(frozen=True, slots=True)
class Cap:
    """At most `messages` in any `per`, over all campaigns."""

    messages: int
    per: timedelta


@dataclass(frozen=True, slots=True)
class Policy:
    window: Window = field(default_factory=Window)
    cap: Cap | None = None
    priority: int = 0


@dataclass(frozen=True, slots=True)
class RejectRule:
    """Where a rejected hand-over goes: `recycle` (`after` a while, or `on` a day), `disqualify`, or `merge`
    into the contact that sales names."""

    action: str
    after: timedelta | None = None
    on: date | None = None


LEAD, NEXT = "lead", "next"
"""Whom an escalation can name beside an e-mail address: who leads the team, or its next member."""


@dataclass(frozen=True, slots=True)
class HandoverPolicy:
    """`answer_within` and `remind` (so long before it is over) are in business hours when `business` is true:
    the team's, else those of the campaign's window and zone.

    `assign` are the ways of `core.assign`, in their order. `escalate`: whom it goes to when the time is over:
    `LEAD`, `NEXT`, an e-mail address, or nobody.
    """

    team: str
    assign: tuple[str, ...] = ("round_robin",)
    notify: tuple[str, ...] = ("email",)
    answer_within: timedelta | None = None
    business: bool = False
    remind: timedelta | None = None
    escalate: str = ""
    when_rejected: Mapping[str, RejectRule] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SignalEntry:
    """Who shows a signal of kind `on` for which `where` holds may enter: `within` so long after it."""

    on: str
    where: Condition | None
    within: timedelta


@dataclass(frozen=True, slots=True)
class DateEntry:
    """Who has a date in the field `path` may enter from that date, moved by `offset`, on: for `within`."""

    path: tuple[str, ...]
    offset: timedelta
    within: timedelta


FormerNames: TypeAlias = Mapping[str, frozenset[str]]
"""Under which other ids a step was known in earlier versions, by its id."""

NO_FORMER_NAMES: FormerNames = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Campaign:
    """One version of one campaign. `version` is the hash of its text; `version_id` the database's id.

    Who enters must be in the `audience`, and where there are `entries` must have come by one of them.
    `moved` says where somebody goes on who stands at a step that this version lacks: old id → new id, None
    for the end of the track. `former` are the names that its steps had in the versions before: what happened
    under them counts as the step's own.
    """

    name: str
    profile: str
    purpose: str
    locale: str
    timezone: str
    audience: Condition
    reenter: timedelta | None
    policy: Policy
    tracks: Mapping[Stage, str | None]
    steps: Mapping[str, Step]
    handover: HandoverPolicy | None
    exit_when: Condition | None = None
    entries: tuple[SignalEntry | DateEntry, ...] = ()
    moved: Mapping[str, str | None] = field(default_factory=dict)
    former: FormerNames = field(default_factory=lambda: NO_FORMER_NAMES)
    version: str = ""
    version_id: int = 0
    goals: tuple[GoalStep, ...] = field(init=False)
    """The goal steps, the last one of a track first: looked for at every look."""

    def __post_init__(self) -> None:
        goals = [step for step in self.steps.values() if isinstance(step, GoalStep)]
        object.__setattr__(self, "goals", tuple(sorted(goals, key=lambda goal: -len(goal.skips))))
