"""What a backtest finds, as plain values: the same for the terminal, for JSON, CSV and the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from nurture.core.proportion import Found, Share
from nurture.core.replay import Promoted


class End(StrEnum):
    """What became of somebody: the newest outcome, else what sales answered last."""

    WON = "won"
    LOST = "lost"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    OPEN = "open"


class Change(StrEnum):
    """How the new rules differ from the old ones for one lead."""

    GAINED = "gained"
    LOST = "lost"
    EARLIER = "earlier"
    LATER = "later"
    SAME = "same"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Became:
    """What became of somebody, when, and what it was worth; `answer` is what sales answered, if it did."""

    end: End = End.OPEN
    at: datetime | None = None
    value: Decimal | None = None
    currency: str | None = None
    reason: str | None = None
    answer: End | None = None

    def words(self) -> str:
        """`won on 2026-03-02, 1,200.00 EUR`; `nothing yet` while it is open."""
        if self.end is End.OPEN or self.at is None:
            return "nothing yet"
        worth = "" if self.value is None else f", {self.value:,.2f} {self.currency or ''}".rstrip()
        why = f": {self.reason}" if self.reason else ""
        by = " by sales" if self.end in (End.ACCEPTED, End.REJECTED) else ""
        return f"{self.end.value}{by} on {self.at:%Y-%m-%d}{worth}{why}"


@dataclass(frozen=True, slots=True)
class Line:
    """One lead whom either rules promote, or who was won.

    `days` is how much earlier the new rules come (negative: later), None where not both promote. `why_not`
    is what the rules that do not promote, or do so later, say at the moment when the others do.
    """

    contact_id: int
    who: str
    change: Change
    old: Promoted | None
    new: Promoted | None
    became: Became
    days: float | None = None
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Days:
    """The median of so many spans of time, in days; None of none."""

    median: float | None
    of: int


@dataclass(frozen=True, slots=True)
class Side:
    """What one profile would have done.

    `at_once` of the `promoted` had what it takes when the time began. `otherwise` went by hand or by a
    campaign's step, whatever the rules. `ends` is what became of the promoted. `found` asks who was won;
    `accepted` who was accepted, of those whom sales has answered on. `worth` is the value of the won, by
    currency. `a_week` is the mean, `peak` the most in a week (from Monday). `to_win` are the days from
    promotion to win.
    """

    profile: str
    version: str
    origin: str
    promoted: int
    at_once: int
    otherwise: int
    disqualified: int
    ends: Mapping[End, int]
    found: Found
    accepted: Share
    worth: Mapping[str, Decimal]
    a_week: float
    peak: int
    to_win: Days


@dataclass(frozen=True, slots=True)
class Week:
    """How many would have gone to sales in the week that begins on `monday` (UTC)."""

    monday: date
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class Backtest:
    """The whole answer. `left_out` is why → how many leads; `changes` is how → what became of them.

    `gained` are the days by which the new rules come earlier, over those whom both promote; `gained_won` the
    same over those of them who were won. `caveats` say what the answer takes for granted.
    """

    since: datetime
    until: datetime
    leads: int
    signals: int
    won: int
    left_out: Mapping[str, int]
    old: Side
    new: Side
    gained: Days
    gained_won: Days
    weeks: tuple[Week, ...]
    changes: Mapping[Change, Mapping[End, int]]
    lines: tuple[Line, ...]
    caveats: tuple[str, ...] = field(default=())
