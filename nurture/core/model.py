"""The values that everything else speaks in: people, what they did, what we decided.

All are frozen. Times are aware datetimes in UTC; durations are timedeltas; ids are the database's.
The words are those of the design: see `docs/reference/words.md`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Literal, TypeAlias

Value: TypeAlias = "str | int | float | bool | tuple[Value, ...] | None"
"""What an answer, a condition or a signal's data can hold."""


def _nothing() -> Mapping[str, Value]:
    return MappingProxyType({})


class Lifecycle(StrEnum):
    """How far a person is from being a customer; legal changes are in `core.lifecycle`."""

    LEAD = "lead"
    JUNK = "junk"
    CONTACT = "contact"
    PROSPECT = "prospect"
    ACCEPTED = "accepted"
    CUSTOMER = "customer"
    DISQUALIFIED = "disqualified"
    RECYCLED = "recycled"
    LOST = "lost"


class Stage(StrEnum):
    """Where in the buyer's journey a contact is. Can go back."""

    ORIENTATION = "orientation"
    COMPARISON = "comparison"
    DECISION = "decision"

    @property
    def rank(self) -> int:
        """0, 1, 2 in the order of the journey."""
        return _STAGE_RANK[self]


_STAGE_RANK = {Stage.ORIENTATION: 0, Stage.COMPARISON: 1, Stage.DECISION: 2}


class SignalKind(StrEnum):
    """What can happen. A plugin's own kinds are plain strings beside these."""

    OPENED = "opened"
    CLICKED = "clicked"
    VISITED = "visited"
    SUBMITTED = "submitted"
    REPLIED = "replied"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    COMPLAINED = "complained"


class SignalClass(StrEnum):
    """Who made a signal, as far as can be told. Only human signals promote."""

    HUMAN = "human"
    PROBABLE = "probable"
    MACHINE = "machine"


