"""What each kind of plugin object must be able to do.

A plugin's register hook returns objects that have these attributes; they need not inherit from anything.
Every contract has a suite in `nurture.testing` that a plugin's author runs with one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeVar, cast, runtime_checkable

from nurture.core.channels import Channel
from nurture.core.feedback import Feedback
from nurture.core.model import (
    Account,
    Change,
    Contact,
    Delivery,
    Lead,
    Notice,
    OutboundMail,
    Record,
    Unreadable,
    Value,
)
from nurture.core.outcomes import ToldOutcome

if TYPE_CHECKING:
    from pydantic import BaseModel

OptionsT = TypeVar("OptionsT")


class PluginConfig(Protocol):
    """What a register hook is given: the plugin's own section of `nurture.toml`, checked.

    `workspace` is the folder from which relative paths in options are taken, `teams` the e-mail addresses of
    each team's members.
    """

    workspace: Path
    teams: Mapping[str, Sequence[str]]

    def options(self, section: str, model: type[OptionsT]) -> OptionsT:
        """`[plugin.SECTION]` as a pydantic model. Raised when it does not fit: SettingsError."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What a source reads: a seekable binary stream.

    `name` is the file's or the form's name, `media_type` what the sender claims it is (None for a file).
    `origin` is where a form was posted from, kept as proof beside its records; None: not kept.
    """

    stream: BinaryIO
    name: str
    media_type: str | None = None
    origin: Mapping[str, str] | None = None


@runtime_checkable
class Source(Protocol):
    """Reads records from a stream, in order, without holding more than one of them in memory.

    `read` yields an `Unreadable` for what it cannot read and goes on. Raised when nothing can be read at
    all: SourceError.
    """

    name: str
    media_types: tuple[str, ...]
    extensions: tuple[str, ...]

    def read(self, payload: Payload) -> Iterator[Record | Unreadable]: ...


@dataclass(frozen=True, slots=True)
class Enrichment:
    """New values for fields of a lead, `answers.KEY` or `account.KEY`, with how sure they are (0 to 1).

    What a person said is never touched; what another enricher found gives way to what is surer.
    """

    values: Mapping[str, Value]
    confidence: float
    why: str


@runtime_checkable
class Enricher(Protocol):
    """Adds what can be known from what is known. Called with a batch; answers in the same order.

    It is asked while leads are sorted, so it must be quick and ask nobody else: see `RemoteEnricher`. It may
    say in `gives` which fields it may find; that is told where junk lacks them.
    """

    name: str

    def enrich(self, leads: Sequence[Lead]) -> Sequence[Enrichment | None]: ...


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A remote enricher's word for a question that got no answer: why not, and whether to ask `again`.

    `busy`: it is not this question's fault (too many questions, nobody there), so it does not count against
    it, and nothing is asked before `wait` is over.
    """

    why: str
    again: bool = True
    busy: bool = False
    wait: timedelta | None = None


@runtime_checkable
class RemoteEnricher(Protocol):
    """An enricher that asks another machine. Nobody waits for it: a job asks when the lead is sorted.

    `remote` is True. `needs` are the fields that it asks with (`email`, `company_domain`, `account.country`,
    `answers.badge`): it is asked where all of them are known, about leads that have nothing else. So the
    answer depends on them alone, and is kept for `cache_for` for all who would ask the same. At most
    `per_minute` and `per_day` questions are asked, by all processes together (None: any number).

    `gives` are the fields that it may find. `enrich` may take a few minutes for a batch of ten.
    """

    name: str
    remote: bool
    needs: tuple[str, ...]
    gives: tuple[str, ...]
    cache_for: timedelta
    per_minute: int | None
    per_day: int | None

    def enrich(self, leads: Sequence[Lead]) -> Sequence[Enrichment | Unanswered | None]: ...


AnyEnricher = Enricher | RemoteEnricher


def quick_ones(enrichers: Iterable[AnyEnricher]) -> list[Enricher]:
    """Those that are asked while leads are sorted."""
    return [cast("Enricher", one) for one in enrichers if not getattr(one, "remote", False)]


def remote_ones(enrichers: Iterable[AnyEnricher]) -> list[RemoteEnricher]:
    """Those that say that they ask another machine."""
    return [cast("RemoteEnricher", one) for one in enrichers if getattr(one, "remote", False)]


@runtime_checkable
class Rule(Protocol):
    """A predicate that conditions call by name: `business_email(contact.email)`.

    Answers True, False, or None for unknown; must be pure and fast. `words` says in plain words what a true
    answer means ("has a business e-mail address").
    """

    name: str
    words: str

    def answer(self, *arguments: Value) -> bool | None: ...


