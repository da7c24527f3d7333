"""The reports by name, and by what each can tell people apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from nurture.errors import NurtureError, did_you_mean
from nurture.handover.answers import REASONS
from nurture.reports.funnel import funnel
from nurture.reports.handovers import handovers
from nurture.reports.mails import mails
from nurture.reports.report import Report
from nurture.reports.splits import splits
from nurture.reports.stages import stages
from nurture.reports.wins import wins
from nurture.store.figures import AnswersBy, Apart, By, ByAnswer, Period

_ANSWER = "answers."

Make = Callable[[sa.Connection, str, Period, datetime], Report]


@dataclass(frozen=True, slots=True)
class Entry:
    """A report: `groups` are what it can be told apart by, the first one if nothing is asked for.

    `answers`: and by what people answered, `answers.NAME`.
    """

    words: str
    make: Make
    groups: tuple[str, ...] = ()
    answers: bool = False


REPORTS: Mapping[str, Entry] = {
    "funnel": Entry(
        "how far people came",
        lambda connection, by, period, now: funnel(connection, _apart(by), period),
        tuple(By),
        answers=True,
    ),
    "stages": Entry(
        "how long people stay in a stage",
        lambda connection, by, period, now: stages(connection, period, now),
    ),
    "wins": Entry(
        "how long it takes to win somebody",
        lambda connection, by, period, now: wins(connection, _apart(by), period, now),
        (By.ALL, By.SOURCE, By.STAGE),
        answers=True,
    ),
    "handovers": Entry(
        "what sales says to what it is given",
        lambda connection, by, period, now: handovers(connection, AnswersBy(by), period, REASONS),
        tuple(AnswersBy),
    ),
    "mails": Entry(
        "which mails moved people on",
        lambda connection, by, period, now: mails(connection, period),
    ),
    "splits": Entry(
        "what a mail is worth, against those who by lot did not get it",
        lambda connection, by, period, now: splits(connection, period),
    ),
}


def make_report(connection: sa.Connection, name: str, by: str, period: Period, now: datetime) -> Report:
    """One report; `by` empty: as it is told apart by itself.

    Raised when there is no such report, or it cannot be told apart so: NurtureError.
    """
    entry = REPORTS.get(name)
    if entry is None:
        known = ", ".join(REPORTS)
        raise NurtureError(
            f"there is no report {name!r}{did_you_mean(name, REPORTS)}", hint=f"there are: {known}"
        )
    by_answer = entry.answers and by.startswith(_ANSWER) and by != _ANSWER
    if by and by not in entry.groups and not by_answer:
        groups = [*entry.groups, *([f"{_ANSWER}NAME"] if entry.answers else [])]
        instead = f"write one of: {', '.join(groups)}" if groups else "leave --by out"
        raise NurtureError(f"the report {name} cannot be told apart by {by!r}", hint=instead)
    return entry.make(connection, by or next(iter(entry.groups), ""), period, now)


def _apart(by: str) -> Apart:
    return ByAnswer(by.removeprefix(_ANSWER)) if by.startswith(_ANSWER) else By(by)