# --- what a source hands over -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """One raw record from a source, before anything judges it.

    `fields` holds column name → text exactly as read (order kept); `line` is the line in the source file
    where the record starts, counted from 1. `key` names one *delivery* where the source knows such a thing
    (a webhook's id): two deliveries with one key are the same. Without it the content decides, and for what
    was posted also its form and the hour.
    """

    fields: Mapping[str, str]
    line: int | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A piece of a source that could not be read: kept in the inbox with its line and the reason."""

    reason: str
    line: int | None = None
    raw: str = ""


@dataclass(frozen=True, slots=True)
class ImportedSignal:
    """Something that the source says happened: `kind` and its data, at a time (UTC)."""

    kind: str
    at: datetime
    data: Mapping[str, Value] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Lead:
    """A record after normalising: a person we have some data about.

    Every field is None (or empty) where nothing usable was given. `external_ids` are (system, id) pairs;
    `consents` the purposes that the record says were agreed to; `problems` what could not be used and why,
    as field → reason code.
    """

    email: str | None = None
    phone: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    company_domain: str | None = None
    country: str | None = None
    locale: str | None = None
    timezone: str | None = None
    job_title: str | None = None
    website: str | None = None
    city: str | None = None
    interests: tuple[str, ...] = ()
    answers: Mapping[str, Value] = field(default_factory=_nothing)
    account: Mapping[str, Value] = field(default_factory=_nothing)
    consents: tuple[str, ...] = ()
    external_ids: tuple[tuple[str, str], ...] = ()
    signals: tuple[ImportedSignal, ...] = ()
    problems: Mapping[str, str] = field(default_factory=dict)


# --- people -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account:
    """A company. `facts` holds what conditions may ask beyond the named fields (budget, revenue, …)."""

    id: int
    name: str | None = None
    domain: str | None = None
    country: str | None = None
    region: str | None = None
    sector: str | None = None
    employees: int | None = None
    facts: Mapping[str, Value] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person, with where they stand in lifecycle and journey.

    `stage_told_at` is when somebody set their stage by hand, `stage_told_until` how long that holds at most.
    """

    id: int
    created_at: datetime
    email: str | None = None
    phone: str | None = None
    name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    company: str | None = None
    job_title: str | None = None
    city: str | None = None
    country: str | None = None
    locale: str | None = None
    timezone: str | None = None
    source: str | None = None
    interests: tuple[str, ...] = ()
    answers: Mapping[str, Value] = field(default_factory=_nothing)
    tags: tuple[str, ...] = ()
    lifecycle: Lifecycle = Lifecycle.LEAD
    stage: Stage = Stage.ORIENTATION
    stage_since: datetime | None = None
    fit: int = 0
    engagement: float = 0.0
    recycle_at: datetime | None = None
    stage_told_at: datetime | None = None
    stage_told_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Signal:
    """One thing that happened. Raw and append-only; `classed` is judged afterwards.

    `data` holds, by kind: `campaign`, `step`, `message` (outbox id) and `url` for opened and clicked;
    `url` for visited; `form` and `answers` for submitted.
    """

    id: int
    contact_id: int
    kind: str
    at: datetime
    data: Mapping[str, Value] = field(default_factory=_nothing)
    classed: SignalClass = SignalClass.HUMAN


class Result(StrEnum):
    """What became of a contact in the end, as sales tells it."""

    WON = "won"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Won or lost, at a time. `value` is money in `currency` (ISO 4217); `reason` is sales' own word.

    Of several outcomes of one contact the last one by `at` holds.
    """

    id: int
    contact_id: int
    result: Result
    at: datetime
    value: Decimal | None = None
    currency: str | None = None
    reason: str | None = None
    handover_id: int | None = None
    source: str = ""


# --- following --------------------------------------------------------------------------------------


class EnrolmentState(StrEnum):
    ACTIVE = "active"
    FINISHED = "finished"
    EXITED = "exited"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """One contact's place in one campaign, pinned to the version it runs.

    `step` is the step that is waited at or to be done next; None means that the track has been walked to its
    end and rests until the stage changes. `since` is when the contact came to stand on it. `done` are the
    ids of the steps already done in this occurrence, in order. `occurrence` counts from 1; re-entry adds one.
    `lap` counts from 0 how often a `go_to` has led back: a step of a loop is done once in each lap.
    """

    id: int
    contact_id: int
    campaign: str
    version_id: int
    occurrence: int
    track: Stage
    step: str | None
    since: datetime
    entered_at: datetime
    done: tuple[str, ...] = ()
    state: EnrolmentState = EnrolmentState.ACTIVE
    ended_at: datetime | None = None
    lap: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that was decided on: what history conditions (`sent`) and caps count."""

    campaign: str
    step: str
    occurrence: int
    at: datetime
    state: str = "sent"
    subject: str = ""
    lap: int = 0


@dataclass(frozen=True, slots=True)
class Wishes:
    """How often a person wants mail: no two within `apart`, none before `paused_until`."""

    apart: timedelta | None = None
    paused_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that `decide` may know of one contact, gathered in bulk for a batch of them.

    `signals` are oldest first; `enrolments` are all, ended ones too. `consents` are the purposes granted now;
    `assumed` are those for which nobody has to agree, and that the contact has not refused.
    `open_handover` is true while sales has the contact and has not answered; `rejected_at` is when sales last
    said no, after which only newer signals promote. `firm` are the signals of all people of the account that
    rules about several people ask for: what humans did, the contact's own too.
    """

    contact: Contact
    account: Account | None = None
    signals: tuple[Signal, ...] = ()
    sent: tuple[Sent, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    consents: frozenset[str] = frozenset()
    suppressed: bool = False
    open_handover: bool = False
    rejected_at: datetime | None = None
    assumed: frozenset[str] = frozenset()
    wishes: Wishes = Wishes()
    firm: tuple[Signal, ...] = ()


# --- findings and decisions -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of one condition: matched, not matched, or unknown (None), with the reason in words."""

    matched: bool | None
    reason: str


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A profile rule's answer, with the points it gave (0 unless matched).

    `worth` is what it gives where it matches; `about` the term of sales that it is about (budget), `ask` the
    form field that would answer it; empty where the profile says nothing of them.
    """

    rule: str
    finding: Finding
    points: float = 0
    worth: float = 0
    about: str = ""
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One signal that counted: which rule took it, its points now (after decay), and its words.

    `did` is only what happened (`visited /prices`); `words` say when and for how many points, too.
    """

    signal_id: int
    rule: str
    kind: str
    at: datetime
    points: float
    words: str
    stage: Stage | None = None
    buying: bool = False
    did: str = ""


What: TypeAlias = Literal[
    "sent",
    "not_sent",
    "went_on",
    "timed_out",
    "not_waited",
    "chosen",
    "split",
    "done",
    "not_done",
    "goal_reached",
    "track_ended",
    "stopped",
    "enrolled",
    "not_enrolled",
    "exited",
    "stage_changed",
    "promoted",
    "handed_over",
    "not_handed_over",
    "disqualified",
    "returned",
    "handover_assigned",
    "handover_reminded",
    "handover_escalated",
    "handover_reassigned",
    "handover_accepted",
    "handover_rejected",
    "handover_asked",
    "handover_resumed",
    "handover_handed_back",
    "won",
    "lost",
    "outcome_kept",
    "merged",
    "unmerged",
    "account_merged",
    "account_unmerged",
]
"""Every kind of decision; `core.telling` has the words for each, and a test holds that `explain` tells it."""


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """Why the engine did, or did not do, something. Kept, and read by `explain`.

    `what` is a stable code such as `promoted`, `stage_changed`, `sent`, `not_sent`, `enrolled`; `rule` the
    rule, condition or step that decided; `reason` the words; `evidence` facts that can be shown;
    `next_at` when it is looked at again.
    """

    what: What
    reason: str
    campaign: str | None = None
    version: str | None = None
    step: str | None = None
    rule: str | None = None
    evidence: Mapping[str, Value] = field(default_factory=_nothing)
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Enrol:
    """Effect: a new enrolment; the values of `enrolment` with id 0, as it stands after this decision."""

    enrolment: Enrolment


@dataclass(frozen=True, slots=True)
class Move:
    """Effect: an existing enrolment as it stands after this decision."""

    enrolment: Enrolment


@dataclass(frozen=True, slots=True)
class Send:
    """Effect: one outbox row. Its key (contact, campaign, step, occurrence, lap) is unique for ever."""

    campaign: str
    version_id: int
    step: str
    occurrence: int
    template: str
    purpose: str
    locale: str
    lap: int = 0


@dataclass(frozen=True, slots=True)
class AddTag:
    """Change: a mark that a campaign puts on a contact; conditions ask `"x" in contact.tags`."""

    tag: str


@dataclass(frozen=True, slots=True)
class RemoveTag:
    """Change: takes a mark off."""

    tag: str


@dataclass(frozen=True, slots=True)
class SetField:
    """Change: a field of the contact (`contact.city`) or an answer (`answers.segment`) gets a value."""

    path: tuple[str, str]
    value: Value


@dataclass(frozen=True, slots=True)
class AddTo:
    """Change: enrols the contact in another live campaign, whatever its audience."""

    campaign: str


@dataclass(frozen=True, slots=True)
class RemoveFrom:
    """Change: ends the contact's enrolment in a campaign."""

    campaign: str


Change: TypeAlias = AddTag | RemoveTag | SetField | AddTo | RemoveFrom
"""What an action can change of a contact at once, in the transaction of the decision."""


@dataclass(frozen=True, slots=True)
class Revise:
    """Effect: the contact's data as it stands after this decision: tags, changed fields and answers."""

    tags: tuple[str, ...]
    fields: Mapping[str, Value] = field(default_factory=_nothing)
    answers: Mapping[str, Value] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Order:
    """Effect: something that an action plugin is to do outside. Its key is like that of a `Send`."""

    campaign: str
    version_id: int
    step: str
    occurrence: int
    lap: int
    action: str
    parameters: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class HandOver:
    """Effect: give the contact to a team of sales, with the evidence that promoted it."""

    campaign: str
    version_id: int
    team: str
    because: str
    evidence: tuple[Evidence, ...] = ()


Effect: TypeAlias = Enrol | Move | Send | HandOver | Revise | Order


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be for one contact: its new standing, the effects, the reasons, and when to look again.

    `next_at` is None when only a new signal or new data can change anything. `passed` is campaign → the steps
    taken and left by this decision, in order: for those who count; nothing follows from it.
    """

    contact_id: int
    lifecycle: Lifecycle
    stage: Stage
    stage_since: datetime | None
    fit: int
    engagement: float
    effects: tuple[Effect, ...] = ()
    records: tuple[DecisionRecord, ...] = ()
    next_at: datetime | None = None
    passed: Mapping[str, tuple[str, ...]] = field(default_factory=dict, compare=False)


# --- mail and hand-over -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class OutboundMail:
    """A finished message on its way to a transport, and which step of which campaign it is.

    Of a mail: envelope and the complete RFC 5322 bytes (CRLF). Of a text message: `recipient` is a telephone
    number (E.164: `+31612345678`), `content` the text in UTF-8, `sender` empty.
    """

    outbox_id: int
    sender: str
    recipient: str
    message_id: str
    content: bytes
    campaign: str = ""
    step: str = ""

    @property
    def idempotency_key(self) -> str:
        """The same at every attempt at this mail, and no other mail's: 64 characters."""
        return sha256(self.message_id.encode()).hexdigest()


class DeliveryState(StrEnum):
    """What a transport can say about one mail."""

    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_TRIED = "not_tried"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A transport's outcome for one mail; `reply` is the server's own text, for people to read.

    `repeat_until` goes with `unknown`: until then the other side knows a repetition by its key, so that the
    same transport may be given the mail again.
    """

    outbox_id: int
    state: DeliveryState
    reply: str = ""
    repeat_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class SalesPerson:
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """What sales gets: who, why now, what they read, and what to say next. Plain values, ready to print.

    `assigned_because` says why this assignee. Each of the `…_url` is where that answer is given: a page that
    changes nothing until its button is pressed; empty once there is nothing to answer.
    """

    handover_id: int
    team: str
    assignee: SalesPerson | None
    contact: Contact
    account: Account | None
    because: str
    fit: tuple[RuleFinding, ...]
    evidence: tuple[Evidence, ...]
    read: tuple[str, ...]
    say_next: str
    answer_by: datetime | None
    accept_url: str
    reject_url: str
    created_at: datetime
    facts: Mapping[str, Value] = field(default_factory=_nothing)
    assigned_because: str = ""
    ask_url: str = ""
    hand_back_url: str = ""


class NoticeKind(StrEnum):
    """What sales is told. To whom: the assignee, but where another is named."""

    OPENED = "opened"
    """A new hand-over."""
    REMINDER = "reminder"
    """The deadline for the answer is near."""
    ESCALATED = "escalated"
    """To whoever leads the team: the deadline has passed without an answer."""
    REASSIGNED = "reassigned"
    """To the new assignee: it has come to them from somebody else."""
    PASSED_ON = "passed_on"
    """To the former assignee: somebody else has it now."""
    RESUMED = "resumed"
    """What sales had asked for is known, or did not come in time: it waits for an answer again."""
    WITHDRAWN = "withdrawn"
    """To whoever has or had it: the person was erased, and sales must erase what it holds, too."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell sales, on one channel. `key` is the same however often it is tried.

    `to` is whom to tell, None where the team has nobody; `why` the reason in words; `at` when it came about.
    `dossier` is None where the hand-over was withdrawn: nothing is known of the person any more. `webhook`
    and `secret` are the team's settings, empty where they are not set.
    """

    key: str
    kind: NoticeKind
    handover_id: int
    team: str
    to: SalesPerson | None
    dossier: Dossier | None
    why: str
    at: datetime
    webhook: str = ""
    secret: str = field(default="", repr=False)