class Ticket(Protocol):
    """The sender's side of one batch: the transport asks it, at the last moment, what may really go out."""

    def begin(self, mails: Sequence[OutboundMail]) -> frozenset[int]:
        """Durably marks the mails as transmitting; returns the outbox ids that may be sent.

        Consent, suppression and the lease are checked in the same statement. Call it once, when the other
        side has shown that it takes mail; send nothing that it did not return.
        """


@runtime_checkable
class Transport(Protocol):
    """Delivers finished mails. Several threads may call `deliver` at once; keep a connection for each.

    `deliver` yields a Delivery for every mail it was given: `sent` only when the other side said so,
    `unknown` when the body may have arrived, `not_tried` when it certainly did not.
    One for text messages instead of mails says so: `channel = "sms"`.
    Raised when nothing could be tried: TransportError.
    """

    name: str

    def deliver(self, mails: Sequence[OutboundMail], ticket: Ticket) -> Iterable[Delivery]: ...

    def close(self) -> None: ...


def transport_channel(transport: Transport) -> Channel:
    """The channel that a transport is for: mail, unless it says otherwise."""
    return Channel(getattr(transport, "channel", Channel.MAIL))


@runtime_checkable
class FeedbackHook(Protocol):
    """Reads what a provider posts to `/hooks/NAME` about mails that went out over it.

    `headers` have lower-case names; `body` is what was signed. Several threads may call `read` at once, and a
    provider may post the same thing twice: give each `Feedback` the provider's own id of the event as its
    `key`. What is none of our business (an open, say) is left out; an empty answer is all right.
    Raised when the signature is wrong, or the body is not what this provider sends: FeedbackError. The call
    is then answered with 403 and the reason, and changes nothing.
    Raised when that cannot be told just now: FeedbackDelayed. The provider is then asked to come again (503).
    """

    name: str

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[Feedback]: ...


@runtime_checkable
class OutcomeHook(Protocol):
    """Reads what another system posts to `/hooks/NAME` about people who were won or lost.

    As with a FeedbackHook, `headers` have lower-case names, `body` is what was signed, several threads may
    call at once, and the same thing may be posted twice: what says the same is the same outcome. Whom nobody
    knows is kept aside. The call is answered with JSON: how many outcomes were new, known, and nobody's.
    Raised when the signature is wrong, or the body is not what the system sends: FeedbackError (403).
    Raised when that cannot be told just now: FeedbackDelayed (503).
    """

    name: str

    def read(self, headers: Mapping[str, str], body: bytes) -> Sequence[ToldOutcome]: ...


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """What a system tells at once. `position` is from where on to ask the next time, in its own words; with
    `more` it is asked again at once.
    """

    outcomes: Sequence[ToldOutcome]
    position: str
    more: bool = False


@runtime_checkable
class OutcomeSource(Protocol):
    """Asks another system what became of people: every five minutes, by one process at a time.

    `position` is that of the last page, empty at first. What is told twice changes nothing, so rather ask for
    a little too much. Raised when it cannot be asked just now: SourceError; the next turn asks again.
    """

    name: str

    def ask(self, position: str) -> OutcomePage: ...


@dataclass(frozen=True, slots=True)
class NoticeOutcome:
    """`done`: the other side has it. Else `again` says whether trying later can help."""

    done: bool
    again: bool = True
    reply: str = ""


@runtime_checkable
class HandoverChannel(Protocol):
    """Tells sales of what becomes of a hand-over: every `NoticeKind`, one notice at a time.

    May be called twice with one `notice.key`: see that the receiver can tell. A `Notice` without a dossier
    asks to erase: a channel that keeps things where it can reach them (a file, a task) erases them itself.
    What a channel needs to know of each team (an address, a room) stands in its own options.
    """

    name: str

    def notify(self, notice: Notice) -> NoticeOutcome: ...


@dataclass(frozen=True, slots=True)
class Errand:
    """What an action is to do outside, and for whom. `key` is the same however often it is tried."""

    key: str
    campaign: str
    step: str
    parameters: Mapping[str, Value]
    contact: Contact
    account: Account | None


@runtime_checkable
class Action(Protocol):
    """Something that a step of a campaign can `do`: `{id: hot, do: {tag: hot-lead}}`.

    `parameters` is the pydantic model that checks what stands behind the action's name; its docstring and
    the descriptions of its fields are what an editor shows. A single value is that of its first field. In
    `nurture check` a validator is told the workspace's teams: `info.context["teams"]`.
    `words` say in a few words what the action does ("puts a tag on the contact").

    `changes` is asked while the contact is decided on: pure and fast, applied in the decision's transaction.
    `runs` tells whether there is something to do outside as well: then a job calls `run` later, at least
    once, with a batch, and tries again what is not done.
    """

    name: str
    words: str
    parameters: type[BaseModel]
    runs: bool

    def changes(self, parameters: Mapping[str, Value], contact: Contact) -> Sequence[Change]: ...

    def run(self, errands: Sequence[Errand]) -> Iterable[NoticeOutcome]: ...


Registered = Iterable[object]
