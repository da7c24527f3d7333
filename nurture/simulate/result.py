"""What a simulation found: plain values, the same for the terminal, for JSON and for the HTML report.

Days are counted in the campaign's time zone. Lists are in the order of time, or the largest first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class PeopleFrom(StrEnum):
    """Where the people of a simulation come from."""

    FILE = "file"
    DATABASE = "database"
    MADE_UP = "made up"


@dataclass(frozen=True, slots=True)
class DayCount:
    """How many on one day."""

    day: date
    count: int


@dataclass(frozen=True, slots=True)
class DayStages:
    """How many people stood where at the end of one day: stage of the contacts, else lifecycle → people."""

    day: date
    people: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class StepFlow:
    """What flowed through one step: who came to it, who stands there at the end, and who went on where.

    `left` is id of the next step (empty: the end of the track) → people. `gone` left the step for another
    stage, for sales, or the campaign for good. `began` stood there when the simulation began. Those who came
    or began there are those who stand there, went on or are gone.
    """

    entered: int
    standing: int
    left: Mapping[str, int]
    gone: int = 0
    began: int = 0


@dataclass(frozen=True, slots=True)
class SalesLoad:
    """What one salesperson gets: hand-overs in all, on the busiest day, and per week (Monday → number)."""

    person: str
    team: str
    handovers: int
    busiest_day: DayCount | None
    weeks: tuple[DayCount, ...]


@dataclass(frozen=True, slots=True)
class NothingGot:
    """People who got no mail at all, for one reason; `example` is one of them."""

    reason: str
    people: int
    example: str


@dataclass(frozen=True, slots=True)
class Silence:
    """The longest time between two mails to one person who was still to get some."""

    contact: str
    days: float
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class MostMails:
    """Who gets the most mails."""

    contact: str
    mails: int


@dataclass(frozen=True, slots=True)
class SampleEvent:
    """One line of a sample timeline. `mail` is the index of the rendered mail in the sample, if it is one."""

    at: datetime
    kind: str
    words: str
    mail: int | None = None


@dataclass(frozen=True, slots=True)
class SampleMail:
    """A mail of a sample timeline as it was rendered."""

    at: datetime
    campaign: str
    step: str
    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Sample:
    """One person's whole story."""

    contact: str
    outcome: str
    events: tuple[SampleEvent, ...]
    mails: tuple[SampleMail, ...]


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """Everything that `nurture simulate` answers.

    `people` is where those came from over whom it ran, and `files` are the lists, where it ran over lists.
    `flows` is campaign → step → flow. `peak` is the busiest day for mails; `daily_limit` what the mail server
    takes in a day, 0 where nobody said.
    """

    campaign: str
    version: str
    start: datetime
    days: int
    seed: int
    timezone: str
    people: PeopleFrom
    files: tuple[str, ...]
    received: int
    contacts: int
    junk: Mapping[str, int]
    enrolled: int
    mails: int
    mails_by_day: tuple[DayCount, ...]
    mails_by_step: Mapping[str, int]
    peak: DayCount | None
    daily_limit: int
    stages: tuple[DayStages, ...]
    promotions: tuple[DayCount, ...]
    promoted: int
    signals: Mapping[str, int]
    sales: tuple[SalesLoad, ...]
    nothing: tuple[NothingGot, ...]
    longest_silence: Silence | None
    most_mails: MostMails | None
    flows: Mapping[str, Mapping[str, StepFlow]]
    samples: tuple[Sample, ...] = ()
    problems: tuple[str, ...] = field(default=())
