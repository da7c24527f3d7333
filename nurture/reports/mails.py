"""Which mails moved people on: the first that they read, and the last before they moved."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from nurture.core.model import SignalKind
from nurture.core.proportion import share
from nurture.reports.charts import Bar, bars_across
from nurture.reports.moves import MOVES, moments_forward
from nurture.reports.report import Cell, Chart, Column, Kind, Report
from nurture.store import figures, records
from nurture.store.figures import Period, ReadRow

RECENT = timedelta(days=30)
"""A mail that was read longer ago than this did not move anybody on."""

Mail = tuple[str, str]
_NO_MAIL: Mail = ("", "(no mail)")
_MOST_BARS = 12


def mails(connection: sa.Connection, period: Period) -> Report:
    """One row a mail: whom it reached, who read it, and how often somebody moved on after it."""
    tally = _Tally()
    for people in figures.everybody(connection, period):
        ids = [person.id for person in people]
        forward = moments_forward(records.told(connection, ids, MOVES))
        tally.take(forward, figures.read_of(connection, ids))
    sent = {(campaign, step): count for campaign, step, count in figures.mails_sent(connection, period)}
    columns = [
        Column("campaign", "campaign", Kind.TEXT),
        Column("mail", "mail", Kind.TEXT),
        Column("people", "people"),
        Column("opened", "opened", Kind.SHARE),
        Column("clicked", "clicked", Kind.SHARE),
        Column("first", "moved on: read first"),
        Column("last", "read last before"),
    ]
    every = sorted({*sent, *tally.first, *tally.last} - {_NO_MAIL})
    rows = [tally.row(mail, sent.get(mail, 0)) for mail in every]
    if tally.last[_NO_MAIL]:
        rows.append(tally.row(_NO_MAIL, 0))
    notes = [
        f"Moved on: to a later stage or to sales. Read: opened, clicked in or answered by a human, "
        f"at most {RECENT.days} days before. Each move counts once under the first such mail, and once under "
        "the last.",
        "That people moved on after a mail does not say that the mail did it: the report on splits does, "
        "where a campaign leaves some people out.",
    ]
    return Report("mails", "Which mails moved people on", columns, rows, notes, _charts(tally))


class _Tally:
    def __init__(self) -> None:
        self.opened: Counter[Mail] = Counter()
        self.clicked: Counter[Mail] = Counter()
        self.first: Counter[Mail] = Counter()
        self.last: Counter[Mail] = Counter()

    def take(self, forward: Mapping[int, Sequence[datetime]], read: Iterable[ReadRow]) -> None:
        """Counts a batch of people; `read` is of each the oldest first."""
        reads: defaultdict[int, list[ReadRow]] = defaultdict(list)
        for one in read:
            reads[one.contact_id].append(one)
        for some in reads.values():
            self.opened.update({(one.campaign, one.step) for one in some})
            clicked = {(one.campaign, one.step) for one in some if one.kind == SignalKind.CLICKED}
            self.clicked.update(clicked)
        for contact_id, moments in forward.items():
            for at in moments:
                before = [one for one in reads.get(contact_id, ()) if at - RECENT <= one.at <= at]
                self.first[_mail(before[0]) if before else _NO_MAIL] += 1
                self.last[_mail(before[-1]) if before else _NO_MAIL] += 1

    def row(self, mail: Mail, people: int) -> tuple[Cell, ...]:
        # A mail of which nobody knows whether it went may have been read.
        opened, clicked = (min(counts[mail], people) for counts in (self.opened, self.clicked))
        shares = (share(opened, people), share(clicked, people))
        return (*mail, people, *shares, self.first[mail], self.last[mail])


def _mail(read: ReadRow) -> Mail:
    return read.campaign, read.step


def _charts(tally: _Tally) -> list[Chart]:
    most = [(mail, count) for mail, count in tally.last.most_common(_MOST_BARS) if mail != _NO_MAIL]
    if not most:
        return []
    title = "Moves by the mail that was read last before"
    bars = [Bar(f"{campaign}: {step}", count, f"{count:,}") for (campaign, step), count in most]
    return [Chart(title, bars_across(title, bars))]
