"""A batch of people replayed under both profiles: the lines of those who matter, and counts of all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from nurture.backtest.pasts import Frame, Lead, LeftOut, leads_of
from nurture.backtest.result import Change, End, Line
from nurture.core.replay import Promoted, Replayed, Replayer

_DAY_SECONDS = 86_400


@dataclass(slots=True)
class Tally:
    """What a batch came to. `disqualified` and `otherwise` count the old rules' leads and the new ones'."""

    leads: int = 0
    signals: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    disqualified: list[int] = field(default_factory=lambda: [0, 0])
    otherwise: list[int] = field(default_factory=lambda: [0, 0])
    lines: list[Line] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Takes in what another batch came to."""
        self.leads += other.leads
        self.signals += other.signals
        self.left_out.update(other.left_out)
        for mine, theirs in ((self.disqualified, other.disqualified), (self.otherwise, other.otherwise)):
            mine[:] = [one + another for one, another in zip(mine, theirs, strict=True)]
        self.lines += other.lines


class Replaying:
    """Replays batches of contacts under the `old` rules and the `new` ones."""

    def __init__(self, old: Replayer, new: Replayer, frame: Frame) -> None:
        self._rules = (old, new)
        self._frame = frame

    def batch(self, connection: sa.Connection, contact_ids: list[int]) -> Tally:
        """Goes through these contacts, one after the other."""
        tally = Tally()
        for lead in leads_of(connection, contact_ids, self._frame):
            if isinstance(lead, LeftOut):
                tally.left_out[lead.why] += 1
            else:
                self._take(lead, tally)
        return tally

    def _take(self, lead: Lead, tally: Tally) -> None:
        tally.leads += 1
        tally.signals += len(lead.past.signals)
        ends = [rules.replay(lead.past) for rules in self._rules]
        went = [_went(lead, end) for end in ends]
        for number, end in enumerate(ends):
            tally.disqualified[number] += end.disqualified_at is not None
            tally.otherwise[number] += went[number] is not None and end.promoted is None
        if any(went) or lead.became.end is End.WON:
            tally.lines.append(self._line(lead, *went))

    def _line(self, lead: Lead, old: Promoted | None, new: Promoted | None) -> Line:
        change = _change(old, new)
        days = None if old is None or new is None else _days(new.at, old.at)
        why_not = ""
        if new is not None and change in (Change.GAINED, Change.EARLIER):
            why_not = self._rules[0].why_not(lead.past, new.at)
        elif old is not None and change in (Change.LOST, Change.LATER):
            why_not = self._rules[1].why_not(lead.past, old.at)
        return Line(lead.contact_id, lead.who, change, old, new, lead.became, days, why_not)


def _went(lead: Lead, end: Replayed) -> Promoted | None:
    """By the rules, or else without them, unless these had disqualified them: that ends all campaigns."""
    return end.promoted if end.promoted or end.disqualified_at else lead.otherwise


def _change(old: Promoted | None, new: Promoted | None) -> Change:
    if old is None:
        return Change.NEITHER if new is None else Change.GAINED
    if new is None:
        return Change.LOST
    if new.at == old.at:
        return Change.SAME
    return Change.EARLIER if new.at < old.at else Change.LATER


def _days(begin: datetime, end: datetime) -> float:
    return round((end - begin).total_seconds() / _DAY_SECONDS, 2)
